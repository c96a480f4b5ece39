/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /documents/delete: delete what matches, only if as many match as the client says. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/number.h"
#include "problem.h"
#include "search_execute.h"
#include "visible.h"

#include <string.h>

#define DELETE_PAGE 1000

static enum lede_status check_confirm(const struct lede_search_run *run, struct lede_error *reterr)
{
    int64_t confirm = run->search.confirm;
    if (confirm < 0) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "expected the number of documents that match, which is %u now", run->result.total);
        return lede_param_blame(reterr, "confirm");
    }
    if (run->result.timed_out)
        return lede_fail(
            reterr, LEDE_ETIMEOUT, "counting what matches took longer than the timeout");
    if (!run->result.total_is_exact || run->result.total != (uint64_t)confirm)
        return lede_fail(reterr, LEDE_EPRECONDITION,
            "%u documents match, confirm says %lld: nothing was deleted", run->result.total,
            (long long)confirm);
    return LEDE_OK;
}

/* Each is deleted in the version that matched: one that changed meanwhile may match no more. */
static enum lede_status add_deletes(
    struct lede_bulk *bulk, const struct lede_search_result *result, struct lede_error *reterr)
{
    for (size_t i = 0; i < result->hit_count; i++) {
        LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
        struct lede_write write = {.kind = LEDE_WRITE_DELETE};
        enum lede_status st = lede_document_from_stored(
            result->hits[i].stored, result->hits[i].stored_size, &document, reterr);
        if (st == LEDE_OK && !(write.id = strdup(document->id)))
            st = lede_fail_memory(reterr);
        write.has_if_match = true;
        lede_hash128(result->hits[i].stored, result->hits[i].stored_size, write.if_match);
        if (st == LEDE_OK)
            st = lede_bulk_add(bulk, &write, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

/* All or none, so pages are read before anything is deleted; the reader is not refreshed in
 * between. */
static enum lede_status delete_matches(struct lede_api_worker *worker,
    const struct lede_search_run *run, uint64_t *ret_revision, struct lede_error *reterr)
{
    struct lede_bulk_options options = {.atomic = true};
    LEDE_CLEANUP(lede_bulk_freep) struct lede_bulk *bulk = NULL;
    struct lede_search search = run->search.search;
    search.limit = DELETE_PAGE;
    search.sort = LEDE_SORT_OLDEST;
    search.facets = 0;
    search.histogram = LEDE_HISTOGRAM_NONE;
    search.deadline_monotonic_ns = 0;
    enum lede_status st = lede_bulk_new(worker->api->store, &options, &bulk, reterr);
    for (search.offset = 0; st == LEDE_OK && search.offset < run->result.total;
         search.offset += DELETE_PAGE) {
        struct lede_search_result page = {0};
        st = lede_visible_search(worker, &search, &page, reterr);
        if (st == LEDE_OK)
            st = add_deletes(bulk, &page, reterr);
        lede_search_result_done(&page);
    }
    if (st == LEDE_OK)
        st = lede_bulk_finish(bulk, ret_revision, reterr);
    if (st == LEDE_EINVALID)
        return lede_fail(
            reterr, LEDE_EPRECONDITION, "documents changed meanwhile: nothing was deleted");
    return st;
}

void lede_endpoint_delete_by_query(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    LEDE_CLEANUP(lede_search_run_done)
    struct lede_search_run run = {.taker = LEDE_TAKER_DELETE};
    struct lede_error error = {0};
    uint64_t revision = 0;
    enum lede_status st = lede_search_run_take_body(request, &run, &error);
    if (st == LEDE_OK)
        st = lede_search_run(worker, &run, &error);
    if (st == LEDE_OK)
        st = check_confirm(&run, &error);
    revision = run.revision;
    if (st == LEDE_OK && run.result.total > 0)
        st = delete_matches(worker, &run, &revision, &error);
    if (st == LEDE_EPRECONDITION) {
        lede_reply_problem(reply, request, lede_problem_named("confirmation-failed"), &error);
        return;
    }
    if (st != LEDE_OK) {
        lede_reply_search_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
    lede_buffer_append_char(&reply->body, '{');
    lede_json_member_uint(&reply->body, "deleted", run.result.total);
    lede_json_member_uint(&reply->body, "revision", revision);
    lede_buffer_append_string(&reply->body, "}\n");
}
