/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays double. Arena: blocks in a list, the newest gives; a piece larger than a block gets one of
 * its own. */
#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

#define ARRAY_CAPACITY_FIRST 8
#define ARENA_BLOCK_BYTES 8192
#define ARENA_ALIGNMENT 16

/* Room for `count` items at least; 0 where there can be none. */
static size_t grown_capacity(size_t capacity, size_t count, size_t item_size)
{
    size_t most = SIZE_MAX / 4 / item_size;
    size_t grown = capacity > most / 2 ? most : capacity * 2;
    if (grown < ARRAY_CAPACITY_FIRST)
        grown = ARRAY_CAPACITY_FIRST;
    if (grown < count)
        grown = count;
    return grown <= most ? grown : 0;
}

bool lede_array_reserve(void *pointer_to_items, size_t *capacity, size_t count, size_t item_size)
{
    if (count <= *capacity)
        return true;
    void *items;
    memcpy(&items, pointer_to_items, sizeof(items)); /* whatever it points to */
    size_t grown = grown_capacity(*capacity, count, item_size);
    items = grown > 0 ? realloc(items, grown * item_size) : NULL;
    if (!items)
        return false;
    memcpy(pointer_to_items, &items, sizeof(items));
    *capacity = grown;
    return true;
}

struct lede_arena_block {
    struct lede_arena_block *next;
    size_t capacity;
    size_t used;
    _Alignas(ARENA_ALIGNMENT) char data[];
};

static struct lede_arena_block *block_new(size_t capacity, struct lede_arena_block *next)
{
    struct lede_arena_block *block = malloc(sizeof(*block) + capacity);
    if (!block)
        return NULL;
    block->next = next;
    block->capacity = capacity;
    block->used = 0;
    return block;
}

void *lede_arena_alloc(struct lede_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 4)
        return NULL;
    size = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    struct lede_arena_block *block = arena->blocks;
    if (!block || block->capacity - block->used < size) {
        /* Blocks double, so that a large result needs few of them. */
        size_t capacity = block ? block->capacity * 2 : ARENA_BLOCK_BYTES;
        if (capacity > ((size_t)1 << 20))
            capacity = (size_t)1 << 20;
        block = block_new(size > capacity ? size : capacity, arena->blocks);
        if (!block)
            return NULL;
        arena->blocks = block;
    }
    void *piece = block->data + block->used;
    block->used += size;
    arena->used_bytes += size;
    return piece;
}

void *lede_arena_calloc(struct lede_arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 4 / size)
        return NULL;
    void *piece = lede_arena_alloc(arena, count * size);
    if (piece)
        memset(piece, 0, count * size);
    return piece;
}

char *lede_arena_copy(struct lede_arena *arena, const char *text, size_t size)
{
    char *copy = size < SIZE_MAX / 4 ? lede_arena_alloc(arena, size + 1) : NULL;
    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

bool lede_arena_reserve(struct lede_arena *arena, void *pointer_to_items, size_t *capacity,
    size_t count, size_t item_size)
{
    if (count <= *capacity)
        return true;
    void *before;
    memcpy(&before, pointer_to_items, sizeof(before));
    size_t grown = grown_capacity(*capacity, count, item_size);
    void *items = grown > 0 ? lede_arena_alloc(arena, grown * item_size) : NULL;
    if (!items)
        return false;
    if (*capacity > 0)
        memcpy(items, before, *capacity * item_size);
    memcpy(pointer_to_items, &items, sizeof(items));
    *capacity = grown;
    return true;
}

void lede_arena_reset(struct lede_arena *arena)
{
    struct lede_arena_block *keep = arena->blocks;
    if (keep) {
        for (struct lede_arena_block *block = keep->next, *next; block; block = next) {
            next = block->next;
            free(block);
        }
        keep->next = NULL;
        keep->used = 0;
    }
    arena->used_bytes = 0;
}

void lede_arena_done(struct lede_arena *arena)
{
    for (struct lede_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    memset(arena, 0, sizeof(*arena));
}
