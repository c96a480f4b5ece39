/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets are made from the first moment to the last, the calendar is asked once each, and each
 * part's moments, which ascend, are dealt out among them. */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_histogram_counts_init(struct lede_histogram_counts *counts,
    const struct lede_search *search, struct lede_error *reterr)
{
    struct lede_calendar *calendar = NULL;
    enum lede_status status = lede_calendar_new(search->time_zone, &calendar, reterr);
    if (status != LEDE_OK)
        return status;
    bool by_days = lede_calendar_is_utc(calendar) && search->histogram != LEDE_HISTOGRAM_HOUR;
    *counts = (struct lede_histogram_counts){
        .calendar = calendar,
        .interval = search->histogram,
        .slot = by_days ? LEDE_SLOT_DAY : LEDE_SLOT_QUARTER_HOUR,
    };
    return LEDE_OK;
}

void lede_histogram_counts_done(struct lede_histogram_counts *counts)
{
    lede_calendar_free(counts->calendar);
    free(counts->moments);
    memset(counts, 0, sizeof(*counts));
}

enum lede_status lede_histogram_counts_add(struct lede_histogram_counts *counts,
    const struct lede_text_column *column, const uint32_t *counts_of_texts)
{
    bool by_days = counts->slot == LEDE_SLOT_DAY;
    if (!LEDE_ARRAY_RESERVE(counts->moments, counts->capacity, counts->count + column->text_count))
        return LEDE_ENOMEM;
    for (uint32_t i = 1; i < column->text_count; i++) {
        if (counts_of_texts[i] == 0)
            continue;
        const unsigned char *bytes = (const unsigned char *)column->texts[i].text;
        int64_t utc_s =
            by_days ? lede_schema_decode_day(bytes) : lede_schema_decode_quarter_hour(bytes);
        counts->moments[counts->count++] = (struct lede_moment_count){utc_s, counts_of_texts[i]};
    }
    return LEDE_OK;
}

static enum lede_status make_buckets(const struct lede_histogram_counts *counts,
    int64_t first_utc_s, int64_t last_utc_s, struct lede_search_result *result,
    struct lede_error *reterr)
{
    size_t capacity = 0;
    int64_t start = lede_calendar_bucket_start(counts->calendar, counts->interval, first_utc_s);
    while (start <= last_utc_s) {
        if (result->bucket_count == LEDE_BUCKETS_MAX)
            return lede_fail(reterr, LEDE_ELIMIT,
                "the histogram would have more than %d buckets: take a longer interval or a "
                "shorter time",
                LEDE_BUCKETS_MAX);
        if (!LEDE_ARENA_RESERVE(
                &result->arena, result->buckets, capacity, result->bucket_count + 1))
            return lede_fail_memory(reterr);
        result->buckets[result->bucket_count++] =
            (struct lede_bucket){start, lede_calendar_utc_offset_s(counts->calendar, start), 0};
        start = lede_calendar_next_bucket(counts->calendar, counts->interval, start);
    }
    return LEDE_OK;
}

enum lede_status lede_histogram_counts_write(const struct lede_histogram_counts *counts,
    struct lede_search_result *result, struct lede_error *reterr)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < counts->count; i++) {
        int64_t utc_s = counts->moments[i].utc_s;
        first = utc_s < first ? utc_s : first;
        last = utc_s > last ? utc_s : last;
    }
    enum lede_status status = LEDE_OK;
    if (counts->count > 0)
        status = make_buckets(counts, first, last, result, reterr);
    if (status != LEDE_OK)
        return status;
    size_t bucket = 0;
    for (size_t i = 0; i < counts->count; i++) {
        int64_t utc_s = counts->moments[i].utc_s;
        if (i > 0 && utc_s < counts->moments[i - 1].utc_s)
            bucket = 0; /* the next part */
        while (
            bucket + 1 < result->bucket_count && result->buckets[bucket + 1].start_utc_s <= utc_s)
            bucket++;
        result->buckets[bucket].count += counts->moments[i].count;
    }
    return LEDE_OK;
}
