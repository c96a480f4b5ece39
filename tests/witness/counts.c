/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See counts.h. Local time is libc's, which the engine does not use. */
#include "counts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/time.h"

/* In libc's TZ a sign says how far UTC is from here. */
static const struct zone {
    const char *name;
    const char *libc_name;
} zones[] = {
    {NULL, "UTC0"},
    {"Europe/Berlin", "Europe/Berlin"},
    {"America/New_York", "America/New_York"},
    {"Asia/Kolkata", "Asia/Kolkata"},
    {"Africa/Cairo", "Africa/Cairo"},               /* its clocks change at midnight */
    {"Australia/Lord_Howe", "Australia/Lord_Howe"}, /* by half an hour */
    {"-03:30", "XYZ03:30"},
};

static void add_filter(struct wanted *wanted, struct chance *chance)
{
    static const enum lede_field_id fields[] = {LEDE_FIELD_SOURCE, LEDE_FIELD_SECTION,
        LEDE_FIELD_TAGS, LEDE_FIELD_AUTHOR, LEDE_FIELD_LANGUAGE, LEDE_FIELD_PEOPLE};
    size_t number = wanted->search.filter_count++;
    enum lede_field_id field = fields[chance_below(chance, LEDE_COUNT_OF(fields))];
    struct lede_filter *filter = &wanted->filters[number];
    for (size_t i = 0; i < 2 * WANTED_VALUES_MAX; i++)
        wanted->values[number][i] = corpus_value(field, chance);
    filter->field = lede_field_at(field);
    filter->any = wanted->values[number];
    filter->any_count = chance_below(chance, WANTED_VALUES_MAX + 1);
    filter->none = wanted->values[number] + WANTED_VALUES_MAX;
    filter->none_count = filter->any_count == 0 ? 1 + chance_below(chance, WANTED_VALUES_MAX)
                                                : chance_below(chance, WANTED_VALUES_MAX + 1);
}

void wanted_init(
    struct wanted *wanted, const struct lede_query *query, int64_t now_utc_s, struct chance *chance)
{
    memset(wanted, 0, sizeof(*wanted));
    struct lede_search *search = &wanted->search;
    *search = (struct lede_search){.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = now_utc_s,
        .limit = 1000,
        .facet_values = 1000,
        .collapse_slot = LEDE_SLOT_NONE};
    search->sort = (enum lede_sort)chance_below(chance, 3);
    search->filters = wanted->filters;
    for (uint32_t i = 0, count = chance_below(chance, 4) == 0 ? 1 + chance_below(chance, 2) : 0;
         i < count; i++)
        add_filter(wanted, chance);
    int64_t moment = CORPUS_FIRST_UTC_S + (int64_t)chance_below(chance, CORPUS_DAYS * 24) * 3600;
    if (chance_below(chance, 6) == 0)
        search->after_utc_s = moment;
    else if (chance_below(chance, 6) == 0)
        search->before_utc_s = moment;
    search->deadline_monotonic_ns = chance_below(chance, 2) ? UINT64_MAX : 0;
    if (chance_below(chance, 2))
        search->facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE) | LEDE_FIELD_BIT(LEDE_FIELD_TAGS) |
                         LEDE_FIELD_BIT(LEDE_FIELD_LANGUAGE) | LEDE_FIELD_BIT(LEDE_FIELD_AUTHOR);
    if (chance_below(chance, 2))
        search->histogram = (enum lede_histogram)(1 + chance_below(chance, 5));
    search->time_zone = zones[chance_below(chance, LEDE_COUNT_OF(zones))].name;
}

/* ---- Filters ---- */

static bool has_value(const char *const *values, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(values[i], value) == 0)
            return true;
    return false;
}

static bool passes(const struct lede_filter *filter, const struct reading *reading)
{
    const char *values[64];
    size_t count = reading_values(reading, filter->field, values);
    bool any = filter->any_count == 0;
    for (size_t i = 0; i < count; i++) {
        if (has_value(filter->none, filter->none_count, values[i]))
            return false;
        any = any || has_value(filter->any, filter->any_count, values[i]);
    }
    return any;
}

bool wanted_has(const struct wanted *wanted, const struct reading *reading)
{
    const struct lede_search *search = &wanted->search;
    int64_t published = reading->document->published_utc_s;
    if (!reading_is_visible(reading, search->now_utc_s) ||
        (search->after_utc_s != LEDE_TIME_NONE && published < search->after_utc_s) ||
        (search->before_utc_s != LEDE_TIME_NONE && published > search->before_utc_s))
        return false;
    for (size_t i = 0; i < search->filter_count; i++)
        if (!passes(&search->filters[i], reading))
            return false;
    return witness_matches(lede_query_root(search->query), &reading->witness, &reading->witness);
}

/* ---- Facets ---- */

