/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search_params.h"

#include "lede/number.h"
#include "lede/time.h"

#include <stdio.h>
#include <string.h>

const char *const lede_search_param_names[] = {"q", "match", "in", "source", "section", "author",
    "tag", "lang", "place", "person", "organisation", "story", "after", "before", "sort", "recency",
    "limit", "offset", "cursor", "collapse", "facets", "histogram", "fields", "highlight",
    "snippets", "snippet_chars", "format", "pre", "post", "time_zone", "spell", "explain",
    "timeout", "min_revision", NULL};

struct reading {
    const struct lede_params *params;
    struct lede_search_params *out;
    int64_t now_utc_s;
    const struct lede_field *filter_field;
    struct lede_filter_values *filter_values;
};

typedef enum lede_status (*read_one)(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr);

/* ---- Words from a list of choices ---- */

static enum lede_status read_choice(const struct lede_param *param, const char *const *choices,
    size_t count, size_t *ret_index, struct lede_error *reterr)
{
    char expected[160] = "";
    for (size_t i = 0; i < count; i++) {
        if (strlen(choices[i]) == param->size &&
            memcmp(choices[i], param->value, param->size) == 0) {
            *ret_index = i;
            return LEDE_OK;
        }
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof(expected) - used, "%s%s",
            i == 0           ? ""
            : i + 1 == count ? " or "
                             : ", ",
            choices[i]);
    }
    return lede_fail(reterr, LEDE_EINPUT, "expected %s, found '%.40s'", expected, param->value);
}

static enum lede_status read_match(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    static const char *const choices[] = {"all", "any"};
    size_t index = 0;
    enum lede_status st = read_choice(param, choices, 2, &index, reterr);
    reading->out->match_any = index == 1;
    return st;
}

static enum lede_status read_sort(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    static const char *const choices[] = {"relevance", "newest", "oldest"};
    static const enum lede_sort sorts[] = {LEDE_SORT_RELEVANCE, LEDE_SORT_NEWEST, LEDE_SORT_OLDEST};
    size_t index = 0;
    enum lede_status st = read_choice(param, choices, 3, &index, reterr);
    reading->out->search.sort = sorts[index];
    return st;
}

static enum lede_status read_histogram(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    static const char *const choices[] = {"hour", "day", "week", "month", "year"};
    static const enum lede_histogram intervals[] = {LEDE_HISTOGRAM_HOUR, LEDE_HISTOGRAM_DAY,
        LEDE_HISTOGRAM_WEEK, LEDE_HISTOGRAM_MONTH, LEDE_HISTOGRAM_YEAR};
    size_t index = 0;
    enum lede_status st = read_choice(param, choices, 5, &index, reterr);
    reading->out->search.histogram = intervals[index];
    return st;
}

static enum lede_status read_format(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    static const char *const choices[] = {"html", "text", "ranges"};
    static const enum lede_highlight_format formats[] = {
        LEDE_HIGHLIGHT_HTML, LEDE_HIGHLIGHT_TEXT, LEDE_HIGHLIGHT_RANGES};
    size_t index = 0;
    enum lede_status st = read_choice(param, choices, 3, &index, reterr);
    reading->out->highlighting.format = formats[index];
    return st;
}

static enum lede_status read_spell(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    static const char *const choices[] = {"suggest", "off", "auto"};
    static const enum lede_spell ways[] = {LEDE_SPELL_SUGGEST, LEDE_SPELL_OFF, LEDE_SPELL_AUTO};
    size_t index = 0;
    enum lede_status st = read_choice(param, choices, 3, &index, reterr);
    reading->out->spell = ways[index];
    return st;
}

/* ---- Numbers and times ---- */

static enum lede_status read_uint32(const struct lede_param *param, int64_t min, int64_t max,
    uint32_t *ret_value, struct lede_error *reterr)
{
    int64_t value = 0;
    enum lede_status st = lede_parse_int64(param->value, param->size, min, max, &value, reterr);
    if (st == LEDE_OK)
        *ret_value = (uint32_t)value;
    return st;
}

