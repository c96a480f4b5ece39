/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document: built from a stranger's JSON, checked on the way, and read back from what was stored.
 *
 * The normalised object is made new, in the order of the schema; values that need no change (a body
 * of a megabyte) are shared with the JSON they came from, not copied. */
#include "lede/encoding.h"
#include "model_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t *date_of(struct lede_document *document, enum lede_field_id id)
{
    switch (id) {
    case LEDE_FIELD_PUBLISHED:
        return &document->published_utc_s;
    case LEDE_FIELD_UPDATED:
        return &document->updated_utc_s;
    case LEDE_FIELD_RECEIVED:
        return &document->received_utc_s;
    case LEDE_FIELD_EMBARGOED_UNTIL:
        return &document->embargoed_until_utc_s;
    case LEDE_FIELD_EXPIRES:
        return &document->expires_utc_s;
    default:
        return NULL;
    }
}

static struct lede_document *document_new(void)
{
    struct lede_document *document = calloc(1, sizeof *document);
    if (!document)
        return NULL;
    document->published_utc_s = LEDE_TIME_NONE;
    document->updated_utc_s = LEDE_TIME_NONE;
    document->received_utc_s = LEDE_TIME_NONE;
    document->version = -1;
    document->embargoed_until_utc_s = LEDE_TIME_NONE;
    document->expires_utc_s = LEDE_TIME_NONE;
    return document;
}

void lede_document_free(struct lede_document *document)
{
    if (!document)
        return;
    json_decref(document->json);
    free(document);
}

void lede_document_freep(struct lede_document **document)
{
    lede_document_free(*document);
    *document = NULL;
}

static bool is_known_key(const char *key)
{
    return lede_field_by_key(key, strlen(key)) != NULL;
}

/* Put a value that the document didn't name where the schema's order has it: keys keep the place of
 * their first setting. */
static enum lede_status fill_absent(json_t *fields, enum lede_field_id id,
    const struct lede_document_context *context, json_t **ret_value, struct lede_document *document)
{
    *ret_value = NULL;
    if (id == LEDE_FIELD_RECEIVED && document->published_utc_s == LEDE_TIME_NONE) {
        char written[21];
        lede_time_format(context->now_utc_s, written);
        document->received_utc_s = context->now_utc_s;
        document->received_was_absent = true;
        *ret_value = json_string(written);
        return *ret_value ? LEDE_OK : LEDE_ENOMEM;
    }
    if (id == LEDE_FIELD_LANGUAGE) {
        lede_language language = LEDE_LANGUAGE_UND;
        enum lede_status status = lede_language_of(fields, context->detector, &language);
        if (status != LEDE_OK)
            return status;
        *ret_value = json_string(lede_language_code(language));
        return *ret_value ? LEDE_OK : LEDE_ENOMEM;
    }
    if (id == LEDE_FIELD_ID)
        return lede_id_make(fields, ret_value);
    return LEDE_OK;
}

