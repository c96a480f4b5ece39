/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was made once and may be asked for again: kept by a key, bounded in bytes, shared by all
 * threads. What costs least to make again for the room that it takes goes first, and of equals what
 * was not used for longest (GreedyDual-Size, Cao and Irani 1997, with costs rounded to powers of
 * two).
 *
 * A thing lives as long as somebody holds it, whether it is still kept or not, so nobody looks at
 * it under a lock. The key's bytes decide, never its hash alone. */
#ifndef LEDE_CACHE_H
#define LEDE_CACHE_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_cache;

/* Things that go together; zeroed: none. It outlives them. */
struct lede_cache_group {
    struct lede_cached *first; /* the cache's own, both */
    size_t count;
};

/* The first member of what is kept. The caller fills in the first six; the others are zero. */
struct lede_cached {
    const void *key; /* of the thing itself, unchanged as long as it lives */
    size_t key_size;
    size_t bytes;  /* that it takes in all */
    uint64_t cost; /* nanoseconds to make it again, about; of all things of a cache, or of none */
    void (*free)(struct lede_cached *thing);
    struct lede_cache_group *group; /* NULL: it goes alone */
    uint64_t hash;                  /* the cache's own from here on */
    uint64_t used_at;               /* a count of uses */
    uint64_t worth;                 /* the least goes first */
    uint32_t references;
    uint8_t cost_class; /* of things whose cost a byte is alike */
    bool is_kept;
    struct lede_cached *next;  /* of those with the same hash's slot */
    struct lede_cached *newer; /* of its class */
    struct lede_cached *older;
    struct lede_cached *group_next;
    struct lede_cached **group_link; /* what points to it there */
};

struct lede_cache_stats {
    uint64_t bytes;
    uint64_t items;
    uint64_t hits;
    uint64_t misses;
    uint64_t evictions; /* to make room, replaced by a newer one of the same key, of no use */
};

/* bytes_max  0: nothing is kept   Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cache_new(size_t bytes_max, struct lede_cache **ret_cache);
/* Nobody holds a thing of it any more. */
void lede_cache_free(struct lede_cache *cache);

/* The thing of this key; NULL: there is none. Owner: the caller, lede_cache_release(). Threads:
 * any, as all here. */
LEDE_CHECKED struct lede_cached *lede_cache_find(
    struct lede_cache *cache, const void *key, size_t key_size);
/* Keep a thing, made by the caller, who holds it from now on: lede_cache_release(). One of the same
 * key gives way. What takes more than an eighth of all is not kept. */
void lede_cache_add(struct lede_cache *cache, struct lede_cached *thing);
/* Say that a thing has grown while it was held. */
void lede_cache_grow(struct lede_cache *cache, struct lede_cached *thing, size_t bytes);
/* Take out all of a group. */
void lede_cache_drop(struct lede_cache *cache, struct lede_cache_group *group);
struct lede_cache_held {
    struct lede_cached *thing;
    uint64_t used_at;
};
/* Hold all of a group that are kept.
 * ret_held  those used last first; owner: the caller: free(), and lede_cache_release() of each
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cache_hold(struct lede_cache *cache,
    struct lede_cache_group *group, struct lede_cache_held **ret_held, size_t *ret_count);
/* What was found is of no use any more: it is let go of and taken out, and counts as missed. */
void lede_cache_refuse(struct lede_cache *cache, struct lede_cached *thing);
/* Let go of a thing, which the last one to do so frees; NULL is taken. */
void lede_cache_release(struct lede_cache *cache, struct lede_cached *thing);
void lede_cache_stats(struct lede_cache *cache, struct lede_cache_stats *ret_stats);

#ifdef __cplusplus
}
#endif
#endif
