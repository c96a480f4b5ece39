/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query_values.h"

#include "dates.h"
#include "fields.h"
#include "lede/encoding.h"

#include <stdio.h>
#include <string.h>

/* ---- Filters ---- */

static bool is_filter_field(const struct lede_field *field)
{
    return field->filter_name != NULL;
}

static enum lede_status add_filter(struct elastic_translation *t, const struct lede_field *field,
    const char **values, size_t count)
{
    struct elastic_query *query = t->query;
    if (query->filter_count == ELASTIC_FILTERS_MAX)
        return lede_fail(t->reterr, LEDE_ELIMIT, "expected at most %d clauses of exact values",
            ELASTIC_FILTERS_MAX);
    struct lede_filter *filter = &query->filters[query->filter_count++];
    *filter = (struct lede_filter){.field = field};
    if (t->is_excluded) {
        filter->none = values;
        filter->none_count = count;
    } else {
        filter->any = values;
        filter->any_count = count;
    }
    return LEDE_OK;
}

static enum lede_status take_filter(struct elastic_translation *t, const struct lede_field *field,
    const char **values, size_t count, enum elastic_sense *ret_sense)
{
    char what[80];
    snprintf(
        what, sizeof(what), "an exact value of [%.30s] as one choice among others", field->key);
    if (!t->is_top)
        return lede_elastic_not_offered(t, what,
            "put term and terms into must, filter or must_not of the outermost bool, or all "
            "choices of the field into one terms; match_phrase of the field stands anywhere");
    /* What is excluded is all but that, so that whoever negates it comes to the rest. */
    *ret_sense = t->is_excluded ? ELASTIC_NOTHING : ELASTIC_ALL;
    return add_filter(t, field, values, count);
}

/* ---- Values ---- */

static enum lede_status take_ids(
    struct elastic_translation *t, const char **values, size_t count, enum elastic_sense *ret_sense)
{
    if (!t->is_top || t->is_excluded || t->query->ids)
        return lede_elastic_not_offered(t, "ids beside other choices, or excluded",
            "one ids query that the whole search must satisfy");
    if (count > ELASTIC_IDS_MAX)
        return lede_fail(
            t->reterr, LEDE_ELIMIT, "ids: expected at most %d of them", ELASTIC_IDS_MAX);
    t->query->ids = values;
    t->query->id_count = count;
    *ret_sense = count > 0 ? ELASTIC_ALL : ELASTIC_NOTHING;
    return LEDE_OK;
}

/* A day, a moment, or what a format says. */
static enum lede_status equals_date(struct elastic_translation *t, const struct lede_field *field,
    const json_t *value, enum elastic_sense *ret_sense)
{
    struct elastic_date_options options = {.now_utc_s = t->now_utc_s};
    int64_t first = 0, last = 0;
    enum lede_status st = lede_elastic_date(value, field->key, &options, &first, t->reterr);
    options.round_up = true;
    if (st == LEDE_OK)
        st = lede_elastic_date(value, field->key, &options, &last, t->reterr);
    if (st == LEDE_OK)
        lede_elastic_append_dates(t, field, first, last);
    *ret_sense = ELASTIC_TEXT;
    return st;
}

/* The word as it is written, not by its stem. */
static enum lede_status equals_word(struct elastic_translation *t, const struct lede_field *field,
    const char *text, enum elastic_sense *ret_sense)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer word = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer joined = {0};
    while (lede_elastic_next_word(&text, &word))
        lede_buffer_append_format(&joined, "%s%s", joined.size > 0 ? " " : "", word.data);
    if (joined.failed || word.failed)
        return lede_fail_memory(t->reterr);
    bool is_written =
        joined.size > 0 && lede_elastic_append_operand(t, field, "=\"", joined.data, "\"");
    *ret_sense = is_written ? ELASTIC_TEXT : ELASTIC_NOTHING;
    return LEDE_OK;
}

enum lede_status lede_elastic_equals(struct elastic_translation *t, const struct lede_field *field,
    const json_t *value, enum elastic_sense *ret_sense)
{
    const char **values = lede_arena_calloc(&t->query->arena, 1, sizeof(*values));
    if (!values)
        return lede_fail_memory(t->reterr);
    if (field->kind == LEDE_KIND_DATE)
        return equals_date(t, field, value, ret_sense);
    enum lede_status st = lede_elastic_value_text(t, value, field->key, values);
    if (st != LEDE_OK)
        return st;
    if (field->id == LEDE_FIELD_ID)
        return take_ids(t, values, 1, ret_sense);
    if (is_filter_field(field))
        return take_filter(t, field, values, 1, ret_sense);
    return equals_word(t, field, values[0], ret_sense);
}

