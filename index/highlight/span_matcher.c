/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each word of each leaf has a list of the positions that satisfy it. */
#include "span_matcher.h"

#include "lede/spans.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_PER_CLOCK_CHECK 1024 /* some tenths of a millisecond, of fuzzy words */

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

struct lede_span_matcher {
    struct lede_arena *arena;
    enum lede_field_id field;
    struct word_positions *words;
    struct span_node *nodes;
    const struct lede_words *text; /* that is looked at */
    bool *met;                     /* malloc(), by its words: whether they satisfy one of ours */
    size_t met_capacity;
    struct lede_arena scratch;
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
    free(matcher->met);
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

/* ---- Finding ---- */

/* The positions of one word of ours: each word of the text is asked once, then its tokens are
 * taken. */
static enum lede_status find_positions(
    struct lede_span_matcher *matcher, struct word_positions *ours, uint64_t deadline_ns)
{
    const struct lede_words *text = matcher->text;
    size_t at = 0;
    bool is_there = false;
    ours->positions.count = 0;
    for (uint32_t i = 0; i < text->word_count; i++) {
        struct lede_token word = lede_words_at(text, i);
        if (i % WORDS_PER_CLOCK_CHECK == 0 && lede_time_has_passed(deadline_ns))
            return LEDE_ETIMEOUT;
        matcher->met[i] = lede_query_word_matches(ours->leaf, ours->word, &word);
        is_there = is_there || matcher->met[i];
    }
    for (uint32_t i = 0; is_there && i < text->token_count; i++) {
        struct lede_word_token token = lede_words_token(text, i);
        if (!matcher->met[token.word])
            continue;
        if (at > 0 && ours->positions.items[at - 1] == token.position)
            continue;
        if (!LEDE_ARRAY_RESERVE(ours->positions.items, ours->positions.capacity, at + 1))
            return LEDE_ENOMEM;
        ours->positions.items[at++] = token.position;
    }
    ours->positions.count = at;
    return LEDE_OK;
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

/* Of the tokens at a position that satisfy a word of the leaf the one that reaches farthest. */
static uint32_t token_at(const struct lede_words *text, const struct lede_query_node *leaf,
    size_t index, uint32_t position)
{
    uint32_t first = lede_words_token_of(text, position), found = UINT32_MAX;
    struct lede_word_token farthest = {0};
    for (uint32_t i = first; i < text->token_count; i++) {
        struct lede_word_token at = lede_words_token(text, i);
        if (at.position != position)
            break;
        struct lede_token word = lede_words_at(text, at.word);
        if (!lede_query_word_matches(leaf, index, &word))
            continue;
        if (found != UINT32_MAX &&
            (index == 0 ? at.start >= farthest.start : at.end <= farthest.end))
            continue;
        farthest = at;
        found = i;
    }
    return found == UINT32_MAX ? first : found;
}

/* Of a bigram only the characters that a prefix names are marked: the second belongs to the next
 * word as well. */
static void visit_mark(void *context, const struct lede_query_node *leaf, struct lede_span span)
{
    struct mark_visitor *visitor = context;
    const struct lede_words *text = visitor->matcher->text;
    struct lede_word_token last =
        lede_words_token(text, token_at(text, leaf, leaf->word_count - 1, span.last));
    struct lede_span_mark mark = {visitor->unit, token_at(text, leaf, 0, span.first), last.end};
    struct lede_token word = lede_words_at(text, last.word);
    uint32_t size = last.end - last.start;
    size_t prefix = leaf->kind == LEDE_QUERY_PREFIX ? leaf->words[0].word_size : SIZE_MAX;
    bool is_plain_bigram = (word.flags & LEDE_TOKEN_NGRAM) && size == word.word_size;
    if (is_plain_bigram && prefix < size)
        mark.end = last.start + (uint32_t)prefix;
    visitor->visit(visitor->context, &mark);
}

/* Without the one that the text begins with. */
static struct lede_positions inner_positions(const uint32_t *positions, uint32_t count)
{
    uint32_t skipped = count > 0 && positions[0] == 1;
    return (struct lede_positions){positions + skipped, count - skipped};
}

enum lede_status lede_span_matcher_look(struct lede_span_matcher *matcher,
    const struct lede_words *words, uint64_t deadline_monotonic_ns, uint32_t *counts,
    void (*visit)(void *context, const struct lede_span_mark *mark), void *context)
{
    struct lede_span_text text = {.field = matcher->field,
        .sentences = inner_positions(words->sentences, words->sentence_count),
        .paragraphs = inner_positions(words->paragraphs, words->paragraph_count),
        .positions = positions_of_word,
        .context = matcher};
    enum lede_status st = LEDE_OK;
    matcher->text = words;
    if (!LEDE_ARRAY_RESERVE(matcher->met, matcher->met_capacity, words->word_count))
        return LEDE_ENOMEM;
    for (struct word_positions *ours = matcher->words; st == LEDE_OK && ours; ours = ours->next)
        st = find_positions(matcher, ours, deadline_monotonic_ns);
    for (struct span_node *node = matcher->nodes; st == LEDE_OK && node; node = node->next) {
        size_t count = 0;
        struct mark_visitor visitor = {matcher, node->unit, visit, context};
        lede_arena_reset(&matcher->scratch);
        st = lede_spans_count(node->node, &text, &matcher->scratch, &count);
        if (st == LEDE_OK && visit && count > 0)
            st =
                lede_spans_visit_leaves(node->node, &text, &matcher->scratch, visit_mark, &visitor);
        if (st == LEDE_OK)
            counts[node->unit] += (uint32_t)count;
    }
    return st;
}
