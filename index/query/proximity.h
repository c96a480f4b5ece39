/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LEDE_QUERY_PROXIMITY_H
#define LEDE_QUERY_PROXIMITY_H

#include "context.h"
#include "token.h"

/* Combine two operands by a PROXIMITY token. Status: OK; EINPUT where they have no meaning near
 * each other; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_make_proximity(struct query_context *context,
    const struct query_token *operation, struct lede_query_node *left,
    struct lede_query_node *right, struct lede_query_node **ret_node);
/* The same for ATLEAST/n. */
LEDE_CHECKED enum lede_status lede_query_make_atleast(struct query_context *context,
    const struct query_token *operation, struct lede_query_node *child,
    struct lede_query_node **ret_node);
/* Let a node, which takes the range of the phrase, follow a chain directly; *chain NULL: it begins
 * one. Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_chain_add(struct query_context *context,
    const struct query_token *phrase, struct lede_query_node *word, struct lede_query_node **chain);

#endif
