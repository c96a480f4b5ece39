/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "body.h"

#include "answer.h"
#include "fields.h"
#include "lede/number.h"
#include "query.h"

#include <stdio.h>
#include <string.h>

#define TIMEOUT_MS_MAX LEDE_TIMEOUT_MS_MAX
/* Clients of Elasticsearch name none, and their dashboards count much at once. */
#define TIMEOUT_MS_DEFAULT 10000

/* ---- Numbers ---- */

enum lede_status lede_elastic_read_count(const json_t *value, const char *name, uint32_t max,
    uint32_t *ret_number, struct lede_error *reterr)
{
    int64_t number = json_integer_value(value);
    const char *text = json_string_value(value);
    if (!value || json_is_null(value))
        return LEDE_OK;
    bool is_number = json_is_integer(value) || (text && lede_parse_int64(text, strlen(text), 0,
                                                            INT64_MAX, &number, NULL) == LEDE_OK);
    if (!is_number || number < 0)
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected a number from 0", name);
    if (number > max) {
        (void)lede_fail(reterr, LEDE_ELIMIT, "%s: expected at most %u, found %lld", name, max,
            (long long)number);
        lede_error_hint(reterr,
            "scroll, or search_after with a sort by published, go as deep as there are hits");
        return LEDE_ELIMIT;
    }
    *ret_number = (uint32_t)number;
    return LEDE_OK;
}

/* ---- sort ---- */

struct order {
    bool is_date, is_score, is_tie; /* `_doc`, `_shard_doc`, `_id`: what ties are broken by */
    bool is_ascending;
};

static enum lede_status read_key(
    const char *name, const json_t *how, struct order *ret_order, struct lede_error *reterr)
{
    static const char *const known[] = {
        "order", "unmapped_type", "missing", "format", "numeric_type", NULL};
    static const char *const ties[] = {"_doc", "_shard_doc", "_id", "id", "id.keyword"};
    const json_t *missing = json_object_get(how, "missing");
    const char *order =
        json_string_value(json_is_object(how) ? json_object_get(how, "order") : how);
    const struct lede_field *field = lede_elastic_field(name, strlen(name));
    struct order read = {.is_date = field && field->id == LEDE_FIELD_PUBLISHED,
        .is_score = strcmp(name, "_score") == 0};
    for (size_t i = 0; i < LEDE_COUNT_OF(ties); i++)
        read.is_tie = read.is_tie || strcmp(name, ties[i]) == 0;
    if (json_is_object(how)) {
        enum lede_status st = lede_elastic_check_keys(how, known, "sort", reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (!read.is_date && !read.is_score && !read.is_tie) {
        (void)lede_fail(reterr, LEDE_EUNSUPPORTED, "sort by [%.60s] is not offered", name);
        lede_error_hint(reterr, "_score, published (or @timestamp), _doc");
        return LEDE_EUNSUPPORTED;
    }
    if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
        return lede_fail(reterr, LEDE_EINPUT, "sort: expected the order 'asc' or 'desc'");
    if (missing && (!json_is_string(missing) || strcmp(json_string_value(missing), "_last") != 0))
        return lede_fail(reterr, LEDE_EUNSUPPORTED,
            "sort: what has no date comes last; expected missing: _last");
    read.is_ascending = order ? strcmp(order, "asc") == 0 : !read.is_score;
    *ret_order = read;
    return LEDE_OK;
}

static enum lede_status take_order(const struct order *order, size_t place, struct elastic_ask *ask,
    struct elastic_showing *showing, struct lede_error *reterr)
{
    bool is_ordered = showing->sorts_by_date || showing->sorts_by_score;
    if (order->is_score && order->is_ascending)
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "sort by _score ascending is not offered");
    if (order->is_tie || (is_ordered && order->is_score))
        return LEDE_OK; /* ties are broken by id, newest first of one score */
    if (is_ordered || place > 0) {
        if (showing->sorts_by_score)
            return LEDE_OK;
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "sort by several fields is not offered");
    }
    ask->sort = order->is_score ? "relevance" : order->is_ascending ? "oldest" : "newest";
    showing->sorts_by_score = order->is_score;
    showing->sorts_by_date = order->is_date;
    return LEDE_OK;
}

/* Whoever asks for no order but one wants to read all: pages can always go on with this one. */
static void order_for_pages(struct elastic_ask *ask, struct elastic_showing *showing)
{
    ask->sort = "newest";
    showing->sorts_by_date = true;
}