enum lede_status lede_elastic_term(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"value", "boost", NULL};
    const char *name = NULL;
    const json_t *value = NULL, *options = NULL;
    const struct lede_field *field = NULL;
    enum lede_status st = lede_elastic_one_field(t, body, "term", "value", &name, &value, &options);
    if (st == LEDE_OK && options)
        st = lede_elastic_check_keys(options, known, "term", t->reterr);
    if (st == LEDE_OK)
        st = lede_elastic_known_field(t, name, &field);
    if (st == LEDE_OK)
        st = lede_elastic_equals(t, field, value, ret_sense);
    return st == LEDE_OK && *ret_sense == ELASTIC_TEXT ? lede_elastic_boost(t, options) : st;
}

static enum lede_status copy_values(
    struct elastic_translation *t, const json_t *list, const char ***ret_values, size_t *ret_count)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > ELASTIC_VALUES_MAX)
        return lede_fail(
            t->reterr, LEDE_EINPUT, "expected a list of at most %d values", ELASTIC_VALUES_MAX);
    *ret_values = lede_arena_calloc(&t->query->arena, count + 1, sizeof(**ret_values));
    if (!*ret_values)
        return lede_fail_memory(t->reterr);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = lede_elastic_value_text(t, json_array_get(list, i), "values", &(*ret_values)[i]);
    *ret_count = count;
    return st;
}

/* Any of several words or dates. */
static enum lede_status any_of(struct elastic_translation *t, const struct lede_field *field,
    const json_t *list, enum elastic_sense *ret_sense)
{
    bool any = false;
    enum lede_status st = LEDE_OK;
    lede_buffer_append_char(t->out, '(');
    for (size_t i = 0; st == LEDE_OK && i < json_array_size(list); i++) {
        enum elastic_sense sense = ELASTIC_NOTHING;
        size_t before = t->out->size;
        if (any)
            lede_buffer_append_string(t->out, " OR ");
        st = lede_elastic_equals(t, field, json_array_get(list, i), &sense);
        if (sense != ELASTIC_TEXT)
            t->out->size = before;
        any = any || sense == ELASTIC_TEXT;
    }
    lede_buffer_append_char(t->out, ')');
    *ret_sense = any ? ELASTIC_TEXT : ELASTIC_NOTHING;
    return st;
}

enum lede_status lede_elastic_terms(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    const char *name = NULL, *key = NULL;
    const char **values = NULL;
    json_t *list = NULL, *member = NULL;
    size_t count = 0;
    const struct lede_field *field = NULL;
    json_object_foreach ((json_t *)body, key, member) {
        if (strcmp(key, "boost") == 0)
            continue;
        if (name)
            return lede_fail(t->reterr, LEDE_EINPUT, "[terms] query: expected one field");
        name = key;
        list = member;
    }
    if (!name)
        return lede_fail(t->reterr, LEDE_EINPUT, "[terms] query: expected a field");
    if (json_is_object(list))
        return lede_elastic_not_offered(t, "terms lookup", "read the document, send its values");
    enum lede_status st = lede_elastic_known_field(t, name, &field);
    if (st == LEDE_OK)
        st = copy_values(t, list, &values, &count);
    if (st != LEDE_OK)
        return st;
    if (field->id == LEDE_FIELD_ID)
        return take_ids(t, values, count, ret_sense);
    if (is_filter_field(field) && count > 0)
        return take_filter(t, field, values, count, ret_sense);
    st = any_of(t, field, list, ret_sense);
    return st == LEDE_OK && *ret_sense == ELASTIC_TEXT ? lede_elastic_boost(t, body) : st;
}

static const struct lede_field *term_field(const json_t *clause, const json_t **ret_value)
{
    const json_t *body = json_object_get(clause, "term");
    const char *name = NULL;
    json_t *value = NULL;
    const struct lede_field *field = NULL;
    if (json_object_size(clause) != 1 || json_object_size(body) != 1)
        return NULL;
    json_object_foreach ((json_t *)body, name, value) {
        field = lede_elastic_field(name, strlen(name));
        *ret_value = json_is_object(value) ? json_object_get(value, "value") : value;
    }
    return field && is_filter_field(field) ? field : NULL;
}

