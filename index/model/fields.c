/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One known key's value: its type checked, its spelling made one.
 *
 * A stranger's value is refused with a JSON pointer to the place, never bent into shape: the
 * exceptions are those of the contract (a single string for a list, white space around, empty
 * values, dates in several forms). */
#include "lede/encoding.h"
#include "model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SHOWN_BYTES_MAX = 60, /* of a wrong value, in a message */
    /* RFC 5646, section 4.4.1: the size a buffer for language tags should have */
    TAG_BYTES_MAX = 35,
    SUBTAG_BYTES_MAX = 8,
};

const char *lede_json_type_name(const json_t *value)
{
    if (!value)
        return "nothing";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    default:
        return "null";
    }
}

/* Bytes of the white space character at `text`, 0 if it is another. Unicode 15, White_Space. */
static size_t space_size(const char *text, size_t size)
{
    const unsigned char *c = (const unsigned char *)text;
    if (size >= 1 && (c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r')))
        return 1;
    if (size >= 2 && c[0] == 0xC2 && (c[1] == 0x85 || c[1] == 0xA0))
        return 2; /* next line, no-break space */
    if (size < 3)
        return 0;
    uint32_t code = (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];
    if (code >= 0xE28080 && code <= 0xE2808A)
        return 3; /* U+2000 to U+200A: the spaces of typesetters */
    switch (code) {
    case 0xE19A80: /* U+1680 */
    case 0xE280A8: /* U+2028 */
    case 0xE280A9: /* U+2029 */
    case 0xE280AF: /* U+202F */
    case 0xE2819F: /* U+205F */
    case 0xE38080: /* U+3000 ideographic space */
        return 3;
    default:
        return 0;
    }
}

/* Bytes of the white space character that ends at text + size. */
static size_t space_size_before(const char *text, size_t size)
{
    for (size_t n = 1; n <= 3 && n <= size; n++)
        if (space_size(text + size - n, n) == n)
            return n;
    return 0;
}

void lede_trim(const char **text, size_t *size)
{
    size_t n = 0;
    while ((n = space_size(*text, *size)) > 0) {
        *text += n;
        *size -= n;
    }
    while ((n = space_size_before(*text, *size)) > 0)
        *size -= n;
}

static void point_at(struct lede_error *reterr, const struct lede_field *field, const size_t *index)
{
    if (!reterr)
        return;
    struct lede_buffer pointer = {0};
    lede_buffer_append_format(&pointer, "/%s", field->key);
    if (index)
        lede_buffer_append_format(&pointer, "/%zu", *index);
    if (lede_buffer_status(&pointer) == LEDE_OK && pointer.size < sizeof reterr->pointer)
        memcpy(reterr->pointer, pointer.data, pointer.size + 1);
    lede_buffer_done(&pointer);
}

static enum lede_status fail_type(const struct lede_field *field, const size_t *index,
    const char *expected, const json_t *found, struct lede_error *reterr)
{
    (void)lede_fail(reterr, LEDE_EINVALID, "%s: expected %s, found %s", field->key, expected,
        lede_json_type_name(found));
    point_at(reterr, field, index);
    return LEDE_EINVALID;
}

static enum lede_status fail_value(const struct lede_field *field, const char *expected,
    const char *text, size_t size, struct lede_error *reterr)
{
    size_t shown = size <= SHOWN_BYTES_MAX ? size : lede_utf8_boundary(text, size, SHOWN_BYTES_MAX);
    (void)lede_fail(reterr, LEDE_EINVALID, "%s: expected %s, found '%.*s%s'", field->key, expected,
        (int)shown, text, shown < size ? "…" : "");
    point_at(reterr, field, NULL);
    return LEDE_EINVALID;
}

#define SOFT_HYPHEN "\u00AD"
#define SOFT_HYPHEN_BYTES (sizeof(SOFT_HYPHEN) - 1)

/* The trimmed string. A list's items and a facet's values are joined by LEDE_FACET_SEPARATOR
 * further down, so a separator inside one is made a space. What is filtered by has no soft hyphens:
 * where a word may be broken makes it no other one. Given a string that needs none of it, the same
 * string is shared. */
static json_t *tidy_string(
    const struct lede_field *field, json_t *value, const char *text, size_t size)
{
    bool has_soft =
        field->filter_letter && memmem(text, size, SOFT_HYPHEN, SOFT_HYPHEN_BYTES) != NULL;
    size_t used = 0;
    if (size == json_string_length(value) && !has_soft && !memchr(text, LEDE_FACET_SEPARATOR, size))
        return json_incref(value);
    LEDE_CLEANUP(lede_freep) char *copy = malloc(size + 1);
    if (!copy)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        bool is_soft = has_soft && size - i >= SOFT_HYPHEN_BYTES &&
                       memcmp(text + i, SOFT_HYPHEN, SOFT_HYPHEN_BYTES) == 0;
        if (is_soft)
            i += SOFT_HYPHEN_BYTES - 1;
        else
            copy[used++] = text[i] == LEDE_FACET_SEPARATOR ? ' ' : text[i];
    }
    return json_stringn_nocheck(copy, used);
}

static enum lede_status normalise_string(
    const struct lede_field *field, json_t *value, json_t **ret_value, struct lede_error *reterr)
{
    if (!json_is_string(value))
        return fail_type(field, NULL, "a string", value, reterr);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    lede_trim(&text, &size);
    if (size == 0)
        return LEDE_OK;
    /* Highlights point into body and summary by byte: what was sent is what is kept. */
    bool is_prose = field->id == LEDE_FIELD_BODY || field->id == LEDE_FIELD_SUMMARY;
    json_t *result = is_prose ? json_incref(value) : tidy_string(field, value, text, size);
    if (!result)
        return lede_fail_memory(reterr);
    if (json_string_length(result) == 0)
        json_decref(result);
    else
        *ret_value = result;
    return LEDE_OK;
}

static bool has_string(const json_t *list, const char *text, size_t size)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (json_string_length(item) == size && memcmp(json_string_value(item), text, size) == 0)
            return true;
    }
    return false;
}

