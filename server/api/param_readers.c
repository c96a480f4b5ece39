/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "param_readers.h"

#include "lede/number.h"
#include "lede/text.h"
#include "lede/time.h"

#include <stdio.h>
#include <string.h>

/* Put a number into the row's member: bool, uint32_t, an enum, or 64 bits. */
static void store_number(
    struct lede_param_reading *reading, const struct lede_search_param *row, int64_t value)
{
    char *member = (char *)reading->out + row->offset;
    bool truth = value != 0;
    uint32_t small = (uint32_t)value;
    if (row->member_size == sizeof(truth))
        memcpy(member, &truth, sizeof(truth));
    else if (row->member_size == sizeof(small))
        memcpy(member, &small, sizeof(small));
    else
        memcpy(member, &value, sizeof(value));
}

/* ---- What names something ---- */

/* The index of a choice; LEDE_EINPUT tells what there is. */
static enum lede_status find_choice(const struct lede_search_param *row, const char *value,
    size_t size, size_t *ret_index, struct lede_error *reterr)
{
    char expected[160] = "";
    const char *choice;
    for (size_t i = 0; (choice = lede_search_param_choice(row, i)); i++) {
        if (strlen(choice) == size && memcmp(choice, value, size) == 0) {
            *ret_index = i;
            return LEDE_OK;
        }
        bool is_last = !lede_search_param_choice(row, i + 1);
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "%s%s",
            i == 0    ? ""
            : is_last ? " or "
                      : ", ",
            choice);
    }
    return lede_fail(reterr, LEDE_EINPUT, "expected %s, found '%.40s'", expected, value);
}

/* A choice's value is `min` and its place in the list: lists stand in the order of the enums. */
enum lede_status lede_param_read_choice(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t index = 0;
    enum lede_status st = find_choice(row, value, size, &index, reterr);
    if (st == LEDE_OK)
        store_number(reading, row, row->min + (int64_t)index);
    return st;
}

/* The field of a filter's name, or that of stories. */
static const struct lede_field *filter_field(const char *name, size_t size)
{
    const struct lede_field *field = lede_field_by_filter_name(name, size);
    return field ? field : lede_field_of_stories();
}

enum lede_status lede_param_read_collapse(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t index = 0;
    enum lede_status st = find_choice(row, value, size, &index, reterr);
    if (st == LEDE_OK)
        reading->out->search.collapse_slot =
            strcmp(value, row->fallback) == 0 ? LEDE_SLOT_NONE : filter_field(value, size)->slot;
    return st;
}

enum lede_status lede_param_read_facet(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t index = 0;
    enum lede_status st = find_choice(row, value, size, &index, reterr);
    if (st == LEDE_OK)
        reading->out->search.facets |= LEDE_FIELD_BIT(filter_field(value, size)->id);
    return st;
}

enum lede_status lede_param_read_in(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    const struct lede_field *field = lede_field_by_key(value, size);
    if (!field || !field->prefix)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected names of searched fields (title, summary, body …), found '%.40s'", value);
    reading->out->in |= LEDE_FIELD_BIT(field->id);
    return LEDE_OK;
}

enum lede_status lede_param_read_highlight(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    if (size == 4 && memcmp(value, "none", 4) == 0)
        return LEDE_OK;
    const struct lede_field *field = lede_field_by_key(value, size);
    if (!field || !field->highlightable)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected names of text fields (title, summary, body …) or none, found '%.40s'", value);
    reading->out->highlight |= LEDE_FIELD_BIT(field->id);
    return LEDE_OK;
}

/* ---- Numbers and times ---- */

enum lede_status lede_param_read_integer(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    int64_t number = 0;
    enum lede_status st = lede_parse_int64(value, size, row->min, row->max, &number, reterr);
    if (st == LEDE_OK)
        store_number(reading, row, number);
    return st;
}

enum lede_status lede_param_read_boolean(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    bool truth = false;
    enum lede_status st = lede_parse_bool(value, size, &truth, reterr);
    if (st == LEDE_OK)
        store_number(reading, row, truth);
    return st;
}

