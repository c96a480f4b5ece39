/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "held.h"

#include "lede/encoding.h"

#include <string.h>

#define PIECE_BYTES ((size_t)64 << 10)

void lede_held_begin(struct lede_held *held, const struct lede_format_input *input)
{
    *held = (struct lede_held){
        .read = input->read, .context = input->context, .line = input->first_line};
}

void lede_held_done(struct lede_held *held)
{
    lede_buffer_done(&held->buffer);
}

const char *lede_held_text(const struct lede_held *held)
{
    return held->buffer.data ? held->buffer.data + held->start : "";
}

size_t lede_held_size(const struct lede_held *held)
{
    return held->buffer.size - held->start;
}

enum lede_status lede_held_fill(struct lede_held *held, struct lede_error *reterr)
{
    struct lede_buffer *buffer = &held->buffer;
    size_t left = lede_held_size(held);
    size_t got = 0;
    if (held->has_ended)
        return LEDE_OK;
    if (held->start > left) {
        memcpy(buffer->data, buffer->data + held->start, left);
        buffer->size = left;
        buffer->data[left] = '\0';
        held->start = 0;
    }
    char *room = lede_buffer_reserve(buffer, PIECE_BYTES);
    if (!room)
        return lede_fail_memory(reterr);
    enum lede_status st = held->read(held->context, room, PIECE_BYTES, &got, &held->broken);
    if (st != LEDE_OK && st != LEDE_EINPUT) {
        if (reterr)
            *reterr = held->broken;
        return st;
    }
    held->is_broken = st == LEDE_EINPUT;
    held->has_ended = held->is_broken || got == 0;
    buffer->size += held->is_broken ? 0 : got;
    buffer->data[buffer->size] = '\0';
    return LEDE_OK;
}

enum lede_status lede_held_want(struct lede_held *held, size_t size, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && !held->has_ended && lede_held_size(held) < size)
        st = lede_held_fill(held, reterr);
    return st;
}

enum lede_status lede_held_all(struct lede_held *held, size_t bytes_max, struct lede_error *reterr)
{
    enum lede_status st = lede_held_want(held, bytes_max + 1, reterr);
    if (st == LEDE_OK && lede_held_size(held) > bytes_max)
        st = lede_fail(reterr, LEDE_ELIMIT, "expected at most %zu bytes, found more", bytes_max);
    return st;
}

void lede_held_consume(struct lede_held *held, size_t size)
{
    const char *text = lede_held_text(held);
    const char *end = text + size;
    for (const char *at = text; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        held->line++;
    held->start += size;
}

void lede_held_append_utf8(struct lede_buffer *out, const char *text, size_t size)
{
    if (lede_utf8_is_valid(text, size)) {
        lede_buffer_append(out, text, size);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        char character[4];
        int32_t code = lede_windows_1252_decode((unsigned char)text[i]);
        lede_buffer_append(out, character, lede_utf8_encode(code, character));
    }
}

void lede_held_give(
    struct lede_import_item *ret_item, const struct lede_buffer *made, uint64_t line)
{
    *ret_item = (struct lede_import_item){
        .status = LEDE_OK, .text = made->data, .size = made->size, .line = line};
}

void lede_held_lose(struct lede_import_item *ret_item, const struct lede_error *why, uint64_t line)
{
    *ret_item = (struct lede_import_item){.status = why->status, .line = line, .error = *why};
}
