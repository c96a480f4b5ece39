/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All words of a text: what lede/text.h walks over, kept, so that it is searched many times.
 *
 * Each word that is written in one way is there once, with its term, so whoever looks for
 * something asks once a word and not once a token. */
#ifndef LEDE_WORDS_H
#define LEDE_WORDS_H

#include "lede/text.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_word_token {
    uint32_t start; /* byte range in the text */
    uint32_t end;
    uint32_t word;     /* its number */
    uint32_t position; /* ascending; what was added to a token (LEDE_TOKEN_ADDED) shares its own */
};

/* The same in half the room, where each number fits: most texts are shorter than 64 KiB. */
struct lede_word_token_narrow {
    uint16_t start;
    uint16_t end;
    uint16_t word;
    uint16_t position;
};

struct lede_words {
    size_t bytes; /* of all this */
    /* lede_words_token(): one of them, the other is NULL */
    const struct lede_word_token *wide;
    const struct lede_word_token_narrow *narrow;
    uint32_t token_count;
    uint32_t length; /* position of the last token */
    uint32_t word_count;
    /* positions of the tokens that sentences and paragraphs begin with, the first ones too */
    const uint32_t *sentences;
    const uint32_t *sentence_starts; /* bytes: quotes before the first word are a sentence's, too */
    const uint32_t *paragraphs;
    uint32_t sentence_count;
    uint32_t paragraph_count;
    bool is_cut; /* the deadline passed: words behind the last token are missing */
    /* lede_words_at() */
    const struct lede_words_entry *entries;
    const char *strings;
};

/* text      fewer than UINT32_MAX bytes, borrowed for the call
 * language  picks the stemmer
 * deadline_monotonic_ns  0: none
 * ret_words  owner: the caller, free(): it is one piece of memory. Any thread may read it
 * Status: OK; ENOMEM. Threads: one per analyzer. */
LEDE_CHECKED enum lede_status lede_words_new(const char *text, size_t size, lede_language language,
    struct lede_analyzer *analyzer, uint64_t deadline_monotonic_ns, struct lede_words **ret_words);

/* A token by its number, from 0 on. */
static inline struct lede_word_token lede_words_token(
    const struct lede_words *words, uint32_t number)
{
    if (words->wide)
        return words->wide[number];
    const struct lede_word_token_narrow *at = &words->narrow[number];
    return (struct lede_word_token){at->start, at->end, at->word, at->position};
}

/* A word by its number, as a token that has no place. Of the flags NGRAM and UPPERCASE count. */
struct lede_token lede_words_at(const struct lede_words *words, uint32_t number);
/* The number of the first token of a position that the text has. */
uint32_t lede_words_token_of(const struct lede_words *words, uint32_t position);
/* Where the sentence of a position begins, in bytes. */
uint32_t lede_words_sentence(const struct lede_words *words, uint32_t position);

#ifdef __cplusplus
}
#endif
#endif
