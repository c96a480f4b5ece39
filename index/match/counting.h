/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many of a part's matches have each text of a column, or each value of a list's texts? */
#ifndef LEDE_MATCH_COUNTING_H
#define LEDE_MATCH_COUNTING_H

#include "column.h"
#include "matched.h"

/* Zeroed but for its column; lede_counter_done(). */
struct lede_counter {
    const struct lede_text_column *column; /* outlives the counts */
    uint32_t *counts;                      /* by number of the text, or of the value */
    size_t stride;    /* from each of several arrays to the next while it counts; 0: there is one */
    bool takes_apart; /* values are counted as they come */
};

/* Count matches by several columns of their part at once.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_count_texts(
    const struct lede_matched *matched, struct lede_counter *counters, size_t count);
/* What is counted, by number; [0] is empty. */
const struct lede_column_text *lede_counter_texts(
    const struct lede_counter *counter, uint32_t *ret_count);
void lede_counter_done(struct lede_counter *counter);

#endif