enum lede_status lede_elastic_take_terms(
    struct elastic_translation *t, const json_t *clauses, bool *ret_taken)
{
    const struct lede_field *first = NULL;
    size_t count = json_array_size(clauses);
    enum elastic_sense unused;
    enum lede_status st = LEDE_OK;
    const char **values = lede_arena_calloc(&t->query->arena, count + 1, sizeof(*values));
    *ret_taken = false;
    if (!values)
        return lede_fail_memory(t->reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        const json_t *value = NULL;
        const struct lede_field *field = term_field(json_array_get(clauses, i), &value);
        if (!t->is_top || !field || (first && field != first))
            return LEDE_OK;
        first = field;
        st = lede_elastic_value_text(t, value, "term", &values[i]);
    }
    *ret_taken = st == LEDE_OK && count > 1;
    return *ret_taken ? take_filter(t, first, values, count, &unused) : st;
}

/* ---- Ranges ---- */

struct bounds {
    int64_t first, last;
};

static enum lede_status read_bound(struct elastic_translation *t, const json_t *options,
    const char *name, bool round_up, int64_t more, int64_t *ret_utc_s)
{
    const json_t *value = json_object_get(options, name);
    struct elastic_date_options how = {
        .format = json_string_value(json_object_get(options, "format")),
        .now_utc_s = t->now_utc_s,
        .round_up = round_up};
    if (!value || json_is_null(value))
        return LEDE_OK;
    enum lede_status st = lede_elastic_date(value, name, &how, ret_utc_s, t->reterr);
    if (st == LEDE_OK)
        *ret_utc_s += more;
    return st;
}

static enum lede_status read_bounds(
    struct elastic_translation *t, const json_t *options, struct bounds *bounds)
{
    static const char *const known[] = {
        "gte", "gt", "lte", "lt", "from", "to", "format", "time_zone", "boost", NULL};
    const char *zone = json_string_value(json_object_get(options, "time_zone"));
    enum lede_status st = lede_elastic_check_keys(options, known, "range", t->reterr);
    if (st == LEDE_OK && zone && strcmp(zone, "UTC") != 0 && strcmp(zone, "Z") != 0 &&
        strcmp(zone, "+00:00") != 0)
        return lede_elastic_not_offered(t, "time_zone of a range", "2022-01-19T00:00:00+01:00");
    if (st == LEDE_OK)
        st = read_bound(t, options, "gte", false, 0, &bounds->first);
    if (st == LEDE_OK)
        st = read_bound(t, options, "from", false, 0, &bounds->first);
    if (st == LEDE_OK)
        st = read_bound(t, options, "gt", true, 1, &bounds->first);
    if (st == LEDE_OK)
        st = read_bound(t, options, "lte", true, 0, &bounds->last);
    if (st == LEDE_OK)
        st = read_bound(t, options, "to", true, 0, &bounds->last);
    return st == LEDE_OK ? read_bound(t, options, "lt", false, -1, &bounds->last) : st;
}

enum lede_status lede_elastic_range(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    const char *name = NULL;
    json_t *value = NULL, *options = NULL;
    const struct lede_field *field = NULL;
    struct bounds bounds = {LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S};
    if (!json_is_object(body) || json_object_size(body) != 1)
        return lede_fail(t->reterr, LEDE_EINPUT, "[range] query: expected one field");
    const char *key = NULL;
    json_object_foreach ((json_t *)body, key, value) {
        name = key;
        options = value;
    }
    enum lede_status st = lede_elastic_known_field(t, name, &field);
    if (st == LEDE_OK && (field->kind != LEDE_KIND_DATE || !field->query_name))
        return lede_elastic_not_offered(
            t, "range over anything but published and updated", "term, terms or prefix");
    if (st == LEDE_OK)
        st = read_bounds(t, options, &bounds);
    if (st != LEDE_OK)
        return st;
    *ret_sense = bounds.first <= bounds.last && bounds.first <= LEDE_TIME_MAX_UTC_S &&
                         bounds.last >= LEDE_TIME_MIN_UTC_S
                     ? ELASTIC_TEXT
                     : ELASTIC_NOTHING;
    if (*ret_sense == ELASTIC_TEXT)
        lede_elastic_append_dates(t, field, bounds.first, bounds.last);
    return LEDE_OK;
}

