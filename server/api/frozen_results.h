/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frozen result sets: searches that clients page through while documents come and go.
 *
 * Scores change with every document that arrives, so a ranked search of many pages is ranked once
 * and kept, a set for each: first only what its first page showed, and from the first use of the
 * cursor, frozen, the ids of all other hits in order. What is kept is bounded in bytes and time; a
 * set unused for longest goes first. All functions may be called from any thread. */
#ifndef LEDE_API_FROZEN_RESULTS_H
#define LEDE_API_FROZEN_RESULTS_H

#include "lede/buffer.h"
#include "lede/match.h"

#define LEDE_FROZEN_RESULTS_BYTES_MAX ((size_t)64 << 20)
#define LEDE_FROZEN_SET_IDLE_S 600
#define LEDE_FROZEN_SET_HITS_MAX 1000000 /* ranked for one set */

struct lede_frozen_results;

LEDE_CHECKED enum lede_status lede_frozen_results_new(struct lede_frozen_results **ret_sets);
void lede_frozen_results_free(struct lede_frozen_results *results);

/* Note the first page.
 * search       a hash of the search and the revision: the same first page is the same set
 * hits, count  what it showed: ids, or keys of a collapsed search, of whose documents another may
 *              rank first by then
 * skipped      hits before it, by an offset
 * Status: OK; ELIMIT it alone is over LEDE_FROZEN_RESULTS_BYTES_MAX; ENOMEM. */
LEDE_CHECKED enum lede_status lede_frozen_results_note(struct lede_frozen_results *results,
    uint64_t search, const struct lede_hit *hits, size_t count, uint32_t skipped,
    uint64_t *ret_set);
/* Is there a set, and is it frozen? Status: OK; ENOTFOUND. */
LEDE_CHECKED enum lede_status lede_frozen_results_find(
    struct lede_frozen_results *results, uint64_t set, bool *ret_frozen);
/* Take a ranking of all hits, less what the first page showed (by id, or key); where another thread
 * gave one before, that one stays.
 * Status: OK; ENOTFOUND; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_frozen_results_freeze(
    struct lede_frozen_results *results, uint64_t set, const struct lede_hit *hits, size_t count);
/* Copy the ids from a position on, at most `max`; memory is the arena's. ret_size: ids of the set
 * in all.
 * Status: OK; ENOTFOUND; ENOMEM. */
LEDE_CHECKED enum lede_status lede_frozen_results_copy(struct lede_frozen_results *results,
    uint64_t set, uint32_t position, size_t max, struct lede_arena *arena, const char ***ret_ids,
    size_t *ret_count, uint32_t *ret_size);

#endif
