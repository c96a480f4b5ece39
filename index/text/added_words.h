/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that have no position of their own: a piece of a token, another spelling of it, or what
 * hyphens join as one word. A document is found by each of them at the token's place. */
#ifndef LEDE_TEXT_ADDED_WORDS_H
#define LEDE_TEXT_ADDED_WORDS_H

#include "lede/text.h"

/* Let a word follow the token at hand. Queries have none; one that is empty, too long or too many
 * is left out.
 * flags       LEDE_TOKEN_ flags   start, end  bytes of the text
 * word, size  folded; copied */
void added_word_put(struct lede_tokens *tokens, unsigned flags, size_t start, size_t end,
    const char *word, size_t size);

/* Bytes of white space with one line break in it at `offset`, behind which the text goes on within
 * its paragraph; else 0. Threads: any. */
size_t line_break_size(const char *text, size_t size, size_t offset);

/* Is the document in one of these languages (two-letter codes, parted by spaces)? */
bool added_words_language_is(const struct lede_tokens *tokens, const char *codes);

/* Does a hyphen before this word stand for the end of another: Haupt- und Nebenfach? Threads:
 * any. */
bool is_conjunction_at(const char *text, size_t size, size_t offset);

/* A word of a script with spaces has ended: add what it makes together with the word that a hyphen
 * joined to it, and note it where another hyphen follows.
 * word, size  folded   start, end  bytes of the text; the next character stands at `end` */
void added_words_join(
    struct lede_tokens *tokens, const char *word, size_t size, size_t start, size_t end);

/* Does a zero-width non-joiner at `offset` stand between two Arabic letters? Persian writes a blank
 * or nothing there as well. Threads: any. */
bool is_persian_joint(const char *text, size_t size, size_t offset);

/* The decimals of ½ and its like; NULL: it is none that has few of them. Threads: any. */
const char *added_fraction_decimals(int32_t code);
/* Add the other spellings of a figure: of 12.500 12500 where the language writes so, and of 3½,
 * which is 3.5, 3,5. */
void added_words_of_figure(struct lede_tokens *tokens, const char *word, size_t size, size_t start,
    size_t end, bool has_fraction);

#endif