static enum lede_status read_limit(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    return read_uint32(param, 0, LEDE_LIMIT_MAX, &reading->out->search.limit, reterr);
}

static enum lede_status read_offset(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    reading->out->has_offset = true;
    return read_uint32(param, 0, LEDE_OFFSET_MAX, &reading->out->search.offset, reterr);
}

static enum lede_status read_snippets(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    return read_uint32(param, 1, LEDE_SNIPPETS_MAX, &reading->out->highlighting.snippets, reterr);
}

static enum lede_status read_snippet_chars(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    return read_uint32(param, LEDE_SNIPPET_CHARS_MIN, LEDE_SNIPPET_CHARS_MAX,
        &reading->out->highlighting.snippet_chars, reterr);
}

static enum lede_status read_timeout(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    int64_t ms = 0;
    enum lede_status st =
        lede_parse_duration_ms(param->value, param->size, LEDE_TIMEOUT_MS_MAX, &ms, reterr);
    if (st == LEDE_OK && ms == 0)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected more than no time, found '%.40s'", param->value);
    reading->out->timeout_ms = (uint32_t)ms;
    return st;
}

static enum lede_status read_recency(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    int64_t ms = 0;
    enum lede_status st =
        lede_parse_duration_ms(param->value, param->size, LEDE_RECENCY_MS_MAX, &ms, reterr);
    if (st == LEDE_OK && ms < LEDE_RECENCY_MS_MIN)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a half-life of an hour or more, as 12h or 7d, found '%.40s'", param->value);
    reading->out->search.recency_half_life_s = (double)ms / 1000;
    return st;
}

static enum lede_status read_after(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    int64_t last = 0;
    return lede_time_parse_bound(param->value, param->size, reading->now_utc_s,
        &reading->out->search.after_utc_s, &last, reterr);
}

static enum lede_status read_before(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    int64_t first = 0;
    return lede_time_parse_bound(param->value, param->size, reading->now_utc_s, &first,
        &reading->out->search.before_utc_s, reterr);
}

static enum lede_status read_explain(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    return lede_parse_bool(param->value, param->size, &reading->out->explain, reterr);
}

/* ---- Texts ---- */

static enum lede_status read_q(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    reading->out->q = param->value;
    reading->out->q_size = param->size;
    if (strlen(param->value) != param->size)
        return lede_fail(reterr, LEDE_EINPUT, "expected text without NUL");
    return LEDE_OK;
}

static enum lede_status check_mark(const struct lede_param *param, struct lede_error *reterr)
{
    if (param->size <= LEDE_MARK_BYTES_MAX)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ELIMIT, "expected at most %d bytes, found %zu",
        LEDE_MARK_BYTES_MAX, param->size);
}

static enum lede_status read_pre(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    reading->out->highlighting.pre = param->value;
    return check_mark(param, reterr);
}

static enum lede_status read_post(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    reading->out->highlighting.post = param->value;
    return check_mark(param, reterr);
}

static enum lede_status read_collapse(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    const struct lede_field *field = lede_field_by_filter_name(param->value, param->size);
    const struct lede_field *stories = lede_field_of_stories();
    if (param->size == strlen(stories->filter_name) &&
        memcmp(param->value, stories->filter_name, param->size) == 0)
        field = stories;
    if (!field)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected story, source, section, author, tag, lang, place, person or organisation, "
            "found "
            "'%.40s'",
            param->value);
    reading->out->search.collapse_slot = field->slot;
    return LEDE_OK;
}

