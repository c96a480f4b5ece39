/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to leaves of the tree. */
#ifndef LEDE_QUERY_LEAF_H
#define LEDE_QUERY_LEAF_H

#include "words.h"

/* A leaf without words. Status: OK; ELIMIT (too many clauses); ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_new(struct query_context *context,
    enum lede_query_kind kind, const struct query_token *token, struct lede_query_node **ret_node);
/* Count the words of a spelling: the first of a group counts as any words do.
 * Status: OK; ELIMIT. */
LEDE_CHECKED enum lede_status lede_query_count_spelling(struct query_context *context,
    const struct query_token *token, const struct query_words *words, bool is_first);
/* A leaf of the words, whatever they stand for; `=`, CAPS and LEAD: are seen to.
 * Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_kind(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node);
/* One WORD of spellings of one word each, of which the first says what it is called; how it is
 * written is the caller's. count > 0. Status: as above. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_spellings(struct query_context *context,
    const struct query_token *token, const struct query_words *spellings, size_t count,
    struct lede_query_node **ret_node);
/* The words with each compound closed, where both forms can be written; count 0: there is none.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_close(
    struct query_context *context, const struct query_words *words, struct query_words *ret_closed);
/* What words side by side without white space are: a WORD, several a PHRASE. A lone character of an
 * unspaced script is a PREFIX: documents hold it as the first half of a bigram, or alone only where
 * it ends a run, so by term it would hardly be found. */
enum lede_query_kind lede_query_kind_of(const struct query_words *words);
/* Refuse several words, or none, where `taker` takes one. Returns LEDE_EINPUT. */
enum lede_status lede_query_fail_several(struct query_context *context,
    const struct query_token *token, const struct query_words *words, const char *taker);

#endif
