/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands near what, how often, and how long a text is: operands checked, nodes made. */
#include "internal.h"
#include "lede/number.h"

#include <string.h>

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

static const char *operator_name(enum lede_query_kind kind)
{
    switch (kind) {
    case LEDE_QUERY_NEAR:
        return "NEAR";
    case LEDE_QUERY_ADJACENT:
        return "ADJ";
    case LEDE_QUERY_SENTENCE:
        return "SAME s";
    case LEDE_QUERY_PARAGRAPH:
        return "SAME p";
    default:
        return "ATLEAST";
    }
}

static enum lede_status check_operand(struct query_parser *parser,
    const struct query_token *operation, const struct lede_query_node *operand)
{
    const struct lede_query_node *placeless = find_placeless(operand);
    const char *name = operator_name(operation->operation);
    if (!placeless)
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(parser, LEDE_EINPUT,
        placeless->size > 0 ? placeless->start : operation->start,
        "%s takes a word, a phrase or words between OR, found %s", name, describe(placeless->kind));
    if (placeless->kind == LEDE_QUERY_AND && operation->kind == QUERY_TOKEN_PROXIMITY)
        lede_error_hint(
            parser->reterr, "write (a %s c) AND (b %s c), or a phrase in quotes", name, name);
    else if (placeless->kind == LEDE_QUERY_AND)
        lede_error_hint(parser->reterr, "write ATLEAST/3 a AND ATLEAST/3 b, or a phrase in quotes");
    else
        lede_error_hint(
            parser->reterr, "put it beside, with AND: (a NEAR/5 b) AND …; (a NEAR/5 b) NOT …");
    return st;
}

static enum lede_status node_new(struct query_parser *parser, const struct query_token *operation,
    struct lede_query_node *first, struct lede_query_node *second,
    struct lede_query_node **ret_node)
{
    size_t count = second ? 2 : 1;
    struct lede_query_node *node = lede_arena_calloc(parser->arena, 1, sizeof(*node));
    struct lede_query_node **children = lede_arena_calloc(parser->arena, count, sizeof(first));
    if (!node || !children)
        return lede_fail_memory(parser->reterr);
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

enum lede_status lede_query_make_proximity(struct query_parser *parser,
    const struct query_token *operation, struct lede_query_node *left,
    struct lede_query_node *right, struct lede_query_node **ret_node)
{
    enum lede_status st = check_operand(parser, operation, left);
    if (st == LEDE_OK)
        st = check_operand(parser, operation, right);
    if (st != LEDE_OK)
        return st;
    lede_field_set fields = fields_of(left) & fields_of(right);
    if (fields == 0) {
        st = lede_query_fail_at(parser, LEDE_EINPUT, operation->start,
            "%s stands between words of different fields, which are never near each other",
            operator_name(operation->operation));
        lede_error_hint(parser->reterr, "write AND, or name one field: title:(a NEAR/5 b)");
        return st;
    }
    st = node_new(parser, operation, left, right, ret_node);
    if (st == LEDE_OK)
        (*ret_node)->fields = fields;
    return st;
}

enum lede_status lede_query_make_atleast(struct query_parser *parser,
    const struct query_token *operation, struct lede_query_node *child,
    struct lede_query_node **ret_node)
{
    enum lede_status st = check_operand(parser, operation, child);
    if (st != LEDE_OK)
        return st;
    if (operation->number == 1) {
        *ret_node = child;
        return LEDE_OK;
    }
    st = node_new(parser, operation, child, NULL, ret_node);
    if (st == LEDE_OK)
        (*ret_node)->fields = fields_of(child);
    return st;
}

/* ---- Phrases with patterns, exact phrases ---- */

static enum lede_status chain_add(struct query_parser *parser, const struct query_token *phrase,
    struct lede_query_node *word, struct lede_query_node **chain)
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
    return lede_query_make_proximity(parser, &next, *chain, word, chain);
}

/* `="exact words"`: each word by itself. */
static enum lede_status chain_of_words(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    struct query_words words = {0};
    enum lede_status st = lede_query_analyze(parser, parser->lexer.text + token->inner_start,
        token->inner_size, LEDE_QUERY_CLAUSES_MAX, &words);
    for (size_t i = 0; st == LEDE_OK && i < words.count; i++) {
        struct lede_query_node *leaf = NULL;
        struct query_words one = {.items = &words.items[i], .count = 1, .capacity = 1};
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
        lede_buffer_append_format(&written, "=%s", words.items[i].word);
        one.items[0].overlaps = false;
        st = lede_query_leaf_of_words(parser, token, &one, LEDE_QUERY_EXACT, &leaf);
        if (st != LEDE_OK)
            return st;
        leaf->written = lede_arena_copy(parser->arena, written.data, written.size);
        if (written.failed || !leaf->written)
            return lede_fail_memory(parser->reterr);
        st = chain_add(parser, token, leaf, ret_node);
    }
    return st;
}

static enum lede_status fail_star(const struct query_parser *parser, size_t position)
{
    enum lede_status st = lede_query_fail_at(
        parser, LEDE_EINPUT, position, "a wildcard alone inside a phrase stands for no word");
    lede_error_hint(parser->reterr, "for any word between two others write: prime ADJ/2 minister");
    return st;
}

/* The next run without white space in *at..end; moves behind it. Returns false if there is none. */
static bool next_run(const char *text, size_t end, size_t *at, struct query_token *ret_run)
{
    size_t space = 1;
    while (*at < end && (space = lede_query_space_size(text + *at, end - *at)) > 0)
        *at += space;
    *ret_run = (struct query_token){.kind = QUERY_TOKEN_TEXT, .start = *at};
    while (*at < end && lede_query_space_size(text + *at, end - *at) == 0)
        ++*at;
    ret_run->size = *at - ret_run->start;
    return ret_run->size > 0;
}