enum lede_status lede_param_read_timeout(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t ms = 0;
    enum lede_status st = lede_parse_duration_ms(value, size, LEDE_TIMEOUT_MS_MAX, &ms, reterr);
    if (st == LEDE_OK && ms == 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected more than no time, found '%.40s'", value);
    reading->out->timeout_ms = (uint32_t)ms;
    return st;
}

enum lede_status lede_param_read_recency(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t ms = 0;
    enum lede_status st = lede_parse_duration_ms(value, size, LEDE_RECENCY_MS_MAX, &ms, reterr);
    if (st == LEDE_OK && ms < LEDE_RECENCY_MS_MIN)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a half-life of an hour or more, as 12h or 7d, found '%.40s'", value);
    reading->out->search.recency_half_life_s = (double)ms / 1000;
    return st;
}

enum lede_status lede_param_read_after(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t last = 0;
    return lede_time_parse_bound(value, size, reading->now_utc_s, &reading->out->clock,
        &reading->out->search.after_utc_s, &last, reterr);
}

enum lede_status lede_param_read_before(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t first = 0;
    return lede_time_parse_bound(value, size, reading->now_utc_s, &reading->out->clock, &first,
        &reading->out->search.before_utc_s, reterr);
}

/* An address turns the + of an offset into a space: it is taken as such. */
enum lede_status lede_param_read_time_zone(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    char *name = lede_arena_copy(&reading->out->arena, value, size);
    if (!name)
        return lede_fail_memory(reterr);
    if (name[0] == ' ')
        name[0] = '+';
    if (strlen(name) != size || !lede_time_zone_is_known(name)) {
        (void)lede_fail(
            reterr, LEDE_EINPUT, "expected the name of a time zone, found '%.40s'", value);
        lede_error_hint(reterr, "as Europe/Berlin, America/New_York, UTC, or an offset as +05:30");
        return LEDE_EINPUT;
    }
    reading->out->search.time_zone = name;
    enum lede_status st = lede_calendar_new(name, &reading->out->calendar, reterr);
    if (st == LEDE_OK)
        reading->out->clock = lede_calendar_clock(reading->out->calendar);
    return st;
}

/* ---- Texts ---- */

enum lede_status lede_param_read_q(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    reading->out->q = value;
    reading->out->q_size = size;
    if (strlen(value) != size)
        return lede_fail(reterr, LEDE_EINPUT, "expected text without NUL");
    return LEDE_OK;
}

enum lede_status lede_param_read_facet_query(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t folded_size = 0;
    if (strlen(value) != size || (int64_t)size > row->max)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %lld bytes of text, found %zu",
            (long long)row->max, size);
    if (lede_fold(value, size, &folded, &folded_size) != LEDE_OK)
        return lede_fail_memory(reterr);
    char *text = lede_arena_copy(&reading->out->arena, folded, folded_size);
    if (!text)
        return lede_fail_memory(reterr);
    reading->out->search.facet_text = text[0] ? text : NULL;
    return LEDE_OK;
}

enum lede_status lede_param_read_mark(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    memcpy((char *)reading->out + row->offset, &value, sizeof(value));
    if ((int64_t)size <= row->max)
        return LEDE_OK;
    return lede_fail(
        reterr, LEDE_ELIMIT, "expected at most %lld bytes, found %zu", (long long)row->max, size);
}

enum lede_status lede_param_read_cursor(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    if (strlen(value) != size || size == 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected a cursor as `next` of a page has it");
    reading->out->cursor = value;
    return LEDE_OK;
}

enum lede_status lede_param_read_field(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    struct lede_search_params *out = reading->out;
    const char **fields = lede_arena_calloc(&out->arena, out->field_count + 1, sizeof(*fields));
    char *name = lede_arena_copy(&out->arena, value, size);
    if (!fields || !name)
        return lede_fail_memory(reterr);
    if (out->field_count > 0)
        memcpy(fields, out->fields, out->field_count * sizeof(*fields));
    fields[out->field_count++] = name;
    out->fields = fields;
    return LEDE_OK;
}

enum lede_status lede_param_read_id(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    struct lede_search_params *out = reading->out;
    char *id = lede_arena_copy(&out->arena, value, size);
    if (out->search.only_id_count == LEDE_IDS_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d ids", LEDE_IDS_MAX);
    if (!id ||
        !LEDE_ARENA_RESERVE(&out->arena, out->ids, out->id_capacity, out->search.only_id_count + 1))
        return lede_fail_memory(reterr);
    out->ids[out->search.only_id_count++] = id;
    out->search.only_ids = out->ids;
    return LEDE_OK;
}

/* authorize.c has looked at it. */
enum lede_status lede_param_read_key(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)reading;
    (void)row;
    (void)value;
    (void)size;
    (void)reterr;
    return LEDE_OK;
}

/* ---- Filters ---- */

enum lede_status lede_param_read_filter_value(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    struct lede_filter_values *values = reading->filter_values;
    bool excluded = value[0] == '-' && size > 1;
    size_t *count = excluded ? &values->none_count : &values->any_count;
    if (*count == LEDE_FILTER_VALUES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d values", LEDE_FILTER_VALUES_MAX);
    char *copy = lede_arena_copy(&reading->out->arena, value + excluded, size - excluded);
    if (!copy)
        return lede_fail_memory(reterr);
    (excluded ? values->none : values->any)[(*count)++] = copy;
    return LEDE_OK;
}

/* Keys are what Lede gave out: whatever else stands here would find nothing, and is told. */
enum lede_status lede_param_read_story(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t sign = value[0] == '-';
    if (size - sign != LEDE_STORY_KEY_DIGITS ||
        strspn(value + sign, "0123456789abcdef") != LEDE_STORY_KEY_DIGITS)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected keys of stories, %d hexadecimal digits as a hit's collapsed.key has them, "
            "found '%.40s'",
            LEDE_STORY_KEY_DIGITS, value);
    return lede_param_read_filter_value(reading, row, value, size, reterr);
}
