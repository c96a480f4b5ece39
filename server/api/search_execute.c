/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_execute.h"

#include "facets.h"
#include "feedback.h"
#include "over_shards.h"
#include "paging.h"
#include "search_cost.h"
#include "similar.h"
#include "spelling.h"

/* Of each millisecond of the timeout, the nanoseconds that may be searched: the rest is for showing
 * what was found. */
#define SEARCH_NS_PER_MS 900000

static enum lede_status parse_query(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    struct lede_query_options options = lede_search_run_options(worker, run);
    enum lede_status st = LEDE_OK;
    if (run->similar_to)
        st = lede_similar_write(worker, run, &run->text, reterr);
    size_t size = run->text.size > 0 ? run->text.size : run->search.q_size;
    if (st == LEDE_OK)
        st = lede_query_parse(
            lede_search_run_text(run), size, &options, worker->analyzer, &run->query, reterr);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT)
        lede_error_param(reterr, "q");
    return st;
}

static enum lede_status search_page(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    /* Of a document without a keyword nothing is like it. */
    if (run->similar_to && run->text.size == 0) {
        run->result.total_is_exact = true;
        lede_facets_of_nothing(run);
        return LEDE_OK;
    }
    struct lede_facets_apart apart = lede_facets_set_apart(run);
    enum lede_status st = lede_paging_search(worker, run, reterr);
    st = st == LEDE_OK ? lede_facets_count_apart(worker, run, &apart, reterr) : st;
    if (st == LEDE_EAGAIN)
        lede_facets_put_back(run, &apart);
    return st;
}

/* Shards may have documents of a new language since the query was parsed: then it is parsed anew,
 * but not for ever. */
static enum lede_status search_until_parsed(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    enum lede_status st = search_page(worker, run, reterr);
    for (int times = 0; times < 2 && st == LEDE_EAGAIN; times++) {
        worker->languages = lede_shards_languages(worker->api->settings.shards);
        lede_search_result_done(&run->result);
        lede_query_free(LEDE_TAKE(&run->query));
        lede_buffer_clear(&run->text);
        st = parse_query(worker, run, reterr);
        run->search.search.query = run->query;
        if (st == LEDE_OK)
            st = search_page(worker, run, reterr);
    }
    return st == LEDE_EAGAIN ? lede_fail(reterr, LEDE_EBUSY, "the shards' languages keep changing")
                             : st;
}

enum lede_status lede_search_run_prepare(struct lede_api_worker *worker,
    struct lede_search_run *run, bool *ret_reached, struct lede_error *reterr)
{
    uint64_t started = 0;
    worker->out_of_time = false;
    enum lede_status st = lede_search_params_read(
        &run->params, run->taker, lede_time_now_utc_s(), &run->search, reterr);
    if (st == LEDE_OK)
        st = lede_api_worker_clock(worker, run->search.timeout_ms, &started, reterr);
    if (st == LEDE_OK && !run->search.without_synonyms && !run->similar_to && !run->synonyms)
        run->synonyms = lede_api_synonyms(worker->api);
    if (st == LEDE_OK)
        st = lede_over_shards_begin(worker, run, reterr);
    if (st == LEDE_OK)
        st = lede_paging_await(
            worker, run->search.min_revision, run->search.timeout_ms, ret_reached, reterr);
    if (st == LEDE_OK)
        st = parse_query(worker, run, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_search *search = &run->search.search;
    run->asked_utc_s = search->now_utc_s;
    /* it may have waited: what has expired meanwhile is hidden */
    search->now_utc_s = lede_time_now_utc_s();
    search->query = run->query;
    run->deadline_monotonic_ns = started + (uint64_t)run->search.timeout_ms * 1000000;
    search->deadline_monotonic_ns = started + (uint64_t)run->search.timeout_ms * SEARCH_NS_PER_MS;
    if (run->ns_max > 0)
        lede_search_end_within(search, run->ns_max);
    search->exclude_id = run->like ? NULL : run->similar_to;
    if (run->similar_to && !run->search.has_sort)
        search->sort = LEDE_SORT_RELEVANCE;
    if (lede_query_root(run->query)->kind == LEDE_QUERY_ALL && search->sort == LEDE_SORT_RELEVANCE)
        search->sort = LEDE_SORT_NEWEST;
    run->revision = lede_reader_revision(worker->reader);
    worker->is_long = worker->stop.cpu_ns_max > 0 &&
                      lede_search_cost_ms(worker, run) * 1e6 >= (double)worker->stop.cpu_ns_max;
    return lede_api_worker_go_on(worker, reterr);
}

enum lede_status lede_search_run(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    uint64_t started = lede_time_monotonic_ns();
    bool reached = true;
    enum lede_status st = lede_search_run_prepare(worker, run, &reached, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_spelling_before_page(worker, run, reterr);
    if (st == LEDE_OK)
        st = lede_feedback_find(worker, run, reterr);
    if (st == LEDE_OK)
        st = search_until_parsed(worker, run, reterr);
    if (st == LEDE_OK)
        st = lede_over_shards_end(worker, run, reterr);
    if (st == LEDE_OK)
        st = lede_api_worker_go_on(worker, reterr);
    run->result.timed_out = run->result.timed_out || !reached;
    if (st == LEDE_ELIMIT && reterr)
        lede_param_blame(reterr, "histogram");
    run->took_ms = (double)(lede_time_monotonic_ns() - started) / 1e6;
    return st;
}

enum lede_status lede_search_run_corrected(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    enum lede_status st = lede_search_run(worker, run, reterr);
    if (st != LEDE_OK || run->search.spell == LEDE_SPELL_OFF || run->search.cursor ||
        run->similar_to || run->result.timed_out)
        return st;
    uint64_t started = lede_time_monotonic_ns();
    st = lede_spelling_correct(worker, run, reterr);
    run->took_ms += (double)(lede_time_monotonic_ns() - started) / 1e6;
    return st;
}
