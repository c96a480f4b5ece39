/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing trees with each other. */
#include "lede/query.h"

#include <string.h>

static bool equal_words(
    enum lede_query_kind kind, const struct lede_query_word *a, const struct lede_query_word *b)
{
    if (a->word_size != b->word_size || memcmp(a->word, b->word, a->word_size) != 0 ||
        a->stem_count != b->stem_count)
        return false;
    if (kind == LEDE_QUERY_EXACT && (a->written_size != b->written_size ||
                                        memcmp(a->written, b->written, a->written_size) != 0))
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
           kind == LEDE_QUERY_PARAGRAPH || kind == LEDE_QUERY_ATLEAST || lede_query_is_apart(kind);
}

bool lede_query_is_apart(enum lede_query_kind kind)
{
    return kind == LEDE_QUERY_NOT_NEAR || kind == LEDE_QUERY_NOT_SENTENCE ||
           kind == LEDE_QUERY_NOT_PARAGRAPH;
}

/* Depth is bounded by the parser, so recursion is. */
bool lede_query_equal(const struct lede_query_node *a, const struct lede_query_node *b)
{
    if (a->kind != b->kind || a->fields != b->fields || a->weight != b->weight ||
        a->word_count != b->word_count || a->child_count != b->child_count ||
        a->number != b->number || a->lead != b->lead || a->is_one_word != b->is_one_word ||
        a->first_words != b->first_words || a->last_words != b->last_words)
        return false;
    if (a->kind == LEDE_QUERY_DATES &&
        (a->first_utc_s != b->first_utc_s || a->last_utc_s != b->last_utc_s))
        return false;
    for (size_t i = 0; i < a->word_count; i++) {
        if (!equal_words(a->kind, &a->words[i], &b->words[i]))
            return false;
    }
    for (size_t i = 0; i < a->child_count; i++) {
        if (!lede_query_equal(a->children[i], b->children[i]))
            return false;
    }
    return true;
}
