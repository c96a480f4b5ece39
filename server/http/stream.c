/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded ring. The I/O side fills it and suspends its connection when it is full; the worker
 * empties it and resumes the connection when it is half empty. The reader works on the ring's own
 * memory without the lock: what lies between start and start + used is not touched by the writer.
 *
 * A parked request is handed to its pool when a turn is worth it, or something has come to an
 * end. One whose answer is made in pieces is parked from its first piece on, between its turns. */
#include "stream.h"

#include "connection.h"
#include "identity.h"
#include "lede/time.h"
#include "push.h"
#include "queue.h"
#include "reply.h"
#include "wake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void lede_http_stream_nudge(struct lede_http_request *request, uint64_t now_ns)
{
    pthread_mutex_lock(&request->lock);
    uint64_t quiet_ns = LEDE_HTTP_TURN_MS_MAX * UINT64_C(1000000);
    bool is_woken = request->turn == LEDE_TURN_PARKED && request->news_ns != 0 &&
                    now_ns >= request->news_ns + quiet_ns;
    if (is_woken) {
        request->turn = LEDE_TURN_QUEUED;
        request->is_quiet = true;
    }
    pthread_mutex_unlock(&request->lock);
    if (is_woken)
        lede_http_queue_return(&request->server->queues[request->pool], request);
}

static void activate(struct lede_http_request *request)
{
    struct lede_http_server *server = request->server;
    pthread_mutex_lock(&server->lock);
    request->is_dispatched = true;
    request->active_previous = NULL;
    request->active_next = server->active;
    if (server->active)
        server->active->active_previous = request;
    server->active = request;
    server->active_count++;
    server->unsent_count++;
    pthread_mutex_unlock(&server->lock);
}

static void deactivate(struct lede_http_request *request)
{
    struct lede_http_server *server = request->server;
    pthread_mutex_lock(&server->lock);
    if (request->active_previous)
        request->active_previous->active_next = request->active_next;
    else
        server->active = request->active_next;
    if (request->active_next)
        request->active_next->active_previous = request->active_previous;
    server->active_count--;
    pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->lock);
}

bool lede_http_stream_dispatch(struct lede_http_request *request)
{
    struct lede_http_server *server = request->server;
    struct lede_http_queue *queue = &server->queues[request->route->pool];
    bool is_timed = request->route->pool == LEDE_POOL_READ;
    uint64_t most_ns = is_timed ? server->options.queue_wait_ms * UINT64_C(1000000) : 0;
    if (atomic_load(&server->stopping) || !lede_http_queue_reserve(queue, most_ns))
        return false;
    request->pool = request->route->pool;
    request->asked_ns = request->queued_ns = lede_time_monotonic_ns();
    lede_http_request_hold(request);
    activate(request);
    lede_http_connection_begin_asking(request->connection, request);
    pthread_mutex_lock(&request->lock);
    request->turn = LEDE_TURN_QUEUED;
    lede_http_suspend(request);
    pthread_mutex_unlock(&request->lock);
    lede_http_queue_push(queue, request);
    return true;
}

size_t lede_http_stream_write(struct lede_http_request *request, const char *data, size_t size)
{
    pthread_mutex_lock(&request->lock);
    if (request->reply_ready || request->aborted) {
        pthread_mutex_unlock(&request->lock);
        return size;
    }
    size_t taken = 0;
    if (request->news_ns == 0)
        request->news_ns = lede_time_monotonic_ns();
    while (taken < size && request->ring_used < LEDE_HTTP_RING_BYTES) {
        size_t end = (request->ring_start + request->ring_used) % LEDE_HTTP_RING_BYTES;
        size_t limit = end >= request->ring_start ? LEDE_HTTP_RING_BYTES : request->ring_start;
        size_t step = size - taken < limit - end ? size - taken : limit - end;
        memcpy(request->ring + end, data + taken, step);
        request->ring_used += step;
        taken += step;
    }
    if (taken < size)
        lede_http_suspend(request);
    pthread_mutex_unlock(&request->lock);
    lede_http_wake(request);
    return taken;
}

void lede_http_stream_end(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    request->body_ended = true;
    pthread_mutex_unlock(&request->lock);
    lede_http_wake(request);
}

bool lede_http_stream_await_reply(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_ready = request->reply_ready;
    if (!is_ready)
        lede_http_suspend(request);
    pthread_mutex_unlock(&request->lock);
    return is_ready;
}

bool lede_http_stream_has_reply(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_ready = request->reply_ready;
    pthread_mutex_unlock(&request->lock);
    return is_ready;
}

bool lede_http_stream_probe(struct lede_http_request *request)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    pthread_mutex_lock(&request->lock);
    bool is_ours = request->suspended && request->connection && !request->reply_ready &&
                   !request->gone && !request->aborted;
    if (is_ours)
        (void)!send(
            request->connection->fd, interim, sizeof(interim) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    pthread_mutex_unlock(&request->lock);
    return is_ours;
}

void lede_http_stream_gone(struct lede_http_request *request)
{
    struct lede_http_server *server = request->server;
    pthread_mutex_lock(&request->lock);
    request->gone = true;
    pthread_mutex_unlock(&request->lock);
    if (!request->is_dispatched)
        return;
    lede_http_wake(request);
    pthread_mutex_lock(&server->lock);
    server->unsent_count--;
    pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->lock);
}

