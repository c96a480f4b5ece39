/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facets.h"

#include "json_out.h"
#include "lede/time.h"
#include "visible.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Counted apart ---- */

static bool has_bounds(const struct lede_search *search)
{
    return search->after_utc_s != LEDE_TIME_NONE || search->before_utc_s != LEDE_TIME_NONE;
}

struct lede_facets_apart lede_facets_set_apart(struct lede_search_run *run)
{
    struct lede_search *search = &run->search.search;
    struct lede_facets_apart apart = {0};
    if (!run->search.disjunctive)
        return apart;
    for (size_t i = 0; i < search->filter_count; i++) {
        const struct lede_filter *filter = &search->filters[i];
        if (filter->any_count + filter->none_count > 0)
            apart.fields |= search->facets & LEDE_FIELD_BIT(filter->field->id);
    }
    search->facets &= ~apart.fields;
    if (has_bounds(search)) {
        apart.histogram = search->histogram;
        search->histogram = LEDE_HISTOGRAM_NONE;
    }
    return apart;
}

void lede_facets_put_back(struct lede_search_run *run, const struct lede_facets_apart *apart)
{
    run->search.search.facets |= apart->fields;
    if (apart->histogram != LEDE_HISTOGRAM_NONE)
        run->search.search.histogram = apart->histogram;
}

/* The same search, without hits, that counts nothing yet. */
static struct lede_search counting_search(const struct lede_search_run *run)
{
    struct lede_search search = run->search.search;
    search.limit = search.offset = 0;
    search.sort = LEDE_SORT_NEWEST;
    search.raising = NULL;
    search.collapse_slot = LEDE_SLOT_NONE;
    search.facets = 0;
    search.histogram = LEDE_HISTOGRAM_NONE;
    return search;
}

/* Copy a facet to where its field's place is. Status: OK; ENOMEM. */
static enum lede_status add_facet(
    struct lede_search_result *result, const struct lede_facet *counted)
{
    size_t at = result->facet_count;
    struct lede_facet copy = *counted;
    struct lede_facet *facets =
        lede_arena_calloc(&result->arena, result->facet_count + 1, sizeof(*facets));
    copy.values = lede_arena_calloc(&result->arena, copy.count + 1, sizeof(*copy.values));
    if (!facets || !copy.values)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < copy.count; i++) {
        copy.values[i] =
            (struct lede_facet_value){lede_arena_copy(&result->arena, counted->values[i].value,
                                          strlen(counted->values[i].value)),
                counted->values[i].count};
        if (!copy.values[i].value)
            return LEDE_ENOMEM;
    }
    for (; at > 0 && result->facets[at - 1].field > copy.field; at--)
        facets[at] = result->facets[at - 1];
    if (at > 0)
        memcpy(facets, result->facets, at * sizeof(*facets));
    facets[at] = copy;
    result->facets = facets;
    result->facet_count++;
    return LEDE_OK;
}

/* What was cut counts too little, and is told as such or, beside hits that are not to wait for it,
 * not at all. */
static bool is_left_out(struct lede_search_run *run, const struct lede_search_result *counted)
{
    bool is_beside = run->beside_ns_max > 0;
    run->is_hurried = run->is_hurried || (counted->timed_out && is_beside);
    run->result.timed_out = run->result.timed_out || (counted->timed_out && !is_beside);
    return counted->timed_out && is_beside;
}

/* A query is parsed for the languages that are let in: without that filter it asks for more stems.
 * search  the one that counts */
static enum lede_status parse_without_languages(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_search *search, struct lede_query **ret_query,
    struct lede_error *reterr)
{
    struct lede_search own = run->search.search;
    run->search.search = *search;
    struct lede_query_options options = lede_search_run_options(worker, run);
    run->search.search = own;
    options.now_utc_s = run->asked_utc_s;
    size_t size = run->text.size > 0 ? run->text.size : run->search.q_size;
    return lede_query_parse(
        lede_search_run_text(run), size, &options, worker->analyzer, ret_query, reterr);
}

