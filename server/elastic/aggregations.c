/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "aggregations.h"

#include "answer.h"
#include "body.h"
#include "fields.h"
#include "histogram.h"
#include "query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct lede_api_worker *worker;
    const struct lede_http_request *request;
    int64_t now_utc_s;
    uint32_t timeout_ms; /* of all together */
    bool timed_out;
    unsigned searches;
    size_t depth;
    struct lede_error *reterr;
};

/* An aggregation: what it counts in, its body, and those below it. */
struct asked {
    const struct elastic_query *query;
    const json_t *body;
    const json_t *below; /* NULL: none */
};

static enum lede_status aggregate(
    struct work *work, const struct elastic_query *query, const json_t *aggregations, json_t *into);

/* ---- Searches ---- */

static enum lede_status run(
    struct work *work, const struct elastic_ask *ask, struct lede_search_run *ret_run)
{
    if (++work->searches > ELASTIC_AGGREGATION_SEARCHES_MAX) {
        (void)lede_fail(work->reterr, LEDE_ELIMIT,
            "the aggregations would take more than %d searches: a bucket with others below takes "
            "one for each",
            ELASTIC_AGGREGATION_SEARCHES_MAX);
        lede_error_hint(work->reterr, "ask for fewer buckets, or for less below them");
        return LEDE_ELIMIT;
    }
    struct elastic_ask timed = *ask;
    timed.timeout_ms = work->timeout_ms;
    enum lede_status st = lede_elastic_run(work->worker, &timed, ret_run, work->reterr);
    work->timed_out = work->timed_out || (st == LEDE_OK && ret_run->result.timed_out);
    return st;
}

static enum lede_status count(
    struct work *work, const struct elastic_query *query, uint32_t *ret_count)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run found = {0};
    struct elastic_ask ask = {.query = query};
    enum lede_status st = run(work, &ask, &found);
    if (st == LEDE_OK)
        *ret_count = found.result.total;
    return st;
}

/* {"doc_count"} of a bucket and what is below it. bucket: gets them. */
static enum lede_status fill_bucket(struct work *work, const struct elastic_query *query,
    const json_t *below, uint32_t documents, json_t *bucket)
{
    if (json_object_set_new(bucket, "doc_count", json_integer(documents)) != 0)
        return lede_fail_memory(work->reterr);
    return below ? aggregate(work, query, below, bucket) : LEDE_OK;
}

/* The documents of a query that satisfy one more condition. */
static enum lede_status narrow(struct work *work, const struct asked *asked,
    const struct elastic_query *more, uint32_t documents, json_t *bucket)
{
    LEDE_CLEANUP(lede_elastic_query_done) struct elastic_query both = {0};
    enum lede_status st = lede_elastic_query_both(asked->query, more, &both, work->reterr);
    return st == LEDE_OK ? fill_bucket(work, &both, asked->below, documents, bucket) : st;
}

/* ---- Fields ---- */

static enum lede_status refuse(struct work *work, const char *what, const char *instead)
{
    (void)lede_fail(work->reterr, LEDE_EUNSUPPORTED, "%s is not offered", what);
    lede_error_hint(work->reterr, "%s", instead);
    return LEDE_EUNSUPPORTED;
}

static enum lede_status field_of(
    struct work *work, const json_t *body, const struct lede_field **ret_field)
{
    const char *name = json_string_value(json_object_get(body, "field"));
    if (!name)
        return lede_fail(work->reterr, LEDE_EINPUT, "expected 'field' of an aggregation");
    const struct lede_field *field = lede_elastic_field(name, strlen(name));
    if (!field)
        return lede_fail(work->reterr, LEDE_EINPUT, "unknown field [%.60s]", name);
    *ret_field = field;
    return LEDE_OK;
}

static enum lede_status value_field(
    struct work *work, const json_t *body, const struct lede_field **ret_field)
{
    enum lede_status st = field_of(work, body, ret_field);
    if (st == LEDE_OK && !(*ret_field)->filter_name)
        return refuse(work, "an aggregation over the values of this field",
            "fields of exact values: source, section, author, tags, language and the like");
    return st;
}

