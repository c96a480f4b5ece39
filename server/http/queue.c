/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workers: the only threads that run handlers, and so the only ones that may block. */
#include "queue.h"

#include "reply.h"
#include "stream.h"

#include <stdlib.h>
#include <time.h>

#define IDLE_S 2

/* Unzip a whole body before its handler runs; false: refused. */
static bool unzip_body(struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    struct lede_buffer plain = {0};
    struct lede_error error = {0};
    if (!request->is_gzip || request->route->stream_body || request->body.size == 0)
        return true;
    enum lede_status st = lede_http_inflate_all(
        request->body.data, request->body.size, request->route->body_max, &plain, &error);
    lede_buffer_done(&request->body);
    request->body = plain;
    if (st == LEDE_OK)
        return true;
    lede_http_refuse(refusal,
        st == LEDE_EINPUT   ? 400
        : st == LEDE_ELIMIT ? 413
                            : 503,
        "%s", error.message);
    return false;
}

static void run(struct lede_http_request *request, void *worker, bool abandoned,
    struct lede_http_deflater *deflater)
{
    struct lede_http_refusal refusal = {0};
    if (abandoned)
        lede_http_refuse(&refusal, 503, "the server is stopping");
    if (abandoned || !unzip_body(request, &refusal)) {
        lede_http_reply_refuse(request, &refusal);
    } else {
        struct lede_http_reply reply = {0};
        request->route->handler(worker, request, &reply);
        lede_http_reply_make(request, &reply, deflater);
    }
    lede_http_stream_reply(request);
    lede_http_request_release(request);
}

/* What a worker does next. */
struct next {
    /* NULL: nothing came for IDLE_S, or the queue is closed and empty */
    struct lede_http_request *request;
    bool is_over;
    bool abandoned;
};

static struct next pop(struct lede_http_queue *queue)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    int waited = 0;
    pthread_mutex_lock(&queue->lock);
    while (!queue->head && !(queue->closed && queue->waiting == 0) && waited == 0)
        waited = pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
    struct lede_http_request *request = queue->head;
    if (request) {
        queue->head = request->queue_next;
        queue->tail = queue->head ? queue->tail : NULL;
        queue->waiting--;
        if (queue->closed && queue->waiting == 0)
            pthread_cond_broadcast(&queue->changed);
    }
    struct next next = {request, queue->closed && queue->waiting == 0, queue->abandoned};
    pthread_mutex_unlock(&queue->lock);
    return next;
}

static void report_start(struct lede_http_queue *queue, bool is_ready)
{
    pthread_mutex_lock(&queue->lock);
    queue->ready_count += is_ready;
    queue->failed_count += !is_ready;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void *worker_main(void *argument)
{
    struct lede_http_queue *queue = argument;
    const struct lede_http_options *options = &queue->server->options;
    void *worker = options->worker_new ? options->worker_new(options->context, queue->pool) : NULL;
    bool is_ready = !options->worker_new || worker;
    report_start(queue, is_ready);
    if (!is_ready)
        return NULL;
    struct lede_http_deflater deflater = {0};
    for (struct next next = pop(queue); next.request || !next.is_over; next = pop(queue)) {
        if (next.request)
            run(next.request, worker, next.abandoned, &deflater);
        else if (options->worker_idle)
            options->worker_idle(options->context, queue->pool, worker);
    }
    lede_http_deflater_done(&deflater);
    if (options->worker_free)
        options->worker_free(options->context, queue->pool, worker);
    return NULL;
}

void lede_http_queue_init(
    struct lede_http_queue *queue, struct lede_http_server *server, enum lede_http_pool pool)
{
    queue->server = server;
    queue->pool = pool;
    queue->limit = server->options.queue_length > 0 ? server->options.queue_length : 1;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void lede_http_queue_done(struct lede_http_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

enum lede_status lede_http_queue_start(struct lede_http_queue *queue, struct lede_error *reterr)
{
    uint32_t asked = queue->server->options.pool_threads[queue->pool];
    uint32_t wanted = asked > 0 ? asked : 1;
    queue->threads = calloc(wanted, sizeof(*queue->threads));
    if (!queue->threads)
        return lede_fail_memory(reterr);
    while (queue->thread_count < wanted &&
           pthread_create(&queue->threads[queue->thread_count], NULL, worker_main, queue) == 0)
        queue->thread_count++;
    pthread_mutex_lock(&queue->lock);
    while (queue->ready_count + queue->failed_count < queue->thread_count)
        pthread_cond_wait(&queue->changed, &queue->lock);
    bool has_failed = queue->failed_count > 0;
    pthread_mutex_unlock(&queue->lock);
    if (queue->thread_count < wanted)
        return lede_fail(reterr, LEDE_ENOMEM, "cannot start %u worker threads", (unsigned)wanted);
    return has_failed
               ? lede_fail(reterr, LEDE_EINTERNAL, "a worker thread could not make its state")
               : LEDE_OK;
}

bool lede_http_queue_reserve(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    bool has_room = !queue->closed && queue->waiting < queue->limit;
    queue->waiting += has_room;
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

void lede_http_queue_push(struct lede_http_queue *queue, struct lede_http_request *request)
{
    pthread_mutex_lock(&queue->lock);
    request->queue_next = NULL;
    if (queue->tail)
        queue->tail->queue_next = request;
    else
        queue->head = request;
    queue->tail = request;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

uint32_t lede_http_queue_waiting(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint32_t waiting = queue->waiting;
    pthread_mutex_unlock(&queue->lock);
    return waiting;
}

void lede_http_queue_abandon(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->abandoned = true;
    pthread_mutex_unlock(&queue->lock);
}

void lede_http_queue_join(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    for (uint32_t i = 0; i < queue->thread_count; i++)
        pthread_join(queue->threads[i], NULL);
    queue->thread_count = 0;
    free(queue->threads);
    queue->threads = NULL;
}
