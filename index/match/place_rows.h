/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where words stand in a row, found by joining their lists (place_lists.h) as wholes: for phrases
 * of words that many documents have. */
#ifndef LEDE_MATCH_PLACE_ROWS_H
#define LEDE_MATCH_PLACE_ROWS_H

#include "place_lists.h"

/* A word of a row. */
struct lede_row_word {
    const struct lede_place_list *list;
    uint32_t offset; /* from the row's first word */
    size_t at;       /* number of its place where the join is */
};

/* The documents of a chunk that are in a window. Returns whether there are any. */
bool lede_place_find_range(const struct lede_place_ends *ends, size_t chunk,
    uint32_t first_document, size_t bitmap_words, uint32_t *ret_first, uint32_t *ret_last);

/* How many places a join of words looks at in the chunks of a window's documents.
 * words  the rarest first */
size_t lede_place_rows_cost(const struct lede_place_ends *ends, const struct lede_row_word *words,
    size_t word_count, uint32_t first_document, size_t bitmap_words);
/* Set the bits of documents that have the row, of those whose bits are set.
 * words  the rarest first; two or more
 * bits, found  from first_document on, `bitmap_words` of them */
void lede_place_rows_join(const struct lede_place_ends *ends, struct lede_row_word *words,
    size_t word_count, uint32_t first_document, const uint64_t *bits, uint64_t *found,
    size_t bitmap_words);

#endif