/* ---- terms ---- */

struct values {
    struct lede_facet_value *items;
    size_t count, capacity;
    size_t others;         /* values that are not among them */
    uint64_t other_counts; /* of those */
    struct lede_arena arena;
};

static void values_done(struct values *values)
{
    free(values->items);
    lede_arena_done(&values->arena);
}

static enum lede_status add_values(
    struct work *work, const struct lede_facet *facet, struct values *values)
{
    if (!LEDE_ARRAY_RESERVE(values->items, values->capacity, values->count + facet->count))
        return lede_fail_memory(work->reterr);
    for (size_t i = 0; i < facet->count; i++) {
        const char *value = facet->values[i].value;
        char *copy = lede_arena_copy(&values->arena, value, strlen(value));
        if (!copy)
            return lede_fail_memory(work->reterr);
        values->items[values->count++] =
            (struct lede_facet_value){.value = copy, .count = facet->values[i].count};
    }
    values->others = facet->other_values;
    values->other_counts = facet->other_counts;
    return LEDE_OK;
}

/* The most frequent values, at least `wanted` if there are as many. */
static enum lede_status list_values(struct work *work, const struct elastic_query *query,
    const struct lede_field *field, size_t wanted, struct values *values)
{
    enum lede_status st = LEDE_OK;
    do {
        LEDE_CLEANUP(lede_search_run_done) struct lede_search_run found = {0};
        struct elastic_ask ask = {
            .query = query, .facet = field->filter_name, .facet_offset = (uint32_t)values->count};
        size_t before = values->count;
        st = run(work, &ask, &found);
        if (st == LEDE_OK && found.result.facet_count > 0)
            st = add_values(work, &found.result.facets[0], values);
        if (values->count == before)
            break;
    } while (st == LEDE_OK && values->count < wanted && values->others > 0);
    return st;
}

enum order { BY_COUNT, BY_KEY, BY_KEY_DOWN };

static enum lede_status read_order(struct work *work, const json_t *order, enum order *ret_order)
{
    const json_t *first = json_is_array(order) ? json_array_get(order, 0) : order;
    const char *key = json_string_value(json_object_get(first, "_key"));
    const char *documents = json_string_value(json_object_get(first, "_count"));
    *ret_order = BY_COUNT;
    if (!order || (documents && strcmp(documents, "desc") == 0))
        return LEDE_OK;
    if (!key || (strcmp(key, "asc") != 0 && strcmp(key, "desc") != 0))
        return refuse(work, "this order of buckets", "{\"_count\": \"desc\"} or by _key");
    *ret_order = strcmp(key, "asc") == 0 ? BY_KEY : BY_KEY_DOWN;
    return LEDE_OK;
}

static int compare_values(const void *a, const void *b)
{
    return strcmp(
        ((const struct lede_facet_value *)a)->value, ((const struct lede_facet_value *)b)->value);
}

static int compare_values_down(const void *a, const void *b)
{
    return compare_values(b, a);
}

static enum lede_status terms_buckets(struct work *work, const struct asked *asked,
    const struct lede_field *field, const struct values *values, size_t size, json_t **ret_json)
{
    json_auto_t *buckets = json_array();
    uint64_t others = values->other_counts;
    enum lede_status st = buckets ? LEDE_OK : lede_fail_memory(work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < values->count; i++) {
        const struct lede_facet_value *value = &values->items[i];
        struct elastic_query more = {.filter_count = 1};
        if (i >= size) {
            others += value->count;
            continue;
        }
        more.filters[0] =
            (struct lede_filter){.field = field, .any = &value->value, .any_count = 1};
        json_t *bucket = json_pack("{s:s}", "key", value->value);
        if (json_array_append_new(buckets, bucket) != 0)
            return lede_fail_memory(work->reterr);
        st = narrow(work, asked, &more, value->count, bucket);
    }
    if (st == LEDE_OK)
        *ret_json = json_pack("{s:i, s:I, s:O}", "doc_count_error_upper_bound", 0,
            "sum_other_doc_count", (json_int_t)others, "buckets", buckets);
    return st;
}

