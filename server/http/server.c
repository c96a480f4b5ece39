/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start and stop.
 *
 * Threads are started from the inside out (workers, reaper, MHD) and stopped the other way round,
 * except that MHD goes last: it may not be stopped while a connection is suspended, and only the
 * workers' replies resume them. */
#include "connection.h"
#include "handler.h"
#include "identity.h"
#include "latency.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "listen.h"
#include "mhd_refusal.h"
#include "queue.h"
#include "reaper.h"
#include "stream.h"
#include "work.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

/* MHD_AcceptPolicyCallback. MHD has a limit for each listener; this is the one of several together.
 * Before it is reached idle connections are closed. */
static enum MHD_Result may_connect(
    void *context, const struct sockaddr *address, socklen_t address_size)
{
    const struct lede_http_server *server = context;
    uint64_t most = server->options.connections_max;
    (void)address;
    (void)address_size;
    most += LEDE_HTTP_SPARE_CONNECTIONS(most);
    bool has_room = server->listener_count == 1 || atomic_load(&server->open_connections) < most;
    return has_room ? MHD_YES : MHD_NO;
}

/* What TLS needs beside; ends with MHD_OPTION_END.
 * With epoll MHD takes a handshake that waits for its client for one that can go on, and asks again
 * and again; with poll it does not. */
static unsigned add_tls(struct MHD_OptionItem *options)
{
    options[0] = (struct MHD_OptionItem){
        MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)lede_http_tls_priorities};
    options[1] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, NULL};
    int (*show)(gnutls_session_t, const struct gnutls_cert_retr_st *, gnutls_pcert_st **,
        unsigned *, gnutls_ocsp_data_st **, unsigned *, gnutls_privkey_t *, unsigned *) =
        lede_http_identity_show;
    memcpy(&options[1].ptr_value, &show, sizeof(show)); /* no cast makes data of it in ISO C */
    options[2] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    return MHD_USE_TLS | MHD_USE_POLL_INTERNAL_THREAD;
}

static enum lede_status start_daemon(struct lede_http_listener *listener, struct lede_error *reterr)
{
    struct lede_http_server *server = listener->server;
    const struct lede_http_options *options = &server->options;
    uint32_t connections = options->connections_max;
    uint32_t threads = options->io_threads > 0 ? options->io_threads : 1;
    threads = threads < connections ? threads : connections; /* MHD deals them out */
    /* With several threads MHD shuts the listening socket down when it stops, and an inherited one
     * is somebody else's. */
    threads = listener->where.is_inherited ? 1 : threads;
    unsigned flags = MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL}, {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem tls[3] = {{MHD_OPTION_END, 0, NULL}};
    if (threads < 2)
        pool[0].option = MHD_OPTION_END;
    flags |=
        listener->where.kind == LEDE_LISTENER_TLS ? add_tls(tls) : MHD_USE_EPOLL_INTERNAL_THREAD;
    int mhd_fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0); /* MHD closes it, but not always */
    if (mhd_fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot share the listening socket");
    listener->daemon = MHD_start_daemon(flags, listener->where.port, may_connect, server,
        lede_http_on_access, server,      /**/
        MHD_OPTION_LISTEN_SOCKET, mhd_fd, /**/
        /* Before 1.0 strictness ends connections without a word; framing.c looks itself. */
        MHD_OPTION_STRICT_FOR_CLIENT, MHD_get_version()[0] == '0' ? 0 : 1, /**/
        MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        options->header_bytes_max + LEDE_HTTP_CONNECTION_EXTRA_BYTES, /**/
        MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)(connections + LEDE_HTTP_SPARE_CONNECTIONS(connections)),                 /**/
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)options->connections_per_address_max, /**/
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)options->idle_timeout_s,                   /**/
        MHD_OPTION_URI_LOG_CALLBACK, lede_http_on_request_line, server,                     /**/
        MHD_OPTION_UNESCAPE_CALLBACK, lede_http_on_unescape, server,                        /**/
        MHD_OPTION_NOTIFY_COMPLETED, lede_http_on_completed, server,                        /**/
        MHD_OPTION_NOTIFY_CONNECTION, lede_http_on_connection, listener,                    /**/
        MHD_OPTION_ARRAY, tls, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    return listener->daemon ? LEDE_OK : lede_fail(reterr, LEDE_EIO, "cannot start the I/O threads");
}

