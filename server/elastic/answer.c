/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "answer.h"

#include "elastic.h"
#include "filter_path.h"
#include "lede/import.h"
#include "negotiation.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PRODUCT_HEADER "X-Elastic-Product"
#define PRODUCT "Elasticsearch"

/* ---- Names ---- */

static const struct lede_elastic *elastic_of(const struct lede_http_request *request)
{
    const struct lede_api *api = lede_http_request_context(request);
    return api->settings.interface->context;
}

const char *lede_elastic_name(const struct lede_http_request *request)
{
    return elastic_of(request)->names[0];
}

const char *lede_elastic_index(const struct lede_http_request *request)
{
    const char *path = lede_http_request_route(request)->path;
    const char *at = strstr(path, "{index}");
    return at ? lede_http_request_path_parameter(request, 0, NULL) : NULL;
}

enum lede_status lede_elastic_check_index(
    const struct lede_http_request *request, const char *name, struct lede_error *reterr)
{
    const struct lede_elastic *elastic = elastic_of(request);
    while (name && *name) {
        size_t size = strcspn(name, ",");
        bool is_excluded = name[0] == '-' && size > 1;
        if (!is_excluded && !lede_elastic_is_named(elastic, name, size)) {
            (void)lede_fail(
                reterr, LEDE_ENOTFOUND, "no such index [%.*s]", (int)(size < 80 ? size : 80), name);
            lede_error_hint(reterr,
                "the archive is called '%.80s': [elastic] indices in lede.ini has its names",
                elastic->names[0]);
            lede_error_param(reterr, "index");
            return LEDE_ENOTFOUND;
        }
        name += size + (name[size] == ',');
    }
    return LEDE_OK;
}

/* ---- Bodies ---- */

/* A form of another site's page can post text without asking first, but not as one of these. */
static bool is_json(const struct lede_http_request *request)
{
    static const char *const types[] = {"application/json", "application/x-ndjson",
        "application/vnd.elasticsearch+json", "application/vnd.elasticsearch+x-ndjson"};
    for (size_t i = 0; i < LEDE_COUNT_OF(types); i++) {
        if (lede_request_is(request, types[i]))
            return true;
    }
    return lede_request_is_untyped(request);
}

enum lede_status lede_elastic_text(const struct lede_http_request *request,
    struct lede_buffer *decoded, const char **ret_text, size_t *ret_size, struct lede_error *reterr)
{
    size_t size = 0;
    (void)lede_http_request_body(request, &size);
    if (size > 0 && !is_json(request))
        return lede_fail(reterr, LEDE_EMEDIATYPE,
            "expected Content-Type application/json, application/x-ndjson or Elasticsearch's");
    return lede_request_text(request, decoded, ret_text, ret_size, reterr);
}

enum lede_status lede_elastic_object(
    const struct lede_http_request *request, json_t **ret_object, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer decoded = {0};
    json_auto_t *json = NULL;
    const char *text = NULL;
    size_t size = 0;
    enum lede_status st = lede_elastic_text(request, &decoded, &text, &size, reterr);
    if (st != LEDE_OK)
        return st;
    if (strspn(text, " \t\r\n") >= size)
        json = json_object();
    else
        st = lede_json_parse(text, size, &json, reterr);
    if (st == LEDE_OK && !json)
        return lede_fail_memory(reterr);
    if (st == LEDE_OK && !json_is_object(json))
        return lede_fail(reterr, LEDE_EINPUT, "expected a JSON object as the body");
    if (st == LEDE_OK)
        *ret_object = LEDE_TAKE(&json);
    return st;
}

enum lede_status lede_elastic_check_keys(
    const json_t *object, const char *const *known, const char *what, struct lede_error *reterr)
{
    const char *key = NULL;
    json_t *value = NULL;
    if (!json_is_object(object))
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected an object", what);
    json_object_foreach ((json_t *)object, key, value) {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (known[i])
            continue;
        (void)lede_fail(reterr, LEDE_EINPUT, "unknown field [%.60s] in %s", key, what);
        char names[160] = "";
        for (i = 0; known[i]; i++) {
            size_t used = strlen(names);
            snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? ", " : "", known[i]);
        }
        lede_error_hint(reterr, "it takes %s", names);
        return LEDE_EINPUT;
    }
    return LEDE_OK;
}

