/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands near what, and how often: operands checked, nodes made. */
#include "proximity.h"

/* ---- Operands ---- */

static lede_field_set fields_of(const struct lede_query_node *node)
{
    lede_field_set fields = node->fields;
    for (size_t i = 0; node->kind == LEDE_QUERY_OR && i < node->child_count; i++)
        fields |= fields_of(node->children[i]);
    return fields;
}

/* The first node in the operand that has no place in a text; NULL if there is none. Depth is
 * bounded by the parser. */
static const struct lede_query_node *find_placeless(const struct lede_query_node *node)
{
    if (lede_query_is_text_leaf(node->kind))
        return NULL;
    if (lede_query_is_proximity(node->kind) && node->kind != LEDE_QUERY_ATLEAST)
        return NULL;
    if (node->kind != LEDE_QUERY_OR)
        return node;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct lede_query_node *found = find_placeless(node->children[i]);
        if (found)
            return found;
    }
    return NULL;
}

static const char *describe(enum lede_query_kind kind)
{
    switch (kind) {
    case LEDE_QUERY_AND:
        return "words that are all wanted";
    case LEDE_QUERY_NOT:
        return "NOT";
    case LEDE_QUERY_DATES:
        return "a date";
    case LEDE_QUERY_LENGTH:
        return "LENGTH";
    case LEDE_QUERY_ATLEAST:
        return "ATLEAST";
    case LEDE_QUERY_ALL:
        return "'*'";
    default:
        return "a required word";
    }
}

static enum lede_status check_operand(struct query_context *context,
    const struct query_token *operation, const struct lede_query_node *operand)
{
    const struct lede_query_node *placeless = find_placeless(operand);
    const char *name = lede_query_operator_name(operation->operation);
    if (!placeless)
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT,
        placeless->size > 0 ? placeless->start : operation->start,
        "%s takes a word, a phrase or words between OR, found %s", name, describe(placeless->kind));
    if (placeless->kind == LEDE_QUERY_AND && operation->kind == QUERY_TOKEN_PROXIMITY)
        lede_error_hint(
            context->reterr, "write (a %s c) AND (b %s c), or a phrase in quotes", name, name);
    else if (placeless->kind == LEDE_QUERY_AND)
        lede_error_hint(
            context->reterr, "write ATLEAST/3 a AND ATLEAST/3 b, or a phrase in quotes");
    else
        lede_error_hint(
            context->reterr, "put it beside, with AND: (a NEAR/5 b) AND …; (a NEAR/5 b) NOT …");
    if (operation->is_bare)
        return lede_query_or_words(context, operation->start, operation->size);
    return st;
}

static enum lede_status node_new(struct query_context *context, const struct query_token *operation,
    struct lede_query_node *first, struct lede_query_node *second,
    struct lede_query_node **ret_node)
{
    size_t count = second ? 2 : 1;
    struct lede_query_node *node = lede_arena_calloc(context->arena, 1, sizeof(*node));
    struct lede_query_node **children = lede_arena_calloc(context->arena, count, sizeof(first));
    if (!node || !children)
        return LEDE_ENOMEM;
    children[0] = first;
    if (second)
        children[1] = second;
    const struct lede_query_node *last = second ? second : first;
    node->kind = operation->operation;
    node->number = operation->number;
    node->weight = 1;
    node->start = second ? first->start : operation->start;
    node->size = last->start + last->size - node->start;
    node->children = children;
    node->child_count = count;
    *ret_node = node;
    return LEDE_OK;
}

enum lede_status lede_query_make_proximity(struct query_context *context,
    const struct query_token *operation, struct lede_query_node *left,
    struct lede_query_node *right, struct lede_query_node **ret_node)
{
    enum lede_status st = check_operand(context, operation, left);
    if (st == LEDE_OK)
        st = check_operand(context, operation, right);
    if (st != LEDE_OK)
        return st;
    lede_field_set fields = fields_of(left);
    if (!lede_query_is_apart(operation->operation))
        fields &= fields_of(right);
    if (fields == 0) {
        st = lede_query_fail_at(context, LEDE_EINPUT, operation->start,
            "%s stands between words of different fields, which are never near each other",
            lede_query_operator_name(operation->operation));
        lede_error_hint(context->reterr, "write AND, or name one field: title:(a NEAR/5 b)");
        if (operation->is_bare)
            return lede_query_or_words(context, operation->start, operation->size);
        return st;
    }
    st = node_new(context, operation, left, right, ret_node);
    if (st == LEDE_OK)
        (*ret_node)->fields = fields;
    return st;
}

enum lede_status lede_query_make_atleast(struct query_context *context,
    const struct query_token *operation, struct lede_query_node *child,
    struct lede_query_node **ret_node)
{
    enum lede_status st = check_operand(context, operation, child);
    if (st != LEDE_OK)
        return st;
    if (operation->number == 1) {
        *ret_node = child;
        return LEDE_OK;
    }
    st = node_new(context, operation, child, NULL, ret_node);
    if (st == LEDE_OK)
        (*ret_node)->fields = fields_of(child);
    return st;
}

enum lede_status lede_query_chain_add(struct query_context *context,
    const struct query_token *phrase, struct lede_query_node *word, struct lede_query_node **chain)
{
    struct query_token next = {
        .kind = QUERY_TOKEN_PROXIMITY, .operation = LEDE_QUERY_ADJACENT, .number = 1};
    next.start = phrase->start;
    word->start = phrase->start;
    word->size = phrase->size;
    if (!*chain) {
        *chain = word;
        return LEDE_OK;
    }
    return lede_query_make_proximity(context, &next, *chain, word, chain);
}
