/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each word of each leaf has a list of the positions that satisfy it; each position knows its
 * bytes. */
#include "places.h"

#include "lede/spans.h"

#include <stdlib.h>
#include <string.h>

struct numbers {
    uint32_t *items; /* malloc() */
    size_t count;
    size_t capacity;
};

struct placed_word {
    struct placed_word *next;
    const struct lede_query_node *leaf;
    size_t word;
    struct numbers positions;
};

struct placed_node {
    struct placed_node *next;
    const struct lede_query_node *node;
    size_t unit;
};

/* Bytes of a token, by position. */
struct place {
    uint32_t start;
    uint32_t end;
    uint32_t sentence;
    bool is_plain_bigram; /* its bytes are the bytes of its word */
};

struct lede_places {
    struct lede_arena *arena;
    enum lede_field_id field;
    struct placed_word *words;
    struct placed_node *nodes;
    struct place *places; /* malloc(); [position - 1] */
    size_t place_count;
    size_t place_capacity;
    struct numbers sentences;
    struct numbers paragraphs;
    struct lede_arena scratch;
    bool failed;
};

bool lede_places_takes(const struct lede_query_node *node)
{
    return lede_query_is_proximity(node->kind) ||
           (lede_query_is_text_leaf(node->kind) && node->lead) ||
           node->kind == LEDE_QUERY_WILDCARD || node->kind == LEDE_QUERY_FUZZY ||
           node->kind == LEDE_QUERY_CAPS;
}

struct lede_places *lede_places_new(struct lede_arena *arena, enum lede_field_id field)
{
    struct lede_places *places = lede_arena_calloc(arena, 1, sizeof(*places));
    if (places) {
        places->arena = arena;
        places->field = field;
    }
    return places;
}

void lede_places_done(struct lede_places *places)
{
    if (!places)
        return;
    for (struct placed_word *word = places->words; word; word = word->next)
        free(word->positions.items);
    free(places->places);
    free(places->sentences.items);
    free(places->paragraphs.items);
    lede_arena_done(&places->scratch);
    memset(places, 0, sizeof(*places));
}

static bool add_words(struct lede_places *places, const struct lede_query_node *node)
{
    bool is_here = node->fields & LEDE_FIELD_BIT(places->field);
    for (size_t i = 0; is_here && i < node->word_count; i++) {
        struct placed_word *word = lede_arena_calloc(places->arena, 1, sizeof(*word));
        if (!word)
            return false;
        *word = (struct placed_word){.next = places->words, .leaf = node, .word = i};
        places->words = word;
    }
    for (size_t i = 0; i < node->child_count; i++) {
        if (!add_words(places, node->children[i]))
            return false;
    }
    return true;
}

bool lede_places_add(struct lede_places *places, const struct lede_query_node *node, size_t unit)
{
    struct placed_node *placed = lede_arena_calloc(places->arena, 1, sizeof(*placed));
    if (!placed)
        return false;
    *placed = (struct placed_node){.next = places->nodes, .node = node, .unit = unit};
    places->nodes = placed;
    return add_words(places, node);
}

bool lede_places_ask_stems(const struct lede_places *places)
{
    if (!places)
        return false;
    for (const struct placed_word *word = places->words; word; word = word->next) {
        if (word->leaf->kind == LEDE_QUERY_WORD || word->leaf->kind == LEDE_QUERY_PHRASE)
            return true;
    }
    return false;
}

/* ---- Noting ---- */

static void put(struct lede_places *places, struct numbers *numbers, uint32_t number)
{
    if (!LEDE_ARRAY_RESERVE(numbers->items, numbers->capacity, numbers->count + 1)) {
        places->failed = true;
        return;
    }
    numbers->items[numbers->count++] = number;
}

void lede_places_begin(struct lede_places *places)
{
    for (struct placed_word *word = places->words; word; word = word->next)
        word->positions.count = 0;
    places->place_count = 0;
    places->sentences.count = 0;
    places->paragraphs.count = 0;
}

static void put_place(struct lede_places *places, struct place place)
{
    if (!LEDE_ARRAY_RESERVE(places->places, places->place_capacity, places->place_count + 1)) {
        places->failed = true;
        return;
    }
    places->places[places->place_count++] = place;
}

void lede_places_note(struct lede_places *places, const struct lede_token *token, uint32_t start,
    uint32_t end, uint32_t sentence)
{
    bool is_plain_bigram = (token->flags & LEDE_TOKEN_NGRAM) && token->size == token->word_size;
    put_place(places, (struct place){start, end, sentence, is_plain_bigram});
    if (token->position > 1 && (token->flags & LEDE_TOKEN_SENTENCE_START))
        put(places, &places->sentences, token->position);
    if (token->position > 1 && (token->flags & LEDE_TOKEN_PARAGRAPH_START))
        put(places, &places->paragraphs, token->position);
    for (struct placed_word *word = places->words; word; word = word->next) {
        if (lede_query_word_matches(word->leaf, word->word, token))
            put(places, &word->positions, token->position);
    }
}

/* ---- Evaluating ---- */

static bool give_positions(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions)
{
    struct lede_places *places = context;
    *ret_positions = (struct lede_positions){0};
    for (struct placed_word *placed = places->words; placed; placed = placed->next) {
        if (placed->leaf == leaf && placed->word == word)
            *ret_positions =
                (struct lede_positions){placed->positions.items, placed->positions.count};
    }
    return true;
}

struct showing {
    struct lede_places *places;
    size_t unit;
    void (*visit)(void *context, const struct lede_place_mark *mark);
    void *context;
};

/* Of a bigram only the characters that a prefix names are marked: the second belongs to the next
 * word as well. */
static void show(void *context, const struct lede_query_node *leaf, struct lede_span span)
{
    struct showing *showing = context;
    const struct lede_places *places = showing->places;
    const struct place *first = &places->places[span.first - 1];
    const struct place *last = &places->places[span.last - 1];
    struct lede_place_mark mark = {showing->unit, first->start, last->end, first->sentence};
    size_t prefix = leaf->kind == LEDE_QUERY_PREFIX ? leaf->words[0].word_size : SIZE_MAX;
    if (last->is_plain_bigram && prefix < last->end - last->start)
        mark.end = last->start + (uint32_t)prefix;
    showing->visit(showing->context, &mark);
}

enum lede_status lede_places_end(struct lede_places *places, uint32_t *counts,
    void (*visit)(void *context, const struct lede_place_mark *mark), void *context)
{
    struct lede_span_text text = {.field = places->field,
        .sentences = {places->sentences.items, places->sentences.count},
        .paragraphs = {places->paragraphs.items, places->paragraphs.count},
        .positions = give_positions,
        .context = places};
    if (places->failed)
        return LEDE_ENOMEM;
    for (struct placed_node *placed = places->nodes; placed; placed = placed->next) {
        size_t count = 0;
        struct showing showing = {places, placed->unit, visit, context};
        lede_arena_reset(&places->scratch);
        enum lede_status st = lede_spans_count(placed->node, &text, &places->scratch, &count);
        if (st == LEDE_OK && visit && count > 0)
            st = lede_spans_visit_leaves(placed->node, &text, &places->scratch, show, &showing);
        if (st != LEDE_OK)
            return st;
        counts[placed->unit] += (uint32_t)count;
    }
    return LEDE_OK;
}
