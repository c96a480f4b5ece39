/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One mutex for an engine: what it guards is a look into a table and a list's ends, and items are
 * read without it. */
#include "cache.h"

#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_MIN ((size_t)64 << 20)
#define SHARE_OF_MEMORY 4 /* a quarter of the machine's, where nothing else is set */
#define ITEM_BYTES 160    /* of its key, its places in lists and tables, about */

struct lede_cache {
    pthread_mutex_t mutex;
    uint32_t holders; /* segments, and the engine */
    struct lede_cached *newest;
    struct lede_cached *oldest;
    struct lede_cache_figures figures;
};

struct lede_kept {
    struct lede_cache *cache;
    struct lede_table table;
    struct lede_cached **items; /* by number; NULL: free */
    size_t count;
    size_t capacity;
    uint32_t *free_numbers;
    size_t free_count;
    size_t free_capacity;
};

static size_t default_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t bytes = pages > 0 && page > 0 ? (size_t)pages / SHARE_OF_MEMORY * (size_t)page : 0;
    return bytes > BYTES_MIN ? bytes : BYTES_MIN;
}

static void *new_cache(void)
{
    struct lede_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        return NULL;
    pthread_mutex_init(&cache->mutex, NULL);
    cache->holders = 1;
    cache->figures.bytes_max = default_bytes();
    return cache;
}

static void free_item(struct lede_cached *item)
{
    free(item->key);
    item->free_item(item);
}

/* The mutex is held, and is given back. */
static void let_go_of_cache(struct lede_cache *cache)
{
    bool is_last = --cache->holders == 0;
    pthread_mutex_unlock(&cache->mutex);
    if (!is_last)
        return;
    pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

static void free_cache(void *kept)
{
    struct lede_cache *cache = kept;
    pthread_mutex_lock(&cache->mutex);
    let_go_of_cache(cache);
}

/* The mutex is held. */
static void unlist(struct lede_cached *item)
{
    struct lede_cache *cache = item->kept->cache;
    *(item->newer ? &item->newer->older : &cache->newest) = item->older;
    *(item->older ? &item->older->newer : &cache->oldest) = item->newer;
}

/* The mutex is held. */
static void list_first(struct lede_cached *item)
{
    struct lede_cache *cache = item->kept->cache;
    item->newer = NULL;
    item->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = item;
    cache->newest = item;
}

/* Take an item out of the cache; the mutex is held. Returns it where nobody holds it: to be freed
 * without the mutex, by `older`. */
static struct lede_cached *take_out(struct lede_cached *item, struct lede_cached *freed)
{
    struct lede_kept *kept = item->kept;
    struct lede_probe probe = lede_table_probe(item->hash);
    while (lede_table_next(&kept->table, &probe)) {
        if (probe.number != item->number)
            continue;
        lede_table_remove(&kept->table, &probe);
        break;
    }
    unlist(item);
    kept->items[item->number] = NULL;
    kept->free_numbers[kept->free_count++] = item->number;
    kept->cache->figures.bytes -= item->bytes + ITEM_BYTES;
    kept->cache->figures.items--;
    item->is_listed = false;
    if (item->holders > 0)
        return freed;
    item->older = freed;
    return item;
}

static void free_all(struct lede_cached *freed)
{
    while (freed) {
        struct lede_cached *next = freed->older;
        free_item(freed);
        freed = next;
    }
}

static void free_kept(void *pointer)
{
    struct lede_kept *kept = pointer;
    struct lede_cached *freed = NULL;
    pthread_mutex_lock(&kept->cache->mutex);
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->items[i])
            freed = take_out(kept->items[i], freed);
    }
    let_go_of_cache(kept->cache);
    free_all(freed);
    lede_table_done(&kept->table);
    free(kept->items);
    free(kept->free_numbers);
    free(kept);
}

static void *new_kept(void *context)
{
    struct lede_kept *kept = calloc(1, sizeof(*kept));
    if (!kept)
        return NULL;
    kept->cache = context;
    pthread_mutex_lock(&kept->cache->mutex);
    kept->cache->holders++;
    pthread_mutex_unlock(&kept->cache->mutex);
    return kept;
}

static struct lede_cache *cache_of(struct lede_index *index)
{
    return lede_index_keep(index, new_cache, free_cache);
}

struct lede_kept *lede_kept_of(struct lede_index *index, size_t part)
{
    struct lede_cache *cache = cache_of(index);
    return cache ? lede_index_keep_of_part(index, part, new_kept, free_kept, cache) : NULL;
}

