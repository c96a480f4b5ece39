/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dates as Elasticsearch writes them: `2022-01-19`, 1642615200000, `now-7d/d`,
 * `2022-01-19||+1M/M`. */
#ifndef LEDE_ELASTIC_DATES_H
#define LEDE_ELASTIC_DATES_H

#include "lede/time.h"

#include <jansson.h>

struct elastic_date_options {
    const char *format; /* epoch_second reads numbers so; NULL, others: milliseconds */
    int64_t now_utc_s;
    bool round_up; /* what is not named, and /unit, is the last second of it, not the first */
};

/* Read a date.
 * value  text or number
 * what   for messages: "gte"
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_elastic_date(const json_t *value, const char *what,
    const struct elastic_date_options *options, int64_t *ret_utc_s, struct lede_error *reterr);

#endif