static enum lede_status read_cursor(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    if (strlen(param->value) != param->size || param->size == 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected a cursor as `next` of a page has it");
    reading->out->cursor = param->value;
    return LEDE_OK;
}

static enum lede_status read_min_revision(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    int64_t value = 0;
    enum lede_status st = lede_parse_int64(param->value, param->size, 0, INT64_MAX, &value, reterr);
    if (st == LEDE_OK)
        reading->out->min_revision = (uint64_t)value;
    return st;
}

/* An address turns the + of an offset into a space: it is taken as such. */
static enum lede_status read_time_zone(
    struct reading *reading, const struct lede_param *param, struct lede_error *reterr)
{
    char *name = lede_arena_copy(&reading->out->arena, param->value, param->size);
    if (!name)
        return lede_fail_memory(reterr);
    if (name[0] == ' ')
        name[0] = '+';
    if (strlen(name) != param->size || !lede_time_zone_is_known(name)) {
        (void)lede_fail(
            reterr, LEDE_EINPUT, "expected the name of a time zone, found '%.40s'", param->value);
        lede_error_hint(reterr, "as Europe/Berlin, America/New_York, UTC, or an offset as +05:30");
        return LEDE_EINPUT;
    }
    reading->out->search.time_zone = name;
    return LEDE_OK;
}

/* Parameters that stand once, each with its reader. */
static const struct {
    const char *name;
    read_one read;
} singles[] = {
    {"q", read_q},
    {"match", read_match},
    {"after", read_after},
    {"before", read_before},
    {"sort", read_sort},
    {"limit", read_limit},
    {"offset", read_offset},
    {"histogram", read_histogram},
    {"snippets", read_snippets},
    {"snippet_chars", read_snippet_chars},
    {"format", read_format},
    {"pre", read_pre},
    {"post", read_post},
    {"spell", read_spell},
    {"explain", read_explain},
    {"timeout", read_timeout},
    {"recency", read_recency},
    {"cursor", read_cursor},
    {"time_zone", read_time_zone},
    {"collapse", read_collapse},
    {"min_revision", read_min_revision},
};

/* ---- Lists ---- */

static enum lede_status add_in(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct reading *reading = context;
    const struct lede_field *field = lede_field_by_key(value, size);
    if (!field || !field->prefix)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected names of searched fields (title, summary, body …), found '%.40s'", value);
    reading->out->in |= LEDE_FIELD_BIT(field->id);
    return LEDE_OK;
}

static enum lede_status add_facet(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct reading *reading = context;
    const struct lede_field *field = lede_field_by_filter_name(value, size);
    if (!field)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected source, section, author, tag, lang, place, person or organisation, found "
            "'%.40s'",
            value);
    reading->out->search.facets |= LEDE_FIELD_BIT(field->id);
    return LEDE_OK;
}

static enum lede_status add_highlight(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct reading *reading = context;
    if (size == 4 && memcmp(value, "none", 4) == 0)
        return LEDE_OK;
    const struct lede_field *field = lede_field_by_key(value, size);
    if (!field || !field->highlightable)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected names of text fields (title, summary, body …) or none, found '%.40s'", value);
    reading->out->highlight |= LEDE_FIELD_BIT(field->id);
    return LEDE_OK;
}