static enum lede_status add_item(const struct lede_field *field, json_t *item, const size_t *index,
    json_t *list, struct lede_error *reterr)
{
    if (!json_is_string(item))
        return fail_type(field, index, index ? "a string" : "an array of strings", item, reterr);
    const char *text = json_string_value(item);
    size_t size = json_string_length(item);
    lede_trim(&text, &size);
    if (size == 0)
        return LEDE_OK;
    json_auto_t *tidy = tidy_string(field, item, text, size);
    if (!tidy)
        return lede_fail_memory(reterr);
    if (json_string_length(tidy) == 0 ||
        has_string(list, json_string_value(tidy), json_string_length(tidy)))
        return LEDE_OK;
    if (json_array_append(list, tidy) != 0)
        return lede_fail_memory(reterr);
    return LEDE_OK;
}

static enum lede_status fill_list(
    const struct lede_field *field, json_t *value, json_t *list, struct lede_error *reterr)
{
    if (!json_is_array(value))
        return add_item(field, value, NULL, list, reterr);
    if (json_array_size(value) > LEDE_LIST_ITEMS_MAX) {
        (void)lede_fail(reterr, LEDE_EINVALID, "%s: expected at most %d items, found %zu",
            field->key, LEDE_LIST_ITEMS_MAX, json_array_size(value));
        point_at(reterr, field, NULL);
        return LEDE_EINVALID;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        enum lede_status status = add_item(field, json_array_get(value, i), &i, list, reterr);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

static enum lede_status normalise_list(
    const struct lede_field *field, json_t *value, json_t **ret_value, struct lede_error *reterr)
{
    json_auto_t *list = json_array();
    if (!list)
        return lede_fail_memory(reterr);
    enum lede_status status = fill_list(field, value, list, reterr);
    if (status != LEDE_OK)
        return status;
    if (json_array_size(list) > 0)
        *ret_value = LEDE_TAKE(&list);
    return LEDE_OK;
}

static enum lede_status normalise_date(const struct lede_field *field, json_t *value,
    json_t **ret_value, int64_t *ret_utc_s, struct lede_error *reterr)
{
    if (!json_is_string(value))
        return fail_type(
            field, NULL, "RFC 3339 (2022-01-19T18:04:00Z) or a date, as a string", value, reterr);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    lede_trim(&text, &size);
    if (size == 0)
        return LEDE_OK;
    int64_t utc_s = 0;
    if (lede_time_parse(text, size, &utc_s, NULL, NULL) != LEDE_OK)
        return fail_value(field,
            "RFC 3339 (2022-01-19T18:04:00Z), a date (2022-01-19, 19 Jan 2022) or RFC 5322", text,
            size, reterr);
    char written[21];
    lede_time_format(utc_s, written);
    json_t *result = json_string(written);
    if (!result)
        return lede_fail_memory(reterr);
    *ret_value = result;
    *ret_utc_s = utc_s;
    return LEDE_OK;
}

static enum lede_status normalise_status(
    const struct lede_field *field, json_t *value, json_t **ret_value, struct lede_error *reterr)
{
    static const char expected[] = "'usable', 'withheld' or 'canceled'";
    if (!json_is_string(value))
        return fail_type(field, NULL, expected, value, reterr);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    lede_trim(&text, &size);
    if (size == 0)
        return LEDE_OK;
    static const char *const words[] = {"usable", "withheld", "canceled"};
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        if (size != strlen(words[i]) || memcmp(text, words[i], size) != 0)
            continue;
        *ret_value = json_string(words[i]);
        return *ret_value ? LEDE_OK : lede_fail_memory(reterr);
    }
    return fail_value(field, expected, text, size, reterr);
}

/* Lower-case a tag, '_' as '-', and say whether it has the shape of BCP 47: letters, then subtags
 * of 1 to 8 letters or digits. */
static bool read_tag(const char *text, size_t size, char *ret_tag)
{
    size_t subtag = 0;
    bool is_first = true;
    if (size == 0 || size > TAG_BYTES_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i] == '_' ? '-' : text[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_digit = c >= '0' && c <= '9';
        bool is_break = c == '-' && subtag > 0 && (!is_first || subtag > 1);
        if (!is_letter && !is_break && (is_first || !is_digit))
            return false;
        subtag = is_break ? 0 : subtag + 1;
        is_first = is_first && !is_break;
        if (subtag > SUBTAG_BYTES_MAX)
            return false;
        ret_tag[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    ret_tag[size] = '\0';
    return subtag > 0 && (!is_first || subtag > 1);
}

static enum lede_status normalise_language(
    const struct lede_field *field, json_t *value, json_t **ret_value, struct lede_error *reterr)
{
    if (!json_is_string(value))
        return fail_type(field, NULL, "a language tag such as 'en', as a string", value, reterr);
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    lede_trim(&text, &size);
    if (size == 0)
        return LEDE_OK;
    char tag[TAG_BYTES_MAX + 1];
    if (!read_tag(text, size, tag))
        return fail_value(field, "a language tag such as 'en' or 'pt-BR'", text, size, reterr);
    lede_language language = lede_language_find(tag, size);
    json_t *result =
        json_string(language == LEDE_LANGUAGE_UND ? tag : lede_language_code(language));
    if (!result)
        return lede_fail_memory(reterr);
    *ret_value = result;
    return LEDE_OK;
}

/* ---- Images ---- */

static enum lede_status fail_image(
    const char *member, const char *expected, const json_t *found, struct lede_error *reterr)
{
    bool is_text = json_is_string(found);
    (void)lede_fail(reterr, LEDE_EINVALID, "image%s%s: expected %s, found %s%.*s%s",
        member[0] ? "." : "", member, expected, is_text ? "'" : "", SHOWN_BYTES_MAX,
        is_text ? json_string_value(found) : lede_json_type_name(found), is_text ? "'" : "");
    if (reterr)
        snprintf(
            reterr->pointer, sizeof(reterr->pointer), "/image%s%s", member[0] ? "/" : "", member);
    return LEDE_EINVALID;
}

/* An address that a browser is to load from: https alone, and nothing in it that ends a piece of
 * markup or a header. */
static bool is_https_address(const char *text, size_t size)
{
    static const char scheme[] = "https://";
    size_t begin = sizeof(scheme) - 1;
    if (size <= begin || size > LEDE_IMAGE_URL_BYTES_MAX || strncasecmp(text, scheme, begin) != 0)
        return false;
    for (size_t i = begin; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= ' ' || c == 0x7F || strchr("\"'<>\\^`{|}", c))
            return false;
    }
    return strchr("/?#:@", text[begin]) == NULL;
}

/* {"url": "https://...", "alt": "..."}, or its address alone. What else it has stays. */
static enum lede_status normalise_image(
    json_t *value, json_t **ret_value, struct lede_error *reterr)
{
    json_t *url = json_is_object(value) ? json_object_get(value, "url") : value;
    json_t *alt = json_is_object(value) ? json_object_get(value, "alt") : NULL;
    if (!json_is_object(value) && !json_is_string(value))
        return fail_image("", "an object with url and alt, or an https address", value, reterr);
    const char *text = json_is_string(url) ? json_string_value(url) : "";
    size_t size = strlen(text);
    lede_trim(&text, &size);
    if (json_is_string(value) && size == 0)
        return LEDE_OK;
    if (!is_https_address(text, size))
        return fail_image("url", "an https address of at most 2048 bytes", url, reterr);
    if (alt && !json_is_string(alt) && !json_is_null(alt))
        return fail_image("alt", "a string", alt, reterr);
    json_auto_t *image = json_is_object(value) ? json_copy(value) : json_object();
    if (!image || json_object_set_new(image, "url", json_stringn(text, size)) != 0)
        return lede_fail_memory(reterr);
    if (json_is_null(alt))
        json_object_del(image, "alt");
    *ret_value = LEDE_TAKE(&image);
    return LEDE_OK;
}

enum lede_status lede_field_normalise(const struct lede_field *field, json_t *value,
    json_t **ret_value, int64_t *ret_utc_s, struct lede_error *reterr)
{
    *ret_value = NULL;
    if (field->kind == LEDE_KIND_DATE)
        *ret_utc_s = LEDE_TIME_NONE;
    if (!value || json_is_null(value))
        return LEDE_OK;
    if (field->id == LEDE_FIELD_LANGUAGE)
        return normalise_language(field, value, ret_value, reterr);
    switch (field->kind) {
    case LEDE_KIND_LIST:
        return normalise_list(field, value, ret_value, reterr);
    case LEDE_KIND_DATE:
        return normalise_date(field, value, ret_value, ret_utc_s, reterr);
    case LEDE_KIND_STATUS:
        return normalise_status(field, value, ret_value, reterr);
    case LEDE_KIND_IMAGE:
        return normalise_image(value, ret_value, reterr);
    default:
        return normalise_string(field, value, ret_value, reterr);
    }
}
