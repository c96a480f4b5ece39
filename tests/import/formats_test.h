/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files as documents: a file with a name, in pieces with pauses. */
#ifndef LEDE_FORMATS_TEST_H
#define LEDE_FORMATS_TEST_H

#include "import_test.h"

/* What split_all() writes, of a file that is called `path`. */
static inline void split_stream(struct lede_splitter_options options, lede_read_function read,
    void *context, struct lede_buffer *ret_items)
{
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    options.read = read;
    options.context = context;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    for (;;) {
        struct lede_import_item item = {0};
        struct lede_error error = {0};
        bool more = false;
        enum lede_status status = lede_splitter_next(splitter, &item, &more, &error);
        if (status == LEDE_EAGAIN)
            continue;
        if (status != LEDE_OK)
            lede_buffer_append_format(ret_items, "!%s", error.message);
        if (status != LEDE_OK || !more)
            return;
        lede_buffer_append_format(ret_items, "%d:", (int)item.line);
        if (item.status == LEDE_OK)
            lede_buffer_append(ret_items, item.text, item.size);
        else
            lede_buffer_append_format(ret_items, "!%s", item.error.message);
        lede_buffer_append_char(ret_items, '|');
    }
}

static inline void split_file(struct lede_splitter_options options, const char *data, size_t size,
    size_t chunk, struct lede_buffer *ret_items)
{
    struct memory_source source = {
        .data = data, .size = size, .chunk = chunk, .pauses = chunk < SIZE_MAX};
    split_stream(options, memory_read, &source, ret_items);
}

static inline void assert_file_sized(
    const char *path, const char *data, size_t size, const char *expected)
{
    static const size_t chunks[] = {7, 1000, SIZE_MAX};
    for (size_t i = 0; i < LEDE_COUNT_OF(chunks); i++) {
        struct lede_splitter_options options = {
            .format = lede_import_format_of(path), .path = path};
        struct lede_buffer items = {0};
        split_file(options, data, size, chunks[i], &items);
        LEDE_CLEANUP(lede_freep) char *found = lede_buffer_take(&items);
        assert_string_equal(found, expected);
    }
}

static inline void assert_file(const char *path, const char *text, const char *expected)
{
    assert_file_sized(path, text, strlen(text), expected);
}

#endif
