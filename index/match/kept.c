/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys begin with the number of their segment. */
#include "kept.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MIN ((size_t)64 << 20)
#define SHARE_OF_MEMORY 4 /* a quarter of the machine's, where nothing else is set */
#define ITEM_BYTES 160    /* of its key and its places, about */

struct lede_kept {
    struct lede_cache *cache;
    struct lede_cache_group group;
    uint64_t segment;
    atomic_uint absent; /* of enum lede_kept_absent */
};

static size_t default_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t bytes = pages > 0 && page > 0 ? (size_t)pages / SHARE_OF_MEMORY * (size_t)page : 0;
    return bytes > BYTES_MIN ? bytes : BYTES_MIN;
}

static void *new_cache(size_t bytes_max)
{
    struct lede_cache *cache = NULL;
    return lede_cache_new(bytes_max > 0 ? bytes_max : default_bytes(), &cache) == LEDE_OK ? cache
                                                                                          : NULL;
}

static void free_cache(void *kept)
{
    lede_cache_free(kept);
}

static void *new_kept(void *context)
{
    static _Atomic uint64_t segments;
    struct lede_kept *kept = calloc(1, sizeof(*kept));
    if (!kept)
        return NULL;
    kept->cache = context;
    kept->segment = atomic_fetch_add(&segments, 1);
    return kept;
}

static void free_kept(void *pointer)
{
    struct lede_kept *kept = pointer;
    lede_cache_drop(kept->cache, &kept->group);
    free(kept);
}

struct lede_kept *lede_kept_of(struct lede_index *index, size_t part)
{
    void *cache = lede_index_keep(index, new_cache, free_cache);
    return cache ? lede_index_keep_of_part(index, part, new_kept, free_kept, cache) : NULL;
}

bool lede_kept_is_absent(struct lede_index *index, size_t part, enum lede_kept_absent what)
{
    struct lede_kept *kept = what != LEDE_ABSENT_NONE ? lede_kept_of(index, part) : NULL;
    return kept && (atomic_load(&kept->absent) & what);
}

void lede_kept_note_absent(struct lede_index *index, size_t part, enum lede_kept_absent what)
{
    struct lede_kept *kept = lede_kept_of(index, part);
    if (kept)
        atomic_fetch_or(&kept->absent, what);
}

/* The segment's number before the key; owner: the caller, free(). NULL: no memory. */
static char *whole_key(const struct lede_kept *kept, const void *key, size_t size)
{
    char *whole = malloc(sizeof(kept->segment) + size);
    if (!whole)
        return NULL;
    memcpy(whole, &kept->segment, sizeof(kept->segment));
    memcpy(whole + sizeof(kept->segment), key, size);
    return whole;
}

struct lede_reading *lede_kept_reading(void)
{
    static _Thread_local struct lede_reading reading;
    return &reading;
}

void lede_reading_add(struct lede_reading *sum, const struct lede_reading *more)
{
    sum->found += more->found;
    sum->read += more->read;
    sum->read_bytes += more->read_bytes;
}

struct lede_kept_item *lede_kept_find(struct lede_kept *kept, const void *key, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *whole = whole_key(kept, key, size);
    struct lede_kept_item *item = NULL;
    if (whole)
        item = (struct lede_kept_item *)lede_cache_find(
            kept->cache, whole, sizeof(kept->segment) + size);
    lede_kept_reading()->found += item != NULL;
    return item;
}

static void free_cached(struct lede_cached *cached)
{
    struct lede_kept_item *item = (struct lede_kept_item *)cached;
    free(item->key);
    item->free_item(item);
}

struct lede_kept_item *lede_kept_add(
    struct lede_kept *kept, const void *key, size_t size, struct lede_kept_item *item)
{
    item->cache = kept->cache;
    item->key = whole_key(kept, key, size);
    if (!item->key) {
        item->free_item(item);
        return NULL;
    }
    item->cached.key = item->key;
    item->cached.key_size = sizeof(kept->segment) + size;
    item->cached.bytes = item->bytes + size + ITEM_BYTES;
    item->cached.cost = item->nanoseconds;
    item->cached.free = free_cached;
    item->cached.group = &kept->group;
    lede_reading_add(
        lede_kept_reading(), &(struct lede_reading){.read = 1, .read_bytes = item->bytes});
    lede_cache_add(kept->cache, &item->cached);
    return item;
}

enum lede_status lede_kept_hold(
    struct lede_kept *kept, struct lede_kept_item ***ret_items, size_t *ret_count)
{
    LEDE_CLEANUP(lede_freep) struct lede_cache_held *held = NULL;
    enum lede_status st = lede_cache_hold(kept->cache, &kept->group, &held, ret_count);
    if (st != LEDE_OK)
        return st;
    *ret_items = calloc(*ret_count + 1, sizeof(struct lede_kept_item *));
    for (size_t i = 0; i < *ret_count; i++) {
        if (*ret_items)
            (*ret_items)[i] = (struct lede_kept_item *)held[i].thing;
        else
            lede_cache_release(kept->cache, held[i].thing);
    }
    return *ret_items ? LEDE_OK : LEDE_ENOMEM;
}

const char *lede_kept_key(const struct lede_kept_item *item, size_t *ret_size)
{
    size_t before = sizeof(((struct lede_kept *)NULL)->segment);
    *ret_size = item->cached.key_size - before;
    return item->key + before;
}

void lede_kept_let_go(struct lede_kept_item *item)
{
    if (item)
        lede_cache_release(item->cache, &item->cached);
}

void lede_match_memory(const struct lede_engine *engine, struct lede_cache_stats *ret_stats)
{
    struct lede_cache *cache = lede_engine_kept(engine);
    *ret_stats = (struct lede_cache_stats){0};
    if (cache)
        lede_cache_stats(cache, ret_stats);
}
