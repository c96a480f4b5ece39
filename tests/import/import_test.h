/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of this floor share: a reader over memory, and a splitter's whole output as one
 * text. */
#ifndef LEDE_IMPORT_TEST_H
#define LEDE_IMPORT_TEST_H

/* cmocka.h wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/buffer.h"
#include "lede/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes given out in pieces of at most `chunk` bytes, or of random sizes where it is 0. */
struct memory_source {
    const char *data;
    size_t size;
    size_t offset;
    size_t chunk;
    unsigned seed;
    bool pauses; /* every other read says EAGAIN */
    bool has_paused;
};

static inline enum lede_status memory_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    (void)reterr;
    struct memory_source *source = context;
    source->has_paused = source->pauses && !source->has_paused;
    if (source->has_paused)
        return LEDE_EAGAIN;
    size_t size = source->chunk ? source->chunk : 1 + (size_t)rand_r(&source->seed) % 40;
    if (size > capacity)
        size = capacity;
    if (size > source->size - source->offset)
        size = source->size - source->offset;
    memcpy(data, source->data + source->offset, size);
    source->offset += size;
    *ret_size = size;
    return LEDE_OK;
}

/* Split everything; write "line:text|" for items, "line:!status|" for lost ones, and
 * "!status@position" at a break. */
static inline void split_all(struct memory_source *source, enum lede_import_format format,
    size_t limit, struct lede_buffer *ret_items)
{
    struct lede_splitter_options options = {
        .format = format, .document_bytes_max = limit, .read = memory_read, .context = source};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    for (;;) {
        struct lede_import_item item = {0};
        struct lede_error error = {0};
        bool more = false;
        enum lede_status status = lede_splitter_next(splitter, &item, &more, &error);
        if (status == LEDE_EAGAIN) {
            (void)lede_splitter_trim(splitter);
            continue;
        }
        if (status != LEDE_OK)
            lede_buffer_append_format(
                ret_items, "!%s@%zu", lede_status_name(status), error.position);
        if (status != LEDE_OK || !more)
            return;
        lede_buffer_append_format(ret_items, "%d:", (int)item.line);
        if (item.status == LEDE_OK)
            lede_buffer_append(ret_items, item.text, item.size);
        else
            lede_buffer_append_format(ret_items, "!%s", lede_status_name(item.status));
        lede_buffer_append_char(ret_items, '|');
    }
}

static inline void assert_split_sized(const char *text, size_t size, enum lede_import_format format,
    size_t limit, const char *expected)
{
    struct memory_source source = {.data = text, .size = size, .chunk = SIZE_MAX};
    struct lede_buffer items = {0};
    split_all(&source, format, limit, &items);
    LEDE_CLEANUP(lede_freep) char *found = lede_buffer_take(&items);
    assert_string_equal(found, expected);
}

static inline void assert_split(
    const char *text, enum lede_import_format format, const char *expected)
{
    assert_split_sized(text, strlen(text), format, 0, expected);
}

#endif