static enum lede_status terms(struct work *work, const struct asked *asked, json_t **ret_json)
{
    static const char *const known[] = {
        "field", "size", "shard_size", "order", "min_doc_count", NULL};
    const struct lede_field *field = NULL;
    LEDE_CLEANUP(values_done) struct values values = {0};
    enum order order = BY_COUNT;
    uint32_t size = 10;
    const json_t *least = json_object_get(asked->body, "min_doc_count");
    enum lede_status st = lede_elastic_check_keys(asked->body, known, "terms", work->reterr);
    if (st == LEDE_OK)
        st = value_field(work, asked->body, &field);
    if (st == LEDE_OK)
        st = lede_elastic_read_count(
            json_object_get(asked->body, "size"), "size", ELASTIC_BUCKETS_MAX, &size, work->reterr);
    if (st == LEDE_OK)
        st = read_order(work, json_object_get(asked->body, "order"), &order);
    if (st == LEDE_OK && least && json_integer_value(least) > 1)
        return refuse(work, "min_doc_count over 1", "the most frequent values come first");
    if (st == LEDE_OK)
        st = list_values(
            work, asked->query, field, order == BY_COUNT ? size : ELASTIC_BUCKETS_MAX, &values);
    if (st != LEDE_OK)
        return st;
    if (order != BY_COUNT && values.others > 0)
        return refuse(work, "an order by _key of so many values", "the order by _count");
    if (order != BY_COUNT && values.count > 0)
        qsort(values.items, values.count, sizeof(*values.items),
            order == BY_KEY ? compare_values : compare_values_down);
    return terms_buckets(work, asked, field, &values, size, ret_json);
}

/* ---- date_histogram ---- */

static enum lede_status histogram_bucket(struct work *work, const struct asked *asked,
    const struct histogram *histogram, size_t number, json_t *buckets)
{
    LEDE_CLEANUP(lede_elastic_query_done) struct elastic_query more = {0};
    const struct histogram_bucket *bucket = &histogram->buckets[number];
    char key[40], first[21], last[21];
    bool is_last = number + 1 == histogram->count;
    lede_elastic_histogram_key(histogram, bucket->start_utc_s, key);
    json_t *json = json_pack(
        "{s:s, s:I}", "key_as_string", key, "key", (json_int_t)bucket->start_utc_s * 1000);
    if (json_array_append_new(buckets, json) != 0)
        return lede_fail_memory(work->reterr);
    lede_time_format(bucket->start_utc_s, first);
    lede_time_format(
        is_last ? LEDE_TIME_MAX_UTC_S : histogram->buckets[number + 1].start_utc_s - 1, last);
    lede_buffer_append_format(&more.text, "published:%s..%s", first, last);
    return asked->below ? narrow(work, asked, &more, bucket->count, json)
                        : fill_bucket(work, asked->query, NULL, bucket->count, json);
}

static enum lede_status date_histogram(
    struct work *work, const struct asked *asked, json_t **ret_json)
{
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run found = {0};
    LEDE_CLEANUP(lede_elastic_histogram_done) struct histogram histogram = {0};
    json_auto_t *buckets = json_array();
    const struct lede_field *field = NULL;
    enum lede_status st =
        lede_elastic_histogram_read(asked->body, work->now_utc_s, &histogram, work->reterr);
    if (st == LEDE_OK)
        st = field_of(work, asked->body, &field);
    if (st == LEDE_OK && field->id != LEDE_FIELD_PUBLISHED)
        return refuse(work, "a date_histogram of anything but published", "published");
    struct elastic_ask ask = {
        .query = asked->query, .histogram = histogram.interval, .time_zone = histogram.time_zone};
    if (st == LEDE_OK)
        st = run(work, &ask, &found);
    if (st == LEDE_OK)
        st = lede_elastic_histogram_fill(&histogram, &found.result, work->reterr);
    for (size_t i = 0; st == LEDE_OK && i < histogram.count; i++) {
        if (histogram.buckets[i].count >= histogram.least)
            st = histogram_bucket(work, asked, &histogram, i, buckets);
    }
    if (st == LEDE_OK)
        *ret_json = json_pack("{s:O}", "buckets", buckets);
    return st;
}