static enum lede_status add_field(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct lede_search_params *out = ((struct reading *)context)->out;
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

static enum lede_status add_filter_value(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    struct reading *reading = context;
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
static enum lede_status add_story(
    void *context, const char *value, size_t size, struct lede_error *reterr)
{
    size_t sign = value[0] == '-';
    if (size - sign != LEDE_STORY_KEY_DIGITS ||
        strspn(value + sign, "0123456789abcdef") != LEDE_STORY_KEY_DIGITS)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected keys of stories, %d hexadecimal digits as a hit's collapsed.key has them, "
            "found "
            "'%.40s'",
            LEDE_STORY_KEY_DIGITS, value);
    return add_filter_value(context, value, size, reterr);
}

static bool is_given(const struct lede_params *params, const char *name)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static enum lede_status read_filter(
    struct reading *reading, const struct lede_field *field, struct lede_error *reterr)
{
    struct lede_search_params *out = reading->out;
    const char *name = field->filter_name;
    if (!is_given(reading->params, name))
        return LEDE_OK;
    struct lede_filter_values *values = lede_arena_calloc(&out->arena, 1, sizeof(*values));
    if (!values)
        return lede_fail_memory(reterr);
    reading->filter_values = values;
    enum lede_status st = lede_params_visit_list(reading->params, name,
        field == lede_field_of_stories() ? add_story : add_filter_value, reading, reterr);
    if (st != LEDE_OK)
        return lede_param_blame(reterr, name);
    out->filters[out->search.filter_count++] = (struct lede_filter){.field = field,
        .any = values->any,
        .any_count = values->any_count,
        .none = values->none,
        .none_count = values->none_count};
    return LEDE_OK;
}

static enum lede_status read_lists(struct reading *reading, struct lede_error *reterr)
{
    static const struct {
        const char *name;
        enum lede_status (*visit)(
            void *context, const char *value, size_t size, struct lede_error *reterr);
    } lists[] = {
        {"in", add_in}, {"facets", add_facet}, {"highlight", add_highlight}, {"fields", add_field}};
    for (size_t i = 0; i < LEDE_COUNT_OF(lists); i++) {
        if (lede_params_visit_list(
                reading->params, lists[i].name, lists[i].visit, reading, reterr) != LEDE_OK)
            return lede_param_blame(reterr, lists[i].name);
    }
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(id);
        enum lede_status st = field->filter_name ? read_filter(reading, field, reterr) : LEDE_OK;
        if (st != LEDE_OK)
            return st;
    }
    return read_filter(reading, lede_field_of_stories(), reterr);
}

static enum lede_status read_singles(struct reading *reading, struct lede_error *reterr)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(singles); i++) {
        const struct lede_param *param = NULL;
        enum lede_status st = lede_params_single(reading->params, singles[i].name, &param, reterr);
        if (st != LEDE_OK)
            return st;
        if (param && singles[i].read(reading, param, reterr) != LEDE_OK)
            return lede_param_blame(reterr, singles[i].name);
    }
    return LEDE_OK;
}

enum lede_status lede_search_params_read(const struct lede_params *params, int64_t now_utc_s,
    struct lede_search_params *ret_search, struct lede_error *reterr)
{
    struct lede_error unused;
    struct lede_error *error = reterr ? reterr : &unused;
    struct reading reading = {.params = params, .out = ret_search, .now_utc_s = now_utc_s};
    *ret_search = (struct lede_search_params){
        .q = "",
        .timeout_ms = LEDE_TIMEOUT_MS_DEFAULT,
        .highlighting = {.snippets = 1, .snippet_chars = 200, .pre = "<mark>", .post = "</mark>"},
        .search = {.limit = 10,
            .after_utc_s = LEDE_TIME_NONE,
            .before_utc_s = LEDE_TIME_NONE,
            .now_utc_s = now_utc_s,
            .collapse_slot = LEDE_SLOT_NONE,
            .facet_values = LEDE_FACET_VALUES_MAX},
    };
    enum lede_status st = lede_params_check_names(params, lede_search_param_names, error);
    if (st == LEDE_OK)
        st = read_singles(&reading, error);
    if (st == LEDE_OK)
        st = read_lists(&reading, error);
    if (st != LEDE_OK)
        return st;
    if (!is_given(params, "highlight"))
        ret_search->highlight = LEDE_FIELD_BIT(LEDE_FIELD_TITLE) | LEDE_FIELD_BIT(LEDE_FIELD_BODY);
    ret_search->has_sort = is_given(params, "sort");
    if (ret_search->q_size == 0 && !ret_search->has_sort)
        ret_search->search.sort = LEDE_SORT_NEWEST;
    ret_search->search.filters = ret_search->filters;
    return LEDE_OK;
}

void lede_search_params_done(struct lede_search_params *search)
{
    lede_arena_done(&search->arena);
}
