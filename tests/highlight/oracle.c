/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See oracle.h. */
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

/* The tokens of one text, kept. */
struct tokens {
    struct lede_arena arena;
    struct lede_token *items;
    size_t count;
};

static void tokens_read(
    struct tokens *tokens, lede_language language, const char *text, size_t size)
{
    memset(tokens, 0, sizeof(*tokens));
    tokens->items = lede_arena_calloc(
        &tokens->arena, LEDE_ADDED_WORDS_MAX * size + 1, sizeof(struct lede_token));
    assert_non_null(tokens->items);
    struct lede_tokens walk;
    struct lede_token token;
    lede_tokens_init(&walk, support_analyzer(), LEDE_TOKENS_DOCUMENT, language, text, size);
    while (lede_tokens_next(&walk, &token)) {
        assert_true(tokens->count < LEDE_ADDED_WORDS_MAX * size);
        token.term = lede_arena_copy(&tokens->arena, token.term, token.term_size);
        token.word = lede_arena_copy(&tokens->arena, token.word, token.word_size);
        token.written = lede_arena_copy(&tokens->arena, token.written, token.written_size);
        tokens->items[tokens->count++] = token;
    }
}

static bool is_leaf(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_EXACT ||
           node->kind == LEDE_QUERY_PREFIX || node->kind == LEDE_QUERY_PHRASE;
}

/* The farthest byte of tokens at a position that satisfy a word of the leaf; SIZE_MAX: none. */
static size_t reach(const struct lede_query_node *leaf, size_t index, const struct tokens *tokens,
    uint32_t position, bool to_left)
{
    size_t farthest = SIZE_MAX;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct lede_token *token = &tokens->items[i];
        if (token->position != position || !lede_query_word_matches(leaf, index, token))
            continue;
        size_t end = token->start + token->size;
        if (leaf->kind == LEDE_QUERY_PREFIX && (token->flags & LEDE_TOKEN_NGRAM) &&
            token->size == token->word_size)
            end = token->start + leaf->words[0].word_size;
        size_t at = to_left ? token->start : end;
        if (farthest == SIZE_MAX || (to_left ? at < farthest : at > farthest))
            farthest = at;
    }
    return farthest;
}

/* Is the leaf satisfied from a position on? */
static bool leaf_at(
    const struct lede_query_node *leaf, const struct tokens *tokens, uint32_t position)
{
    for (size_t i = 0; i < leaf->word_count; i++) {
        if (reach(leaf, i, tokens, position + (uint32_t)i, true) == SIZE_MAX)
            return false;
    }
    return true;
}

static struct lede_mark mark_at(
    const struct lede_query_node *leaf, const struct tokens *tokens, uint32_t position)
{
    size_t last = leaf->word_count - 1;
    size_t start = reach(leaf, 0, tokens, position, true);
    return (struct lede_mark){
        start, reach(leaf, last, tokens, position + (uint32_t)last, false) - start};
}

static uint32_t last_position(const struct tokens *tokens)
{
    return tokens->count > 0 ? tokens->items[tokens->count - 1].position : 0;
}

static void collect(const struct lede_query_node *node, enum lede_field_id field,
    const struct tokens *tokens, struct oracle_marks *marks)
{
    if (node->kind == LEDE_QUERY_NOT)
        return;
    for (size_t i = 0; i < node->child_count; i++)
        collect(node->children[i], field, tokens, marks);
    if (!is_leaf(node) || !(node->fields & LEDE_FIELD_BIT(field)))
        return;
    for (uint32_t i = 1; i <= last_position(tokens); i++) {
        if (!leaf_at(node, tokens, i))
            continue;
        marks->marks = realloc(marks->marks, (marks->count + 1) * sizeof(*marks->marks));
        assert_non_null(marks->marks);
        marks->marks[marks->count++] = mark_at(node, tokens, i);
    }
}

static int by_start(const void *left, const void *right)
{
    const struct lede_mark *a = left;
    const struct lede_mark *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

static void unite(struct oracle_marks *marks)
{
    size_t kept = 0;
    if (marks->count > 1)
        qsort(marks->marks, marks->count, sizeof(*marks->marks), by_start);
    for (size_t i = 0; i < marks->count; i++) {
        struct lede_mark *top = kept > 0 ? &marks->marks[kept - 1] : NULL;
        struct lede_mark mark = marks->marks[i];
        if (!top || mark.start >= top->start + top->size)
            marks->marks[kept++] = mark;
        else if (mark.start + mark.size > top->start + top->size)
            top->size = mark.start + mark.size - top->start;
    }
    marks->count = kept;
}

void oracle_marks(const struct lede_query *query, enum lede_field_id field, lede_language language,
    const char *text, size_t size, struct oracle_marks *ret_marks)
{
    struct tokens tokens;
    tokens_read(&tokens, language, text, size);
    memset(ret_marks, 0, sizeof(*ret_marks));
    collect(lede_query_root(query), field, &tokens, ret_marks);
    unite(ret_marks);
    lede_arena_done(&tokens.arena);
}

static bool leaf_matches(
    const struct lede_query_node *leaf, const struct lede_match_subject *subject)
{
    bool found = false;
    for (int field = 0; field < LEDE_FIELD_COUNT && !found; field++) {
        const struct lede_field_text *text = &subject->texts[field];
        if (!(leaf->fields & LEDE_FIELD_BIT(field)) || !text->text)
            continue;
        struct tokens tokens;
        tokens_read(&tokens, subject->language, text->text, text->size);
        for (uint32_t i = 1; i <= last_position(&tokens) && !found; i++)
            found = leaf_at(leaf, &tokens, i);
        lede_arena_done(&tokens.arena);
    }
    return found;
}

static bool node_matches(
    const struct lede_query_node *node, const struct lede_match_subject *subject)
{
    if (is_leaf(node))
        return leaf_matches(node, subject);
    switch (node->kind) {
    case LEDE_QUERY_NOT:
        return !node_matches(node->children[0], subject);
    case LEDE_QUERY_MAYBE:
        return node_matches(node->children[0], subject);
    case LEDE_QUERY_AND:
        for (size_t i = 0; i < node->child_count; i++)
            if (!node_matches(node->children[i], subject))
                return false;
        return true;
    case LEDE_QUERY_OR:
        for (size_t i = 0; i < node->child_count; i++)
            if (node_matches(node->children[i], subject))
                return true;
        return false;
    default:
        assert_int_equal(node->kind, LEDE_QUERY_ALL);
        return true;
    }
}

bool oracle_matches(const struct lede_query *query, const struct lede_match_subject *subject)
{
    return node_matches(lede_query_root(query), subject);
}