/* ---- Single figures ---- */

static enum lede_status cardinality(struct work *work, const struct asked *asked, json_t **ret_json)
{
    static const char *const known[] = {"field", "precision_threshold", NULL};
    LEDE_CLEANUP(values_done) struct values values = {0};
    const struct lede_field *field = NULL;
    uint32_t documents = 0;
    enum lede_status st = lede_elastic_check_keys(asked->body, known, "cardinality", work->reterr);
    if (st == LEDE_OK)
        st = field_of(work, asked->body, &field);
    if (st != LEDE_OK)
        return st;
    if (field->id == LEDE_FIELD_ID) {
        st = count(work, asked->query, &documents);
    } else {
        st = value_field(work, asked->body, &field);
        if (st == LEDE_OK)
            st = list_values(work, asked->query, field, 1, &values);
        documents = (uint32_t)(values.count + values.others);
    }
    if (st == LEDE_OK)
        *ret_json = json_pack("{s:I}", "value", (json_int_t)documents);
    return st;
}

/* The first document of an order by date has the least date, or the greatest. */
static enum lede_status extreme(
    struct work *work, const struct asked *asked, const char *sort, json_t **ret_json)
{
    static const char *const known[] = {"field", "format", NULL};
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run found = {0};
    LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
    const struct lede_field *field = NULL;
    struct elastic_ask ask = {.query = asked->query, .sort = sort, .limit = 1};
    int64_t utc_s = LEDE_TIME_NONE;
    char text[21];
    enum lede_status st = lede_elastic_check_keys(asked->body, known, "min and max", work->reterr);
    if (st == LEDE_OK)
        st = field_of(work, asked->body, &field);
    if (st == LEDE_OK && field->id != LEDE_FIELD_PUBLISHED)
        return refuse(work, "min or max of anything but published", "published");
    if (st == LEDE_OK)
        st = run(work, &ask, &found);
    if (st == LEDE_OK && found.result.hit_count > 0)
        st = lede_search_show_hit(work->worker, &found.result.hits[0], &document, work->reterr);
    if (st != LEDE_OK)
        return st;
    if (document)
        utc_s = lede_shown_document_stored(document)->published_utc_s;
    if (utc_s == LEDE_TIME_NONE) {
        *ret_json = json_pack("{s:n}", "value");
        return LEDE_OK;
    }
    lede_time_format(utc_s, text);
    *ret_json = json_pack("{s:f, s:s}", "value", (double)utc_s * 1000, "value_as_string", text);
    return LEDE_OK;
}

static enum lede_status min(struct work *work, const struct asked *asked, json_t **ret_json)
{
    return extreme(work, asked, "oldest", ret_json);
}

static enum lede_status max(struct work *work, const struct asked *asked, json_t **ret_json)
{
    return extreme(work, asked, "newest", ret_json);
}

/* ---- Buckets of one ---- */

static enum lede_status filter(struct work *work, const struct asked *asked, json_t **ret_json)
{
    LEDE_CLEANUP(lede_elastic_query_done) struct elastic_query more = {0};
    LEDE_CLEANUP(lede_elastic_query_done) struct elastic_query both = {0};
    uint32_t documents = 0;
    enum lede_status st =
        lede_elastic_query_read(work->worker, asked->body, work->now_utc_s, &more, work->reterr);
    if (st == LEDE_OK && more.ids)
        return refuse(work, "ids in a filter aggregation", "a search of its own");
    if (st == LEDE_OK)
        st = lede_elastic_query_both(asked->query, &more, &both, work->reterr);
    if (st == LEDE_OK)
        st = count(work, &both, &documents);
    json_auto_t *bucket = json_object();
    if (st == LEDE_OK)
        st = fill_bucket(work, &both, asked->below, documents, bucket);
    if (st == LEDE_OK)
        *ret_json = LEDE_TAKE(&bucket);
    return st;
}