static void push_waiting(struct lede_http_connection *connection)
{
    struct lede_http_request *request = connection->request;
    if (!request)
        return;
    pthread_mutex_lock(&request->lock);
    if (request->reply_ready && request->sent_status == 0)
        lede_http_push_reply(request);
    pthread_mutex_unlock(&request->lock);
}

/* Answer in the middle of the body, and give the client a moment to read that. The state of a TLS
 * session is its I/O thread's own, which sends the answer when it gives the connection up.
 * Call with the lock held. */
static void push(struct lede_http_request *request)
{
    if (request->listener && request->listener->where.kind == LEDE_LISTENER_TLS) {
        lede_http_tls_interrupt(request->connection, push_waiting);
        return;
    }
    lede_http_push_reply(request);
    lede_http_connection_expect_end(request->connection);
}

/* A whole body that is late has no handler yet to say so. Call with the lock held. */
static void refuse_late(struct lede_http_request *request)
{
    struct lede_http_refusal refusal = {0};
    lede_http_refuse(&refusal, 408, "expected the whole body within %u s",
        (unsigned)request->server->options.request_timeout_s);
    lede_http_reply_refuse(request, &refusal);
    request->reply_ready = true;
    push(request);
}

bool lede_http_stream_late(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_open = !request->reply_ready;
    request->is_late = true;
    if (is_open && request->turn == LEDE_TURN_NONE && !request->body_ended && !request->gone)
        refuse_late(request);
    pthread_mutex_unlock(&request->lock);
    lede_http_wake(request);
    return is_open;
}

void lede_http_stream_begin_turn(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    request->turn = LEDE_TURN_RUNNING;
    request->news_ns = 0;
    pthread_mutex_unlock(&request->lock);
    request->turn_bytes = 0;
    request->wants_bytes = false;
    if (request->queued_ns != 0)
        lede_http_request_add_time(
            request, LEDE_STAGE_QUEUE, lede_time_monotonic_ns() - request->queued_ns);
    request->queued_ns = 0;
}

void lede_http_stream_park(struct lede_http_request *request)
{
    bool is_shared = request->turn_bytes >= LEDE_HTTP_TURN_BYTES_MAX;
    pthread_mutex_lock(&request->lock);
    bool is_next = lede_http_is_due(request) || (is_shared && request->ring_used > 0);
    request->turn = is_next ? LEDE_TURN_QUEUED : LEDE_TURN_PARKED;
    if (request->news_ns == 0 && request->turn_bytes > 0 && !request->is_quiet)
        request->news_ns = lede_time_monotonic_ns();
    request->is_quiet = false;
    if (request->ring_used <= LEDE_HTTP_RING_BYTES / 2)
        lede_http_resume(request);
    pthread_mutex_unlock(&request->lock);
    if (is_next)
        lede_http_queue_return(&request->server->queues[request->pool], request);
}

bool lede_http_stream_move(struct lede_http_request *request)
{
    struct lede_http_queue *queue = &request->server->queues[LEDE_POOL_LONG];
    uint64_t now = lede_time_monotonic_ns();
    request->moves = false;
    if (now >= request->wait_until_ns ||
        !lede_http_queue_reserve(queue, request->wait_until_ns - now))
        return false;
    pthread_mutex_lock(&request->lock);
    request->turn = LEDE_TURN_QUEUED;
    pthread_mutex_unlock(&request->lock);
    request->pool = LEDE_POOL_LONG;
    request->queued_ns = now;
    lede_http_queue_push(queue, request);
    return true;
}

void lede_http_stream_reply(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_over = !request->outflow;
    bool is_next = !is_over && lede_http_end_turn(request);
    request->reply_ready = true;
    if (is_over)
        request->turn = LEDE_TURN_DONE;
    if ((request->is_late || request->aborted) && !request->body_ended && !request->gone)
        push(request);
    lede_http_resume(request);
    pthread_mutex_unlock(&request->lock);
    if (is_next)
        lede_http_queue_return(&request->server->queues[request->pool], request);
    if (is_over)
        deactivate(request);
}

void lede_http_stream_finish(struct lede_http_request *request)
{
    deactivate(request);
}

void lede_http_stream_abandon(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    request->aborted = true;
    pthread_mutex_unlock(&request->lock);
}

void lede_http_stream_abort_all(struct lede_http_server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct lede_http_request *request = server->active; request;
         request = request->active_next) {
        pthread_mutex_lock(&request->lock);
        request->aborted = true;
        pthread_mutex_unlock(&request->lock);
        lede_http_wake(request);
    }
    pthread_mutex_unlock(&server->lock);
}

void lede_http_stream_consume(struct lede_http_request *request, size_t size)
{
    pthread_mutex_lock(&request->lock);
    request->ring_used -= size;
    /* From the front where it may be: a slow body then stays in the ring's first pages. */
    request->ring_start =
        request->ring_used == 0 ? 0 : (request->ring_start + size) % LEDE_HTTP_RING_BYTES;
    if (!request->body_ended && request->ring_used <= LEDE_HTTP_RING_BYTES / 2)
        lede_http_resume(request);
    pthread_mutex_unlock(&request->lock);
}
