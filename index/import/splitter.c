/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of bytes, cut into documents.
 *
 * The first bytes choose how: lines, objects, an array, or all as one text. */
#include "explanation.h"
#include "format.h"
#include "split_formats.h"
#include "split_window.h"

#include "lede/model.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Tell lines from objects by the first object. One that goes on over several lines is no line;
 * neither is one with another behind it (curl -d takes line breaks out). Where a line stops inside
 * a string, that is a damaged line among others: no object has a line break there. */
static enum lede_status choose_lines_or_objects(
    struct lede_splitter *splitter, struct lede_error *reterr)
{
    struct lede_value_scan scan = {0};
    bool is_whole = false;
    for (;;) {
        const char *line = splitter->data + splitter->start;
        size_t held = splitter->end - splitter->start;
        const char *line_end = memchr(line, '\n', held);
        size_t size = line_end ? (size_t)(line_end - line) : held;
        is_whole = is_whole || lede_value_scan(&scan, line, size);
        size_t next =
            is_whole ? scan.offset + lede_skip_blank(line + scan.offset, size - scan.offset) : size;
        bool goes_on = line_end && !is_whole && !scan.in_string;
        bool may_be_objects = splitter->format != LEDE_IMPORT_NDJSON || is_whole;
        bool is_clear =
            line_end || next < size || splitter->has_ended || held > splitter->document_bytes_max;
        if (is_clear) {
            bool is_objects = goes_on || (next < size && line[next] == '{');
            splitter->mode = is_objects && may_be_objects ? LEDE_SPLIT_OBJECTS : LEDE_SPLIT_LINES;
            return LEDE_OK;
        }
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

/* In a stream of lines a '[' begins an array of documents where '{' or ']' follows. */
static enum lede_status choose_lines_or_array(
    struct lede_splitter *splitter, struct lede_error *reterr)
{
    for (;;) {
        const char *text = splitter->data + splitter->start;
        size_t held = splitter->end - splitter->start;
        size_t next = 1 + lede_skip_blank(text + 1, held - 1);
        bool is_over = held > splitter->document_bytes_max;
        if (next < held || splitter->has_ended || is_over) {
            bool is_array = next < held && (text[next] == '{' || text[next] == ']');
            splitter->mode = is_array ? LEDE_SPLIT_ARRAY : LEDE_SPLIT_LINES;
            if (is_array)
                lede_splitter_consume(splitter, 1);
            return LEDE_OK;
        }
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
}

/* ---- Formats ---- */

/* What a format's reader reads: the window's rest, then the stream. */
static enum lede_status read_on(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_splitter *splitter = context;
    size_t held = splitter->end - splitter->start;
    *ret_size = held < capacity ? held : capacity;
    if (held > 0) {
        memcpy(data, splitter->data + splitter->start, *ret_size);
        lede_splitter_consume(splitter, *ret_size);
        return LEDE_OK;
    }
    if (splitter->is_cut) { /* once: a reader may go on behind it */
        splitter->is_cut = splitter->has_ended = false;
        if (reterr)
            *reterr = splitter->broken;
        return splitter->broken.status;
    }
    if (splitter->has_ended)
        return LEDE_OK;
    return splitter->read(splitter->context, data, capacity, ret_size, reterr);
}

static bool takes_media_type(const char *media_type)
{
    const struct lede_format *format = NULL;
    for (size_t i = 0; (format = lede_format_at(i)); i++) {
        const char *const *types = lede_format_media_types(format);
        for (size_t j = 0; types[j]; j++) {
            if (strcasecmp(types[j], media_type) == 0)
                return true;
        }
    }
    return false;
}

static const struct lede_splitting splitting = {.open = lede_splitter_new,
    .next = lede_splitter_next,
    .line = lede_splitter_line,
    .free = lede_splitter_free,
    .format_of = lede_import_format_of,
    .takes = takes_media_type};

static enum lede_status open_known(struct lede_splitter *splitter, struct lede_error *reterr)
{
    struct lede_format_input input = {.format = splitter->known,
        .read = read_on,
        .context = splitter,
        .first_line = splitter->line,
        .is_utf8 = splitter->charset_is_declared,
        .document_bytes_max = splitter->document_bytes_max,
        .explanation = splitter->explanation,
        .depth = splitter->depth,
        .columns = splitter->columns,
        .splitting = &splitting};
    if (splitter->explanation && lede_explanation_begin(splitter->explanation, splitter->known,
                                     splitter->known->rows) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status status = splitter->known->reader->open(&input, &splitter->reader, reterr);
    if (status == LEDE_OK)
        splitter->mode = LEDE_SPLIT_KNOWN;
    return status;
}

static enum lede_status fill_head(struct lede_splitter *splitter, struct lede_error *reterr)
{
    enum lede_status status = LEDE_OK;
    while (status == LEDE_OK && !splitter->has_ended &&
           splitter->end - splitter->start < LEDE_FORMAT_HEAD_BYTES)
        status = lede_splitter_fill(splitter, reterr);
    return status;
}

static struct lede_format_head head_of(const struct lede_splitter *splitter)
{
    size_t held = splitter->end - splitter->start;
    bool is_all = held <= LEDE_FORMAT_HEAD_BYTES;
    return (struct lede_format_head){.text = splitter->data + splitter->start,
        .size = is_all ? held : LEDE_FORMAT_HEAD_BYTES,
        .is_whole = is_all && splitter->has_ended};
}

/* Is the stream JSON of a format that is known? A pipe is not waited for. */
static enum lede_status choose_known_json(
    struct lede_splitter *splitter, bool is_file, struct lede_error *reterr)
{
    enum lede_status status = is_file ? fill_head(splitter, reterr) : LEDE_OK;
    struct lede_format_head head = head_of(splitter);
    if (status == LEDE_OK)
        splitter->known = lede_format_recognise(&head, splitter->path, splitter->media_type);
    return splitter->known ? open_known(splitter, reterr) : status;
}

/* Which format does the stream begin as? A text is one only where its name says so. */
static enum lede_status choose_known(struct lede_splitter *splitter, struct lede_error *reterr)
{
    enum lede_status status = fill_head(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    struct lede_format_head head = head_of(splitter);
    splitter->known = lede_format_recognise(&head, splitter->path, splitter->media_type);
    if (splitter->known)
        return open_known(splitter, reterr);
    if (splitter->format == LEDE_IMPORT_TEXT) {
        splitter->mode = LEDE_SPLIT_TEXT;
        return LEDE_OK;
    }
    splitter->mode = LEDE_SPLIT_BROKEN;
    (void)lede_format_refuse(&head, splitter->line, &splitter->broken);
    if (reterr)
        *reterr = splitter->broken;
    return LEDE_EINPUT;
}

static enum lede_status next_known(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct lede_error error = {0};
    enum lede_status status =
        splitter->known->reader->next(splitter->reader, ret_item, ret_more, &error);
    if (status == LEDE_EINPUT || status == LEDE_EMEDIATYPE) {
        splitter->line = splitter->known->reader->line(splitter->reader);
        splitter->mode = LEDE_SPLIT_BROKEN;
        splitter->broken = error;
        splitter->broken.status = LEDE_EINPUT;
        status = LEDE_EINPUT;
    }
    if (status == LEDE_OK && *ret_more && ret_item->status == LEDE_OK &&
        ret_item->size > splitter->document_bytes_max)
        lede_item_set_over_limit(ret_item, splitter->document_bytes_max, ret_item->line);
    if (status != LEDE_OK && reterr)
        *reterr = error;
    return status;
}

static enum lede_status choose_mode(struct lede_splitter *splitter, struct lede_error *reterr)
{
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    if (splitter->known)
        return open_known(splitter, reterr);
    char first = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    splitter->is_json = splitter->format == LEDE_IMPORT_NDJSON ||
                        splitter->format == LEDE_IMPORT_JSON ||
                        (splitter->format == LEDE_IMPORT_AUTO && (first == '{' || first == '['));
    bool is_file = splitter->path && strcmp(splitter->path, "-") != 0;
    if (splitter->start == splitter->end && is_file && !splitter->is_cut) {
        splitter->mode = LEDE_SPLIT_BROKEN;
        status = lede_fail(&splitter->broken, LEDE_EINPUT, "expected news, found an empty file");
        if (reterr)
            *reterr = splitter->broken;
        return status;
    }
    bool is_named = splitter->path || splitter->media_type;
    if (splitter->start < splitter->end && splitter->is_json && is_named && !splitter->is_certain) {
        status = choose_known_json(splitter, is_file, reterr);
        if (status != LEDE_OK || splitter->known)
            return status;
    }
    if (splitter->start == splitter->end) {
        splitter->mode = LEDE_SPLIT_END;
    } else if (splitter->format == LEDE_IMPORT_TEXT && (splitter->is_certain || !is_named)) {
        splitter->mode = LEDE_SPLIT_TEXT;
    } else if (splitter->format == LEDE_IMPORT_TEXT) {
        return choose_known(splitter, reterr);
    } else if (splitter->format == LEDE_IMPORT_NDJSON && first == '[') {
        return choose_lines_or_array(splitter, reterr);
    } else if (splitter->format == LEDE_IMPORT_NDJSON && first != '{') {
        splitter->mode = LEDE_SPLIT_LINES;
    } else if (first == '[') {
        lede_splitter_consume(splitter, 1);
        splitter->mode = LEDE_SPLIT_ARRAY;
    } else if (first == '{') {
        return choose_lines_or_objects(splitter, reterr);
    } else if (splitter->format == LEDE_IMPORT_JSON) {
        return lede_splitter_break(splitter, "an object or an array", reterr);
    } else {
        return choose_known(splitter, reterr);
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
    return lede_skip_blank(text, size) == size;
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
    size_t blank = lede_skip_blank(line, size);
    if (blank == size)
        return false;
    /* A byte-order mark, of a file that was put behind another? */
    if (memchr(line, '\xEF', blank)) {
        line += blank;
        size -= blank;
    }
    if (dropped + size > splitter->document_bytes_max)
        lede_item_set_over_limit(ret_item, splitter->document_bytes_max, number);
    else
        lede_item_set(ret_item, line, size, number);
    return true;
}

/* Does the stream stop inside a line? An object that is whole is none of it. */
static bool is_cut_line(const struct lede_splitter *splitter, const char *line, size_t size)
{
    size_t blank = size > 0 ? lede_skip_blank(line, size) : 0;
    struct lede_value_scan scan = {.offset = blank};
    if (!splitter->is_cut || blank == size)
        return false;
    bool is_whole = lede_value_scan(&scan, line, size);
    return !is_whole ||
           scan.offset + lede_skip_blank(line + scan.offset, size - scan.offset) < size;
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
            if (!line_end && is_cut_line(splitter, line, size)) {
                lede_splitter_consume(splitter, size);
                return lede_splitter_break(splitter, "the end of a line", reterr);
            }
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
    splitter->known = options->known;
    splitter->path = options->path;
    splitter->media_type = options->media_type;
    splitter->explanation = options->explanation;
    splitter->columns = options->columns;
    splitter->depth = options->depth;
    splitter->is_certain = options->is_certain;
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
    if (splitter->reader)
        splitter->known->reader->free(splitter->reader);
    lede_buffer_done(&splitter->made);
    free(splitter->data);
    free(splitter);
}

void lede_splitter_freep(struct lede_splitter **splitter)
{
    lede_splitter_free(*splitter);
    *splitter = NULL;
}

bool lede_splitter_is_json(const struct lede_splitter *splitter)
{
    return splitter->is_json;
}

uint64_t lede_splitter_line(const struct lede_splitter *splitter)
{
    return splitter->mode == LEDE_SPLIT_KNOWN ? splitter->known->reader->line(splitter->reader)
                                              : splitter->line;
}

static enum lede_status split(struct lede_splitter *splitter, struct lede_import_item *ret_item,
    bool *ret_more, struct lede_error *reterr)
{
    switch (splitter->mode) {
    case LEDE_SPLIT_LINES:
        return split_lines(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_OBJECTS:
        return lede_split_objects(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_ARRAY:
        return lede_split_array(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_TEXT:
        return lede_split_text(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_KNOWN:
        return next_known(splitter, ret_item, ret_more, reterr);
    case LEDE_SPLIT_BROKEN:
        if (reterr)
            *reterr = splitter->broken;
        return splitter->broken.status;
    default:
        *ret_more = false;
        return LEDE_OK;
    }
}

enum lede_status lede_splitter_next(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    enum lede_status status = LEDE_OK;
    if (splitter->mode == LEDE_SPLIT_START)
        status = choose_mode(splitter, reterr);
    bool was_array = splitter->mode == LEDE_SPLIT_ARRAY;
    if (status == LEDE_OK)
        status = split(splitter, ret_item, ret_more, reterr);
    if (status == LEDE_OK && !*ret_more && was_array && splitter->mode == LEDE_SPLIT_LINES)
        status = split(splitter, ret_item, ret_more, reterr); /* lines behind it */
    if (status == LEDE_OK && !*ret_more && splitter->is_cut && splitter->mode != LEDE_SPLIT_KNOWN)
        return lede_splitter_break(splitter, "the end", reterr);
    return status;
}
