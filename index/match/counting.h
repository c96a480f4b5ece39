/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many of a part's matches have each text of a column? */
#ifndef LEDE_MATCH_COUNTING_H
#define LEDE_MATCH_COUNTING_H

#include "column.h"
#include "matched.h"

/* Zeroed but for its column; lede_counter_done(). */
struct lede_counter {
    const struct lede_text_column *column; /* outlives the counts */
    uint32_t *counts;                      /* by number of the text */
    size_t stride; /* from each of several arrays to the next while it counts; 0: there is one */
};

/* Count matches by several columns of their part at once.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_count_texts(
    const struct lede_matched *matched, struct lede_counter *counters, size_t count);
void lede_counter_done(struct lede_counter *counter);

#endif
