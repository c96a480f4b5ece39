/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Growing bytes, growing arrays, and memory that is freed at once.
 *
 * A buffer's failure is sticky: appends after a failed one do nothing, and the one check is
 * lede_buffer_status(). An arena gives many small pieces (tokens, trees) that live and die
 * together. */
#ifndef LEDE_BUFFER_H
#define LEDE_BUFFER_H

#include "lede/base.h"

#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lede_buffer {
    char *data; /* NUL-terminated whenever not NULL */
    size_t size;
    size_t capacity;
    bool failed;
};

/* Buffers are initialised by zeroing: struct lede_buffer b = {0}. Threads: one at a time per
 * buffer. */
void lede_buffer_append(struct lede_buffer *buffer, const void *data, size_t size);
void lede_buffer_append_string(struct lede_buffer *buffer, const char *string);
void lede_buffer_append_char(struct lede_buffer *buffer, char c);
void lede_buffer_append_format(struct lede_buffer *buffer, const char *format, ...)
    LEDE_PRINTF(2, 3);
/* The entity that stands for a character of HTML or XML text: & < > " '; static. NULL for any
 * other. */
const char *lede_html_entity(char c);
/* Append text with these as entities. */
void lede_buffer_append_html(struct lede_buffer *buffer, const char *text, size_t size);
/* Ensure room for `size` more bytes; returns where they go, or NULL (sticky failure). The caller
 * adds to buffer->size. */
char *lede_buffer_reserve(struct lede_buffer *buffer, size_t size);
void lede_buffer_clear(struct lede_buffer *buffer); /* size 0, memory kept, failure forgotten */
void lede_buffer_done(struct lede_buffer *buffer);  /* frees; zeroed afterwards */
/* LEDE_OK or LEDE_ENOMEM. */
LEDE_CHECKED enum lede_status lede_buffer_status(const struct lede_buffer *buffer);
/* Move the string out; NULL if the buffer failed, "" (allocated) if it is empty. Owner: the caller,
 * free(). */
LEDE_CHECKED char *lede_buffer_take(struct lede_buffer *buffer);

/* Make room for `count` items of an array that malloc() gave, or of NULL: it grows to twice what it
 * had, at least. items and capacity are variables of the caller's, say list.items, list.capacity,
 * and change on success only. Returns false where there is no memory.
 *
 *     if (!LEDE_ARRAY_RESERVE(list->items, list->capacity, list->count + 1))
 *         return lede_fail_memory(reterr);
 *     list->items[list->count++] = item; */
#define LEDE_ARRAY_RESERVE(items, capacity, count)                                                 \
    lede_array_reserve(&(items), &(capacity), (count), sizeof(*(items)))
LEDE_CHECKED bool lede_array_reserve(
    void *pointer_to_items, size_t *capacity, size_t count, size_t item_size);

struct lede_arena {
    struct lede_arena_block *blocks; /* newest first */
    size_t used_bytes;               /* given out in all */
};

/* Arenas are initialised by zeroing. Memory is aligned to 16 bytes, not zeroed; NULL when there is
 * none. */
LEDE_CHECKED void *lede_arena_alloc(struct lede_arena *arena, size_t size);
LEDE_CHECKED void *lede_arena_calloc(struct lede_arena *arena, size_t count, size_t size);
LEDE_CHECKED char *lede_arena_copy(
    struct lede_arena *arena, const char *text, size_t size); /* NUL-terminated */
/* LEDE_ARRAY_RESERVE() for an array that lives in the arena: it moves where it grows. */
#define LEDE_ARENA_RESERVE(arena, items, capacity, count)                                          \
    lede_arena_reserve((arena), &(items), &(capacity), (count), sizeof(*(items)))
LEDE_CHECKED bool lede_arena_reserve(struct lede_arena *arena, void *pointer_to_items,
    size_t *capacity, size_t count, size_t item_size);
/* everything given out is invalid; keeps one block */
void lede_arena_reset(struct lede_arena *arena);
void lede_arena_done(struct lede_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