/* One key of the schema into document->json. */
static enum lede_status take_field(struct lede_document *document, const json_t *json,
    const struct lede_field *field, const struct lede_document_context *context,
    struct lede_error *reterr)
{
    json_t *given = json_object_get(json, field->key);
    json_auto_t *value = NULL;
    if (field->id == LEDE_FIELD_ID && given && !json_is_null(given)) {
        enum lede_status status = lede_id_check(given, reterr);
        if (status != LEDE_OK)
            return status;
        value = json_incref(given);
    } else if (field->id != LEDE_FIELD_ID) {
        enum lede_status status =
            lede_field_normalise(field, given, &value, date_of(document, field->id), reterr);
        if (status != LEDE_OK)
            return status;
    }
    if (!value && fill_absent(document->json, field->id, context, &value, document) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (value && json_object_set_nocheck(document->json, field->key, value) != 0)
        return lede_fail_memory(reterr);
    return LEDE_OK;
}

static enum lede_status take_unknown_keys(
    struct lede_document *document, const json_t *json, struct lede_error *reterr)
{
    const char *key = NULL;
    json_t *value = NULL;
    /* The iterator takes json_t *, but changes nothing. */
    json_object_foreach ((json_t *)json, key, value) {
        if (!is_known_key(key) && json_object_set_nocheck(document->json, key, value) != 0)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

const json_t *lede_document_value(const struct lede_document *document, enum lede_field_id id)
{
    return document->misfits & LEDE_FIELD_BIT(id)
               ? NULL
               : json_object_get(document->json, lede_field_at(id)->key);
}

/* A key that other people's documents may have for something else: what is no number is let be. */
static int64_t version_of(const json_t *value)
{
    enum { DIGITS_MAX = 18 };
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    int64_t version = 0;
    if (json_is_integer(value))
        return json_integer_value(value) >= 0 ? json_integer_value(value) : -1;
    if (size == 0 || size > DIGITS_MAX || strspn(text, "0123456789") != size)
        return -1;
    for (size_t i = 0; i < size; i++)
        version = version * 10 + (text[i] - '0');
    return version;
}

struct lede_document_order lede_document_order_of(const struct lede_document *document)
{
    return (struct lede_document_order){
        .version = document->version, .updated_utc_s = document->updated_utc_s};
}

bool lede_document_order_is_before(
    const struct lede_document_order *order, const struct lede_document_order *other)
{
    if (order->version >= 0 && other->version >= 0 && order->version != other->version)
        return order->version < other->version;
    return order->updated_utc_s != LEDE_TIME_NONE && other->updated_utc_s != LEDE_TIME_NONE &&
           order->updated_utc_s < other->updated_utc_s;
}

/* Read what the normalised object says into the struct beside it. Its id is a string, its status
 * one of three. */
static void read_members(struct lede_document *document)
{
    const json_t *id = json_object_get(document->json, "id");
    document->id = json_string_value(id);
    document->id_size = json_string_length(id);
    document->version = version_of(json_object_get(document->json, "version"));
    const json_t *language = lede_document_value(document, LEDE_FIELD_LANGUAGE);
    if (language)
        document->language =
            lede_language_find(json_string_value(language), json_string_length(language));
    const char *status = json_string_value(lede_document_value(document, LEDE_FIELD_STATUS));
    if (status && strcmp(status, "withheld") == 0)
        document->status = LEDE_DOCUMENT_WITHHELD;
    else if (status && strcmp(status, "canceled") == 0)
        document->status = LEDE_DOCUMENT_CANCELED;
}

/* Bytes that the compact form has at most: an upper bound that costs no writing. */
static size_t size_bound(json_t *json)
{
    enum { NUMBER_BYTES_MAX = 32, ESCAPE_BYTES_MAX = 6 };
    size_t bound = NUMBER_BYTES_MAX + ESCAPE_BYTES_MAX * json_string_length(json);
    size_t index = 0;
    json_t *value = NULL;
    const char *key = NULL;
    if (json_is_array(json)) {
        json_array_foreach (json, index, value)
            bound += size_bound(value);
    }
    if (json_is_object(json)) {
        json_object_foreach (json, key, value)
            bound += size_bound(value) + 4 + ESCAPE_BYTES_MAX * strlen(key);
    }
    return bound;
}

static enum lede_status fail_size(size_t size, struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_ELIMIT, "document: expected at most %zu bytes, found %zu",
        LEDE_DOCUMENT_BYTES_MAX, size);
}

static enum lede_status check_size(json_t *json, struct lede_error *reterr)
{
    size_t size = size_bound(json);
    if (size <= LEDE_DOCUMENT_BYTES_MAX)
        return LEDE_OK;
    if (lede_json_measure(json, &size) != LEDE_OK)
        return lede_fail_memory(reterr);
    return size <= LEDE_DOCUMENT_BYTES_MAX ? LEDE_OK : fail_size(size, reterr);
}

static enum lede_status check_has_text(const json_t *fields, struct lede_error *reterr)
{
    if (json_object_get(fields, "title") || json_object_get(fields, "body"))
        return LEDE_OK;
    return lede_fail(
        reterr, LEDE_EINVALID, "expected a 'title' or a 'body' that is not blank, found neither");
}

enum lede_status lede_document_from_json(const json_t *json,
    const struct lede_document_context *context, struct lede_document **ret_document,
    struct lede_error *reterr)
{
    if (!json_is_object(json))
        return lede_fail(reterr, LEDE_EINVALID, "expected a document as an object, found %s",
            lede_json_type_name(json));
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = document_new();
    if (!document || !(document->json = json_object()))
        return lede_fail_memory(reterr);
    enum lede_status status = LEDE_OK;
    for (size_t i = 0; status == LEDE_OK && i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)i);
        status = take_field(document, json, field, context, reterr);
    }
    if (status == LEDE_OK)
        status = check_has_text(document->json, reterr);
    if (status == LEDE_OK)
        status = take_unknown_keys(document, json, reterr);
    if (status == LEDE_OK)
        status = check_size(document->json, reterr);
    if (status != LEDE_OK)
        return status;
    read_members(document);
    *ret_document = LEDE_TAKE(&document);
    return LEDE_OK;
}

static enum lede_status refuse_bad_text(const char *text, size_t size, struct lede_error *reterr)
{
    size_t invalid = lede_utf8_find_invalid(text, size, 0);
    const char *found = invalid < size ? "other bytes" : "NUL or half a surrogate pair";
    (void)lede_fail(reterr, LEDE_EINPUT, "malformed JSON: expected UTF-8, found %s", found);
    if (reterr && invalid < size) {
        reterr->position = invalid;
        reterr->has_position = true;
    }
    return LEDE_EINPUT;
}

/* Parse, and see to it that an id that is given is one.
 * ret_marked  the same as it came, where something had to be replaced; else NULL */
