/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which page of a search: the first, one by its offset, one behind a cursor; and the cursor of the
 * next. */
#ifndef LEDE_API_PAGING_H
#define LEDE_API_PAGING_H

#include "search_run.h"

/* Run a search whose parameters, query and deadline are set; fills run->result and what
 * lede_paging_next() needs.
 * Status: as of lede_visible_search(); EINPUT with param `cursor` where it does not belong here or
 * is not kept any more. */
LEDE_CHECKED enum lede_status lede_paging_search(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* Append the cursor of the next page to `out`; nothing where this is the last. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_paging_next(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_buffer *out);
/* Wait until the reader sees a revision, as long as three quarters of the timeout; false: it does
 * not yet.
 * Status: OK; EBUSY too many requests wait already; what lede_reader_refresh() gives. */
LEDE_CHECKED enum lede_status lede_paging_await(struct lede_api_worker *worker, uint64_t revision,
    uint32_t timeout_ms, bool *ret_reached, struct lede_error *reterr);

#endif
