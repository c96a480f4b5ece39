/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where paragraphs begin. A blank line always parts two; of one line break what the lines around it
 * look like decides:
 *
 * 1. A line that is indented (two spaces, a tab or an ideographic space) behind one that is not, or
 * behind the end of a sentence. 2. A line that begins with a bullet and a space.
 * 3. A line behind the end of a sentence, if the line before is longer than anyone wraps lines (one
 * line a paragraph) or, where no blank
 *    or indented lines are near that part paragraphs, if lines near it are so long, or if the line
 *    before ended early: the word that follows would have fitted, by the longest line near. Who
 *    wraps text breaks no line before it is full.
 * A line that goes on in lower case begins none. */
#include "paragraphs.h"

#include <string.h>

#include "chars.h"
#include "lede/encoding.h"
#include "lede/text.h"

#define PARAGRAPH_WINDOW_BYTES 1024
#define PARAGRAPH_WINDOW_LINES 8
#define WRAPPED_LINE_CHARS_MAX 120
#define OPENERS_MAX 4 /* quotation marks and brackets before a line's first word */

/* A line without the white space around it. */
struct line {
    size_t start;
    size_t end;
    size_t line_break; /* where it stands, or the limit */
    bool indented;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static size_t indent_size(const char *text, size_t size, size_t start, bool *ret_indented)
{
    size_t end = start, spaces = 0;
    *ret_indented = false;
    for (;;) {
        struct text_char c = char_at(text, size, end);
        if (c.kind != CHAR_SPACE || c.code == '\n')
            break;
        spaces += c.code != '\r';
        *ret_indented = *ret_indented || spaces > 1 || c.code == '\t' || c.code == 0x3000;
        end += c.size;
    }
    return end - start;
}

/* The line that begins at `start`, as far as `limit`. */
static struct line line_at(const char *text, size_t start, size_t limit)
{
    const char *line_break = start < limit ? memchr(text + start, '\n', limit - start) : NULL;
    struct line line = {.line_break = line_break ? (size_t)(line_break - text) : limit};
    line.end = line.line_break;
    line.start = start + indent_size(text, line.end, start, &line.indented);
    while (line.end > line.start && is_space(text[line.end - 1]))
        line.end--;
    return line;
}

/* The start of the line whose break is at text[line_break], not before `limit`. */
static size_t line_start(const char *text, size_t limit, size_t line_break)
{
    const char *before = memrchr(text + limit, '\n', line_break - limit);
    return before ? (size_t)(before - text) + 1 : limit;
}

static bool is_blank(const struct line *line)
{
    return line->start >= line->end;
}

static bool ends_sentence(const char *text, const struct line *line)
{
    size_t end = line->end;
    while (end > line->start) {
        size_t last = lede_utf8_boundary(text, end, end - 1);
        int32_t code = char_at(text, end, last).code;
        if (sentence_has_mark(code))
            return true;
        if (!sentence_has_closer(code) && code != ' ' && code != 0x00A0 && code != 0x202F)
            return false;
        end = last;
    }
    return false;
}

static bool begins_with_bullet(const char *text, const struct line *line)
{
    struct text_char bullet = char_at(text, line->end, line->start);
    if (char_at(text, line->end, line->start + bullet.size).code != ' ')
        return false;
    switch (bullet.code) {
    case '*':
    case '-':
    case 0x00B7:
    case 0x2013: /* dashes: speech in some languages */
    case 0x2014:
    case 0x2022: /* bullets, triangles, squares, circles */
    case 0x2023:
    case 0x25A0:
    case 0x25AA:
    case 0x25B6:
    case 0x25CF:
    case 0x25E6:
        return true;
    default:
        return false;
    }
}

/* Is the line's first word one that may begin a sentence? ret_word_end  behind its first word */
static bool may_begin_paragraph(const char *text, const struct line *line, size_t *ret_word_end)
{
    size_t offset = line->start;
    struct text_char c = char_at(text, line->end, offset);
    for (int i = 0; i < OPENERS_MAX && c.kind != CHAR_LETTER && c.kind != CHAR_DIGIT; i++) {
        if (sentence_has_mark(c.code))
            return false;
        offset += c.size;
        c = char_at(text, line->end, offset);
    }
    if ((c.kind != CHAR_LETTER && c.kind != CHAR_DIGIT) || c.letter_case == CASE_LOWER)
        return false;
    bool is_unspaced = c.script != SCRIPT_SPACED;
    while (offset < line->end && !is_space(text[offset]) && !is_unspaced)
        offset++;
    *ret_word_end = offset + (is_unspaced ? c.size : 0u);
    return true;
}

/* What the lines near say of how the text is laid out. */
struct layout {
    size_t longest;  /* characters */
    bool has_marked; /* blank or indented lines between others part paragraphs */
};

static void take_line(struct layout *layout, const char *text, const struct line *line)
{
    size_t length = lede_utf8_count(text + line->start, line->end - line->start);
    layout->longest = length > layout->longest ? length : layout->longest;
    layout->has_marked = layout->has_marked || line->indented;
}

/* Look at the lines from `start` on, until `limit`. A blank one counts if text is behind it. */
static void measure_lines_behind(
    struct layout *layout, const char *text, size_t start, size_t limit)
{
    bool blank = false;
    for (int i = 0; i < PARAGRAPH_WINDOW_LINES && start < limit; i++) {
        struct line line = line_at(text, start, limit);
        if (is_blank(&line)) {
            blank = true;
        } else {
            layout->has_marked = layout->has_marked || blank;
            take_line(layout, text, &line);
        }
        start = line.line_break + 1;
    }
}

static void measure_lines_before(
    struct layout *layout, const char *text, size_t limit, size_t line_break)
{
    bool blank = false;
    for (int i = 0; i < PARAGRAPH_WINDOW_LINES; i++) {
        size_t start = line_start(text, limit, line_break);
        struct line line = line_at(text, start, line_break);
        if (is_blank(&line)) {
            blank = true;
        } else {
            layout->has_marked = layout->has_marked || blank;
            take_line(layout, text, &line);
        }
        if (start <= limit)
            return;
        line_break = start - 1;
    }
}

/* Most breaks of wrapped text are between two words of one sentence. */
static bool is_inside_sentence(const char *text, size_t size, size_t line_break)
{
    if (line_break == 0 || line_break + 1 >= size)
        return false;
    unsigned char before = (unsigned char)text[line_break - 1],
                  behind = (unsigned char)text[line_break + 1];
    if (char_is_ascii_lower((char)behind))
        return true;
    bool is_word = before < 0x80 && (char_ascii_kinds[before] == CHAR_LETTER ||
                                        char_ascii_kinds[before] == CHAR_DIGIT);
    return is_word && (char_is_ascii_upper((char)behind) || char_is_ascii_digit((char)behind));
}

bool paragraph_begins(const char *text, size_t size, size_t line_break)
{
    if (is_inside_sentence(text, size, line_break))
        return false;
    size_t first = line_break > PARAGRAPH_WINDOW_BYTES ? line_break - PARAGRAPH_WINDOW_BYTES : 0;
    size_t last =
        size - line_break > PARAGRAPH_WINDOW_BYTES ? line_break + PARAGRAPH_WINDOW_BYTES : size;
    struct line before = line_at(text, line_start(text, first, line_break), line_break);
    struct line behind = line_at(text, line_break + 1, last);
    if (is_blank(&before) || is_blank(&behind))
        return false;
    bool is_ended = ends_sentence(text, &before);
    if ((behind.indented && (is_ended || !before.indented)) || begins_with_bullet(text, &behind))
        return true;
    size_t word_end = 0;
    if (!is_ended || !may_begin_paragraph(text, &behind, &word_end))
        return false;
    size_t length = lede_utf8_count(text + before.start, before.end - before.start);
    if (length > WRAPPED_LINE_CHARS_MAX)
        return true;
    struct layout layout = {0};
    measure_lines_before(&layout, text, first, line_break);
    measure_lines_behind(&layout, text, line_break + 1, last);
    if (layout.has_marked || layout.longest > WRAPPED_LINE_CHARS_MAX)
        return !layout.has_marked;
    return length + 1 + lede_utf8_count(text + behind.start, word_end - behind.start) <=
           layout.longest;
}
