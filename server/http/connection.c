/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of connections, and the reaper that walks it. */
#include "connection.h"

#include "lede/time.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)
#define REAPER_PERIOD_NS (NS_PER_S / 4) /* how late a cut may be */

static void add_connection(
    struct lede_http_server *server, struct MHD_Connection *mhd, void **socket_context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct lede_http_connection *connection = calloc(1, sizeof(*connection));
    *socket_context = connection;
    if (!connection)
        return; /* served all the same; only its deadlines are lost */
    connection->server = server;
    connection->fd = info ? info->connect_fd : -1;
    lede_http_connection_expect_request(connection);
    pthread_mutex_lock(&server->connections_lock);
    connection->next = server->connections;
    if (server->connections)
        server->connections->previous = connection;
    server->connections = connection;
    pthread_cond_signal(&server->reaper_wakes);
    pthread_mutex_unlock(&server->connections_lock);
}

static void remove_connection(
    struct lede_http_server *server, struct lede_http_connection *connection)
{
    if (!connection)
        return;
    pthread_mutex_lock(&server->connections_lock);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    pthread_mutex_unlock(&server->connections_lock);
    free(connection);
}

void lede_http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
    struct lede_http_server *server = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&server->open_connections, 1);
        add_connection(server, mhd, socket_context);
    } else {
        atomic_fetch_sub(&server->open_connections, 1);
        remove_connection(server, *socket_context);
        *socket_context = NULL;
    }
}

static void set_deadline(struct lede_http_connection *connection, uint64_t seconds)
{
    atomic_store(&connection->deadline_ns, lede_time_monotonic_ns() + seconds * NS_PER_S);
}

void lede_http_connection_expect_request(struct lede_http_connection *connection)
{
    if (connection)
        set_deadline(connection, connection->server->options.request_timeout_s);
}

void lede_http_connection_expect_nothing(struct lede_http_connection *connection)
{
    if (connection)
        atomic_store(&connection->deadline_ns, 0);
}

void lede_http_connection_expect_sent(struct lede_http_connection *connection, size_t bytes)
{
    if (connection)
        set_deadline(connection, connection->server->options.request_timeout_s +
                                     bytes / LEDE_HTTP_REPLY_BYTES_PER_S_MIN);
}

void lede_http_connection_expect_next(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    const struct lede_http_options *options = &connection->server->options;
    set_deadline(connection, (uint64_t)options->idle_timeout_s + options->request_timeout_s);
}

/* Shut late sockets down; MHD then sees the end of the stream and closes them itself. */
static void cut_late(struct lede_http_server *server)
{
    uint64_t now = lede_time_monotonic_ns();
    for (struct lede_http_connection *connection = server->connections; connection;
         connection = connection->next) {
        uint64_t deadline = atomic_load(&connection->deadline_ns);
        if (deadline == 0 || deadline > now)
            continue;
        shutdown(connection->fd, SHUT_RDWR);
        atomic_store(&connection->deadline_ns, 0);
    }
}

static void *reaper_main(void *argument)
{
    struct lede_http_server *server = argument;
    pthread_mutex_lock(&server->connections_lock);
    while (!server->reaper_stops) {
        if (!server->connections) {
            pthread_cond_wait(&server->reaper_wakes, &server->connections_lock);
            continue;
        }
        cut_late(server);
        pthread_mutex_unlock(&server->connections_lock);
        struct timespec period = {.tv_sec = 0, .tv_nsec = (long)REAPER_PERIOD_NS};
        nanosleep(&period, NULL);
        pthread_mutex_lock(&server->connections_lock);
    }
    pthread_mutex_unlock(&server->connections_lock);
    return NULL;
}

enum lede_status lede_http_reaper_start(struct lede_http_server *server, struct lede_error *reterr)
{
    if (pthread_create(&server->reaper, NULL, reaper_main, server) != 0)
        return lede_fail(reterr, LEDE_ENOMEM, "cannot start a thread");
    server->reaper_runs = true;
    return LEDE_OK;
}

void lede_http_reaper_end(struct lede_http_server *server)
{
    if (!server->reaper_runs)
        return;
    pthread_mutex_lock(&server->connections_lock);
    server->reaper_stops = true;
    pthread_cond_signal(&server->reaper_wakes);
    pthread_mutex_unlock(&server->connections_lock);
    pthread_join(server->reaper, NULL);
    server->reaper_runs = false;
}
