/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Workers: the only threads that may block. */
#include "queue.h"

#include "gzip.h"
#include "lede/thread.h"
#include "lede/time.h"

#include <stdlib.h>

#define REFUSED_SHARE_ONE 65536
#define REFUSED_SHARE_OF 256 /* it moves by one so many-th with each request */

#define IDLE_NS UINT64_C(2000000000)

static void append(struct lede_http_line *line, struct lede_http_request *request)
{
    request->queue_next = NULL;
    if (line->tail)
        line->tail->queue_next = request;
    else
        line->head = request;
    line->tail = request;
}

static struct lede_http_request *take(struct lede_http_line *line)
{
    struct lede_http_request *request = line->head;
    line->head = request->queue_next;
    line->tail = line->head ? line->tail : NULL;
    return request;
}

static bool is_over(const struct lede_http_queue *queue)
{
    return queue->closed && queue->waiting == 0 && queue->returned_count == 0;
}

/* May a worker take one of those that returned? One worker of several does not. */
static bool may_take_returned(const struct lede_http_queue *queue)
{
    uint32_t most = queue->wanted_count > 1 ? queue->wanted_count - 1 : 1;
    return queue->returned.head && queue->returned_running < most;
}

/* What a worker does next. */
struct next {
    /* NULL: nothing came for IDLE_NS, or the queue is closed and empty */
    struct lede_http_request *request;
    bool is_returned;
    bool is_over;
    const char *refusal; /* why it is not run; NULL: it is */
};

/* Why a new request that waits is not worth a turn; NULL: it is. */
static const char *is_stale(const struct lede_http_request *request, uint64_t now)
{
    bool only_reads = request->pool == LEDE_POOL_READ || request->pool == LEDE_POOL_LONG;
    if (only_reads && __atomic_load_n(&request->cancelled, __ATOMIC_RELAXED))
        return "the client has closed the connection";
    if (request->wait_until_ns != 0 && now >= request->wait_until_ns)
        return "it has waited too long";
    return NULL;
}

static void count_new_out(struct lede_http_queue *queue, uint64_t now)
{
    queue->waiting--;
    if (queue->waiting == 0)
        queue->emptied_ns = now;
}

static struct next pop(struct lede_http_queue *queue)
{
    uint64_t until_ns = lede_time_monotonic_ns() + IDLE_NS;
    struct next next = {0};
    bool in_time = true;
    pthread_mutex_lock(&queue->lock);
    while (!queue->fresh.head && !may_take_returned(queue) && !is_over(queue) && in_time)
        in_time = lede_condition_wait_until(&queue->changed, &queue->lock, until_ns);
    if (may_take_returned(queue) && (!queue->fresh.head || !queue->last_was_returned)) {
        next.request = take(&queue->returned);
        next.is_returned = true;
        queue->returned_count--;
        queue->returned_running++;
    } else if (queue->fresh.head) {
        uint64_t now = lede_time_monotonic_ns();
        next.request = take(&queue->fresh);
        next.refusal = queue->abandoned ? "the server is stopping" : is_stale(next.request, now);
        count_new_out(queue, now);
    }
    if (next.request)
        queue->last_was_returned = next.is_returned;
    next.is_over = is_over(queue);
    if (next.is_over)
        pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return next;
}

/* What a new request took goes into the mean. */
static void note_took(struct lede_http_queue *queue, uint64_t took_ns)
{
    pthread_mutex_lock(&queue->lock);
    queue->mean_ns =
        queue->mean_ns - queue->mean_ns / LEDE_HTTP_MEAN_OF + took_ns / LEDE_HTTP_MEAN_OF;
    pthread_mutex_unlock(&queue->lock);
}

/* A worker's turn with one that returned is over: another may have one. */
static void end_returned(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->returned_running--;
    if (queue->returned.head)
        pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
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
        uint64_t begun = lede_time_monotonic_ns();
        if (next.request)
            queue->work(next.request, worker, next.refusal, &deflater);
        if (next.request && !next.refusal && !next.is_returned)
            note_took(queue, lede_time_monotonic_ns() - begun);
        if (next.request && options->worker_rest)
            options->worker_rest(options->context, queue->pool, worker);
        if (next.is_returned)
            end_returned(queue);
        if (!next.request && options->worker_idle)
            options->worker_idle(options->context, queue->pool, worker);
    }
    lede_http_deflater_done(&deflater);
    if (options->worker_free)
        options->worker_free(options->context, queue->pool, worker);
    return NULL;
}

