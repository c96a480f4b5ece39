/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /documents/{id}: one document read, put, patched, deleted. */
#include "endpoints.h"
#include "figures.h"
#include "json_out.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "negotiation.h"
#include "problem.h"
#include "visible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reply_failure(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error)
{
    const struct lede_problem *problem = lede_problem_of(error->status);
    if (error->status == LEDE_EINPUT)
        problem = lede_problem_named("malformed-json");
    lede_reply_problem(reply, request, problem, error);
}

#define ETAG_SIZE 35 /* 32 hexadecimal digits in quotes, and NUL */

static void write_etag(const unsigned char digest[16], char ret_etag[ETAG_SIZE])
{
    char hex[33];
    lede_hash_to_hex(digest, hex);
    snprintf(ret_etag, ETAG_SIZE, "\"%s\"", hex);
}

static void add_etag(struct lede_http_reply *reply, const unsigned char digest[16])
{
    char etag[ETAG_SIZE];
    write_etag(digest, etag);
    lede_http_reply_header(reply, "ETag", "%s", etag);
}

/* ---- Conditions ---- */

/* Read an ETag of ours, "32 hexadecimal digits" in quotes; a weak or foreign one matches nothing
 * and is read as zeros. */
static void parse_etag(const char *text, size_t size, unsigned char ret_digest[16])
{
    memset(ret_digest, 0, 16);
    if (size != 34 || text[0] != '"' || text[33] != '"')
        return;
    if (!lede_hex_read(text + 1, 32, ret_digest))
        memset(ret_digest, 0, 16);
}

/* Of several ETags the one that the document has, as far as it is seen now; else the first, which
 * will not match either. */
static void choose_etag(
    struct lede_api_worker *worker, const char *id, const char *list, unsigned char ret_digest[16])
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char current[16];
    bool is_first = true;
    bool is_known = lede_reader_refresh(worker->reader, NULL) == LEDE_OK &&
                    lede_visible_get(worker, id, strlen(id), &stored, current, NULL) == LEDE_OK;
    for (const char *at = list + strspn(list, " \t,"); *at; at += strspn(at, " \t,")) {
        unsigned char digest[16];
        size_t size = strcspn(at, " \t,");
        parse_etag(at, size, digest);
        at += size;
        if (is_first || (is_known && memcmp(digest, current, 16) == 0))
            memcpy(ret_digest, digest, 16);
        is_first = false;
    }
}

/* If-Match and If-None-Match: * become the write's conditions. */
static enum lede_status read_conditions(struct lede_api_worker *worker,
    const struct lede_http_request *request, const char *id, struct lede_write *write,
    struct lede_error *reterr)
{
    const char *match = lede_http_request_header(request, "If-Match");
    const char *none_match = lede_http_request_header(request, "If-None-Match");
    if (none_match && (strcmp(none_match, "*") != 0 || write->kind != LEDE_WRITE_INDEX))
        return lede_fail(reterr, LEDE_EINPUT,
            "If-None-Match: expected '*', and only with PUT, found '%.60s'", none_match);
    if (none_match)
        write->kind = LEDE_WRITE_CREATE;
    if (match && strcmp(match, "*") != 0) {
        write->has_if_match = true;
        if (strchr(match, ','))
            choose_etag(worker, id, match, write->if_match);
        else
            parse_etag(match, strlen(match), write->if_match);
    }
    return LEDE_OK;
}

static bool wants_any_version(const struct lede_http_request *request)
{
    const char *match = lede_http_request_header(request, "If-Match");
    return match && strcmp(match, "*") == 0;
}

/* ---- Reading ---- */

void lede_endpoint_document_get(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    unsigned char digest[16];
    size_t id_size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &id_size);
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = lede_reader_refresh(worker->reader, &error);
    if (st == LEDE_OK)
        st = lede_visible_get(worker, id, id_size, &reply->body, digest, &error);
    if (st != LEDE_OK) {
        reply_failure(reply, request, &error);
        return;
    }
    add_etag(reply, digest);
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
    char etag[ETAG_SIZE];
    write_etag(digest, etag);
    reply->status = lede_request_knows(request, etag) ? 304 : 200;
    if (reply->status == 304) {
        lede_buffer_clear(&reply->body);
        return;
    }
    lede_buffer_append_char(&reply->body, '\n');
    reply->media_type = "application/json";
}

/* ---- Writing ---- */

static void reply_written(struct lede_http_reply *reply, const char *id,
    enum lede_write_outcome outcome, const unsigned char digest[16], uint64_t revision)
{
    struct lede_buffer *out = &reply->body;
    reply->status = outcome == LEDE_CREATED ? 201 : 200;
    reply->media_type = "application/json";
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "id", id);
    lede_json_member_string(out, "result", lede_outcome_name(outcome));
    lede_json_member_uint(out, "revision", revision);
    lede_buffer_append_string(out, "}\n");
    add_etag(reply, digest);
}

