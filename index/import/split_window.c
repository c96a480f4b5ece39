/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader writes straight into one window; items are pieces of it, so that a byte is copied once
 * at most (when the rest of a block moves to the front). The window grows to a document's limit and
 * one block, never further. */
#include "split_window.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 256 << 10, BYTE_ORDER_MARK_BYTES = 3 };

static const char byte_order_mark[] = "\xEF\xBB\xBF";

bool lede_is_json_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

size_t lede_skip_blank(const char *text, size_t size)
{
    size_t i = 0;
    for (;;) {
        while (i < size && lede_is_json_space(text[i]))
            i++;
        if (size - i < BYTE_ORDER_MARK_BYTES ||
            memcmp(text + i, byte_order_mark, BYTE_ORDER_MARK_BYTES) != 0)
            return i;
        i += BYTE_ORDER_MARK_BYTES;
    }
}

void lede_item_set(struct lede_import_item *item, const char *text, size_t size, uint64_t line)
{
    memset(item, 0, sizeof *item);
    item->text = text;
    item->size = size;
    item->line = line;
}

void lede_item_set_over_limit(struct lede_import_item *item, size_t limit, uint64_t line)
{
    memset(item, 0, sizeof *item);
    item->line = line;
    item->status = lede_fail(
        &item->error, LEDE_ELIMIT, "document: expected at most %zu bytes, found more", limit);
}

enum lede_status lede_splitter_fill(struct lede_splitter *splitter, struct lede_error *reterr)
{
    size_t held = splitter->end - splitter->start;
    if (splitter->start > 0 && splitter->capacity - splitter->end < BLOCK_BYTES) {
        memmove(splitter->data, splitter->data + splitter->start, held);
        splitter->start = 0;
        splitter->end = held;
    }
    if (splitter->capacity - splitter->end < BLOCK_BYTES) {
        size_t most = splitter->document_bytes_max + (size_t)2 * BLOCK_BYTES;
        size_t capacity = splitter->capacity + splitter->capacity / 2 + BLOCK_BYTES;
        if (capacity > most)
            capacity = most;
        char *data = realloc(splitter->data, capacity);
        if (!data)
            return lede_fail_memory(reterr);
        splitter->data = data;
        splitter->capacity = capacity;
    }
    size_t got = 0;
    struct lede_error error = {0};
    enum lede_status status = splitter->read(splitter->context, splitter->data + splitter->end,
        splitter->capacity - splitter->end, &got, &error);
    splitter->is_cut = status == LEDE_EINPUT;
    if (splitter->is_cut)
        splitter->broken = error;
    else if (status != LEDE_OK && reterr)
        *reterr = error;
    if (status != LEDE_OK && !splitter->is_cut)
        return status;
    splitter->end += got;
    splitter->has_ended = got == 0;
    return LEDE_OK;
}

size_t lede_splitter_trim(struct lede_splitter *splitter)
{
    size_t held = splitter->end - splitter->start;
    if (splitter->capacity <= (size_t)2 * BLOCK_BYTES)
        return held;
    if (held > 0)
        memmove(splitter->data, splitter->data + splitter->start, held);
    splitter->start = 0;
    splitter->end = held;
    char *data = realloc(splitter->data, held + BLOCK_BYTES);
    if (data) {
        splitter->data = data;
        splitter->capacity = held + BLOCK_BYTES;
    }
    return splitter->capacity;
}

void lede_splitter_consume(struct lede_splitter *splitter, size_t size)
{
    const char *text = splitter->data + splitter->start;
    size_t left = size;
    const char *at = NULL;
    while (left > 0 && (at = memchr(text, '\n', left))) {
        splitter->line++;
        left -= (size_t)(at + 1 - text);
        text = at + 1;
    }
    splitter->start += size;
    splitter->consumed += size;
}

enum lede_status lede_splitter_skip_space(struct lede_splitter *splitter, struct lede_error *reterr)
{
    for (;;) {
        size_t held = splitter->end - splitter->start;
        const char *text = held > 0 ? splitter->data + splitter->start : "";
        size_t blank = lede_skip_blank(text, held);
        size_t left = held - blank;
        bool may_be_mark = left > 0 && left < BYTE_ORDER_MARK_BYTES &&
                           memcmp(text + blank, byte_order_mark, left) == 0;
        if (blank > 0)
            lede_splitter_consume(splitter, blank);
        if ((left > 0 && !may_be_mark) || splitter->has_ended)
            return LEDE_OK;
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

enum lede_status lede_splitter_break(
    struct lede_splitter *splitter, const char *expected, struct lede_error *reterr)
{
    struct lede_error *error = &splitter->broken;
    bool is_at_end = splitter->start == splitter->end;
    unsigned char found = is_at_end ? 0 : (unsigned char)splitter->data[splitter->start];
    unsigned long long line = splitter->line;
    bool is_told = is_at_end && splitter->is_cut;
    if (is_at_end && !is_told)
        (void)lede_fail(
            error, LEDE_EINPUT, "line %llu: expected %s, found the end", line, expected);
    else if (found > ' ' && found < 0x7F)
        (void)lede_fail(
            error, LEDE_EINPUT, "line %llu: expected %s, found '%c'", line, expected, found);
    else if (!is_at_end)
        (void)lede_fail(
            error, LEDE_EINPUT, "line %llu: expected %s, found byte 0x%02X", line, expected, found);
    if (!is_told) {
        error->position = splitter->consumed;
        error->has_position = true;
    }
    splitter->mode = LEDE_SPLIT_BROKEN;
    if (reterr)
        *reterr = *error;
    return LEDE_EINPUT;
}
