/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recursive descent over tokens. Depth is bounded by LEDE_QUERY_DEPTH_MAX, so a stranger's
 * parentheses cannot use up the stack.
 *
 * The grammar, tightest first:
 *
 *   query    = side { OR side }
 *   side     = chain { chain } side by side: all of them, or with match=any: any of them
 *   chain    = unary { AND unary }
 *   unary    = { NOT } [ "+" | "-" ] near
 *   near     = primary { ( NEAR[/n] | ADJ[/n] | SAME s | SAME p ) primary } from the left
 *   primary  = ( ATLEAST/n | CAPS | LEAD: ) primary | operand [ "^" weight ]
 *   operand  = "(" query ")" | field ":" operand | field ":" dates | LENGTH comparison
 *            | word | pattern | word "~" [ 1 | 2 ] | "=" word | phrase | "=" phrase | "*"
 *
 * A pattern is a word with `*` (any characters) or `?` (one) in it. A `?` behind a word is
 * punctuation: people type questions. A phrase that holds a pattern, and `="exact words"`, is a
 * chain of ADJ/1. Behind a word's `~` the spelling may differ in one or two letters but the first.
 *
 * What stands near something is a word, a pattern, a phrase, an OR of such, or proximity again:
 * anything else has no place in a text and is refused. CAPS and LEAD: hold for every word of their
 * operand.
 *
 * With match=all side by side means AND, so `a b OR c d` is (a AND b) OR (c AND d). With match=any
 * it stands between AND and OR: `a b AND c` is a OR (b AND c); `+x` is required and `-x` excluded
 * among the words beside it. A chain of AND in which any word has a `+` is required as a whole.
 *
 * A run of several words (COVID-19, 日本経済) may be taken apart (run.c) where no sign holds it.
 *
 * `-x` side by side with others is for the whole of a query of several branches, or of a group:
 * `a OR b -x` is (a OR b) AND NOT x. NOT x is for its own branch. */
#include "parser.h"

#include "groups.h"
#include "leaf.h"
#include "lede/encoding.h"
#include "operands.h"
#include "proximity.h"
#include "tree.h"

struct query_parser {
    struct query_context *context;
    struct query_lexer lexer;
    struct query_token current;
    size_t end;                  /* of the token consumed last */
    struct query_token operator; /* consumed last, of those that take what follows */
};

enum sign { SIGN_NONE, SIGN_REQUIRED, SIGN_EXCLUDED, SIGN_MINUS };

/* Operands side by side, in the order of the text. */
struct side {
    struct query_nodes nodes;
    enum sign *signs;
    size_t sign_capacity;
    size_t minus_count;
};

static enum lede_status parse_or(struct query_parser *parser, struct lede_query_node **ret_node);

/* ---- Tokens without what holds nothing ---- */

/* After a sign: is what it stands before empty? Then both are skipped. */
static enum lede_status skip_empty_operand(struct query_parser *parser, bool *ret_skipped)
{
    struct query_lexer ahead = parser->lexer;
    struct query_token operand;
    *ret_skipped = false;
    enum lede_status st = lede_query_lex(&ahead, &operand);
    if (st != LEDE_OK)
        return st;
    if (lede_query_token_is_empty(parser->context, &operand)) {
        parser->lexer = ahead;
        *ret_skipped = true;
    }
    return LEDE_OK;
}

static enum lede_status next_token(struct query_parser *parser)
{
    for (;;) {
        enum lede_status st = lede_query_lex(&parser->lexer, &parser->current);
        if (st != LEDE_OK)
            return st;
        enum query_token_kind kind = parser->current.kind;
        bool skipped = lede_query_token_is_empty(parser->context, &parser->current);
        if (kind == QUERY_TOKEN_PLUS || kind == QUERY_TOKEN_MINUS)
            st = skip_empty_operand(parser, &skipped);
        if (st != LEDE_OK || !skipped)
            return st;
    }
}

/* Consume the current token. */
static enum lede_status advance(struct query_parser *parser)
{
    enum query_token_kind kind = parser->current.kind;
    parser->end = parser->current.start + parser->current.size;
    if (kind != QUERY_TOKEN_TEXT && kind != QUERY_TOKEN_QUOTED && kind != QUERY_TOKEN_GROUP &&
        kind != QUERY_TOKEN_CLOSE)
        parser->operator= parser->current;
    return next_token(parser);
}

