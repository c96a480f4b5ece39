/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the words of proximity stand in one text: what lede/spans.h asks for.
 *
 * Kept here are nodes that one token after the other cannot decide, or whose words are patterns:
 * proximity, leaves with `lead`, WILDCARD, FUZZY, CAPS. */
#ifndef LEDE_HIGHLIGHT_SPAN_MATCHER_H
#define LEDE_HIGHLIGHT_SPAN_MATCHER_H

#include "lede/buffer.h"
#include "lede/query.h"
#include "lede/words.h"

struct lede_span_matcher;

/* Is the node one of those? */
bool lede_leaf_needs_spans(const struct lede_query_node *node);

/* arena  owns all but the positions, which lede_span_matcher_done() frees. NULL: no memory. */
struct lede_span_matcher *lede_span_matcher_new(struct lede_arena *arena, enum lede_field_id field);
void lede_span_matcher_done(struct lede_span_matcher *matcher);
/* Look out for a node. unit: the caller's number of it. Returns false where there is no memory. */
bool lede_span_matcher_add(
    struct lede_span_matcher *matcher, const struct lede_query_node *node, size_t unit);

struct lede_span_mark {
    size_t unit;
    uint32_t first_token; /* its number */
    uint32_t end;         /* bytes */
};
/* Look a text through. How many spans each node has in it is added to counts[unit].
 * visit  gets the leaves' spans that take part, in no order; NULL: only count
 * Status: OK; ETIMEOUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_span_matcher_look(struct lede_span_matcher *matcher,
    const struct lede_words *words, uint64_t deadline_monotonic_ns, uint32_t *counts,
    void (*visit)(void *context, const struct lede_span_mark *mark), void *context);

#endif