/* The id of the path becomes the document's; one in the body must be the same. */
static enum lede_status parse_put(struct lede_api_worker *worker,
    const struct lede_http_request *request, const char *id, struct lede_document **ret_document,
    struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    enum lede_status st = lede_request_document(worker, request, "a document", &json, reterr);
    if (st != LEDE_OK)
        return st;
    const json_t *named = json_object_get(json, "id");
    if (named && (!json_is_string(named) || strcmp(json_string_value(named), id) != 0)) {
        st = lede_fail(reterr, LEDE_EINVALID, "id: expected '%.180s' as in the path, or none", id);
        if (reterr)
            strcpy(reterr->pointer, "/id");
        return st;
    }
    if (!named && json_object_set_new(json, "id", json_string(id)) != 0)
        return lede_fail(reterr, LEDE_EINVALID, "id: expected printable UTF-8");
    struct lede_document_context context = {
        .now_utc_s = lede_time_now_utc_s(), .detector = worker->detector};
    return lede_document_from_json(json, &context, ret_document, reterr);
}

/* The worst that a condition says is 412, whatever the store calls it. */
static void reply_write_failure(struct lede_api_worker *worker, struct lede_http_reply *reply,
    const struct lede_http_request *request, enum lede_write_kind kind, struct lede_error *error)
{
    if (kind == LEDE_WRITE_CREATE && error->status == LEDE_EEXISTS)
        error->status = LEDE_EPRECONDITION;
    if (error->status == LEDE_ENOTFOUND && wants_any_version(request))
        error->status = LEDE_EPRECONDITION;
    lede_figures_count_refused(worker->api, error->status);
    reply_failure(reply, request, error);
}

/* Write and answer; the write's contents are taken. */
static void write_and_reply(struct lede_api_worker *worker, const struct lede_http_request *request,
    struct lede_write *write, const char *id, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    enum lede_write_outcome outcome = LEDE_FAILED;
    unsigned char digest[16];
    uint64_t revision = 0;
    if (read_conditions(worker, request, id, write, &error) != LEDE_OK) {
        lede_write_done(write);
        lede_reply_error(reply, request, &error);
        return;
    }
    enum lede_write_kind kind = write->kind;
    enum lede_status st =
        lede_store_write(worker->api->store, write, &outcome, digest, &revision, &error);
    if (st != LEDE_OK) {
        reply_write_failure(worker, reply, request, kind, &error);
        return;
    }
    if (outcome == LEDE_DELETED)
        reply->status = 204;
    else
        reply_written(reply, id, outcome, digest, revision);
}

/* PUT with If-Match: * asks that there is a document; a condition of any version is a look-up
 * before. */
static enum lede_status require_existing(
    struct lede_api_worker *worker, const char *id, size_t id_size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
    unsigned char digest[16];
    enum lede_status st = lede_reader_refresh(worker->reader, reterr);
    if (st == LEDE_OK)
        st = lede_visible_get(worker, id, id_size, &stored, digest, reterr);
    return st;
}

void lede_endpoint_document_put(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    size_t id_size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &id_size);
    struct lede_write write = {.kind = LEDE_WRITE_INDEX};
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = LEDE_OK;
    if (strlen(id) != id_size)
        st = lede_fail(&error, LEDE_EINVALID, "id: expected printable UTF-8");
    if (st == LEDE_OK)
        st = parse_put(worker, request, id, &write.document, &error);
    if (st == LEDE_OK && wants_any_version(request))
        st = require_existing(worker, id, id_size, &error);
    if (st != LEDE_OK) {
        lede_write_done(&write);
        reply_write_failure(worker, reply, request, write.kind, &error);
        return;
    }
    write_and_reply(worker, request, &write, id, reply);
}

void lede_endpoint_document_patch(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    struct lede_write write = {.kind = LEDE_WRITE_PATCH};
    size_t id_size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &id_size);
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st =
        lede_request_document(context, request, "a merge patch (RFC 7396)", &write.patch, &error);
    if (st == LEDE_OK && !(write.id = strndup(id, id_size)))
        st = lede_fail_memory(&error);
    if (st != LEDE_OK) {
        lede_write_done(&write);
        reply_write_failure(context, reply, request, write.kind, &error);
        return;
    }
    write_and_reply(context, request, &write, id, reply);
}

void lede_endpoint_document_delete(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    size_t id_size = 0;
    const char *id = lede_http_request_path_parameter(request, 0, &id_size);
    struct lede_write write = {.kind = LEDE_WRITE_DELETE};
    if (lede_refuse_parameters(request, reply))
        return;
    enum lede_status st = LEDE_OK;
    if (!(write.id = strndup(id, id_size)))
        st = lede_fail_memory(&error);
    if (st == LEDE_OK)
        st = lede_visible_bind_write(context, &write, &error);
    if (st != LEDE_OK) {
        lede_write_done(&write);
        reply_write_failure(context, reply, request, write.kind, &error);
        return;
    }
    write_and_reply(context, request, &write, id, reply);
}