static bool reading_has(
    const struct reading *reading, const struct lede_field *field, const char *value)
{
    const char *values[64];
    return has_value(values, reading_values(reading, field, values), value);
}

static void check_facet(const struct lede_facet *facet, const struct reading *readings,
    const bool *chosen, size_t count)
{
    const struct lede_field *field = lede_field_at(facet->field);
    size_t named = 0, values_named = 0;
    for (size_t i = 0; i < facet->count; i++) {
        uint32_t documents = 0;
        for (size_t k = 0; k < count; k++)
            documents += chosen[k] && reading_has(&readings[k], field, facet->values[i].value);
        assert_int_equal(facet->values[i].count, documents);
        assert_true(documents > 0);
        assert_true(i == 0 || facet->values[i - 1].count >= documents);
        named += documents;
    }
    for (size_t k = 0; k < count; k++) {
        const char *values[64];
        values_named += chosen[k] ? reading_values(&readings[k], field, values) : 0;
    }
    assert_int_equal(named, values_named); /* so no value is left out */
}

/* ---- Histograms ---- */

/* The full hour, or where the clock was changed within it. */
static int64_t hour_start(int64_t utc_s, const struct tm *local)
{
    int64_t start = utc_s - local->tm_min * 60 - local->tm_sec;
    for (;; start++) {
        time_t moment = (time_t)start;
        struct tm there;
        localtime_r(&moment, &there);
        if (there.tm_gmtoff == local->tm_gmtoff)
            return start;
    }
}

static int64_t bucket_start(enum lede_histogram interval, int64_t utc_s)
{
    time_t moment = (time_t)utc_s;
    struct tm local;
    localtime_r(&moment, &local);
    if (interval == LEDE_HISTOGRAM_HOUR)
        return hour_start(utc_s, &local);
    int back = interval == LEDE_HISTOGRAM_WEEK    ? (local.tm_wday + 6) % 7
               : interval == LEDE_HISTOGRAM_MONTH ? local.tm_mday - 1
               : interval == LEDE_HISTOGRAM_YEAR  ? local.tm_yday
                                                  : 0;
    /* Noon of the first day, then the first second whose date is that day's: midnight may not
     * exist. */
    struct tm noon = {.tm_year = local.tm_year,
        .tm_mon = local.tm_mon,
        .tm_mday = local.tm_mday - back,
        .tm_hour = 12,
        .tm_isdst = -1};
    time_t inside = mktime(&noon), start = inside;
    for (int64_t step = 8 * 3600; step > 0; step /= 2) {
        for (;;) {
            time_t earlier = start - step;
            struct tm there;
            localtime_r(&earlier, &there);
            if (there.tm_mday != noon.tm_mday)
                break;
            start = earlier;
        }
    }
    return start;
}

static void check_histogram(const struct lede_search *search, const struct reading *readings,
    const bool *chosen, size_t count, const struct lede_search_result *result)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(zones); i++)
        if (search->time_zone == zones[i].name)
            setenv("TZ", zones[i].libc_name, 1);
    tzset();
    size_t counted = 0, total = 0;
    for (size_t i = 0; i < result->bucket_count; i++) {
        const struct lede_bucket *bucket = &result->buckets[i];
        uint32_t documents = 0;
        time_t start = (time_t)bucket->start_utc_s;
        struct tm local;
        localtime_r(&start, &local);
        assert_int_equal(bucket->utc_offset_s, local.tm_gmtoff);
        assert_int_equal(bucket_start(search->histogram, bucket->start_utc_s), bucket->start_utc_s);
        /* No bucket is left out between two: the last second of the one before belongs to it. */
        if (i > 0)
            assert_int_equal(bucket_start(search->histogram, bucket->start_utc_s - 1),
                result->buckets[i - 1].start_utc_s);
        for (size_t k = 0; k < count; k++)
            documents += chosen[k] &&
                         bucket_start(search->histogram, readings[k].document->published_utc_s) ==
                             bucket->start_utc_s;
        assert_int_equal(bucket->count, documents);
        counted += documents;
    }
    for (size_t k = 0; k < count; k++)
        total += chosen[k];
    assert_int_equal(counted, total);
    assert_true(total == 0 || (result->buckets[0].count > 0 &&
                                  result->buckets[result->bucket_count - 1].count > 0));
}

void counts_check(const struct wanted *wanted, const struct reading *readings, const bool *chosen,
    size_t count, const struct lede_search_result *result)
{
    const struct lede_search *search = &wanted->search;
    size_t asked = 0;
    for (int field = 0; field < LEDE_FIELD_COUNT; field++)
        asked += (search->facets & LEDE_FIELD_BIT(field)) != 0;
    assert_int_equal(result->facet_count, asked);
    for (size_t i = 0; i < result->facet_count; i++)
        check_facet(&result->facets[i], readings, chosen, count);
    if (search->histogram != LEDE_HISTOGRAM_NONE)
        check_histogram(search, readings, chosen, count, result);
}
