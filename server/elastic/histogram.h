/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The intervals of a date_histogram, as far as hours and the calendar have them. */
#ifndef LEDE_ELASTIC_HISTOGRAM_H
#define LEDE_ELASTIC_HISTOGRAM_H

#include "lede/match.h"

#include <jansson.h>

struct histogram_bucket {
    int64_t start_utc_s;
    uint32_t count;
};

struct histogram {
    const char *interval;  /* of the API's parameter: "hour", "day", … */
    const char *time_zone; /* borrowed of the body; NULL: UTC */
    int64_t size_s;        /* of a fixed interval; 0: the calendar's */
    uint32_t least;        /* min_doc_count */
    bool is_padded;        /* extended_bounds: from first to last, both included */
    int64_t first_utc_s, last_utc_s;
    bool keys_are_ms, keys_are_days;
    struct histogram_bucket *buckets; /* owned */
    size_t count, capacity;
};

/* Read the body of a date_histogram. ret_histogram: zeroed; to be freed with
 * lede_elastic_histogram_done(), on failure too. Status: OK; EINPUT; EUNSUPPORTED. */
LEDE_CHECKED enum lede_status lede_elastic_histogram_read(const json_t *body, int64_t now_utc_s,
    struct histogram *ret_histogram, struct lede_error *reterr);
/* Take the buckets of a search that was asked for its interval. Status: OK; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_histogram_fill(struct histogram *histogram,
    const struct lede_search_result *result, struct lede_error *reterr);
/* What a bucket is called. ret_key has room for 40 bytes. */
void lede_elastic_histogram_key(
    const struct histogram *histogram, int64_t start_utc_s, char ret_key[40]);
void lede_elastic_histogram_done(struct histogram *histogram);

#endif