bool lede_elastic_begin(const struct lede_http_request *request, enum elastic_taker taker,
    struct lede_http_reply *reply)
{
    struct lede_error error = {0};
    enum lede_status st = lede_elastic_check_parameters(request, taker, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_index(request, lede_elastic_index(request), &error);
    if (st != LEDE_OK)
        lede_elastic_fail(request, reply, &error);
    return st == LEDE_OK;
}

/* ---- Answers ---- */

/* The media type that was asked for, which names the version of its client. */
static const char *media_type(const struct lede_http_request *request)
{
    const char *accept = lede_http_request_header(request, "Accept");
    const char *own = accept ? strstr(accept, "application/vnd.elasticsearch+json") : NULL;
    const char *version = own ? strstr(own, "compatible-with=") : NULL;
    if (!version)
        return "application/json";
    char number = version[strlen("compatible-with=")];
    return number == '9'   ? "application/vnd.elasticsearch+json;compatible-with=9"
           : number == '7' ? "application/vnd.elasticsearch+json;compatible-with=7"
                           : "application/vnd.elasticsearch+json;compatible-with=8";
}

static void write_json(
    const struct lede_http_request *request, const json_t *json, struct lede_buffer *out)
{
    lede_buffer_clear(out);
    if (lede_elastic_truth(request, "pretty")) {
        char *text = json_dumps(json, JSON_INDENT(2));
        if (text)
            lede_buffer_append_string(out, text);
        else
            out->failed = true;
        free(text);
    } else if (lede_json_append(json, out) != LEDE_OK) {
        out->failed = true;
    }
    lede_buffer_append_char(out, '\n');
}

void lede_elastic_reply(const struct lede_http_request *request, struct lede_http_reply *reply,
    int http_status, json_t *json)
{
    const char *paths = lede_elastic_parameter(request, "filter_path");
    json_auto_t *owned = json;
    json_auto_t *filtered = owned && paths ? lede_elastic_filter_path(owned, paths) : NULL;
    reply->status = http_status;
    reply->media_type = media_type(request);
    lede_http_reply_header(reply, PRODUCT_HEADER, "%s", PRODUCT);
    if (!owned || (paths && !filtered))
        reply->body.failed = true;
    else
        write_json(request, filtered ? filtered : owned, &reply->body);
}

void lede_elastic_reply_text(struct lede_http_reply *reply, struct lede_buffer *text)
{
    lede_buffer_done(&reply->body);
    reply->body = *text;
    *text = (struct lede_buffer){0};
    reply->status = 200;
    reply->media_type = "text/plain; charset=utf-8";
    lede_http_reply_header(reply, PRODUCT_HEADER, "%s", PRODUCT);
}

/* ---- Errors ---- */

static const struct {
    enum lede_status status;
    int http_status;
    const char *type;
} errors[] = {
    {LEDE_EINPUT, 400, "parsing_exception"},
    {LEDE_EUNSUPPORTED, 400, "illegal_argument_exception"},
    {LEDE_EINVALID, 400, "document_parsing_exception"},
    {LEDE_ENOTFOUND, 404, "resource_not_found_exception"},
    {LEDE_EEXISTS, 409, "version_conflict_engine_exception"},
    {LEDE_EPRECONDITION, 409, "version_conflict_engine_exception"},
    {LEDE_ELIMIT, 400, "illegal_argument_exception"},
    {LEDE_EMEDIATYPE, 406, "media_type_header_exception"},
    {LEDE_EBUSY, 429, "es_rejected_execution_exception"},
    {LEDE_ETIMEOUT, 503, "timeout_exception"},
    {LEDE_ESTOPPED, 503, "node_closed_exception"},
    {LEDE_ENOSPC, 507, "cluster_block_exception"},
};

/* The API's own refusals, by HTTP status. */
static const struct {
    int http_status;
    const char *type;
} refusals[] = {
    {401, "security_exception"},
    {403, "security_exception"},
    {404, "illegal_argument_exception"},
    {405, "illegal_argument_exception"},
    {413, "content_too_long_exception"},
    {415, "media_type_header_exception"},
    {429, "es_rejected_execution_exception"},
    {503, "es_rejected_execution_exception"},
};

static json_t *error_object(const char *type, const char *reason, const char *hint)
{
    return json_pack("{s:s, s:o}", "type", type, "reason",
        json_sprintf("%s%s%s", reason, hint[0] ? "; " : "", hint));
}

json_t *lede_elastic_error(const struct lede_error *error, int *ret_http_status)
{
    const char *type = "exception";
    *ret_http_status = 500;
    for (size_t i = 0; i < LEDE_COUNT_OF(errors); i++) {
        if (errors[i].status != error->status)
            continue;
        type = errors[i].type;
        *ret_http_status = errors[i].http_status;
    }
    if (error->status == LEDE_ENOTFOUND && strcmp(error->param, "index") == 0)
        type = "index_not_found_exception";
    if (error->status == LEDE_ENOTFOUND && strcmp(error->param, "document") == 0)
        type = "document_missing_exception";
    return error_object(type, error->message, error->hint);
}

static void reply_error(const struct lede_http_request *request, struct lede_http_reply *reply,
    int http_status, json_t *error)
{
    json_t *whole =
        error ? json_pack("{s:[O], s:O*, s:O*}", "root_cause", error, "type",
                    json_object_get(error, "type"), "reason", json_object_get(error, "reason"))
              : NULL;
    json_decref(error);
    lede_elastic_reply(request, reply, http_status,
        whole ? json_pack("{s:o, s:i}", "error", whole, "status", http_status) : NULL);
}

void lede_elastic_fail(const struct lede_http_request *request, struct lede_http_reply *reply,
    const struct lede_error *error)
{
    int http_status = 500;
    json_t *object = lede_elastic_error(error, &http_status);
    reply_error(request, reply, http_status, object);
    if (http_status == 503 || http_status == 429)
        lede_http_reply_header(reply, "Retry-After", "%d", 1);
    if (http_status >= 500 && !reply->reason)
        reply->reason = strdup(error->message);
}

void lede_elastic_show_problem(
    const struct lede_http_request *request, struct lede_http_reply *reply)
{
    if (!reply->media_type || strcmp(reply->media_type, "application/problem+json") != 0)
        return;
    json_auto_t *problem = json_loadb(reply->body.data, reply->body.size, 0, NULL);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const char *title = json_string_value(json_object_get(problem, "title"));
    const char *hint = json_string_value(json_object_get(problem, "hint"));
    const char *type = "exception";
    for (size_t i = 0; i < LEDE_COUNT_OF(refusals); i++) {
        if (refusals[i].http_status == reply->status)
            type = refusals[i].type;
    }
    reply_error(request, reply, reply->status,
        error_object(type,
            detail  ? detail
            : title ? title
                    : "",
            hint ? hint : ""));
}

/* ---- What has no route ---- */

/* Segments that begin with `_` are Elasticsearch's, and so is who asks for its media type. */
static bool is_ours(const struct lede_http_request *request)
{
    const char *path = lede_http_request_path(request);
    const char *accept = lede_http_request_header(request, "Accept");
    if (!path)
        return false;
    bool names_it = (strncmp(path, "/_", 2) == 0 ||
                     (strstr(path, "/_") && strncmp(path, "/documents/", 11) != 0));
    return names_it || (accept && strstr(accept, "vnd.elasticsearch+"));
}

/* What instead of an interface that is not offered? */
static const char *hint_of(const char *path)
{
    static const struct {
        const char *part, *hint;
    } hints[] = {
        {"_delete_by_query", "POST /documents/delete of Lede's own interface deletes by query"},
        {"_update_by_query", "write the documents anew by _bulk, or PATCH /documents/{id}"},
        {"_reindex", "lede import, or /export.ndjson into POST /documents"},
        {"_template", "fields need no template: Lede's are fixed, others are kept as they come"},
        {"_ilm", "there is no lifecycle: `expires` of a document hides it in its time"},
        {"_ingest", "there are no pipelines: a shipper's own filters do it"},
        {"_data_stream", "[elastic] indices takes a stream's name: logs-*"},
        {"_aliases", "[elastic] indices has the archive's names"},
        {"_settings", "lede.ini has the settings"},
        {"_nodes", "there is one node: switch sniffing off"},
        {"_stats", "GET /stats of Lede's own interface"},
        {"_snapshot", "POST /backup of Lede's own interface"},
        {"_sql", "GET /search of Lede's own interface has facets and histograms"},
        {"_async_search", "_search answers within its timeout"},
        {"_analyze", "GET /search with explain=true shows what becomes of a text"},
        {"_termvectors", "GET /documents/{id}/similar of Lede's own interface"},
        {"_validate", "GET /search with strict=true says where a query goes wrong"},
        {"_security", "lede key makes keys"},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(hints); i++) {
        if (strstr(path, hints[i].part))
            return hints[i].hint;
    }
    return "server/elastic/README.md has what is offered, GET /openapi.json Lede's own interface";
}

void lede_elastic_refuse(void *api, const struct lede_http_request *request, int status,
    const char *detail, const char *param, struct lede_http_reply *reply)
{
    lede_api_refuse(api, request, status, detail, param, reply);
    const struct lede_api *own = api;
    if (!own || !own->settings.interface || !is_ours(request))
        return;
    if (status != 404 && status != 405) {
        lede_elastic_show_problem(request, reply);
        return;
    }
    const char *path = lede_http_request_path(request);
    struct lede_error error = {0};
    if (status == 404 && !strstr(path, "/_") &&
        lede_elastic_check_index(request, path + 1, &error) == LEDE_ENOTFOUND) {
        lede_elastic_fail(request, reply, &error);
        return;
    }
    char reason[256];
    snprintf(reason, sizeof(reason), "no handler found for uri [%.120s] and method [%.20s]", path,
        lede_http_request_method(request));
    reply_error(request, reply, status == 404 ? 400 : status,
        error_object("illegal_argument_exception", reason, hint_of(path)));
}
