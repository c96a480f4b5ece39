/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET and POST /export.ndjson, /export.csv, /export.txt: all that a search finds, in a stream.
 *
 * An export has a reader of its own, which sees the archive as it was when it began. Numbers of
 * hits are listed, some thousands at a time, each list by a search behind the last hit of the one
 * before; then documents are read one by one, until a piece is full. So it takes no more memory
 * for a million hits than for a thousand. Between its pieces no thread has it. */
#include "export.h"

#include "endpoints.h"
#include "export_formats.h"
#include "feedback.h"
#include "lede/time.h"
#include "problem.h"
#include "search_execute.h"
#include "visible.h"

#include <stdlib.h>
#include <string.h>

struct export
{
    struct lede_api *api;
    const struct lede_export_format *format;
    struct lede_reader *reader;
    struct lede_grant grant; /* of the request: later turns are bound to it, too */
    struct lede_search_run run;
    uint32_t *documents; /* numbers of hits that are listed */
    size_t count, at;
    size_t wanted;                  /* hits that may still be listed */
    struct lede_search_after after; /* the last one that was; its id is owned */
    bool has_more;
};

static void export_free(struct export *export)
{
    if (!export)
        return;
    __atomic_sub_fetch(&export->api->exports, 1, __ATOMIC_SEQ_CST);
    lede_search_run_done(&export->run);
    lede_reader_free(export->reader);
    lede_buffer_done(&export->grant.filters);
    free((char *)(uintptr_t) export->after.id);
    free(export->documents);
    free(export);
}

static void export_freep(struct export **export)
{
    export_free(*export);
    *export = NULL;
}

static enum lede_status export_new(struct lede_api_worker *worker,
    const struct lede_export_format *format, struct export **ret_export, struct lede_error *reterr)
{
    uint32_t count = __atomic_add_fetch(&worker->api->exports, 1, __ATOMIC_SEQ_CST);
    LEDE_CLEANUP(export_freep) struct export *export = calloc(1, sizeof(*export));
    if (!export) {
        __atomic_sub_fetch(&worker->api->exports, 1, __ATOMIC_SEQ_CST);
        return lede_fail_memory(reterr);
    }
    export->api = worker->api;
    export->format = format;
    export->run.taker = format->taker;
    export->grant.rights = worker->sees_hidden ? UINT32_MAX : 0;
    if (worker->filters)
        lede_buffer_append_string(&export->grant.filters, worker->filters);
    if (count > LEDE_EXPORTS_MAX)
        return lede_fail(reterr, LEDE_EBUSY, "%d exports are under way", LEDE_EXPORTS_MAX);
    if (export->grant.filters.failed)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_reader_open(worker->api->store, &export->reader, reterr);
    if (st == LEDE_OK)
        *ret_export = LEDE_TAKE(&export);
    return st;
}

/* ---- Which documents ---- */

/* Is each list a search behind the last hit of the one before? */
static bool is_ordered(const struct lede_search *search)
{
    return search->sort != LEDE_SORT_RELEVANCE && search->collapse_slot == LEDE_SLOT_NONE;
}

static enum lede_status fail_too_many(struct lede_error *reterr)
{
    (void)lede_fail(reterr, LEDE_EINPUT,
        "sort: expected newest or oldest, without collapse, where more than %d hits are found",
        LEDE_EXPORT_RANKED_MAX);
    lede_error_param(reterr, "sort");
    return LEDE_EINPUT;
}

/* Where the list ends, for the next one to begin there. */
static enum lede_status note_last(struct lede_api_worker *worker, struct export *export,
    const struct lede_hit *last, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_hit hit;
    enum lede_status st = lede_visible_read_hit(worker, last->docid, &arena, &hit, reterr);
    if (st == LEDE_OK)
        st = lede_stored_read(hit.stored, hit.stored_size, &stored, reterr);
    if (st != LEDE_OK)
        return st;
    char *id = strdup(hit.id);
    if (!id)
        return lede_fail_memory(reterr);
    free((char *)(uintptr_t) export->after.id);
    export->after = (struct lede_search_after){stored->published_utc_s, id};
    return LEDE_OK;
}

static enum lede_status take_list(struct lede_api_worker *worker, struct export *export,
    const struct lede_search_result *result, size_t asked, struct lede_error *reterr)
{
    uint32_t *documents = calloc(result->hit_count + 1, sizeof(*documents));
    if (!documents)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < result->hit_count; i++)
        documents[i] = result->hits[i].docid;
    free(export->documents);
    export->documents = documents;
    export->count = result->hit_count;
    export->at = 0;
    export->wanted -= result->hit_count;
    export->has_more = export->wanted > 0 && result->hit_count == asked;
    return export->has_more
               ? note_last(worker, export, &result->hits[result->hit_count - 1], reterr)
               : LEDE_OK;
}