/* Does an IPv4 listener want the port that "::" would take with it? */
static bool is_v4_listened_to(const struct lede_http_server *server, uint16_t port)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct lede_listener *where = &server->listeners[i].where;
        if (port != 0 && where->port == port && !lede_listener_is_unix(where) &&
            !strchr(where->host, ':'))
            return true;
    }
    return false;
}

static enum lede_status listen_everywhere(
    struct lede_http_server *server, struct lede_error *reterr)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct lede_http_listener *listener = &server->listeners[i];
        listener->takes_v4 = !is_v4_listened_to(server, listener->where.port);
        if (listener->where.kind == LEDE_LISTENER_TLS && !server->identity)
            return lede_fail(reterr, LEDE_EINPUT, "expected a certificate and its key for TLS");
        enum lede_status st = lede_http_listen(listener, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status start(struct lede_http_server *server, struct lede_error *reterr)
{
    if (getrandom(&server->id_seed, sizeof(server->id_seed), 0) != (ssize_t)sizeof(server->id_seed))
        server->id_seed = lede_time_monotonic_ns(); /* ids need to differ, not to be secret */
    server->latency = lede_http_latency_new(server->options.route_count);
    server->rates = lede_http_rates_new();
    if (!server->latency || !server->rates)
        return lede_fail_memory(reterr);
    server->leavers_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->leavers_fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make an epoll descriptor");
    enum lede_status st = lede_http_mhd_refusal_start(reterr);
    if (st == LEDE_OK)
        st = listen_everywhere(server, reterr);
    for (enum lede_http_pool pool = 0; pool < LEDE_POOL_COUNT && st == LEDE_OK; pool++)
        st = lede_http_queue_start(&server->queues[pool], reterr);
    if (st == LEDE_OK)
        st = lede_http_reaper_start(server, reterr);
    for (size_t i = 0; i < server->listener_count && st == LEDE_OK; i++)
        st = start_daemon(&server->listeners[i], reterr);
    return st;
}

enum lede_status lede_http_server_new(const struct lede_http_options *options,
    struct lede_http_server **ret_server, struct lede_error *reterr)
{
    struct lede_http_server *server = calloc(1, sizeof(*server));
    if (!server)
        return lede_fail_memory(reterr);
    server->options = *options;
    if (server->options.connections_max == 0)
        server->options.connections_max = 1;
    server->leavers_fd = -1;
    server->identity = lede_http_identity_ref(options->identity);
    server->listener_count = options->listeners.count;
    for (size_t i = 0; i < server->listener_count; i++)
        server->listeners[i] = (struct lede_http_listener){
            .server = server, .where = options->listeners.items[i], .fd = -1};
    pthread_mutex_init(&server->identity_lock, NULL);
    pthread_mutex_init(&server->lock, NULL);
    (void)!lede_condition_init(&server->drained); /* glibc needs no memory for it */
    pthread_mutex_init(&server->connections_lock, NULL);
    pthread_cond_init(&server->reaper_wakes, NULL);
    for (enum lede_http_pool pool = 0; pool < LEDE_POOL_COUNT; pool++)
        lede_http_queue_init(&server->queues[pool], server, pool, lede_http_work_do);
    enum lede_status st = start(server, reterr);
    if (st != LEDE_OK) {
        lede_http_server_free(server);
        return st;
    }
    *ret_server = server;
    return LEDE_OK;
}

size_t lede_http_connections_within(size_t descriptors)
{
    size_t connections = descriptors * 8 / 9;
    while (connections > 0 && connections + LEDE_HTTP_SPARE_CONNECTIONS(connections) > descriptors)
        connections--;
    return connections;
}

const struct lede_listener *lede_http_server_listener(
    const struct lede_http_server *server, size_t index)
{
    return &server->listeners[index].where;
}

void lede_http_server_set_identity(
    struct lede_http_server *server, struct lede_http_identity *identity)
{
    pthread_mutex_lock(&server->identity_lock);
    struct lede_http_identity *old = server->identity;
    server->identity = lede_http_identity_ref(identity);
    pthread_mutex_unlock(&server->identity_lock);
    lede_http_identity_unref(old);
}

/* Wait until a count, guarded by server->lock, is 0, at most so long. */
static void await_zero(struct lede_http_server *server, const size_t *count, uint32_t most_ms)
{
    uint64_t until_ns = lede_time_monotonic_ns() + most_ms * UINT64_C(1000000);
    pthread_mutex_lock(&server->lock);
    while (*count > 0 && lede_condition_wait_until(&server->drained, &server->lock, until_ns))
        continue;
    pthread_mutex_unlock(&server->lock);
}

void lede_http_server_stop(struct lede_http_server *server, uint32_t grace_ms)
{
    if (!server || server->stopped)
        return;
    server->stopped = true;
    atomic_store(&server->stopping, true);
    await_zero(server, &server->active_count, grace_ms);
    for (size_t pool = 0; pool < LEDE_POOL_COUNT; pool++)
        lede_http_queue_abandon(&server->queues[pool]);
    lede_http_stream_abort_all(server);
    for (size_t pool = 0; pool < LEDE_POOL_COUNT; pool++)
        lede_http_queue_join(&server->queues[pool]);
    await_zero(server, &server->unsent_count, LEDE_HTTP_FLUSH_MS);
    lede_http_reaper_end(server);
    for (size_t i = 0; i < server->listener_count; i++) {
        struct lede_http_listener *listener = &server->listeners[i];
        if (listener->daemon)
            MHD_stop_daemon(listener->daemon);
        listener->daemon = NULL;
        lede_http_listen_end(listener);
    }
}

void lede_http_server_free(struct lede_http_server *server)
{
    if (!server)
        return;
    lede_http_server_stop(server, 0);
    for (size_t pool = 0; pool < LEDE_POOL_COUNT; pool++)
        lede_http_queue_done(&server->queues[pool]);
    lede_closep(&server->leavers_fd);
    lede_http_rates_free(server->rates);
    lede_http_identity_unref(server->identity);
    pthread_mutex_destroy(&server->identity_lock);
    lede_http_latency_free(server->latency);
    pthread_cond_destroy(&server->reaper_wakes);
    pthread_mutex_destroy(&server->connections_lock);
    pthread_cond_destroy(&server->drained);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

void lede_http_server_freep(struct lede_http_server **server)
{
    lede_http_server_free(*server);
    *server = NULL;
}

void lede_http_server_stats(
    const struct lede_http_server *server, struct lede_http_stats *ret_stats)
{
    struct lede_http_server *locked =
        (struct lede_http_server *)(uintptr_t)server; /* its locks are not const */
    *ret_stats = (struct lede_http_stats){
        .requests = atomic_load(&server->requests),
        .refused = atomic_load(&server->refused),
        .misforwarded = atomic_load(&server->misforwarded),
        .connections = atomic_load(&server->open_connections),
    };
    for (size_t i = 0; i < LEDE_POOL_COUNT; i++)
        ret_stats->queued[i] = lede_http_queue_waiting(&locked->queues[i]);
    for (size_t i = 0; i < LEDE_COUNT_OF(server->responses_by_class); i++)
        ret_stats->responses_by_class[i] = atomic_load(&server->responses_by_class[i]);
    for (size_t i = 0; i < LEDE_COUNT_OF(server->failures); i++)
        ret_stats->failures[i] = atomic_load(&server->failures[i]);
}
