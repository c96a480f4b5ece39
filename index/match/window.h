/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan matched window by window: sets as bitmaps, scores in an array.
 *
 * Scores are whole numbers: shares of a document are rounded to 1 / scale of a point and summed up
 * exactly, in whatever order, so that equal documents are equal. */
#ifndef LEDE_MATCH_WINDOW_H
#define LEDE_MATCH_WINDOW_H

#include "bm25.h"
#include "lengths.h"
#include "plan.h"

struct lede_window {
    struct lede_planner *planner;
    struct lede_bm25 bm25;
    double scale; /* units of a point: a power of two */
    size_t part;
    uint32_t number;              /* of the window in the part */
    uint32_t words;               /* of its bitmaps */
    const uint64_t *exists;       /* of the part; NULL: all documents from 1 on are there */
    struct lede_lengths *lengths; /* of the part, held; NULL: nothing was scored yet */
    uint32_t last_document;
    /* Of the window, where plans are shared: what is found of all of them is kept. NULL: nothing
     * is. */
    const uint64_t *all;
    uint32_t
        *scores; /* of the window's documents, LEDE_WINDOW_DOCUMENTS; NULL: nothing is scored */
};

/* The scale in which no sum of what a plan gives, and `more` points, is too large: as fine as 31
 * bits allow. */
double lede_window_scale(const struct lede_plan *plan, double more);

/* Go to a part: before its first window. */
void lede_window_open_part(struct lede_window *window, size_t part);
/* Let go of the part. */
void lede_window_close_part(struct lede_window *window);

/* Find a plan's documents of the window.
 * within    only these are asked for; others may be found or not   NULL: none are
 * ret_bits  NULL: there are none; valid until the plan is asked for another window
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_window_match(const struct lede_window *window,
    struct lede_plan *plan, const uint64_t *within, const uint64_t **ret_bits,
    struct lede_error *reterr);
/* Add what a plan gives to the scores of documents that lede_window_match() found.
 * matches  of the plan, in the window: of other documents anything may be added
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_window_score(struct lede_window *window, struct lede_plan *plan,
    const uint64_t *matches, struct lede_error *reterr);

#endif
