/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where do the words of a node stand in the documents of one segment? */
#ifndef LEDE_MATCH_PLACES_H
#define LEDE_MATCH_PLACES_H

#include "place_words.h"

/* Clear the bits of documents that do not satisfy the node where it stands (lede/spans.h), of
 * documents that have its words. Windows come in ascending order.
 * first_document  of the first bit   bits  `words` of them
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_places_filter(struct lede_places *places,
    uint32_t first_document, uint64_t *bits, size_t words, struct lede_error *reterr);

/* Turn to a field of a document; cheapest where documents ascend.
 * ret_has_words  false: the document has none there
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_places_turn_to(struct lede_places *places,
    enum lede_field_id field, uint32_t document, bool *ret_has_words, struct lede_error *reterr);
/* Where a leaf's word stands in what was turned to.
 * leaf           a WORD, or a phrase, of the node
 * ret_positions  valid until the next turn
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_places_of_word(struct lede_places *places,
    const struct lede_query_node *leaf, size_t word, struct lede_positions *ret_positions,
    struct lede_error *reterr);

#endif
