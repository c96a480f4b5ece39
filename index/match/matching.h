/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every search does: a plan is made, what it needs is in memory, and its documents are found
 * window by window, without those that are deleted or may not be shown. */
#ifndef LEDE_MATCH_MATCHING_H
#define LEDE_MATCH_MATCHING_H

#include "window.h"

struct lede_matching {
    struct lede_index *index;
    const struct lede_search *search; /* what may be shown, and when it has to end */
    struct lede_deadline deadline;
    struct lede_arena arena;
    struct lede_planner planner;
    struct lede_window window;
    struct lede_plan *plan;
    /* Hidden documents; NULL: they match, too. */
    struct lede_plan *withheld;
    struct lede_plan *watched; /* by the clock */
    struct lede_plan *embargoes;
    struct lede_plan *expiries;
    struct lede_lengths *exists; /* of the part, held; NULL: it has no holes */
    uint32_t excluded;           /* a document of the part; 0: none */
    uint64_t live[LEDE_WINDOW_WORDS];
};

/* Zeroed before; nothing is planned yet.
 * index, search  outlive it
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_matching_init(struct lede_matching *matching,
    struct lede_index *index, const struct lede_search *search, struct lede_error *reterr);
/* Plan the search for a query; lede_matching_load() comes next.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_matching_plan(
    struct lede_matching *matching, const struct lede_query_node *root, struct lede_error *reterr);
/* Status: as above. */
LEDE_CHECKED enum lede_status lede_matching_load(
    struct lede_matching *matching, struct lede_error *reterr);
/* The same once more, for other parts of the index, by any thread.
 * from  loaded; outlives it   matching  zeroed before
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_matching_copy(
    const struct lede_matching *from, struct lede_matching *matching, struct lede_error *reterr);
void lede_matching_done(struct lede_matching *matching);

struct lede_part_size {
    uint32_t documents;
    size_t part;
};
/* The parts that have documents, the largest first. NULL: no memory. Owner: the caller, free(). */
struct lede_part_size *lede_parts_by_size(const struct lede_index *index, size_t *ret_count);

uint32_t lede_matching_window_count(const struct lede_matching *matching, size_t part);
/* Status: as above. */
LEDE_CHECKED enum lede_status lede_matching_open_part(
    struct lede_matching *matching, size_t part, struct lede_error *reterr);
void lede_matching_close_part(struct lede_matching *matching);
/* Find what matches in a window, windows in ascending order.
 * ret_bits  NULL: none; valid until the next call
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_matching_window(struct lede_matching *matching, uint32_t number,
    const uint64_t **ret_bits, struct lede_error *reterr);

/* The documents of a part that have an id, deleted ones too, ascending; at most two of them can be
 * alive while a replacement is under way.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_find_id(struct lede_index *index, size_t part, const char *id,
    struct lede_postings *ret_documents, struct lede_error *reterr);

#endif
