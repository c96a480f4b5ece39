/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of connections, and their deadlines. */
#include "connection.h"

#include "identity.h"
#include "lede/time.h"
#include "receive.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

/* Since when a connection could go, in the order in which kinds of them go; 0: it is none of the
 * kind. */

static uint64_t idle_since(const struct lede_http_connection *connection, uint64_t now)
{
    uint64_t since = atomic_load(&connection->idle_since_ns);
    return now - since >= LEDE_HTTP_IDLE_MS_MIN * NS_PER_MS ? since : 0;
}

/* It sends a request so slowly that it was perhaps never meant to end. */
static uint64_t owing_since(const struct lede_http_connection *connection, uint64_t now)
{
    uint64_t since = atomic_load(&connection->owed_since_ns);
    bool is_stream = connection->sender && connection->sender->route->stream_body;
    uint64_t least_ms = is_stream ? LEDE_HTTP_STREAMING_MS_MIN : LEDE_HTTP_OWING_MS_MIN;
    uint64_t ms = since < now ? (now - since) / NS_PER_MS : 0;
    bool is_slow =
        atomic_load(&connection->owed_bytes) * 1000 < ms * LEDE_HTTP_OWED_BYTES_PER_S_MIN;
    return ms >= least_ms && is_slow ? since : 0;
}

/* It does not take its answer. */
static uint64_t taken_since(const struct lede_http_connection *connection, uint64_t now)
{
    uint64_t since = atomic_load(&connection->taken_ns);
    return since < now && now - since >= LEDE_HTTP_PRESSED_MS * NS_PER_MS ? since : 0;
}

static struct lede_http_connection *longest(struct lede_http_server *server,
    uint64_t (*since_when)(const struct lede_http_connection *connection, uint64_t now))
{
    struct lede_http_connection *longest = NULL;
    uint64_t now = lede_time_monotonic_ns(), earliest = UINT64_MAX;
    for (struct lede_http_connection *connection = server->connections; connection;
         connection = connection->next) {
        uint64_t since = connection->is_closing ? 0 : since_when(connection, now);
        if (since == 0 || since >= earliest)
            continue;
        longest = connection;
        earliest = since;
    }
    return longest;
}

static void close_for_others(
    struct lede_http_server *server, struct lede_http_connection *connection)
{
    connection->is_closing = true;
    server->closing_count++;
    shutdown(connection->fd, SHUT_RDWR);
}

void lede_http_connections_make_room(struct lede_http_server *server)
{
    while (server->connection_count - server->closing_count > server->options.connections_max) {
        struct lede_http_connection *connection = longest(server, idle_since);
        if (!connection)
            connection = longest(server, owing_since);
        if (!connection)
            connection = longest(server, taken_since);
        if (!connection)
            return;
        close_for_others(server, connection);
    }
}

void lede_http_connections_press(struct lede_http_server *server)
{
    uint64_t now = lede_time_monotonic_ns();
    size_t most = server->options.reply_bytes_max;
    if (most == 0 || atomic_load(&server->replies_bytes) < most / 2)
        return;
    for (struct lede_http_connection *connection = server->connections; connection;
         connection = connection->next) {
        if (!connection->is_closing && taken_since(connection, now) != 0)
            close_for_others(server, connection);
    }
}

/* Where a connection comes from; nothing of it is known by Unix. */
static void read_address(struct lede_http_connection *connection, const struct sockaddr *address)
{
    static const unsigned char v4_prefix[12] = {[10] = 0xFF, [11] = 0xFF};
    union {
        const struct sockaddr *any;
        const struct sockaddr_in *v4;
        const struct sockaddr_in6 *v6;
    } at = {address};
    bool is_v6 = address && address->sa_family == AF_INET6;
    bool is_v4 = address && address->sa_family == AF_INET;
    connection->has_ip = is_v6 || is_v4;
    if (is_v6)
        memcpy(connection->ip.bytes, at.v6->sin6_addr.s6_addr, sizeof(connection->ip.bytes));
    if (is_v4) {
        memcpy(connection->ip.bytes, v4_prefix, sizeof(v4_prefix));
        memcpy(connection->ip.bytes + sizeof(v4_prefix), &at.v4->sin_addr, 4);
    }
}

