/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches by time, from what was counted of days or quarters of an hour. */
#ifndef LEDE_MATCH_HISTOGRAM_H
#define LEDE_MATCH_HISTOGRAM_H

#include "column.h"
#include "lede/wire.h"
#include "tally.h"

/* What was counted of a part. */
struct lede_histogram_part {
    const struct lede_text_column *column;
    uint32_t *counts; /* owned; by number of the text */
};

/* lede_histogram_counts_init() */
struct lede_histogram_counts {
    struct lede_calendar *calendar;
    enum lede_histogram interval;
    uint32_t slot; /* that is to be counted: its texts are numbered in their order */
    struct lede_histogram_part *parts;
    size_t count;
    size_t capacity;
};

/* search  its histogram is not NONE. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_init(struct lede_histogram_counts *counts,
    const struct lede_search *search, struct lede_error *reterr);
void lede_histogram_counts_done(struct lede_histogram_counts *counts);
/* Add a part's.
 * column  outlives the counts   taken  by number of its text; malloc(); taken over whatever the
 *         status
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_add(
    struct lede_histogram_counts *counts, const struct lede_text_column *column, uint32_t *taken);
/* Add all that was counted by others, of the same search; theirs is empty afterwards. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_join(
    struct lede_histogram_counts *counts, struct lede_histogram_counts *more);
/* What was counted of each moment of all parts, in the order of time. ret_sum  zeroed before; its
 * texts are the columns'. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_sum(
    const struct lede_histogram_counts *counts, struct lede_tally *ret_sum);
/* Add such a sum of others. reader  is told what is no such sum   arena  outlives the counts
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_add_sum(struct lede_histogram_counts *counts,
    const struct lede_tally *sum, struct lede_wire_reader *reader, struct lede_arena *arena);
/* Write the buckets into the result's arena.
 * Status: OK; ELIMIT too many buckets; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_write(struct lede_histogram_counts *counts,
    struct lede_search_result *result, struct lede_error *reterr);

#endif
