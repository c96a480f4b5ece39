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
    tokens->items = lede_arena_calloc(&tokens->arena, size + 1, sizeof(struct lede_token));
    assert_non_null(tokens->items);
    struct lede_tokens walk;
    struct lede_token token;
    lede_tokens_init(&walk, support_analyzer(), LEDE_TOKENS_DOCUMENT, language, text, size);
    while (lede_tokens_next(&walk, &token)) {
        assert_true(tokens->count < size);
        token.term = lede_arena_copy(&tokens->arena, token.term, token.term_size);
        token.word = lede_arena_copy(&tokens->arena, token.word, token.word_size);
        tokens->items[tokens->count++] = token;
    }
}

static bool is_leaf(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_EXACT ||
           node->kind == LEDE_QUERY_PREFIX || node->kind == LEDE_QUERY_PHRASE;
}

/* Is the leaf satisfied by the tokens from `first` on? */
static bool leaf_at(const struct lede_query_node *leaf, const struct tokens *tokens, size_t first)
{
    if (first + leaf->word_count > tokens->count)
        return false;
    for (size_t i = 0; i < leaf->word_count; i++) {
        const struct lede_token *token = &tokens->items[first + i];
        if (token->position != tokens->items[first].position + i ||
            !lede_query_word_matches(leaf, i, token))
            return false;
    }
    return true;
}

static struct lede_mark mark_at(
    const struct lede_query_node *leaf, const struct tokens *tokens, size_t first)
{
    const struct lede_token *begin = &tokens->items[first];
    const struct lede_token *last = &tokens->items[first + leaf->word_count - 1];
    size_t end = last->start + last->size;
    if (leaf->kind == LEDE_QUERY_PREFIX && (last->flags & LEDE_TOKEN_NGRAM) &&
        last->size == last->word_size)
        end = last->start + leaf->words[0].word_size;
    return (struct lede_mark){begin->start, end - begin->start};
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
    for (size_t i = 0; i < tokens->count; i++) {
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
        for (size_t i = 0; i < tokens.count && !found; i++)
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
