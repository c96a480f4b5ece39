/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each word of each leaf has a list of the positions that satisfy it; each position knows its
 * bytes. */
#include "span_matcher.h"

#include "lede/spans.h"

#include <stdlib.h>
#include <string.h>

struct position_list {
    uint32_t *items; /* malloc() */
    size_t count;
    size_t capacity;
};

struct word_positions {
    struct word_positions *next;
    const struct lede_query_node *leaf;
    size_t word;
    struct position_list positions;
};

struct span_node {
    struct span_node *next;
    const struct lede_query_node *node;
    size_t unit;
};

/* Bytes of a token, by position. */
struct token_range {
    uint32_t start;
    uint32_t end;
    uint32_t sentence;
    bool is_plain_bigram; /* its bytes are the bytes of its word */
};

struct lede_span_matcher {
    struct lede_arena *arena;
    enum lede_field_id field;
    struct word_positions *words;
    struct span_node *nodes;
    struct token_range *tokens; /* malloc(); [position - 1] */
    size_t token_count;
    size_t token_capacity;
    struct position_list sentences;
    struct position_list paragraphs;
    struct lede_arena scratch;
    bool failed;
};

bool lede_leaf_needs_spans(const struct lede_query_node *node)
{
    return lede_query_is_proximity(node->kind) ||
           (lede_query_is_text_leaf(node->kind) && node->lead) ||
           node->kind == LEDE_QUERY_WILDCARD || node->kind == LEDE_QUERY_FUZZY ||
           node->kind == LEDE_QUERY_CAPS;
}

struct lede_span_matcher *lede_span_matcher_new(struct lede_arena *arena, enum lede_field_id field)
{
    struct lede_span_matcher *matcher = lede_arena_calloc(arena, 1, sizeof(*matcher));
    if (matcher) {
        matcher->arena = arena;
        matcher->field = field;
    }
    return matcher;
}

void lede_span_matcher_done(struct lede_span_matcher *matcher)
{
    if (!matcher)
        return;
    for (struct word_positions *word = matcher->words; word; word = word->next)
        free(word->positions.items);
    free(matcher->tokens);
    free(matcher->sentences.items);
    free(matcher->paragraphs.items);
    lede_arena_done(&matcher->scratch);
    memset(matcher, 0, sizeof(*matcher));
}

static bool add_words(struct lede_span_matcher *matcher, const struct lede_query_node *node)
{
    bool is_here = node->fields & LEDE_FIELD_BIT(matcher->field);
    for (size_t i = 0; is_here && i < node->word_count; i++) {
        struct word_positions *word = lede_arena_calloc(matcher->arena, 1, sizeof(*word));
        if (!word)
            return false;
        *word = (struct word_positions){.next = matcher->words, .leaf = node, .word = i};
        matcher->words = word;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        if (!add_words(matcher, node->children[i]))
            return false;
    }
    return true;
}

bool lede_span_matcher_add(
    struct lede_span_matcher *matcher, const struct lede_query_node *node, size_t unit)
{
    struct span_node *added = lede_arena_calloc(matcher->arena, 1, sizeof(*added));
    if (!added)
        return false;
    *added = (struct span_node){.next = matcher->nodes, .node = node, .unit = unit};
    matcher->nodes = added;
    return add_words(matcher, node);
}

bool lede_span_matcher_needs_stems(const struct lede_span_matcher *matcher)
{
    if (!matcher)
        return false;
    for (const struct word_positions *word = matcher->words; word; word = word->next) {
        if (word->leaf->kind == LEDE_QUERY_WORD || word->leaf->kind == LEDE_QUERY_PHRASE)
            return true;
    }
    return false;
}

/* ---- Noting ---- */

static void append_position(
    struct lede_span_matcher *matcher, struct position_list *list, uint32_t position)
{
    if (!LEDE_ARRAY_RESERVE(list->items, list->capacity, list->count + 1)) {
        matcher->failed = true;
        return;
    }
    list->items[list->count++] = position;
}

