/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_told.h"

#include "feedback.h"
#include "queries.h"

#include <string.h>

static const struct lede_param *given(const struct lede_search_run *run, const char *name)
{
    const struct lede_param *param = NULL;
    return lede_params_single(&run->params, name, &param, NULL) == LEDE_OK ? param : NULL;
}

static bool is_first_page(const struct lede_search_run *run)
{
    const struct lede_param *offset = given(run, "offset");
    return !given(run, "cursor") && (!offset || strcmp(offset->value, "0") == 0);
}

static void note_question(
    const struct lede_api_worker *worker, const struct lede_search_run *run, uint64_t took_ns)
{
    const struct lede_param *q = given(run, "q");
    if (!q || q->size == 0)
        return; /* who looks at the newest has not asked for anything */
    struct lede_asked asked = {.text = q->value,
        .size = q->size,
        .hits = run->result.total,
        .in_vain = run->corrected || run->result.total == 0,
        .took_ns = took_ns,
        .request_id = lede_http_request_id(worker->request)};
    if (worker->without_texts)
        asked.text = NULL;
    lede_queries_note(worker->api->queries, &asked, lede_time_now_utc_s());
}

static void tell_slow(
    struct lede_api_worker *worker, const struct lede_search_run *run, uint64_t took_ns)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer parsed = {0};
    const struct lede_api *api = worker->api;
    bool is_told = !worker->without_texts && run->query &&
                   lede_feedback_print(run, &parsed) == LEDE_OK && !parsed.failed;
    struct lede_slow_search slow = {.request = worker->request,
        .parsed = is_told && parsed.data ? parsed.data : NULL,
        .hits = run->result.total,
        .is_exact = run->result.total_is_exact,
        .timed_out = run->result.timed_out || worker->out_of_time,
        .took_ns = took_ns,
        .queued_ns = worker->stages.begun_ns - lede_http_request_asked_ns(worker->request),
        .stages_ns = worker->stages.ns,
        .reading = run->result.reading};
    (void)lede_api_worker_enter(worker, LEDE_STAGES); /* count up to now */
    api->settings.slow(api->settings.slow_context, &slow);
}

void lede_search_tell(struct lede_api_worker *worker, const struct lede_search_run *run)
{
    const struct lede_api *api = worker->api;
    uint32_t slow_ms = __atomic_load_n(&api->slow_ms, __ATOMIC_RELAXED);
    uint64_t took_ns = lede_time_monotonic_ns() - worker->asked_ns;
    if (lede_api_worker_is_left(worker))
        return;
    if (!run->similar_to && is_first_page(run))
        note_question(worker, run, took_ns);
    if (api->settings.slow && slow_ms > 0 && took_ns >= slow_ms * UINT64_C(1000000))
        tell_slow(worker, run, took_ns);
}
