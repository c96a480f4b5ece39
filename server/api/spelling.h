/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search does about spelling: `did_you_mean`, and with spell=auto the corrected query in
 * place of one that found nothing. */
#ifndef LEDE_API_SPELLING_H
#define LEDE_API_SPELLING_H

#include "search_run.h"

/* lede_search_run(), then the correction that spell asks for. Where the corrected query was run,
 * run->corrected is true, and run->text and the tree are the corrected query's. Adds its time to
 * run->took_ms. Status: as of lede_search_run(). */
LEDE_CHECKED enum lede_status lede_spelling_search(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

/* Of lede_search_run(), before a page behind a cursor is searched: with spell=auto a query that
 * finds nothing is replaced by the one that its first page showed.
 * Status: as of lede_correction_find(). */
LEDE_CHECKED enum lede_status lede_spelling_before_page(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);

#endif
