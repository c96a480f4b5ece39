/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buckets are made from the first moment to the last, the calendar is asked once each; what a part
 * has of a bucket is a run of its counts, which stand in the order of time. */
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
    for (size_t i = 0; i < counts->count; i++)
        free(counts->parts[i].counts);
    free(counts->parts);
    memset(counts, 0, sizeof(*counts));
}

enum lede_status lede_histogram_counts_add(
    struct lede_histogram_counts *counts, const struct lede_text_column *column, uint32_t *taken)
{
    if (!LEDE_ARRAY_RESERVE(counts->parts, counts->capacity, counts->count + 1)) {
        free(taken);
        return LEDE_ENOMEM;
    }
    counts->parts[counts->count++] = (struct lede_histogram_part){column, taken};
    return LEDE_OK;
}

enum lede_status lede_histogram_counts_join(
    struct lede_histogram_counts *counts, struct lede_histogram_counts *more)
{
    while (more->count > 0) {
        struct lede_histogram_part *part = &more->parts[--more->count];
        if (lede_histogram_counts_add(counts, part->column, part->counts) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static int64_t moment_of(const struct lede_histogram_counts *counts,
    const struct lede_text_column *column, uint32_t number)
{
    const unsigned char *bytes = (const unsigned char *)column->texts[number].text;
    return counts->slot == LEDE_SLOT_DAY ? lede_schema_decode_day(bytes)
                                         : lede_schema_decode_quarter_hour(bytes);
}

/* The first and the last moment that was counted. Returns false where none was. */
static bool find_ends(
    const struct lede_histogram_counts *counts, int64_t *ret_first_utc_s, int64_t *ret_last_utc_s)
{
    int64_t first_utc_s = INT64_MAX, last_utc_s = INT64_MIN;
    for (size_t i = 0; i < counts->count; i++) {
        const struct lede_histogram_part *part = &counts->parts[i];
        uint32_t first = 1, end = part->column->text_count;
        while (first < end && part->counts[first] == 0)
            first++;
        while (end > first && part->counts[end - 1] == 0)
            end--;
        if (first == end)
            continue;
        int64_t from = moment_of(counts, part->column, first);
        int64_t to = moment_of(counts, part->column, end - 1);
        first_utc_s = from < first_utc_s ? from : first_utc_s;
        last_utc_s = to > last_utc_s ? to : last_utc_s;
    }
    *ret_first_utc_s = first_utc_s;
    *ret_last_utc_s = last_utc_s;
    return first_utc_s <= last_utc_s;
}

/* Seconds of each bucket; 0: the calendar says. */
static int64_t step_of(const struct lede_histogram_counts *counts)
{
    if (!lede_calendar_is_utc(counts->calendar))
        return 0;
    switch (counts->interval) {
    case LEDE_HISTOGRAM_HOUR:
        return 3600;
    case LEDE_HISTOGRAM_DAY:
        return 86400;
    case LEDE_HISTOGRAM_WEEK:
        return INT64_C(7) * 86400;
    default:
        return 0;
    }
}

static enum lede_status make_buckets(const struct lede_histogram_counts *counts,
    int64_t first_utc_s, int64_t last_utc_s, struct lede_search_result *result,
    struct lede_error *reterr)
{
    size_t capacity = 0;
    int64_t step = step_of(counts);
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
        int32_t offset_s = step > 0 ? 0 : lede_calendar_utc_offset_s(counts->calendar, start);
        result->buckets[result->bucket_count++] = (struct lede_bucket){start, offset_s, 0};
        start = step > 0 ? start + step
                         : lede_calendar_next_bucket(counts->calendar, counts->interval, start);
    }
    return LEDE_OK;
}

/* The first number from `number` on whose moment is not before one; by steps that double, for runs
 * are as long as buckets. */
static uint32_t find_number(const struct lede_histogram_counts *counts,
    const struct lede_text_column *column, uint32_t number, int64_t utc_s)
{
    uint32_t step = 1, end = column->text_count;
    while (number < end && moment_of(counts, column, number) < utc_s) {
        number++;
        if (step < end - number && moment_of(counts, column, number + step - 1) < utc_s) {
            number += step;
            step *= 2;
        } else if (step > 1) {
            step /= 2;
        }
    }
    return number;
}

/* The shortest interval that leaves few enough buckets. */
static enum lede_histogram choose_interval(int64_t first_utc_s, int64_t last_utc_s)
{
    static const struct {
        enum lede_histogram interval;
        int64_t days;
    } intervals[] = {{LEDE_HISTOGRAM_DAY, 1}, {LEDE_HISTOGRAM_WEEK, 7}, {LEDE_HISTOGRAM_MONTH, 30}};
    int64_t days = (last_utc_s - first_utc_s) / 86400;
    for (size_t i = 0; i < LEDE_COUNT_OF(intervals); i++) {
        if (days / intervals[i].days < LEDE_BUCKETS_AUTO_MAX)
            return intervals[i].interval;
    }
    return LEDE_HISTOGRAM_YEAR;
}

enum lede_status lede_histogram_counts_write(struct lede_histogram_counts *counts,
    struct lede_search_result *result, struct lede_error *reterr)
{
    int64_t first_utc_s = LEDE_TIME_NONE, last_utc_s = LEDE_TIME_NONE;
    bool has_any = find_ends(counts, &first_utc_s, &last_utc_s);
    result->first_utc_s = result->last_utc_s = LEDE_TIME_NONE;
    if (counts->interval == LEDE_HISTOGRAM_AUTO)
        counts->interval = has_any ? choose_interval(first_utc_s, last_utc_s) : LEDE_HISTOGRAM_DAY;
    result->histogram = counts->interval;
    if (!has_any)
        return LEDE_OK;
    result->first_utc_s = first_utc_s;
    result->last_utc_s = last_utc_s;
    if (!lede_calendar_is_utc(counts->calendar)) {
        result->first_offset_s = lede_calendar_utc_offset_s(counts->calendar, first_utc_s);
        result->last_offset_s = lede_calendar_utc_offset_s(counts->calendar, last_utc_s);
    }
    enum lede_status status = make_buckets(counts, first_utc_s, last_utc_s, result, reterr);
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < counts->count; i++) {
        const struct lede_histogram_part *part = &counts->parts[i];
        uint32_t number = find_number(counts, part->column, 1, result->buckets[0].start_utc_s);
        for (size_t bucket = 0; bucket < result->bucket_count; bucket++) {
            uint32_t end = part->column->text_count;
            if (bucket + 1 < result->bucket_count)
                end = find_number(
                    counts, part->column, number, result->buckets[bucket + 1].start_utc_s);
            for (; number < end; number++)
                result->buckets[bucket].count += part->counts[number];
        }
    }
    return LEDE_OK;
}

/* ---- Sums that go elsewhere ---- */

static size_t size_of_moment(const struct lede_histogram_counts *counts)
{
    return counts->slot == LEDE_SLOT_DAY ? 3 : 4;
}

static int compare_entries(const void *left, const void *right)
{
    const struct lede_tally_entry *a = left, *b = right;
    return memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
}

enum lede_status lede_histogram_counts_sum(
    const struct lede_histogram_counts *counts, struct lede_tally *ret_sum)
{
    for (size_t i = 0; i < counts->count; i++) {
        const struct lede_histogram_part *part = &counts->parts[i];
        for (uint32_t number = 1; number < part->column->text_count; number++) {
            const struct lede_column_text *text = &part->column->texts[number];
            if (part->counts[number] > 0 && lede_tally_add(ret_sum, text->text, text->size,
                                                part->counts[number], i == 0) != LEDE_OK)
                return LEDE_ENOMEM;
        }
    }
    if (ret_sum->count > 0)
        qsort(ret_sum->entries, ret_sum->count, sizeof(*ret_sum->entries), compare_entries);
    return LEDE_OK;
}

enum lede_status lede_histogram_counts_add_sum(struct lede_histogram_counts *counts,
    const struct lede_tally *sum, struct lede_wire_reader *reader, struct lede_arena *arena)
{
    size_t size = size_of_moment(counts);
    struct lede_text_column *column = lede_arena_calloc(arena, 1, sizeof(*column));
    uint32_t *numbers = calloc(sum->count + 1, sizeof(*numbers));
    if (column)
        column->texts = lede_arena_calloc(arena, sum->count + 1, sizeof(*column->texts));
    if (!numbers || !column || !column->texts) {
        free(numbers);
        return LEDE_ENOMEM;
    }
    column->text_count = (uint32_t)sum->count + 1;
    for (size_t i = 0; i < sum->count; i++) {
        const struct lede_tally_entry *entry = &sum->entries[i];
        column->texts[i + 1] = (struct lede_column_text){.text = entry->text, .size = entry->size};
        numbers[i + 1] = entry->count;
        if (entry->size != size || (i > 0 && memcmp(entry[-1].text, entry->text, size) >= 0))
            lede_wire_refuse(reader);
    }
    if (!reader->failed)
        return lede_histogram_counts_add(counts, column, numbers);
    free(numbers);
    return LEDE_OK;
}
