/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server whose archive lies on others: what it can do, what it cannot, and who has answered. */
#ifndef LEDE_API_OVER_SHARDS_H
#define LEDE_API_OVER_SHARDS_H

#include "endpoints.h"
#include "search_run.h"

/* May this route be served? False: the archive lies on shards, which it cannot be asked of; the
 * reply says so. */
bool lede_over_shards_may_serve(const struct lede_api *api, const struct lede_api_route *route,
    const struct lede_http_request *request, struct lede_http_reply *reply);
/* Before a search's query is parsed: what it asks for has to be what shards can do, and the
 * languages that they have are learnt. Where the archive is no shards' that is nothing.
 * Status: OK; EUNSUPPORTED with param; EBUSY no shard answers; ENOMEM. */
LEDE_CHECKED enum lede_status lede_over_shards_begin(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* Behind it: may what was found be answered?
 * Status: OK; EBUSY a shard is missing, and the search or its format asks for all. */
LEDE_CHECKED enum lede_status lede_over_shards_end(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* Is a shard missing in what was found? */
bool lede_over_shards_is_partial(const struct lede_api_worker *worker);
/* Append `shards` to an answer: who has answered, and who has not. */
void lede_over_shards_write(const struct lede_api_worker *worker, struct lede_buffer *out);

#endif
