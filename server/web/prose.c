/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prose.h"

#include "lede/encoding.h"
#include "lede/text.h"
#include "lede/time.h"

#include <stdio.h>
#include <string.h>

#define HEADLINE_CHARS_MAX 100 /* of one that is the beginning of a text */

struct line {
    const char *text;
    size_t size;
};

/* A text that is being set. */
struct setting {
    const char *text;
    const json_t *marks;
    size_t next;    /* mark, the first that does not end before what is set */
    size_t *number; /* of the last mark that was set */
    json_t *paragraphs;
    json_t *pieces; /* of the open paragraph; borrowed */
    bool failed;
};

/* ---- Pieces ---- */

/* The rest of a mark that a line's end parts; and what differs from another version. */
enum piece {
    PIECE_TEXT,
    PIECE_MARK,
    PIECE_REST,
    PIECE_DELETED = LEDE_PROSE_DELETED,
    PIECE_INSERTED = LEDE_PROSE_INSERTED,
};

static void add_piece(struct setting *setting, const char *text, size_t size, enum piece kind)
{
    char number[24];
    json_t *piece = json_pack("{s:s%}", "text", text, size);
    snprintf(number, sizeof(number), "%zu", *setting->number);
    if (kind == PIECE_MARK && json_object_set_new(piece, "mark", json_string(number)) != 0)
        setting->failed = true;
    const char *name = kind == PIECE_REST       ? "is_rest"
                       : kind == PIECE_DELETED  ? "deleted"
                       : kind == PIECE_INSERTED ? "inserted"
                                                : NULL;
    if (name && json_object_set_new(piece, name, json_true()) != 0)
        setting->failed = true;
    if (!piece || json_array_append_new(setting->pieces, piece) != 0)
        setting->failed = true;
}

/* Bytes of the mark that comes next, from `start` on. */
static bool mark_at(const struct setting *setting, size_t *ret_start, size_t *ret_end)
{
    const json_t *mark = json_array_get(setting->marks, setting->next);
    if (!mark)
        return false;
    *ret_start = (size_t)json_integer_value(json_array_get(mark, 0));
    *ret_end = *ret_start + (size_t)json_integer_value(json_array_get(mark, 1));
    return true;
}

/* What differs there; 0: it is a mark. */
static enum piece change_at(const struct setting *setting)
{
    const json_t *mark = json_array_get(setting->marks, setting->next);
    return (enum piece)json_integer_value(json_array_get(mark, 2));
}

static void add_slice(struct setting *setting, const char *text, size_t size)
{
    size_t at = (size_t)(text - setting->text), end = at + size, start = 0, behind = 0;
    while (at < end && mark_at(setting, &start, &behind)) {
        if (behind <= at) {
            setting->next++;
            continue;
        }
        if (start >= end)
            break;
        /* One that goes on behind a line's end was counted before. */
        bool is_new = start >= at;
        start = is_new ? start : at;
        size_t stop = behind < end ? behind : end;
        if (start > at)
            add_piece(setting, setting->text + at, start - at, PIECE_TEXT);
        enum piece change = change_at(setting);
        *setting->number += is_new && !change;
        add_piece(setting, setting->text + start, stop - start,
            change   ? change
            : is_new ? PIECE_MARK
                     : PIECE_REST);
        at = stop;
    }
    if (at < end)
        add_piece(setting, setting->text + at, end - at, PIECE_TEXT);
}

/* ---- Lines ---- */

static int32_t last_code(struct line line, size_t *size)
{
    unsigned bytes = 0;
    size_t at = lede_utf8_boundary(line.text, line.size, line.size - 1);
    int32_t code = lede_utf8_decode(line.text, line.size, at, &bytes);
    *size = line.size - at;
    return code;
}

static bool is_one_of(int32_t code, const char *characters)
{
    unsigned bytes = 0;
    size_t size = strlen(characters);
    for (size_t at = 0; at < size; at += bytes) {
        if (lede_utf8_decode(characters, size, at, &bytes) == code)
            return true;
    }
    return false;
}

static bool ends_sentence(struct line line)
{
    while (line.size > 0) {
        size_t bytes = 0;
        int32_t code = last_code(line, &bytes);
        if (is_one_of(code, ".!?…:;。！？」』؟۔"))
            return true;
        if (!is_one_of(code, "\"'”’»)]*"))
            return false;
        line.size -= bytes;
    }
    return false;
}

static bool is_cjk(int32_t code)
{
    return (code >= 0x3040 && code <= 0x30FF) || (code >= 0x3400 && code <= 0x9FFF) ||
           (code >= 0xF900 && code <= 0xFAFF) || (code >= 0x20000 && code <= 0x3FFFF);
}

static int32_t first_code(struct line line)
{
    unsigned bytes = 0;
    return lede_utf8_decode(line.text, line.size, 0, &bytes);
}

/* Does it begin with a small letter, or one of a script that has no capitals? */
static bool goes_on(struct line line)
{
    int32_t code = first_code(line);
    if (code < 0x80)
        return code >= 'a' && code <= 'z';
    bool is_letter = code > 0xBF && (code < 0x2000 || code > 0x206F) &&
                     (code < 0x3000 || code > 0x303F) && (code < 0xFF00 || code > 0xFF20);
    return is_letter && !lede_begins_with_capital(line.text, line.size);
}

static void open_paragraph(struct setting *setting)
{
    json_t *paragraph = json_pack("{s:[]}", "pieces");
    setting->pieces = json_object_get(paragraph, "pieces");
    if (!paragraph || json_array_append_new(setting->paragraphs, paragraph) != 0)
        setting->failed = true;
}

