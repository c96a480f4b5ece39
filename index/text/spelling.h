/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folded word as the language's stemmer expects it to be spelt. */
#ifndef LEDE_TEXT_SPELLING_H
#define LEDE_TEXT_SPELLING_H

#include "lede/text.h"

#define SPELLING_SIZE_MAX (2 * LEDE_TERM_SIZE_MAX) /* bytes */

/* Write the folded word with the letters that folding took from it, as far as the stemmer needs
 * them and the word alone tells.
 * size         <= LEDE_TERM_SIZE_MAX ret_word room for SPELLING_SIZE_MAX bytes
 * Returns its size, or 0 if the word is good as it is. Threads: any. */
size_t spelling_restore(lede_language language, const char *word, size_t size, char *ret_word);

/* How often the language's stemmer is run: once, or where it takes one suffix of several at a time,
 * again on what it left. */
unsigned spelling_passes(lede_language language);

/* Let go of what tells two stems of one word apart: a final vowel, a final consonant's voice. stem
 *     folded again; changed in place Returns its size. */
size_t spelling_normalize_stem(lede_language language, char *stem, size_t size);

/* As spelling_restore(), for one language. */
size_t spelling_arabic(const char *word, size_t size, char *ret_word);
size_t spelling_turkish(const char *word, size_t size, char *ret_word);
size_t spelling_serbian(const char *word, size_t size, char *ret_word);

#endif
