/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first documents of an order, and all that equal the last of them until ties are told
 * apart. */
#ifndef LEDE_MATCH_TOP_H
#define LEDE_MATCH_TOP_H

#include "matched.h"

struct lede_top {
    enum lede_sort sort;
    bool by_moment; /* candidates have moments: scores do not tell them apart */
    size_t wanted;
    struct lede_candidate *items; /* malloc() */
    size_t count;
    size_t capacity;
    size_t cut_at; /* so many, and what cannot be wanted is dropped */
    bool is_full;  /* `last` is the last one wanted so far */
    struct lede_candidate last;
};

/* Does a come before b, as far as scores and moments tell? */
bool lede_top_is_before(
    const struct lede_top *top, const struct lede_candidate *a, const struct lede_candidate *b);
/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_top_add(
    struct lede_top *top, const struct lede_candidate *candidate, struct lede_error *reterr);
/* Add all of another one of the same order. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_top_join(
    struct lede_top *top, const struct lede_top *more, struct lede_error *reterr);
/* Put all that were added in order, ties by moment, then by id, and drop what is not wanted.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_top_finish(
    struct lede_top *top, struct lede_index *index, struct lede_error *reterr);
void lede_top_done(struct lede_top *top);

#endif
