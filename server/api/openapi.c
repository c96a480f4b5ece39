/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "openapi.h"

#include "lede/model.h"
#include "lede/number.h"
#include "lede/web.h"
#include "negotiation.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a row's values are, of a list each. */
static json_t *schema_of_values(const struct lede_search_param *row)
{
    json_t *schema = json_object();
    json_t *choices = json_array();
    const char *choice;
    for (size_t i = 0; (choice = lede_search_param_choice(row, i)); i++)
        json_array_append_new(choices, json_string(choice));
    if (json_array_size(choices) > 0)
        json_object_set(schema, "enum", choices);
    else
        json_object_set_new(schema, "type",
            json_string(row->shape == LEDE_PARAM_INTEGER   ? "integer"
                        : row->shape == LEDE_PARAM_BOOLEAN ? "boolean"
                                                           : "string"));
    json_decref(choices);
    if (row->shape == LEDE_PARAM_INTEGER)
        json_object_set_new(schema, "minimum", json_integer(row->min));
    if (row->shape == LEDE_PARAM_INTEGER && row->max != INT64_MAX)
        json_object_set_new(schema, "maximum", json_integer(row->max));
    if (row->shape == LEDE_PARAM_TEXT && row->max > 0)
        json_object_set_new(schema, "maxLength", json_integer(row->max));
    if (row->pattern)
        json_object_set_new(schema, "pattern", json_string(row->pattern));
    return schema;
}

static json_t *fallback_of(const struct lede_search_param *row)
{
    if (row->shape == LEDE_PARAM_INTEGER)
        return json_integer(strtoll(row->fallback, NULL, 10));
    if (row->shape == LEDE_PARAM_BOOLEAN)
        return json_boolean(strcmp(row->fallback, "true") == 0);
    if (row->shape != LEDE_PARAM_LIST)
        return json_string(row->fallback);
    json_t *list = json_array();
    for (const char *at = row->fallback; *at; at += strspn(at, ",")) {
        json_array_append_new(list, json_stringn(at, strcspn(at, ",")));
        at += strcspn(at, ",");
    }
    return list;
}

static json_t *schema_of(const struct lede_search_param *row)
{
    json_t *schema = schema_of_values(row);
    if (row->shape == LEDE_PARAM_LIST)
        schema = json_pack("{s:s, s:o}", "type", "array", "items", schema);
    if (row->fallback)
        json_object_set_new(schema, "default", fallback_of(row));
    return schema;
}

/* A filter says which key of documents it compares. */
static json_t *description_of(const struct lede_search_param *row)
{
    bool has_key = row->field && row->field->key;
    return has_key ? json_sprintf("Exact `%s`. %s", row->field->key, row->description)
                   : json_string(row->description);
}

static json_t *parameter_of(const struct lede_search_param *row)
{
    json_t *parameter = json_pack("{s:s, s:s, s:o, s:o}", "name", row->name, "in", "query",
        "description", description_of(row), "schema", schema_of(row));
    if (row->shape == LEDE_PARAM_LIST) {
        json_object_set_new(parameter, "style", json_string("form"));
        json_object_set_new(parameter, "explode", json_false());
    }
    return parameter;
}

/* The same as a member of a JSON body. */
static json_t *property_of(const struct lede_search_param *row)
{
    json_t *schema = schema_of(row);
    json_object_set_new(schema, "description", description_of(row));
    return schema;
}

/* Put what a route takes into the object that describes it. */
static void describe_parameters(json_t *operation, const struct lede_api_route *route)
{
    bool has_body = route->http.body_max > 0;
    json_t *all = has_body ? json_object() : json_array();
    struct lede_search_param row;
    for (size_t i = 0; lede_search_param_at(i, &row); i++) {
        if (!(row.takers & 1U << route->taker))
            continue;
        if (has_body)
            json_object_set_new(all, row.name, property_of(&row));
        else
            json_array_append_new(all, parameter_of(&row));
    }
    if (!has_body) {
        json_object_set_new(operation, "parameters", all);
        return;
    }
    json_t *body = json_object_get(operation, "requestBody");
    json_t *type = json_object_get(json_object_get(body, "content"), "application/json");
    json_t *schema = json_object_get(type, "schema");
    json_object_update_missing(all, json_object_get(schema, "properties"));
    json_object_set_new(schema, "properties", all);
}

/* Put in which key a route asks for, and how it is refused. */
static void describe_security(json_t *operation, const struct lede_api_route *route)
{
    static const char *const refusals[] = {"401", "403"};
    json_t *security = json_pack("[{s:[]}]", "key");
    json_t *responses = json_object_get(operation, "responses");
    if (route->taker == LEDE_TAKER_FEED)
        json_array_append_new(security, json_pack("{s:[]}", "feedKey"));
    json_object_set_new(operation, "security", security);
    json_object_set_new(operation, "x-right", json_string(lede_right_name(route->right)));
    for (size_t i = 0; i < LEDE_COUNT_OF(refusals); i++)
        json_object_set_new(
            responses, refusals[i], json_pack("{s:s}", "$ref", "#/components/responses/Problem"));
}

enum lede_status lede_openapi_write(const struct lede_api_route *routes, size_t count,
    struct lede_buffer *out, struct lede_error *reterr)
{
    const struct lede_web_asset *file = lede_web_asset_find("/openapi.json");
    json_auto_t *description =
        file ? json_loadb((const char *)file->data, file->size, 0, NULL) : NULL;
    json_t *paths = json_object_get(description, "paths");
    for (size_t i = 0; i < count; i++) {
        char method[8] = "";
        for (size_t k = 0; routes[i].http.method[k] && k + 1 < sizeof(method); k++)
            method[k] = (char)(routes[i].http.method[k] | 0x20);
        json_t *operation = json_object_get(json_object_get(paths, routes[i].http.path), method);
        if (!operation)
            return lede_fail(reterr, LEDE_EINTERNAL, "openapi.json: expected %s of '%s'", method,
                routes[i].http.path);
        if (routes[i].right != LEDE_RIGHT_NONE)
            describe_security(operation, &routes[i]);
        if (routes[i].taker != LEDE_TAKER_NONE)
            describe_parameters(operation, &routes[i]);
    }
    LEDE_CLEANUP(lede_freep) char *text = json_dumps(description, JSON_INDENT(1));
    if (!text)
        return lede_fail_memory(reterr);
    lede_buffer_append_format(out, "%s\n", text);
    return lede_buffer_status(out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

void lede_endpoint_openapi(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    const struct lede_buffer *text = &worker->api->openapi;
    char etag[24];
    if (lede_refuse_parameters(request, reply))
        return;
    snprintf(
        etag, sizeof(etag), "\"%016llx\"", (unsigned long long)lede_hash64(text->data, text->size));
    lede_http_reply_header(reply, "ETag", "%s", etag);
    lede_http_reply_header(reply, "Cache-Control", "no-cache");
    reply->status = lede_request_knows(request, etag) ? 304 : 200;
    if (reply->status == 304)
        return;
    reply->media_type = "application/json";
    reply->static_body = text->data;
    reply->static_body_size = text->size;
}