static bool starts_operand(enum query_token_kind kind)
{
    return kind == QUERY_TOKEN_TEXT || kind == QUERY_TOKEN_QUOTED || kind == QUERY_TOKEN_GROUP ||
           kind == QUERY_TOKEN_FIELD || kind == QUERY_TOKEN_OPEN || kind == QUERY_TOKEN_LENGTH ||
           kind == QUERY_TOKEN_ATLEAST || kind == QUERY_TOKEN_CAPS || kind == QUERY_TOKEN_LEAD;
}

static bool starts_unary(enum query_token_kind kind)
{
    return starts_operand(kind) || kind == QUERY_TOKEN_NOT || kind == QUERY_TOKEN_PLUS ||
           kind == QUERY_TOKEN_MINUS;
}

/* ---- Errors ---- */

static enum lede_status fail_operand(struct query_parser *parser)
{
    const struct query_token *found = &parser->current;
    size_t size = found->size < 40
                      ? found->size
                      : lede_utf8_boundary(parser->context->text + found->start, found->size, 40);
    if (found->kind == QUERY_TOKEN_END)
        lede_query_fail_at(parser->context, LEDE_EINPUT, found->start,
            "expected a word, a phrase or '(', found the end of the query");
    else
        lede_query_fail_at(parser->context, LEDE_EINPUT, found->start,
            "expected a word, a phrase or '(', found '%.*s'", (int)size,
            parser->context->text + found->start);
    if (found->kind == QUERY_TOKEN_WEIGHT)
        lede_error_hint(parser->context->reterr,
            "a weight stands directly behind a word, a phrase or ')': word^2");
    else if (found->kind == QUERY_TOKEN_CLOSE)
        lede_error_hint(
            parser->context->reterr, "put words between the parentheses, or put them in quotes");
    else
        lede_error_hint(parser->context->reterr,
            "AND, OR and NOT in capitals are operators; write them in "
            "lower case to search for them");
    /* What is there before its time, or else what it should have stood behind. */
    bool is_missing = found->kind == QUERY_TOKEN_END || found->kind == QUERY_TOKEN_CLOSE;
    if (is_missing && parser->operator.size> 0)
        found = &parser->operator;
    return lede_query_or_words(
        parser->context, found->start, found->kind == QUERY_TOKEN_WEIGHT ? 1 : found->size);
}

/* ---- Operands ---- */

static enum lede_status parse_group(struct query_parser *parser, struct lede_query_node **ret_node)
{
    size_t open = parser->current.start;
    if (parser->context->depth == LEDE_QUERY_DEPTH_MAX)
        return lede_query_fail_depth(parser->context, parser->current.start);
    parser->context->depth++;
    enum lede_status st = advance(parser);
    if (st == LEDE_OK)
        st = parse_or(parser, ret_node);
    if (st != LEDE_OK)
        return st;
    if (parser->current.kind != QUERY_TOKEN_CLOSE) {
        st = lede_query_fail_at(parser->context, LEDE_EINPUT, open, "unbalanced parenthesis");
        lede_error_hint(parser->context->reterr, "close it with ')', or put it in quotes");
        return lede_query_or_words(parser->context, open, 1);
    }
    parser->context->depth--;
    st = advance(parser);
    return st == LEDE_OK ? lede_query_check_behind(parser->context, parser->end) : st;
}

static enum lede_status fail_field_operand(
    const struct query_parser *parser, const struct query_token *field)
{
    size_t end = field->start + field->size;
    const char *name = parser->context->text + field->start;
    enum lede_status st = lede_query_fail_at(parser->context, LEDE_EINPUT, end,
        "expected a word, a phrase or '(' directly after '%.*s'", (int)field->size, name);
    lede_error_hint(parser->context->reterr,
        "write %.*sword; to search for the text itself, put it in quotes", (int)field->size, name);
    enum query_token_kind kind = parser->current.kind;
    bool is_apart = parser->current.start > end || kind == QUERY_TOKEN_END ||
                    kind == QUERY_TOKEN_CLOSE || kind == QUERY_TOKEN_AND || kind == QUERY_TOKEN_OR;
    return is_apart ? lede_query_or_words(parser->context, field->start, field->size) : st;
}

/* A sign behind the colon would be read as punctuation and lost. */
static bool is_signed_text(const struct query_parser *parser)
{
    char c = parser->context->text[parser->current.start];
    return parser->current.kind == QUERY_TOKEN_PLUS || parser->current.kind == QUERY_TOKEN_MINUS ||
           c == '+' || c == '-';
}

