/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search finds in some parts of an index, as a value: a search over all of them is a merge
 * of such values, whoever made them, in whatever order. */
#ifndef LEDE_MATCH_FOUND_H
#define LEDE_MATCH_FOUND_H

#include "matching.h"
#include "recency.h"
#include "top.h"

/* A search that is ready to be matched, for any thread. */
struct lede_finding {
    const struct lede_search *search;
    const struct lede_matching *matching; /* loaded; its scale is set */
    size_t wanted;                        /* hits, from the best one on */
    bool is_scored;
    bool by_moment;    /* scores do not tell candidates apart */
    bool is_collapsed; /* hits are the best of their values */
    bool counts_values;
    bool keeps_matches; /* documents that collapsed hits stand for are to be counted */
};

struct lede_found {
    uint32_t total;
    bool timed_out;
    struct lede_top top;              /* unless it is collapsed */
    struct lede_collapse *collapse;   /* groups; NULL: none are asked for */
    struct lede_facet_counts *counts; /* of facets and buckets; NULL: none are asked for */
    /* by part of the index, those that were not matched without bits; NULL: not kept */
    struct lede_matched *matched;
    size_t part_count;
};

/* Match some parts of the index.
 * finding    outlives what is found
 * parts      no two threads match the same one at the same time
 * ret_found  zeroed before; owner: the caller, lede_found_done(), whatever the status
 * Status: OK, also where time ran out; EIO; ECORRUPT; EBUSY; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_find_in_parts(const struct lede_finding *finding,
    const size_t *parts, size_t part_count, struct lede_found *ret_found,
    struct lede_error *reterr);
/* Match all parts, by several threads where that is worth it. ret_found, Status: as above. */
LEDE_CHECKED enum lede_status lede_find(
    const struct lede_finding *finding, struct lede_found *ret_found, struct lede_error *reterr);
/* Add what was found in other parts for the same search; of it nothing but memory is left.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_found_join(
    struct lede_found *found, struct lede_found *more, struct lede_error *reterr);
void lede_found_done(struct lede_found *found);

#endif
