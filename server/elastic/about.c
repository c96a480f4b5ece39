/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients ask before they begin: who is there, how it is, which fields there are. */
#include "answer.h"
#include "elastic.h"
#include "fields.h"
#include "lede_version.h"
#include "negotiation.h"
#include "run.h"

#include <stdio.h>
#include <string.h>

/* Clients look for a version that they know; the interface is that of this one. */
#define ELASTIC_VERSION "8.17.0"

void lede_elastic_root(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    lede_elastic_reply(request, reply, 200,
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:s, s:b, s:s, s:s, s:s}, s:s, s:s}", "name",
            "lede", "cluster_name", lede_elastic_name(request), "cluster_uuid",
            "lede-is-one-archive---", "version", "number", ELASTIC_VERSION, "build_flavor",
            "default", "build_type", "lede", "build_snapshot", 0, "lucene_version", "9.12.0",
            "minimum_wire_compatibility_version", "7.17.0", "minimum_index_compatibility_version",
            "7.0.0", "lede_version", LEDE_VERSION, "tagline", "You Know, for Search"));
}

/* Logstash asks for it, and takes any that is active. */
void lede_elastic_license(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_elastic_begin(request, ELASTIC_TAKER_HEALTH, reply))
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:{s:s, s:s, s:s, s:s}}", "license", "status", "active", "uid",
                "lede-is-one-archive---", "type", "basic", "issuer", "lede"));
}

void lede_elastic_health(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_elastic_begin(request, ELASTIC_TAKER_HEALTH, reply))
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f}",
                "cluster_name", lede_elastic_name(request), "status", "green", "timed_out", 0,
                "number_of_nodes", 1, "number_of_data_nodes", 1, "active_primary_shards", 1,
                "active_shards", 1, "relocating_shards", 0, "initializing_shards", 0,
                "unassigned_shards", 0, "delayed_unassigned_shards", 0, "number_of_pending_tasks",
                0, "number_of_in_flight_fetch", 0, "task_max_waiting_in_queue_millis", 0,
                "active_shards_percent_as_number", 100.0));
}

/* ---- Fields ---- */

/* {"title": {"type": "text"}, …}, with the names of shippers as aliases. NULL: no memory. */
static json_t *properties(void)
{
    json_t *out = json_object();
    for (enum lede_field_id id = 0; out && id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(id);
        if (json_object_set_new(
                out, field->key, json_pack("{s:s}", "type", lede_elastic_type(field))) != 0)
            return NULL;
    }
    for (const struct elastic_alias *alias = lede_elastic_aliases; out && alias->name; alias++) {
        if (json_object_set_new(out, alias->name,
                json_pack(
                    "{s:s, s:s}", "type", "alias", "path", lede_field_at(alias->field)->key)) != 0)
            return NULL;
    }
    return out;
}

void lede_elastic_mapping(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_elastic_begin(request, ELASTIC_TAKER_INDEX, reply))
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:{s:{s:o}}}", lede_elastic_name(request), "mappings", "properties",
                properties()));
}

void lede_elastic_describe(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_elastic_begin(request, ELASTIC_TAKER_INDEX, reply))
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:{s:{}, s:{s:o}, s:{s:{s:s, s:s}}}}", lede_elastic_name(request),
                "aliases", "mappings", "properties", properties(), "settings", "index",
                "number_of_shards", "1", "number_of_replicas", "0"));
}

/* Whoever makes an index goes on where it is told to be there already. */
void lede_elastic_index_create(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    const char *name = lede_elastic_name(request);
    if (!lede_elastic_begin(request, ELASTIC_TAKER_INDEX, reply))
        return;
    json_t *error = json_pack("{s:s, s:s+, s:s}", "type", "resource_already_exists_exception",
        "reason", "the archive is there already, and its fields are fixed: ", name, "index", name);
    lede_elastic_reply(request, reply, 400,
        error ? json_pack("{s:{s:[O], s:O, s:o}, s:i}", "error", "root_cause", error, "type",
                    json_object_get(error, "type"), "reason",
                    json_incref(json_object_get(error, "reason")), "status", 400)
              : NULL);
    json_decref(error);
}