static enum lede_status check_field_operand(
    const struct query_parser *parser, const struct query_token *field)
{
    const struct query_token *operand = &parser->current;
    bool adjacent = operand->start == field->start + field->size;
    if (adjacent && operand->kind == QUERY_TOKEN_TEXT && operand->size == 1 &&
        parser->context->text[operand->start] == '*') {
        enum lede_status st = lede_query_fail_at(parser->context, LEDE_EINPUT, operand->start,
            "'*' alone behind a field stands for no word");
        lede_error_hint(parser->context->reterr, "write the beginning of a word: %.*secon*",
            (int)field->size, parser->context->text + field->start);
        return st;
    }
    bool fits = operand->kind == QUERY_TOKEN_TEXT || operand->kind == QUERY_TOKEN_QUOTED ||
                operand->kind == QUERY_TOKEN_GROUP || operand->kind == QUERY_TOKEN_OPEN;
    if (!adjacent || !fits || is_signed_text(parser))
        return fail_field_operand(parser, field);
    return LEDE_OK;
}

static enum lede_status parse_operand(
    struct query_parser *parser, struct lede_query_node **ret_node);

#define LEAD_FIELDS (LEDE_FIELD_BIT(LEDE_FIELD_TITLE) | LEDE_FIELD_BIT(LEDE_FIELD_BODY))

static enum lede_status fail_lead(
    const struct query_parser *parser, size_t position, const char *message, const char *hint)
{
    enum lede_status st = lede_query_fail_at(parser->context, LEDE_EINPUT, position, "%s", message);
    lede_error_hint(parser->context->reterr, "%s", hint);
    return st;
}

/* Inside a group with a field, an inner field counts for its own operand. */
static enum lede_status parse_field(struct query_parser *parser, struct lede_query_node **ret_node)
{
    struct query_token field = parser->current;
    enum lede_status st = advance(parser);
    if (st != LEDE_OK)
        return st;
    if (field.field->kind == LEDE_KIND_DATE) {
        struct query_token dates = parser->current;
        st = lede_query_dates(parser->context, field.field, &dates, ret_node);
        size_t end = dates.start + dates.size;
        bool is_apart = dates.size == 0 && parser->context->text[end] != '(';
        if (st == LEDE_EINPUT && is_apart)
            return lede_query_or_words(parser->context, field.start, field.size);
        return st == LEDE_OK ? advance(parser) : st;
    }
    st = check_field_operand(parser, &field);
    if (st != LEDE_OK)
        return st;
    lede_field_set outer_fields = parser->context->fields;
    bool outer_named = parser->context->field_named;
    if (parser->context->lead && !(LEAD_FIELDS & LEDE_FIELD_BIT(field.field->id)))
        return fail_lead(parser, field.start, "LEAD: looks at headlines and bodies alone",
            "write the field beside it: LEAD:word AND author:name");
    parser->context->fields = LEDE_FIELD_BIT(field.field->id);
    parser->context->field_named = true;
    st = parse_operand(parser, ret_node);
    parser->context->fields = outer_fields;
    parser->context->field_named = outer_named;
    return st;
}

static enum lede_status parse_operand(
    struct query_parser *parser, struct lede_query_node **ret_node)
{
    struct query_token token = parser->current;
    struct lede_query_node *node = NULL;
    enum lede_status st = LEDE_OK;
    if (token.kind == QUERY_TOKEN_OPEN) {
        st = parse_group(parser, &node);
    } else if (token.kind == QUERY_TOKEN_FIELD) {
        st = parse_field(parser, &node);
    } else if (token.kind == QUERY_TOKEN_LENGTH) {
        st = lede_query_length(parser->context, &token, &node);
        if (st == LEDE_OK)
            st = advance(parser);
    } else {
        st = token.kind == QUERY_TOKEN_GROUP
                 ? lede_query_leaf_of_group(parser->context, &token, &node)
                 : lede_query_leaf_of_text(parser->context, &token, &node);
        if (st == LEDE_OK)
            st = advance(parser);
    }
    if (st != LEDE_OK)
        return st;
    /* Parentheses around a single word are no part of it. */
    if (token.kind != QUERY_TOKEN_OPEN || node->child_count > 0) {
        node->start = token.start;
        node->size = parser->end - token.start;
    }
    *ret_node = node;
    return LEDE_OK;
}