enum lede_status lede_elastic_read_sort(const json_t *sort, struct elastic_ask *ask,
    struct elastic_showing *showing, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    bool has_tie = false;
    size_t count = json_is_array(sort) ? json_array_size(sort) : sort && !json_is_null(sort);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const json_t *key = json_is_array(sort) ? json_array_get(sort, i) : sort;
        struct order order = {0};
        const char *name = json_string_value(key);
        json_t *how = NULL;
        if (name) {
            st = read_key(name, NULL, &order, reterr);
        } else if (json_is_object(key) && json_object_size(key) == 1) {
            json_object_foreach ((json_t *)key, name, how)
                st = read_key(name, how, &order, reterr);
        } else {
            return lede_fail(reterr, LEDE_EINPUT, "sort: expected names or objects of one field");
        }
        has_tie = has_tie || order.is_tie;
        if (st == LEDE_OK)
            st = take_order(&order, i, ask, showing, reterr);
    }
    if (st == LEDE_OK && !ask->sort && has_tie)
        order_for_pages(ask, showing);
    return st;
}

/* ---- The rest ---- */

static enum lede_status read_after(
    const json_t *value, struct elastic_body *body, struct lede_error *reterr)
{
    const json_t *date = json_array_get(value, 0), *id = json_array_get(value, 1);
    if (!value)
        return LEDE_OK;
    if (!body->showing.sorts_by_date) {
        (void)lede_fail(
            reterr, LEDE_EUNSUPPORTED, "search_after without a sort by published is not offered");
        lede_error_hint(reterr, "sort: [{\"published\": \"desc\"}], or scroll");
        return LEDE_EUNSUPPORTED;
    }
    if (json_array_size(value) < 2 || !(json_is_integer(date) || json_is_null(date)) ||
        !json_is_string(id))
        return lede_fail(reterr, LEDE_EINPUT,
            "search_after: expected the whole `sort` of the last hit: milliseconds and an id");
    body->after = (struct lede_search_after){
        .published_utc_s = json_is_null(date) ? LEDE_TIME_NONE : json_integer_value(date) / 1000,
        .id = json_string_value(id)};
    body->ask.after = &body->after;
    return LEDE_OK;
}

static enum lede_status read_collapse(
    const json_t *value, struct elastic_body *body, struct lede_error *reterr)
{
    static const char *const known[] = {"field", NULL};
    if (!value)
        return LEDE_OK;
    enum lede_status st = lede_elastic_check_keys(value, known, "collapse", reterr);
    const char *name = json_string_value(json_object_get(value, "field"));
    if (st != LEDE_OK)
        return st;
    const struct lede_field *field = name ? lede_elastic_field(name, strlen(name)) : NULL;
    bool is_story = name && strcmp(name, "story") == 0;
    if (!is_story && (!field || !field->filter_name))
        return lede_fail(reterr, LEDE_EINPUT,
            "collapse: expected a field of exact values, or 'story' for near-duplicates");
    body->ask.collapse = is_story ? "story" : field->filter_name;
    body->showing.collapse = name;
    return LEDE_OK;
}

static enum lede_status read_timeout(
    const json_t *value, struct elastic_body *body, struct lede_error *reterr)
{
    const char *text = json_string_value(value);
    int64_t ms = 0;
    if (!value)
        return LEDE_OK;
    if (!text || lede_parse_duration_ms(text, strlen(text), INT64_MAX / 2, &ms, NULL) != LEDE_OK)
        return lede_fail(reterr, LEDE_EINPUT, "timeout: expected a duration, as 2s");
    body->ask.timeout_ms = (uint32_t)(ms < 1 ? 1 : ms > TIMEOUT_MS_MAX ? TIMEOUT_MS_MAX : ms);
    return LEDE_OK;
}

static enum lede_status read_pit(const struct lede_http_request *request, const json_t *value,
    struct elastic_body *body, struct lede_error *reterr)
{
    static const char *const known[] = {"id", "keep_alive", NULL};
    if (!value)
        return LEDE_OK;
    enum lede_status st = lede_elastic_check_keys(value, known, "pit", reterr);
    body->pit = json_string_value(json_object_get(value, "id"));
    if (st == LEDE_OK && (!body->pit || strcmp(body->pit, lede_elastic_name(request)) != 0)) {
        (void)lede_fail(reterr, LEDE_ENOTFOUND, "pit: expected an id that _pit gave");
        return LEDE_ENOTFOUND;
    }
    if (st == LEDE_OK && !body->ask.sort)
        order_for_pages(&body->ask, &body->showing);
    return st;
}

static enum lede_status read_total(
    const json_t *value, struct elastic_body *body, struct lede_error *reterr)
{
    if (value && !json_is_boolean(value) && !json_is_integer(value))
        return lede_fail(reterr, LEDE_EINPUT, "track_total_hits: expected a truth or a number");
    body->without_total = json_is_false(value);
    return LEDE_OK;
}

