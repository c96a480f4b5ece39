/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search of hits works with: of one index, or of a share of something larger. */
#ifndef LEDE_MATCH_SEARCH_WORK_H
#define LEDE_MATCH_SEARCH_WORK_H

#include "found.h"
#include "nearness.h"

/* Zeroed before; lede_search_work_done(). */
struct lede_search_work {
    struct lede_matching matching;
    const struct lede_search *search;
    struct lede_nearness nearness;
    struct lede_finding finding;
    struct lede_found found;
};

/* Plan and load. search  outlives it. Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_work_begin(struct lede_search_work *work,
    struct lede_index *index, const struct lede_search *search, struct lede_error *reterr);
void lede_search_work_done(struct lede_search_work *work);

bool lede_search_is_collapsed(const struct lede_search *search);

/* What was found, in order. */
struct lede_search_order {
    const struct lede_candidate *candidates;
    const char *const *texts; /* NULL: not collapsed */
    size_t count;
    uint32_t *nearness; /* by candidate, in units of scores */
    size_t *places;     /* candidates in the order that nearness gives */
    size_t reach;       /* the first so many alone can come onto the page, by any nearness */
};
/* Put what was found in order, and add nearness to the first. Memory is the matching's.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_search_work_order(
    struct lede_search_work *work, struct lede_search_order *ret_order, struct lede_error *reterr);
/* Order the best hundred anew by scores with nearness. places  of the candidates, in order */
void lede_search_order_anew(struct lede_search_order *order);
/* Bits for parts that time did not reach. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_work_fill_matched(
    struct lede_search_work *work, struct lede_error *reterr);

#endif
