/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search from parameters to hits: what the JSON answer, the feeds and deletion by query
 * share. */
#ifndef LEDE_API_SEARCH_EXECUTE_H
#define LEDE_API_SEARCH_EXECUTE_H

#include "search_run.h"

/* Read the parameters, wait for min_revision, refresh the reader, parse the query: run->search is
 * what lede_search_run() would search for. run->params and run->taker are filled by the caller;
 * everything is freed by lede_search_run_done(), on failure too.
 * ret_reached  whether the reader sees min_revision
 * Status: as of lede_search_run(). */
LEDE_CHECKED enum lede_status lede_search_run_prepare(struct lede_api_worker *worker,
    struct lede_search_run *run, bool *ret_reached, struct lede_error *reterr);
/* The same, and search. Status: OK; EINPUT, ELIMIT, EUNSUPPORTED with param (`q` with a position);
 * as of lede_visible_search(). */
LEDE_CHECKED enum lede_status lede_search_run(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* The same, then the correction that spell asks for. Where the corrected query was run,
 * run->corrected is true, and run->text and the tree are the corrected query's. Adds its time to
 * run->took_ms. Status: as of lede_search_run(). */
LEDE_CHECKED enum lede_status lede_search_run_corrected(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

#endif
