/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Characters of a text, as far as cutting and showing it needs them.
 *
 * Every function takes any bytes: what is no UTF-8 counts as one U+FFFD a byte. Offsets are bytes.
 * The code points of each class are ranges of the Unicode Character Database, version 15. Threads:
 * any. */
#ifndef LEDE_HIGHLIGHT_CHARACTERS_H
#define LEDE_HIGHLIGHT_CHARACTERS_H

#include "lede/base.h"

#define LEDE_REPLACEMENT_CHARACTER UINT32_C(0xFFFD)

/* Decode the character at `offset` < size. ret_size  1..4 bytes. Returns the code point. */
uint32_t lede_character_at(const char *text, size_t size, size_t offset, size_t *ret_size);
/* Decode the character that ends at `offset` > 0. ret_size  1..4 bytes. Returns the code point. */
uint32_t lede_character_before(const char *text, size_t offset, size_t *ret_size);

/* White space, line breaks and the separator of a list's items. */
bool lede_character_is_space(uint32_t character);
/* Never shown: controls, soft hyphens, marks of byte order and of embedded direction (a cut would
 * leave them open). */
bool lede_character_is_dropped(uint32_t character);
/* Belongs to the character before it: combining marks, variation selectors, joiners, skin tones. */
bool lede_character_extends(uint32_t character);
/* Written without spaces between words (Han, kana, Thai and their like): it may be cut at any
 * character. */
bool lede_character_is_unspaced(uint32_t character);
/* Ends or separates what stands before it, so that no fragment should begin with it. */
bool lede_character_is_closing(uint32_t character);

/* Characters in start..end. */
size_t lede_characters_count(const char *text, size_t start, size_t end);
/* The offset `count` characters after `start`, at most `end`. */
size_t lede_characters_forward(const char *text, size_t start, size_t end, size_t count);
/* The offset `count` characters before `end`, at least `start`. */
size_t lede_characters_back(const char *text, size_t start, size_t end, size_t count);

/* May a fragment begin or end at `offset`? Not within a character, before what extends one, after a
 * joiner, within a flag. */
bool lede_text_may_cut(const char *text, size_t size, size_t offset);
/* The first word's start in from..to; without one the first place to cut; `to` if there is none. */
size_t lede_text_word_start(const char *text, size_t size, size_t from, size_t to);
/* The last word's end in from..to; without one the last place to cut; `from` if there is none. */
size_t lede_text_word_end(const char *text, size_t size, size_t from, size_t to);
/* Skip white space and what is never shown, forwards from `start` or backwards from `end`. Returns
 * the new edge. */
size_t lede_text_skip_space(const char *text, size_t start, size_t end);
size_t lede_text_trim_space(const char *text, size_t start, size_t end);
/* Skip white space and stray punctuation (closing quotes, commas, a lone full stop) from `start`.
 * Returns at most `end`. */
size_t lede_text_skip_stray(const char *text, size_t start, size_t end);

#endif
