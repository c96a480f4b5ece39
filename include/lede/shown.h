/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents that answers show: read once, their words found once, kept for the next answer.
 *
 * A document is known by its stored text, byte by byte. So nothing here has to be told of writes,
 * deletions or merges: what is not shown any more is not asked for, and goes in time. */
#ifndef LEDE_SHOWN_H
#define LEDE_SHOWN_H

#include "lede/cache.h"
#include "lede/highlight.h"
#include "lede/stored.h"
#include "lede/words.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_shown_document;

/* Find a document, or read it and keep it.
 * cache  of such documents alone; outlives them
 * text   as lede_document_serialize() wrote it; borrowed for the call
 * ret_document  owner: the caller, lede_shown_document_release()
 * Status: OK; ECORRUPT; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_shown_document_take(struct lede_cache *cache, const char *text,
    size_t size, struct lede_shown_document **ret_document, struct lede_error *reterr);
void lede_shown_document_release(struct lede_shown_document *document);
void lede_shown_document_releasep(struct lede_shown_document **document);

/* Lives as long as the document is held. */
const struct lede_stored *lede_shown_document_stored(const struct lede_shown_document *document);

/* The words of a field's text, found when they are first asked for.
 * index      of the field's texts
 * ret_words  live as long as the document is held, unless they are *ret_owned, too
 * ret_owned  to be freed by the caller: words that the deadline cut are kept by nobody; else NULL
 * Status: OK; ENOMEM. Threads: any, one per analyzer. */
LEDE_CHECKED enum lede_status lede_shown_document_words(struct lede_shown_document *document,
    enum lede_field_id field, size_t index, struct lede_analyzer *analyzer,
    uint64_t deadline_monotonic_ns, const struct lede_words **ret_words,
    struct lede_words **ret_owned);

/* lede_query_shown_leaves() of such a document. */
LEDE_CHECKED enum lede_status lede_shown_document_leaves(struct lede_shown_document *document,
    const struct lede_query *query, struct lede_analyzer *analyzer, uint64_t deadline_monotonic_ns,
    struct lede_shown_leaves *ret_shown);
/* lede_highlight() of one of its texts. */
LEDE_CHECKED enum lede_status lede_shown_document_highlight(struct lede_shown_document *document,
    const struct lede_query *query, const struct lede_shown_leaves *shown, enum lede_field_id field,
    size_t index, const struct lede_highlight_options *options, struct lede_analyzer *analyzer,
    struct lede_highlights *ret_highlights);

#ifdef __cplusplus
}
#endif
#endif
