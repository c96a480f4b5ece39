/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What did somebody mean who wrote this query?
 *
 * Words that no document that may be shown has, and rare ones beside which a near one is far more
 * frequent, are replaced by what the lexicon holds likeliest, written as documents write it; among
 * near candidates those win that stand together with the query's other words, in what its filters
 * leave. That covers languages, too: a word's neighbours and a filter by language choose among the
 * candidates of several. Names, figures, patterns, exact words and capitals are left alone. */
#ifndef LEDE_API_CORRECTION_H
#define LEDE_API_CORRECTION_H

#include "lede/buffer.h"
#include "search_run.h"

/* and what is left of the search's timeout, if that is less */
#define LEDE_CORRECTION_MS_MAX 100
/* Where nothing was found, and the archive's words are gathered for the first time; likewise. */
#define LEDE_CORRECTION_AWAIT_MS_MAX 2000

/* Find a better query. The words outside its changes, operators and fields stay as they were
 * written.
 * run       its query and filters; what it finds is given by `found`. It notes which lexicon was
 *           asked, and whether time cut the search for a better query
 * found     documents that the query as it is finds
 * ret_text  the corrected query; empty if there is nothing better, or no lexicon yet
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_correction_find(struct lede_api_worker *worker,
    struct lede_search_run *run, uint64_t found, struct lede_buffer *ret_text,
    struct lede_error *reterr);

#endif
