/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /queries: what was asked most, in vain, and slowest. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/number.h"
#include "lede/time.h"
#include "params.h"
#include "problem.h"
#include "queries.h"
#include "search_run.h"

#include <string.h>

#define HOUR_MS (3600 * 1000)
#define LIMIT_MAX 100

struct wanted {
    uint32_t hours;
    size_t limit;
};

static enum lede_status read_wanted(
    const struct lede_params *params, struct wanted *ret_wanted, struct lede_error *reterr)
{
    static const char *const names[] = {"window", "limit", NULL};
    const struct lede_param *window = NULL, *limit = NULL;
    int64_t window_ms = LEDE_QUERIES_HOURS * (int64_t)HOUR_MS, count = 20;
    enum lede_status st = lede_params_check_names(params, names, reterr);
    if (st == LEDE_OK)
        st = lede_params_single(params, "window", &window, reterr);
    if (st == LEDE_OK)
        st = lede_params_single(params, "limit", &limit, reterr);
    if (st != LEDE_OK)
        return st;
    if (window)
        st = lede_parse_duration_ms(
            window->value, window->size, LEDE_QUERIES_HOURS * (int64_t)HOUR_MS, &window_ms, reterr);
    if (st == LEDE_OK && window_ms < HOUR_MS)
        st = lede_fail(reterr, LEDE_EINPUT, "expected 1h to %dh", LEDE_QUERIES_HOURS);
    if (st != LEDE_OK)
        return lede_param_blame(reterr, "window");
    if (limit)
        st = lede_parse_int64(limit->value, limit->size, 1, LIMIT_MAX, &count, reterr);
    if (st != LEDE_OK)
        return lede_param_blame(reterr, "limit");
    *ret_wanted = (struct wanted){(uint32_t)((window_ms + HOUR_MS - 1) / HOUR_MS), (size_t)count};
    return LEDE_OK;
}

static void write_question(
    struct lede_buffer *out, enum lede_query_ranking ranking, const struct lede_question *question)
{
    char moment[21];
    bool by_time = ranking == LEDE_QUERIES_BY_TIME;
    lede_time_format(question->at_utc_s, moment);
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "q");
    if (question->has_text)
        lede_json_string(out, question->text, strlen(question->text));
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_bool(out, "cut", question->is_cut);
    if (by_time)
        lede_json_member_decimal(out, "ms", (double)question->weight / 1e6, 3);
    if (!by_time) {
        lede_json_member_uint(out, "count", question->weight);
        lede_json_member_uint(out, "over", question->over);
    }
    lede_json_member_uint(out, "hits", question->hits);
    lede_json_member_string(out, "at", moment);
    lede_json_member_string(out, "request", question->request_id);
    lede_buffer_append_char(out, '}');
}

static enum lede_status write_rankings(const struct lede_api *api, const struct wanted *wanted,
    struct lede_buffer *out, struct lede_error *reterr)
{
    static const char *const names[] = {[LEDE_QUERIES_BY_COUNT] = "most_asked",
        [LEDE_QUERIES_BY_VAIN] = "found_nothing",
        [LEDE_QUERIES_BY_TIME] = "slowest"};
    int64_t now_utc_s = lede_time_now_utc_s();
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "hours", wanted->hours);
    for (enum lede_query_ranking ranking = 0; ranking < LEDE_QUERY_RANKINGS; ranking++) {
        LEDE_CLEANUP(lede_questions_done) struct lede_questions questions = {0};
        if (lede_queries_rank(api->queries, ranking, wanted->hours, wanted->limit, now_utc_s,
                &questions) != LEDE_OK)
            return lede_fail_memory(reterr);
        if (ranking == 0) {
            lede_json_member_uint(out, "asked", questions.asked);
            lede_json_member_uint(out, "in_vain", questions.in_vain);
        }
        lede_json_key(out, names[ranking]);
        lede_buffer_append_char(out, '[');
        for (size_t i = 0; i < questions.count; i++)
            write_question(out, ranking, &questions.items[i]);
        lede_buffer_append_char(out, ']');
    }
    lede_buffer_append_string(out, "}\n");
    return LEDE_OK;
}

static enum lede_status answer(const struct lede_api_worker *worker,
    const struct lede_http_request *request, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_params_done) struct lede_params params = {0};
    struct wanted wanted = {0};
    enum lede_status st = lede_params_from_query(request, &params, reterr);
    if (st == LEDE_OK)
        st = read_wanted(&params, &wanted, reterr);
    return st == LEDE_OK ? write_rankings(worker->api, &wanted, out, reterr) : st;
}

void lede_endpoint_queries(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    if (answer(worker, request, &reply->body, &error) != LEDE_OK) {
        lede_buffer_clear(&reply->body);
        lede_reply_search_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}
