/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to leaves.
 *
 * The analyzer decides what a word is: one token is a WORD, several (COVID-19, an address, a run of
 * bigrams) are a PHRASE, since that is how documents hold them. */
#include "leaf.h"

#include "lede/encoding.h"
#include "tree.h"
#include "written.h"

#include <stdlib.h>
#include <string.h>

struct stems {
    const char **items;
    size_t count;
    size_t capacity;
};

static bool has_stem(const struct stems *stems, const char *text)
{
    for (size_t i = 0; i < stems->count; i++) {
        if (strcmp(stems->items[i], text) == 0)
            return true;
    }
    return false;
}

static int compare_stems(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Add the terms of a spelling in each language that are not there yet. */
static enum lede_status add_stems(struct query_context *context, const char *spelling,
    size_t spelling_size, lede_language_set languages, struct stems *stems)
{
    languages |= LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (size_t i = 0; i < lede_language_count(); i++) {
        char term[LEDE_TERM_SIZE_MAX + 1];
        if (!(languages & LEDE_LANGUAGE_BIT(i)))
            continue;
        size_t size = lede_stem(context->analyzer, (lede_language)i, spelling, spelling_size, term);
        term[size] = '\0';
        if (has_stem(stems, term))
            continue;
        char *copy = lede_arena_copy(context->arena, term, size);
        if (!copy ||
            !LEDE_ARENA_RESERVE(context->arena, stems->items, stems->capacity, stems->count + 1))
            return LEDE_ENOMEM;
        stems->items[stems->count++] = copy;
    }
    return LEDE_OK;
}

static enum lede_status add_word(struct query_context *context, const struct query_word *word,
    lede_language_set languages, struct stems *stems)
{
    if (languages == 0)
        languages = context->options->languages;
    enum lede_status st = add_stems(context, word->word, word->word_size, languages, stems);
    if (st == LEDE_OK && word->spelling)
        st = add_stems(context, word->spelling, word->spelling_size, languages, stems);
    return st;
}

/* A word with its terms, which were gathered. */
static void give_stems(
    const struct query_word *word, const struct stems *stems, struct lede_query_word *ret_word)
{
    qsort(stems->items, stems->count, sizeof(*stems->items), compare_stems);
    *ret_word = (struct lede_query_word){.word = word->word,
        .word_size = word->word_size,
        .written = word->accented ? word->accented : word->word,
        .written_size = word->accented ? word->accented_size : word->word_size,
        .stems = stems->items,
        .stem_count = stems->count};
}

/* ---- Leaves ---- */

static enum lede_status count_into(
    struct query_context *context, const struct query_token *token, size_t *counter, size_t count)
{
    *counter += count;
    if (*counter <= LEDE_QUERY_CLAUSES_MAX)
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(context, LEDE_ELIMIT, token->start,
        counter == &context->clauses ? "more than %d words" : "more than %d words in spellings",
        LEDE_QUERY_CLAUSES_MAX);
    lede_error_hint(context->reterr, "shorten the query; each word of a phrase counts");
    return st;
}

static enum lede_status count_clauses(
    struct query_context *context, const struct query_token *token, size_t count)
{
    return context->is_counted ? LEDE_OK : count_into(context, token, &context->clauses, count);
}

enum lede_status lede_query_count_spelling(struct query_context *context,
    const struct query_token *token, const struct query_words *words, bool is_first)
{
    size_t *counter = is_first ? &context->clauses : &context->spellings;
    return count_into(context, token, counter, words->count);
}

enum lede_status lede_query_leaf_new(struct query_context *context, enum lede_query_kind kind,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    enum lede_status st = count_clauses(context, token, 1);
    if (st != LEDE_OK)
        return st;
    struct lede_query_node *node = lede_arena_calloc(context->arena, 1, sizeof(*node));
    if (!node)
        return LEDE_ENOMEM;
    node->kind = kind;
    node->weight = 1;
    node->start = token->start;
    node->size = token->size;
    if (kind != LEDE_QUERY_ALL) {
        node->fields = context->fields;
        node->field_named = context->field_named;
        /* A headline is lead as a whole. */
        node->lead = context->lead && (context->fields & LEDE_FIELD_BIT(LEDE_FIELD_BODY));
    }
    *ret_node = node;
    return LEDE_OK;
}

static enum lede_status fill_words(
    struct query_context *context, struct lede_query_node *node, const struct query_words *words)
{
    struct lede_query_word *list = lede_arena_calloc(context->arena, words->count, sizeof(*list));
    if (!list)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < words->count; i++) {
        struct stems stems = {0};
        enum lede_status st = add_word(context, &words->items[i], words->languages, &stems);
        if (st != LEDE_OK)
            return st;
        give_stems(&words->items[i], &stems, &list[i]);
    }
    node->words = list;
    node->word_count = words->count;
    return LEDE_OK;
}

