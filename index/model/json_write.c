/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON as text, and JSON changed by JSON. */
#include "model_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* IEEE 754 binary64: DBL_DIG, DBL_DECIMAL_DIG */
enum { PRECISION_SHORT = 15, PRECISION_EXACT = 17 };

/* Significant digits that bring this number back exactly: 15 shows 0.1 as it was written, 17 never
 * loses a bit. */
static int real_precision(double value)
{
    for (int precision = PRECISION_SHORT; precision < PRECISION_EXACT; precision++) {
        char text[40];
        snprintf(text, sizeof text, "%.*g", precision, value);
        if (!(fabs(strtod(text, NULL) - value) > 0.0))
            return precision;
    }
    return PRECISION_EXACT;
}

/* The largest precision that a number in here needs, at least `least`. */
static int json_precision(json_t *json, int least)
{
    int most = least;
    if (json_is_real(json)) {
        int precision = real_precision(json_real_value(json));
        return precision > most ? precision : most;
    }
    size_t index = 0;
    json_t *value = NULL;
    const char *key = NULL;
    if (json_is_array(json)) {
        json_array_foreach (json, index, value)
            most = json_precision(value, most);
    }
    if (json_is_object(json)) {
        json_object_foreach (json, key, value)
            most = json_precision(value, most);
    }
    return most;
}

static int append_chunk(const char *chunk, size_t size, void *context)
{
    struct lede_buffer *buffer = context;
    lede_buffer_append(buffer, chunk, size);
    return buffer->failed ? -1 : 0;
}

enum lede_status lede_json_append(const json_t *json, struct lede_buffer *buffer)
{
    /* jansson's iterators take json_t *, but change nothing. */
    int precision = json_precision((json_t *)json, PRECISION_SHORT);
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(precision);
    if (json_dump_callback(json, append_chunk, buffer, flags) != 0)
        return LEDE_ENOMEM;
    return lede_buffer_status(buffer);
}

static int count_chunk(const char *chunk, size_t size, void *context)
{
    (void)chunk;
    *(size_t *)context += size;
    return 0;
}

enum lede_status lede_json_measure(const json_t *json, size_t *ret_size)
{
    size_t size = 0;
    int precision = json_precision((json_t *)json, PRECISION_SHORT);
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(precision);
    if (json_dump_callback(json, count_chunk, &size, flags) != 0)
        return LEDE_ENOMEM;
    *ret_size = size;
    return LEDE_OK;
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