void lede_span_matcher_begin(struct lede_span_matcher *matcher)
{
    for (struct word_positions *word = matcher->words; word; word = word->next)
        word->positions.count = 0;
    matcher->token_count = 0;
    matcher->sentences.count = 0;
    matcher->paragraphs.count = 0;
}

static void append_token(struct lede_span_matcher *matcher, struct token_range range)
{
    if (!LEDE_ARRAY_RESERVE(matcher->tokens, matcher->token_capacity, matcher->token_count + 1)) {
        matcher->failed = true;
        return;
    }
    matcher->tokens[matcher->token_count++] = range;
}

void lede_span_matcher_token(struct lede_span_matcher *matcher, const struct lede_token *token,
    uint32_t start, uint32_t end, uint32_t sentence)
{
    bool is_plain_bigram = (token->flags & LEDE_TOKEN_NGRAM) && token->size == token->word_size;
    append_token(matcher, (struct token_range){start, end, sentence, is_plain_bigram});
    if (token->position > 1 && (token->flags & LEDE_TOKEN_SENTENCE_START))
        append_position(matcher, &matcher->sentences, token->position);
    if (token->position > 1 && (token->flags & LEDE_TOKEN_PARAGRAPH_START))
        append_position(matcher, &matcher->paragraphs, token->position);
    for (struct word_positions *word = matcher->words; word; word = word->next) {
        if (lede_query_word_matches(word->leaf, word->word, token))
            append_position(matcher, &word->positions, token->position);
    }
}

/* ---- Evaluating ---- */

static bool positions_of_word(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions)
{
    struct lede_span_matcher *matcher = context;
    *ret_positions = (struct lede_positions){0};
    for (struct word_positions *known = matcher->words; known; known = known->next) {
        if (known->leaf == leaf && known->word == word)
            *ret_positions =
                (struct lede_positions){known->positions.items, known->positions.count};
    }
    return true;
}

struct mark_visitor {
    struct lede_span_matcher *matcher;
    size_t unit;
    void (*visit)(void *context, const struct lede_span_mark *mark);
    void *context;
};

/* Of a bigram only the characters that a prefix names are marked: the second belongs to the next
 * word as well. */
static void visit_mark(void *context, const struct lede_query_node *leaf, struct lede_span span)
{
    struct mark_visitor *visitor = context;
    const struct lede_span_matcher *matcher = visitor->matcher;
    const struct token_range *first = &matcher->tokens[span.first - 1];
    const struct token_range *last = &matcher->tokens[span.last - 1];
    struct lede_span_mark mark = {visitor->unit, first->start, last->end, first->sentence};
    size_t prefix = leaf->kind == LEDE_QUERY_PREFIX ? leaf->words[0].word_size : SIZE_MAX;
    if (last->is_plain_bigram && prefix < last->end - last->start)
        mark.end = last->start + (uint32_t)prefix;
    visitor->visit(visitor->context, &mark);
}

enum lede_status lede_span_matcher_end(struct lede_span_matcher *matcher, uint32_t *counts,
    void (*visit)(void *context, const struct lede_span_mark *mark), void *context)
{
    struct lede_span_text text = {.field = matcher->field,
        .sentences = {matcher->sentences.items, matcher->sentences.count},
        .paragraphs = {matcher->paragraphs.items, matcher->paragraphs.count},
        .positions = positions_of_word,
        .context = matcher};
    if (matcher->failed)
        return LEDE_ENOMEM;
    for (struct span_node *node = matcher->nodes; node; node = node->next) {
        size_t count = 0;
        struct mark_visitor visitor = {matcher, node->unit, visit, context};
        lede_arena_reset(&matcher->scratch);
        enum lede_status st = lede_spans_count(node->node, &text, &matcher->scratch, &count);
        if (st == LEDE_OK && visit && count > 0)
            st =
                lede_spans_visit_leaves(node->node, &text, &matcher->scratch, visit_mark, &visitor);
        if (st != LEDE_OK)
            return st;
        counts[node->unit] += (uint32_t)count;
    }
    return LEDE_OK;
}
