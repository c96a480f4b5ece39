/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Character kinds: a table for ASCII, utf8proc's categories and a few ranges for the rest. */
#include "chars.h"

#include <utf8proc.h>

#include "lede/base.h"
#include "lede/encoding.h"

#define S CHAR_SPACE
#define L CHAR_LETTER
#define D CHAR_DIGIT
const uint8_t char_ascii_kinds[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, S, S, S, S, S, 0, 0,                            /* 00 controls */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                            /* 10 */
    S, 0, 0, 0, 0, 0, CHAR_AMPERSAND, CHAR_APOSTROPHE, 0, 0, 0, 0, 0, 0, 0, 0, /* 20 */
    D, D, D, D, D, D, D, D, D, D, 0, 0, 0, 0, 0, 0,                            /* 30 */
    0, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,                            /* 40 */
    L, L, L, L, L, L, L, L, L, L, L, 0, 0, 0, 0, 0,                            /* 50 */
    CHAR_APOSTROPHE, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,              /* 60 */
    L, L, L, L, L, L, L, L, L, L, L, 0, 0, 0, 0, 0,                            /* 70 */
};
#undef S
#undef L
#undef D

struct script_range {
    int32_t first;
    int32_t last;
    uint8_t script;
};

/* Ascending. Digits and marks inside a range are told apart by their category. */
static const struct script_range script_ranges[] = {
    {0x0E01, 0x0E4E, SCRIPT_THAI},
    {0x0E81, 0x0EDF, SCRIPT_LAO},
    {0x1000, 0x109F, SCRIPT_MYANMAR},
    {0x1100, 0x11FF, SCRIPT_HANGUL},
    {0x1780, 0x17DD, SCRIPT_KHMER},
    {0x3005, 0x3007, SCRIPT_CJ},
    {0x3021, 0x3029, SCRIPT_CJ},
    {0x3031, 0x3035, SCRIPT_CJ},
    {0x3038, 0x303C, SCRIPT_CJ},
    {0x3041, 0x3096, SCRIPT_CJ},
    {0x309D, 0x309F, SCRIPT_CJ},
    {0x30A1, 0x30FA, SCRIPT_CJ},
    {0x30FC, 0x30FF, SCRIPT_CJ},
    {0x3105, 0x312F, SCRIPT_CJ},
    {0x3131, 0x318E, SCRIPT_HANGUL},
    {0x31A0, 0x31BF, SCRIPT_CJ},
    {0x31F0, 0x31FF, SCRIPT_CJ},
    {0x3400, 0x4DBF, SCRIPT_CJ},
    {0x4E00, 0x9FFF, SCRIPT_CJ},
    {0xA960, 0xA97F, SCRIPT_HANGUL},
    {0xA9E0, 0xA9FE, SCRIPT_MYANMAR},
    {0xAA60, 0xAA7F, SCRIPT_MYANMAR},
    {0xAC00, 0xD7FB, SCRIPT_HANGUL},
    {0xF900, 0xFAFF, SCRIPT_CJ},
    {0xFF66, 0xFF9D, SCRIPT_CJ},
    {0xFFA1, 0xFFDC, SCRIPT_HANGUL},
    {0x1AFF0, 0x1B16F, SCRIPT_CJ},
    {0x20000, 0x3FFFD, SCRIPT_CJ},
};

static uint8_t script_of(int32_t code)
{
    if (code < script_ranges[0].first)
        return SCRIPT_SPACED;
    size_t low = 0, high = LEDE_COUNT_OF(script_ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > script_ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    bool inside = low < LEDE_COUNT_OF(script_ranges) && code >= script_ranges[low].first;
    return inside ? script_ranges[low].script : SCRIPT_SPACED;
}

/* Characters whose category says something else than their use in words. Returns CHAR_END for all
 * others. */
static uint8_t special_kind(int32_t code)
{
    switch (code) {
    case 0x2018: /* ‘ and the next: also typed as apostrophes */
    case 0x201B:
    case 0x2019:
    case 0x02BC:
    case 0x02BB: /* Hawaiian okina */
    case 0x02BD:
    case 0x02BE: /* Arabic hamza and ayn, as scholars write them */
    case 0x02BF:
    case 0x02C8:
    case 0x2032: /* prime */
    case 0x00B4:
    case 0x05F3: /* Hebrew geresh */
    case 0xFF07:
        return CHAR_APOSTROPHE;
    case 0xFF06:
        return CHAR_AMPERSAND;
    case 0x0640: /* Arabic tatweel only stretches a word */
    case 0x05F4: /* Hebrew gershayim, inside acronyms */
        return CHAR_IGNORABLE;
    case 0x0085:
    case 0x200B: /* zero-width space parts Thai and Khmer words */
        return CHAR_SPACE;
    case 0x2044: /* what NFKC leaves of ½ */
    case 0xFFFD:
        return CHAR_OTHER;
    case 0xFF9E: /* half-width voicing marks */
    case 0xFF9F:
        return CHAR_MARK;
    default:
        return CHAR_END;
    }
}

static uint8_t kind_of_category(const utf8proc_property_t *property)
{
    switch (property->category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
        return CHAR_LETTER;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
        return CHAR_MARK;
    case UTF8PROC_CATEGORY_ND:
        return CHAR_DIGIT;
    case UTF8PROC_CATEGORY_NO: /* CO₂ and km² are words; ½ and ① are not */
        return property->decomp_type == UTF8PROC_DECOMP_TYPE_SUPER ||
                       property->decomp_type == UTF8PROC_DECOMP_TYPE_SUB
                   ? CHAR_DIGIT
                   : CHAR_OTHER;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return CHAR_SPACE;
    default:
        return CHAR_OTHER;
    }
}

struct text_char char_of_code(int32_t code)
{
    struct text_char c = {.code = code, .kind = special_kind(code)};
    if (c.kind != CHAR_END)
        return c;
    if ((code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3041 && code <= 0x3096)) {
        c.kind = CHAR_LETTER; /* most of Chinese and Japanese, without a look-up */
        c.script = SCRIPT_CJ;
        return c;
    }
    const utf8proc_property_t *property = utf8proc_get_property(code);
    if (property->ignorable) {
        c.kind = CHAR_IGNORABLE;
        return c;
    }
    c.kind = kind_of_category(property);
    if (c.kind != CHAR_LETTER)
        return c;
    c.script = script_of(code);
    c.letter_case = property->category == UTF8PROC_CATEGORY_LU   ? CASE_UPPER
                    : property->category == UTF8PROC_CATEGORY_LL ? CASE_LOWER
                                                                 : CASE_NONE;
    return c;
}

bool char_continues_syllable(int32_t code)
{
    return code >= 0x1160 && code <= 0x11FF;
}

struct text_char char_at(const char *text, size_t size, size_t offset)
{
    struct text_char c = {.code = -1, .kind = CHAR_END};
    if (offset >= size)
        return c;
    unsigned char first = (unsigned char)text[offset];
    if (first < 0x80) {
        c.code = first;
        c.size = 1;
        c.kind = char_ascii_kinds[first];
        if (c.kind == CHAR_LETTER)
            c.letter_case = first <= 'Z' ? CASE_UPPER : CASE_LOWER;
        return c;
    }
    unsigned length = 0;
    int32_t code = lede_utf8_decode(text, size, offset, &length);
    if (code >= 0)
        c = char_of_code(code);
    else
        c.kind = CHAR_INVALID;
    c.size = (uint8_t)length;
    return c;
}
