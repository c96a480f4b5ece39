/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search does about spelling: `did_you_mean`, and with spell=auto the corrected query in
 * place of one that found nothing. */
#ifndef LEDE_API_SPELLING_H
#define LEDE_API_SPELLING_H

#include "search_run.h"

/* Behind a search: find the correction, and with spell=auto search for it where nothing was found.
 * Status: as of lede_correction_find(), lede_paging_search(). */
LEDE_CHECKED enum lede_status lede_spelling_correct(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* Before a page behind a cursor is searched: with spell=auto a query that finds nothing is replaced
 * by the one that its first page showed.
 * Status: as of lede_correction_find(). */
LEDE_CHECKED enum lede_status lede_spelling_before_page(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

#endif
