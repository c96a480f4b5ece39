/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_params.h"

#include "lede/number.h"
#include "lede/time.h"
#include "marks.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 64 /* of parameters that one endpoint takes */

struct lede_param_reading {
    struct lede_search_params *out;
    int64_t now_utc_s;
    struct lede_filter_values *filter_values; /* of the filter that is being read */
};

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
static enum lede_status read_choice(struct lede_param_reading *reading,
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

static enum lede_status read_collapse(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t index = 0;
    enum lede_status st = find_choice(row, value, size, &index, reterr);
    if (st == LEDE_OK)
        reading->out->search.collapse_slot = filter_field(value, size)->slot;
    return st;
}

static enum lede_status read_facet(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t index = 0;
    enum lede_status st = find_choice(row, value, size, &index, reterr);
    if (st == LEDE_OK)
        reading->out->search.facets |= LEDE_FIELD_BIT(filter_field(value, size)->id);
    return st;
}

static enum lede_status read_in(struct lede_param_reading *reading,
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

static enum lede_status read_highlight(struct lede_param_reading *reading,
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

static enum lede_status read_integer(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    int64_t number = 0;
    enum lede_status st = lede_parse_int64(value, size, row->min, row->max, &number, reterr);
    if (st == LEDE_OK)
        store_number(reading, row, number);
    return st;
}

static enum lede_status read_boolean(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    bool truth = false;
    enum lede_status st = lede_parse_bool(value, size, &truth, reterr);
    if (st == LEDE_OK)
        store_number(reading, row, truth);
    return st;
}

static enum lede_status read_timeout(struct lede_param_reading *reading,
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

static enum lede_status read_recency(struct lede_param_reading *reading,
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

static enum lede_status read_after(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t last = 0;
    return lede_time_parse_bound(value, size, reading->now_utc_s, &reading->out->clock,
        &reading->out->search.after_utc_s, &last, reterr);
}

static enum lede_status read_before(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    int64_t first = 0;
    return lede_time_parse_bound(value, size, reading->now_utc_s, &reading->out->clock, &first,
        &reading->out->search.before_utc_s, reterr);
}

/* An address turns the + of an offset into a space: it is taken as such. */
static enum lede_status read_time_zone(struct lede_param_reading *reading,
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

static enum lede_status read_q(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    reading->out->q = value;
    reading->out->q_size = size;
    if (strlen(value) != size)
        return lede_fail(reterr, LEDE_EINPUT, "expected text without NUL");
    return LEDE_OK;
}

static enum lede_status read_mark(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    memcpy((char *)reading->out + row->offset, &value, sizeof(value));
    if ((int64_t)size <= row->max)
        return LEDE_OK;
    return lede_fail(
        reterr, LEDE_ELIMIT, "expected at most %lld bytes, found %zu", (long long)row->max, size);
}

static enum lede_status read_cursor(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    (void)row;
    if (strlen(value) != size || size == 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected a cursor as `next` of a page has it");
    reading->out->cursor = value;
    return LEDE_OK;
}

static enum lede_status read_field(struct lede_param_reading *reading,
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

/* authorize.c has looked at it. */
static enum lede_status read_key(struct lede_param_reading *reading,
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

static enum lede_status read_filter_value(struct lede_param_reading *reading,
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
static enum lede_status read_story(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr)
{
    size_t sign = value[0] == '-';
    if (size - sign != LEDE_STORY_KEY_DIGITS ||
        strspn(value + sign, "0123456789abcdef") != LEDE_STORY_KEY_DIGITS)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected keys of stories, %d hexadecimal digits as a hit's collapsed.key has them, "
            "found '%.40s'",
            LEDE_STORY_KEY_DIGITS, value);
    return read_filter_value(reading, row, value, size, reterr);
}

/* ---- The table ---- */

#define FEED (1U << LEDE_TAKER_FEED)
#define SEARCH (1U << LEDE_TAKER_SEARCH | FEED)
#define SUGGEST (1U << LEDE_TAKER_SUGGEST)
#define DELETE (1U << LEDE_TAKER_DELETE)
#define INTO(name)                                                                                 \
    .offset = offsetof(struct lede_search_params, name),                                           \
    .member_size = sizeof(((struct lede_search_params *)NULL)->name)
#define CHOICES(...)                                                                               \
    .choices = (const char *const[])                                                               \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define TEXT(reader) .shape = LEDE_PARAM_TEXT, .read = (reader)
#define LIST(reader) .shape = LEDE_PARAM_LIST, .read = (reader)
#define INTEGER .shape = LEDE_PARAM_INTEGER, .read = read_integer
#define CHOICE .shape = LEDE_PARAM_CHOICE, .read = read_choice

static const struct lede_search_param rows[] = {
    {"q", SEARCH | SUGGEST | DELETE, TEXT(read_q), .max = LEDE_QUERY_BYTES_MAX,
        .description = "The query; empty means everything."},
    {"match", SEARCH | SUGGEST | DELETE, CHOICE, CHOICES("all", "any"), INTO(match_any),
        .fallback = "all", .description = "Words side by side: all of them, or any."},
    {"strict", SEARCH | SUGGEST, .shape = LEDE_PARAM_BOOLEAN, .read = read_boolean, INTO(strict),
        .fallback = "false",
        .description = "A query that has no meaning as it stands is refused, with the place and a "
                       "hint. Otherwise what stands there is read as words, where nothing is lost "
                       "by it, and `query.notes` says so."},
    {"synonyms", SEARCH | DELETE, CHOICE, CHOICES("on", "off"), INTO(without_synonyms),
        .fallback = "on",
        .description = "Whether a word stands for its synonyms, too, as the server's list has "
                       "them; `parsed` shows them."},
    {"in", SEARCH | SUGGEST | DELETE, LIST(read_in),
        .description = "Fields searched by words with no field; title, summary, body and author "
                       "where absent."},
    /* Ahead of the dates, which are read by it. */
    {"time_zone", SEARCH | SUGGEST | DELETE, TEXT(read_time_zone),
        .description = "Of the histogram, and of what has no zone in after, before, `published:` "
                       "and `updated:`: a name of the tz database, or an offset as +05:30; UTC "
                       "where absent."},
    {"after", SEARCH | SUGGEST | DELETE, TEXT(read_after),
        .description = "Lower bound of `published`, included: a date, a date and time, `now`, "
                       "`-7d`."},
    {"before", SEARCH | SUGGEST | DELETE, TEXT(read_before),
        .description = "Upper bound of `published`, included."},
    {"sort", SEARCH, CHOICE, CHOICES("relevance", "newest", "oldest"), INTO(search.sort),
        .fallback = "relevance", .description = "Order; `newest` where q is empty."},
    {"recency", SEARCH, TEXT(read_recency),
        .description = "Half-life, as 7d or 12h: of what is newer, more. Relevance order alone; an "
                       "order by date already says all."},
    {"expand", SEARCH, CHOICE, CHOICES("feedback"), INTO(expand), .min = LEDE_EXPAND_FEEDBACK,
        .description = "`feedback`: telling words of the first five hits give more to what has "
                       "them, and `query.expansion` says them. The same documents are found, in "
                       "another order: better for a topic, worse where one known document is "
                       "sought. Relevance order alone; off where absent."},
    {"limit", SEARCH, INTEGER, INTO(search.limit), .max = LEDE_LIMIT_MAX, .fallback = "10",
        .description = "Hits a page."},
    {"limit", SUGGEST, INTEGER, INTO(search.limit), .min = 1, .max = LEDE_SUGGEST_LIMIT_MAX,
        .fallback = "10", .description = "Of each list."},
    {"offset", SEARCH, INTEGER, INTO(search.offset), .max = LEDE_OFFSET_MAX, .fallback = "0",
        .description = "Hits passed over."},
    {"cursor", SEARCH, TEXT(read_cursor),
        .description = "From `next` of the page before; not together with offset."},
    {"collapse", SEARCH, .shape = LEDE_PARAM_CHOICE, .read = read_collapse, .names_filters = true,
        .description =
            "One hit, the first in the order asked for, for all documents of a story "
            "(near-duplicates), or with one value of a field; of a list, with the same whole list. "
            "A document without a value stays a hit of its own. Total, facets and histogram count "
            "every document that matches."},
    {"facets", SEARCH, LIST(read_facet), .names_filters = true,
        .description = "Filter fields whose values are counted over all matches."},
    {"histogram", SEARCH, CHOICE, CHOICES("hour", "day", "week", "month", "year"),
        INTO(search.histogram), .min = LEDE_HISTOGRAM_HOUR,
        .description = "Counts by `published`, UTC unless time_zone says otherwise."},
    {"fields", SEARCH, LIST(read_field),
        .description = "Document keys to return; all but body where absent."},
    {"highlight", SEARCH, LIST(read_highlight), .fallback = "title,body",
        .description = "Fields to mark up, or `none`."},
    {"snippets", SEARCH, INTEGER, INTO(highlighting.snippets), .min = 1, .max = LEDE_SNIPPETS_MAX,
        .fallback = "1", .description = "Fragments a field."},
    {"snippet_chars", SEARCH, INTEGER, INTO(highlighting.snippet_chars),
        .min = LEDE_SNIPPET_CHARS_MIN, .max = LEDE_SNIPPET_CHARS_MAX, .fallback = "200",
        .description = "Characters a fragment, about."},
    {"format", SEARCH | SUGGEST, CHOICE, CHOICES("html", "text", "ranges"),
        INTO(highlighting.format), .fallback = "html", .description = "Form of highlights."},
    {"pre", SEARCH | SUGGEST, TEXT(read_mark), INTO(highlighting.pre), .max = LEDE_MARK_BYTES_MAX,
        .fallback = "<mark>",
        .description = "Mark before. With format=html a tag mark, em, strong, span, b, i or u, "
                       "perhaps with a class, or text without markup."},
    {"post", SEARCH | SUGGEST, TEXT(read_mark), INTO(highlighting.post), .max = LEDE_MARK_BYTES_MAX,
        .fallback = "</mark>", .description = "Mark after: its end."},
    {"spell", SEARCH, CHOICE, CHOICES("suggest", "off", "auto"), INTO(spell), .fallback = "suggest",
        .description = "`suggest`: `did_you_mean` is a query that finds more, or null. `auto`: "
                       "where nothing matched it is run, and `corrected` is true. `off`: neither."},
    {"explain", SEARCH, .shape = LEDE_PARAM_BOOLEAN, .read = read_boolean, INTO(explain),
        .fallback = "false",
        .description = "Show the parsed tree, and for each hit which clause gave what."},
    {"cache", SEARCH, .shape = LEDE_PARAM_BOOLEAN, .read = read_boolean, INTO(cache),
        .fallback = "true",
        .description = "Whether an answer in JSON may be one that was kept: the same that a search "
                       "would give now, but for took_ms. `0`: it is searched for anew."},
    {"timeout", SEARCH | DELETE, TEXT(read_timeout), .fallback = "2s",
        .description =
            "At most 30s; what was found by then comes with timed_out. A tenth of it is "
            "kept for showing hits; where that is not enough, the last ones come without "
            "highlights."},
    {"timeout", SUGGEST, TEXT(read_timeout), .fallback = "8ms",
        .description = "At most 30s; what was found by then is answered. Four tenths of it are for "
                       "completions."},
    {"min_revision", SEARCH, INTEGER, INTO(min_revision), .max = INT64_MAX,
        .description = "Waits (within timeout) until that revision can be searched; timed_out says "
                       "that it was not reached."},
    {"key", FEED, TEXT(read_key),
        .description = "A key with the right `feed` alone, where one is needed: readers of feeds "
                       "send no headers."},
    {"confirm", DELETE, INTEGER, INTO(confirm), .max = UINT32_MAX,
        .description =
            "Documents that match, those that no search shows now among them: nothing is "
            "deleted where another number does."},
};

/* Filters, in the order of the fields; stories last. NULL behind the last. */
static const struct lede_field *filter_at(size_t index)
{
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (lede_field_at(id)->filter_name && index-- == 0)
            return lede_field_at(id);
    }
    return index == 0 ? lede_field_of_stories() : NULL;
}

bool lede_search_param_at(size_t index, struct lede_search_param *ret_row)
{
    if (index < LEDE_COUNT_OF(rows)) {
        *ret_row = rows[index];
        return true;
    }
    const struct lede_field *field = filter_at(index - LEDE_COUNT_OF(rows));
    if (!field)
        return false;
    bool is_story = field == lede_field_of_stories();
    *ret_row = (struct lede_search_param){field->filter_name, SEARCH | SUGGEST | DELETE,
        LIST(is_story ? read_story : read_filter_value), .field = field,
        .pattern = is_story ? "^-?[0-9a-f]{16}$" : NULL,
        .description = is_story
                           ? "The story, by the key in a hit's `collapsed`: its copies. Comma or "
                             "repetition means or; a leading `-` excludes."
                           : "Comma or repetition means or; `\\,` is a comma; a leading `-` "
                             "excludes."};
    return true;
}

const char *lede_search_param_choice(const struct lede_search_param *row, size_t index)
{
    if (row->choices)
        return row->choices[index];
    if (!row->names_filters)
        return NULL;
    const struct lede_field *field = filter_at(index);
    bool fits = field && (row->shape == LEDE_PARAM_CHOICE || field != lede_field_of_stories());
    return fits ? field->filter_name : NULL;
}

/* ---- Reading ---- */

static bool is_given(const struct lede_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].name, name) == 0)
            return true;
    }
    return false;
}

struct list_visit {
    struct lede_param_reading *reading;
    const struct lede_search_param *row;
};

static enum lede_status visit_value(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct list_visit *visit = context;
    return visit->row->read(visit->reading, visit->row, value, size, reterr);
}

static enum lede_status read_given(struct lede_param_reading *reading,
    const struct lede_search_param *row, const struct lede_params *params,
    struct lede_error *reterr)
{
    struct list_visit visit = {reading, row};
    const struct lede_param *param = NULL;
    if (row->shape == LEDE_PARAM_LIST)
        return lede_params_visit_list(params, row->name, visit_value, &visit, reterr);
    enum lede_status st = lede_params_single(params, row->name, &param, reterr);
    return st == LEDE_OK ? row->read(reading, row, param->value, param->size, reterr) : st;
}

static enum lede_status read_filter(struct lede_param_reading *reading,
    const struct lede_search_param *row, const struct lede_params *params,
    struct lede_error *reterr)
{
    struct lede_search_params *out = reading->out;
    struct lede_filter_values *values = lede_arena_calloc(&out->arena, 1, sizeof(*values));
    if (!values)
        return lede_fail_memory(reterr);
    reading->filter_values = values;
    enum lede_status st = read_given(reading, row, params, reterr);
    out->filters[out->search.filter_count++] = (struct lede_filter){.field = row->field,
        .any = values->any,
        .any_count = values->any_count,
        .none = values->none,
        .none_count = values->none_count};
    return st;
}

static enum lede_status check_names(
    const struct lede_params *params, enum lede_param_taker taker, struct lede_error *reterr)
{
    const char *names[NAMES_MAX + 1] = {NULL};
    struct lede_search_param row;
    size_t count = 0;
    for (size_t i = 0; lede_search_param_at(i, &row) && count < NAMES_MAX; i++) {
        if (row.takers & 1U << taker)
            names[count++] = row.name;
    }
    return lede_params_check_names(params, names, reterr);
}

enum lede_status lede_search_params_read(const struct lede_params *params,
    enum lede_param_taker taker, int64_t now_utc_s, struct lede_search_params *ret_search,
    struct lede_error *reterr)
{
    struct lede_error unused;
    struct lede_error *error = reterr ? reterr : &unused;
    struct lede_param_reading reading = {.out = ret_search, .now_utc_s = now_utc_s};
    *ret_search = (struct lede_search_params){
        .q = "",
        .confirm = -1,
        .search = {.after_utc_s = LEDE_TIME_NONE,
            .before_utc_s = LEDE_TIME_NONE,
            .now_utc_s = now_utc_s,
            .collapse_slot = LEDE_SLOT_NONE,
            .facet_values = LEDE_FACET_VALUES_MAX},
    };
    enum lede_status st = check_names(params, taker, error);
    struct lede_search_param row;
    for (size_t i = 0; st == LEDE_OK && lede_search_param_at(i, &row); i++) {
        /* What an endpoint does not take is as a search has it by default. */
        struct lede_param fallback = {row.name, row.fallback, 0, false};
        if ((row.takers & 1U << taker) && is_given(params, row.name)) {
            st = (row.field ? read_filter : read_given)(&reading, &row, params, error);
            if (st != LEDE_OK && !error->param[0])
                lede_param_blame(error, row.name);
        } else if (row.fallback && (row.takers & (1U << taker | SEARCH))) {
            fallback.size = strlen(row.fallback);
            st = read_given(
                &reading, &row, &(struct lede_params){.items = &fallback, .count = 1}, error);
        }
    }
    if (st == LEDE_OK && taker != LEDE_TAKER_DELETE)
        st = lede_marks_check(&ret_search->highlighting, error);
    if (st != LEDE_OK)
        return st;
    ret_search->has_offset = is_given(params, "offset");
    ret_search->has_sort = is_given(params, "sort");
    if (ret_search->q_size == 0 && !ret_search->has_sort)
        ret_search->search.sort = LEDE_SORT_NEWEST;
    ret_search->search.filters = ret_search->filters;
    return LEDE_OK;
}

void lede_search_params_done(struct lede_search_params *search)
{
    lede_calendar_free(search->calendar);
    lede_arena_done(&search->arena);
}
