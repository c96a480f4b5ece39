/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The analyzer's inside: where a word grows, and where its stem is remembered. */
#ifndef LEDE_TEXT_ANALYZER_H
#define LEDE_TEXT_ANALYZER_H

#include "fold.h"
#include "lede/text.h"

#define WORD_CHUNK_BYTES 4096
#define WORD_HASH_BYTES 17 /* '#' and sixteen hexadecimal digits */

struct stem_cache;
struct sb_stemmer;

/* A word of any length in bounded memory: it keeps the first bytes and a hash of all.
 * Up to WORD_CHUNK_BYTES the hash is lede_hash64 of the word; longer ones are hashed chunk by
 * chunk, each chunk preceded by the hash of what came before it. */
struct word_builder {
    uint64_t chain; /* hash of the chunks that are gone */
    bool chained;   /* there is one */
    size_t used;
    char head[LEDE_TERM_SIZE_MAX + 1];
    /* the chain goes before the text */
    char chunk[sizeof(uint64_t) + WORD_CHUNK_BYTES + FOLD_OUT_MAX];
};

struct lede_analyzer {
    struct word_builder word;
    struct word_builder respelt; /* the same word in another spelling */
    char term[LEDE_TERM_SIZE_MAX + 1];
    struct sb_stemmer *stemmers[LEDE_LANGUAGE_COUNT_MAX]; /* made when first needed */
    struct stem_cache *cache; /* NULL: no word was stemmed yet, or there is no memory */
};

void word_begin(struct word_builder *word);
void word_put(struct word_builder *word, const char *text, size_t size);
void word_flush(struct word_builder *word); /* hash a full chunk and begin the next */
/* End the word. *ret_word is NUL-terminated, at most LEDE_TERM_SIZE_MAX bytes, valid until
 * word_begin(). Returns its size. */
size_t word_end(struct word_builder *word, const char **ret_word);

/* Where the next bytes go, and how many may: the fast path writes there by itself and adds to
 * word->used. Never 0 bytes. */
static inline char *word_tail(struct word_builder *word)
{
    return word->chunk + sizeof(uint64_t) + word->used;
}

/* What is in the word now, and how much; nothing once that is longer than a term may be. */
static inline const char *word_so_far(const struct word_builder *word)
{
    return word->chunk + sizeof(uint64_t);
}

static inline size_t word_size_so_far(const struct word_builder *word)
{
    return word->chained || word->used > LEDE_TERM_SIZE_MAX ? 0 : word->used;
}

static inline size_t word_room(struct word_builder *word)
{
    if (word->used == WORD_CHUNK_BYTES)
        word_flush(word);
    return WORD_CHUNK_BYTES - word->used;
}

/* Stem a folded word; both ends as lede_stem(). */
size_t stem_word(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t word_size, char *ret_term);

/* The same where the word's hash (lede_hash64()) is known; and bring what is remembered of it near,
 * for a word that is stemmed soon. */
size_t stem_hashed_word(struct lede_analyzer *analyzer, lede_language language, const char *word,
    size_t word_size, uint64_t hash, char *ret_term);
void stem_prefetch(const struct lede_analyzer *analyzer, lede_language language, uint64_t hash);

/* Bytes of "l'" in "l'homme" where the language has such an article, else 0. LEDE_LANGUAGE_UND:
 * where any language has it. Threads: any. */
size_t stem_elision_size(lede_language language, const char *word, size_t size);

/* Is it plain that the word is its own term: no stemmer, no apostrophe? */
bool stem_is_word(lede_language language, const char *word, size_t size);

#endif
