/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classes of characters as sorted ranges, with an ASCII answer in front of each search, and the
 * places where a text may be cut. Cutting is conservative: it may refuse a place that a full
 * grapheme segmentation would allow, never the reverse for what news is written in. */
#include "characters.h"

#include "lede/encoding.h"

#include <string.h>

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range spaces[] = {{0x09, 0x0D}, {0x1F, 0x20}, {0x85, 0x85}, {0xA0, 0xA0},
    {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
    {0x3000, 0x3000}};

static const struct range dropped[] = {{0x00, 0x08}, {0x0E, 0x1E}, {0x7F, 0x84}, {0x86, 0x9F},
    {0xAD, 0xAD}, {0x202A, 0x202E}, {0x2060, 0x2060}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

static const struct range extending[] = {{0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},
    {0x05BF, 0x05BF}, {0x05C1, 0x05C2}, {0x05C4, 0x05C5}, {0x05C7, 0x05C7}, {0x0610, 0x061A},
    {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC}, {0x06DF, 0x06E4}, {0x06E7, 0x06E8},
    {0x06EA, 0x06ED}, {0x0711, 0x0711}, {0x0730, 0x074A}, {0x07A6, 0x07B0}, {0x08CA, 0x0903},
    {0x093A, 0x093C}, {0x093E, 0x094F}, {0x0951, 0x0957}, {0x0962, 0x0963}, {0x0981, 0x0983},
    {0x09BC, 0x09BC}, {0x09BE, 0x09CD}, {0x09D7, 0x09D7}, {0x09E2, 0x09E3}, {0x0A01, 0x0A03},
    {0x0A3C, 0x0A51}, {0x0A70, 0x0A71}, {0x0A81, 0x0A83}, {0x0ABC, 0x0ABC}, {0x0ABE, 0x0ACD},
    {0x0B01, 0x0B03}, {0x0B3C, 0x0B3C}, {0x0B3E, 0x0B57}, {0x0B82, 0x0B82}, {0x0BBE, 0x0BCD},
    {0x0C00, 0x0C04}, {0x0C3C, 0x0C3C}, {0x0C3E, 0x0C56}, {0x0C81, 0x0C83}, {0x0CBC, 0x0CBC},
    {0x0CBE, 0x0CD6}, {0x0D00, 0x0D03}, {0x0D3B, 0x0D3C}, {0x0D3E, 0x0D4D}, {0x0D57, 0x0D57},
    {0x0DCA, 0x0DDF}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x0EB1, 0x0EB1},
    {0x0EB4, 0x0EBC}, {0x0EC8, 0x0ECE}, {0x0F18, 0x0F19}, {0x0F35, 0x0F39}, {0x0F71, 0x0F87},
    {0x0F8D, 0x0FBC}, {0x102B, 0x103E}, {0x1056, 0x1059}, {0x105E, 0x1060}, {0x1160, 0x11FF},
    {0x135D, 0x135F}, {0x17B4, 0x17D3}, {0x180B, 0x180F}, {0x1A55, 0x1A7F}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20F0}, {0x2DE0, 0x2DFF}, {0x302A, 0x302F},
    {0x3099, 0x309A}, {0xA66F, 0xA67D}, {0xA8E0, 0xA8F1}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0xFF9E, 0xFF9F}, {0x1F3FB, 0x1F3FF}, {0xE0020, 0xE007F}, {0xE0100, 0xE01EF}};

static const struct range unspaced[] = {{0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},
    {0x2E80, 0x312F}, {0x3190, 0x9FFF}, {0xF900, 0xFAFF}, {0xFF00, 0xFF9F}, {0x20000, 0x3FFFD}};

