/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to leaves of the tree. */
#ifndef LEDE_QUERY_LEAF_H
#define LEDE_QUERY_LEAF_H

#include "words.h"

/* A leaf without words. Status: OK; ELIMIT (too many clauses); ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_new(struct query_context *context,
    enum lede_query_kind kind, const struct query_token *token, struct lede_query_node **ret_node);
/* A leaf of the words; `=`, CAPS and LEAD: are seen to. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_words(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node);
/* What words side by side without white space are: a WORD, several a PHRASE. A lone character of an
 * unspaced script is a PREFIX: documents hold it as the first half of a bigram, or alone only where
 * it ends a run, so by term it would hardly be found. */
enum lede_query_kind lede_query_kind_of(const struct query_words *words);
/* Refuse several words, or none, where `taker` takes one. Returns LEDE_EINPUT. */
enum lede_status lede_query_fail_several(struct query_context *context,
    const struct query_token *token, const struct query_words *words, const char *taker);

#endif
