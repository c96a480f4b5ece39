/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands to canonical trees, so that what means the same is the same tree and prints the same. */
#include "internal.h"
#include "lede/encoding.h"
#include "lede/number.h"

#include <math.h>
#include <string.h>

enum lede_status lede_query_nodes_add(
    struct query_parser *parser, struct query_nodes *nodes, struct lede_query_node *node)
{
    if (nodes->count == nodes->capacity) {
        size_t capacity = nodes->capacity ? nodes->capacity * 2 : 4;
        struct lede_query_node **items =
            lede_arena_calloc(parser->arena, capacity, sizeof(struct lede_query_node *));
        if (!items)
            return lede_fail_memory(parser->reterr);
        if (nodes->count > 0)
            memcpy(items, nodes->items, nodes->count * sizeof(struct lede_query_node *));
        nodes->items = items;
        nodes->capacity = capacity;
    }
    nodes->items[nodes->count++] = node;
    return LEDE_OK;
}

/* A node over the children, whose range in the text is theirs. */
static enum lede_status group_new(struct query_parser *parser, enum lede_query_kind kind,
    const struct query_nodes *children, struct lede_query_node **ret_node)
{
    struct lede_query_node *node = lede_arena_calloc(parser->arena, 1, sizeof(*node));
    if (!node)
        return lede_fail_memory(parser->reterr);
    size_t start = SIZE_MAX;
    size_t end = 0;
    for (size_t i = 0; i < children->count; i++) {
        const struct lede_query_node *child = children->items[i];
        bool made = child->kind == LEDE_QUERY_ALL && child->size == 0; /* not in the text */
        if (!made && child->start < start)
            start = child->start;
        if (!made && child->start + child->size > end)
            end = child->start + child->size;
    }
    node->kind = kind;
    node->weight = 1;
    node->start = start;
    node->size = end - start;
    node->children = children->items;
    node->child_count = children->count;
    *ret_node = node;
    return LEDE_OK;
}

/* Append a node, or its children where it is an unweighted group of the same kind. */
static enum lede_status append_flat(struct query_parser *parser, enum lede_query_kind kind,
    struct lede_query_node *node, struct query_nodes *ret_nodes)
{
    if (node->kind != kind || node->weight != 1)
        return lede_query_nodes_add(parser, ret_nodes, node);
    for (size_t i = 0; i < node->child_count; i++) {
        enum lede_status st = lede_query_nodes_add(parser, ret_nodes, node->children[i]);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status all_new(
    struct query_parser *parser, size_t start, struct lede_query_node **ret_node)
{
    struct lede_query_node *all = lede_arena_calloc(parser->arena, 1, sizeof(*all));
    if (!all)
        return lede_fail_memory(parser->reterr);
    all->kind = LEDE_QUERY_ALL;
    all->weight = 1;
    all->start = start;
    *ret_node = all;
    return LEDE_OK;
}

/* ALL adds nothing beside a positive operand, and is what exclusions exclude from where there is
 * none. */
static enum lede_status settle_all(struct query_parser *parser, struct query_nodes *nodes)
{
    struct query_nodes settled = {0};
    struct lede_query_node *all = NULL;
    size_t positive = 0;
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->items[i]->kind == LEDE_QUERY_ALL)
            all = nodes->items[i];
        else
            positive += nodes->items[i]->kind != LEDE_QUERY_NOT;
    }
    enum lede_status st = LEDE_OK;
    if (positive == 0 && !all)
        st = all_new(parser, nodes->items[0]->start, &all);
    if (positive == 0 && st == LEDE_OK)
        st = lede_query_nodes_add(parser, &settled, all);
    for (size_t i = 0; i < nodes->count && st == LEDE_OK; i++) {
        if (nodes->items[i]->kind != LEDE_QUERY_ALL)
            st = lede_query_nodes_add(parser, &settled, nodes->items[i]);
    }
    *nodes = settled;
    return st;
}

