/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands to canonical trees, so that what means the same is the same tree and prints the same. */
#include "tree.h"

enum lede_status lede_query_nodes_add(
    struct lede_arena *arena, struct query_nodes *nodes, struct lede_query_node *node)
{
    if (!LEDE_ARENA_RESERVE(arena, nodes->items, nodes->capacity, nodes->count + 1))
        return LEDE_ENOMEM;
    nodes->items[nodes->count++] = node;
    return LEDE_OK;
}

/* A node over the children, whose range in the text is theirs. */
static enum lede_status group_new(struct lede_arena *arena, enum lede_query_kind kind,
    const struct query_nodes *children, struct lede_query_node **ret_node)
{
    struct lede_query_node *node = lede_arena_calloc(arena, 1, sizeof(*node));
    if (!node)
        return LEDE_ENOMEM;
    size_t start = SIZE_MAX;
    size_t end = 0;
    for (size_t i = 0; i < children->count; i++) {
        const struct lede_query_node *child = children->items[i];
        bool is_implied = child->kind == LEDE_QUERY_ALL && child->size == 0; /* not in the text */
        if (!is_implied && child->start < start)
            start = child->start;
        if (!is_implied && child->start + child->size > end)
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
static enum lede_status append_flat(struct lede_arena *arena, enum lede_query_kind kind,
    struct lede_query_node *node, struct query_nodes *ret_nodes)
{
    if (node->kind != kind || node->weight != 1 || node->is_one_word)
        return lede_query_nodes_add(arena, ret_nodes, node);
    for (size_t i = 0; i < node->child_count; i++) {
        enum lede_status st = lede_query_nodes_add(arena, ret_nodes, node->children[i]);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status all_new(
    struct lede_arena *arena, size_t start, struct lede_query_node **ret_node)
{
    struct lede_query_node *all = lede_arena_calloc(arena, 1, sizeof(*all));
    if (!all)
        return LEDE_ENOMEM;
    all->kind = LEDE_QUERY_ALL;
    all->weight = 1;
    all->start = start;
    *ret_node = all;
    return LEDE_OK;
}

/* ALL adds nothing beside a positive operand, and is what exclusions exclude from where there is
 * none. */
static enum lede_status normalize_all(struct lede_arena *arena, struct query_nodes *nodes)
{
    struct query_nodes normal = {0};
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
        st = all_new(arena, nodes->items[0]->start, &all);
    if (positive == 0 && st == LEDE_OK)
        st = lede_query_nodes_add(arena, &normal, all);
    for (size_t i = 0; i < nodes->count && st == LEDE_OK; i++) {
        if (nodes->items[i]->kind != LEDE_QUERY_ALL)
            st = lede_query_nodes_add(arena, &normal, nodes->items[i]);
    }
    *nodes = normal;
    return st;
}

enum lede_status lede_query_make_and(
    struct lede_arena *arena, const struct query_nodes *nodes, struct lede_query_node **ret_node)
{
    struct query_nodes flat = {0};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < nodes->count && st == LEDE_OK; i++)
        st = append_flat(arena, LEDE_QUERY_AND, nodes->items[i], &flat);
    if (st == LEDE_OK)
        st = normalize_all(arena, &flat);
    if (st != LEDE_OK)
        return st;
    if (flat.count > 1)
        return group_new(arena, LEDE_QUERY_AND, &flat, ret_node);
    *ret_node = flat.items[0];
    return LEDE_OK;
}

enum lede_status lede_query_make_standalone(
    struct lede_arena *arena, struct lede_query_node *node, struct lede_query_node **ret_node)
{
    if (node->kind == LEDE_QUERY_NOT)
        return lede_query_make_and(arena, &(struct query_nodes){&node, 1, 1}, ret_node);
    *ret_node = node;
    return LEDE_OK;
}

enum lede_status lede_query_make_or(
    struct lede_arena *arena, const struct query_nodes *nodes, struct lede_query_node **ret_node)
{
    struct query_nodes flat = {0};
    for (size_t i = 0; i < nodes->count; i++) {
        struct lede_query_node *node = NULL;
        enum lede_status st = lede_query_make_standalone(arena, nodes->items[i], &node);
        if (st == LEDE_OK)
            st = append_flat(arena, LEDE_QUERY_OR, node, &flat);
        if (st != LEDE_OK)
            return st;
    }
    if (flat.count > 1)
        return group_new(arena, LEDE_QUERY_OR, &flat, ret_node);
    *ret_node = flat.items[0];
    return LEDE_OK;
}

enum lede_status lede_query_make_one_word(struct lede_arena *arena,
    const struct query_nodes *spellings, const char *written, struct lede_query_node **ret_node)
{
    struct lede_query_node *node = NULL;
    const struct lede_query_node *first = spellings->items[0];
    enum lede_status st = group_new(arena, LEDE_QUERY_OR, spellings, &node);
    if (st != LEDE_OK)
        return st;
    node->is_one_word = true;
    node->written = written;
    node->fields = first->fields;
    node->field_named = first->field_named;
    node->lead = first->lead;
    *ret_node = node;
    return LEDE_OK;
}

enum lede_status lede_query_make_not(
    struct lede_arena *arena, struct lede_query_node *child, struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = lede_query_nodes_add(arena, &children, child);
    if (st != LEDE_OK)
        return st;
    return group_new(arena, LEDE_QUERY_NOT, &children, ret_node);
}

enum lede_status lede_query_make_maybe(struct lede_arena *arena, struct lede_query_node *required,
    struct lede_query_node *optional, struct lede_query_node **ret_node)
{
    struct query_nodes children = {0};
    enum lede_status st = lede_query_nodes_add(arena, &children, required);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(arena, &children, optional);
    if (st != LEDE_OK)
        return st;
    return group_new(arena, LEDE_QUERY_MAYBE, &children, ret_node);
}

enum lede_status lede_query_nodes_add_apart(
    struct lede_arena *arena, struct query_nodes *nodes, struct lede_query_node *node)
{
    enum lede_status st = LEDE_OK;
    if (node->apart_count < 2)
        return lede_query_nodes_add(arena, nodes, node);
    for (size_t i = 0; i < node->apart_count && st == LEDE_OK; i++) {
        node->apart[i]->weight = node->weight;
        st = lede_query_nodes_add(arena, nodes, node->apart[i]);
    }
    /* Of a compound, the closed word too. */
    bool is_compound = node->kind == LEDE_QUERY_OR && !node->is_one_word;
    for (size_t i = 0; is_compound && i < node->child_count && st == LEDE_OK; i++) {
        node->children[i]->weight = node->weight;
        if (node->children[i]->kind == LEDE_QUERY_WORD)
            st = lede_query_nodes_add(arena, nodes, node->children[i]);
    }
    return st;
}

enum lede_status lede_query_make_loose(struct lede_arena *arena, struct lede_query_node **node)
{
    struct query_nodes parts = {0};
    const struct lede_query_node *phrase = *node;
    enum lede_status st = LEDE_OK;
    if (phrase->apart_count < 2)
        return LEDE_OK;
    for (size_t i = 0; i < phrase->apart_count && st == LEDE_OK; i++)
        st = lede_query_nodes_add(arena, &parts, phrase->apart[i]);
    if (st == LEDE_OK)
        st = lede_query_make_and(arena, &parts, node);
    if (st == LEDE_OK)
        (*node)->weight = phrase->weight;
    return st;
}
