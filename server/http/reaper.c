/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that walks the list of connections, and hears of clients that leave. */
#include "reaper.h"

#include "connection.h"
#include "lede/time.h"
#include "queue.h"
#include "stream.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NS_PER_MS UINT64_C(1000000)
#define PERIOD_NS (250 * 1000 * 1000) /* how late a cut may be */

/* The client sends no more: it owes what can never come, or has had all its answers. Where the end
 * came together with the last bytes, MHD is not told of it: it saw a short read, and waits for the
 * next event. */
static bool is_over(const struct lede_http_connection *connection, uint64_t now)
{
    uint64_t owed_since = atomic_load(&connection->owed_since_ns);
    uint64_t since = owed_since ? owed_since : atomic_load(&connection->idle_since_ns);
    int unread = 0;
    return connection->sends_no_more_ns != 0 && since != 0 && now > since + PERIOD_NS &&
           ioctl(connection->fd, FIONREAD, &unread) == 0 && unread == 0;
}

/* A client that has closed its side may have left, or read on: where its answer takes long that is
 * found out. Who has left answers bytes with a reset, so an interim answer is sent; a client of
 * HTTP/1.0 knows none, and is given some time instead. Returns true if it was given up. */
static bool doubt(struct lede_http_connection *connection, uint64_t now)
{
    struct lede_http_request *asker = connection->asker;
    uint64_t since = connection->sends_no_more_ns;
    if (!asker || asker->route->pool != LEDE_POOL_READ || since == 0 || connection->has_left ||
        connection->is_probed || now < since + LEDE_HTTP_DOUBT_MS * NS_PER_MS)
        return false;
    if (!asker->is_1_0) {
        connection->is_probed = lede_http_stream_probe(asker);
        return false;
    }
    if (now < since + LEDE_HTTP_DOUBT_1_0_MS * NS_PER_MS)
        return false;
    lede_http_connection_leave(connection);
    return true;
}

/* Shut late sockets down; MHD then sees the end of the stream and closes them itself. Where a body
 * is late that is answered first; where one only pauses, what came of it is not kept waiting.
 * Returns true if a request was given up. */
static bool cut_late(struct lede_http_server *server)
{
    bool has_cancelled = false;
    uint64_t now = lede_time_monotonic_ns();
    for (struct lede_http_connection *connection = server->connections; connection;
         connection = connection->next) {
        if (connection->sender)
            lede_http_stream_nudge(connection->sender, now);
        has_cancelled |= doubt(connection, now);
        if (is_over(connection, now))
            shutdown(connection->fd, SHUT_RDWR);
        uint64_t deadline = atomic_load(&connection->deadline_ns);
        if (deadline == 0 || deadline > now || lede_http_connection_progresses(connection, now))
            continue;
        atomic_store(&connection->deadline_ns, 0);
        if (!connection->sender || !lede_http_stream_late(connection->sender))
            shutdown(connection->fd, SHUT_RDWR);
    }
    return has_cancelled;
}

/* Until a client leaves, or the next look at all connections is due. */
static void rest(const struct lede_http_server *server, uint64_t until_ns)
{
    struct pollfd leavers = {.fd = server->leavers_fd, .events = POLLIN};
    uint64_t now = lede_time_monotonic_ns();
    (void)!poll(&leavers, 1, now < until_ns ? (int)((until_ns - now) / 1000000) + 1 : 0);
}

static void *reaper_main(void *argument)
{
    struct lede_http_server *server = argument;
    uint64_t due_ns = 0; /* when all connections are looked at again */
    pthread_mutex_lock(&server->connections_lock);
    while (!server->reaper_stops) {
        if (!server->connections) {
            pthread_cond_wait(&server->reaper_wakes, &server->connections_lock);
            continue;
        }
        bool has_stale = lede_http_connections_note_leavers(server);
        bool is_due = lede_time_monotonic_ns() >= due_ns;
        if (is_due) {
            has_stale |= cut_late(server);
            lede_http_connections_make_room(server);
            lede_http_connections_press(server);
            due_ns = lede_time_monotonic_ns() + PERIOD_NS;
        }
        pthread_mutex_unlock(&server->connections_lock);
        if (is_due || has_stale) {
            lede_http_queue_refuse_stale(&server->queues[LEDE_POOL_READ]);
            lede_http_queue_refuse_stale(&server->queues[LEDE_POOL_LONG]);
        }
        rest(server, due_ns);
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
