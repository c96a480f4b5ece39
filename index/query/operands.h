/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How each kind of operand becomes a leaf, or a chain of leaves. */
#ifndef LEDE_QUERY_OPERANDS_H
#define LEDE_QUERY_OPERANDS_H

#include "words.h"

/* Make a leaf of a run without white space, wildcards and `~` among it. Status: OK; EINPUT; ELIMIT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_run(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make a leaf of a TEXT or QUOTED token; a chain of ADJACENT/1 where a phrase holds patterns or is
 * exact. Status: as above. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_text(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make what stands for one word of a GROUP token. Status: as above. */
LEDE_CHECKED enum lede_status lede_query_leaf_of_group(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Make a leaf of the DATES token of a field. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_dates(struct query_context *context,
    const struct lede_field *field, const struct query_token *token,
    struct lede_query_node **ret_node);
/* Make a LENGTH leaf. Status: OK; EINPUT; ELIMIT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_length(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node);
/* Refuse `~` and `*` directly behind a phrase or a group that ends at `end`: people mean something
 * by them that they do not do.
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_query_check_behind(struct query_context *context, size_t end);
/* Multiply the weight of a node by what a WEIGHT token says. Status: OK; EINPUT (no number in
 * range). */
LEDE_CHECKED enum lede_status lede_query_apply_weight(
    struct query_context *context, struct lede_query_node *node, const struct query_token *token);

#endif
