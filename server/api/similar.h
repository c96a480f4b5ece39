/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document as a query: its keywords, so that a search finds what is like it. */
#ifndef LEDE_API_SIMILAR_H
#define LEDE_API_SIMILAR_H

#include "search_run.h"

#define LEDE_SIMILAR_WORDS_MAX 25 /* of the query */

/* Write the query of a document: the words that say most about it by their frequency in it and in
 * the archive, in the order in which they stand in it, so that those that stand together are
 * neighbours; `run->search.q`, if there is one, restricts.
 * run       its parameters are read; run->similar_to is the document's id
 * ret_text  appended
 * Status: OK, nothing is appended where the document has no keyword; ENOTFOUND no such
 * document, or it is hidden now; EINPUT, ELIMIT `q` with its position; EBUSY; EIO; ECORRUPT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_similar_write(struct lede_api_worker *worker,
    struct lede_search_run *run, struct lede_buffer *ret_text, struct lede_error *reterr);

#endif
