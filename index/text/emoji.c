/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emoji.h"

#include "chars.h"
#include "lede/base.h"

#define SELECTOR 0xFE0F /* shown as a picture */
#define JOINER 0x200D

struct code_range {
    int32_t first;
    int32_t last;
};

/* Emoji_Presentation of emoji-data.txt below U+1F000; above, whole blocks of pictures. */
static const struct code_range pictures[] = {{0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x23F0, 0x23F0},
    {0x23F3, 0x23F3}, {0x25FD, 0x25FE}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x267F, 0x267F},
    {0x2693, 0x2693}, {0x26A1, 0x26A1}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5},
    {0x26CE, 0x26CE}, {0x26D4, 0x26D4}, {0x26EA, 0x26EA}, {0x26F2, 0x26F3}, {0x26F5, 0x26F5},
    {0x26FA, 0x26FA}, {0x26FD, 0x26FD}, {0x2705, 0x2705}, {0x270A, 0x270B}, {0x2728, 0x2728},
    {0x274C, 0x274C}, {0x274E, 0x274E}, {0x2753, 0x2755}, {0x2757, 0x2757}, {0x2795, 0x2797},
    {0x27B0, 0x27B0}, {0x27BF, 0x27BF}, {0x2B1B, 0x2B1C}, {0x2B50, 0x2B50}, {0x2B55, 0x2B55},
    {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
    {0x1F300, 0x1F3FA}, {0x1F400, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB},
    {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}};
/* What a selector makes a picture: its signs stand in these blocks. */
static const struct code_range signs[] = {{0xA9, 0xA9}, {0xAE, 0xAE}, {0x203C, 0x203C},
    {0x2049, 0x2049}, {0x2122, 0x2122}, {0x2139, 0x2139}, {0x2190, 0x21FF}, {0x2300, 0x23FF},
    {0x24C2, 0x24C2}, {0x25A0, 0x27BF}, {0x2900, 0x297F}, {0x2B00, 0x2BFF}, {0x3030, 0x3030},
    {0x303D, 0x303D}, {0x3297, 0x3299}, {0x1F170, 0x1F251}};

static bool is_in(int32_t code, const struct code_range *ranges, size_t count)
{
    for (size_t i = 0; i < count && code >= ranges[i].first; i++) {
        if (code <= ranges[i].last)
            return true;
    }
    return false;
}

static bool is_flag_letter(int32_t code)
{
    return code >= 0x1F1E6 && code <= 0x1F1FF;
}

static bool is_skin_tone(int32_t code)
{
    return code >= 0x1F3FB && code <= 0x1F3FF;
}

static bool is_tag(int32_t code)
{
    return code >= 0xE0020 && code <= 0xE007F;
}

bool emoji_is_folded(int32_t code)
{
    return code == SELECTOR || code == JOINER || is_skin_tone(code);
}

/* One picture without what a joiner brings; 0: there is none.
 * is_joined  behind a joiner a sign needs no selector: 🏳️‍⚧, ❤️‍🔥 */
static size_t picture_size(const char *text, size_t size, size_t offset, bool is_joined)
{
    struct text_char c = char_at(text, size, offset);
    if (c.code < signs[0].first)
        return 0;
    struct text_char next = char_at(text, size, offset + c.size);
    if (is_flag_letter(c.code))
        return is_flag_letter(next.code) ? c.size + (size_t)next.size : 0;
    bool is_sign =
        (is_joined || next.code == SELECTOR) && is_in(c.code, signs, LEDE_COUNT_OF(signs));
    if (!is_sign && !is_in(c.code, pictures, LEDE_COUNT_OF(pictures)))
        return 0;
    size_t end = offset + c.size;
    while (next.code == SELECTOR || is_skin_tone(next.code) || is_tag(next.code)) {
        end += next.size;
        next = char_at(text, size, end);
    }
    return end - offset;
}

size_t emoji_size(const char *text, size_t size, size_t offset)
{
    size_t end = offset + picture_size(text, size, offset, false);
    while (end > offset) {
        struct text_char joiner = char_at(text, size, end);
        size_t next = joiner.code == JOINER ? picture_size(text, size, end + joiner.size, true) : 0;
        if (next == 0)
            break;
        end += joiner.size + next;
    }
    return end - offset;
}
