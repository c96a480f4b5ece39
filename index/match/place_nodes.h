/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node asks of places. */
#ifndef LEDE_MATCH_PLACE_NODES_H
#define LEDE_MATCH_PLACE_NODES_H

#include "lede/query.h"

static inline bool has_kind(const struct lede_query_node *node, enum lede_query_kind kind)
{
    bool has = node->kind == kind;
    for (size_t i = 0; !has && i < node->child_count; i++)
        has = has_kind(node->children[i], kind);
    return has;
}

static inline bool has_lead(const struct lede_query_node *node)
{
    bool has = node->lead;
    for (size_t i = 0; !has && i < node->child_count; i++)
        has = has_lead(node->children[i]);
    return has;
}

static inline size_t count_words(const struct lede_query_node *node)
{
    size_t count = node->word_count;
    for (size_t i = 0; i < node->child_count; i++)
        count += count_words(node->children[i]);
    return count;
}

#endif