/* Of a field of one value what has none is all less what has one. */
static enum lede_status missing_value(
    struct work *work, const struct asked *asked, const struct lede_field *field, json_t **ret_json)
{
    LEDE_CLEANUP(values_done) struct values values = {0};
    uint32_t all = 0;
    uint64_t some = 0;
    if (field->kind != LEDE_KIND_STRING || !field->filter_name || asked->below)
        return refuse(work, "missing of this field, or with others below",
            "published; source, section, language without others below");
    enum lede_status st = count(work, asked->query, &all);
    if (st == LEDE_OK)
        st = list_values(work, asked->query, field, 1, &values);
    for (size_t i = 0; i < values.count; i++)
        some += values.items[i].count;
    some += values.other_counts;
    if (st == LEDE_OK)
        *ret_json = json_pack("{s:I}", "doc_count", (json_int_t)(some < all ? all - some : 0));
    return st;
}

static enum lede_status missing(struct work *work, const struct asked *asked, json_t **ret_json)
{
    static const char *const known[] = {"field", NULL};
    const struct lede_field *field = NULL;
    enum lede_status st = lede_elastic_check_keys(asked->body, known, "missing", work->reterr);
    if (st == LEDE_OK)
        st = field_of(work, asked->body, &field);
    if (st != LEDE_OK)
        return st;
    if (field->id != LEDE_FIELD_PUBLISHED)
        return missing_value(work, asked, field, ret_json);
    json_auto_t *undated =
        json_pack("{s:{s:{s:{s:s}}}}", "bool", "must_not", "exists", "field", "published");
    if (!undated)
        return lede_fail_memory(work->reterr);
    struct asked filtered = {asked->query, undated, asked->below};
    return filter(work, &filtered, ret_json);
}

static enum lede_status top_hits(struct work *work, const struct asked *asked, json_t **ret_json)
{
    static const char *const known[] = {
        "size", "from", "sort", "_source", "highlight", "track_scores", NULL};
    LEDE_CLEANUP(lede_elastic_body_done) struct elastic_body body = {0};
    LEDE_CLEANUP(lede_search_run_done) struct lede_search_run found = {0};
    json_auto_t *search = json_copy((json_t *)asked->body);
    json_t *hits = NULL;
    enum lede_status st = lede_elastic_check_keys(asked->body, known, "top_hits", work->reterr);
    if (st == LEDE_OK && asked->below)
        return refuse(work, "an aggregation below top_hits", "one beside it");
    if (st != LEDE_OK)
        return st;
    if (!search || (!json_object_get(search, "size") &&
                       json_object_set_new(search, "size", json_integer(3)) != 0))
        return lede_fail_memory(work->reterr);
    (void)json_object_del(search, "track_scores");
    st = lede_elastic_body_read(
        work->worker, work->request, search, work->now_utc_s, &body, work->reterr);
    body.ask.query = asked->query;
    if (st == LEDE_OK)
        st = run(work, &body.ask, &found);
    if (st == LEDE_OK)
        st = lede_elastic_show_hits(work->worker, &found, &body.showing, &hits, work->reterr);
    if (st == LEDE_OK)
        *ret_json = json_pack("{s:o}", "hits", hits);
    return st;
}

/* ---- The table ---- */

static const struct {
    const char *name;
    enum lede_status (*count)(struct work *work, const struct asked *asked, json_t **ret_json);
    const char *instead; /* where it is not offered */
} aggregations[] = {
    {"terms", terms, NULL},
    {"date_histogram", date_histogram, NULL},
    {"cardinality", cardinality, NULL},
    {"min", min, NULL},
    {"max", max, NULL},
    {"filter", filter, NULL},
    {"missing", missing, NULL},
    {"top_hits", top_hits, NULL},
    {"filters", NULL, "several filter aggregations"},
    {"auto_date_histogram", NULL, "date_histogram"},
    {"histogram", NULL, "date_histogram of published"},
    {"date_range", NULL, "filter aggregations with a range"},
    {"range", NULL, "filter aggregations with a range"},
    {"value_count", NULL, "doc_count of a filter aggregation"},
    {"avg", NULL, "nothing: there are no numbers but dates"},
    {"sum", NULL, "nothing: there are no numbers but dates"},
    {"stats", NULL, "min, max and doc_count"},
    {"percentiles", NULL, "date_histogram"},
    {"significant_terms", NULL, "terms; GET /search of Lede's own interface with expand=feedback"},
    {"significant_text", NULL, "GET /search of Lede's own interface with expand=feedback"},
    {"composite", NULL, "terms with size, date_histogram"},
    {"multi_terms", NULL, "terms below terms"},
    {"rare_terms", NULL, "terms with a larger size"},
    {"global", NULL, "a search of its own"},
    {"nested", NULL, "the fields' own names: documents are flat"},
    {"sampler", NULL, "the aggregation itself: it counts all"},
    {"scripted_metric", NULL, "the other aggregations"},
};

