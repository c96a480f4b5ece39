/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where words stand near each other, found by joining their lists (place_lists.h) as wholes: for
 * words that many documents have. */
#ifndef LEDE_MATCH_PLACE_NEAR_H
#define LEDE_MATCH_PLACE_NEAR_H

#include "place_lists.h"

#include "lede/buffer.h"
#include "lede/spans.h"

/* What a node asks of one field, ready to be joined. */
struct lede_near;

/* The list of a leaf's word in the field. */
typedef const struct lede_place_list *(*lede_near_list)(
    void *context, const struct lede_query_node *leaf, size_t word);

/* Prepare a node of NEAR, ADJ, OR, words and phrases without a lead.
 * field     that is looked at   list_of  asked for the words of leaves that have the field
 * ret_near  in the arena; NULL: it asks for something else, for too many words, or for words too
 *           far apart
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_near_new(const struct lede_query_node *node,
    enum lede_field_id field, lede_near_list list_of, void *context, struct lede_arena *arena,
    struct lede_near **ret_near);
/* How many places a join looks at in the chunks of a window's documents, beside those of documents
 * that are asked about, 64 at once. */
size_t lede_near_cost(const struct lede_near *near, const struct lede_place_ends *ends,
    uint32_t first_document, size_t bitmap_words);
/* A document of so many places is not for a join: it may have more spans than lede/spans.h looks
 * at. */
bool lede_near_is_long(const struct lede_near *near, uint32_t places);
/* Set the bits of documents in which the node has a span, of those whose bits are set. Ends early
 * once the deadline has passed. */
void lede_near_join(struct lede_near *near, const struct lede_place_ends *ends,
    uint32_t first_document, const uint64_t *bits, uint64_t *found, size_t bitmap_words,
    struct lede_deadline *deadline);

#endif
