/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of bytes, cut into documents.
 *
 * The first bytes choose how: lines, objects, an array, or all as one text. */
#include "split_formats.h"
#include "split_window.h"

#include "lede/model.h"

#include <stdlib.h>
#include <string.h>

static enum lede_status skip_byte_order_mark(
    struct lede_splitter *splitter, struct lede_error *reterr)
{
    while (splitter->end - splitter->start < 3 && !splitter->has_ended) {
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
    if (splitter->end - splitter->start >= 3 &&
        memcmp(splitter->data + splitter->start, "\xEF\xBB\xBF", 3) == 0)
        lede_splitter_consume(splitter, 3);
    return LEDE_OK;
}

/* Whether a line that begins with '{' stops inside its object: then the object goes on over several
 * lines. A line that stops inside a string does not count: no object has a line break there, so
 * that is a damaged line among others. */
static bool line_leaves_object_open(const char *line, size_t size)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < size; i++) {
        char c = line[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']') && depth > 0)
            depth--;
    }
    return depth > 0 && !in_string;
}

/* Tell lines from objects by the first line. */
static enum lede_status choose_lines_or_objects(
    struct lede_splitter *splitter, struct lede_error *reterr)
{
    for (;;) {
        const char *line = splitter->data + splitter->start;
        size_t held = splitter->end - splitter->start;
        const char *line_end = memchr(line, '\n', held);
        bool is_whole = line_end || splitter->has_ended || held > splitter->document_bytes_max;
        if (is_whole) {
            size_t size = line_end ? (size_t)(line_end - line) : SIZE_MAX;
            bool is_open =
                size <= splitter->document_bytes_max && line_leaves_object_open(line, size);
            splitter->mode = is_open ? LEDE_SPLIT_OBJECTS : LEDE_SPLIT_LINES;
            return LEDE_OK;
        }
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

static enum lede_status choose_mode(struct lede_splitter *splitter, struct lede_error *reterr)
{
    enum lede_status status = skip_byte_order_mark(splitter, reterr);
    if (status == LEDE_OK)
        status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    char first = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    if (splitter->start == splitter->end) {
        splitter->mode = LEDE_SPLIT_END;
    } else if (splitter->format == LEDE_IMPORT_NDJSON) {
        splitter->mode = LEDE_SPLIT_LINES;
    } else if (splitter->format == LEDE_IMPORT_TEXT) {
        splitter->mode = LEDE_SPLIT_TEXT;
    } else if (first == '[') {
        lede_splitter_consume(splitter, 1);
        splitter->mode = LEDE_SPLIT_ARRAY;
    } else if (first == '{') {
        return choose_lines_or_objects(splitter, reterr);
    } else if (splitter->format == LEDE_IMPORT_JSON) {
        return lede_splitter_break(splitter, "an object or an array", reterr);
    } else {
        splitter->mode = LEDE_SPLIT_TEXT;
    }
    return LEDE_OK;
}

/* Drop the rest of a line that is too long. */
static enum lede_status skip_line(struct lede_splitter *splitter, struct lede_error *reterr)
{
    for (;;) {
        const char *line = splitter->data + splitter->start;
        size_t held = splitter->end - splitter->start;
        const char *line_end = held > 0 ? memchr(line, '\n', held) : NULL;
        if (line_end) {
            lede_splitter_consume(splitter, (size_t)(line_end + 1 - line));
            return LEDE_OK;
        }
        lede_splitter_consume(splitter, held);
        if (splitter->has_ended)
            return LEDE_OK;
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

static bool is_blank(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && lede_is_json_space(text[i]))
        i++;
    return i == size;
}

/* Use up the rest of a line, `size` bytes, and its break. Returns whether it gave an item: a blank
 * one gives none.
 * dropped  blank bytes of it that were used up before */
static bool take_line(struct lede_splitter *splitter, size_t dropped, size_t size, bool has_break,
    struct lede_import_item *ret_item)
{
    const char *line = splitter->data + splitter->start;
    uint64_t number = splitter->line;
    splitter->start += size + has_break;
    splitter->consumed += size + has_break;
    splitter->line += has_break;
    if (size > 0 && line[size - 1] == '\r')
        size--;
    if (is_blank(line, size))
        return false;
    if (dropped + size > splitter->document_bytes_max)
        lede_item_set_over_limit(ret_item, splitter->document_bytes_max, number);
    else
        lede_item_set(ret_item, line, size, number);
    return true;
}

static enum lede_status split_lines(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    if (splitter->skips_line) {
        enum lede_status status = skip_line(splitter, reterr);
        if (status != LEDE_OK)
            return status;
        splitter->skips_line = false;
    }
    for (;;) {
        const char *line = splitter->data + splitter->start;
        size_t held = splitter->end - splitter->start;
        size_t scanned = splitter->scanned;
        const char *line_end = held > scanned ? memchr(line + scanned, '\n', held - scanned) : NULL;
        if (line_end || splitter->has_ended) {
            size_t size = line_end ? (size_t)(line_end - line) : held;
            size_t dropped = splitter->dropped;
            *ret_more = size > 0 || line_end;
            splitter->scanned = splitter->dropped = 0;
            if (!*ret_more || take_line(splitter, dropped, size, line_end != NULL, ret_item))
                return LEDE_OK;
            continue;
        }
        bool is_over = held > splitter->document_bytes_max + 1; /* 1: a carriage return */
        if (is_over && is_blank(line, held)) {
            splitter->dropped += held;
            lede_splitter_consume(splitter, held);
        } else if (is_over) {
            lede_item_set_over_limit(ret_item, splitter->document_bytes_max, splitter->line);
            *ret_more = true;
            splitter->skips_line = true;
            splitter->scanned = splitter->dropped = 0;
            return LEDE_OK;
        }
        splitter->scanned = splitter->end - splitter->start;
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

enum lede_status lede_splitter_new(const struct lede_splitter_options *options,
    struct lede_splitter **ret_splitter, struct lede_error *reterr)
{
    struct lede_splitter *splitter = calloc(1, sizeof *splitter);
    if (!splitter)
        return lede_fail_memory(reterr);
    splitter->read = options->read;
    splitter->context = options->context;
    splitter->format = options->format;
    splitter->charset_is_declared = options->charset_is_declared;
    splitter->document_bytes_max =
        options->document_bytes_max ? options->document_bytes_max : LEDE_DOCUMENT_BYTES_MAX;
    splitter->line = 1;
    *ret_splitter = splitter;
    return LEDE_OK;
}

void lede_splitter_free(struct lede_splitter *splitter)
{
    if (!splitter)
        return;
    lede_buffer_done(&splitter->made);
    free(splitter->data);
    free(splitter);
}

void lede_splitter_freep(struct lede_splitter **splitter)
{
    lede_splitter_free(*splitter);
    *splitter = NULL;
}

enum lede_status lede_splitter_next(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    if (splitter->mode == LEDE_SPLIT_START) {
        enum lede_status status = choose_mode(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
    switch (splitter->mode) {
    case LEDE_SPLIT_LINES:
        return split_lines(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_OBJECTS:
        return lede_split_objects(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_ARRAY:
        return lede_split_array(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_TEXT:
        return lede_split_text(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_BROKEN:
        if (reterr)
            *reterr = splitter->broken;
        return splitter->broken.status;
    default:
        *ret_more = false;
        return LEDE_OK;
    }
}