static enum lede_status parse_weighted(
    struct query_parser *parser, struct lede_query_node **ret_node)
{
    enum lede_status st = parse_operand(parser, ret_node);
    if (st != LEDE_OK || parser->current.kind != QUERY_TOKEN_WEIGHT ||
        parser->current.start != parser->end)
        return st;
    st = lede_query_apply_weight(parser->context, *ret_node, &parser->current);
    return st == LEDE_OK ? advance(parser) : st;
}

static enum lede_status parse_primary(
    struct query_parser *parser, struct lede_query_node **ret_node);

/* CAPS and LEAD: hold for what is read inside. */
static enum lede_status parse_scope(
    struct query_parser *parser, const struct query_token *scope, struct lede_query_node **ret_node)
{
    struct query_context outer = *parser->context;
    if (scope->kind == QUERY_TOKEN_LEAD && parser->context->field_named && !parser->context->lead)
        return fail_lead(parser, scope->start, "LEAD: has no place inside a field",
            "write LEAD:word, or LEAD:(body:word)");
    if (scope->kind == QUERY_TOKEN_CAPS) {
        parser->context->caps = true;
        parser->context->caps_start = scope->start;
        parser->context->caps_size = scope->size;
    } else if (!parser->context->lead) {
        parser->context->lead = true;
        parser->context->fields = LEAD_FIELDS;
    }
    if (scope->field) { /* LEAD(x), without the headline */
        parser->context->fields = LEDE_FIELD_BIT(scope->field->id);
        parser->context->field_named = true;
    }
    enum lede_status st = parse_primary(parser, ret_node);
    parser->context->caps = outer.caps;
    parser->context->lead = outer.lead;
    parser->context->fields = outer.fields;
    parser->context->field_named = outer.field_named;
    return st;
}

/* A row of prefix operators is as deep as a row of parentheses. */
static enum lede_status parse_primary(
    struct query_parser *parser, struct lede_query_node **ret_node)
{
    struct query_token token = parser->current;
    if (!starts_operand(token.kind))
        return fail_operand(parser);
    bool is_atleast = token.kind == QUERY_TOKEN_ATLEAST;
    if (!is_atleast && token.kind != QUERY_TOKEN_CAPS && token.kind != QUERY_TOKEN_LEAD)
        return parse_weighted(parser, ret_node);
    if (parser->context->depth == LEDE_QUERY_DEPTH_MAX)
        return lede_query_fail_depth(parser->context, parser->current.start);
    struct lede_query_node *node = NULL;
    parser->context->depth++;
    enum lede_status st = advance(parser);
    if (st == LEDE_OK)
        st = is_atleast ? parse_primary(parser, &node) : parse_scope(parser, &token, &node);
    parser->context->depth--;
    if (st != LEDE_OK || !is_atleast) {
        if (st == LEDE_OK)
            *ret_node = node;
        return st;
    }
    return lede_query_make_atleast(parser->context, &token, node, ret_node);
}

static enum lede_status parse_near(struct query_parser *parser, struct lede_query_node **ret_node)
{
    enum lede_status st = parse_primary(parser, ret_node);
    while (st == LEDE_OK && parser->current.kind == QUERY_TOKEN_PROXIMITY) {
        struct query_token operation = parser->current;
        struct lede_query_node *right = NULL;
        st = advance(parser);
        if (st == LEDE_OK)
            st = parse_primary(parser, &right);
        if (st == LEDE_OK)
            st = lede_query_make_proximity(parser->context, &operation, *ret_node, right, ret_node);
    }
    return st;
}

/* ---- Operators ---- */

/* Parts print in parentheses that are not in the text. */
static bool is_loose(const struct query_parser *parser)
{
    return !parser->context->options->match_any && parser->context->depth < LEDE_QUERY_DEPTH_MAX;
}

static enum lede_status parse_unary(
    struct query_parser *parser, struct lede_query_node **ret_node, enum sign *ret_sign)
{
    bool excluded = false;
    bool is_minus = parser->current.kind == QUERY_TOKEN_MINUS;
    size_t start = parser->current.start;
    enum lede_status st = LEDE_OK;
    *ret_sign = SIGN_NONE;
    while (parser->current.kind == QUERY_TOKEN_NOT && st == LEDE_OK) {
        excluded = !excluded;
        st = advance(parser);
    }
    if (st == LEDE_OK &&
        (parser->current.kind == QUERY_TOKEN_PLUS || parser->current.kind == QUERY_TOKEN_MINUS)) {
        if (parser->current.kind == QUERY_TOKEN_MINUS)
            excluded = !excluded;
        else
            *ret_sign = SIGN_REQUIRED;
        st = advance(parser);
    }
    struct lede_query_node *node = NULL;
    if (st == LEDE_OK)
        st = parse_near(parser, &node);
    if (st != LEDE_OK)
        return st;
    *ret_node = node;
    if (!excluded)
        return *ret_sign == SIGN_NONE && is_loose(parser)
                   ? lede_query_make_loose(parser->context->arena, ret_node)
                   : LEDE_OK;
    *ret_sign = is_minus ? SIGN_MINUS : SIGN_EXCLUDED;
    st = lede_query_make_not(parser->context->arena, node, ret_node);
    if (st == LEDE_OK) {
        (*ret_node)->size += (*ret_node)->start - start;
        (*ret_node)->start = start;
    }
    return st;
}

