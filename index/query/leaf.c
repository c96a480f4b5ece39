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

struct stem {
    const char *text;
    size_t size;
};

static bool has_stem(const struct stem *stems, size_t count, const char *text, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (stems[i].size == size && memcmp(stems[i].text, text, size) == 0)
            return true;
    }
    return false;
}

static int compare_stems(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Add the terms of a spelling in each language of the archive that are not there yet. */
static enum lede_status add_stems(struct query_context *context, const char *spelling,
    size_t spelling_size, struct stem stems[], size_t *count)
{
    lede_language_set languages =
        context->options->languages | LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (size_t i = 0; i < lede_language_count(); i++) {
        char term[LEDE_TERM_SIZE_MAX + 1];
        if (!(languages & LEDE_LANGUAGE_BIT(i)))
            continue;
        size_t size = lede_stem(context->analyzer, (lede_language)i, spelling, spelling_size, term);
        if (has_stem(stems, *count, term, size))
            continue;
        stems[*count] = (struct stem){lede_arena_copy(context->arena, term, size), size};
        if (!stems[(*count)++].text)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

/* The word's terms, once each. */
static enum lede_status find_stems(
    struct query_context *context, const struct query_word *word, struct lede_query_word *ret_word)
{
    struct stem stems[2 * LEDE_LANGUAGE_COUNT_MAX];
    size_t count = 0;
    enum lede_status st = add_stems(context, word->word, word->word_size, stems, &count);
    if (st == LEDE_OK && word->spelling)
        st = add_stems(context, word->spelling, word->spelling_size, stems, &count);
    const char **list =
        st == LEDE_OK ? lede_arena_calloc(context->arena, count, sizeof(*list)) : NULL;
    if (!list)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < count; i++)
        list[i] = stems[i].text;
    qsort(list, count, sizeof(*list), compare_stems);
    *ret_word = (struct lede_query_word){
        .word = word->word, .word_size = word->word_size, .stems = list, .stem_count = count};
    return LEDE_OK;
}

/* ---- Leaves ---- */

static enum lede_status count_clauses(
    struct query_context *context, const struct query_token *token, size_t count)
{
    context->clauses += count;
    if (context->clauses <= LEDE_QUERY_CLAUSES_MAX)
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(
        context, LEDE_ELIMIT, token->start, "more than %d words", LEDE_QUERY_CLAUSES_MAX);
    lede_error_hint(context->reterr, "shorten the query; each word of a phrase counts");
    return st;
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
        enum lede_status st = find_stems(context, &words->items[i], &list[i]);
        if (st != LEDE_OK)
            return st;
    }
    node->words = list;
    node->word_count = words->count;
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

static enum lede_status leaf_of_words(struct query_context *context,
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

/* A compound that is also written closed stands for either form: e-mail for "e mail" OR email. */
enum lede_status lede_query_leaf_of_words(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node)
{
    struct query_words closed = {0};
    struct query_nodes forms = {0};
    bool is_possible = false;
    enum lede_status st = LEDE_OK;
    if (kind == LEDE_QUERY_PHRASE)
        st = lede_query_close_compounds(context, words, &closed);
    if (st == LEDE_OK && closed.count > 0 &&
        context->clauses + words->count + closed.count <= LEDE_QUERY_CLAUSES_MAX)
        st = lede_query_read_back(context, words, &closed, &is_possible);
    if (st != LEDE_OK || !is_possible)
        return st == LEDE_OK ? leaf_of_words(context, token, words, kind, ret_node) : st;
    struct lede_query_node *apart = NULL, *joined = NULL;
    st = leaf_of_words(context, token, words, kind, &apart);
    if (st == LEDE_OK)
        st = leaf_of_words(context, token, &closed, lede_query_kind_of(&closed), &joined);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(context->arena, &forms, apart);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(context->arena, &forms, joined);
    return st == LEDE_OK ? lede_query_make_or(context->arena, &forms, ret_node) : st;
}
