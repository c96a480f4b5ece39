/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words side by side and phrases. Where a field is named with a boost, its clause has it. */
#include "query_words.h"

#include "fields.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "lede/query.h"
#include "query_values.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 32

enum shape { SHAPE_WORDS, SHAPE_PHRASE, SHAPE_PHRASE_PREFIX };

struct words {
    const char *text;
    enum shape shape;
    bool all;           /* operator and */
    const json_t *need; /* minimum_should_match */
    const json_t *fuzziness;
    unsigned slop;
    bool all_without_words; /* zero_terms_query all */
};

struct named_field {
    const struct lede_field *field; /* NULL: those of words without one */
    double boost;
};

/* ---- Options ---- */

static enum lede_status read_operator(
    struct elastic_translation *t, const json_t *value, bool *ret_all)
{
    const char *text = json_string_value(value);
    if (value && !(text && (strcasecmp(text, "and") == 0 || strcasecmp(text, "or") == 0)))
        return lede_fail(t->reterr, LEDE_EINPUT, "operator: expected 'and' or 'or'");
    *ret_all = text && strcasecmp(text, "and") == 0;
    return LEDE_OK;
}

static enum lede_status read_slop(struct elastic_translation *t, const json_t *value, unsigned *ret)
{
    if (!value)
        return LEDE_OK;
    json_int_t slop = json_integer_value(value);
    if (!json_is_integer(value) || slop < 0 || slop >= LEDE_QUERY_DISTANCE_MAX)
        return lede_fail(t->reterr, LEDE_EINPUT, "slop: expected a number from 0 to %d",
            LEDE_QUERY_DISTANCE_MAX - 1);
    *ret = (unsigned)slop;
    return LEDE_OK;
}

static enum lede_status read_options(
    struct elastic_translation *t, const json_t *options, struct words *words)
{
    const json_t *zero = json_object_get(options, "zero_terms_query");
    const char *named = json_string_value(zero);
    words->need = json_object_get(options, "minimum_should_match");
    words->fuzziness = json_object_get(options, "fuzziness");
    if (zero && !(named && (strcmp(named, "none") == 0 || strcmp(named, "all") == 0)))
        return lede_fail(t->reterr, LEDE_EINPUT, "zero_terms_query: expected 'none' or 'all'");
    words->all_without_words = named && strcmp(named, "all") == 0;
    enum lede_status st = read_operator(t, json_object_get(options, "operator"), &words->all);
    return st == LEDE_OK ? read_slop(t, json_object_get(options, "slop"), &words->slop) : st;
}

enum lede_status lede_elastic_minimum(struct elastic_translation *t, const json_t *value,
    size_t count, size_t fallback, size_t *ret_needed)
{
    const char *text = json_string_value(value);
    int64_t number = json_integer_value(value);
    size_t digits = text ? strlen(text) : 0;
    bool is_percent = digits > 1 && text[digits - 1] == '%';
    bool is_number =
        json_is_integer(value) || (text && lede_parse_int64(text, digits - is_percent, -1000000,
                                               1000000, &number, NULL) == LEDE_OK);
    *ret_needed = fallback;
    if (!value)
        return LEDE_OK;
    if (!is_number)
        return lede_elastic_not_offered(
            t, "this minimum_should_match", "write a number or a percentage");
    if (is_percent)
        number = (int64_t)((double)number / 100 * (double)count);
    number = number < 0 ? (int64_t)count + number : number;
    if (number > 1 && (size_t)number < count)
        return lede_elastic_not_offered(t, "minimum_should_match between one and all",
            "ask for one of the clauses or for all; more of them rank higher");
    *ret_needed = number < 0 ? 0 : (size_t)number;
    return LEDE_OK;
}

/* Letters that a word may be away: what AUTO means is of Elasticsearch's manual. */
static enum lede_status read_edits(
    struct elastic_translation *t, const json_t *value, const char *word, int *ret_edits)
{
    const char *text = json_string_value(value);
    size_t characters = lede_utf8_count(word, strlen(word));
    json_int_t number = json_integer_value(value);
    *ret_edits = 0;
    if (!value)
        return LEDE_OK;
    if (text && strcasecmp(text, "auto") == 0)
        number = characters < 3 ? 0 : characters < 6 ? 1 : 2;
    else if (text && strlen(text) == 1 && text[0] >= '0' && text[0] <= '2')
        number = text[0] - '0';
    else if (!json_is_integer(value) || number < 0 || number > 2)
        return lede_fail(t->reterr, LEDE_EINPUT, "fuzziness: expected AUTO, 0, 1 or 2");
    *ret_edits = (int)number;
    return LEDE_OK;
}

/* ---- Words side by side ---- */

static enum lede_status append_word(struct elastic_translation *t, const struct lede_field *field,
    const char *word, const json_t *fuzziness, bool *ret_is_written)
{
    int edits = 0;
    enum lede_status st = read_edits(t, fuzziness, word, &edits);
    if (st != LEDE_OK)
        return st;
    *ret_is_written =
        (edits > 0 && lede_elastic_append_operand(t, field, "", word, edits == 1 ? "~1" : "~2")) ||
        lede_elastic_append_operand(t, field, "\"", word, "\"");
    return LEDE_OK;
}