/* The mutex is held. */
static struct lede_cached *look_up(
    struct lede_kept *kept, uint64_t hash, const void *key, size_t size)
{
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&kept->table, &probe)) {
        struct lede_cached *item = kept->items[probe.number];
        if (item->key_size != size || memcmp(item->key, key, size) != 0)
            continue;
        item->holders++;
        if (kept->cache->newest != item) {
            unlist(item);
            list_first(item);
        }
        return item;
    }
    return NULL;
}

struct lede_cached *lede_cache_find(struct lede_kept *kept, const void *key, size_t size)
{
    uint64_t hash = lede_hash64(key, size);
    pthread_mutex_lock(&kept->cache->mutex);
    struct lede_cached *item = look_up(kept, hash, key, size);
    kept->cache->figures.hits += item != NULL;
    kept->cache->figures.misses += item == NULL;
    pthread_mutex_unlock(&kept->cache->mutex);
    return item;
}

/* The mutex is held. Status: OK; ENOMEM. */
static enum lede_status put_in(struct lede_kept *kept, struct lede_cached *item)
{
    bool is_new = kept->free_count == 0;
    if (is_new &&
        (!LEDE_ARRAY_RESERVE(kept->items, kept->capacity, kept->count + 1) ||
            !LEDE_ARRAY_RESERVE(kept->free_numbers, kept->free_capacity, kept->count + 1)))
        return LEDE_ENOMEM;
    if (lede_table_reserve(&kept->table, kept->table.count + 1) != LEDE_OK)
        return LEDE_ENOMEM;
    item->number = is_new ? (uint32_t)kept->count++ : kept->free_numbers[--kept->free_count];
    item->kept = kept;
    item->holders = 1;
    item->is_listed = true;
    kept->items[item->number] = item;
    lede_table_add(&kept->table, item->hash, item->number);
    list_first(item);
    kept->cache->figures.items++;
    kept->cache->figures.bytes += item->bytes + ITEM_BYTES;
    return LEDE_OK;
}

/* What was not used for longest goes, but for the newest. The mutex is held. */
static struct lede_cached *make_room(struct lede_cache *cache)
{
    struct lede_cached *freed = NULL;
    while (cache->figures.bytes > cache->figures.bytes_max && cache->oldest != cache->newest) {
        freed = take_out(cache->oldest, freed);
        cache->figures.evictions++;
    }
    return freed;
}

struct lede_cached *lede_cache_add(
    struct lede_kept *kept, const void *key, size_t size, struct lede_cached *item)
{
    item->hash = lede_hash64(key, size);
    item->key_size = size;
    item->key = malloc(size + 1);
    struct lede_cached *found = NULL, *freed = NULL;
    if (item->key) {
        memcpy(item->key, key, size);
        pthread_mutex_lock(&kept->cache->mutex);
        found = look_up(kept, item->hash, key, size);
        if (!found && put_in(kept, item) == LEDE_OK) {
            found = item;
            freed = make_room(kept->cache);
        }
        pthread_mutex_unlock(&kept->cache->mutex);
    }
    if (found != item)
        free_item(item);
    free_all(freed);
    return found;
}

void lede_cache_let_go(struct lede_cached *item)
{
    if (!item)
        return;
    struct lede_cache *cache = item->kept->cache;
    pthread_mutex_lock(&cache->mutex);
    bool is_free = --item->holders == 0 && !item->is_listed;
    pthread_mutex_unlock(&cache->mutex);
    if (is_free)
        free_item(item);
}

void lede_match_memory_figures(struct lede_index *index, struct lede_cache_figures *ret_figures)
{
    struct lede_cache *cache = cache_of(index);
    *ret_figures = (struct lede_cache_figures){0};
    if (!cache)
        return;
    pthread_mutex_lock(&cache->mutex);
    *ret_figures = cache->figures;
    pthread_mutex_unlock(&cache->mutex);
}

void lede_match_set_memory(struct lede_index *index, size_t bytes_max)
{
    struct lede_cache *cache = cache_of(index);
    if (!cache)
        return;
    pthread_mutex_lock(&cache->mutex);
    cache->figures.bytes_max = bytes_max > 0 ? bytes_max : default_bytes();
    struct lede_cached *freed = make_room(cache);
    pthread_mutex_unlock(&cache->mutex);
    free_all(freed);
}