json_t *lede_elastic_with_parameters(const struct lede_http_request *request, const json_t *json)
{
    static const char *const names[] = {"from", "size", "timeout", "sort"};
    json_t *all = json_copy((json_t *)json);
    for (size_t i = 0; all && i < LEDE_COUNT_OF(names); i++) {
        const char *value = lede_elastic_parameter(request, names[i]);
        size_t name = value ? strcspn(value, ":") : 0;
        json_t *taken = !value ? NULL
                        : i == 3 && value[name] == ':'
                            ? json_pack("{s%:s}", value, name, value + name + 1)
                            : json_string(value);
        if (taken && json_object_set_new(all, names[i], taken) != 0)
            return NULL;
    }
    const char *total = lede_elastic_parameter(request, "track_total_hits");
    if (total && all)
        (void)json_object_set_new(all, "track_total_hits", json_boolean(strcmp(total, "false")));
    const char *q = lede_elastic_parameter(request, "q");
    if (q && all) {
        const char *field = lede_elastic_parameter(request, "df");
        const char *joined = lede_elastic_parameter(request, "default_operator");
        json_t *query = json_pack("{s:{s:s, s:s*, s:s*, s:b}}", "query_string", "query", q,
            "default_field", field, "default_operator", joined, "lenient",
            lede_elastic_truth(request, "lenient"));
        (void)json_object_set_new(all, "query", query);
    }
    return all;
}

static enum lede_status read_parts(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *json, int64_t now_utc_s,
    struct elastic_body *body, struct lede_error *reterr)
{
    enum lede_status st = lede_elastic_query_read(
        worker, json_object_get(json, "query"), now_utc_s, &body->query, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_read_count(
            json_object_get(json, "from"), "from", ELASTIC_FROM_MAX, &body->ask.offset, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_read_count(
            json_object_get(json, "size"), "size", ELASTIC_SIZE_MAX, &body->ask.limit, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_read_sort(
            json_object_get(json, "sort"), &body->ask, &body->showing, reterr);
    if (st == LEDE_OK)
        st = read_pit(request, json_object_get(json, "pit"), body, reterr);
    if (st == LEDE_OK)
        st = read_after(json_object_get(json, "search_after"), body, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_read_source(
            json_object_get(json, "_source"), &body->arena, &body->showing.source, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_read_marks(
            json_object_get(json, "highlight"), &body->showing.marks, reterr);
    if (st == LEDE_OK)
        st = read_collapse(json_object_get(json, "collapse"), body, reterr);
    if (st == LEDE_OK)
        st = read_timeout(json_object_get(json, "timeout"), body, reterr);
    if (st == LEDE_OK)
        st = read_total(json_object_get(json, "track_total_hits"), body, reterr);
    return st;
}

/* Members that are empty say nothing, whatever they would say. */
static enum lede_status check_empty(const json_t *json, struct lede_error *reterr)
{
    static const char *const names[] = {"script_fields", "runtime_mappings", "indices_boost"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        const json_t *value = json_object_get(json, names[i]);
        if (json_object_size(value) + json_array_size(value) == 0)
            continue;
        (void)lede_fail(reterr, LEDE_EUNSUPPORTED, "%s is not offered", names[i]);
        lede_error_hint(reterr, "what is searched stands in the documents");
        return LEDE_EUNSUPPORTED;
    }
    return LEDE_OK;
}

enum lede_status lede_elastic_body_read(struct lede_api_worker *worker,
    const struct lede_http_request *request, const json_t *json, int64_t now_utc_s,
    struct elastic_body *ret_body, struct lede_error *reterr)
{
    static const char *const known[] = {"query", "from", "size", "sort", "search_after", "_source",
        "highlight", "collapse", "aggs", "aggregations", "track_total_hits", "timeout", "pit",
        "script_fields", "runtime_mappings", "indices_boost", NULL};
    enum lede_status st = lede_elastic_check_keys(json, known, "a search", reterr);
    ret_body->ask.limit = 10;
    ret_body->ask.timeout_ms = TIMEOUT_MS_DEFAULT;
    ret_body->showing.index = lede_elastic_name(request);
    if (st == LEDE_OK)
        st = check_empty(json, reterr);
    if (st == LEDE_OK)
        st = read_parts(worker, request, json, now_utc_s, ret_body, reterr);
    if (st != LEDE_OK)
        return st;
    const struct elastic_marks *marks = &ret_body->showing.marks;
    ret_body->ask.query = &ret_body->query;
    ret_body->ask.highlight = marks->count > 0 ? marks->asked : NULL;
    ret_body->ask.fragments = marks->fragments;
    ret_body->ask.fragment_chars = marks->fragment_chars;
    ret_body->aggregations = json_object_get(json, "aggs");
    if (!ret_body->aggregations)
        ret_body->aggregations = json_object_get(json, "aggregations");
    return LEDE_OK;
}

void lede_elastic_body_done(struct elastic_body *body)
{
    lede_elastic_query_done(&body->query);
    lede_arena_done(&body->arena);
}
