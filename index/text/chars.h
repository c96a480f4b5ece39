/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of character stands here? The tokenizer's and the folder's common view of Unicode. */
#ifndef LEDE_TEXT_CHARS_H
#define LEDE_TEXT_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum char_kind {
    CHAR_OTHER, /* punctuation, symbols, controls: ends a word */
    CHAR_SPACE,
    CHAR_LETTER,
    CHAR_DIGIT,
    CHAR_MARK, /* belongs to the letter before it */
    /* soft hyphen, joiners, bidi marks, variation selectors, tatweel: inside a word, not of it */
    CHAR_IGNORABLE,
    CHAR_APOSTROPHE, /* may stand between the letters of one word */
    CHAR_AMPERSAND,
    CHAR_INVALID, /* bytes that are no UTF-8 */
    CHAR_END,     /* behind the text */
};

/* Scripts written without spaces; a run of one of them becomes bigrams. */
enum char_script {
    SCRIPT_SPACED = 0,
    SCRIPT_CJ, /* Han and kana, which mix within a word */
    SCRIPT_HANGUL,
    SCRIPT_THAI,
    SCRIPT_LAO,
    SCRIPT_KHMER,
    SCRIPT_MYANMAR,
    SCRIPT_EMOJI, /* of what the tokenizer found to be one (emoji.h); no character by itself */
};

enum char_case {
    CASE_NONE,
    CASE_LOWER,
    CASE_UPPER,
};

struct text_char {
    int32_t code; /* -1 for CHAR_INVALID and CHAR_END */
    uint8_t size; /* bytes; 0 for CHAR_END only */
    uint8_t kind;
    uint8_t script;
    uint8_t letter_case;
};

/* The character at text[offset]. Reads nothing at or behind text[size]. Threads: any. */
struct text_char char_at(const char *text, size_t size, size_t offset);
/* The kind and script of a code point >= 0x80. Threads: any. */
struct text_char char_of_code(int32_t code);
/* Medial vowels and final consonants of decomposed Hangul: letters that continue a syllable.
 * Threads: any. */
bool char_continues_syllable(int32_t code);

/* Kinds of the 128 ASCII characters. */
extern const uint8_t char_ascii_kinds[128];

static inline bool char_is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool char_is_ascii_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool char_is_ascii_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

#endif