static size_t count_words(const char *text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer word = {0};
    size_t count = 0;
    while (lede_elastic_next_word(&text, &word))
        count++;
    return count;
}

static enum lede_status append_words(struct elastic_translation *t, const struct lede_field *field,
    const struct words *words, bool *ret_is_written)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer word = {0};
    const char *at = words->text;
    size_t start = t->out->size, needed = 0, count = count_words(words->text);
    enum lede_status st =
        lede_elastic_minimum(t, words->need, count, words->all ? count : 1, &needed);
    bool all = count > 1 && needed >= count;
    *ret_is_written = false;
    lede_buffer_append_char(t->out, '(');
    while (st == LEDE_OK && lede_elastic_next_word(&at, &word)) {
        size_t before = t->out->size;
        bool is_written = false;
        if (*ret_is_written)
            lede_buffer_append_string(t->out, all ? " AND " : " OR ");
        if (word.failed)
            return lede_fail_memory(t->reterr);
        st = append_word(t, field, word.data, words->fuzziness, &is_written);
        if (!is_written)
            t->out->size = before;
        *ret_is_written = *ret_is_written || is_written;
    }
    lede_buffer_append_char(t->out, ')');
    if (!*ret_is_written)
        t->out->size = start;
    return st;
}

/* ---- Phrases ---- */

/* The last run of letters and digits of a text, which a prefix may be, is cut off it. */
static void cut_last(struct lede_buffer *text, struct lede_buffer *last)
{
    size_t at = text->size;
    while (at > 0 && ((unsigned char)text->data[at - 1] >= 0x80 ||
                         (strchr(" -_.'&@#/+,:%$", text->data[at - 1]) == NULL)))
        at--;
    lede_buffer_append(last, text->data + at, text->size - at);
    while (at > 0 && strchr(" -_.'&@#/+,:%$", text->data[at - 1]))
        at--;
    text->size = at;
    if (text->data)
        text->data[at] = '\0';
}

static void join_words(const char *text, const char *between, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer word = {0};
    while (lede_elastic_next_word(&text, &word)) {
        if (out->size > 0)
            lede_buffer_append_string(out, between);
        lede_buffer_append(out, word.data, word.size);
    }
}

static enum lede_status append_phrase(struct elastic_translation *t, const struct lede_field *field,
    const struct words *words, bool *ret_is_written)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer joined = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer last = {0};
    char between[24] = " ";
    if (words->slop > 0)
        snprintf(between, sizeof(between), "\" ADJ/%u \"", words->slop + 1);
    join_words(words->text, between, &joined);
    *ret_is_written = false;
    if (joined.size == 0)
        return LEDE_OK;
    if (words->shape == SHAPE_PHRASE_PREFIX)
        cut_last(&joined, &last);
    if (joined.size > 0 && last.size > 0)
        lede_buffer_append_format(&text, "(\"%s\" ADJ/1 %s*)", joined.data, last.data);
    else if (last.size > 0)
        lede_buffer_append_format(&text, "%s*", last.data);
    else
        lede_buffer_append_format(&text, words->slop > 0 ? "(\"%s\")" : "\"%s\"", joined.data);
    if (lede_buffer_status(&text) != LEDE_OK)
        return lede_fail_memory(t->reterr);
    *ret_is_written = lede_elastic_append_operand(t, field, "", text.data, "");
    return LEDE_OK;
}

/* ---- Queries ---- */

static enum lede_status append_in_fields(struct elastic_translation *t,
    const struct named_field *fields, size_t count, const struct words *words,
    enum elastic_sense *ret_sense)
{
    bool any = false;
    enum lede_status st = LEDE_OK;
    lede_buffer_append_char(t->out, '(');
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        size_t before = t->out->size;
        bool is_written = false;
        if (any)
            lede_buffer_append_string(t->out, " OR ");
        st = words->shape == SHAPE_WORDS ? append_words(t, fields[i].field, words, &is_written)
                                         : append_phrase(t, fields[i].field, words, &is_written);
        if (!is_written)
            t->out->size = before;
        else if (fields[i].boost != 1 && !t->is_filter)
            lede_buffer_append_format(t->out, "^%.6f", fields[i].boost);
        any = any || is_written;
    }
    lede_buffer_append_char(t->out, ')');
    *ret_sense = any ? ELASTIC_TEXT : words->all_without_words ? ELASTIC_ALL : ELASTIC_NOTHING;
    return st;
}

