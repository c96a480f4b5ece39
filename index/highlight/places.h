/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the words of proximity stand in one text: what lede/spans.h asks for, gathered in the walk
 * over the tokens.
 *
 * Kept here are nodes that one token after the other cannot decide, or whose words are patterns:
 * proximity, leaves with `lead`, WILDCARD, FUZZY, CAPS. */
#ifndef LEDE_HIGHLIGHT_PLACES_H
#define LEDE_HIGHLIGHT_PLACES_H

#include "lede/buffer.h"
#include "lede/query.h"
#include "lede/text.h"

struct lede_places;

/* Is the node one of those? */
bool lede_places_takes(const struct lede_query_node *node);

/* arena  owns all but the positions, which lede_places_done() frees. NULL: no memory. */
struct lede_places *lede_places_new(struct lede_arena *arena, enum lede_field_id field);
void lede_places_done(struct lede_places *places);
/* Look out for a node. unit: the caller's number of it. Returns false where there is no memory. */
bool lede_places_add(struct lede_places *places, const struct lede_query_node *node, size_t unit);
/* Does any word of them ask for the terms of tokens? NULL: none. */
bool lede_places_ask_stems(const struct lede_places *places);

/* Begin a text; note each of its tokens (start and end in bytes of the field, sentence likewise);
 * evaluate at its end. Failures are kept until the end. */
void lede_places_begin(struct lede_places *places);
void lede_places_note(struct lede_places *places, const struct lede_token *token, uint32_t start,
    uint32_t end, uint32_t sentence);

struct lede_place_mark {
    size_t unit;
    uint32_t start;
    uint32_t end;
    uint32_t sentence;
};
/* How many spans each node has here is added to counts[unit].
 * visit  gets the leaves' spans that take part, in no order; NULL: only count
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_places_end(struct lede_places *places, uint32_t *counts,
    void (*visit)(void *context, const struct lede_place_mark *mark), void *context);

#endif
