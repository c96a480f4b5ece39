/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as text, and JSON changed by JSON. */
#include "model_internal.h"

#include <string.h>

static int append_chunk(const char *chunk, size_t size, void *context)
{
    struct lede_buffer *buffer = context;
    lede_buffer_append(buffer, chunk, size);
    return buffer->failed ? -1 : 0;
}

/* Strings that stand for numbers become these. No other string begins so: a backslash that is text
 * is written twice. */
static void bare_numbers(struct lede_buffer *buffer, size_t from)
{
    size_t mark_size = strlen(LEDE_JSON_NUMBER_MARK);
    char *end = buffer->data + buffer->size;
    char *in = buffer->data + from;
    char *out = in;
    while (in < end) {
        char *mark = memmem(in, (size_t)(end - in), LEDE_JSON_NUMBER_MARK, mark_size);
        char *stop = mark ? mark : end;
        memmove(out, in, (size_t)(stop - in));
        out += stop - in;
        in = stop;
        if (!mark)
            break;
        in += mark_size;
        char *quote = memchr(in, '"', (size_t)(end - in));
        memmove(out, in, (size_t)(quote - in));
        out += quote - in;
        in = quote + 1;
    }
    buffer->size = (size_t)(out - buffer->data);
    lede_buffer_append(buffer, "", 0); /* NUL-terminates */
}

enum lede_status lede_json_append(const json_t *json, struct lede_buffer *buffer)
{
    size_t from = buffer->size;
    if (json_dump_callback(json, append_chunk, buffer, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        return LEDE_ENOMEM;
    if (buffer->size > from)
        bare_numbers(buffer, from);
    return lede_buffer_status(buffer);
}

enum lede_status lede_json_measure(const json_t *json, size_t *ret_size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status status = lede_json_append(json, &text);
    *ret_size = text.size;
    return status;
}

/* Apply an object of changes in place. Returns false where there is no memory. */
static bool apply_patch(json_t *target, json_t *patch)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach (patch, key, value) {
        if (json_is_null(value)) {
            json_object_del(target, key);
            continue;
        }
        if (!json_is_object(value)) {
            if (json_object_set_new(target, key, json_deep_copy(value)) != 0)
                return false;
            continue;
        }
        if (!json_is_object(json_object_get(target, key)) &&
            json_object_set_new(target, key, json_object()) != 0)
            return false;
        if (!apply_patch(json_object_get(target, key), value))
            return false;
    }
    return true;
}

json_t *lede_json_merge_patch(const json_t *target, const json_t *patch)
{
    if (!json_is_object(patch))
        return json_deep_copy(patch);
    json_t *result = json_is_object(target) ? json_deep_copy(target) : json_object();
    if (!result || apply_patch(result, (json_t *)patch))
        return result;
    json_decref(result);
    return NULL;
}