/* What is answered can be found: nothing is to be done. */
void lede_elastic_refresh(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    if (lede_elastic_begin(request, ELASTIC_TAKER_INDEX, reply))
        lede_elastic_reply(request, reply, 200,
            json_pack("{s:{s:i, s:i, s:i}}", "_shards", "total", 1, "successful", 1, "failed", 0));
}

static bool is_wanted(const char *patterns, const char *name)
{
    for (const char *at = patterns; *at;) {
        size_t size = strcspn(at, ",");
        if (lede_elastic_fits(at, size, name, strlen(name)))
            return true;
        at += size + (at[size] == ',');
    }
    return false;
}

static json_t *capability(const char *type, bool is_searched)
{
    return json_pack("{s:{s:s, s:b, s:b, s:b}}", type, "type", type, "metadata_field", 0,
        "searchable", is_searched, "aggregatable", strcmp(type, "text") != 0);
}

void lede_elastic_field_caps(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
{
    (void)worker;
    static const char *const known[] = {"fields", NULL};
    json_auto_t *fields = json_object(), *body = NULL, *all = properties();
    struct lede_error error = {0};
    const char *name = NULL;
    json_t *about = NULL;
    if (!lede_elastic_begin(request, ELASTIC_TAKER_FIELDS, reply))
        return;
    enum lede_status st = lede_elastic_object(request, &body, &error);
    if (st == LEDE_OK)
        st = lede_elastic_check_keys(body, known, "_field_caps", &error);
    if (st != LEDE_OK) {
        lede_elastic_fail(request, reply, &error);
        return;
    }
    const json_t *list = json_object_get(body, "fields");
    const char *first = json_string_value(json_is_array(list) ? json_array_get(list, 0) : list);
    const char *patterns = lede_elastic_parameter(request, "fields");
    patterns = patterns ? patterns : first ? first : "*";
    json_object_foreach (all, name, about) {
        const struct lede_field *field = lede_elastic_field(name, strlen(name));
        if (fields && field && is_wanted(patterns, name) &&
            json_object_set_new(fields, name,
                capability(lede_elastic_type(field),
                    field->prefix || field->query_name || field->filter_name)) != 0)
            break;
    }
    lede_elastic_reply(request, reply, 200,
        json_pack("{s:[s], s:O}", "indices", lede_elastic_name(request), "fields", fields));
}

/* ---- cat ---- */

void lede_elastic_cat_indices(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run run = {0};
    struct elastic_query everything = {0};
    struct elastic_ask ask = {.query = &everything};
    struct lede_error error = {0};
    if (!lede_elastic_begin(request, ELASTIC_TAKER_CAT, reply))
        return;
    if (lede_elastic_run(worker, &ask, &run, &error) != LEDE_OK) {
        lede_elastic_fail(request, reply, &error);
        return;
    }
    const char *name = lede_elastic_name(request),
               *format = lede_elastic_parameter(request, "format");
    char count[16];
    snprintf(count, sizeof(count), "%u", run.result.total);
    if ((format && strcmp(format, "json") == 0) ||
        (!format && !lede_request_accepts(request, "text/plain"))) {
        lede_elastic_reply(request, reply, 200,
            json_pack("[{s:s, s:s, s:s, s:s, s:s, s:s, s:s}]", "health", "green", "status", "open",
                "index", name, "uuid", "lede-is-one-archive---", "pri", "1", "rep", "0",
                "docs.count", count));
        return;
    }
    struct lede_buffer text = {0};
    if (lede_elastic_truth(request, "v"))
        lede_buffer_append_string(&text, "health status index pri rep docs.count\n");
    lede_buffer_append_format(&text, "green open %s 1 0 %s\n", name, count);
    lede_elastic_reply_text(reply, &text);
}
