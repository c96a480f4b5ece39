/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writes.h"

#include "answer.h"
#include "fields.h"
#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

const char *lede_elastic_op_name(enum elastic_op op)
{
    static const char *const names[] = {"index", "create", "update", "delete"};
    return names[op];
}

void lede_elastic_write_done(struct elastic_write *write)
{
    lede_write_done(&write->write);
    json_decref(write->upsert);
    write->upsert = NULL;
}

/* The id of the address or the action is the document's. */
static enum lede_status set_id(json_t *json, const char *id, struct lede_error *reterr)
{
    const json_t *own = json_object_get(json, "id");
    if (own && (!json_is_string(own) || strcmp(json_string_value(own), id) != 0))
        return lede_fail(
            reterr, LEDE_EINVALID, "id: expected '%.100s' as its _id says, or none", id);
    if (!own && json_object_set_new(json, "id", json_string(id)) != 0)
        return lede_fail(reterr, LEDE_EINVALID, "_id: expected printable UTF-8");
    return LEDE_OK;
}

/* Two lines of a log may say the same at two times: all that a document says makes its id. */
static enum lede_status make_id(json_t *json, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    unsigned char digest[16];
    char hex[33];
    if (json_object_get(json, "id") || json_object_get(json, "url"))
        return LEDE_OK;
    if (lede_json_append(json, &text) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_hash128(text.data, text.size, digest);
    lede_hash_to_hex(digest, hex);
    return json_object_set_new(json, "id", json_string(hex)) == 0 ? LEDE_OK
                                                                  : lede_fail_memory(reterr);
}

static enum lede_status read_document(const struct lede_api_worker *worker, const char *id,
    json_t *json, struct lede_write *write, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = lede_time_now_utc_s(),
        .detector = worker->detector,
        .bad_text = worker->api->settings.bad_text};
    enum lede_status st = lede_elastic_take_names(json, reterr);
    if (st == LEDE_OK)
        st = id ? set_id(json, id, reterr) : make_id(json, reterr);
    return st == LEDE_OK ? lede_document_from_json(json, &context, &write->document, reterr) : st;
}

static enum lede_status read_update(
    const char *id, json_t *json, struct elastic_write *out, struct lede_error *reterr)
{
    static const char *const known[] = {
        "doc", "doc_as_upsert", "upsert", "detect_noop", "_source", NULL};
    if (json_object_get(json, "script") || json_object_get(json, "scripted_upsert")) {
        (void)lede_fail(reterr, LEDE_EUNSUPPORTED, "script is not offered");
        lede_error_hint(reterr, "send the changed fields as doc");
        return LEDE_EUNSUPPORTED;
    }
    enum lede_status st = lede_elastic_check_keys(json, known, "an update", reterr);
    json_t *doc = json_object_get(json, "doc");
    json_t *upsert = json_is_true(json_object_get(json, "doc_as_upsert"))
                         ? doc
                         : json_object_get(json, "upsert");
    if (st == LEDE_OK && !json_is_object(doc))
        return lede_fail(reterr, LEDE_EINPUT, "expected 'doc', an object with what changes");
    if (st == LEDE_OK && upsert && !json_is_object(upsert))
        return lede_fail(reterr, LEDE_EINPUT, "upsert: expected a document");
    if (st == LEDE_OK && upsert && !(out->upsert = json_deep_copy(upsert)))
        return lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_elastic_take_names(doc, reterr);
    if (st != LEDE_OK)
        return st;
    out->write.patch = json_incref(doc);
    out->write.id = strdup(id);
    return out->write.id ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_elastic_write_read(const struct lede_api_worker *worker, enum elastic_op op,
    const char *id, json_t *json, struct elastic_write *ret_write, struct lede_error *reterr)
{
    static const enum lede_write_kind kinds[] = {
        LEDE_WRITE_INDEX, LEDE_WRITE_CREATE, LEDE_WRITE_PATCH, LEDE_WRITE_DELETE};
    ret_write->write.kind = kinds[op];
    if (op == ELASTIC_DELETE) {
        ret_write->write.id = strdup(id);
        return ret_write->write.id ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (!json_is_object(json))
        return lede_fail(reterr, LEDE_EINPUT, "expected a document, a JSON object");
    return op == ELASTIC_UPDATE ? read_update(id, json, ret_write, reterr)
                                : read_document(worker, id, json, &ret_write->write, reterr);
}

enum lede_status lede_elastic_write_upsert(const struct lede_api_worker *worker, const char *id,
    json_t *upsert, struct lede_write *ret_write, struct lede_error *reterr)
{
    json_auto_t *owned = upsert;
    *ret_write = (struct lede_write){.kind = LEDE_WRITE_CREATE};
    return read_document(worker, id, owned, ret_write, reterr);
}

json_t *lede_elastic_written(const char *index, const char *id, enum elastic_op op,
    enum lede_write_outcome outcome, int *ret_http_status)
{
    static const char *const results[] = {[LEDE_CREATED] = "created",
        [LEDE_UPDATED] = "updated",
        [LEDE_UNCHANGED] = "updated",
        [LEDE_OLDER] = "noop",
        [LEDE_DELETED] = "deleted",
        [LEDE_FAILED] = "not_found"};
    bool is_noop = op == ELASTIC_UPDATE && outcome == LEDE_UNCHANGED;
    *ret_http_status = outcome == LEDE_CREATED ? 201 : outcome == LEDE_FAILED ? 404 : 200;
    return json_pack("{s:s, s:s, s:i, s:s, s:{s:i, s:i, s:i}, s:i, s:i}", "_index", index, "_id",
        id, "_version", 1, "result", is_noop ? "noop" : results[outcome], "_shards", "total", 1,
        "successful", 1, "failed", 0, "_seq_no", 0, "_primary_term", 1);
}
