/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees to their canonical text.
 *
 * Operators are written out, and parentheses only where the grammar needs them: every pair printed
 * stood in the text that was parsed, so a query within LEDE_QUERY_DEPTH_MAX stays within it. */
#include "lede/time.h"
#include "token.h"
#include "tree.h"

#include <inttypes.h>
#include <math.h>

/* Where a node stands, loosest first. */
enum precedence {
    PRECEDENCE_OR,      /* at the top, or in parentheses */
    PRECEDENCE_BRANCH,  /* one of OR's operands */
    PRECEDENCE_SIDE,    /* side by side with others (match=any) */
    PRECEDENCE_AND,     /* an operand of AND */
    PRECEDENCE_OPERAND, /* behind NOT or a sign, or weighted */
    PRECEDENCE_LEFT,    /* before NEAR and its like */
    PRECEDENCE_PRIMARY, /* behind them, or behind ATLEAST/n */
};

static void print_node(
    const struct lede_query_node *node, enum precedence precedence, struct lede_buffer *out);

static void print_weight(double weight, struct lede_buffer *out)
{
    if (weight == 1)
        return;
    int64_t units = llround(weight * QUERY_WEIGHT_UNIT);
    lede_buffer_append_format(out, "^%" PRId64, units / QUERY_WEIGHT_UNIT);
    int64_t fraction = units % QUERY_WEIGHT_UNIT;
    int digits = 6;
    while (fraction > 0 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    if (fraction > 0)
        lede_buffer_append_format(out, ".%0*" PRId64, digits, fraction);
}

static void print_moment(int64_t utc_s, struct lede_buffer *out)
{
    char text[21];
    lede_time_format(utc_s, text);
    lede_buffer_append_string(out, text);
}

static void print_leaf(const struct lede_query_node *node, struct lede_buffer *out)
{
    if (node->kind == LEDE_QUERY_ALL) {
        lede_buffer_append_char(out, '*');
        return;
    }
    if (node->kind == LEDE_QUERY_LENGTH) {
        lede_buffer_append_format(out, "LENGTH:%" PRIu32 "..", node->first_words);
        if (node->last_words != UINT32_MAX)
            lede_buffer_append_format(out, "%" PRIu32, node->last_words);
        return;
    }
    if (node->lead)
        lede_buffer_append_string(
            out, node->field_named || node->kind == LEDE_QUERY_CAPS ? "LEAD: " : "LEAD:");
    if (node->kind == LEDE_QUERY_CAPS)
        lede_buffer_append_string(out, "CAPS ");
    if (node->field_named) {
        const struct lede_field *field =
            lede_field_at((enum lede_field_id)__builtin_ctz(node->fields));
        lede_buffer_append_format(out, "%s:", field->query_name);
    }
    if (node->kind != LEDE_QUERY_DATES) {
        lede_buffer_append_string(out, node->written);
        return;
    }
    bool open = node->last_utc_s == LEDE_TIME_MAX_UTC_S;
    if (node->first_utc_s != LEDE_TIME_MIN_UTC_S || open)
        print_moment(node->first_utc_s, out);
    lede_buffer_append_string(out, "..");
    if (!open)
        print_moment(node->last_utc_s, out);
}

static bool is_implied_all(const struct lede_query_node *parent, size_t child)
{
    return parent->kind == LEDE_QUERY_AND && parent->children[child]->kind == LEDE_QUERY_ALL;
}

/* `+a b -c` under match=any: MAYBE, or AND of one MAYBE and then exclusions. */
static bool is_side_by_side(const struct lede_query_node *node)
{
    if (node->kind == LEDE_QUERY_MAYBE)
        return true;
    if (node->kind != LEDE_QUERY_AND || node->children[0]->kind != LEDE_QUERY_MAYBE ||
        node->children[0]->weight != 1)
        return false;
    for (size_t i = 1; i < node->child_count; i++) {
        if (node->children[i]->kind != LEDE_QUERY_NOT)
            return false;
    }
    return true;
}

/* `+a b -c` as a branch would exclude from its neighbours. */
static bool excludes_with_minus(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_AND && is_side_by_side(node);
}

/* A single exclusion beside other words would exclude from them. */
static bool is_single_exclusion(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_AND && node->child_count == 2 && is_implied_all(node, 0);
}

static bool is_leaf(const struct lede_query_node *node)
{
    return node->child_count == 0 || node->is_one_word;
}

static bool needs_parentheses(const struct lede_query_node *node, enum precedence precedence)
{
    if (is_leaf(node) || node->kind == LEDE_QUERY_NOT)
        return false;
    if (node->kind == LEDE_QUERY_ATLEAST)
        return node->weight != 1;
    if (lede_query_is_proximity(node->kind))
        return node->weight != 1 || precedence == PRECEDENCE_PRIMARY;
    if (precedence >= PRECEDENCE_LEFT)
        return true;
    if (node->weight != 1 || precedence == PRECEDENCE_OPERAND)
        return true;
    if (precedence <= PRECEDENCE_BRANCH)
        return precedence == PRECEDENCE_BRANCH && excludes_with_minus(node);
    return node->kind != LEDE_QUERY_AND || is_single_exclusion(node);
}

/* mark_required: the first operand that is no exclusion gets a +, which makes the chain
 * required. */
static void print_chain(
    const struct lede_query_node *node, bool mark_required, struct lede_buffer *out)
{
    bool first = true;
    for (size_t i = 0; i < node->child_count; i++) {
        const struct lede_query_node *child = node->children[i];
        if (is_implied_all(node, i))
            continue;
        if (!first)
            lede_buffer_append_string(out, " AND ");
        first = false;
        bool marked = mark_required && child->kind != LEDE_QUERY_NOT;
        if (marked)
            lede_buffer_append_char(out, '+');
        print_node(child, marked ? PRECEDENCE_OPERAND : PRECEDENCE_AND, out);
        mark_required &= !marked;
    }
}

/* What is required: every operand with its +, or a chain where there are exclusions in it. */
static void print_required(const struct lede_query_node *node, struct lede_buffer *out)
{
    bool is_chain = node->kind == LEDE_QUERY_AND && node->weight == 1;
    bool excludes = false;
    for (size_t i = 0; i < node->child_count; i++)
        excludes |= node->children[i]->kind == LEDE_QUERY_NOT;
    if (!is_chain || is_implied_all(node, 0)) {
        lede_buffer_append_char(out, '+');
        print_node(node, PRECEDENCE_OPERAND, out);
        return;
    }
    if (excludes) {
        print_chain(node, true, out);
        return;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        lede_buffer_append_string(out, i > 0 ? " +" : "+");
        print_node(node->children[i], PRECEDENCE_OPERAND, out);
    }
}

static void print_side_by_side(const struct lede_query_node *node, struct lede_buffer *out)
{
    const struct lede_query_node *maybe = node->kind == LEDE_QUERY_MAYBE ? node : node->children[0];
    const struct lede_query_node *optional = maybe->children[1];
    print_required(maybe->children[0], out);
    bool is_list =
        optional->kind == LEDE_QUERY_OR && optional->weight == 1 && !optional->is_one_word;
    size_t count = is_list ? optional->child_count : 1;
    for (size_t i = 0; i < count; i++) {
        lede_buffer_append_char(out, ' ');
        print_node(is_list ? optional->children[i] : optional, PRECEDENCE_SIDE, out);
    }
    for (size_t i = 1; node != maybe && i < node->child_count; i++) {
        lede_buffer_append_string(out, " -");
        print_node(node->children[i]->children[0], PRECEDENCE_OPERAND, out);
    }
}

static void print_proximity(const struct lede_query_node *node, struct lede_buffer *out)
{
    bool has_two = node->kind != LEDE_QUERY_ATLEAST;
    if (has_two)
        print_node(node->children[0], PRECEDENCE_LEFT, out);
    lede_buffer_append_format(
        out, "%s%s", has_two ? " " : "", lede_query_operator_name(node->kind));
    if (node->number > 0)
        lede_buffer_append_format(out, "/%" PRIu32, node->number);
    lede_buffer_append_char(out, ' ');
    print_node(node->children[has_two], PRECEDENCE_PRIMARY, out);
}

static void print_inside(
    const struct lede_query_node *node, enum precedence precedence, struct lede_buffer *out)
{
    if (is_leaf(node)) {
        print_leaf(node, out);
    } else if (lede_query_is_proximity(node->kind)) {
        print_proximity(node, out);
    } else if (node->kind == LEDE_QUERY_NOT) {
        lede_buffer_append_string(out, "NOT ");
        print_node(node->children[0], PRECEDENCE_OPERAND, out);
    } else if (precedence <= PRECEDENCE_BRANCH && is_side_by_side(node)) {
        print_side_by_side(node, out);
    } else if (node->kind == LEDE_QUERY_AND) {
        print_chain(node, false, out);
    } else {
        for (size_t i = 0; i < node->child_count; i++) {
            if (i > 0)
                lede_buffer_append_string(out, " OR ");
            print_node(node->children[i], PRECEDENCE_BRANCH, out);
        }
    }
}

static void print_node(
    const struct lede_query_node *node, enum precedence precedence, struct lede_buffer *out)
{
    bool parentheses = needs_parentheses(node, precedence);
    if (parentheses)
        lede_buffer_append_char(out, '(');
    print_inside(node, parentheses ? PRECEDENCE_OR : precedence, out);
    if (parentheses)
        lede_buffer_append_char(out, ')');
    print_weight(node->weight, out);
}

enum lede_status lede_query_print_node(const struct lede_query_node *node, char **ret_text)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer out = {0};
    print_node(node, PRECEDENCE_OR, &out);
    char *text = lede_buffer_take(&out);
    if (!text)
        return LEDE_ENOMEM;
    *ret_text = text;
    return LEDE_OK;
}

enum lede_status lede_query_print_word(
    const struct lede_query_node *phrase, size_t word, char **ret_text)
{
    struct lede_query_node leaf = *phrase;
    leaf.kind = LEDE_QUERY_WORD;
    leaf.weight = 1;
    leaf.written = phrase->words[word].word;
    return lede_query_print_node(&leaf, ret_text);
}

enum lede_status lede_query_print(const struct lede_query *query, char **ret_text)
{
    return lede_query_print_node(query->root, ret_text);
}
