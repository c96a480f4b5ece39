/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing bytes. A failed growth is remembered, so that a writer checks once, at its end. */
#include "lede/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SIZE_FIRST 256

char *lede_buffer_reserve(struct lede_buffer *buffer, size_t size)
{
    if (buffer->failed)
        return NULL;
    if (buffer->data && buffer->capacity - buffer->size > size)
        return buffer->data + buffer->size;
    if (size >= SIZE_MAX / 4 || buffer->size >= SIZE_MAX / 4) {
        buffer->failed = true;
        return NULL;
    }
    size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_SIZE_FIRST;
    while (capacity - buffer->size <= size)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (!data) {
        buffer->failed = true;
        return NULL;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    buffer->data[buffer->size] = '\0';
    return buffer->data + buffer->size;
}

void lede_buffer_append(struct lede_buffer *buffer, const void *data, size_t size)
{
    char *room = lede_buffer_reserve(buffer, size);
    if (!room)
        return;
    if (size > 0)
        memcpy(room, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void lede_buffer_append_string(struct lede_buffer *buffer, const char *string)
{
    lede_buffer_append(buffer, string, strlen(string));
}

void lede_buffer_append_char(struct lede_buffer *buffer, char c)
{
    lede_buffer_append(buffer, &c, 1);
}

void lede_buffer_append_format(struct lede_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    va_list again;
    va_copy(again, arguments);
    int needed = vsnprintf(NULL, 0, format, arguments);
    char *room = needed < 0 ? NULL : lede_buffer_reserve(buffer, (size_t)needed);
    if (room) {
        vsnprintf(room, (size_t)needed + 1, format, again);
        buffer->size += (size_t)needed;
    } else {
        buffer->failed = true;
    }
    va_end(again);
    va_end(arguments);
}

const char *lede_html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void lede_buffer_append_html(struct lede_buffer *buffer, const char *text, size_t size)
{
    size_t plain = 0;
    for (size_t i = 0; i < size; i++) {
        const char *entity = lede_html_entity(text[i]);
        if (!entity)
            continue;
        lede_buffer_append(buffer, text + plain, i - plain);
        lede_buffer_append_string(buffer, entity);
        plain = i + 1;
    }
    lede_buffer_append(buffer, text + plain, size - plain);
}

void lede_buffer_clear(struct lede_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

void lede_buffer_done(struct lede_buffer *buffer)
{
    free(buffer->data);
    memset(buffer, 0, sizeof(*buffer));
}

enum lede_status lede_buffer_status(const struct lede_buffer *buffer)
{
    return buffer->failed ? LEDE_ENOMEM : LEDE_OK;
}

char *lede_buffer_take(struct lede_buffer *buffer)
{
    lede_buffer_append(buffer, "", 0);
    char *data = buffer->failed ? NULL : LEDE_TAKE(&buffer->data);
    lede_buffer_done(buffer);
    return data;
}