enum lede_status lede_query_make_and(
    struct query_parser *parser, const struct query_nodes *nodes, struct lede_query_node **ret_node)
{
    struct query_nodes flat = {0};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < nodes->count && st == LEDE_OK; i++)
        st = append_flat(parser, LEDE_QUERY_AND, nodes->items[i], &flat);
    if (st == LEDE_OK)
        st = settle_all(parser, &flat);
    if (st != LEDE_OK)
        return st;
    if (flat.count > 1)
        return group_new(parser, LEDE_QUERY_AND, &flat, ret_node);
    *ret_node = flat.items[0];
    return LEDE_OK;
}

enum lede_status lede_query_make_standalone(
    struct query_parser *parser, struct lede_query_node *node, struct lede_query_node **ret_node)
{
    if (node->kind == LEDE_QUERY_NOT)
        return lede_query_make_and(parser, &(struct query_nodes){&node, 1, 1}, ret_node);
    *ret_node = node;
    return LEDE_OK;
}

enum lede_status lede_query_make_or(
    struct query_parser *parser, const struct query_nodes *nodes, struct lede_query_node **ret_node)
{
    struct query_nodes flat = {0};
    for (size_t i = 0; i < nodes->count; i++) {
        struct lede_query_node *node = NULL;
        enum lede_status st = lede_query_make_standalone(parser, nodes->items[i], &node);
        if (st == LEDE_OK)
            st = append_flat(parser, LEDE_QUERY_OR, node, &flat);
        if (st != LEDE_OK)
            return st;
    }
    if (flat.count > 1)
        return group_new(parser, LEDE_QUERY_OR, &flat, ret_node);
    *ret_node = flat.items[0];
    return LEDE_OK;
}

enum lede_status lede_query_make_not(
    struct query_parser *parser, struct lede_query_node *child, struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = lede_query_nodes_add(parser, &children, child);
    if (st != LEDE_OK)
        return st;
    return group_new(parser, LEDE_QUERY_NOT, &children, ret_node);
}

enum lede_status lede_query_make_maybe(struct query_parser *parser,
    struct lede_query_node *required, struct lede_query_node *optional,
    struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = lede_query_nodes_add(parser, &children, required);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(parser, &children, optional);
    if (st != LEDE_OK)
        return st;
    return group_new(parser, LEDE_QUERY_MAYBE, &children, ret_node);
}

enum lede_status lede_query_apply_weight(
    struct query_parser *parser, struct lede_query_node *node, const struct query_token *token)
{
    const char *text = parser->lexer.text + token->start + 1;
    size_t size = token->size - 1;
    double factor = 0;
    double weight = 0;
    if (lede_parse_decimal(text, size, 0, QUERY_WEIGHT_MAX, &factor, NULL) == LEDE_OK)
        weight = round(node->weight * factor * QUERY_WEIGHT_UNIT) / QUERY_WEIGHT_UNIT;
    if (factor <= 0) {
        enum lede_status st = lede_query_fail_at(parser, LEDE_EINPUT, token->start + 1,
            "expected a weight over 0 and at most %d after '^', found '%.*s'", QUERY_WEIGHT_MAX,
            (int)(size < 40 ? size : lede_utf8_boundary(text, size, 40)), text);
        lede_error_hint(parser->reterr, "write a weight as word^2.5; put text with '^' in quotes");
        return st;
    }
    if (weight <= 0 || weight > QUERY_WEIGHT_MAX) {
        enum lede_status st = lede_query_fail_at(parser, LEDE_EINPUT, token->start + 1,
            "expected weights from 0.000001 to %d, also where one multiplies another",
            QUERY_WEIGHT_MAX);
        lede_error_hint(parser->reterr, "use smaller differences between weights");
        return st;
    }
    /* Every document scores nothing for being a document. */
    if (node->kind != LEDE_QUERY_ALL)
        node->weight = weight;
    return LEDE_OK;
}