bool lede_query_holds_pattern(const char *text, size_t size)
{
    struct query_token run;
    for (size_t at = 0; next_run(text, size, &at, &run);) {
        if (lede_query_is_pattern(text + run.start, run.size))
            return true;
    }
    return false;
}

/* What is no pattern in a phrase is plain text there, whatever it would mean outside. */
static enum lede_status leaf_in_phrase(
    struct query_parser *parser, const struct query_token *run, struct lede_query_node **ret_node)
{
    const char *text = parser->lexer.text + run->start;
    if (strspn(text, "*?") >= run->size)
        return fail_star(parser, run->start);
    if (lede_query_is_pattern(text, run->size))
        return lede_query_leaf_of_run(parser, run, ret_node);
    struct query_words words = {0};
    struct query_token quoted = *run;
    quoted.kind = QUERY_TOKEN_QUOTED;
    quoted.inner_start = run->start;
    quoted.inner_size = run->size;
    enum lede_status st =
        lede_query_analyze(parser, text, run->size, LEDE_QUERY_CLAUSES_MAX, &words);
    if (st != LEDE_OK)
        return st;
    enum lede_query_kind kind = words.count > 1        ? LEDE_QUERY_PHRASE
                                : words.lone_character ? LEDE_QUERY_PREFIX
                                                       : LEDE_QUERY_WORD;
    return lede_query_leaf_of_words(parser, &quoted, &words, kind, ret_node);
}

static enum lede_status chain_of_runs(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    const char *text = parser->lexer.text;
    size_t end = token->inner_start + token->inner_size;
    size_t at = token->inner_start;
    struct query_token run;
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && next_run(text, end, &at, &run)) {
        struct lede_query_node *leaf = NULL;
        if (lede_query_token_is_empty(parser, &run))
            continue;
        st = leaf_in_phrase(parser, &run, &leaf);
        if (st == LEDE_OK)
            st = chain_add(parser, token, leaf, ret_node);
    }
    return st;
}

enum lede_status lede_query_phrase_chain(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    if (parser->caps) {
        enum lede_status st =
            lede_query_fail_at(parser, LEDE_EINPUT, token->start, "CAPS takes single words");
        lede_error_hint(parser->reterr, "write CAPS before each word: CAPS world ADJ/1 CAPS bank");
        return st;
    }
    /* It prints as operators, which may need a pair of parentheses that is not in the text. */
    if (parser->depth == LEDE_QUERY_DEPTH_MAX) {
        enum lede_status st = lede_query_fail_at(parser, LEDE_ELIMIT, token->start,
            "more than %d parentheses inside each other", LEDE_QUERY_DEPTH_MAX);
        lede_error_hint(parser->reterr, "leave out parentheses that are not needed");
        return st;
    }
    *ret_node = NULL;
    enum lede_status st = token->exact ? chain_of_words(parser, token, ret_node)
                                       : chain_of_runs(parser, token, ret_node);
    return st == LEDE_OK && !*ret_node ? fail_star(parser, token->start) : st;
}

/* ---- LENGTH ---- */

static enum lede_status fail_length(
    const struct query_parser *parser, const struct query_token *token)
{
    enum lede_status st = lede_query_fail_at(parser, LEDE_EINPUT, token->inner_start,
        "expected a number of words, or a range that holds one");
    lede_error_hint(parser->reterr, "write LENGTH>500, LENGTH<=200 or LENGTH:100..500");
    return st;
}

static bool parse_words(const char *text, size_t size, int64_t if_empty, int64_t *ret_words)
{
    *ret_words = if_empty;
    return size == 0 || lede_parse_int64(text, size, 0, UINT32_MAX - 1, ret_words, NULL) == LEDE_OK;
}

static bool parse_length(const char *text, size_t size, int64_t *ret_first, int64_t *ret_last)
{
    int64_t words = 0;
    size_t sign = strspn(text, "<>=:");
    const char *dots = memmem(text, size, "..", 2);
    sign = sign < size ? sign : size;
    if (text[0] == ':' && dots)
        return parse_words(text + 1, (size_t)(dots - text) - 1, 0, ret_first) &&
               parse_words(dots + 2, size - (size_t)(dots - text) - 2, UINT32_MAX, ret_last) &&
               size > 3;
    bool equal = sign > 0 && text[sign - 1] == '=';
    if (sign == 2 && !equal)
        return false;
    while (sign < size && lede_query_space_size(text + sign, size - sign) > 0)
        sign += lede_query_space_size(text + sign, size - sign);
    if (sign == size || !parse_words(text + sign, size - sign, 0, &words))
        return false;
    bool more = text[0] == '>', less = text[0] == '<';
    *ret_first = less ? 0 : words + (more && !equal);
    *ret_last = more ? UINT32_MAX : words - (less && !equal);
    return true;
}

enum lede_status lede_query_length(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    int64_t first = 0, last = 0;
    if (!parse_length(parser->lexer.text + token->inner_start, token->inner_size, &first, &last) ||
        first > last)
        return fail_length(parser, token);
    struct lede_query_node *node = NULL;
    enum lede_status st = lede_query_leaf_new(parser, LEDE_QUERY_LENGTH, token, &node);
    if (st != LEDE_OK)
        return st;
    node->fields = LEDE_FIELD_BIT(LEDE_FIELD_BODY);
    node->field_named = false;
    node->lead = false;
    node->first_words = (uint32_t)first;
    node->last_words = (uint32_t)last;
    *ret_node = node;
    return LEDE_OK;
}
