/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET and POST /search: the answer as JSON. */
#include "search.h"

#include "address.h"
#include "answers.h"
#include "clinic.h"
#include "cursor.h"
#include "endpoints.h"
#include "facets.h"
#include "feedback.h"
#include "hits.h"
#include "json_out.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "negotiation.h"
#include "over_shards.h"
#include "paging.h"
#include "problem.h"
#include "search_execute.h"
#include "search_explain.h"
#include "search_told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The parts before the hits ---- */

/* What was read as words; no member where nothing was. */
static void write_notes(struct lede_buffer *out, const struct lede_search_run *run)
{
    size_t count = 0;
    const struct lede_query_note *notes = lede_query_notes(run->query, &count);
    if (count == 0)
        return;
    lede_json_key(out, "notes");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_uint(out, "position", notes[i].start);
        lede_json_key(out, "text");
        lede_json_string(out, lede_search_run_text(run) + notes[i].start, notes[i].size);
        lede_json_member_string(out, "reason", notes[i].reason);
        lede_json_member_string(out, "hint", notes[i].hint);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

/* Patterns that stand for more words than are looked for. */
static void write_cuts(struct lede_buffer *out, const struct lede_search_run *run)
{
    lede_json_key(out, "cut");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < run->result.cut_count; i++) {
        const struct lede_expansion_cut *cut = &run->result.cuts[i];
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_key(out, "clause");
        lede_json_string(out, lede_search_run_text(run) + cut->leaf->start, cut->leaf->size);
        lede_json_member_uint(out, "used", cut->used);
        lede_json_member_uint(out, "left_out", cut->left_out);
        lede_json_member_bool(out, "scan_ended", cut->scan_ended);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static enum lede_status write_query(
    struct lede_buffer *out, const struct lede_search_run *run, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer parsed = {0};
    if (lede_feedback_print(run, &parsed) != LEDE_OK || lede_buffer_status(&parsed) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_json_key(out, "query");
    lede_buffer_append_char(out, '{');
    lede_json_key(out, "q");
    lede_json_string(out, run->search.q, run->search.q_size);
    lede_json_key(out, "parsed");
    lede_json_string(out, parsed.data, parsed.size);
    lede_json_key(out, "did_you_mean");
    if (run->did_you_mean.size > 0)
        lede_json_string(out, run->did_you_mean.data, run->did_you_mean.size);
    else
        lede_buffer_append_string(out, "null");
    lede_json_member_bool(out, "corrected", run->corrected);
    write_notes(out, run);
    if (lede_feedback_write(run, out) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (run->result.cut_count > 0)
        write_cuts(out, run);
    if (run->search.explain)
        lede_explain_query(out, run);
    if (run->clinic.size > 0) {
        lede_json_key(out, "clinic");
        lede_buffer_append(out, run->clinic.data, run->clinic.size);
    }
    lede_buffer_append_char(out, '}');
    return LEDE_OK;
}

static void write_total(const struct lede_api_worker *worker, struct lede_buffer *out,
    const struct lede_search_result *result)
{
    lede_json_key(out, "total");
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "value", result->total);
    /* A prefix that stands for too many words finds only the documents of the most frequent
     * ones. */
    bool exact = result->total_is_exact && result->cut_count == 0;
    bool is_partial = lede_over_shards_is_partial(worker);
    lede_json_member_string(out, "relation", is_partial ? "gte" : exact ? "eq" : "approx");
    lede_buffer_append_char(out, '}');
}

/* ---- The parts after the hits ---- */

/* The address of the next page, or null where this is the last. */
static enum lede_status write_next(
    struct lede_api_worker *worker, struct lede_buffer *out, struct lede_search_run *run)
{
    static const char *const pages[] = {"offset", "cursor", NULL};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer cursor = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    enum lede_status st = lede_paging_next(worker, run, &cursor);
    if (st != LEDE_OK)
        return st;
    lede_json_key(out, "next");
    if (cursor.size == 0) {
        lede_buffer_append_string(out, "null");
        return LEDE_OK;
    }
    lede_buffer_append_string(&address, run->prefix);
    lede_address_append(
        &address, run->path.size > 0 ? run->path.data : "/search", &run->params, pages);
    lede_address_append_parameter(&address, "cursor", cursor.data, cursor.size);
    if (address.failed)
        return LEDE_ENOMEM;
    lede_json_string(out, address.data, address.size);
    return LEDE_OK;
}

/* The ETag is of all that is said but the time it took: it holds as long as the same answer would
 * be given. */
static void write_etag(struct lede_http_reply *reply, struct lede_mark took, char ret_etag[32])
{
    const struct lede_buffer *out = &reply->body;
    size_t took_end = took.start + took.size;
    uint64_t hashes[2] = {lede_hash64(out->data, took.start),
        lede_hash64(out->data + took_end, out->size - took_end)};
    snprintf(
        ret_etag, 32, "W/\"%016llx\"", (unsigned long long)lede_hash64(hashes, sizeof(hashes)));
    lede_http_reply_header(reply, "ETag", "%s", ret_etag);
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
}

static void answer_not_modified(struct lede_http_request *request, struct lede_http_reply *reply)
{
    /* A condition of a POST would ask for another status; there it is not looked at. */
    bool is_post = strcmp(lede_http_request_method(request), "POST") == 0;
    for (size_t i = 0; !is_post && i < reply->header_count; i++) {
        if (strcmp(reply->headers[i].name, "ETag") != 0 ||
            !lede_request_knows(request, reply->headers[i].value))
            continue;
        reply->status = 304;
        reply->media_type = NULL;
        lede_buffer_clear(&reply->body);
    }
}

/* key  of lede_answers_find() */
static enum lede_status write_answer(struct lede_api_worker *worker, struct lede_search_run *run,
    struct lede_buffer *key, struct lede_http_reply *reply, struct lede_error *reterr)
{
    char etag[32];
    struct lede_buffer *out = &reply->body;
    /* Ahead of what stands before them: whether there was time for all that they show. */
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer hits = {0};
    (void)lede_api_worker_enter(worker, LEDE_STAGE_WRITE);
    enum lede_status st = lede_write_hits(worker, run, &hits, reterr);
    if (st == LEDE_OK && lede_buffer_status(&hits) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (st != LEDE_OK)
        return st;
    lede_buffer_append_char(out, '{');
    st = write_query(out, run, reterr);
    if (st != LEDE_OK)
        return st;
    write_total(worker, out, &run->result);
    struct lede_mark took = {.start = out->size};
    lede_json_member_decimal(out, "took_ms", run->took_ms, 3);
    took.size = out->size - took.start;
    lede_json_member_bool(out, "timed_out", run->result.timed_out || worker->out_of_time);
    lede_json_member_uint(out, "revision", run->revision);
    lede_over_shards_write(worker, out);
    lede_json_key(out, "hits");
    lede_buffer_append(out, hits.data, hits.size);
    lede_facets_write(out, run);
    if (write_next(worker, out, run) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_buffer_append_string(out, "}\n");
    if (out->failed)
        return lede_fail_memory(reterr);
    reply->status = 200;
    reply->media_type = "application/json";
    write_etag(reply, took, etag);
    lede_answers_keep(worker, run, key, reply, took, etag);
    return LEDE_OK;
}

void lede_search_answer(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, struct lede_search_run *run, enum lede_status st,
    struct lede_error *error)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer key = {0};
    run->tells_missing = true;
    if (st == LEDE_OK && lede_answers_find(worker, run, &key, reply)) {
        lede_search_tell(worker, run);
        return;
    }
    if (st == LEDE_OK)
        st = lede_search_run_corrected(worker, run, error);
    if (st == LEDE_OK && run->search.explain)
        st = lede_explain_gather(worker, run, error);
    if (st == LEDE_OK && !worker->asker)
        st = lede_clinic_run(worker, run, error);
    if (st == LEDE_OK)
        st = write_answer(worker, run, &key, reply, error);
    if (st == LEDE_OK)
        lede_search_tell(worker, run);
    else
        lede_reply_search_error(reply, request, error);
}

void lede_search_reply(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, struct lede_search_run *run, enum lede_status st,
    struct lede_error *error)
{
    if (!lede_request_accepts(request, "application/json")) {
        (void)lede_fail(error, LEDE_EINPUT,
            "expected Accept to allow application/json; other formats are at /search.atom, "
            "/search.rss, /search.jsonfeed and /search.csv");
        lede_reply_problem(reply, request, lede_problem_named("not-acceptable"), error);
        return;
    }
    lede_search_answer(worker, request, reply, run, st, error);
    if (reply->status == 200)
        answer_not_modified(request, reply);
}

void lede_endpoint_search(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    struct lede_error error = {0};
    enum lede_status st = lede_search_run_take_query(request, &run, &error);
    lede_search_reply(worker, request, reply, &run, st, &error);
}

enum lede_status lede_search_be_like(
    struct lede_search_run *run, const char *id, size_t size, struct lede_error *reterr)
{
    lede_buffer_append_string(&run->path, "/documents/");
    lede_percent_append(&run->path, id, size, LEDE_URI_UNRESERVED_MARKS);
    lede_buffer_append_string(&run->path, "/similar");
    run->similar_to = id;
    return lede_buffer_status(&run->path) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

void lede_endpoint_similar(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    struct lede_error error = {0};
    size_t size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &size);
    enum lede_status st = lede_search_run_take_query(request, &run, &error);
    if (st == LEDE_OK)
        st = lede_search_be_like(&run, id, size, &error);
    lede_search_reply(worker, request, reply, &run, st, &error);
}
