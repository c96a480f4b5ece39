/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "lede/model.h"
#include "lede/stored.h"

#define NOW_UTC_S INT64_C(1642615440)

/* How it stands on the disk. Owner: the caller. */
static char *serialize(const struct lede_document *document, size_t *ret_size)
{
    char *text = NULL;
    PROMISE(lede_document_serialize(document, &text, ret_size) == LEDE_OK);
    PROMISE(strlen(text) == *ret_size);
    return text;
}

static void check_texts(const struct lede_stored_field *field, const json_t *value)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    PROMISE(field && field->count == count && field->is_list == json_is_array(value));
    for (size_t i = 0; i < count; i++) {
        const json_t *text = json_is_array(value) ? json_array_get(value, i) : value;
        PROMISE(field->texts[i].size == json_string_length(text));
        PROMISE(memcmp(field->texts[i].text, json_string_value(text), field->texts[i].size) == 0);
    }
}

/* Both readers of a stored document see the same. */
static void check_same(const struct lede_stored *stored, const struct lede_document *document)
{
    PROMISE(stored->id_size == document->id_size);
    PROMISE(memcmp(stored->id, document->id, stored->id_size) == 0);
    PROMISE(stored->published_utc_s == document->published_utc_s);
    PROMISE(stored->updated_utc_s == document->updated_utc_s);
    PROMISE(stored->language == document->language);
    PROMISE(stored->misfits == document->misfits);
    PROMISE(stored->member_count == json_object_size(document->json));
    for (uint32_t field = 0; field < LEDE_FIELD_COUNT; field++) {
        const json_t *value = lede_document_value(document, (enum lede_field_id)field);
        const struct lede_stored_field *texts =
            lede_stored_texts(stored, (enum lede_field_id)field);
        if (value && (json_is_string(value) || json_is_array(value)))
            check_texts(texts, value);
    }
    for (size_t i = 0; i < stored->member_count; i++) {
        const struct lede_stored_member *member = &stored->members[i];
        const char *end = stored->text + stored->size;
        PROMISE(member->key.text >= stored->text && member->key.size <= stored->size);
        PROMISE(member->value.text > member->key.text && member->value.size > 0);
        PROMISE(member->value.size <= (size_t)(end - member->value.text));
    }
}

/* What was stored is read by both, and comes out as it was. */
static void check_stored(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    size_t again_size = 0;
    PROMISE(lede_document_from_stored(text, size, &document, NULL) == LEDE_OK);
    LEDE_CLEANUP(lede_freep) char *again = serialize(document, &again_size);
    PROMISE(again_size == size && memcmp(again, text, size) == 0);
    PROMISE(lede_stored_read(text, size, &stored, NULL) == LEDE_OK);
    check_same(stored, document);
}

/* What was normalised is as it would be normalised. */
static void check_taken_again(
    const char *text, size_t size, const struct lede_document_context *context)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    size_t again_size = 0;
    PROMISE(lede_document_parse(text, size, context, &document, NULL) == LEDE_OK);
    LEDE_CLEANUP(lede_freep) char *again = serialize(document, &again_size);
    PROMISE(again_size == size && memcmp(again, text, size) == 0);
    PROMISE(document->replaced == 0);
}

void promise_of_document(const uint8_t *data, size_t size)
{
    struct promise_input input = {data, size};
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S,
        .bad_text = promise_take_byte(&input) & 1 ? LEDE_BAD_TEXT_REFUSE : LEDE_BAD_TEXT_REPAIR};
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(input.data, input.size);
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    struct lede_error error = {0};
    size_t stored_size = 0;
    enum lede_status st = lede_document_parse(text, input.size, &context, &document, &error);
    if (st != LEDE_OK) {
        PROMISE(st == LEDE_EINPUT || st == LEDE_EINVALID || st == LEDE_ELIMIT);
        PROMISE(!document);
        promise_refusal(&error, st, input.size);
        return;
    }
    PROMISE(document->id_size > 0 && document->id_size <= LEDE_ID_BYTES_MAX);
    PROMISE(document->misfits == 0);
    LEDE_CLEANUP(lede_freep) char *stored = serialize(document, &stored_size);
    check_stored(stored, stored_size);
    check_taken_again(stored, stored_size, &context);
}

void promise_of_stored(const uint8_t *data, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(data, size);
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_error error = {0};
    enum lede_status st = lede_stored_read(text, size, &stored, &error);
    PROMISE(st == LEDE_OK || st == LEDE_ECORRUPT);
    enum lede_status also = lede_document_from_stored(text, size, &document, &error);
    PROMISE(also == LEDE_OK || also == LEDE_ECORRUPT);
    if (st == LEDE_OK && also == LEDE_OK) {
        PROMISE(stored->id_size == document->id_size);
        PROMISE(memcmp(stored->id, document->id, stored->id_size) == 0);
        PROMISE(stored->published_utc_s == document->published_utc_s);
        PROMISE(stored->misfits == document->misfits);
    }
    if (also == LEDE_OK) {
        size_t stored_size = 0;
        LEDE_CLEANUP(lede_freep) char *again = serialize(document, &stored_size);
        check_stored(again, stored_size);
    }
}
