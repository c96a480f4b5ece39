/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json_items.h"

#include "held.h"

#include <stdlib.h>
#include <string.h>

struct json_items {
    struct lede_format_input input;
    const struct lede_json_items *details;
    struct lede_splitter *splitter;
    json_t *object;  /* the one that is read; owned */
    json_t *items;   /* of it; borrowed */
    json_t *context; /* it, as lede_format_write() takes it; NULL: it is the item itself */
    size_t next;
    uint64_t line; /* of it */
    struct lede_buffer made;
};

static void drop_object(struct json_items *reader)
{
    json_decref(LEDE_TAKE(&reader->context));
    json_decref(LEDE_TAKE(&reader->object));
    reader->items = NULL;
    reader->next = 0;
}

static void items_free(void *context)
{
    struct json_items *reader = context;
    if (!reader)
        return;
    drop_object(reader);
    if (reader->splitter)
        reader->input.splitting->free(reader->splitter);
    lede_buffer_done(&reader->made);
    free(reader);
}

static enum lede_status items_open(
    const struct lede_format_input *input, void **ret_reader, struct lede_error *reterr)
{
    struct json_items *reader = calloc(1, sizeof(*reader));
    if (!reader)
        return lede_fail_memory(reterr);
    reader->input = *input;
    reader->details = input->format->details;
    reader->line = input->first_line;
    size_t bytes_max = reader->details->object_bytes_max;
    struct lede_splitter_options options = {.format = LEDE_IMPORT_JSON,
        .is_certain = true,
        .document_bytes_max =
            bytes_max > input->document_bytes_max ? bytes_max : input->document_bytes_max,
        .read = input->read,
        .context = input->context};
    enum lede_status st = input->splitting->open(&options, &reader->splitter, reterr);
    if (st == LEDE_OK)
        *ret_reader = reader;
    else
        items_free(reader);
    return st;
}

/* The next object. An item is filled where there is none to be read. */
static enum lede_status take_object(struct json_items *reader, struct lede_import_item *ret_item,
    bool *ret_more, bool *ret_is_item, struct lede_error *reterr)
{
    struct lede_import_item text;
    struct lede_error why = {0};
    enum lede_status st = reader->input.splitting->next(reader->splitter, &text, ret_more, reterr);
    if (st != LEDE_OK || !*ret_more)
        return st;
    reader->line = text.line + reader->input.first_line - 1;
    st = text.status;
    if (st == LEDE_OK)
        st = lede_json_parse(text.text, text.size, &reader->object, &why);
    else
        why = text.error;
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    *ret_is_item = st != LEDE_OK;
    if (*ret_is_item) {
        lede_held_lose(ret_item, &why, reader->line);
        return LEDE_OK;
    }
    reader->items = reader->details->items(reader->object);
    if (reader->items != reader->object && !(reader->context = json_pack("[O]", reader->object)))
        return lede_fail_memory(reterr);
    return LEDE_OK;
}

/* The next item of the object. Returns NULL where there is none. */
static json_t *next_item(struct json_items *reader)
{
    size_t index = reader->next++;
    if (json_is_array(reader->items))
        return json_array_get(reader->items, index);
    return index == 0 ? reader->items : NULL;
}

static enum lede_status items_next(
    void *context, struct lede_import_item *ret_item, bool *ret_more, struct lede_error *reterr)
{
    struct json_items *reader = context;
    json_t *item = NULL;
    while (!(item = next_item(reader))) {
        bool is_item = false;
        drop_object(reader);
        enum lede_status st = take_object(reader, ret_item, ret_more, &is_item, reterr);
        if (st != LEDE_OK || !*ret_more || is_item)
            return st;
    }
    *ret_more = true;
    json_t *inner = reader->details->items(item);
    item = json_is_object(inner) ? inner : item; /* each may be wrapped */
    if (!json_is_object(item)) {
        struct lede_error why;
        (void)lede_fail(&why, LEDE_EINPUT, "line %llu: item %zu: expected an object",
            (unsigned long long)reader->line, reader->next);
        lede_held_lose(ret_item, &why, reader->line);
        return LEDE_OK;
    }
    if (reader->details->prepare && reader->details->prepare(item) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_format_write(&reader->input, item, reader->context, &reader->made, reterr);
    if (st == LEDE_OK)
        lede_held_give(ret_item, &reader->made, reader->line);
    return st;
}

static uint64_t items_line(const void *reader)
{
    const struct json_items *items = reader;
    return items->input.splitting->line(items->splitter) + items->input.first_line - 1;
}

bool lede_json_head_has(const struct lede_format_head *head, const char *key)
{
    const char *at = head->text;
    const char *end = head->text + head->size;
    size_t size = strlen(key);
    while ((at = memmem(at, (size_t)(end - at), key, size))) {
        const char *behind = at + size;
        bool is_quoted = at > head->text && at[-1] == '"' && behind < end && *behind == '"';
        for (behind++; is_quoted && behind < end && strchr(" \t\r\n", *behind);)
            behind++;
        if (is_quoted && behind < end && *behind == ':')
            return true;
        at += size;
    }
    return false;
}

const struct lede_format_reader lede_json_items_reader = {
    items_open, items_next, items_line, items_free};
