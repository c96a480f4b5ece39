/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hits of a search as JSON. */
#ifndef LEDE_API_HITS_H
#define LEDE_API_HITS_H

#include "search_run.h"

#include "lede/stored.h"

/* Append the array of a page's hits. Those for which there is no time come without highlights, and
 * worker->out_of_time says so.
 * Status: OK; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_write_hits(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_buffer *out, struct lede_error *reterr);
/* Append the object of a document's highlights: a list of fragments for each field that is to be
 * highlighted. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_write_highlights(struct lede_api_worker *worker,
    const struct lede_search_run *run, struct lede_shown_document *document,
    struct lede_buffer *out);
/* Append a document as an object, with the keys that the parameters ask for. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_write_document(struct lede_buffer *out,
    const struct lede_search_params *search, const struct lede_stored *stored);

#endif
