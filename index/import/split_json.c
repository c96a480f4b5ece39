/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON that is not in lines: the elements of an array, or objects one after the other.
 *
 * Only brackets and strings are looked at, enough to know where a value ends, however it is cut
 * into blocks; what is in it is the parser's business. */
#include "split_formats.h"
#include "split_window.h"

#include <string.h>

/* Step through a string from inside it; returns the offset behind its closing quote, or size. */
static size_t scan_string(struct lede_value_scan *scan, const char *text, size_t size, size_t i)
{
    if (scan->is_escaped && i < size) {
        scan->is_escaped = false;
        i++;
    }
    while (i < size) {
        char c = text[i++];
        if (c == '"') {
            scan->in_string = false;
            return i;
        }
        if (c != '\\')
            continue;
        if (i == size)
            scan->is_escaped = true;
        else
            i++;
    }
    return i;
}

static void begin_value(struct lede_value_scan *scan, char c)
{
    if (c == '"')
        scan->kind = LEDE_VALUE_STRING;
    else
        scan->kind = c == '{' || c == '[' ? LEDE_VALUE_CONTAINER : LEDE_VALUE_SCALAR;
}

bool lede_value_scan(struct lede_value_scan *scan, const char *text, size_t size)
{
    size_t i = scan->offset;
    bool is_whole = false;
    while (i < size && !is_whole) {
        char c = text[i];
        if (scan->kind == LEDE_VALUE_NONE)
            begin_value(scan, c);
        if (scan->in_string) {
            i = scan_string(scan, text, size, i);
            is_whole = !scan->in_string && scan->kind == LEDE_VALUE_STRING;
            continue;
        }
        if (scan->kind == LEDE_VALUE_SCALAR &&
            (c == ',' || c == ']' || c == '}' || lede_is_json_space(c))) {
            is_whole = true;
            break;
        }
        i++;
        scan->in_string = c == '"' && scan->kind != LEDE_VALUE_SCALAR;
        if (c == '{' || c == '[')
            scan->depth++;
        else if (c == '}' || c == ']')
            is_whole = --scan->depth == 0;
    }
    scan->offset = i;
    return is_whole;
}

/* Read the value that begins at `start`, or of which a call before has read a part, into an item.
 * ret_is_whole  false where the stream ended inside it; the item then has what there was */
static enum lede_status take_value(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_is_whole, struct lede_error *reterr)
{
    struct lede_value_scan *scan = &splitter->scan;
    if (!scan->is_begun)
        *scan = (struct lede_value_scan){.is_begun = true, .line = splitter->line};
    for (;;) {
        size_t held = splitter->end - splitter->start;
        *ret_is_whole = lede_value_scan(scan, splitter->data + splitter->start, held);
        scan->is_over = scan->is_over || scan->offset > splitter->document_bytes_max;
        if (scan->is_over) {
            lede_splitter_consume(splitter, scan->offset);
            scan->offset = 0;
        }
        if (*ret_is_whole || splitter->has_ended)
            break;
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
    /* A number may end with the stream. */
    *ret_is_whole = *ret_is_whole || (scan->kind == LEDE_VALUE_SCALAR && !splitter->is_cut);
    if (scan->is_over)
        lede_item_set_over_limit(ret_item, splitter->document_bytes_max, scan->line);
    else
        lede_item_set(ret_item, splitter->data + splitter->start, scan->offset, scan->line);
    lede_splitter_consume(splitter, scan->offset);
    scan->is_begun = false;
    return LEDE_OK;
}

/* Step to the next object. *ret_more false at the end. */
static enum lede_status begin_object(
    struct lede_splitter *splitter, bool *ret_more, struct lede_error *reterr)
{
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    *ret_more = splitter->start < splitter->end;
    if (*ret_more && splitter->data[splitter->start] != '{')
        return lede_splitter_break(splitter, "'{' or the end", reterr);
    return LEDE_OK;
}

enum lede_status lede_split_objects(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    *ret_more = true;
    enum lede_status status =
        splitter->scan.is_begun ? LEDE_OK : begin_object(splitter, ret_more, reterr);
    if (status != LEDE_OK || !*ret_more)
        return status;
    /* One that ends early is given as it is: the parser says what it lacks. */
    bool is_whole = false;
    status = take_value(splitter, ret_item, &is_whole, reterr);
    if (status == LEDE_OK && !is_whole && splitter->is_cut)
        return lede_splitter_break(splitter, "the end of an object", reterr);
    return status;
}

/* The byte at start, once white space is used up; '\0' at the end of the stream. */
static enum lede_status peek(
    struct lede_splitter *splitter, char *ret_byte, struct lede_error *reterr)
{
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    *ret_byte = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    return status;
}

/* Step to the next element, over ',', or to the end, over ']' and whatever white space ends the
 * stream. *ret_more false there. */
static enum lede_status begin_element(
    struct lede_splitter *splitter, bool *ret_more, struct lede_error *reterr)
{
    char c = '\0';
    enum lede_status status = peek(splitter, &c, reterr);
    if (status != LEDE_OK)
        return status;
    if (splitter->array_state == LEDE_ARRAY_SEPARATOR && c != ',' && c != ']')
        return lede_splitter_break(splitter, "',' or ']' behind an element", reterr);
    if (splitter->array_state == LEDE_ARRAY_SEPARATOR ||
        (splitter->array_state == LEDE_ARRAY_FIRST && c == ']')) {
        splitter->array_state = c == ',' ? LEDE_ARRAY_VALUE : LEDE_ARRAY_END;
        lede_splitter_consume(splitter, 1);
        status = peek(splitter, &c, reterr);
        if (status != LEDE_OK)
            return status;
    }
    bool has_ended = splitter->start == splitter->end;
    *ret_more = splitter->array_state != LEDE_ARRAY_END;
    if (!*ret_more && !has_ended && splitter->format != LEDE_IMPORT_NDJSON)
        return lede_splitter_break(splitter, "nothing behind the array", reterr);
    if (*ret_more && (has_ended || c == '\0' || strchr(",]}:", c)))
        return lede_splitter_break(splitter, "an element", reterr);
    if (!*ret_more)
        splitter->mode = has_ended ? LEDE_SPLIT_END : LEDE_SPLIT_LINES;
    return LEDE_OK;
}

enum lede_status lede_split_array(struct lede_splitter *splitter, struct lede_import_item *ret_item,
    bool *ret_more, struct lede_error *reterr)
{
    bool is_whole = false;
    *ret_more = true;
    enum lede_status status =
        splitter->scan.is_begun ? LEDE_OK : begin_element(splitter, ret_more, reterr);
    if (status == LEDE_OK && *ret_more)
        status = take_value(splitter, ret_item, &is_whole, reterr);
    if (status != LEDE_OK || !*ret_more)
        return status;
    if (!is_whole && ret_item->status == LEDE_OK)
        return lede_splitter_break(splitter, "the end of an element", reterr);
    splitter->array_state = LEDE_ARRAY_SEPARATOR;
    return LEDE_OK;
}
