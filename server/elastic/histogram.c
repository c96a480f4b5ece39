/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "histogram.h"

#include "answer.h"
#include "dates.h"
#include "lede/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_S 3600
#define DAY_S 86400

static enum lede_status read_calendar(
    const char *text, struct histogram *histogram, struct lede_error *reterr)
{
    static const struct {
        const char *name, *interval;
    } intervals[] = {{"1h", "hour"}, {"hour", "hour"}, {"1d", "day"}, {"day", "day"},
        {"1w", "week"}, {"week", "week"}, {"1M", "month"}, {"month", "month"}, {"1y", "year"},
        {"year", "year"}};
    for (size_t i = 0; text && i < LEDE_COUNT_OF(intervals); i++) {
        if (strcmp(intervals[i].name, text) != 0)
            continue;
        histogram->interval = intervals[i].interval;
        return LEDE_OK;
    }
    (void)lede_fail(
        reterr, LEDE_EUNSUPPORTED, "calendar_interval [%.20s] is not offered", text ? text : "");
    lede_error_hint(reterr, "hour, day, week, month, year");
    return LEDE_EUNSUPPORTED;
}

static enum lede_status read_fixed(
    const char *text, struct histogram *histogram, struct lede_error *reterr)
{
    int64_t ms = 0;
    if (!text ||
        lede_parse_duration_ms(text, strlen(text), INT64_C(366000) * DAY_S, &ms, NULL) != LEDE_OK ||
        ms < HOUR_S * 1000 || ms % (HOUR_S * 1000) != 0) {
        (void)lede_fail(
            reterr, LEDE_EUNSUPPORTED, "fixed_interval [%.20s] is not offered", text ? text : "");
        lede_error_hint(
            reterr, "whole hours or days, as 1h, 12h, 7d (in Grafana: Min interval 1h)");
        return LEDE_EUNSUPPORTED;
    }
    histogram->size_s = ms / 1000;
    histogram->interval = histogram->size_s % DAY_S == 0 ? "day" : "hour";
    return LEDE_OK;
}

static enum lede_status read_bounds(
    const json_t *bounds, int64_t now_utc_s, struct histogram *histogram, struct lede_error *reterr)
{
    static const char *const known[] = {"min", "max", NULL};
    struct elastic_date_options options = {.now_utc_s = now_utc_s, .format = "epoch_millis"};
    if (!bounds)
        return LEDE_OK;
    enum lede_status st = lede_elastic_check_keys(bounds, known, "extended_bounds", reterr);
    if (st == LEDE_OK && histogram->size_s == 0)
        return lede_fail(reterr, LEDE_EUNSUPPORTED,
            "extended_bounds of a calendar_interval is not offered: take a fixed_interval");
    if (st == LEDE_OK)
        st = lede_elastic_date(
            json_object_get(bounds, "min"), "min", &options, &histogram->first_utc_s, reterr);
    if (st == LEDE_OK)
        st = lede_elastic_date(
            json_object_get(bounds, "max"), "max", &options, &histogram->last_utc_s, reterr);
    histogram->is_padded = st == LEDE_OK;
    return st;
}

static enum lede_status read_format(
    const json_t *format, struct histogram *histogram, struct lede_error *reterr)
{
    const char *text = json_string_value(format);
    if (!format)
        return LEDE_OK;
    histogram->keys_are_ms = text && strcmp(text, "epoch_millis") == 0;
    histogram->keys_are_days = text && strcmp(text, "yyyy-MM-dd") == 0;
    if (!histogram->keys_are_ms && !histogram->keys_are_days &&
        !(text && strncmp(text, "strict_date", 11) == 0))
        return lede_fail(reterr, LEDE_EUNSUPPORTED,
            "this format is not offered: expected epoch_millis, yyyy-MM-dd or "
            "strict_date_optional_time");
    return LEDE_OK;
}

