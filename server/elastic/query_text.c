/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query_text.h"

#include "fields.h"
#include "lede/encoding.h"
#include "lede/query.h"

#include <string.h>

#define BOOST_MAX 100
/* ASCII that words have inside, and that says nothing between quotation marks. */
#define WORD_SIGNS "-_.'&@#/+,:%$"

enum lede_status lede_elastic_not_offered(
    struct elastic_translation *t, const char *what, const char *instead)
{
    (void)lede_fail(t->reterr, LEDE_EUNSUPPORTED, "%s is not offered", what);
    lede_error_hint(t->reterr, "%s", instead);
    return LEDE_EUNSUPPORTED;
}

enum lede_status lede_elastic_one_field(struct elastic_translation *t, const json_t *body,
    const char *what, const char *key, const char **ret_name, const json_t **ret_value,
    const json_t **ret_options)
{
    const char *name = NULL;
    json_t *value = NULL, *first = NULL;
    if (!json_is_object(body) || json_object_size(body) != 1)
        return lede_fail(
            t->reterr, LEDE_EINPUT, "[%s] query: expected an object with one field", what);
    json_object_foreach ((json_t *)body, name, value) {
        *ret_name = name;
        first = value;
    }
    *ret_options = json_is_object(first) ? first : NULL;
    *ret_value = *ret_options ? json_object_get(first, key) : first;
    if (!*ret_value)
        return lede_fail(
            t->reterr, LEDE_EINPUT, "[%s] query: expected '%s' of [%.60s]", what, key, *ret_name);
    return LEDE_OK;
}

enum lede_status lede_elastic_known_field(
    struct elastic_translation *t, const char *name, const struct lede_field **ret_field)
{
    const struct lede_field *field = lede_elastic_field(name, strlen(name));
    bool is_known = field && (field->prefix || field->filter_name || field->id == LEDE_FIELD_ID ||
                                 (field->kind == LEDE_KIND_DATE && field->query_name));
    if (!is_known) {
        (void)lede_fail(t->reterr, LEDE_EINPUT,
            field ? "field [%.60s] is kept, but not searched" : "unknown field [%.60s]", name);
        lede_error_hint(t->reterr, "GET /_mapping names those that are searched");
        return LEDE_EINPUT;
    }
    *ret_field = field;
    return LEDE_OK;
}

enum lede_status lede_elastic_value_text(
    struct elastic_translation *t, const json_t *value, const char *what, const char **ret_text)
{
    char *text = NULL;
    if (json_is_string(value)) {
        text =
            lede_arena_copy(&t->query->arena, json_string_value(value), json_string_length(value));
    } else if (json_is_number(value) || json_is_boolean(value)) {
        char *number = json_dumps(value, JSON_ENCODE_ANY);
        text = number ? lede_arena_copy(&t->query->arena, number, strlen(number)) : NULL;
        free(number);
    } else {
        return lede_fail(t->reterr, LEDE_EINPUT, "%s: expected text, a number or a truth", what);
    }
    *ret_text = text;
    return text ? LEDE_OK : lede_fail_memory(t->reterr);
}

enum lede_status lede_elastic_boost(struct elastic_translation *t, const json_t *options)
{
    const json_t *boost = json_object_get(options, "boost");
    double value = json_number_value(boost);
    if (!boost)
        return LEDE_OK;
    if (!json_is_number(boost) || !(value >= 0.000001 && value <= BOOST_MAX))
        return lede_fail(
            t->reterr, LEDE_EINPUT, "boost: expected a number from 0.000001 to %d", BOOST_MAX);
    if (!t->is_filter && value != 1)
        lede_buffer_append_format(t->out, "^%.6f", value);
    return LEDE_OK;
}

/* Quotation marks of any script and white space beyond ASCII, which Lede's language knows. */
static bool is_between(int32_t code)
{
    static const int32_t codes[] = {
        0x85, 0xA0, 0xAB, 0xBB, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFF02};
    for (size_t i = 0; i < LEDE_COUNT_OF(codes); i++) {
        if (codes[i] == code)
            return true;
    }
    return (code >= 0x2000 && code <= 0x200A) || (code >= 0x201C && code <= 0x201F);
}

static bool is_of_word(int32_t code)
{
    if (code >= 0x80)
        return !is_between(code);
    int32_t lower = code | 0x20;
    return (lower >= 'a' && lower <= 'z') || (code >= '0' && code <= '9') ||
           (code > ' ' && strchr(WORD_SIGNS, (int)code));
}

bool lede_elastic_next_word(const char **at, struct lede_buffer *word)
{
    size_t left = strlen(*at);
    bool has_letters = false;
    lede_buffer_clear(word);
    while (left > 0) {
        unsigned size = 0;
        int32_t code = lede_utf8_decode(*at, left, 0, &size);
        bool is_sign = code < 0x80 && strchr(WORD_SIGNS, (int)code);
        if (is_of_word(code)) {
            lede_buffer_append(word, *at, size);
            has_letters = has_letters || !is_sign;
        } else if (has_letters) {
            return true;
        } else {
            lede_buffer_clear(word);
        }
        *at += size;
        left -= size;
    }
    return has_letters;
}

bool lede_elastic_is_operand(struct elastic_translation *t, const char *text)
{
    struct lede_query_options options = {
        .languages = lede_reader_languages(t->worker->reader), .now_utc_s = t->now_utc_s};
    struct lede_query *query = NULL;
    enum lede_status st =
        lede_query_parse(text, strlen(text), &options, t->worker->analyzer, &query, NULL);
    const struct lede_query_node *root = st == LEDE_OK ? lede_query_root(query) : NULL;
    bool is_operand = root && (lede_query_is_text_leaf(root->kind) || root->is_one_word ||
                                  lede_query_is_proximity(root->kind));
    lede_query_free(query);
    return is_operand;
}

bool lede_elastic_append_operand(struct elastic_translation *t, const struct lede_field *field,
    const char *before, const char *word, const char *behind)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    if (field)
        lede_buffer_append_format(&text, "%s:", field->query_name);
    lede_buffer_append_format(&text, "%s%s%s", before, word, behind);
    if (text.failed) {
        t->out->failed = true;
        return false;
    }
    if (!lede_elastic_is_operand(t, text.data))
        return false;
    lede_buffer_append(t->out, text.data, text.size);
    return true;
}

void lede_elastic_append_dates(struct elastic_translation *t, const struct lede_field *field,
    int64_t first_utc_s, int64_t last_utc_s)
{
    char first[21], last[21];
    lede_time_format(first_utc_s, first);
    lede_time_format(last_utc_s, last);
    lede_buffer_append_format(t->out, "%s:%s..%s", field->query_name, first, last);
}