void lede_http_queue_init(struct lede_http_queue *queue, struct lede_http_server *server,
    enum lede_http_pool pool, lede_http_work work)
{
    queue->server = server;
    queue->work = work;
    queue->pool = pool;
    uint32_t asked = server->options.pool_threads[pool];
    queue->wanted_count = asked > 0 ? asked : 1;
    queue->limit = server->options.queue_length > 0 ? server->options.queue_length : 1;
    pthread_mutex_init(&queue->lock, NULL);
    (void)!lede_condition_init(&queue->changed); /* glibc needs no memory for it */
}

void lede_http_queue_done(struct lede_http_queue *queue)
{
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

enum lede_status lede_http_queue_start(struct lede_http_queue *queue, struct lede_error *reterr)
{
    uint32_t wanted = queue->wanted_count;
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

/* Would one more wait for longer than this? */
static bool takes_longer(const struct lede_http_queue *queue, uint64_t most_ns)
{
    uint32_t workers = queue->wanted_count;
    uint64_t expected_ns = queue->mean_ns * (queue->waiting + 1) / workers;
    uint64_t now_ns = lede_time_monotonic_ns();
    bool is_flooded = queue->refused_share > REFUSED_SHARE_ONE / 4 &&
                      now_ns - queue->refused_ns < LEDE_HTTP_FLOOD_MS * UINT64_C(1000000);
    uint32_t least = is_flooded ? LEDE_HTTP_FLOODED_WAITING_MIN : LEDE_HTTP_WAITING_MIN;
    if (most_ns == 0 || queue->waiting < least * workers)
        return false;
    if (is_flooded)
        return true;
    bool is_burst = now_ns - queue->emptied_ns < LEDE_HTTP_BURST_MS * UINT64_C(1000000);
    return expected_ns > (is_burst ? most_ns * LEDE_HTTP_BURST_FACTOR : most_ns);
}

bool lede_http_queue_reserve(struct lede_http_queue *queue, uint64_t most_ns)
{
    pthread_mutex_lock(&queue->lock);
    bool has_room =
        !queue->closed && queue->waiting < queue->limit && !takes_longer(queue, most_ns);
    queue->waiting += has_room;
    if (!has_room)
        queue->refused_ns = lede_time_monotonic_ns();
    queue->refused_share += (has_room ? 0 : REFUSED_SHARE_ONE / REFUSED_SHARE_OF) -
                            queue->refused_share / REFUSED_SHARE_OF;
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

void lede_http_queue_push(struct lede_http_queue *queue, struct lede_http_request *request)
{
    pthread_mutex_lock(&queue->lock);
    append(&queue->fresh, request);
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

/* Take what is stale out of those that are new, each linked to the next. */
static struct lede_http_request *take_stale(struct lede_http_queue *queue)
{
    struct lede_http_line kept = {0}, stale = {0};
    uint64_t now = lede_time_monotonic_ns();
    pthread_mutex_lock(&queue->lock);
    while (queue->fresh.head) {
        struct lede_http_request *request = take(&queue->fresh);
        bool is_taken = is_stale(request, now) != NULL;
        append(is_taken ? &stale : &kept, request);
        if (is_taken)
            count_new_out(queue, now);
    }
    queue->fresh = kept;
    if (is_over(queue))
        pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    return stale.head;
}

void lede_http_queue_refuse_stale(struct lede_http_queue *queue)
{
    struct lede_http_request *request = take_stale(queue);
    while (request) {
        struct lede_http_request *next = request->queue_next;
        queue->work(request, NULL, is_stale(request, lede_time_monotonic_ns()), NULL);
        request = next;
    }
}

void lede_http_queue_return(struct lede_http_queue *queue, struct lede_http_request *request)
{
    pthread_mutex_lock(&queue->lock);
    append(&queue->returned, request);
    queue->returned_count++;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

uint32_t lede_http_queue_waiting(struct lede_http_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    uint32_t waiting = queue->waiting + queue->returned_count;
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
