/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plain text file as one document: its first line that is not blank is the title, the rest the
 * body.
 *
 * Bytes that are not valid UTF-8 as a whole are read as Windows-1252, which every byte is valid in
 * and which holds Latin-1's letters at the same places: what old newsroom systems write. */
#include "lede/encoding.h"
#include "split_formats.h"
#include "split_window.h"

#include <string.h>

enum { TITLE_BYTES_MAX = 300 }; /* a longer first line is no title, but a paragraph */

static void append_windows_1252(struct lede_buffer *buffer, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80) {
            lede_buffer_append_char(buffer, (char)c);
            continue;
        }
        char character[4];
        lede_buffer_append(
            buffer, character, lede_utf8_encode(lede_windows_1252_decode(c), character));
    }
}

/* Append the inside of a JSON string; line breaks of every system become '\n'. */
static void append_escaped(struct lede_buffer *buffer, const char *text, size_t size)
{
    size_t from = 0; /* text[from, i) needs no escape */
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        lede_buffer_append(buffer, text + from, i - from);
        from = i + 1;
        if (c == '\r' && i + 1 < size && text[i + 1] == '\n')
            continue;
        if (c == '\n' || c == '\r')
            lede_buffer_append(buffer, "\\n", 2);
        else if (c >= 0x20)
            lede_buffer_append(buffer, (const char[]){'\\', (char)c}, 2);
        else
            lede_buffer_append_format(buffer, "\\u%04x", c);
    }
    lede_buffer_append(buffer, text + from, size - from);
}

static bool is_space(char c)
{
    return lede_is_json_space(c) || c == '\v' || c == '\f';
}

/* text has no white space at either end. */
static void write_document(struct lede_buffer *made, const char *text, size_t size)
{
    size_t title = 0;
    while (title < size && text[title] != '\n' && text[title] != '\r')
        title++;
    if (title > TITLE_BYTES_MAX)
        title = 0;
    size_t body = title;
    while (body < size && is_space(text[body]))
        body++;
    lede_buffer_clear(made);
    lede_buffer_append_char(made, '{');
    if (title > 0) {
        lede_buffer_append_string(made, "\"title\":\"");
        append_escaped(made, text, title);
        lede_buffer_append_string(made, body < size ? "\"," : "\"");
    }
    if (body < size) {
        lede_buffer_append_string(made, "\"body\":\"");
        append_escaped(made, text + body, size - body);
        lede_buffer_append_char(made, '"');
    }
    lede_buffer_append_char(made, '}');
}

static enum lede_status read_all(struct lede_splitter *splitter, struct lede_error *reterr)
{
    while (
        !splitter->has_ended && splitter->end - splitter->start <= splitter->document_bytes_max) {
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

enum lede_status lede_split_text(struct lede_splitter *splitter, struct lede_import_item *ret_item,
    bool *ret_more, struct lede_error *reterr)
{
    enum lede_status status = read_all(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    const char *text = splitter->data + splitter->start;
    size_t size = splitter->end - splitter->start;
    if (splitter->is_cut) {
        lede_splitter_consume(splitter, size);
        return lede_splitter_break(splitter, "the end of the text", reterr);
    }
    *ret_more = true;
    if (size > splitter->document_bytes_max) {
        lede_item_set_over_limit(ret_item, splitter->document_bytes_max, splitter->line);
        splitter->mode = LEDE_SPLIT_END;
        return LEDE_OK;
    }
    if (memchr(text, '\0', size)) {
        memset(ret_item, 0, sizeof *ret_item);
        ret_item->line = splitter->line;
        ret_item->status = lede_fail(&ret_item->error, LEDE_EINPUT,
            "expected a text, found NUL bytes: where it is UTF-16, its charset has to be given");
        splitter->mode = LEDE_SPLIT_END;
        return LEDE_OK;
    }
    struct lede_buffer converted = {0};
    if (!splitter->charset_is_declared && !lede_utf8_is_valid(text, size)) {
        append_windows_1252(&converted, text, size);
        text = converted.data;
        size = converted.size;
    }
    while (size > 0 && text && is_space(text[size - 1]))
        size--;
    status = lede_buffer_status(&converted);
    if (status == LEDE_OK)
        write_document(&splitter->made, text, size);
    lede_buffer_done(&converted);
    if (status != LEDE_OK || lede_buffer_status(&splitter->made) != LEDE_OK)
        return lede_fail_memory(reterr);
    lede_item_set(ret_item, splitter->made.data, splitter->made.size, splitter->line);
    splitter->mode = LEDE_SPLIT_END;
    return LEDE_OK;
}