static void add_connection(
    const struct lede_http_listener *listener, struct MHD_Connection *mhd, void **socket_context)
{
    struct lede_http_server *server = listener->server;
    const struct lede_nets *trusted = &server->options.trusted_proxies;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info ? info->connect_fd : -1;
    struct lede_http_connection *connection = calloc(1, sizeof(*connection));
    *socket_context = connection;
    if (!connection) {
        shutdown(fd, SHUT_RDWR); /* nobody would know where it came from */
        return;
    }
    connection->server = server;
    connection->listener = listener;
    connection->fd = fd;
    if (!lede_http_receive_attach(connection))
        shutdown(fd, SHUT_RDWR); /* nobody would see what it says */
    lede_http_tls_attach(connection, mhd);
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    read_address(connection, info ? info->client_addr : NULL);
    connection->is_trusted =
        connection->has_ip ? lede_nets_has(trusted, &connection->ip) : trusted->has_unix;
    struct epoll_event leaving = {
        .events = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLET, .data.ptr = connection};
    lede_http_connection_expect_request(connection);
    atomic_store(&connection->idle_since_ns, lede_time_monotonic_ns());
    pthread_mutex_lock(&server->connections_lock);
    connection->next = server->connections;
    if (server->connections)
        server->connections->previous = connection;
    server->connections = connection;
    server->connection_count++;
    /* Without it a client that leaves is noticed when it is answered. */
    (void)!epoll_ctl(server->leavers_fd, EPOLL_CTL_ADD, connection->fd, &leaving);
    lede_http_connections_make_room(server);
    pthread_cond_signal(&server->reaper_wakes);
    pthread_mutex_unlock(&server->connections_lock);
}

static void remove_connection(
    struct lede_http_server *server, struct lede_http_connection *connection)
{
    if (!connection)
        return;
    lede_http_receive_detach(connection);
    pthread_mutex_lock(&server->connections_lock);
    (void)!epoll_ctl(server->leavers_fd, EPOLL_CTL_DEL, connection->fd, NULL);
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        server->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    server->connection_count--;
    server->closing_count -= connection->is_closing;
    pthread_mutex_unlock(&server->connections_lock);
    lede_http_identity_unref(connection->identity);
    free(connection);
}

void lede_http_on_connection(void *context, struct MHD_Connection *mhd, void **socket_context,
    enum MHD_ConnectionNotificationCode what)
{
    const struct lede_http_listener *listener = context;
    struct lede_http_server *server = listener->server;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        atomic_fetch_add(&server->open_connections, 1);
        add_connection(listener, mhd, socket_context);
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
    if (!connection)
        return;
    atomic_store(&connection->idle_since_ns, 0);
    atomic_store(&connection->taken_ns, 0);
    atomic_store(&connection->owed_bytes, 0);
    atomic_store(&connection->owed_since_ns, lede_time_monotonic_ns());
    set_deadline(connection, connection->server->options.request_timeout_s);
}

void lede_http_connection_note_body(struct lede_http_connection *connection, size_t bytes)
{
    if (connection)
        atomic_fetch_add(&connection->owed_bytes, bytes);
}

/* Count the time that passed while bytes were awaited. */
static void stop_waiting(struct lede_http_connection *connection, uint64_t now)
{
    uint64_t waited = connection->awaited_since_ns ? now - connection->awaited_since_ns : 0;
    connection->awaited_since_ns = 0;
    connection->awaited_ns += waited;
    connection->allowance_ns -=
        waited < connection->allowance_ns ? waited : connection->allowance_ns;
}

void lede_http_connection_expect_nothing(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    stop_waiting(connection, lede_time_monotonic_ns());
    atomic_store(&connection->owed_since_ns, 0);
    atomic_store(&connection->deadline_ns, 0);
}

/* Something whole came of the body since the last look: the bucket was full then. */
static void refill(struct lede_http_connection *connection, uint64_t full_ns, uint64_t now)
{
    uint64_t progressed = connection->sender ? atomic_load(&connection->sender->progressed_ns) : 0;
    uint64_t passed = progressed < now ? now - progressed : 0;
    if (progressed <= connection->progress_seen_ns)
        return;
    connection->progress_seen_ns = progressed;
    if (passed < full_ns && connection->allowance_ns < full_ns - passed)
        connection->allowance_ns = full_ns - passed;
}

/* A bucket: it begins full, runs out while bytes are awaited, and each byte puts in the time that
 * it may take. So a pause is forgiven, and what came fast before does not excuse a slow rest. */
void lede_http_connection_expect_body(struct lede_http_connection *connection, size_t bytes)
{
    if (!connection)
        return;
    const struct lede_http_options *options = &connection->server->options;
    uint64_t now = lede_time_monotonic_ns();
    uint64_t deadline = 0;
    stop_waiting(connection, now);
    connection->awaited_since_ns = now;
    if (atomic_load(&connection->owed_since_ns) == 0) {
        atomic_store(&connection->owed_bytes, 0);
        atomic_store(&connection->owed_since_ns, now);
    }
    if (options->upload_bytes_per_s_min > 0) {
        uint64_t full = options->upload_grace_s * NS_PER_S;
        refill(connection, full, now);
        uint64_t more = bytes * NS_PER_S / options->upload_bytes_per_s_min;
        uint64_t room = full - connection->allowance_ns;
        connection->allowance_ns += more < room ? more : room;
        deadline = now + connection->allowance_ns;
    }
    uint64_t most = options->upload_timeout_s * NS_PER_S, ends_ns = 0;
    if (most > 0) {
        ends_ns = now + (connection->awaited_ns < most ? most - connection->awaited_ns : 0);
        deadline = deadline == 0 || ends_ns < deadline ? ends_ns : deadline;
    }
    atomic_store(&connection->ends_ns, ends_ns);
    atomic_store(&connection->deadline_ns, deadline);
}

