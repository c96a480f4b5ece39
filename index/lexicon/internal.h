/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the lexicon share. */
#ifndef LEDE_LEXICON_INTERNAL_H
#define LEDE_LEXICON_INTERNAL_H

#include "lede/cache.h"
#include "lede/lexicon.h"

/* Words lie joined in one block, bytewise ascending. Those that may be candidates are listed once
 * more by their length in characters, each with its letters as a bit set, so that the filter before
 * the distance reads memory in a straight line. */
struct lede_lexicon {
    uint32_t references; /* changed atomically */
    uint64_t revision;
    size_t left_out;
    uint32_t count;
    char *text;
    uint32_t *starts; /* count + 1 */
    uint32_t *documents;
    uint32_t candidate_count;
    uint32_t *candidates; /* word numbers, by length */
    uint64_t *letters;    /* of the candidates, in their order */
    /* candidates of n characters begin at [n] */
    uint32_t length_starts[LEDE_LEXICON_CHARS_MAX + 2];
    uint64_t *names; /* of names.c */
    uint32_t name_count;
    struct lede_cache *corrections; /* of words that were asked for, by limit and word */
};

/* Cut a word into characters: each is the bytes of its UTF-8, packed. Returns how many; 0 if it is
 * longer than LEDE_LEXICON_CHARS_MAX, or has a digit. */
size_t lexicon_characters(
    const char *word, size_t size, uint32_t ret_characters[LEDE_LEXICON_CHARS_MAX]);

/* Two bits for each letter: there is one, there are two or more. Letters that are not a to z share
 * six pairs of bits. */
#define LEXICON_SLOTS 32
static inline unsigned lexicon_slot(uint32_t character)
{
    return character >= 'a' && character <= 'z' ? character - 'a' : 26 + character % 6;
}
uint64_t lexicon_letters(const uint32_t *characters, size_t count);
/* List the words by their keys as names. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lexicon_list_names(struct lede_lexicon *lexicon);
struct lede_lexicon_word lexicon_word(const struct lede_lexicon *lexicon, uint32_t number);

#endif
