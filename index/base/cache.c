/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chained hash table and lists by use, under one mutex that is held for a few steps, and for
 * comparing one key. Things are freed when it is not held.
 *
 * What a thing is worth is what making it again costs for each of its bytes, above what the last
 * one that had to go was worth: so what is not used any more goes in the end, however dear. Costs a
 * byte are rounded to powers of two. Of one such class the one that was not used for longest is
 * worth least, so that the least of all is found among the oldest of each. */
#include "lede/cache.h"

#include "lede/number.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024
#define SHARE_MAX 8 /* one thing has an eighth of all, at most */
#define MANY 1024
#define SHARE_RECENT 4 /* a quarter of all uses since all things were used once */
#define CLASSES 20     /* costs from 2^0 to 2^19 nanoseconds a byte */

/* A list by use. */
struct uses {
    struct lede_cached *newest;
    struct lede_cached *oldest;
};

struct lede_cache {
    pthread_mutex_t lock;
    size_t bytes_max;
    struct lede_cached **slots;
    size_t mask;
    struct uses classes[CLASSES];
    uint64_t uses;
    uint64_t worth; /* of the last one that had to go */
    struct lede_cache_stats stats;
};

enum lede_status lede_cache_new(size_t bytes_max, struct lede_cache **ret_cache)
{
    struct lede_cache *cache = calloc(1, sizeof(*cache));
    struct lede_cached **slots = calloc(SLOTS_FIRST, sizeof(struct lede_cached *));
    if (!cache || !slots) {
        free(slots);
        free(cache);
        return LEDE_ENOMEM;
    }
    pthread_mutex_init(&cache->lock, NULL);
    cache->bytes_max = bytes_max;
    cache->slots = slots;
    cache->mask = SLOTS_FIRST - 1;
    *ret_cache = cache;
    return LEDE_OK;
}

/* ---- With the lock held ---- */

static uint8_t class_of(const struct lede_cached *thing)
{
    uint64_t each = thing->cost / (thing->bytes + 1);
    uint8_t power = 0;
    while (each >> power > 1 && power < CLASSES - 1)
        power++;
    return power;
}

static void put_newest(struct lede_cache *cache, struct lede_cached *thing)
{
    struct uses *uses = &cache->classes[thing->cost_class];
    thing->used_at = ++cache->uses;
    thing->worth = cache->worth + (UINT64_C(1) << thing->cost_class);
    thing->older = uses->newest;
    thing->newer = NULL;
    *(uses->newest ? &uses->newest->newer : &uses->oldest) = thing;
    uses->newest = thing;
}

static void take_from_list(struct lede_cache *cache, struct lede_cached *thing)
{
    struct uses *uses = &cache->classes[thing->cost_class];
    *(thing->newer ? &thing->newer->older : &uses->newest) = thing->older;
    *(thing->older ? &thing->older->newer : &uses->oldest) = thing->newer;
}

/* Of many things, one that was used a moment ago stays where it is: to move it is to write to three
 * others. */
static void use(struct lede_cache *cache, struct lede_cached *thing)
{
    uint64_t since = cache->uses - thing->used_at;
    if (since < cache->stats.items / SHARE_RECENT && cache->stats.items >= MANY &&
        thing->worth >= cache->worth + (UINT64_C(1) << thing->cost_class))
        return;
    take_from_list(cache, thing);
    put_newest(cache, thing);
}

static void put_in_group(struct lede_cached *thing)
{
    if (!thing->group)
        return;
    thing->group_link = &thing->group->first;
    thing->group_next = thing->group->first;
    if (thing->group_next)
        thing->group_next->group_link = &thing->group_next;
    thing->group->first = thing;
    thing->group->count++;
}

static void take_from_group(struct lede_cached *thing)
{
    if (!thing->group)
        return;
    thing->group->count--;
    *thing->group_link = thing->group_next;
    if (thing->group_next)
        thing->group_next->group_link = thing->group_link;
}

static struct lede_cached **slot_of(struct lede_cache *cache, uint64_t hash)
{
    return &cache->slots[hash & cache->mask];
}

/* Take a thing out. Those that nobody holds are put before *ret_freed, to be freed without the
 * lock. */
static void take_out(
    struct lede_cache *cache, struct lede_cached *thing, struct lede_cached **ret_freed)
{
    struct lede_cached **link = slot_of(cache, thing->hash);
    while (*link != thing)
        link = &(*link)->next;
    *link = thing->next;
    take_from_list(cache, thing);
    take_from_group(thing);
    thing->is_kept = false;
    cache->stats.bytes -= thing->bytes;
    cache->stats.items--;
    if (--thing->references > 0)
        return;
    thing->next = *ret_freed;
    *ret_freed = thing;
}

/* NULL: it is empty. */
static struct lede_cached *least(const struct lede_cache *cache)
{
    struct lede_cached *found = NULL;
    for (size_t i = 0; i < CLASSES; i++) {
        struct lede_cached *oldest = cache->classes[i].oldest;
        if (oldest && (!found || oldest->worth < found->worth))
            found = oldest;
    }
    return found;
}

static void make_room(struct lede_cache *cache, struct lede_cached **ret_freed)
{
    struct lede_cached *thing;
    while (cache->stats.bytes > cache->bytes_max && (thing = least(cache))) {
        cache->worth = thing->worth;
        take_out(cache, thing, ret_freed);
        cache->stats.evictions++;
    }
}