static enum lede_status list_more(
    struct lede_api_worker *worker, struct export *export, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result result = {0};
    struct lede_search search = export->run.search.search;
    size_t most = is_ordered(&search) ? LEDE_EXPORT_BATCH : LEDE_EXPORT_RANKED_MAX;
    search.match_only = true;
    search.limit = (uint32_t)(export->wanted < most ? export->wanted : most);
    search.after_hit = export->after.id ? &export->after : NULL;
    search.deadline_monotonic_ns =
        lede_time_monotonic_ns() + export->run.search.timeout_ms * UINT64_C(1000000);
    enum lede_status st = lede_visible_search(worker, &search, &result, reterr);
    if (st == LEDE_OK && result.timed_out) {
        (void)lede_fail(reterr, LEDE_ETIMEOUT, "the hits could not all be found within %u ms",
            (unsigned)export->run.search.timeout_ms);
        lede_error_hint(reterr, "ask again with a longer timeout");
        return LEDE_ETIMEOUT;
    }
    if (st == LEDE_OK)
        st = take_list(worker, export, &result, search.limit, reterr);
    if (st == LEDE_OK && export->has_more && !is_ordered(&search))
        return fail_too_many(reterr);
    return st;
}

/* ---- Pieces ---- */

static enum lede_status write_next(struct lede_api_worker *worker, struct export *export,
    struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_hit hit;
    enum lede_status st = lede_api_worker_go_on(worker, reterr);
    if (st == LEDE_OK)
        st = lede_visible_read_hit(worker, export->documents[export->at++], &arena, &hit, reterr);
    if (st == LEDE_OK)
        st = lede_stored_read(hit.stored, hit.stored_size, &stored, reterr);
    if (st == LEDE_OK && (export->format->write(&export->run.search, stored, out) != LEDE_OK ||
                             lede_buffer_status(out) != LEDE_OK))
        return lede_fail_memory(reterr);
    return st;
}

/* Write until a piece is full. ret_ended: nothing is left. */
static enum lede_status write_piece(struct lede_api_worker *worker, struct export *export,
    struct lede_buffer *out, bool *ret_ended, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && out->size < LEDE_EXPORT_PIECE_BYTES) {
        if (export->at < export->count)
            st = write_next(worker, export, out, reterr);
        else if (export->has_more)
            st = list_more(worker, export, reterr);
        else
            break;
    }
    *ret_ended = export->at == export->count && !export->has_more;
    return st;
}

/* The parameters of a request, and the first list. */
static enum lede_status begin(struct lede_api_worker *worker, struct lede_http_request *request,
    struct export *export, struct lede_error *reterr)
{
    struct lede_search_run *run = &export->run;
    bool is_post = strcmp(lede_http_request_method(request), "POST") == 0;
    bool reached = true;
    enum lede_status st = is_post ? lede_search_run_take_body(request, run, reterr)
                                  : lede_search_run_take_query(request, run, reterr);
    if (st == LEDE_OK)
        st = lede_search_run_prepare(worker, run, &reached, reterr);
    if (st == LEDE_OK && !reached)
        st = lede_fail(reterr, LEDE_ETIMEOUT, "revision %llu could not be searched within %u ms",
            (unsigned long long)run->search.min_revision, (unsigned)run->search.timeout_ms);
    if (st == LEDE_OK)
        st = lede_feedback_find(worker, run, reterr);
    export->wanted = run->search.search.limit > 0 ? run->search.search.limit : SIZE_MAX;
    return st == LEDE_OK ? list_more(worker, export, reterr) : st;
}

static void write_head(struct lede_http_reply *reply, const struct lede_export_format *format)
{
    reply->status = 200;
    reply->media_type = format->media_type;
    lede_http_reply_header(
        reply, "Content-Disposition", "attachment; filename=\"%s\"", format->file_name);
    /* What is withheld or expires must not be shown again from a cache. */
    lede_http_reply_header(reply, "Cache-Control", "no-store");
}

/* One turn, on the export's own reader. Returns true where there are more. */
static bool write_turn(struct lede_api_worker *worker, struct lede_http_request *request,
    struct export *export, bool is_first, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    struct lede_reader *reader = worker->reader;
    bool has_ended = true;
    lede_api_worker_bind(worker, &export->grant);
    worker->reader = export->reader;
    enum lede_status st = is_first ? begin(worker, request, export, &error) : LEDE_OK;
    if (st == LEDE_OK && is_first)
        export->format->begin(&export->run.search, &reply->body);
    if (st == LEDE_OK)
        st = write_piece(worker, export, &reply->body, &has_ended, &error);
    worker->reader = reader;
    size_t held = sizeof(*export) + export->count * sizeof(*export->documents);
    if (st == LEDE_OK && !has_ended)
        st = lede_http_request_keep(request, export, held, &error);
    if (st == LEDE_OK)
        write_head(reply, export->format);
    else if (is_first)
        lede_reply_search_error(reply, request, &error);
    else
        lede_reply_error(reply, request, &error); /* nobody sees it but the log */
    return st == LEDE_OK && !has_ended;
}

static void answer(struct lede_api_worker *worker, struct lede_http_request *request,
    enum lede_export_format_id format, struct lede_http_reply *reply)
{
    LEDE_CLEANUP(export_freep) struct export *export = lede_http_request_state(request);
    struct lede_error error = {0};
    bool is_first = !export;
    if (!is_first && lede_http_request_is_over(request))
        return;
    if (is_first && export_new(worker, lede_export_format_at(format), &export, &error) != LEDE_OK) {
        lede_reply_error(reply, request, &error);
        return;
    }
    reply->continues = write_turn(worker, request, export, is_first, reply);
    if (reply->continues)
        (void)LEDE_TAKE(&export);
}

void lede_endpoint_export_ndjson(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_EXPORT_NDJSON, reply);
}

void lede_endpoint_export_csv(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_EXPORT_CSV, reply);
}

void lede_endpoint_export_text(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    answer(worker, request, LEDE_EXPORT_TEXT, reply);
}
