/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches by time, from what was counted of days or quarters of an hour. */
#ifndef LEDE_MATCH_HISTOGRAM_H
#define LEDE_MATCH_HISTOGRAM_H

#include "column.h"

struct lede_moment_count {
    int64_t utc_s;
    uint32_t count;
};

/* lede_histogram_counts_init() */
struct lede_histogram_counts {
    struct lede_calendar *calendar;
    enum lede_histogram interval;
    uint32_t slot; /* that is to be counted */
    /* of one part behind the other, ascending in each */
    struct lede_moment_count *moments;
    size_t count;
    size_t capacity;
};

/* search  outlives it; its histogram is not NONE. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_init(struct lede_histogram_counts *counts,
    const struct lede_search *search, struct lede_error *reterr);
void lede_histogram_counts_done(struct lede_histogram_counts *counts);
/* Add a part's. counts_of_texts  by number of the column's text. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_add(struct lede_histogram_counts *counts,
    const struct lede_text_column *column, const uint32_t *counts_of_texts);
/* Write the buckets into the result's arena.
 * Status: OK; ELIMIT too many buckets; ENOMEM. */
LEDE_CHECKED enum lede_status lede_histogram_counts_write(
    const struct lede_histogram_counts *counts, struct lede_search_result *result,
    struct lede_error *reterr);

#endif