static enum lede_status match(struct elastic_translation *t, const json_t *body, const char *what,
    enum shape shape, const char *const *known, enum elastic_sense *ret_sense)
{
    const char *name = NULL;
    const json_t *value = NULL, *options = NULL;
    struct words words = {.shape = shape};
    struct named_field field = {.boost = 1};
    enum lede_status st = lede_elastic_one_field(t, body, what, "query", &name, &value, &options);
    if (st == LEDE_OK && options)
        st = lede_elastic_check_keys(options, known, what, t->reterr);
    if (st == LEDE_OK)
        st = lede_elastic_known_field(t, name, &field.field);
    if (st == LEDE_OK && !field.field->prefix)
        return lede_elastic_equals(t, field.field, value, ret_sense);
    if (st == LEDE_OK)
        st = lede_elastic_value_text(t, value, "query", &words.text);
    if (st == LEDE_OK)
        st = read_options(t, options, &words);
    if (st == LEDE_OK)
        st = append_in_fields(t, &field, 1, &words, ret_sense);
    return st == LEDE_OK && *ret_sense == ELASTIC_TEXT ? lede_elastic_boost(t, options) : st;
}

enum lede_status lede_elastic_match(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"query", "operator", "minimum_should_match", "fuzziness",
        "zero_terms_query", "boost", NULL};
    return match(t, body, "match", SHAPE_WORDS, known, ret_sense);
}

enum lede_status lede_elastic_match_phrase(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"query", "slop", "zero_terms_query", "boost", NULL};
    return match(t, body, "match_phrase", SHAPE_PHRASE, known, ret_sense);
}

enum lede_status lede_elastic_match_phrase_prefix(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"query", "zero_terms_query", "boost", NULL};
    return match(t, body, "match_phrase_prefix", SHAPE_PHRASE_PREFIX, known, ret_sense);
}

/* `title^3`, `*` */
static enum lede_status read_field(
    struct elastic_translation *t, const json_t *value, struct named_field *ret_field)
{
    const char *text = json_string_value(value);
    char name[64];
    if (!text)
        return lede_fail(t->reterr, LEDE_EINPUT, "fields: expected names of fields");
    size_t size = strcspn(text, "^");
    ret_field->boost = 1;
    ret_field->field = NULL;
    if (text[size] && lede_parse_decimal(text + size + 1, strlen(text + size + 1), 0.000001, 100,
                          &ret_field->boost, NULL) != LEDE_OK)
        return lede_fail(t->reterr, LEDE_EINPUT,
            "fields: expected a boost from 0.000001 to 100, found '%.60s'", text);
    if (size == 1 && text[0] == '*')
        return LEDE_OK;
    snprintf(name, sizeof(name), "%.*s", (int)(size < 60 ? size : 60), text);
    enum lede_status st = lede_elastic_known_field(t, name, &ret_field->field);
    if (st == LEDE_OK && !ret_field->field->prefix)
        return lede_elastic_not_offered(t, "multi_match over a field without words",
            "a term query of that field beside it, in a bool");
    return st;
}

static enum lede_status read_type(
    struct elastic_translation *t, const json_t *type, struct words *words)
{
    static const struct {
        const char *name;
        enum shape shape;
    } types[] = {{"best_fields", SHAPE_WORDS}, {"most_fields", SHAPE_WORDS},
        {"phrase", SHAPE_PHRASE}, {"phrase_prefix", SHAPE_PHRASE_PREFIX}};
    const char *text = json_string_value(type);
    if (!type)
        return LEDE_OK;
    for (size_t i = 0; text && i < LEDE_COUNT_OF(types); i++) {
        words->shape = types[i].shape;
        if (strcmp(types[i].name, text) == 0)
            return LEDE_OK;
    }
    return lede_elastic_not_offered(t, "this type of multi_match",
        "best_fields, most_fields, phrase, phrase_prefix; without fields each word may stand in "
        "another one, as with cross_fields");
}

enum lede_status lede_elastic_multi_match(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"query", "fields", "type", "operator",
        "minimum_should_match", "fuzziness", "slop", "zero_terms_query", "boost", NULL};
    struct named_field fields[FIELDS_MAX] = {{NULL, 1}};
    struct words words = {0};
    const json_t *names = json_object_get(body, "fields");
    size_t count = json_is_array(names) ? json_array_size(names) : 0;
    enum lede_status st = lede_elastic_check_keys(body, known, "multi_match", t->reterr);
    if (st == LEDE_OK && ((names && !json_is_array(names)) || count > FIELDS_MAX))
        return lede_fail(
            t->reterr, LEDE_EINPUT, "fields: expected a list of at most %d names", FIELDS_MAX);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = read_field(t, json_array_get(names, i), &fields[i]);
    if (st == LEDE_OK)
        st = lede_elastic_value_text(t, json_object_get(body, "query"), "query", &words.text);
    if (st == LEDE_OK)
        st = read_type(t, json_object_get(body, "type"), &words);
    if (st == LEDE_OK)
        st = read_options(t, body, &words);
    if (st == LEDE_OK)
        st = append_in_fields(t, fields, count > 0 ? count : 1, &words, ret_sense);
    return st == LEDE_OK && *ret_sense == ELASTIC_TEXT ? lede_elastic_boost(t, body) : st;
}
