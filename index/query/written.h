/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_QUERY_WRITTEN_H
#define LEDE_QUERY_WRITTEN_H

#include "words.h"

/* Find how the canonical form writes a leaf, in the arena: folded if that reads back as the same
 * words, as typed otherwise. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_write_leaf(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    const char **ret_written);

/* Append words as the canonical form writes them where it can, folded. ret_same: they read back as
 * these words. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_fold_words(struct query_context *context,
    const struct query_words *words, struct lede_buffer *folded, bool *ret_same);

/* Do both read back as themselves where they are written folded? Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_read_back(struct query_context *context,
    const struct query_words *a, const struct query_words *b, bool *ret_same);

#endif
