/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run without white space: a word, a pattern, a word spelt nearly so. */
#include "lede/encoding.h"
#include "operands.h"
#include "pattern.h"
#include "tree.h"

#include <string.h>

/* No wildcard but stars at the end: such a pattern goes for unspaced scripts too. */
static bool is_prefix(const char *run, size_t size)
{
    size_t stem = size;
    while (stem > 0 && run[stem - 1] == '*')
        stem--;
    for (size_t i = 0; i < stem; i++) {
        if (lede_query_is_wildcard(run, size, i))
            return false;
    }
    return stem > 0 && stem < size;
}

/* `econom!`, of a word in small letters: in capitals, or of one, it is a name with its mark
 * (Yahoo!), or a word that is cried. */
static bool is_truncated(const char *run, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++) {
        if (!(run[i] >= 'a' && run[i] <= 'z') && (unsigned char)run[i] < 0x80)
            return false;
    }
    return size > 0 && run[size - 1] == '!' && lede_utf8_count(run, size) > 3;
}

/* A leaf of words i..end-1 of the run. */
static enum lede_status add_piece(struct query_context *context, const struct query_token *token,
    const struct query_words *words, size_t i, size_t end, struct query_nodes *nodes)
{
    struct query_token piece = {.kind = QUERY_TOKEN_TEXT};
    struct query_words found = {0};
    struct lede_query_node *leaf = NULL;
    piece.start = token->start + words->items[i].start;
    piece.size = words->items[end - 1].start + words->items[end - 1].size - words->items[i].start;
    enum lede_status st = lede_query_analyze(
        context, context->text + piece.start, piece.size, LEDE_QUERY_CLAUSES_MAX, &found);
    if (st != LEDE_OK || found.count == 0)
        return st;
    st = lede_query_leaf_of_words(context, &piece, &found, lede_query_kind_of(&found), &leaf);
    return st == LEDE_OK ? lede_query_nodes_add(context->arena, nodes, leaf) : st;
}

/* A letter of an unspaced script that is no bigram says little beside other words. */
static bool is_lone(const struct query_word *word)
{
    return (word->flags & LEDE_TOKEN_NGRAM) && lede_utf8_count(word->word, word->word_size) == 1;
}

/* Behind the last bigram of the stretch of letters that begins at word i. */
static size_t stretch_end(const struct query_words *words, size_t i)
{
    size_t end = i + 1;
    while (end < words->count && words->items[end].overlaps && !is_lone(&words->items[end]))
        end++;
    return end;
}

#define WINDOW 3 /* bigrams, of which one must stand */

/* With match=all: of a stretch of more than six letters one of each three neighbouring bigrams.
 * Where two words of the stretch stand apart in a text, the bigram over their border is not there,
 * and beside a word of one letter two are not; a word that is not there breaks three. */
static enum lede_status add_stretch(struct query_context *context, const struct query_token *token,
    const struct query_words *words, size_t i, size_t end, struct query_nodes *nodes)
{
    enum lede_status st = LEDE_OK;
    if (end - i <= QUERY_RUN_WORDS_MAX)
        return add_piece(context, token, words, i, end, nodes);
    for (; i + WINDOW <= end && st == LEDE_OK; i++) {
        struct query_nodes window = {0};
        struct lede_query_node *either = NULL;
        for (size_t k = i; k < i + WINDOW && st == LEDE_OK; k++)
            st = add_piece(context, token, words, k, k + 1, &window);
        if (st == LEDE_OK)
            st = lede_query_make_or(context->arena, &window, &either);
        if (st == LEDE_OK)
            st = lede_query_nodes_add(context->arena, nodes, either);
    }
    return st;
}

/* The words of a run by themselves: COVID-19 is two, a stretch of an unspaced script its bigrams.
 * With match=all only runs with a long stretch are taken apart, and what else is in them stays
 * whole. */
static enum lede_status take_apart(struct query_context *context, const struct query_token *token,
    const struct query_words *words, struct lede_query_node *node)
{
    struct query_nodes parts = {0};
    bool match_any = context->options->match_any, is_long = false;
    for (size_t i = 0, end = 0; i < words->count && !match_any; i = end) {
        end = stretch_end(words, i);
        is_long = is_long || end - i > QUERY_RUN_WORDS_MAX;
    }
    if (!match_any && !is_long)
        return LEDE_OK;
    for (size_t i = 0, end = 0; i < words->count; i = end) {
        end = match_any ? i + 1 : stretch_end(words, i);
        if (is_lone(&words->items[i]))
            continue;
        enum lede_status st = add_stretch(context, token, words, i, end, &parts);
        if (st != LEDE_OK)
            return st;
    }
    node->apart = parts.items;
    node->apart_count = parts.count;
    return LEDE_OK;
}

enum lede_status lede_query_leaf_of_run(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    const char *run = context->text + token->start;
    /* In an address ? and ~ are no operators; a * still is none of an address. */
    bool is_address = memmem(run, token->size, "://", 3) && !memchr(run, '*', token->size);
    if (!is_address && lede_query_fuzzy_size(run, token->size) < token->size)
        return lede_query_fuzzy(context, token, ret_node);
    bool exact = *run == '=';
    bool prefix = !exact && is_prefix(run, token->size);
    if (!prefix && lede_query_is_pattern(run, token->size))
        return lede_query_wildcard(context, token, ret_node);
    struct query_words words = {0};
    struct query_token whole = *token;
    size_t size = exact ? token->size : lede_size_without_particle(run, token->size);
    if (size < token->size) { /* as if in quotes, where a word is as it is written */
        whole.kind = QUERY_TOKEN_QUOTED;
        whole.inner_start = token->start;
        whole.inner_size = size;
        whole.literal = true;
        token = &whole;
    }
    enum lede_status st = lede_query_analyze(context, run, size, LEDE_QUERY_CLAUSES_MAX, &words);
    bool is_letters = words.count == 1 && !(words.items[0].flags & LEDE_TOKEN_NGRAM);
    if (is_letters && is_truncated(run, token->size))
        prefix = true;
    if (st == LEDE_OK && (exact || prefix) && words.count != 1)
        st = lede_query_fail_several(context, token, &words, exact ? "'='" : "'*'");
    if (st == LEDE_OK && exact && context->caps) {
        st = lede_query_fail_at(
            context, LEDE_EINPUT, token->start, "CAPS and '=' exclude each other");
        lede_error_hint(context->reterr, "write CAPS word: it is taken as it is written");
    }
    if (st != LEDE_OK)
        return st;
    enum lede_query_kind kind = exact    ? LEDE_QUERY_EXACT
                                : prefix ? LEDE_QUERY_PREFIX
                                         : lede_query_kind_of(&words);
    st = lede_query_leaf_of_words(context, token, &words, kind, ret_node);
    bool is_loose = kind == LEDE_QUERY_PHRASE && !is_address && !memchr(run, '@', token->size);
    is_loose =
        is_loose && st == LEDE_OK && (context->options->match_any || !(*ret_node)->is_one_word);
    return is_loose ? take_apart(context, token, &words, *ret_node) : st;
}
