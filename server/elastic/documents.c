/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One document read, or several; one written. */
#include "answer.h"
#include "elastic.h"
#include "figures.h"
#include "shown.h"
#include "visible.h"
#include "writes.h"

#include <stdlib.h>
#include <string.h>

#define MGET_MAX 1000

/* ---- Reading ---- */

/* {"_index", "_id", "found", "_source"}; found false where there is none. ret_json: owner the
 * caller. Status: OK; what visible.c gives but ENOTFOUND. */
static enum lede_status get(struct lede_api_worker *worker, const char *index, const char *id,
    const struct elastic_source *source, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char digest[16];
    json_t *shown = NULL;
    enum lede_status st = lede_visible_get(worker, id, strlen(id), &stored, digest, reterr);
    if (st == LEDE_OK && !source->is_off)
        st = lede_elastic_show_source(stored.data, stored.size, source, &shown, reterr);
    if (st != LEDE_OK && st != LEDE_ENOTFOUND)
        return st;
    *ret_json =
        st == LEDE_OK
            ? json_pack("{s:s, s:s, s:i, s:i, s:i, s:b, s:o*}", "_index", index, "_id", id,
                  "_version", 1, "_seq_no", 0, "_primary_term", 1, "found", 1, "_source", shown)
            : json_pack("{s:s, s:s, s:b}", "_index", index, "_id", id, "found", 0);
    return *ret_json ? LEDE_OK : lede_fail_memory(reterr);
}

/* The `{id}` behind the `{index}`. */
static const char *id_of(const struct lede_http_request *request)
{
    return lede_http_request_path_parameter(request, 1, NULL);
}

static void get_one(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, bool is_source)
{
    struct elastic_source source = {0};
    struct lede_arena arena = {0};
    struct lede_error error = {0};
    json_auto_t *json = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_GET, reply))
        return;
    enum lede_status st = lede_elastic_read_source_parameters(request, &arena, &source, &error);
    if (st == LEDE_OK)
        st = lede_reader_refresh(worker->reader, &error);
    if (st == LEDE_OK)
        st = get(worker, lede_elastic_name(request), id_of(request), &source, &json, &error);
    bool is_found = json_is_true(json_object_get(json, "found"));
    if (st == LEDE_OK && is_source && !is_found)
        st = lede_fail(&error, LEDE_ENOTFOUND, "Document not found [%.80s]/[%.180s]",
            lede_elastic_name(request), id_of(request));
    lede_arena_done(&arena);
    if (st != LEDE_OK)
        lede_elastic_fail(request, reply, &error);
    else
        lede_elastic_reply(request, reply, is_found ? 200 : 404,
            json_incref(is_source ? json_object_get(json, "_source") : json));
}

void lede_elastic_document_get(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    get_one(worker, request, reply, false);
}

void lede_elastic_source_get(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    get_one(worker, request, reply, true);
}

/* One of `docs`, or one of `ids`. */
static enum lede_status get_named(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *named, struct lede_arena *arena,
    json_t *into, struct lede_error *reterr)
{
    static const char *const known[] = {"_index", "_id", "_source", "routing", NULL};
    struct elastic_source source = {0};
    const char *id = json_string_value(named);
    json_t *json = NULL;
    enum lede_status st = LEDE_OK;
    if (!id) {
        st = lede_elastic_check_keys(named, known, "docs", reterr);
        id = json_string_value(json_object_get(named, "_id"));
    }
    if (st == LEDE_OK && !id)
        return lede_fail(reterr, LEDE_EINPUT, "docs: expected '_id'");
    if (st == LEDE_OK)
        st = lede_elastic_check_index(
            request, json_string_value(json_object_get(named, "_index")), reterr);
    const json_t *wanted = json_object_get(named, "_source");
    if (st == LEDE_OK && wanted)
        st = lede_elastic_read_source(wanted, arena, &source, reterr);
    else if (st == LEDE_OK)
        st = lede_elastic_read_source_parameters(request, arena, &source, reterr);
    if (st == LEDE_OK)
        st = get(worker, lede_elastic_name(request), id, &source, &json, reterr);
    if (st == LEDE_OK && json_array_append_new(into, json) != 0)
        return lede_fail_memory(reterr);
    return st;
}

