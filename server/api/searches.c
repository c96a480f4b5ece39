/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked by a body: POST /search, of one search or of several, and POST /similar.
 *
 * Each of several searches is answered as if it had come alone, one after the other. What is wrong
 * with one says nothing of the others; what is wrong with the list refuses all. */
#include "endpoints.h"
#include "json_out.h"
#include "negotiation.h"
#include "problem.h"
#include "search.h"

#include <stdlib.h>

#define SEARCHES_MAX 100
/* Answers are held until the last is made: together they show no more than one search may. */
#define HITS_MAX LEDE_LIMIT_MAX
#define HITS_DEFAULT 10

/* How many hits a search asks for; a limit that is none is its own problem, later. */
static size_t hits_of(const json_t *search)
{
    const json_t *limit = json_object_get(search, "limit");
    long long hits = json_is_string(limit) ? strtoll(json_string_value(limit), NULL, 10)
                     : limit               ? json_integer_value(limit)
                                           : HITS_DEFAULT;
    return hits < 0 ? 0 : hits > HITS_MAX ? HITS_MAX : (size_t)hits;
}

static enum lede_status check_list(const json_t *body, struct lede_error *reterr)
{
    const json_t *searches = json_object_get(body, "searches"), *one;
    size_t index, hits = 0, count = json_array_size(searches);
    if (json_object_size(body) > 1 || count == 0 || count > SEARCHES_MAX) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "expected a list of 1 to %d objects, each with parameters of its own, and nothing "
            "beside it",
            SEARCHES_MAX);
        return lede_param_blame(reterr, "searches");
    }
    json_array_foreach (searches, index, one) {
        hits += hits_of(one);
        if (!json_is_object(one))
            (void)lede_fail(
                reterr, LEDE_EINPUT, "expected an object, as POST /search has it, at %zu", index);
        else if (hits > HITS_MAX)
            (void)lede_fail(reterr, LEDE_EINPUT,
                "expected limits of %d together at most, which %zu is past", HITS_MAX, index);
        else
            continue;
        return lede_param_blame(reterr, "searches");
    }
    return LEDE_OK;
}

static void append_answer(struct lede_buffer *out, const struct lede_http_reply *one)
{
    size_t size = one->body.size;
    if (size > 0 && one->body.data[size - 1] == '\n')
        size--;
    lede_json_comma(out);
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "status", (uint64_t)one->status);
    lede_json_key(out, one->status == 200 ? "answer" : "problem");
    lede_buffer_append(out, one->body.data, size);
    lede_buffer_append_char(out, '}');
    out->failed = out->failed || one->body.failed;
}

static void answer_one(struct lede_api_worker *worker, struct lede_http_request *request,
    const json_t *parameters, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    LEDE_CLEANUP(lede_http_reply_done) struct lede_http_reply one = {0};
    struct lede_error error = {0};
    enum lede_status st = lede_search_run_take_object(request, parameters, &run, &error);
    lede_search_answer(worker, request, &one, &run, st, &error);
    append_answer(out, &one);
}

static void answer_all(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, const json_t *body, struct lede_error *error)
{
    const json_t *searches = json_object_get(body, "searches");
    struct lede_buffer *out = &reply->body;
    enum lede_status st = check_list(body, error);
    lede_buffer_append_string(out, "{\"answers\":[");
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(searches); i++) {
        if (i > 0)
            lede_api_worker_begin_next(worker);
        answer_one(worker, request, json_array_get(searches, i), out);
        if (lede_api_worker_is_left(worker))
            return; /* it is begun anew, or nobody waits for it */
    }
    lede_buffer_append_string(out, "]}\n");
    if (st == LEDE_OK && out->failed)
        st = lede_fail_memory(error);
    if (st != LEDE_OK) {
        lede_buffer_clear(out);
        lede_reply_search_error(reply, request, error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
}

void lede_endpoint_search_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    struct lede_error error = {0};
    json_auto_t *json = NULL;
    enum lede_status st = lede_request_object(request, "the parameters of a search", &json, &error);
    bool are_several = st == LEDE_OK && json_object_get(json, "searches");
    if (are_several && lede_request_accepts(request, "application/json")) {
        answer_all(worker, request, reply, json, &error);
        return;
    }
    if (st == LEDE_OK && !are_several)
        st = lede_search_run_take_object(request, json, &run, &error);
    lede_search_reply(worker, request, reply, &run, st, &error);
}

/* ---- Like a text ---- */

/* The document that a body's `like` is: an object with texts, or the text alone. */
static enum lede_status read_like(struct lede_api_worker *worker, json_t *body,
    struct lede_document **ret_document, struct lede_error *reterr)
{
    const json_t *like = json_object_get(body, "like");
    struct lede_document_context context = {
        .now_utc_s = lede_time_now_utc_s(), .detector = worker->detector};
    json_auto_t *alone = NULL;
    if (!json_is_string(like) && !json_is_object(like)) {
        (void)lede_fail(reterr, LEDE_EINPUT, "expected a text, or a document with title and body");
        return lede_param_blame(reterr, "like");
    }
    if (json_is_string(like)) {
        alone = json_pack("{sO}", "body", like);
        if (!alone)
            return lede_fail_memory(reterr);
    }
    enum lede_status st =
        lede_document_from_json(alone ? alone : like, &context, ret_document, reterr);
    json_object_del(body, "like");
    return st;
}

void lede_endpoint_similar_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *like = NULL;
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {.similar_to = ""};
    struct lede_error error = {0};
    json_auto_t *json = NULL;
    enum lede_status st = lede_request_object(request, "like, and parameters", &json, &error);
    if (st == LEDE_OK)
        st = read_like(worker, json, &like, &error);
    if (st == LEDE_OK)
        st = lede_search_run_take_object(request, json, &run, &error);
    run.like = like;
    lede_search_reply(worker, request, reply, &run, st, &error);
}
