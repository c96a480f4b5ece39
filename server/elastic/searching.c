/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "searching.h"

#include "aggregations.h"
#include "answer.h"
#include "search_told.h"

#include <string.h>

/* What goes with scroll, and what does not. */
static enum lede_status check(
    const struct elastic_body *body, const struct elastic_scroll *scroll, struct lede_error *reterr)
{
    if (scroll && (body->ask.offset > 0 || body->ask.after || body->ask.collapse ||
                      body->query.ids || body->pit || body->ask.limit == 0))
        return lede_fail(reterr, LEDE_EUNSUPPORTED,
            "scroll goes without from, search_after, collapse, ids and pit, with a size over 0");
    if (body->query.ids && body->aggregations)
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "aggregations of an ids query are not offered");
    if (body->ask.after && body->ask.offset > 0)
        return lede_fail(reterr, LEDE_EINPUT, "search_after goes without from");
    return LEDE_OK;
}

static enum lede_status add_scroll(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct elastic_scroll *scroll, json_t *answer, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer cursor = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer id = {0};
    if (!scroll->is_over && lede_elastic_next(worker, run, &cursor) != LEDE_OK)
        return lede_fail_memory(reterr);
    struct elastic_scroll next = *scroll;
    next.cursor = cursor.size > 0 ? cursor.data : NULL;
    next.is_over = cursor.size == 0;
    enum lede_status st = lede_elastic_scroll_write(&next, &id, reterr);
    if (st == LEDE_OK &&
        json_object_set_new(answer, "_scroll_id", json_stringn(id.data, id.size)) != 0)
        return lede_fail_memory(reterr);
    return st;
}

static enum lede_status make_answer(struct lede_api_worker *worker,
    const struct lede_http_request *request, const struct elastic_body *body,
    struct lede_search_run *run, json_t **ret_json, struct lede_error *reterr)
{
    json_t *hits = NULL;
    enum lede_status st = lede_elastic_show_hits(worker, run, &body->showing, &hits, reterr);
    if (st != LEDE_OK)
        return st;
    if (body->without_total)
        (void)json_object_del(hits, "total");
    else if (lede_elastic_truth(request, "rest_total_hits_as_int"))
        (void)json_object_set_new(hits, "total", json_integer(run->result.total));
    *ret_json = json_pack("{s:I, s:b, s:{s:i, s:i, s:i, s:i}, s:o}", "took",
        (json_int_t)run->took_ms, "timed_out", run->result.timed_out || worker->out_of_time,
        "_shards", "total", 1, "successful", 1, "skipped", 0, "failed", 0, "hits", hits);
    if (!*ret_json)
        return lede_fail_memory(reterr);
    if (body->pit && json_object_set_new(*ret_json, "pit_id", json_string(body->pit)) != 0)
        return lede_fail_memory(reterr);
    return LEDE_OK;
}

static enum lede_status search(struct lede_api_worker *worker,
    const struct lede_http_request *request, struct elastic_body *body,
    const struct elastic_scroll *scroll, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    json_auto_t *answer = NULL, *counted = NULL;
    uint32_t size = body->ask.limit;
    bool timed_out = false;
    if (scroll && scroll->is_over)
        body->ask.limit = 0;
    body->ask.cursor = scroll ? scroll->cursor : NULL;
    enum lede_status st = lede_elastic_run(worker, &body->ask, &run, reterr);
    if (st == LEDE_OK)
        st = make_answer(worker, request, body, &run, &answer, reterr);
    body->ask.limit = size;
    if (st == LEDE_OK && scroll)
        st = add_scroll(worker, &run, scroll, answer, reterr);
    if (st == LEDE_OK && body->aggregations && !(scroll && (scroll->cursor || scroll->is_over)))
        st = lede_elastic_aggregate(
            worker, request, &body->ask, body->aggregations, &counted, &timed_out, reterr);
    if (st == LEDE_OK && counted && json_object_set(answer, "aggregations", counted) != 0)
        return lede_fail_memory(reterr);
    if (st == LEDE_OK && timed_out && json_object_set_new(answer, "timed_out", json_true()) != 0)
        return lede_fail_memory(reterr);
    if (st != LEDE_OK)
        return st;
    lede_search_tell(worker, &run);
    *ret_json = LEDE_TAKE(&answer);
    return LEDE_OK;
}

enum lede_status lede_elastic_search_answer(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *body,
    const struct elastic_scroll *scroll, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_elastic_body_done) struct elastic_body asked = {0};
    int64_t now_utc_s = scroll ? scroll->now_utc_s : lede_time_now_utc_s();
    enum lede_status st = lede_elastic_body_read(worker, request, body, now_utc_s, &asked, reterr);
    if (st == LEDE_OK)
        st = check(&asked, scroll, reterr);
    return st == LEDE_OK ? search(worker, request, &asked, scroll, ret_json, reterr) : st;
}