/* Without memory chains grow instead. */
static void grow_slots(struct lede_cache *cache)
{
    if (cache->stats.items <= cache->mask)
        return;
    size_t mask = cache->mask * 2 + 1;
    struct lede_cached **slots = calloc(mask + 1, sizeof(struct lede_cached *));
    if (!slots)
        return;
    for (size_t i = 0; i <= cache->mask; i++) {
        for (struct lede_cached *thing = cache->slots[i], *next; thing; thing = next) {
            next = thing->next;
            thing->next = slots[thing->hash & mask];
            slots[thing->hash & mask] = thing;
        }
    }
    free(cache->slots);
    cache->slots = slots;
    cache->mask = mask;
}

static bool has_key(
    const struct lede_cached *thing, uint64_t hash, const void *key, size_t key_size)
{
    return thing->hash == hash && thing->key_size == key_size &&
           memcmp(thing->key, key, key_size) == 0;
}

/* ---- Without ---- */

static void free_all(struct lede_cached *thing)
{
    while (thing) {
        struct lede_cached *next = thing->next;
        thing->free(thing);
        thing = next;
    }
}

struct lede_cached *lede_cache_find(struct lede_cache *cache, const void *key, size_t key_size)
{
    uint64_t hash = lede_hash64(key, key_size);
    pthread_mutex_lock(&cache->lock);
    struct lede_cached *thing = *slot_of(cache, hash);
    while (thing && !has_key(thing, hash, key, key_size))
        thing = thing->next;
    if (thing) {
        thing->references++;
        use(cache, thing);
        cache->stats.hits++;
    } else {
        cache->stats.misses++;
    }
    pthread_mutex_unlock(&cache->lock);
    return thing;
}

void lede_cache_add(struct lede_cache *cache, struct lede_cached *thing)
{
    struct lede_cached *freed = NULL;
    thing->references = 1;
    if (thing->bytes > cache->bytes_max / SHARE_MAX)
        return;
    thing->hash = lede_hash64(thing->key, thing->key_size);
    pthread_mutex_lock(&cache->lock);
    struct lede_cached *same = *slot_of(cache, thing->hash);
    while (same && !has_key(same, thing->hash, thing->key, thing->key_size))
        same = same->next;
    if (same) {
        take_out(cache, same, &freed);
        cache->stats.evictions++;
    }
    thing->references = 2;
    thing->is_kept = true;
    thing->cost_class = class_of(thing);
    thing->next = *slot_of(cache, thing->hash);
    *slot_of(cache, thing->hash) = thing;
    put_newest(cache, thing);
    put_in_group(thing);
    cache->stats.items++;
    cache->stats.bytes += thing->bytes;
    grow_slots(cache);
    make_room(cache, &freed);
    pthread_mutex_unlock(&cache->lock);
    free_all(freed);
}

void lede_cache_grow(struct lede_cache *cache, struct lede_cached *thing, size_t bytes)
{
    struct lede_cached *freed = NULL;
    pthread_mutex_lock(&cache->lock);
    thing->bytes += bytes;
    if (thing->is_kept) {
        cache->stats.bytes += bytes;
        make_room(cache, &freed);
    }
    pthread_mutex_unlock(&cache->lock);
    free_all(freed);
}

void lede_cache_drop(struct lede_cache *cache, struct lede_cache_group *group)
{
    struct lede_cached *freed = NULL;
    pthread_mutex_lock(&cache->lock);
    while (group->first)
        take_out(cache, group->first, &freed);
    pthread_mutex_unlock(&cache->lock);
    free_all(freed);
}

static int compare_by_use(const void *a, const void *b)
{
    const struct lede_cache_held *x = a, *y = b;
    return x->used_at < y->used_at ? 1 : -1;
}

enum lede_status lede_cache_hold(struct lede_cache *cache, struct lede_cache_group *group,
    struct lede_cache_held **ret_held, size_t *ret_count)
{
    size_t count = 0;
    pthread_mutex_lock(&cache->lock);
    struct lede_cache_held *held = calloc(group->count + 1, sizeof(*held));
    for (struct lede_cached *thing = held ? group->first : NULL; thing; thing = thing->group_next) {
        held[count++] = (struct lede_cache_held){thing, thing->used_at};
        thing->references++;
    }
    pthread_mutex_unlock(&cache->lock);
    if (!held)
        return LEDE_ENOMEM;
    qsort(held, count, sizeof(*held), compare_by_use);
    *ret_held = held;
    *ret_count = count;
    return LEDE_OK;
}

void lede_cache_refuse(struct lede_cache *cache, struct lede_cached *thing)
{
    struct lede_cached *freed = NULL;
    pthread_mutex_lock(&cache->lock);
    cache->stats.hits--;
    cache->stats.misses++;
    if (thing->is_kept) {
        take_out(cache, thing, &freed);
        cache->stats.evictions++;
    }
    pthread_mutex_unlock(&cache->lock);
    lede_cache_release(cache, thing);
}

void lede_cache_release(struct lede_cache *cache, struct lede_cached *thing)
{
    if (!thing)
        return;
    pthread_mutex_lock(&cache->lock);
    bool is_last = --thing->references == 0;
    pthread_mutex_unlock(&cache->lock);
    if (is_last)
        thing->free(thing);
}

void lede_cache_stats(struct lede_cache *cache, struct lede_cache_stats *ret_stats)
{
    pthread_mutex_lock(&cache->lock);
    *ret_stats = cache->stats;
    pthread_mutex_unlock(&cache->lock);
}

void lede_cache_free(struct lede_cache *cache)
{
    struct lede_cached *freed = NULL;
    struct lede_cached *thing;
    if (!cache)
        return;
    while ((thing = least(cache)))
        take_out(cache, thing, &freed);
    free_all(freed);
    pthread_mutex_destroy(&cache->lock);
    free(cache->slots);
    free(cache);
}