enum lede_status lede_elastic_histogram_read(const json_t *body, int64_t now_utc_s,
    struct histogram *ret_histogram, struct lede_error *reterr)
{
    static const char *const known[] = {"field", "calendar_interval", "fixed_interval", "time_zone",
        "min_doc_count", "extended_bounds", "format", NULL};
    const json_t *fixed = json_object_get(body, "fixed_interval");
    const json_t *least = json_object_get(body, "min_doc_count");
    enum lede_status st = lede_elastic_check_keys(body, known, "date_histogram", reterr);
    if (st == LEDE_OK)
        st = fixed ? read_fixed(json_string_value(fixed), ret_histogram, reterr)
                   : read_calendar(json_string_value(json_object_get(body, "calendar_interval")),
                         ret_histogram, reterr);
    if (st != LEDE_OK)
        return st;
    ret_histogram->time_zone = json_string_value(json_object_get(body, "time_zone"));
    const char *zone = ret_histogram->time_zone;
    if (fixed && zone && strcmp(zone, "UTC") != 0 && strcmp(zone, "utc") != 0)
        return lede_fail(reterr, LEDE_EUNSUPPORTED,
            "time_zone of a fixed_interval is not offered: take a calendar_interval");
    if (fixed)
        ret_histogram->time_zone = NULL;
    if (least && (!json_is_integer(least) || json_integer_value(least) < 0 ||
                     json_integer_value(least) > UINT32_MAX))
        return lede_fail(reterr, LEDE_EINPUT, "min_doc_count: expected a number from 0");
    ret_histogram->least = (uint32_t)json_integer_value(least);
    st = read_format(json_object_get(body, "format"), ret_histogram, reterr);
    if (st == LEDE_OK)
        st =
            read_bounds(json_object_get(body, "extended_bounds"), now_utc_s, ret_histogram, reterr);
    return st;
}

/* ---- Filling ---- */

static int64_t floor_to(int64_t utc_s, int64_t size_s)
{
    return (utc_s / size_s - (utc_s % size_s < 0)) * size_s;
}

static enum lede_status add(
    struct histogram *histogram, int64_t start_utc_s, uint32_t count, struct lede_error *reterr)
{
    struct histogram_bucket *last =
        histogram->count > 0 ? &histogram->buckets[histogram->count - 1] : NULL;
    if (last && last->start_utc_s == start_utc_s) {
        last->count += count;
        return LEDE_OK;
    }
    if (histogram->count == LEDE_BUCKETS_MAX)
        return lede_fail(
            reterr, LEDE_ELIMIT, "more than %d buckets: take a longer interval", LEDE_BUCKETS_MAX);
    if (!LEDE_ARRAY_RESERVE(histogram->buckets, histogram->capacity, histogram->count + 1))
        return lede_fail_memory(reterr);
    histogram->buckets[histogram->count++] =
        (struct histogram_bucket){.start_utc_s = start_utc_s, .count = count};
    return LEDE_OK;
}

static enum lede_status pad(
    struct histogram *histogram, int64_t from_utc_s, int64_t to_utc_s, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (int64_t at = from_utc_s; st == LEDE_OK && at < to_utc_s; at += histogram->size_s)
        st = add(histogram, at, 0, reterr);
    return st;
}

enum lede_status lede_elastic_histogram_fill(
    struct histogram *histogram, const struct lede_search_result *result, struct lede_error *reterr)
{
    int64_t size_s = histogram->size_s, end = LEDE_TIME_MIN_UTC_S;
    bool is_padded = histogram->is_padded && histogram->least == 0;
    enum lede_status st = LEDE_OK;
    int64_t first = is_padded ? floor_to(histogram->first_utc_s, size_s) : 0;
    int64_t behind = is_padded ? floor_to(histogram->last_utc_s, size_s) + size_s : 0;
    for (size_t i = 0; st == LEDE_OK && i < result->bucket_count; i++) {
        int64_t start = result->buckets[i].start_utc_s;
        start = size_s > 0 ? floor_to(start, size_s) : start;
        if (is_padded && i == 0)
            st = pad(histogram, first, start < behind ? start : behind, reterr);
        if (st == LEDE_OK)
            st = add(histogram, start, result->buckets[i].count, reterr);
        end = start + size_s;
    }
    if (st == LEDE_OK && is_padded)
        st = pad(histogram, result->bucket_count > 0 ? end : first, behind, reterr);
    return st;
}

void lede_elastic_histogram_key(
    const struct histogram *histogram, int64_t start_utc_s, char ret_key[40])
{
    char text[21];
    if (histogram->keys_are_ms) {
        snprintf(ret_key, 40, "%lld", (long long)start_utc_s * 1000);
        return;
    }
    lede_time_format(start_utc_s, text);
    if (histogram->keys_are_days)
        snprintf(ret_key, 40, "%.10s", text);
    else
        snprintf(ret_key, 40, "%.19s.000Z", text);
}

void lede_elastic_histogram_done(struct histogram *histogram)
{
    free(histogram->buckets);
    histogram->buckets = NULL;
}