static enum lede_status parse_chain(
    struct query_parser *parser, struct lede_query_node **ret_node, enum sign *ret_sign)
{
    struct query_nodes operands = {0};
    bool required = false;
    for (;;) {
        struct lede_query_node *node = NULL;
        enum lede_status st = parse_unary(parser, &node, ret_sign);
        if (st == LEDE_OK)
            st = lede_query_nodes_add(parser->context->arena, &operands, node);
        if (st != LEDE_OK)
            return st;
        required |= *ret_sign == SIGN_REQUIRED;
        if (parser->current.kind != QUERY_TOKEN_AND)
            break;
        st = advance(parser);
        if (st != LEDE_OK)
            return st;
    }
    *ret_node = operands.items[0];
    if (operands.count == 1)
        return LEDE_OK;
    *ret_sign = required ? SIGN_REQUIRED : SIGN_NONE;
    return lede_query_make_and(parser->context->arena, &operands, ret_node);
}

/* Words side by side under match=any, by their signs. */
static enum lede_status join_any(
    struct query_parser *parser, struct query_nodes by_sign[4], struct lede_query_node **ret_node)
{
    struct lede_query_node *plain = NULL;
    struct lede_query_node *required = NULL;
    struct query_nodes parts = {0};
    enum lede_status st = LEDE_OK;
    if (by_sign[SIGN_NONE].count > 0)
        st = lede_query_make_or(parser->context->arena, &by_sign[SIGN_NONE], &plain);
    if (st == LEDE_OK && plain)
        st = lede_query_stand_in_any(parser->context, plain);
    if (st == LEDE_OK && by_sign[SIGN_REQUIRED].count > 0)
        st = lede_query_make_and(parser->context->arena, &by_sign[SIGN_REQUIRED], &required);
    if (st == LEDE_OK && plain && required)
        st = lede_query_make_maybe(parser->context->arena, required, plain, &required);
    else if (st == LEDE_OK && plain)
        required = plain;
    if (st == LEDE_OK && required)
        st = lede_query_nodes_add(parser->context->arena, &parts, required);
    for (enum sign sign = SIGN_EXCLUDED; sign <= SIGN_MINUS; sign++) {
        for (size_t i = 0; i < by_sign[sign].count && st == LEDE_OK; i++)
            st = lede_query_nodes_add(parser->context->arena, &parts, by_sign[sign].items[i]);
    }
    return st == LEDE_OK ? lede_query_make_and(parser->context->arena, &parts, ret_node) : st;
}

/* ret_excluded  takes what has a minus, unless nothing else is there; NULL: it stays */
static enum lede_status join_side(struct query_parser *parser, const struct side *side,
    struct query_nodes *ret_excluded, struct lede_query_node **ret_node)
{
    struct query_nodes by_sign[4] = {{0}};
    struct query_nodes operands = {0};
    bool match_any = parser->context->options->match_any;
    bool takes = ret_excluded && side->minus_count < side->nodes.count;
    for (size_t i = 0; i < side->nodes.count; i++) {
        struct query_nodes *nodes = match_any ? &by_sign[side->signs[i]] : &operands;
        if (takes && side->signs[i] == SIGN_MINUS)
            nodes = ret_excluded;
        enum lede_status st =
            match_any && side->signs[i] == SIGN_NONE
                ? lede_query_nodes_add_apart(parser->context->arena, nodes, side->nodes.items[i])
                : lede_query_nodes_add(parser->context->arena, nodes, side->nodes.items[i]);
        if (st != LEDE_OK)
            return st;
    }
    if (match_any)
        return join_any(parser, by_sign, ret_node);
    enum lede_status st = lede_query_stand_in_beside(parser->context, &operands);
    return st == LEDE_OK ? lede_query_make_and(parser->context->arena, &operands, ret_node) : st;
}

