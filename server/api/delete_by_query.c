/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /documents/delete: delete what matches, only if as many match as the client says; also what
 * is hidden, for who may write. What matches is listed once, by number; then ids and versions are
 * read in that order. */
#include "endpoints.h"
#include "json_out.h"
#include "lede/time.h"
#include "problem.h"
#include "search_execute.h"
#include "visible.h"

#include <string.h>

static enum lede_status check_confirm(int64_t confirm, size_t count, struct lede_error *reterr)
{
    if (confirm < 0) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "expected the number of documents that match, which is %zu now", count);
        return lede_param_blame(reterr, "confirm");
    }
    if (count != (size_t)confirm)
        return lede_fail(reterr, LEDE_EPRECONDITION,
            "%zu documents match, hidden ones among them, confirm says %lld: nothing was deleted",
            count, (long long)confirm);
    return LEDE_OK;
}

struct deletion {
    struct lede_bulk *bulk;
    uint64_t deadline_monotonic_ns;
};

/* Each is deleted in the version that matched: one that changed meanwhile may match no more. */
static enum lede_status add_delete(void *context, const char *id, size_t id_size,
    const unsigned char digest[16], struct lede_error *reterr)
{
    struct deletion *deletion = context;
    struct lede_write write = {.kind = LEDE_WRITE_DELETE, .has_if_match = true};
    if (lede_time_monotonic_ns() >= deletion->deadline_monotonic_ns)
        return lede_fail(reterr, LEDE_ETIMEOUT, "the time ran out among the ids");
    write.id = strndup(id, id_size);
    if (!write.id)
        return lede_fail_memory(reterr);
    memcpy(write.if_match, digest, sizeof(write.if_match));
    return lede_bulk_add(deletion->bulk, &write, reterr);
}

/* All or none: until finish nothing is deleted, and from there on everything is, however long it
 * takes. The reader is not refreshed in between. */
static enum lede_status delete_matches(struct lede_api_worker *worker,
    const struct lede_search_run *run, const struct lede_match_list *matches,
    uint64_t *ret_revision, struct lede_error *reterr)
{
    struct lede_bulk_options options = {.atomic = true};
    LEDE_CLEANUP(lede_bulk_freep) struct lede_bulk *bulk = NULL;
    enum lede_status st = lede_bulk_new(worker->api->store, &options, &bulk, reterr);
    struct deletion deletion = {bulk, run->deadline_monotonic_ns};
    if (st == LEDE_OK)
        st = lede_reader_visit_matches(worker->reader, matches, add_delete, &deletion, reterr);
    if (st == LEDE_OK)
        st = lede_bulk_finish(bulk, ret_revision, reterr);
    if (st == LEDE_EINVALID)
        return lede_fail(
            reterr, LEDE_EPRECONDITION, "documents changed meanwhile: nothing was deleted");
    return st;
}

static enum lede_status run_deletion(struct lede_api_worker *worker, struct lede_search_run *run,
    size_t *ret_count, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_match_list_freep) struct lede_match_list *matches = NULL;
    bool reached = true;
    enum lede_status st = lede_search_run_prepare(worker, run, &reached, reterr);
    run->search.search.with_hidden = worker->sees_hidden;
    run->search.search.sort = LEDE_SORT_OLDEST;
    if (st == LEDE_OK)
        st = lede_visible_list_matches(worker, &run->search.search, &matches, reterr);
    size_t count = matches ? lede_match_list_count(matches) : 0;
    if (st == LEDE_OK)
        st = check_confirm(run->search.confirm, count, reterr);
    if (st == LEDE_OK && count > 0)
        st = delete_matches(worker, run, matches, &run->revision, reterr);
    if (st == LEDE_OK)
        *ret_count = count;
    if (st == LEDE_ETIMEOUT) {
        (void)lede_fail(reterr, st,
            "the documents that match could not all be found within %u ms: "
            "nothing was deleted",
            run->search.timeout_ms);
        lede_error_hint(reterr, "ask again with a longer timeout");
    }
    if (st == LEDE_ELIMIT && count > 0) {
        (void)lede_fail(reterr, st,
            "%zu documents are more than can be deleted at once: nothing "
            "was deleted",
            count);
        lede_error_hint(reterr, "delete them in parts, as by after and before");
    }
    return st;
}

static void reply_deletion_error(struct lede_http_reply *reply,
    const struct lede_http_request *request, const struct lede_error *error)
{
    if (error->status == LEDE_EPRECONDITION)
        lede_reply_problem(reply, request, lede_problem_named("confirmation-failed"), error);
    else if (error->status == LEDE_ELIMIT && !error->param[0])
        lede_reply_error(reply, request, error);
    else
        lede_reply_search_error(reply, request, error);
}

void lede_endpoint_delete_by_query(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    LEDE_CLEANUP(lede_search_run_done)
    struct lede_search_run run = {.taker = LEDE_TAKER_DELETE};
    struct lede_error error = {0};
    size_t count = 0;
    enum lede_status st = lede_search_run_take_body(request, &run, &error);
    if (st == LEDE_OK)
        st = run_deletion(worker, &run, &count, &error);
    if (st != LEDE_OK) {
        reply_deletion_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/json";
    lede_buffer_append_char(&reply->body, '{');
    lede_json_member_uint(&reply->body, "deleted", count);
    lede_json_member_uint(&reply->body, "revision", run.revision);
    lede_buffer_append_string(&reply->body, "}\n");
}
