/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sentences end: at closing marks that white space and no lower-case word follows, and where
 * a paragraph begins. */
#include "abbreviations.h"
#include "chars.h"
#include "lede/encoding.h"
#include "lede/text.h"
#include "paragraphs.h"

#define SENTENCE_BYTES_MAX 4096
#define OPENERS_MAX 8 /* quotation marks and dashes looked past before the next word */
/* lines of only a closing mark taken by one sentence; bounds the look-ahead */
#define LONE_MARKS_MAX 4

enum mark {
    MARK_NONE,
    MARK_STOP,     /* . */
    MARK_QUESTION, /* ? ! … : no abbreviation has one */
    MARK_WIDE,     /* 。 and its like: end a sentence by themselves */
};

static enum mark mark_of(int32_t code)
{
    switch (code) {
    case '.':
        return MARK_STOP;
    case '!':
    case '?':
    case 0x2026: /* … */
    case 0x203C: /* ‼ to ⁉ */
    case 0x2047:
    case 0x2048:
    case 0x2049:
        return MARK_QUESTION;
    case 0x0589: /* Armenian */
    case 0x061F: /* Arabic ؟ */
    case 0x06D4: /* Urdu */
    case 0x0964: /* danda */
    case 0x0965:
    case 0x104A: /* Burmese */
    case 0x104B:
    case 0x17D4: /* Khmer */
    case 0x17D5:
    case 0x3002: /* 。 */
    case 0xFF01:
    case 0xFF0E:
    case 0xFF1F:
    case 0xFF61:
        return MARK_WIDE;
    default:
        return MARK_NONE;
    }
}

/* The Greek question mark is written as a semicolon, which other languages have, too. */
static bool is_behind_greek(const char *text, size_t offset)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (offset < 2)
        return false;
    bool is_extended = offset >= 3 && bytes[offset - 3] == 0xE1 && bytes[offset - 2] >= 0xBC;
    return bytes[offset - 2] == 0xCE || bytes[offset - 2] == 0xCF || is_extended;
}

static enum mark mark_at(const char *text, size_t offset, const struct text_char *c)
{
    bool is_greek = c->code == 0x037E || (c->code == ';' && is_behind_greek(text, offset));
    return is_greek ? MARK_QUESTION : mark_of(c->code);
}

bool sentence_has_mark(int32_t code)
{
    return mark_of(code) != MARK_NONE;
}

/* Brackets and quotation marks that may stand behind a closing mark; some languages close with “
 * and ‘. */
bool sentence_has_closer(int32_t code)
{
    switch (code) {
    case ')':
    case ']':
    case '}':
    case '"':
    case '\'':
    case 0x00BB: /* » */
    case 0x00AB: /* «, in German */
    case 0x2018:
    case 0x2019:
    case 0x201C:
    case 0x201D:
    case 0x203A:
    case 0x300D: /* 」 */
    case 0x300F:
    case 0x3009:
    case 0x300B:
    case 0x3011:
    case 0xFF09:
    case 0xFF3D:
    case 0xFF02:
        return true;
    default:
        return false;
    }
}

/* Skip white space. *ret_parts tells whether a paragraph begins behind it. */
static size_t skip_space(const char *text, size_t size, size_t offset, bool *ret_parts)
{
    size_t breaks = 0;
    bool parts = false;
    for (;;) {
        struct text_char c = char_at(text, size, offset);
        if (c.kind != CHAR_SPACE)
            break;
        if (c.code == '\n') {
            breaks++;
            parts = parts || breaks > 1 || paragraph_begins(text, size, offset);
        }
        offset += c.size;
    }
    *ret_parts = parts;
    return offset;
}

static size_t skip_closers(const char *text, size_t size, size_t offset)
{
    for (;;) {
        struct text_char c = char_at(text, size, offset);
        if (c.code == ' ' || c.code == 0x00A0 || c.code == 0x202F) { /* French: « Non ! » */
            struct text_char next = char_at(text, size, offset + c.size);
            if (next.code != 0x00BB)
                return offset;
            offset += c.size;
            c = next;
        }
        if (!sentence_has_closer(c.code))
            return offset;
        offset += c.size;
    }
}