static enum lede_status parse_side(struct query_parser *parser, struct side *side)
{
    struct lede_arena *arena = parser->context->arena;
    if (!starts_unary(parser->current.kind))
        return fail_operand(parser);
    while (starts_unary(parser->current.kind)) {
        struct lede_query_node *node = NULL;
        enum sign sign = SIGN_NONE;
        enum lede_status st = parse_chain(parser, &node, &sign);
        if (st == LEDE_OK &&
            !LEDE_ARENA_RESERVE(arena, side->signs, side->sign_capacity, side->nodes.count + 1))
            st = LEDE_ENOMEM;
        if (st == LEDE_OK)
            st = lede_query_nodes_add(arena, &side->nodes, node);
        if (st != LEDE_OK)
            return st;
        side->signs[side->nodes.count - 1] = sign;
        side->minus_count += sign == SIGN_MINUS;
    }
    return parser->current.kind == QUERY_TOKEN_WEIGHT ? fail_operand(parser) : LEDE_OK;
}

/* What is excluded side by side with a branch is excluded from them all. It prints behind
 * parentheses that may not be in the text. */
static enum lede_status join_branches(struct query_parser *parser, const struct side *sides,
    size_t count, struct lede_query_node **ret_node)
{
    struct lede_arena *arena = parser->context->arena;
    struct query_nodes branches = {0}, excluded = {0}, whole = {0};
    struct lede_query_node *node = NULL;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < count && st == LEDE_OK; i++) {
        st = join_side(parser, &sides[i], count > 1 ? &excluded : NULL, &node);
        if (st == LEDE_OK)
            st = lede_query_nodes_add(arena, &branches, node);
    }
    if (st == LEDE_OK)
        st = lede_query_make_or(arena, &branches, &node);
    if (st == LEDE_OK && count > 1)
        st = lede_query_stand_in_any(parser->context, node);
    if (st == LEDE_OK && excluded.count > 0 && parser->context->depth == LEDE_QUERY_DEPTH_MAX)
        return lede_query_fail_depth(parser->context, node->start);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(arena, &whole, node);
    for (size_t i = 0; i < excluded.count && st == LEDE_OK; i++)
        st = lede_query_nodes_add(arena, &whole, excluded.items[i]);
    return st == LEDE_OK ? lede_query_make_and(arena, &whole, ret_node) : st;
}

static enum lede_status parse_or(struct query_parser *parser, struct lede_query_node **ret_node)
{
    struct side *sides = NULL;
    size_t count = 0, capacity = 0;
    for (;;) {
        if (!LEDE_ARENA_RESERVE(parser->context->arena, sides, capacity, count + 1))
            return LEDE_ENOMEM;
        sides[count] = (struct side){0};
        enum lede_status st = parse_side(parser, &sides[count++]);
        if (st == LEDE_OK && parser->current.kind != QUERY_TOKEN_OR)
            return join_branches(parser, sides, count, ret_node);
        if (st == LEDE_OK)
            st = advance(parser);
        if (st != LEDE_OK)
            return st;
    }
}

/* ---- The whole query ---- */

enum lede_status lede_query_parse_tree(
    struct query_context *context, struct lede_query_node **ret_node)
{
    struct query_parser state = {.context = context,
        .lexer = {
            .context = context, .text = context->text, .size = context->size, .behind = SIZE_MAX}};
    struct query_parser *parser = &state;
    enum lede_status st = next_token(parser);
    if (st != LEDE_OK)
        return st;
    if (parser->current.kind == QUERY_TOKEN_END) {
        if (lede_query_is_blank(parser->context->text, parser->context->size))
            return lede_query_leaf_new(parser->context, LEDE_QUERY_ALL, &parser->current, ret_node);
        st = lede_query_fail_at(parser->context, LEDE_EINPUT, 0, "no words to search for");
        lede_error_hint(
            parser->context->reterr, "write at least one word; punctuation alone is not searched");
        return st;
    }
    st = parse_or(parser, ret_node);
    if (st != LEDE_OK || parser->current.kind == QUERY_TOKEN_END)
        return st;
    st = lede_query_fail_at(
        parser->context, LEDE_EINPUT, parser->current.start, "unbalanced parenthesis");
    lede_error_hint(parser->context->reterr,
        "nothing is open that this would close; leave it out, or put it in quotes");
    return lede_query_or_words(parser->context, parser->current.start, parser->current.size);
}