void lede_elastic_mget(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    static const char *const known[] = {"docs", "ids", NULL};
    struct lede_api_worker *worker = context;
    struct lede_arena arena = {0};
    struct lede_error error = {0};
    json_auto_t *body = NULL, *found = json_array();
    if (!lede_elastic_begin(request, ELASTIC_TAKER_GET, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_keys(body, known, "_mget", &error);
    const json_t *list = json_object_get(body, "docs");
    list = list ? list : json_object_get(body, "ids");
    if (st == LEDE_OK && (!json_is_array(list) || json_array_size(list) > MGET_MAX))
        st = lede_fail(
            &error, LEDE_EINPUT, "expected 'docs' or 'ids', a list of at most %d", MGET_MAX);
    if (st == LEDE_OK)
        st = found ? lede_reader_refresh(worker->reader, &error) : lede_fail_memory(&error);
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(list); i++)
        st = get_named(worker, request, json_array_get(list, i), &arena, found, &error);
    lede_arena_done(&arena);
    if (st == LEDE_OK)
        lede_elastic_reply(request, reply, 200, json_pack("{s:O}", "docs", found));
    else
        lede_elastic_fail(request, reply, &error);
}

/* ---- Writing ---- */

static enum lede_status body_of(const struct lede_api_worker *worker,
    const struct lede_http_request *request, json_t **ret_json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    const char *text = NULL;
    size_t size = 0, replaced = 0;
    enum lede_status st = lede_elastic_text(request, &decoded, &text, &size, reterr);
    return st == LEDE_OK ? lede_json_parse_identified(text, size, worker->api->settings.bad_text,
                               ret_json, &replaced, reterr)
                         : st;
}

/* ret_id  that of the document; owner: the caller, free() */
static enum lede_status write_one(struct lede_api_worker *worker, struct elastic_write *write,
    enum lede_write_outcome *ret_outcome, char **ret_id, struct lede_error *reterr)
{
    unsigned char digest[16];
    uint64_t revision = 0;
    *ret_id = strdup(write->write.document ? write->write.document->id : write->write.id);
    if (!*ret_id)
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_store_write(worker->api->store, &write->write, ret_outcome, digest, &revision, reterr);
    if (st != LEDE_ENOTFOUND || !write->upsert)
        return st;
    struct lede_write upsert = {0};
    st = lede_elastic_write_upsert(worker, *ret_id, LEDE_TAKE(&write->upsert), &upsert, reterr);
    if (st != LEDE_OK) {
        lede_write_done(&upsert);
        return st;
    }
    return lede_store_write(worker->api->store, &upsert, ret_outcome, digest, &revision, reterr);
}

static void reply_written(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, enum elastic_op op, struct elastic_write *write)
{
    LEDE_CLEANUP(lede_freep) char *id = NULL;
    struct lede_error error = {0};
    enum lede_write_outcome outcome = LEDE_FAILED;
    int http_status = 200;
    enum lede_status st = write_one(worker, write, &outcome, &id, &error);
    bool is_gone = st == LEDE_ENOTFOUND && op == ELASTIC_DELETE;
    if (st == LEDE_ENOTFOUND)
        lede_error_param(&error, "document");
    if (st != LEDE_OK)
        lede_figures_count_refused(worker->api, st);
    if (st != LEDE_OK && !is_gone) {
        lede_elastic_fail(request, reply, &error);
        return;
    }
    json_t *json = lede_elastic_written(
        lede_elastic_name(request), id, op, is_gone ? LEDE_FAILED : outcome, &http_status);
    lede_elastic_reply(request, reply, http_status, json);
}

static void write_document(struct lede_api_worker *worker, struct lede_http_request *request,
    struct lede_http_reply *reply, enum elastic_op op)
{
    struct elastic_write write = {0};
    struct lede_error error = {0};
    json_auto_t *json = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_WRITE, reply))
        return;
    const char *type = lede_elastic_parameter(request, "op_type");
    enum lede_status st = LEDE_OK;
    if (type && strcmp(type, "create") == 0)
        op = ELASTIC_CREATE;
    else if (type && strcmp(type, "index") != 0)
        st = lede_fail(&error, LEDE_EINPUT, "op_type: expected 'index' or 'create'");
    if (st == LEDE_OK && op != ELASTIC_DELETE)
        st = body_of(worker, request, &json, &error);
    if (st == LEDE_OK)
        st = lede_elastic_write_read(worker, op, id_of(request), json, &write, &error);
    if (st == LEDE_OK && op == ELASTIC_DELETE)
        st = lede_visible_bind_write(worker, &write.write, &error);
    if (st == LEDE_ENOTFOUND && op == ELASTIC_DELETE) {
        int unused = 0;
        lede_elastic_reply(request, reply, 404,
            lede_elastic_written(
                lede_elastic_name(request), id_of(request), op, LEDE_FAILED, &unused));
    } else if (st != LEDE_OK) {
        lede_figures_count_refused(worker->api, st);
        lede_elastic_fail(request, reply, &error);
    } else {
        reply_written(worker, request, reply, op, &write);
    }
    lede_elastic_write_done(&write);
}

void lede_elastic_document_index(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    write_document(worker, request, reply, ELASTIC_INDEX);
}

void lede_elastic_document_create(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    write_document(worker, request, reply, ELASTIC_CREATE);
}

void lede_elastic_document_update(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    write_document(worker, request, reply, ELASTIC_UPDATE);
}

void lede_elastic_document_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    write_document(worker, request, reply, ELASTIC_DELETE);
}
