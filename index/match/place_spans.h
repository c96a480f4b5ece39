/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does one document satisfy a node where its words stand? By lede/spans.h, or by what lists tell
 * without it. */
#ifndef LEDE_MATCH_PLACE_SPANS_H
#define LEDE_MATCH_PLACE_SPANS_H

#include "place_words.h"

/* Two words alone near each other: lists tell, and no spans have to be made. */
bool lede_places_are_pair(const struct lede_places *places);
/* Look at all fields of a document; each is read (lede_places_read_field()).
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_places_look_at(
    struct lede_places *places, uint32_t document, bool *ret_matches, struct lede_error *reterr);
/* Where a leaf's word stands in the field of the document that was begun.
 * ret_positions  valid until the arena is reset
 * Status: as above. */
LEDE_CHECKED enum lede_status lede_places_positions(struct lede_places *places,
    const struct lede_query_node *leaf, size_t word, struct lede_positions *ret_positions,
    struct lede_error *reterr);

#endif