static bool lower_case_follows(const char *text, size_t size, size_t offset)
{
    for (int i = 0; i < OPENERS_MAX; i++) {
        struct text_char c = char_at(text, size, offset);
        if (c.kind == CHAR_LETTER)
            return c.letter_case == CASE_LOWER;
        if (c.kind == CHAR_DIGIT || c.kind == CHAR_END)
            return false;
        offset += c.size;
    }
    return false;
}

/* Take lines that hold a closing mark only: they belong to the sentence before. */
static size_t skip_lone_marks(const char *text, size_t size, size_t offset, bool *ret_parts)
{
    for (int i = 0; i < LONE_MARKS_MAX; i++) {
        struct text_char c = char_at(text, size, offset);
        if (mark_of(c.code) == MARK_NONE || offset == 0 || text[offset - 1] != '\n')
            return offset;
        size_t behind = offset + c.size;
        struct text_char next = char_at(text, size, behind);
        if (next.kind != CHAR_SPACE && next.kind != CHAR_END)
            return offset;
        offset = skip_space(text, size, behind, ret_parts);
        if (*ret_parts)
            return offset;
    }
    return offset;
}

/* Look at the closing mark at *offset. Returns the sentence's end, or 0 if it goes on; then *offset
 * is behind the marks. */
static size_t end_at_mark(const char *text, size_t size, size_t begin, size_t *offset)
{
    size_t first = *offset, behind = first, count = 0;
    enum mark strongest = MARK_NONE;
    for (;;) {
        struct text_char c = char_at(text, size, behind);
        enum mark mark = mark_at(text, behind, &c);
        if (mark == MARK_NONE)
            break;
        strongest = mark > strongest ? mark : strongest;
        behind += c.size;
        count++;
    }
    size_t closed = skip_closers(text, size, behind);
    *offset = closed;
    struct text_char next = char_at(text, size, closed);
    bool is_wide = strongest == MARK_WIDE && next.kind != CHAR_DIGIT;
    if (!is_wide && next.kind != CHAR_SPACE && next.kind != CHAR_END)
        return 0;
    bool parts = false;
    size_t end = skip_space(text, size, closed, &parts);
    if (!parts)
        end = skip_lone_marks(text, size, end, &parts);
    if (is_wide || parts || end == size)
        return end;
    if (lower_case_follows(text, size, end))
        return 0;
    bool is_plain = strongest == MARK_STOP && count == 1 && closed == behind;
    return is_plain && full_stop_is_abbreviation(text, size, begin, first, end) ? 0 : end;
}

/* The first bytes of all closing marks, and line feeds. */
static const bool may_end[256] = {['\n'] = true,
    ['.'] = true,
    ['!'] = true,
    ['?'] = true,
    [';'] = true,
    [0xCD] = true,
    [0xD6] = true,
    [0xD8] = true,
    [0xDB] = true,
    [0xE0] = true,
    [0xE1] = true,
    [0xE2] = true,
    [0xE3] = true,
    [0xEF] = true};

/* Cut a sentence without an end: at the last white space, else between two characters. */
static size_t cut(const char *text, size_t size, size_t begin, size_t limit)
{
    for (size_t i = limit; i > begin + 1; i--)
        if (text[i - 1] == ' ' || text[i - 1] == '\n')
            return i;
    size_t boundary = limit;
    while (boundary < size && limit - boundary < 4 && lede_utf8_continues(text[boundary]))
        boundary--;
    /* A start byte must be in reach, otherwise the bytes are no UTF-8 and any place is as good. */
    return limit - boundary < 4 ? boundary : limit;
}

size_t lede_sentence_end(const char *text, size_t size, size_t start)
{
    if (start >= size)
        return size;
    bool parts = false;
    size_t begin = skip_space(text, size, start, &parts);
    size_t limit = size - begin > SENTENCE_BYTES_MAX ? begin + SENTENCE_BYTES_MAX : size;
    for (size_t offset = begin; offset < limit;) {
        if (!may_end[(unsigned char)text[offset]]) {
            offset++;
            continue;
        }
        struct text_char c = char_at(text, size, offset);
        if (text[offset] == '\n') {
            offset = skip_space(text, size, offset, &parts);
            if (parts)
                return offset;
        } else if (mark_at(text, offset, &c) != MARK_NONE) {
            size_t end = end_at_mark(text, size, begin, &offset);
            if (end > 0)
                return end;
        } else {
            offset += c.size;
        }
    }
    return limit == size ? size : cut(text, size, begin, limit);
}
