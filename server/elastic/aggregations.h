/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Aggregations. A bucket is the search with one more condition, so what stands in a bucket is
 * counted by a search of its own: exactly, and as deep as there are buckets. */
#ifndef LEDE_ELASTIC_AGGREGATIONS_H
#define LEDE_ELASTIC_AGGREGATIONS_H

#include "run.h"

#define ELASTIC_AGGREGATION_SEARCHES_MAX 1024 /* of all aggregations of a search */
#define ELASTIC_BUCKETS_MAX 10000

/* Count.
 * ask           of the search: its query and timeout are looked at
 * aggregations  the object `aggs`
 * ret_json      owner: the caller
 * ret_timed_out  true where time cut what was counted; else unchanged
 * Status: OK; EINPUT; EUNSUPPORTED what is not offered, with what instead; ELIMIT too many buckets;
 * as of lede_elastic_run(). */
LEDE_CHECKED enum lede_status lede_elastic_aggregate(struct lede_api_worker *worker,
    const struct lede_http_request *request, const struct elastic_ask *ask,
    const json_t *aggregations, json_t **ret_json, bool *ret_timed_out, struct lede_error *reterr);

#endif