static const struct range closing[] = {{'!', '"'}, {'\'', '\''}, {')', ')'}, {',', ','}, {'.', '.'},
    {':', ';'}, {'?', '?'}, {']', ']'}, {'}', '}'}, {0xBB, 0xBB}, {0x060C, 0x060C},
    {0x061B, 0x061B}, {0x061F, 0x061F}, {0x06D4, 0x06D4}, {0x0964, 0x0965}, {0x2019, 0x2019},
    {0x201D, 0x201D}, {0x2026, 0x2026}, {0x203A, 0x203A}, {0x3001, 0x3002}, {0x3009, 0x3009},
    {0x300B, 0x300B}, {0x300D, 0x300D}, {0x300F, 0x300F}, {0x3011, 0x3011}, {0x30FB, 0x30FC},
    {0xFF01, 0xFF01}, {0xFF09, 0xFF09}, {0xFF0C, 0xFF0C}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1B},
    {0xFF1F, 0xFF1F}, {0xFF61, 0xFF61}, {0xFF63, 0xFF64}};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t character)
{
    size_t low = 0;
    while (count > 0) {
        size_t middle = low + count / 2;
        if (character > ranges[middle].last) {
            low = middle + 1;
            count -= count / 2 + 1;
        } else if (character < ranges[middle].first) {
            count /= 2;
        } else {
            return true;
        }
    }
    return false;
}

uint32_t lede_character_at(const char *text, size_t size, size_t offset, size_t *ret_size)
{
    *ret_size = 1;
    if ((unsigned char)text[offset] < 0x80)
        return (unsigned char)text[offset];
    unsigned length = 0;
    int32_t code = lede_utf8_decode(text, size, offset, &length);
    if (code < 0)
        return LEDE_REPLACEMENT_CHARACTER;
    *ret_size = length;
    return (uint32_t)code;
}

uint32_t lede_character_before(const char *text, size_t offset, size_t *ret_size)
{
    for (size_t back = 1; back <= 4 && back <= offset; back++) {
        if (lede_utf8_continues(text[offset - back]))
            continue;
        uint32_t character = lede_character_at(text, offset, offset - back, ret_size);
        if (*ret_size == back)
            return character;
        break;
    }
    *ret_size = 1;
    return LEDE_REPLACEMENT_CHARACTER;
}

bool lede_character_is_space(uint32_t character)
{
    if (character < 0x80)
        return character == ' ' || (character >= 0x09 && character <= 0x0D) || character == 0x1F;
    return in_ranges(spaces, LEDE_COUNT_OF(spaces), character);
}

bool lede_character_is_dropped(uint32_t character)
{
    if (character >= ' ' && character < 0x7F)
        return false;
    return in_ranges(dropped, LEDE_COUNT_OF(dropped), character);
}

bool lede_character_extends(uint32_t character)
{
    return character >= 0x0300 && in_ranges(extending, LEDE_COUNT_OF(extending), character);
}

bool lede_character_is_unspaced(uint32_t character)
{
    return character >= 0x0E00 && in_ranges(unspaced, LEDE_COUNT_OF(unspaced), character);
}

bool lede_character_is_closing(uint32_t character)
{
    return in_ranges(closing, LEDE_COUNT_OF(closing), character);
}

size_t lede_characters_count(const char *text, size_t start, size_t end)
{
    return end > start ? lede_utf8_count(text + start, end - start) : 0;
}

static bool eight_are_starts(const char *text)
{
    uint64_t eight;
    memcpy(&eight, text, sizeof(eight));
    return (eight & ~eight << 1 & UINT64_C(0x8080808080808080)) == 0;
}

size_t lede_characters_forward(const char *text, size_t start, size_t end, size_t count)
{
    size_t offset = start;
    /* Eight starts are eight characters of one byte, but for the last one. */
    while (count >= 8 && offset + 8 <= end && eight_are_starts(text + offset)) {
        offset += 7;
        count -= 7;
    }
    while (count > 0 && offset < end) {
        offset++;
        while (offset < end && lede_utf8_continues(text[offset]))
            offset++;
        count--;
    }
    return offset;
}

size_t lede_characters_back(const char *text, size_t start, size_t end, size_t count)
{
    size_t offset = end;
    while (count > 0 && offset > start) {
        offset--;
        while (offset > start && lede_utf8_continues(text[offset]))
            offset--;
        count--;
    }
    return offset;
}

