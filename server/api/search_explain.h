/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain=true: the tree as JSON, and for each hit which clause gave what. */
#ifndef LEDE_API_SEARCH_EXPLAIN_H
#define LEDE_API_SEARCH_EXPLAIN_H

#include "search_run.h"

#define LEDE_EXPLAIN_WORDS_MAX 64 /* words of a query that are counted */

/* Gather what is to be told of a search that was run, into run->explanation and
 * run->word_documents.
 * Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_explain_gather(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr);
/* Append the member "tree". */
void lede_explain_query(struct lede_buffer *out, const struct lede_search_run *run);
/* Append the member "explain" of the hit with this number: an array of parts whose scores sum up to
 * the hit's. {"part": "clause", "clause", "start", "size", "score", "words"}, one a clause that is
 * not excluded, start and size in bytes of what was parsed, score null where it does not match;
 * {"part": "nearness", "score"} and {"part": "recency", "score"} where they gave something. null
 * where time ran out.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_explain_hit(struct lede_api_worker *worker,
    const struct lede_search_run *run, size_t hit, struct lede_shown_document *document,
    struct lede_buffer *out);

#endif
