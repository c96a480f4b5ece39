/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counting is atomic additions. An example of each bucket is put down once a second at most, under
 * a lock that is tried and never waited for. */
#include "latency.h"

#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define CLASSES 6 /* of status; 0: nobody took the answer */
#define EXAMPLE_EVERY_MS 1000

/* Of one route and one class. */
struct series {
    struct lede_durations durations;
    uint64_t noted_ms[LEDE_DURATION_BUCKETS];                 /* monotonic; changed atomically */
    struct lede_http_example examples[LEDE_DURATION_BUCKETS]; /* guarded by the lock */
};

struct lede_http_latency {
    struct lede_durations stages[LEDE_STAGES];
    pthread_mutex_t lock;
    size_t routes;
    struct series series[]; /* by route, then by class; what no route took stands behind them */
};

const char *lede_stage_name(enum lede_stage stage)
{
    static const char *const names[] = {[LEDE_STAGE_QUEUE] = "queue",
        [LEDE_STAGE_PARSE] = "parse",
        [LEDE_STAGE_MATCH] = "match",
        [LEDE_STAGE_FETCH] = "fetch",
        [LEDE_STAGE_HIGHLIGHT] = "highlight",
        [LEDE_STAGE_WRITE] = "write"};
    return names[stage];
}

struct lede_http_latency *lede_http_latency_new(size_t routes)
{
    size_t count = (routes + 1) * CLASSES;
    struct lede_http_latency *latency =
        calloc(1, sizeof(*latency) + count * sizeof(latency->series[0]));
    if (!latency)
        return NULL;
    latency->routes = routes;
    pthread_mutex_init(&latency->lock, NULL);
    return latency;
}

void lede_http_latency_free(struct lede_http_latency *latency)
{
    if (!latency)
        return;
    pthread_mutex_destroy(&latency->lock);
    free(latency);
}

static void put_down(
    struct lede_http_example *example, const struct lede_http_request *request, uint64_t took_ns)
{
    memcpy(example->request_id, request->id, sizeof(example->request_id));
    memcpy(example->trace_id, request->trace.id, sizeof(example->trace_id));
    example->took_ns = took_ns;
    example->at_utc_ms = lede_time_now_utc_ms();
}

void lede_http_latency_note(struct lede_http_latency *latency,
    const struct lede_http_request *request, int status, uint64_t took_ns)
{
    const struct lede_http_route *routes = request->server->options.routes;
    size_t route = request->route ? (size_t)(request->route - routes) : latency->routes;
    size_t class = status >= 100 && status < 600 ? (size_t)status / 100 : 0;
    struct series *series = &latency->series[route * CLASSES + class];
    size_t bucket = lede_durations_add(&series->durations, took_ns);
    uint64_t now_ms = lede_time_monotonic_ns() / 1000000;
    uint64_t noted_ms = __atomic_load_n(&series->noted_ms[bucket], __ATOMIC_RELAXED);
    bool is_due = noted_ms == 0 || now_ms - noted_ms >= EXAMPLE_EVERY_MS;
    if (is_due && pthread_mutex_trylock(&latency->lock) == 0) {
        put_down(&series->examples[bucket], request, took_ns);
        pthread_mutex_unlock(&latency->lock);
        __atomic_store_n(&series->noted_ms[bucket], now_ms, __ATOMIC_RELAXED);
    }
    const uint64_t *times = lede_http_request_times(request);
    for (size_t i = 0; status != 0 && i < LEDE_STAGES; i++) {
        if (times[i] > 0)
            (void)lede_durations_add(&latency->stages[i], times[i]);
    }
}

void lede_http_server_visit_latency(const struct lede_http_server *server,
    void (*visit)(void *context, const struct lede_http_series *series), void *context)
{
    struct lede_http_latency *latency = server->latency;
    for (size_t i = 0; i < (latency->routes + 1) * CLASSES; i++) {
        const struct series *series = &latency->series[i];
        struct lede_http_series told = {.status_class = (int)(i % CLASSES)};
        lede_durations_read(&series->durations, &told.durations);
        if (lede_durations_count(&told.durations) == 0)
            continue;
        if (i / CLASSES < latency->routes)
            told.route = &server->options.routes[i / CLASSES];
        pthread_mutex_lock(&latency->lock);
        memcpy(told.examples, series->examples, sizeof(told.examples));
        pthread_mutex_unlock(&latency->lock);
        visit(context, &told);
    }
}

void lede_http_server_stage_durations(const struct lede_http_server *server, enum lede_stage stage,
    struct lede_durations *ret_durations)
{
    lede_durations_read(&server->latency->stages[stage], ret_durations);
}
