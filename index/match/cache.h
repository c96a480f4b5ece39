/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was read of segments, in memory, for all threads of an engine.
 *
 * An item is made at its first use, never changes, and lives as long as its segment, unless others
 * need the room. Who has found one holds it: so that searches read without a lock, and what is
 * taken out of the cache goes when the last of them has let go. */
#ifndef LEDE_MATCH_CACHE_H
#define LEDE_MATCH_CACHE_H

#include "lede/match.h"

/* The first member of whatever is kept. */
struct lede_cached {
    /* Written by the cache alone, with its mutex. */
    char *key;
    size_t key_size;
    uint64_t hash;
    uint32_t holders;
    bool is_listed;
    struct lede_cached *newer; /* of those listed, by their last use */
    struct lede_cached *older;
    struct lede_kept *kept; /* whose it is */
    uint32_t number;        /* in its kept's table */
    /* Written by its maker before it is added. */
    size_t bytes; /* that it takes */
    void (*free_item)(struct lede_cached *item);
};

struct lede_cache;

/* What is kept of one segment. */
struct lede_kept;

/* What an index keeps of a part; never NULL but where there is no memory. It lives as long as the
 * index is open. Threads: any. */
struct lede_kept *lede_kept_of(struct lede_index *index, size_t part);

/* Find an item and hold it; NULL: it has to be made. key  bytes, a namespace in the first */
struct lede_cached *lede_cache_find(struct lede_kept *kept, const void *key, size_t size);
/* Add an item that was just made, and hold it. Another thread may have added its like meanwhile:
 * then that one is returned and this one is freed. NULL: no memory; the item is freed. */
struct lede_cached *lede_cache_add(
    struct lede_kept *kept, const void *key, size_t size, struct lede_cached *item);
/* Let go of an item. item  NULL: nothing is done */
void lede_cache_let_go(struct lede_cached *item);

#endif
