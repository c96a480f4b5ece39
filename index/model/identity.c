/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a document is told by when it doesn't say: its id and its language. */
#include "lede/encoding.h"
#include "lede/number.h"
#include "model_internal.h"

#include <stdio.h>
#include <string.h>

enum { DETECTED_BYTES = 4096 }; /* the detector looks at no more */

static enum lede_status fail_id(struct lede_error *reterr, const char *found)
{
    (void)lede_fail(reterr, LEDE_EINVALID,
        "id: expected 1 to %d bytes of printable text without white space around it, found %s",
        LEDE_ID_BYTES_MAX, found);
    if (reterr)
        snprintf(reterr->pointer, sizeof reterr->pointer, "/id");
    return LEDE_EINVALID;
}

/* C0, DEL, C1, and the separators that end lines (U+2028, U+2029) or a facet's value. */
static bool has_control(const char *text, size_t size)
{
    const unsigned char *c = (const unsigned char *)text;
    for (size_t i = 0; i < size; i++) {
        if (c[i] < 0x20 || c[i] == 0x7F)
            return true;
        if (c[i] == 0xC2 && i + 1 < size && c[i + 1] < 0xA0)
            return true;
        if (c[i] == 0xE2 && i + 2 < size && c[i + 1] == 0x80 &&
            (c[i + 2] == 0xA8 || c[i + 2] == 0xA9))
            return true;
    }
    return false;
}

enum lede_status lede_id_check(const json_t *value, struct lede_error *reterr)
{
    if (!json_is_string(value))
        return fail_id(reterr, lede_json_type_name(value));
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    if (size == 0)
        return fail_id(reterr, "an empty string");
    if (size > LEDE_ID_BYTES_MAX) {
        char found[40];
        snprintf(found, sizeof found, "%zu bytes", size);
        return fail_id(reterr, found);
    }
    if (memchr(text, '\0', size))
        return fail_id(reterr, "bytes or escapes that are no UTF-8");
    if (has_control(text, size))
        return fail_id(reterr, "a control character");
    size_t trimmed = size;
    lede_trim(&text, &trimmed);
    return trimmed == size ? LEDE_OK : fail_id(reterr, "white space around it");
}

static void append_field(struct lede_buffer *buffer, const json_t *fields, const char *key)
{
    const json_t *value = json_object_get(fields, key);
    if (value)
        lede_buffer_append(buffer, json_string_value(value), json_string_length(value));
}

static enum lede_status hash_text(const json_t *fields, unsigned char ret_digest[16])
{
    static const char *const keys[] = {"title", "body", "source"};
    struct lede_buffer text = {0};
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++) {
        append_field(&text, fields, keys[i]);
        lede_buffer_append_char(&text, LEDE_FACET_SEPARATOR);
    }
    enum lede_status status = lede_buffer_status(&text);
    if (status == LEDE_OK)
        lede_hash128(text.data, text.size, ret_digest);
    lede_buffer_done(&text);
    return status;
}

enum lede_status lede_id_make(const json_t *fields, json_t **ret_id)
{
    unsigned char digest[16];
    char id[2 + 33] = "u-";
    const json_t *url = json_object_get(fields, "url");
    if (url) {
        lede_hash128(json_string_value(url), json_string_length(url), digest);
    } else {
        id[0] = 't';
        enum lede_status status = hash_text(fields, digest);
        if (status != LEDE_OK)
            return status;
    }
    lede_hash_to_hex(digest, id + 2);
    json_t *result = json_string(id);
    if (!result)
        return LEDE_ENOMEM;
    *ret_id = result;
    return LEDE_OK;
}

enum lede_status lede_id_make_marked(const json_t *marked, json_t **ret_id)
{
    static const enum lede_field_id ids[] = {
        LEDE_FIELD_URL, LEDE_FIELD_TITLE, LEDE_FIELD_BODY, LEDE_FIELD_SOURCE};
    json_auto_t *fields = json_object();
    if (!fields)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < LEDE_COUNT_OF(ids); i++) {
        const struct lede_field *field = lede_field_at(ids[i]);
        json_auto_t *value = NULL;
        enum lede_status status =
            lede_field_normalise(field, json_object_get(marked, field->key), &value, NULL, NULL);
        if (status == LEDE_EINVALID) {
            *ret_id = NULL;
            return LEDE_OK;
        }
        if (status != LEDE_OK || (value && json_object_set(fields, field->key, value) != 0))
            return LEDE_ENOMEM;
    }
    return lede_id_make(fields, ret_id);
}

enum lede_status lede_language_of(
    const json_t *fields, struct lede_language_detector *detector, lede_language *ret_language)
{
    if (!detector) {
        *ret_language = LEDE_LANGUAGE_UND;
        return LEDE_OK;
    }
    struct lede_buffer text = {0};
    append_field(&text, fields, "title");
    lede_buffer_append_char(&text, '\n');
    const json_t *body = json_object_get(fields, "body");
    if (body) {
        size_t size = json_string_length(body);
        size_t used = size <= DETECTED_BYTES
                          ? size
                          : lede_utf8_boundary(json_string_value(body), size, DETECTED_BYTES);
        lede_buffer_append(&text, json_string_value(body), used);
    }
    enum lede_status status = lede_buffer_status(&text);
    if (status == LEDE_OK)
        *ret_language = lede_language_detect(detector, text.data, text.size);
    lede_buffer_done(&text);
    return status;
}