static enum lede_status count_field(struct lede_api_worker *worker, struct lede_search_run *run,
    enum lede_field_id field, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result counted = {0};
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_filter others[LEDE_FIELD_COUNT + 1];
    enum lede_status st = LEDE_OK;
    struct lede_search search = counting_search(run);
    search.filter_count = 0;
    for (size_t i = 0; i < run->search.search.filter_count; i++) {
        if (run->search.filters[i].field->id != field)
            others[search.filter_count++] = run->search.filters[i];
    }
    search.filters = others;
    search.facets = LEDE_FIELD_BIT(field);
    if (field == LEDE_FIELD_LANGUAGE)
        st = parse_without_languages(worker, run, &search, &query, reterr);
    if (query)
        search.query = query;
    if (st == LEDE_OK)
        st = lede_visible_search(worker, &search, &counted, reterr);
    if (st != LEDE_OK)
        return st;
    if (is_left_out(run, &counted))
        return LEDE_OK;
    if (counted.facet_count > 0 && add_facet(&run->result, &counted.facets[0]) != LEDE_OK)
        return lede_fail_memory(reterr);
    return LEDE_OK;
}

static enum lede_status count_time(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result counted = {0};
    struct lede_search_result *result = &run->result;
    struct lede_search search = counting_search(run);
    search.histogram = run->search.search.histogram;
    search.after_utc_s = search.before_utc_s = LEDE_TIME_NONE;
    enum lede_status st = lede_visible_search(worker, &search, &counted, reterr);
    if (st != LEDE_OK)
        return st;
    if (is_left_out(run, &counted)) {
        run->search.search.histogram = LEDE_HISTOGRAM_NONE;
        return LEDE_OK;
    }
    result->buckets =
        lede_arena_calloc(&result->arena, counted.bucket_count + 1, sizeof(*result->buckets));
    if (!result->buckets)
        return lede_fail_memory(reterr);
    if (counted.bucket_count > 0)
        memcpy(result->buckets, counted.buckets, counted.bucket_count * sizeof(*counted.buckets));
    result->bucket_count = counted.bucket_count;
    result->histogram = counted.histogram;
    result->first_utc_s = counted.first_utc_s;
    result->first_offset_s = counted.first_offset_s;
    result->last_utc_s = counted.last_utc_s;
    result->last_offset_s = counted.last_offset_s;
    result->undated = counted.undated;
    return LEDE_OK;
}

enum lede_status lede_facets_count_apart(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct lede_facets_apart *apart, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    uint64_t deadline_ns = run->search.search.deadline_monotonic_ns;
    if (run->beside_ns_max > 0)
        lede_search_end_within(&run->search.search, run->beside_ns_max);
    run->search.search.facets |= apart->fields;
    for (enum lede_field_id id = 0; st == LEDE_OK && id < LEDE_FIELD_COUNT; id++) {
        if (apart->fields & LEDE_FIELD_BIT(id))
            st = count_field(worker, run, id, reterr);
    }
    if (st == LEDE_OK && apart->histogram != LEDE_HISTOGRAM_NONE) {
        run->search.search.histogram = apart->histogram;
        st = count_time(worker, run, reterr);
    }
    run->search.search.deadline_monotonic_ns = deadline_ns;
    return st;
}

void lede_facets_of_nothing(struct lede_search_run *run)
{
    enum lede_histogram asked = run->search.search.histogram;
    run->result.histogram = asked == LEDE_HISTOGRAM_AUTO ? LEDE_HISTOGRAM_DAY : asked;
    run->result.first_utc_s = run->result.last_utc_s = LEDE_TIME_NONE;
}

/* ---- Told ---- */

static void write_facet(struct lede_buffer *out, const struct lede_facet *facet)
{
    lede_json_key(out, lede_field_at(facet->field)->filter_name);
    lede_buffer_append_char(out, '[');
    for (size_t k = 0; k < facet->count; k++) {
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "value", facet->values[k].value);
        lede_json_member_uint(out, "count", facet->values[k].count);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_char(out, ']');
}

