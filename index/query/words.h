/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words as documents have them. */
#ifndef LEDE_QUERY_WORDS_H
#define LEDE_QUERY_WORDS_H

#include "token.h"

/* One analyzed word of the query. */
struct query_word {
    const char *word; /* folded; in the arena */
    size_t word_size;
    const char *accented; /* the same with its accents; NULL: it has none */
    size_t accented_size;
    uint32_t flags;
    const char *spelling; /* another one that it stands for, too; NULL: it has none */
    size_t spelling_size;
    const char *written; /* as the canonical form writes it; NULL: not known */
    const char *closed; /* it and the word before as one, e-mail as email; NULL: nobody writes so */
    size_t closed_size;
    size_t start; /* byte range in the text that was analyzed */
    size_t size;
    bool overlaps; /* it shares a character with the word before: bigrams of one run */
};

struct query_words {
    struct query_word *items;
    size_t count;
    size_t capacity;
    bool lone_character;         /* one word, which is one letter of an unspaced script */
    lede_language_set languages; /* that its terms are of; 0: the archive's */
};

/* Bigrams of a run that is a phrase, and printed without quotes. */
#define QUERY_RUN_WORDS_MAX 5

/* Split a text into words as documents are.
 * maximum  stop after so many
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_analyze(struct query_context *context, const char *text,
    size_t size, size_t maximum, struct query_words *ret_words);
/* The same words with each compound closed; count: 0 where there is none. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_query_close_compounds(
    struct query_context *context, const struct query_words *words, struct query_words *ret_closed);
/* Does the token hold anything to search for? Punctuation alone does not, and is read as white
 * space. */
bool lede_query_token_is_empty(
    const struct query_context *context, const struct query_token *token);

#endif
