/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words typed side by side that stand side by side: the best matches, in a better order. */
#ifndef LEDE_MATCH_NEARNESS_H
#define LEDE_MATCH_NEARNESS_H

#include "matched.h"
#include "plan.h"

/* So many best matches by BM25 are ordered anew; what is behind them stays. */
#define LEDE_RERANK_MAX 100
#define LEDE_NEARNESS_PAIRS_MAX 16

/* The score for nearness of neighbouring words of a query: for each pair of neighbours and the
 * field where they stand nearest, the smaller of their inverse document frequencies over the square
 * of the distance. (The square: Rasolofo, Savoy, "Term proximity scoring for keyword-based
 * retrieval systems", 2003.) */
struct lede_nearness {
    const struct lede_query_node *root;
    struct lede_nearness_pair {
        const struct lede_query_node *first;
        const struct lede_query_node *second;
        double weight; /* the smaller inverse document frequency */
    } pairs[LEDE_NEARNESS_PAIRS_MAX];
    size_t pair_count;     /* 0: nothing is near anything */
    lede_field_set fields; /* in which any pair is looked for */
    double most;           /* what no score exceeds */
};

/* planner  has loaded the query's plan
 * root     of the query, borrowed; only words beside each other at its top count
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_nearness_find(const struct lede_planner *planner,
    const struct lede_query_node *root, struct lede_nearness *ret_nearness,
    struct lede_error *reterr);
/* Score each of the candidates, in any order; those that the deadline leaves no time for get 0.
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_nearness_score(const struct lede_nearness *nearness,
    struct lede_index *index, const struct lede_candidate *candidates, size_t count,
    struct lede_deadline *deadline, double *ret_scores, struct lede_error *reterr);

#endif
