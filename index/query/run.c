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

/* The words of a run by themselves: COVID-19 is two, a run of an unspaced script is its bigrams. A
 * letter of such a script that is alone says little beside them. */
static enum lede_status take_apart(struct query_context *context, const struct query_token *token,
    const struct query_words *words, struct lede_query_node *node)
{
    struct query_nodes parts = {0};
    for (size_t i = 0; i < words->count; i++) {
        const struct query_word *word = &words->items[i];
        struct query_token piece = {.kind = QUERY_TOKEN_TEXT};
        struct query_words found = {0};
        struct lede_query_node *leaf = NULL;
        bool is_alone = lede_utf8_count(word->word, word->word_size) == 1;
        if (is_alone && (word->flags & LEDE_TOKEN_NGRAM))
            continue;
        piece.start = token->start + word->start;
        piece.size = word->size;
        enum lede_status st = lede_query_analyze(
            context, context->text + piece.start, piece.size, LEDE_QUERY_CLAUSES_MAX, &found);
        if (st == LEDE_OK && found.count > 0)
            st = lede_query_leaf_of_words(
                context, &piece, &found, lede_query_kind_of(&found), &leaf);
        if (st == LEDE_OK && leaf)
            st = lede_query_nodes_add(context->arena, &parts, leaf);
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
    enum lede_status st =
        lede_query_analyze(context, run, token->size, LEDE_QUERY_CLAUSES_MAX, &words);
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
    bool is_loose = kind == LEDE_QUERY_PHRASE && context->options->match_any && !is_address &&
                    !memchr(run, '@', token->size);
    return st == LEDE_OK && is_loose ? take_apart(context, token, &words, *ret_node) : st;
}
