/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON that is not in lines: the elements of an array, or objects one after the other.
 *
 * Only brackets and strings are looked at, enough to know where a value ends, however it is cut
 * into blocks; what is in it is the parser's business. */
#include "split_formats.h"
#include "split_window.h"

#include <string.h>

enum value_kind { VALUE_NONE, VALUE_CONTAINER, VALUE_STRING, VALUE_SCALAR };

/* Where a value stands between two blocks. */
struct value_scan {
    enum value_kind kind;
    size_t depth;
    bool in_string;
    bool is_escaped; /* the byte before was a backslash that begins an escape */
};

/* Step through a string from inside it; returns the offset behind its closing quote, or size. */
static size_t scan_string(struct value_scan *scan, const char *text, size_t size, size_t i)
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

static void begin_value(struct value_scan *scan, char c)
{
    if (c == '"')
        scan->kind = VALUE_STRING;
    else
        scan->kind = c == '{' || c == '[' ? VALUE_CONTAINER : VALUE_SCALAR;
}

/* Go on through text[*offset, size). Returns whether the value ends there; *offset is then behind
 * it, else size. */
static bool scan_value(struct value_scan *scan, const char *text, size_t size, size_t *offset)
{
    size_t i = *offset;
    while (i < size) {
        char c = text[i];
        if (scan->kind == VALUE_NONE)
            begin_value(scan, c);
        if (scan->in_string) {
            i = scan_string(scan, text, size, i);
            if (scan->in_string || scan->kind != VALUE_STRING)
                continue;
            *offset = i;
            return true;
        }
        if (scan->kind == VALUE_SCALAR &&
            (c == ',' || c == ']' || c == '}' || lede_is_json_space(c))) {
            *offset = i;
            return true;
        }
        i++;
        scan->in_string = c == '"' && scan->kind != VALUE_SCALAR;
        if (c == '{' || c == '[')
            scan->depth++;
        else if ((c == '}' || c == ']') && --scan->depth == 0) {
            *offset = i;
            return true;
        }
    }
    *offset = i;
    return false;
}

/* Read the value that begins at `start` into an item.
 * ret_is_whole  false where the stream ended inside it; the item then has what there was */
static enum lede_status take_value(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_is_whole, struct lede_error *reterr)
{
    struct value_scan scan = {0};
    struct lede_import_item over = {0};
    uint64_t line = splitter->line;
    size_t offset = 0;
    bool is_whole = false;
    while (!is_whole) {
        size_t held = splitter->end - splitter->start;
        is_whole = scan_value(&scan, splitter->data + splitter->start, held, &offset);
        if (offset > splitter->document_bytes_max && over.status == LEDE_OK)
            lede_item_set_over_limit(&over, splitter->document_bytes_max, line);
        if (over.status != LEDE_OK) {
            lede_splitter_consume(splitter, offset);
            offset = 0;
        }
        if (is_whole || splitter->has_ended)
            break;
        enum lede_status status = lede_splitter_fill(splitter, reterr);
        if (status != LEDE_OK)
            return status;
    }
    /* A number may end with the stream. */
    *ret_is_whole = is_whole || scan.kind == VALUE_SCALAR;
    if (over.status != LEDE_OK)
        *ret_item = over;
    else
        lede_item_set(ret_item, splitter->data + splitter->start, offset, line);
    lede_splitter_consume(splitter, offset);
    return LEDE_OK;
}

enum lede_status lede_split_objects(struct lede_splitter *splitter,
    struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    *ret_more = splitter->start < splitter->end;
    if (!*ret_more)
        return LEDE_OK;
    if (splitter->data[splitter->start] != '{')
        return lede_splitter_break(splitter, "'{' or the end", reterr);
    bool is_whole = false; /* a cut object is given as it is: the parser says what it lacks */
    return take_value(splitter, ret_item, &is_whole, reterr);
}

/* Behind an element: step over ',' (true in *ret_has_next) or ']' and whatever white space ends the
 * stream. */
static enum lede_status take_separator(
    struct lede_splitter *splitter, bool *ret_has_next, struct lede_error *reterr)
{
    char c = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    *ret_has_next = c == ',';
    if (c != ',' && c != ']')
        return lede_splitter_break(splitter, "',' or ']' behind an element", reterr);
    lede_splitter_consume(splitter, 1);
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK || c == ',')
        return status;
    if (splitter->start < splitter->end)
        return lede_splitter_break(splitter, "nothing behind the array", reterr);
    splitter->mode = LEDE_SPLIT_END;
    return LEDE_OK;
}

enum lede_status lede_split_array(struct lede_splitter *splitter, struct lede_import_item *ret_item,
    bool *ret_more, struct lede_error *reterr)
{
    enum lede_status status = lede_splitter_skip_space(splitter, reterr);
    if (status != LEDE_OK)
        return status;
    char c = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    bool has_next = true;
    if (splitter->array_state == LEDE_ARRAY_SEPARATOR ||
        (splitter->array_state == LEDE_ARRAY_FIRST && c == ']'))
        status = take_separator(splitter, &has_next, reterr);
    if (status != LEDE_OK)
        return status;
    if (!has_next) {
        *ret_more = false;
        return LEDE_OK;
    }
    splitter->array_state = LEDE_ARRAY_VALUE;
    c = splitter->start < splitter->end ? splitter->data[splitter->start] : '\0';
    if (c == '\0' || strchr(",]}:", c))
        return lede_splitter_break(splitter, "an element", reterr);
    bool is_whole = false;
    status = take_value(splitter, ret_item, &is_whole, reterr);
    if (status != LEDE_OK)
        return status;
    if (!is_whole && ret_item->status == LEDE_OK)
        return lede_splitter_break(splitter, "the end of an element", reterr);
    splitter->array_state = LEDE_ARRAY_SEPARATOR;
    *ret_more = true;
    return LEDE_OK;
}
