/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a word of a query, or several, stand for in a list of synonyms. */
#ifndef LEDE_QUERY_SYNONYMS_H
#define LEDE_QUERY_SYNONYMS_H

#include "lede/synonyms.h"
#include "words.h"

/* One spelling of a line. */
struct query_synonym {
    const char *folded;
    const char *text; /* as it is written, folded if that reads back */
    lede_language language;
};

#define QUERY_SYNONYMS_FOUND_MAX 64

struct query_synonyms_found {
    size_t word_count; /* of the query, that stand for them; 0: none does */
    const struct query_synonym *items[QUERY_SYNONYMS_FOUND_MAX];
    size_t count;
};

/* Find what the first words of a list stand for: the most words that a line has, `least` at least.
 * It holds what lines say, without what is written there already, each once. */
void lede_query_find_synonyms(struct query_context *context, const struct query_word *words,
    size_t count, size_t least, struct query_synonyms_found *ret_found);

#endif