void lede_http_connection_expect_end(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    atomic_store(&connection->ends_ns, lede_time_monotonic_ns());
    set_deadline(connection, LEDE_HTTP_LINGER_S);
}

bool lede_http_connection_progresses(const struct lede_http_connection *connection, uint64_t now)
{
    const struct lede_http_request *sender = connection->sender;
    uint64_t progressed = sender ? atomic_load(&sender->progressed_ns) : 0;
    uint64_t grace_ns = connection->server->options.upload_grace_s * NS_PER_S;
    uint64_t ends_ns = atomic_load(&connection->ends_ns);
    return progressed != 0 && now < progressed + grace_ns && (ends_ns == 0 || now < ends_ns);
}

void lede_http_connection_begin_body(
    struct lede_http_connection *connection, struct lede_http_request *request)
{
    if (!connection)
        return;
    connection->awaited_since_ns = 0;
    connection->awaited_ns = 0;
    connection->progress_seen_ns = 0;
    atomic_store(&connection->ends_ns, 0);
    connection->allowance_ns = connection->server->options.upload_grace_s * NS_PER_S;
    pthread_mutex_lock(&connection->server->connections_lock);
    connection->sender = request;
    pthread_mutex_unlock(&connection->server->connections_lock);
}

/* Only its I/O thread sets it, so it may be looked at here without the lock. */
void lede_http_connection_end_body(struct lede_http_connection *connection)
{
    if (!connection || !connection->sender)
        return;
    pthread_mutex_lock(&connection->server->connections_lock);
    connection->sender = NULL;
    pthread_mutex_unlock(&connection->server->connections_lock);
}

static void cancel(struct lede_http_request *request)
{
    __atomic_store_n(&request->cancelled, true, __ATOMIC_RELAXED);
}

void lede_http_connection_begin_asking(
    struct lede_http_connection *connection, struct lede_http_request *request)
{
    if (!connection)
        return;
    pthread_mutex_lock(&connection->server->connections_lock);
    connection->asker = request;
    if (connection->has_left)
        cancel(request);
    pthread_mutex_unlock(&connection->server->connections_lock);
}

void lede_http_connection_end_asking(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    pthread_mutex_lock(&connection->server->connections_lock);
    connection->asker = NULL;
    pthread_mutex_unlock(&connection->server->connections_lock);
}

void lede_http_connection_leave(struct lede_http_connection *connection)
{
    connection->has_left = true;
    if (connection->asker)
        cancel(connection->asker);
}

/* By TLS nobody goes on to read who has closed his side. */
static bool is_left(const struct lede_http_connection *connection, uint32_t events)
{
    return (events & (EPOLLHUP | EPOLLERR)) != 0 ||
           connection->listener->where.kind == LEDE_LISTENER_TLS;
}

bool lede_http_connections_note_leavers(struct lede_http_server *server)
{
    struct epoll_event events[64];
    bool has_asked = false;
    int count = 0;
    do {
        count = epoll_wait(server->leavers_fd, events, LEDE_COUNT_OF(events), 0);
        for (int i = 0; i < count; i++) {
            struct lede_http_connection *connection = events[i].data.ptr;
            if (connection->sends_no_more_ns == 0)
                connection->sends_no_more_ns = lede_time_monotonic_ns();
            if (!is_left(connection, events[i].events))
                continue;
            lede_http_connection_leave(connection);
            has_asked = has_asked || connection->asker;
        }
    } while (count == (int)LEDE_COUNT_OF(events));
    return has_asked;
}

void lede_http_connection_expect_sent(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    atomic_store(&connection->owed_since_ns, 0);
    set_deadline(connection, connection->server->options.request_timeout_s);
}

void lede_http_connection_expect_taken(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    atomic_store(&connection->taken_ns, lede_time_monotonic_ns());
    set_deadline(connection, LEDE_HTTP_PIECE_S);
}

void lede_http_connection_expect_piece(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    atomic_store(&connection->taken_ns, 0);
    atomic_store(&connection->deadline_ns, 0);
}

void lede_http_connection_expect_next(struct lede_http_connection *connection)
{
    if (!connection)
        return;
    const struct lede_http_options *options = &connection->server->options;
    atomic_store(&connection->owed_since_ns, 0);
    atomic_store(&connection->taken_ns, 0);
    atomic_store(&connection->idle_since_ns, lede_time_monotonic_ns());
    set_deadline(connection, (uint64_t)options->idle_timeout_s + options->request_timeout_s);
}