enum lede_status lede_elastic_exists(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"field", "boost", NULL};
    const char *name = json_string_value(json_object_get(body, "field"));
    const struct lede_field *field = NULL;
    enum lede_status st = lede_elastic_check_keys(body, known, "exists", t->reterr);
    if (st == LEDE_OK && !name)
        return lede_fail(t->reterr, LEDE_EINPUT, "[exists] query: expected 'field'");
    if (st == LEDE_OK)
        st = lede_elastic_known_field(t, name, &field);
    if (st != LEDE_OK)
        return st;
    *ret_sense = field->id == LEDE_FIELD_ID ? ELASTIC_ALL : ELASTIC_TEXT;
    if (field->id == LEDE_FIELD_ID)
        return LEDE_OK;
    if (field->kind != LEDE_KIND_DATE)
        return lede_elastic_not_offered(t, "exists of anything but published, updated and _id",
            "a missing aggregation counts what has no source, section or language");
    lede_elastic_append_dates(t, field, LEDE_TIME_MIN_UTC_S, LEDE_TIME_MAX_UTC_S);
    return LEDE_OK;
}

enum lede_status lede_elastic_ids(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"values", "boost", NULL};
    const char **values = NULL;
    size_t count = 0;
    enum lede_status st = lede_elastic_check_keys(body, known, "ids", t->reterr);
    if (st == LEDE_OK)
        st = copy_values(t, json_object_get(body, "values"), &values, &count);
    return st == LEDE_OK ? take_ids(t, values, count, ret_sense) : st;
}

/* ---- Patterns ---- */

/* Letters, digits, and of a wildcard its signs: nothing that the language would read otherwise. */
static bool is_pattern(const char *text, const char *signs)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text, lower = c | 0x20;
        bool is_plain = c >= 0x80 || (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        if (!is_plain && !strchr(signs, c))
            return false;
    }
    return true;
}

static enum lede_status pattern(struct elastic_translation *t, const json_t *body, const char *what,
    const char *const *known, const char *signs, const char *behind, enum elastic_sense *ret_sense)
{
    const char *name = NULL, *text = NULL;
    const json_t *value = NULL, *options = NULL;
    const struct lede_field *field = NULL;
    enum lede_status st = lede_elastic_one_field(t, body, what, "value", &name, &value, &options);
    if (st == LEDE_OK && options)
        st = lede_elastic_check_keys(options, known, what, t->reterr);
    if (st == LEDE_OK)
        st = lede_elastic_known_field(t, name, &field);
    if (st == LEDE_OK && !field->prefix)
        return lede_elastic_not_offered(t, "a pattern of a field without words", "term or terms");
    if (st == LEDE_OK)
        st = lede_elastic_value_text(t, value, what, &text);
    if (st != LEDE_OK)
        return st;
    if (json_integer_value(json_object_get(options, "fuzziness")) == 1)
        behind = "~1";
    if (!is_pattern(text, signs) || !lede_elastic_append_operand(t, field, "", text, behind)) {
        (void)lede_fail(t->reterr, LEDE_EINPUT,
            "[%s] query: expected one word of letters and digits, found '%.60s'", what, text);
        lede_error_hint(t->reterr, "match_phrase_prefix takes several words");
        return LEDE_EINPUT;
    }
    *ret_sense = ELASTIC_TEXT;
    return lede_elastic_boost(t, options);
}

enum lede_status lede_elastic_prefix(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"value", "boost", "case_insensitive", NULL};
    return pattern(t, body, "prefix", known, "", "*", ret_sense);
}

enum lede_status lede_elastic_wildcard(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"value", "boost", "case_insensitive", NULL};
    return pattern(t, body, "wildcard", known, "*?", "", ret_sense);
}

enum lede_status lede_elastic_fuzzy(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"value", "boost", "fuzziness", NULL};
    const char *name = NULL;
    const json_t *value = NULL, *options = NULL;
    enum lede_status st =
        lede_elastic_one_field(t, body, "fuzzy", "value", &name, &value, &options);
    const json_t *fuzziness = json_object_get(options, "fuzziness");
    const char *text = json_string_value(fuzziness);
    bool is_auto = !fuzziness || (text && strcasecmp(text, "auto") == 0);
    size_t characters = lede_utf8_count(
        json_string_value(value) ? json_string_value(value) : "", json_string_length(value));
    if (st == LEDE_OK && !is_auto &&
        !(json_is_integer(fuzziness) && json_integer_value(fuzziness) >= 1 &&
            json_integer_value(fuzziness) <= 2))
        return lede_fail(t->reterr, LEDE_EINPUT, "fuzziness: expected AUTO, 1 or 2");
    if (st != LEDE_OK)
        return st;
    return pattern(t, body, "fuzzy", known, "", is_auto && characters < 6 ? "~1" : "~2", ret_sense);
}
