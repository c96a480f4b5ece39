/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bounded ring. The I/O side fills it and suspends its connection when it is full; the worker
 * empties it and resumes the connection when it is half empty. The reader works on the ring's own
 * memory without the lock: what lies between start and start + used is not touched by the
 * writer. */
#include "stream.h"

#include "queue.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* Call with the lock held. MHD forgets a resume that meets no suspend, so `suspended` mirrors it
 * exactly. */
static void suspend(struct lede_http_request *request)
{
    if (request->suspended)
        return;
    request->suspended = true;
    MHD_suspend_connection(request->mhd);
}

static void resume(struct lede_http_request *request)
{
    if (!request->suspended || request->gone)
        return;
    request->suspended = false;
    MHD_resume_connection(request->mhd);
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
    if (atomic_load(&server->stopping) || !lede_http_queue_reserve(queue))
        return false;
    lede_http_request_hold(request);
    activate(request);
    pthread_mutex_lock(&request->lock);
    suspend(request);
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
    while (taken < size && request->ring_used < LEDE_HTTP_RING_BYTES) {
        size_t end = (request->ring_start + request->ring_used) % LEDE_HTTP_RING_BYTES;
        size_t limit = end >= request->ring_start ? LEDE_HTTP_RING_BYTES : request->ring_start;
        size_t step = size - taken < limit - end ? size - taken : limit - end;
        memcpy(request->ring + end, data + taken, step);
        request->ring_used += step;
        taken += step;
    }
    if (taken < size)
        suspend(request);
    pthread_cond_signal(&request->body_arrived);
    pthread_mutex_unlock(&request->lock);
    return taken;
}

void lede_http_stream_end(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    request->body_ended = true;
    pthread_cond_signal(&request->body_arrived);
    pthread_mutex_unlock(&request->lock);
}

bool lede_http_stream_await_reply(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_ready = request->reply_ready;
    if (!is_ready)
        suspend(request);
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

void lede_http_stream_gone(struct lede_http_request *request)
{
    struct lede_http_server *server = request->server;
    pthread_mutex_lock(&request->lock);
    request->gone = true;
    pthread_cond_signal(&request->body_arrived);
    pthread_mutex_unlock(&request->lock);
    if (!request->is_dispatched)
        return;
    pthread_mutex_lock(&server->lock);
    server->unsent_count--;
    pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->lock);
}

void lede_http_stream_reply(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    request->reply_ready = true;
    resume(request);
    pthread_mutex_unlock(&request->lock);
    deactivate(request);
}

void lede_http_stream_abort_all(struct lede_http_server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct lede_http_request *request = server->active; request;
         request = request->active_next) {
        pthread_mutex_lock(&request->lock);
        request->aborted = true;
        pthread_cond_signal(&request->body_arrived);
        pthread_mutex_unlock(&request->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

/* Wait for bytes; a span of the ring, size 0 at the body's end. Resumes the connection where it
 * waits for room. */
static enum lede_status next_span(struct lede_http_request *request, const unsigned char **ret_span,
    size_t *ret_size, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    pthread_mutex_lock(&request->lock);
    if (!request->ring && !request->body_ended && !(request->ring = malloc(LEDE_HTTP_RING_BYTES)))
        st = lede_fail_memory(reterr);
    while (st == LEDE_OK && !request->aborted && !request->body_ended && !request->gone &&
           request->ring_used == 0) {
        resume(request);
        pthread_cond_wait(&request->body_arrived, &request->lock);
    }
    if (st == LEDE_OK && request->aborted)
        st = lede_fail(reterr, LEDE_ESTOPPED, "the server is stopping");
    else if (st == LEDE_OK && request->ring_used == 0 && !request->body_ended)
        st = lede_fail(reterr, LEDE_ESTOPPED, "the client went away before the end of the body");
    size_t to_end = LEDE_HTTP_RING_BYTES - request->ring_start;
    *ret_size = request->ring_used < to_end ? request->ring_used : to_end;
    *ret_span = request->ring ? request->ring + request->ring_start : NULL;
    pthread_mutex_unlock(&request->lock);
    return st;
}

static void consume(struct lede_http_request *request, size_t size)
{
    pthread_mutex_lock(&request->lock);
    request->ring_start = (request->ring_start + size) % LEDE_HTTP_RING_BYTES;
    request->ring_used -= size;
    if (!request->body_ended && request->ring_used <= LEDE_HTTP_RING_BYTES / 2)
        resume(request);
    pthread_mutex_unlock(&request->lock);
}

static enum lede_status check_bomb(
    const struct lede_http_inflater *inflater, struct lede_error *reterr)
{
    if (inflater->given > LEDE_HTTP_STREAM_INFLATED_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "the body unzips to more than %llu bytes",
            (unsigned long long)LEDE_HTTP_STREAM_INFLATED_MAX);
    bool is_free = inflater->given <= LEDE_HTTP_STREAM_RATIO_FREE_BYTES;
    if (!is_free && inflater->given / LEDE_HTTP_STREAM_RATIO_MAX > inflater->taken)
        return lede_fail(reterr, LEDE_ELIMIT, "the body unzips to more than %llu times its size",
            (unsigned long long)LEDE_HTTP_STREAM_RATIO_MAX);
    return LEDE_OK;
}

static enum lede_status read_gzip(struct lede_http_request *request, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    size_t given = 0;
    while (given == 0) {
        const unsigned char *span = NULL;
        size_t span_size = 0, taken = 0;
        enum lede_status st = next_span(request, &span, &span_size, reterr);
        if (st != LEDE_OK)
            return st;
        st = lede_http_inflater_step(
            &request->inflater, span, span_size, data, capacity, &taken, &given, reterr);
        if (st != LEDE_OK)
            return st;
        consume(request, taken);
        if (given == 0 && span_size == 0) {
            *ret_size = 0;
            return lede_http_inflater_end(&request->inflater, reterr);
        }
    }
    *ret_size = given;
    return check_bomb(&request->inflater, reterr);
}

static enum lede_status read_plain(struct lede_http_request *request, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    const unsigned char *span = NULL;
    size_t size = 0;
    enum lede_status st = next_span(request, &span, &size, reterr);
    if (st != LEDE_OK)
        return st;
    size = size < capacity ? size : capacity;
    if (size > 0)
        memcpy(data, span, size);
    consume(request, size);
    *ret_size = size;
    return LEDE_OK;
}

enum lede_status lede_http_request_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_http_request *request = context;
    if (request->read_status != LEDE_OK)
        return lede_fail(reterr, request->read_status, "an earlier read of this body failed");
    if (!request->route->stream_body)
        return lede_fail(reterr, LEDE_EINTERNAL, "this route's body is taken whole");
    enum lede_status st = LEDE_OK;
    if (request->is_gzip && !request->inflater.is_open)
        st = lede_http_inflater_init(&request->inflater, reterr);
    if (st == LEDE_OK)
        st = request->is_gzip ? read_gzip(request, data, capacity, ret_size, reterr)
                              : read_plain(request, data, capacity, ret_size, reterr);
    request->read_status = st;
    return st;
}
