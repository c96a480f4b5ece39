/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands for one word: spellings in braces, and words that have synonyms. */
#ifndef LEDE_QUERY_GROUPS_H
#define LEDE_QUERY_GROUPS_H

#include "synonyms.h"
#include "tree.h"

/* A leaf of words: a WORD or PHRASE with what it stands for, a group, or of a phrase a chain of
 * ADJACENT/1; a compound in both its forms. `=`, CAPS and LEAD: are seen to. Status: OK; EINPUT;
 * ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_words(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node);
/* Words that were typed side by side and have synonyms together: each of them is put in the list
 * again, with those beside it. (european union) or eu is (european or eu) and (union or eu).
 * Status: OK; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_stand_in_beside(
    struct query_context *context, struct query_nodes *nodes);
/* The same of an OR under match=any; anything else is left as it is. */
LEDE_CHECKED enum lede_status lede_query_stand_in_any(
    struct query_context *context, const struct lede_query_node *any);

#endif