static enum lede_status aggregate_one(struct work *work, const struct elastic_query *query,
    const json_t *aggregation, json_t **ret_json)
{
    const char *key = NULL, *name = NULL;
    json_t *value = NULL;
    struct asked asked = {.query = query};
    json_object_foreach ((json_t *)aggregation, key, value) {
        if (strcmp(key, "aggs") == 0 || strcmp(key, "aggregations") == 0) {
            asked.below = json_object_size(value) > 0 ? value : NULL;
            continue;
        }
        if (name)
            return lede_fail(
                work->reterr, LEDE_EINPUT, "found two types, [%.40s] and [%.40s]", name, key);
        name = key;
        asked.body = value;
    }
    if (!name)
        return lede_fail(work->reterr, LEDE_EINPUT, "expected the type of an aggregation");
    for (size_t i = 0; i < LEDE_COUNT_OF(aggregations); i++) {
        if (strcmp(aggregations[i].name, name) != 0)
            continue;
        if (aggregations[i].count)
            return aggregations[i].count(work, &asked, ret_json);
        char what[80];
        snprintf(what, sizeof(what), "[%.40s] aggregation", name);
        return refuse(work, what, aggregations[i].instead);
    }
    (void)lede_fail(work->reterr, LEDE_EINPUT, "unknown aggregation type [%.60s]", name);
    lede_error_hint(work->reterr, "server/elastic/README.md has those that are offered");
    return LEDE_EINPUT;
}

static enum lede_status aggregate(
    struct work *work, const struct elastic_query *query, const json_t *all, json_t *into)
{
    const char *name = NULL;
    json_t *aggregation = NULL;
    enum lede_status st = LEDE_OK;
    if (!json_is_object(all))
        return lede_fail(work->reterr, LEDE_EINPUT, "aggs: expected an object");
    if (++work->depth > ELASTIC_DEPTH_MAX)
        return lede_fail(
            work->reterr, LEDE_ELIMIT, "expected aggregations at most %d deep", ELASTIC_DEPTH_MAX);
    json_object_foreach ((json_t *)all, name, aggregation) {
        json_t *json = NULL;
        if (st == LEDE_OK && !json_is_object(aggregation))
            st = lede_fail(work->reterr, LEDE_EINPUT, "[%.60s]: expected an object", name);
        if (st == LEDE_OK)
            st = aggregate_one(work, query, aggregation, &json);
        if (st == LEDE_OK && json_object_set_new(into, name, json) != 0)
            st = lede_fail_memory(work->reterr);
    }
    work->depth--;
    return st;
}

enum lede_status lede_elastic_aggregate(struct lede_api_worker *worker,
    const struct lede_http_request *request, const struct elastic_ask *ask, const json_t *all,
    json_t **ret_json, bool *ret_timed_out, struct lede_error *reterr)
{
    struct work work = {.worker = worker,
        .request = request,
        .now_utc_s = lede_time_now_utc_s(),
        .timeout_ms = ask->timeout_ms,
        .reterr = reterr};
    json_auto_t *into = json_object();
    if (!into)
        return lede_fail_memory(reterr);
    enum lede_status st = aggregate(&work, ask->query, all, into);
    if (st != LEDE_OK)
        return st;
    *ret_timed_out = *ret_timed_out || work.timed_out;
    *ret_json = LEDE_TAKE(&into);
    return LEDE_OK;
}