static void write_others(struct lede_buffer *out, const struct lede_facet *facet)
{
    lede_json_key(out, lede_field_at(facet->field)->filter_name);
    lede_buffer_append_char(out, '{');
    lede_json_member_uint(out, "values", facet->other_values);
    lede_json_member_uint(out, "count", facet->other_counts);
    lede_buffer_append_char(out, '}');
}

static void write_facets(struct lede_buffer *out, const struct lede_search_result *result)
{
    lede_json_key(out, "facets");
    lede_buffer_append_char(out, '{');
    for (size_t i = 0; i < result->facet_count; i++)
        write_facet(out, &result->facets[i]);
    lede_buffer_append_char(out, '}');
    lede_json_key(out, "facet_others");
    lede_buffer_append_char(out, '{');
    for (size_t i = 0; i < result->facet_count; i++)
        write_others(out, &result->facets[i]);
    lede_buffer_append_char(out, '}');
}

/* Local time: a date, or a full hour with its offset from UTC where a time zone was asked for. */
static void format_start(const struct lede_bucket *bucket, enum lede_histogram interval,
    bool with_offset, char ret_text[32])
{
    char moment[21];
    int64_t local = bucket->start_utc_s + bucket->utc_offset_s;
    local = local < LEDE_TIME_MIN_UTC_S ? LEDE_TIME_MIN_UTC_S : local;
    lede_time_format(local > LEDE_TIME_MAX_UTC_S ? LEDE_TIME_MAX_UTC_S : local, moment);
    int minutes = abs(bucket->utc_offset_s) / 60;
    if (interval != LEDE_HISTOGRAM_HOUR)
        snprintf(ret_text, 32, "%.10s", moment);
    else if (!with_offset)
        snprintf(ret_text, 32, "%s", moment);
    else
        snprintf(ret_text, 32, "%.19s%c%02d:%02d", moment, bucket->utc_offset_s < 0 ? '-' : '+',
            minutes / 60 % 24, minutes % 60);
}

/* The local day of a moment. */
static void write_day(struct lede_buffer *out, const char *name, int64_t utc_s, int32_t offset_s)
{
    const struct lede_bucket moment = {.start_utc_s = utc_s, .utc_offset_s = offset_s};
    char day[32];
    lede_json_key(out, name);
    if (utc_s == LEDE_TIME_NONE) {
        lede_buffer_append_string(out, "null");
        return;
    }
    format_start(&moment, LEDE_HISTOGRAM_DAY, false, day);
    lede_json_string(out, day, strlen(day));
}

static void write_histogram(
    struct lede_buffer *out, bool with_offset, const struct lede_search_result *result)
{
    static const char *const names[] = {[LEDE_HISTOGRAM_HOUR] = "hour",
        [LEDE_HISTOGRAM_DAY] = "day",
        [LEDE_HISTOGRAM_WEEK] = "week",
        [LEDE_HISTOGRAM_MONTH] = "month",
        [LEDE_HISTOGRAM_YEAR] = "year"};
    lede_json_key(out, "histogram");
    lede_buffer_append_char(out, '{');
    lede_json_member_string(out, "interval", names[result->histogram]);
    write_day(out, "first", result->first_utc_s, result->first_offset_s);
    write_day(out, "last", result->last_utc_s, result->last_offset_s);
    lede_json_member_uint(out, "undated", result->undated);
    lede_json_key(out, "buckets");
    lede_buffer_append_char(out, '[');
    for (size_t i = 0; i < result->bucket_count; i++) {
        char start[32];
        format_start(&result->buckets[i], result->histogram, with_offset, start);
        lede_json_comma(out);
        lede_buffer_append_char(out, '{');
        lede_json_member_string(out, "start", start);
        lede_json_member_uint(out, "count", result->buckets[i].count);
        lede_buffer_append_char(out, '}');
    }
    lede_buffer_append_string(out, "]}");
}

void lede_facets_write(struct lede_buffer *out, const struct lede_search_run *run)
{
    const struct lede_search *search = &run->search.search;
    if (search->facets != 0)
        write_facets(out, &run->result);
    if (search->histogram != LEDE_HISTOGRAM_NONE)
        write_histogram(out, search->time_zone != NULL, &run->result);
}
