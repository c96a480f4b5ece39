/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing goes twice over the stretch: the first time it only counts, so that the second fits one
 * piece of the arena.
 *
 * Escaping comes before marking: the text goes out character by character through put_character(),
 * the marks straight. */
#include "render.h"

#include "characters.h"

#include <string.h>

struct writer {
    char *out; /* NULL: count only */
    size_t size;
    bool escapes;
    size_t text_end;        /* the stretch's end in the text */
    bool has_pending_space; /* white space was read, and not yet written */
    bool has_text;
};

static const char ellipsis[] = "\xE2\x80\xA6";
static const char replacement[] = "\xEF\xBF\xBD";

static void put(struct writer *writer, const char *bytes, size_t size)
{
    if (writer->out)
        memcpy(writer->out + writer->size, bytes, size);
    writer->size += size;
}

static void put_string(struct writer *writer, const char *string)
{
    if (string)
        put(writer, string, strlen(string));
}

static void put_pending_space(struct writer *writer)
{
    if (writer->has_pending_space && writer->has_text)
        put(writer, " ", 1);
    writer->has_pending_space = false;
    writer->has_text = true;
}

/* Letters, digits and the punctuation that no format changes: most of any text. */
static inline bool is_plain(char c)
{
    return c > ' ' && c < 0x7F && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
}

/* Write the character at `offset`, if it is one to be seen. Returns its size in the text. */
static size_t put_character(struct writer *writer, const char *text, size_t end, size_t offset)
{
    size_t size;
    uint32_t character = lede_character_at(text, end, offset, &size);
    if (lede_character_is_space(character)) {
        writer->has_pending_space = true;
        return size;
    }
    if (lede_character_is_dropped(character))
        return size;
    put_pending_space(writer);
    const char *entity = writer->escapes && size == 1 ? lede_html_entity(text[offset]) : NULL;
    if (entity)
        put_string(writer, entity);
    else if (character == LEDE_REPLACEMENT_CHARACTER)
        put(writer, replacement, sizeof(replacement) - 1);
    else
        put(writer, text + offset, size);
    return size;
}

/* A full stop or comma with white space around it has strayed from the word before: it goes back
 * without the space. */
static bool is_stray_mark(const struct writer *writer, const char *text, size_t offset)
{
    if (text[offset] != '.' && text[offset] != ',')
        return false;
    return offset + 1 == writer->text_end || text[offset + 1] == ' ' || text[offset + 1] == '\n';
}

static void put_text(struct writer *writer, const char *text, size_t start, size_t end)
{
    while (start < end) {
        size_t run = start;
        while (run < end && is_plain(text[run]))
            run++;
        if (run > start) {
            writer->has_pending_space =
                writer->has_pending_space && !is_stray_mark(writer, text, start);
            put_pending_space(writer);
            put(writer, text + start, run - start);
            start = run;
        } else {
            start += put_character(writer, text, end, start);
        }
    }
}

static void put_fragment(struct writer *writer, const char *text, const struct lede_window *window,
    const struct lede_fragment *fragment, const struct lede_highlight_options *options)
{
    size_t offset = window->start;
    if (!window->starts_sentence) {
        put_string(writer, ellipsis);
        put(writer, " ", 1);
    }
    for (size_t i = 0; i < fragment->mark_count; i++) {
        const struct lede_mark *mark = &fragment->marks[i];
        put_text(writer, text, offset, mark->start);
        put_pending_space(writer);
        put_string(writer, options->pre);
        put_text(writer, text, mark->start, mark->start + mark->size);
        put_string(writer, options->post);
        offset = mark->start + mark->size;
    }
    put_text(writer, text, offset, window->end);
    if (!window->ends_sentence) {
        put(writer, " ", 1);
        put_string(writer, ellipsis);
    }
}

static enum lede_status write_marked(const char *text, const struct lede_window *window,
    const struct lede_highlight_options *options, struct lede_arena *arena,
    struct lede_fragment *fragment)
{
    bool escapes = options->format == LEDE_HIGHLIGHT_HTML;
    struct writer counter = {.escapes = escapes, .text_end = window->end};
    put_fragment(&counter, text, window, fragment, options);
    struct writer writer = {.escapes = escapes,
        .text_end = window->end,
        .out = lede_arena_alloc(arena, counter.size + 1)};
    if (!writer.out)
        return LEDE_ENOMEM;
    put_fragment(&writer, text, window, fragment, options);
    writer.out[writer.size] = '\0';
    fragment->text = writer.out;
    fragment->text_size = writer.size;
    return LEDE_OK;
}

/* The first match that ends after `offset`. */
static size_t first_match_after(const struct lede_match_list *list, size_t offset)
{
    size_t low = 0;
    size_t count = list->count;
    while (count > 0) {
        size_t half = count / 2;
        if (list->matches[low + half].end <= offset) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low;
}

static enum lede_status collect_marks(const char *text, const struct lede_window *window,
    const struct lede_match_list *list, struct lede_arena *arena, struct lede_fragment *fragment)
{
    size_t first = first_match_after(list, window->start);
    size_t past = first;
    while (past < list->count && list->matches[past].start < window->end)
        past++;
    if (past == first)
        return LEDE_OK;
    struct lede_mark *marks = lede_arena_alloc(arena, (past - first) * sizeof(*marks));
    if (!marks)
        return LEDE_ENOMEM;
    size_t count = 0;
    for (size_t i = first; i < past; i++) {
        size_t start = list->matches[i].start;
        size_t end = list->matches[i].end;
        if (past - first > 1 && (start < window->start || end > window->end))
            continue;
        start = start < window->start ? window->start : start;
        end = end > window->end ? lede_text_trim_space(text, start, window->end) : end;
        if (end > start)
            marks[count++] = (struct lede_mark){start, end - start};
    }
    fragment->marks = marks;
    fragment->mark_count = count;
    return LEDE_OK;
}

enum lede_status lede_fragment_render(const char *text, const struct lede_window *window,
    const struct lede_match_list *list, const struct lede_highlight_options *options,
    struct lede_arena *arena, struct lede_fragment *ret_fragment)
{
    struct lede_fragment fragment = {.start = window->start, .size = window->end - window->start};
    enum lede_status st = collect_marks(text, window, list, arena, &fragment);
    if (st != LEDE_OK)
        return st;
    if (options->format != LEDE_HIGHLIGHT_RANGES) {
        st = write_marked(text, window, options, arena, &fragment);
    } else {
        fragment.text = lede_arena_copy(arena, text + fragment.start, fragment.size);
        fragment.text_size = fragment.size;
        st = fragment.text ? LEDE_OK : LEDE_ENOMEM;
    }
    if (st == LEDE_OK)
        *ret_fragment = fragment;
    return st;
}