static bool is_regional_indicator(uint32_t character)
{
    return character >= 0x1F1E6 && character <= 0x1F1FF;
}

bool lede_text_may_cut(const char *text, size_t size, size_t offset)
{
    if (offset == 0 || offset >= size)
        return offset <= size;
    if (lede_utf8_continues(text[offset]))
        return false;
    if ((unsigned char)text[offset] < 0x80)
        return true;
    size_t length;
    uint32_t next = lede_character_at(text, size, offset, &length);
    uint32_t previous = lede_character_before(text, offset, &length);
    if (lede_character_extends(next) || previous == 0x200D)
        return false;
    return !(is_regional_indicator(next) && is_regional_indicator(previous));
}

/* Does a word start at `offset` > 0, a place to cut? */
static bool is_word_start(const char *text, size_t size, size_t offset)
{
    size_t length;
    uint32_t next = lede_character_at(text, size, offset, &length);
    if (lede_character_is_space(next))
        return false;
    if (lede_character_is_space(lede_character_before(text, offset, &length)))
        return true;
    return lede_character_is_unspaced(next) && !lede_character_is_closing(next);
}

size_t lede_text_word_start(const char *text, size_t size, size_t from, size_t to)
{
    size_t fallback = to;
    for (size_t offset = from; offset < to; offset++) {
        if (!lede_text_may_cut(text, size, offset))
            continue;
        if (offset == 0 || is_word_start(text, size, offset))
            return offset;
        if (fallback == to)
            fallback = offset;
    }
    return fallback;
}

/* Does a word end at `offset`, 0 < offset < size, a place to cut? */
static bool is_word_end(const char *text, size_t size, size_t offset)
{
    size_t length;
    uint32_t next = lede_character_at(text, size, offset, &length);
    uint32_t previous = lede_character_before(text, offset, &length);
    if (lede_character_is_space(previous))
        return false;
    if (lede_character_is_space(next))
        return true;
    return lede_character_is_unspaced(previous) && !lede_character_is_closing(next);
}

size_t lede_text_word_end(const char *text, size_t size, size_t from, size_t to)
{
    if (to >= size)
        return size;
    size_t fallback = from;
    for (size_t offset = to; offset > from; offset--) {
        if (!lede_text_may_cut(text, size, offset))
            continue;
        if (is_word_end(text, size, offset))
            return offset;
        if (fallback == from)
            fallback = offset;
    }
    /* A word that ends at `from` itself is better than a part of the next. */
    return from > 0 && from < size && is_word_end(text, size, from) ? from : fallback;
}

size_t lede_text_skip_space(const char *text, size_t start, size_t end)
{
    size_t length;
    while (start < end) {
        uint32_t character = lede_character_at(text, end, start, &length);
        if (!lede_character_is_space(character) && !lede_character_is_dropped(character))
            break;
        start += length;
    }
    return start;
}

size_t lede_text_trim_space(const char *text, size_t start, size_t end)
{
    size_t length;
    while (end > start) {
        uint32_t character = lede_character_before(text, end, &length);
        if (length > end - start)
            break;
        if (!lede_character_is_space(character) && !lede_character_is_dropped(character))
            break;
        end -= length;
    }
    return end;
}

/* Full stops and quotes also begin things (".5", "'tis", »so«): what follows decides. */
static bool may_begin(uint32_t character)
{
    return character == '.' || character == '"' || character == '\'' || character == 0xBB ||
           character == 0x2019 || character == 0x201D || character == 0x203A;
}

size_t lede_text_skip_stray(const char *text, size_t start, size_t end)
{
    size_t length;
    for (start = lede_text_skip_space(text, start, end); start < end;
         start = lede_text_skip_space(text, start, end)) {
        uint32_t character = lede_character_at(text, end, start, &length);
        if (!lede_character_is_closing(character))
            break;
        size_t after = start + length;
        size_t ignored;
        uint32_t next = after < end ? lede_character_at(text, end, after, &ignored) : ' ';
        if (may_begin(character) && !lede_character_is_space(next) &&
            !lede_character_is_closing(next))
            break;
        start = after;
    }
    return start;
}
