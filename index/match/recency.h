/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is new is preferred: points that halve with each half-life. */
#ifndef LEDE_MATCH_RECENCY_H
#define LEDE_MATCH_RECENCY_H

#include "column.h"
#include "window.h"

struct lede_recency {
    double most; /* points; 0: nothing is preferred */
    double half_life_s;
    uint32_t slot; /* by days, or by quarters of an hour */
    int64_t step_s;
    int64_t newest_s;                  /* where the step of now begins */
    int64_t steps;                     /* behind which nothing is preferred */
    struct lede_number_column *column; /* of the part, held */
};

void lede_recency_init(struct lede_recency *recency, const struct lede_search *search);
/* Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_recency_open_part(
    struct lede_recency *recency, struct lede_index *index, size_t part, struct lede_error *reterr);
void lede_recency_close_part(struct lede_recency *recency);
/* Points of a document of the part that is open. */
double lede_recency_of(const struct lede_recency *recency, uint32_t document);
/* Add them to the scores of a window's matches. */
void lede_recency_add(
    const struct lede_recency *recency, const struct lede_window *window, const uint64_t *bits);

#endif
