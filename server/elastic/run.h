/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search by the API's inner calls: what a translated query finds. */
#ifndef LEDE_ELASTIC_RUN_H
#define LEDE_ELASTIC_RUN_H

#include "search_execute.h"
#include "translated.h"

/* Texts are as the API's parameters have them; NULL: the default. Borrowed for as long as the run
 * lives. */
struct elastic_ask {
    const struct elastic_query *query;
    uint32_t limit, offset;
    const char *sort;
    const char *facet; /* a filter field, whose values are counted */
    uint32_t facet_offset;
    const char *histogram, *time_zone;
    const char *highlight; /* names of fields; NULL: none */
    uint32_t fragments;    /* of the body; 0: it comes whole */
    uint32_t fragment_chars;
    const char *collapse;
    const char *cursor;
    const struct lede_search_after *after; /* date orders; NULL: from the first */
    uint32_t timeout_ms;                   /* 0: the default */
};

/* Search.
 * ret_run  zeroed; to be freed with lede_search_run_done(), on failure too
 * Status: as of lede_search_run_prepare() and lede_paging_search(). */
LEDE_CHECKED enum lede_status lede_elastic_run(struct lede_api_worker *worker,
    const struct elastic_ask *ask, struct lede_search_run *ret_run, struct lede_error *reterr);
/* The cursor behind a run's last hit; empty: there is no more. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_next(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_buffer *ret_cursor);

#endif
