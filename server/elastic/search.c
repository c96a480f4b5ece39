/* SPDX-License-Identifier: GPL-2.0-or-later */
/* _search, _msearch, _count, scrolls and points in time. */
#include "answer.h"
#include "elastic.h"
#include "searching.h"

#include <string.h>

#define SEARCHES_MAX 100 /* of one _msearch */

/* ---- One search ---- */

void lede_elastic_search(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    json_auto_t *body = NULL, *whole = NULL;
    json_t *answer = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_SEARCH, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK && !(whole = lede_elastic_with_parameters(request, body)))
        st = lede_fail_memory(&error);
    struct elastic_scroll scroll = {.body = whole, .now_utc_s = lede_time_now_utc_s()};
    if (st == LEDE_OK)
        st = lede_elastic_search_answer(worker, request, whole,
            lede_elastic_parameter(request, "scroll") ? &scroll : NULL, &answer, &error);
    if (st == LEDE_OK)
        lede_elastic_reply(request, reply, 200, answer);
    else
        lede_elastic_fail(request, reply, &error);
}

/* A count is a search that shows nothing. */
void lede_elastic_count(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const known[] = {"query", NULL};
    struct lede_error error = {0};
    json_auto_t *body = NULL, *whole = NULL, *answer = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_COUNT, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_keys(body, known, "_count", &error);
    if (st == LEDE_OK)
        whole = lede_elastic_with_parameters(request, body);
    if (st == LEDE_OK && (!whole || json_object_set_new(whole, "size", json_integer(0)) != 0))
        st = lede_fail_memory(&error);
    if (st == LEDE_OK)
        st = lede_elastic_search_answer(worker, request, whole, NULL, &answer, &error);
    if (st == LEDE_OK && json_is_true(json_object_get(answer, "timed_out")))
        st = lede_fail(&error, LEDE_ETIMEOUT, "not all could be counted within the timeout");
    if (st != LEDE_OK) {
        lede_elastic_fail(request, reply, &error);
        return;
    }
    json_t *total = json_object_get(json_object_get(answer, "hits"), "total");
    lede_elastic_reply(request, reply, 200,
        json_pack("{s:O, s:O}", "count", json_object_get(total, "value"), "_shards",
            json_object_get(answer, "_shards")));
}

/* ---- Several ---- */

static enum lede_status check_header(
    const struct lede_http_request *request, const json_t *header, struct lede_error *reterr)
{
    static const char *const known[] = {"index", "search_type", "ignore_unavailable",
        "allow_no_indices", "expand_wildcards", "preference", "routing", "request_cache",
        "max_concurrent_shard_requests", "ccs_minimize_roundtrips", NULL};
    const json_t *index = json_object_get(header, "index");
    enum lede_status st = lede_elastic_check_keys(header, known, "the header of a search", reterr);
    if (st == LEDE_OK && json_is_string(index))
        st = lede_elastic_check_index(request, json_string_value(index), reterr);
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(index); i++)
        st = lede_elastic_check_index(request, json_string_value(json_array_get(index, i)), reterr);
    return st;
}