enum lede_status lede_query_leaf_of_spellings(struct query_context *context,
    const struct query_token *token, const struct query_words *spellings, size_t count,
    struct lede_query_node **ret_node)
{
    struct stems stems = {0};
    struct lede_query_node *node = NULL;
    enum lede_status st = lede_query_leaf_new(context, LEDE_QUERY_WORD, token, &node);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        st = add_word(context, &spellings[i].items[0], spellings[i].languages, &stems);
    struct lede_query_word *word =
        st == LEDE_OK ? lede_arena_calloc(context->arena, 1, sizeof(*word)) : NULL;
    if (!word)
        return st == LEDE_OK ? LEDE_ENOMEM : st;
    give_stems(&spellings[0].items[0], &stems, word);
    node->words = word;
    node->word_count = 1;
    *ret_node = node;
    return LEDE_OK;
}

enum lede_query_kind lede_query_kind_of(const struct query_words *words)
{
    if (words->count > 1)
        return LEDE_QUERY_PHRASE;
    return words->lone_character ? LEDE_QUERY_PREFIX : LEDE_QUERY_WORD;
}

enum lede_status lede_query_fail_several(struct query_context *context,
    const struct query_token *token, const struct query_words *words, const char *taker)
{
    const char *text = context->text + token->start;
    size_t size = token->size < 80 ? token->size : lede_utf8_boundary(text, token->size, 80);
    enum lede_status st;
    if (words->count == 0)
        st = lede_query_fail_at(
            context, LEDE_EINPUT, token->start, "expected a word with %s", taker);
    else
        st = lede_query_fail_at(context, LEDE_EINPUT, token->start,
            "%s takes one word, '%.*s' is searched as %zu", taker, (int)size, text, words->count);
    lede_error_hint(
        context->reterr, "leave out %s, or put the text in quotes: =\"exact words\"", taker);
    if (context->caps)
        return lede_query_or_words(context, context->caps_start, context->caps_size);
    bool is_exact = *text == '=';
    return is_exact ? st : lede_query_or_words(context, token->start, token->size);
}

enum lede_status lede_query_leaf_of_kind(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node)
{
    struct lede_query_node *node = NULL;
    bool caps = context->caps && kind != LEDE_QUERY_EXACT;
    if (words->count > LEDE_QUERY_PHRASE_WORDS_MAX) {
        enum lede_status limit = lede_query_fail_at(context, LEDE_ELIMIT, token->start,
            "more than %d words in a phrase", LEDE_QUERY_PHRASE_WORDS_MAX);
        lede_error_hint(context->reterr, "shorten the phrase, or leave out its quotes");
        return limit;
    }
    if (caps && kind != LEDE_QUERY_WORD)
        return lede_query_fail_several(context, token, words, "CAPS");
    enum lede_status st = lede_query_leaf_new(context, caps ? LEDE_QUERY_CAPS : kind, token, &node);
    if (st == LEDE_OK)
        st = count_clauses(context, token, words->count - 1);
    if (st == LEDE_OK)
        st = fill_words(context, node, words);
    if (st == LEDE_OK)
        st = lede_query_write_leaf(context, token, words, kind, &node->written);
    if (st == LEDE_OK)
        *ret_node = node;
    return st;
}

enum lede_status lede_query_close(
    struct query_context *context, const struct query_words *words, struct query_words *ret_closed)
{
    struct query_words closed = {0};
    bool is_possible = false;
    enum lede_status st = LEDE_OK;
    *ret_closed = (struct query_words){0};
    if (words->count > 1)
        st = lede_query_close_compounds(context, words, &closed);
    if (st == LEDE_OK && closed.count > 0 &&
        context->clauses + words->count + closed.count <= LEDE_QUERY_CLAUSES_MAX)
        st = lede_query_read_back(context, words, &closed, &is_possible);
    if (st == LEDE_OK && is_possible)
        *ret_closed = closed;
    return st;
}
