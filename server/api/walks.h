/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rankings that clients page through.
 *
 * Scores change with every document that arrives, so a ranked search of many pages is ranked once
 * and kept: first only what its first page showed, and from the first use of the cursor the ids of
 * all hits in order. What is kept is bounded in bytes and time; the one unused for longest goes
 * first. All functions may be called from any thread. */
#ifndef LEDE_API_WALKS_H
#define LEDE_API_WALKS_H

#include "lede/buffer.h"
#include "lede/engine.h"

#define LEDE_WALKS_BYTES_MAX ((size_t)64 << 20)
#define LEDE_WALK_IDLE_S 600
#define LEDE_WALK_HITS_MAX 1000000 /* ranked for one walk */

struct lede_walks;

LEDE_CHECKED enum lede_status lede_walks_new(struct lede_walks **ret_walks);
void lede_walks_free(struct lede_walks *walks);

/* Note the first page.
 * search       a hash of the search and the revision: the same first page is the same walk
 * hits, count  what it showed: ids, or keys of a collapsed search, of whose documents another may
 *              rank first by then
 * skipped      hits before it, by an offset
 * Status: OK; ELIMIT it alone is over LEDE_WALKS_BYTES_MAX; ENOMEM. */
LEDE_CHECKED enum lede_status lede_walks_begin(struct lede_walks *walks, uint64_t search,
    const struct lede_hit *hits, size_t count, uint32_t skipped, uint64_t *ret_walk);
/* Is there a walk, and is it ranked? Status: OK; ENOTFOUND. */
LEDE_CHECKED enum lede_status lede_walks_find(
    struct lede_walks *walks, uint64_t walk, bool *ret_ranked);
/* Take a ranking of all hits, less what the first page showed (by id, or key); where another thread
 * gave one before, that one stays.
 * Status: OK; ENOTFOUND; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_walks_rank(
    struct lede_walks *walks, uint64_t walk, const struct lede_hit *hits, size_t count);
/* Copy the ids from a position on, at most `max`; memory is the arena's. ret_size: ids of the walk
 * in all.
 * Status: OK; ENOTFOUND; ENOMEM. */
LEDE_CHECKED enum lede_status lede_walks_copy(struct lede_walks *walks, uint64_t walk,
    uint32_t position, size_t max, struct lede_arena *arena, const char ***ret_ids,
    size_t *ret_count, uint32_t *ret_size);

#endif
