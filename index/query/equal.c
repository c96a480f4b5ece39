/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing trees with each other, and words with tokens. */
#include "internal.h"

#include <string.h>

static bool equal_words(const struct lede_query_word *a, const struct lede_query_word *b)
{
    if (a->word_size != b->word_size || memcmp(a->word, b->word, a->word_size) != 0 ||
        a->stem_count != b->stem_count)
        return false;
    for (size_t i = 0; i < a->stem_count; i++) {
        if (strcmp(a->stems[i], b->stems[i]) != 0)
            return false;
    }
    return true;
}

bool lede_query_is_text_leaf(enum lede_query_kind kind)
{
    return kind == LEDE_QUERY_WORD || kind == LEDE_QUERY_EXACT || kind == LEDE_QUERY_PREFIX ||
           kind == LEDE_QUERY_PHRASE || kind == LEDE_QUERY_WILDCARD || kind == LEDE_QUERY_FUZZY ||
           kind == LEDE_QUERY_CAPS;
}

bool lede_query_is_proximity(enum lede_query_kind kind)
{
    return kind == LEDE_QUERY_NEAR || kind == LEDE_QUERY_ADJACENT || kind == LEDE_QUERY_SENTENCE ||
           kind == LEDE_QUERY_PARAGRAPH || kind == LEDE_QUERY_ATLEAST;
}

/* Depth is bounded by the parser, so recursion is. */
bool lede_query_equal(const struct lede_query_node *a, const struct lede_query_node *b)
{
    if (a->kind != b->kind || a->fields != b->fields || a->weight != b->weight ||
        a->word_count != b->word_count || a->child_count != b->child_count ||
        a->number != b->number || a->lead != b->lead || a->first_words != b->first_words ||
        a->last_words != b->last_words)
        return false;
    if (a->kind == LEDE_QUERY_DATES &&
        (a->first_utc_s != b->first_utc_s || a->last_utc_s != b->last_utc_s))
        return false;
    for (size_t i = 0; i < a->word_count; i++) {
        if (!equal_words(&a->words[i], &b->words[i]))
            return false;
    }
    for (size_t i = 0; i < a->child_count; i++) {
        if (!lede_query_equal(a->children[i], b->children[i]))
            return false;
    }
    return true;
}

static bool has_stem(const struct lede_query_word *word, const struct lede_token *token)
{
    for (size_t i = 0; i < word->stem_count; i++) {
        if (strcmp(word->stems[i], token->term) == 0)
            return true;
    }
    return false;
}

bool lede_query_word_matches(
    const struct lede_query_node *leaf, size_t index, const struct lede_token *token)
{
    if (index >= leaf->word_count)
        return false;
    const struct lede_query_word *word = &leaf->words[index];
    switch (leaf->kind) {
    case LEDE_QUERY_WORD:
    case LEDE_QUERY_PHRASE:
        return has_stem(word, token);
    case LEDE_QUERY_EXACT:
        return word->word_size == token->word_size &&
               memcmp(word->word, token->word, word->word_size) == 0;
    case LEDE_QUERY_PREFIX:
    case LEDE_QUERY_WILDCARD:
    case LEDE_QUERY_FUZZY:
        return lede_query_pattern_matches(leaf, token->word, token->word_size);
    case LEDE_QUERY_CAPS:
        return (token->flags & LEDE_TOKEN_UPPERCASE) && word->word_size == token->word_size &&
               memcmp(word->word, token->word, word->word_size) == 0;
    default:
        return false;
    }
}