/* One of the answers: it, or why there is none. NULL: no memory. */
static json_t *answer_one(struct lede_api_worker *worker, const struct lede_http_request *request,
    const json_t *header, const json_t *body, struct lede_error *reterr)
{
    int http_status = 200;
    json_t *answer = NULL;
    enum lede_status st = check_header(request, header, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_search_answer(worker, request, body, NULL, &answer, reterr);
    if (st != LEDE_OK) {
        json_auto_t *error = lede_elastic_error(reterr, &http_status);
        answer = json_pack("{s:{s:[O], s:O, s:O}}", "error", "root_cause", error, "type",
            json_object_get(error, "type"), "reason", json_object_get(error, "reason"));
    }
    if (!answer || json_object_set_new(answer, "status", json_integer(http_status)) != 0)
        return NULL;
    return answer;
}

/* The next line as an object; *ret_json NULL behind the last. */
static enum lede_status next_object(
    const char **at, const char *end, json_t **ret_json, struct lede_error *reterr)
{
    while (*at < end) {
        const char *start = *at;
        const char *stop = memchr(start, '\n', (size_t)(end - start));
        *at = stop ? stop + 1 : end;
        size_t size = (size_t)((stop ? stop : end) - start);
        if (strspn(start, " \t\r") >= size)
            continue;
        enum lede_status st = lede_json_parse(start, size, ret_json, reterr);
        return st == LEDE_OK && !json_is_object(*ret_json)
                   ? lede_fail(reterr, LEDE_EINPUT, "expected an object on each line")
                   : st;
    }
    return LEDE_OK;
}

static enum lede_status answer_all(struct lede_api_worker *worker,
    const struct lede_http_request *request, json_t *answers, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    const char *text = NULL;
    size_t size = 0;
    enum lede_status st = lede_elastic_text(request, &decoded, &text, &size, reterr);
    const char *end = text + size;
    while (st == LEDE_OK) {
        json_auto_t *header = NULL, *body = NULL;
        struct lede_error why = {0};
        st = next_object(&text, end, &header, reterr);
        if (st == LEDE_OK && !header)
            return json_array_size(answers) > 0
                       ? LEDE_OK
                       : lede_fail(reterr, LEDE_EINPUT, "request body is required");
        if (st == LEDE_OK)
            st = next_object(&text, end, &body, reterr);
        if (st == LEDE_OK && (!body || json_array_size(answers) == SEARCHES_MAX))
            return lede_fail(reterr, LEDE_EINPUT,
                "expected a header and a body of each search, of at most %d", SEARCHES_MAX);
        if (st == LEDE_OK &&
            json_array_append_new(answers, answer_one(worker, request, header, body, &why)) != 0)
            return lede_fail_memory(reterr);
        /* what another worker begins anew is answered there */
        if (st == LEDE_OK && lede_api_worker_is_left(worker))
            return lede_fail(reterr, LEDE_ETIMEOUT, "the search was stopped");
    }
    return st;
}

void lede_elastic_msearch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    uint64_t started_ns = lede_time_monotonic_ns();
    json_auto_t *answers = json_array();
    if (!lede_elastic_begin(request, ELASTIC_TAKER_MSEARCH, reply))
        return;
    enum lede_status st =
        answers ? answer_all(worker, request, answers, &error) : lede_fail_memory(&error);
    if (st == LEDE_OK)
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:I, s:O}", "took",
                (json_int_t)((lede_time_monotonic_ns() - started_ns) / 1000000), "responses",
                answers));
    else
        lede_elastic_fail(request, reply, &error);
}

/* ---- Scrolls ---- */

void lede_elastic_scroll(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const known[] = {"scroll_id", "scroll", NULL};
    struct elastic_scroll scroll = {0};
    struct lede_error error = {0};
    json_auto_t *body = NULL;
    json_t *answer = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_SCROLL, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_keys(body, known, "a scroll", &error);
    const char *id = json_string_value(json_object_get(body, "scroll_id"));
    id = id ? id : lede_elastic_parameter(request, "scroll_id");
    if (st == LEDE_OK && !id)
        st = lede_fail(&error, LEDE_EINPUT, "expected 'scroll_id'");
    if (st == LEDE_OK)
        st = lede_elastic_scroll_read(id, &scroll, &error);
    if (st == LEDE_OK)
        st = lede_elastic_search_answer(worker, request, scroll.body, &scroll, &answer, &error);
    json_decref(scroll.whole);
    if (st == LEDE_OK)
        lede_elastic_reply(request, reply, 200, answer);
    else
        lede_elastic_fail(request, reply, &error);
}

/* Nothing is kept for it, so nothing has to be let go. */
static void let_go(struct lede_http_request *request, struct lede_http_reply *reply,
    enum elastic_taker taker, const char *const *known)
{
    struct lede_error error = {0};
    json_auto_t *body = NULL;
    if (!lede_elastic_begin(request, taker, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_keys(body, known, "what is to be closed", &error);
    if (st == LEDE_OK)
        lede_elastic_reply(
            request, reply, 200, json_pack("{s:b, s:i}", "succeeded", 1, "num_freed", 1));
    else
        lede_elastic_fail(request, reply, &error);
}

void lede_elastic_scroll_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const known[] = {"scroll_id", NULL};
    (void)worker;
    let_go(request, reply, ELASTIC_TAKER_SCROLL, known);
}

void lede_elastic_pit_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const known[] = {"id", NULL};
    (void)worker;
    let_go(request, reply, ELASTIC_TAKER_PIT, known);
}

/* Pages behind a hit need no state: the order by date and id is one that no write changes. */
void lede_elastic_pit(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_PIT, reply))
        return;
    lede_elastic_reply(request, reply, 200, json_pack("{s:s}", "id", lede_elastic_name(request)));
}