static void set_line(struct setting *setting, struct line line, struct line before, size_t widest)
{
    if (before.size == 0 || ends_sentence(before))
        open_paragraph(setting);
    else if (lede_utf8_count(before.text, before.size) < widest / 2 && !goes_on(line))
        setting->failed |=
            json_array_append_new(setting->pieces, json_pack("{s:b}", "break", 1)) != 0;
    else if (!is_cjk(first_code(line)))
        add_piece(setting, " ", 1, PIECE_TEXT);
    if (!setting->failed)
        add_slice(setting, line.text, line.size);
}

/* ---- Blocks ---- */

/* The bytes of a line break here; 0: there is none. */
static size_t break_size(const char *text, size_t left)
{
    if (text[0] == '\r')
        return left > 1 && text[1] == '\n' ? 2 : 1;
    if (text[0] == '\n')
        return 1;
    return left >= 3 &&
                   (memcmp(text, "\xE2\x80\xA8", 3) == 0 || memcmp(text, "\xE2\x80\xA9", 3) == 0)
               ? 3
               : 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The line at `at`, trimmed. ret_behind: what follows its break. U+2029 ends a block, as a blank
 * line does. */
static struct line next_line(
    const char *at, const char *end, const char **ret_behind, bool *ret_ends_block)
{
    const char *stop = at;
    size_t size = 0;
    while (stop < end && (size = break_size(stop, (size_t)(end - stop))) == 0)
        stop++;
    *ret_behind = stop + size;
    *ret_ends_block = size == 3 && stop[2] == '\xA9';
    while (at < stop && is_space(at[0]))
        at++;
    while (stop > at && is_space(stop[-1]))
        stop--;
    return (struct line){at, (size_t)(stop - at)};
}

static const char *set_block(struct setting *setting, const char *start, const char *end)
{
    size_t widest = 0;
    bool ends = false;
    const char *behind = start;
    struct line before = {0};
    for (const char *at = start; at < end && !ends; at = behind) {
        struct line line = next_line(at, end, &behind, &ends);
        size_t count = lede_utf8_count(line.text, line.size);
        ends = ends || line.size == 0;
        widest = count > widest ? count : widest;
    }
    const char *block_end = behind;
    for (const char *at = start; at < block_end && !setting->failed; at = behind) {
        struct line line = next_line(at, block_end, &behind, &ends);
        if (line.size > 0) {
            set_line(setting, line, before, widest);
            before = line;
        }
    }
    return block_end;
}

json_t *lede_prose_paragraphs(const char *text, size_t size, const json_t *marks, size_t *number)
{
    struct setting setting = {
        .text = text, .marks = marks, .number = number, .paragraphs = json_array()};
    setting.failed = !setting.paragraphs;
    for (const char *at = text, *end = text + size; at < end && !setting.failed;)
        at = set_block(&setting, at, end);
    if (!setting.failed)
        return setting.paragraphs;
    json_decref(setting.paragraphs);
    return NULL;
}

json_t *lede_prose_pieces(const char *text, size_t size, const json_t *marks, size_t *number)
{
    struct setting setting = {.text = text, .marks = marks, .number = number};
    json_t *pieces = json_array();
    setting.pieces = pieces;
    if (pieces)
        add_slice(&setting, text, size);
    if (!setting.failed)
        return pieces;
    json_decref(pieces);
    return NULL;
}

/* ---- Headlines, moments ---- */

static struct line trimmed(const char *text)
{
    size_t size = text ? strlen(text) : 0;
    while (size > 0 && is_space(text[0])) {
        text++;
        size--;
    }
    while (size > 0 && is_space(text[size - 1]))
        size--;
    return (struct line){text, size};
}

json_t *lede_prose_headline(const json_t *document, const char *id)
{
    static const char *const keys[] = {"title", "summary", "body"};
    struct line line = {0};
    size_t key = 0;
    for (; line.size == 0 && key < LEDE_COUNT_OF(keys); key++)
        line = trimmed(json_string_value(json_object_get(document, keys[key])));
    if (line.size == 0)
        line = trimmed(id);
    size_t end = 0;
    for (size_t count = 0; end < line.size && count < HEADLINE_CHARS_MAX; count++)
        end += lede_utf8_size(line.text + end, line.size - end);
    bool is_title = json_string_length(json_object_get(document, "title")) > 0;
    if (is_title || end == line.size)
        return json_stringn(line.text ? line.text : "", line.size);
    return json_sprintf("%.*s…", (int)end, line.text);
}

json_t *lede_prose_moment(const char *rfc3339)
{
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t utc_s = 0;
    char iso[21];
    if (!rfc3339 || lede_time_parse(rfc3339, strlen(rfc3339), &utc_s, NULL, NULL) != LEDE_OK)
        return NULL;
    int64_t second = ((utc_s % 86400) + 86400) % 86400;
    struct lede_civil_date day = lede_civil_from_days((utc_s - second) / 86400);
    lede_time_format(utc_s, iso);
    if (second == 0)
        return json_pack("{s:s, s:o*}", "iso", iso, "text",
            json_sprintf("%d %s %d", day.day, months[day.month - 1], day.year));
    return json_pack("{s:s, s:o*}", "iso", iso, "text",
        json_sprintf("%d %s %d, %02d:%02d UTC", day.day, months[day.month - 1], day.year,
            (int)(second / 3600), (int)(second / 60 % 60)));
}

json_t *lede_prose_escaped(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer escaped = {0};
    lede_buffer_append_html(&escaped, text, size);
    if (escaped.failed)
        return NULL;
    return json_stringn(escaped.data ? escaped.data : "", escaped.size);
}