static enum lede_status parse_with_marks(const char *text, size_t size, enum lede_bad_text bad_text,
    json_t **ret_json, json_t **ret_marked, size_t *ret_replaced, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    json_auto_t *marked = NULL;
    size_t replaced = 0, unused = 0;
    enum lede_status status = lede_json_parse_counted(text, size, false, &json, &replaced, reterr);
    if (status == LEDE_OK && replaced > 0) {
        if (bad_text == LEDE_BAD_TEXT_REFUSE)
            return refuse_bad_text(text, size, reterr);
        status = lede_json_parse_counted(text, size, true, &marked, &unused, reterr);
    }
    const json_t *id = json_object_get(marked, "id");
    if (status == LEDE_OK && json_is_string(id) &&
        memchr(json_string_value(id), '\0', json_string_length(id)))
        status = lede_id_check(id, reterr);
    if (status != LEDE_OK)
        return status;
    *ret_json = LEDE_TAKE(&json);
    *ret_marked = LEDE_TAKE(&marked);
    *ret_replaced = replaced;
    return LEDE_OK;
}

enum lede_status lede_json_parse_identified(const char *text, size_t size,
    enum lede_bad_text bad_text, json_t **ret_json, size_t *ret_replaced, struct lede_error *reterr)
{
    json_auto_t *marked = NULL;
    return parse_with_marks(text, size, bad_text, ret_json, &marked, ret_replaced, reterr);
}

enum lede_status lede_document_parse(const char *text, size_t size,
    const struct lede_document_context *context, struct lede_document **ret_document,
    struct lede_error *reterr)
{
    if (size > LEDE_DOCUMENT_BYTES_MAX)
        return fail_size(size, reterr);
    json_auto_t *json = NULL;
    json_auto_t *marked = NULL;
    size_t replaced = 0;
    enum lede_status status =
        parse_with_marks(text, size, context->bad_text, &json, &marked, &replaced, reterr);
    if (status != LEDE_OK)
        return status;
    const json_t *given = json_object_get(json, "id");
    if (json_is_object(marked) && (!given || json_is_null(given))) {
        json_auto_t *id = NULL;
        if (lede_id_make_marked(marked, &id) != LEDE_OK ||
            (id && json_object_set(json, "id", id) != 0))
            return lede_fail_memory(reterr);
    }
    status = lede_document_from_json(json, context, ret_document, reterr);
    if (status == LEDE_OK)
        (*ret_document)->replaced = replaced;
    return status;
}

/* A facet's values are joined by its separator, so none may have one inside. */
static bool is_clean_string(const json_t *value)
{
    return json_is_string(value) &&
           !memchr(json_string_value(value), LEDE_FACET_SEPARATOR, json_string_length(value));
}

/* Is a stored value one that lede_document_from_json() could have made of this field? Reads a
 * date's moment. */
static bool read_stored_field(
    struct lede_document *document, const struct lede_field *field, const json_t *value)
{
    int64_t *utc_s = date_of(document, field->id);
    size_t index = 0;
    json_t *item = NULL;
    if (utc_s)
        return json_is_string(value) &&
               lede_time_parse(json_string_value(value), json_string_length(value), utc_s, NULL,
                   NULL) == LEDE_OK;
    if (field->kind == LEDE_KIND_IMAGE)
        return json_is_object(value);
    if (field->kind != LEDE_KIND_LIST)
        return field->filter_letter ? is_clean_string(value) : json_is_string(value);
    json_array_foreach ((json_t *)value, index, item) {
        if (!is_clean_string(item))
            return false;
    }
    return json_is_array(value) && json_array_size(value) <= LEDE_LIST_ITEMS_MAX;
}

enum lede_status lede_document_from_stored(
    const char *text, size_t size, struct lede_document **ret_document, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = document_new();
    if (!document)
        return lede_fail_memory(reterr);
    struct lede_error error = {0};
    size_t unused = 0;
    enum lede_status status =
        lede_json_parse_counted(text, size, false, &document->json, &unused, &error);
    if (status == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    if (status != LEDE_OK)
        return lede_fail(reterr, LEDE_ECORRUPT, "stored document: %s", error.message);
    const json_t *id = json_object_get(document->json, "id");
    if (!json_is_string(id) || json_string_length(id) > LEDE_ID_BYTES_MAX)
        return lede_fail(reterr, LEDE_ECORRUPT, "stored document: it has no id");
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)i);
        const json_t *value = json_object_get(document->json, field->key);
        if (value && !read_stored_field(document, field, value))
            document->misfits |= LEDE_FIELD_BIT(i);
    }
    read_members(document);
    *ret_document = LEDE_TAKE(&document);
    return LEDE_OK;
}

enum lede_status lede_document_serialize(
    const struct lede_document *document, char **ret_text, size_t *ret_size)
{
    struct lede_buffer buffer = {0};
    enum lede_status status = lede_json_append(document->json, &buffer);
    if (status != LEDE_OK) {
        lede_buffer_done(&buffer);
        return status;
    }
    *ret_size = buffer.size;
    *ret_text = lede_buffer_take(&buffer);
    return *ret_text ? LEDE_OK : LEDE_ENOMEM;
}

void lede_document_visit_unknown_keys(const struct lede_document *document,
    void (*visit)(void *context, const char *key), void *context)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach (document->json, key, value) {
        const struct lede_field *field = lede_field_by_key(key, strlen(key));
        if (!field && document->version >= 0 && strcmp(key, "version") == 0)
            continue;
        if (!field || document->misfits & LEDE_FIELD_BIT(field->id))
            visit(context, key);
    }
}
