/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nested.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_nested_begin(struct lede_nested *nested,
    const struct lede_format_input *outer, const char *name, const char *media_type, bool is_utf8,
    lede_read_function read, void *context, struct lede_error *reterr)
{
    free(nested->name);
    free(nested->media_type);
    nested->name = strdup(name);
    nested->media_type = media_type ? strdup(media_type) : NULL;
    if (!nested->name || (media_type && !nested->media_type))
        return lede_fail_memory(reterr);
    struct lede_splitter_options options = {.format = outer->splitting->format_of(name),
        .path = nested->name,
        .columns = outer->columns,
        .media_type = nested->media_type,
        .document_bytes_max = outer->document_bytes_max,
        .charset_is_declared = is_utf8,
        .depth = outer->depth + 1,
        .read = read,
        .context = context};
    nested->splitting = outer->splitting;
    return outer->splitting->open(&options, &nested->splitter, reterr);
}

enum lede_status lede_nested_begin_text(struct lede_nested *nested,
    const struct lede_format_input *outer, const char *name, const char *media_type, bool is_utf8,
    struct lede_error *reterr)
{
    nested->source =
        (struct lede_memory_source){.data = nested->text.data, .size = nested->text.size};
    return lede_nested_begin(
        nested, outer, name, media_type, is_utf8, lede_memory_source_read, &nested->source, reterr);
}

static void name_error(const struct lede_nested *nested, struct lede_error *error)
{
    struct lede_error inner = *error;
    (void)lede_fail(error, inner.status, "'%.120s': %s", nested->name, inner.message);
    memcpy(error->hint, inner.hint, sizeof(error->hint));
    memcpy(error->pointer, inner.pointer, sizeof(error->pointer));
}

enum lede_status lede_nested_next(struct lede_nested *nested, struct lede_import_item *ret_item,
    bool *ret_more, struct lede_error *reterr)
{
    struct lede_error why = {0};
    enum lede_status st = nested->splitting->next(nested->splitter, ret_item, ret_more, &why);
    if (st == LEDE_EINPUT || st == LEDE_ELIMIT) {
        *ret_item = (struct lede_import_item){
            .status = st, .line = nested->splitting->line(nested->splitter), .error = why};
        name_error(nested, &ret_item->error);
        lede_nested_end(nested);
        *ret_more = true;
        return LEDE_OK;
    }
    if (st != LEDE_OK && reterr)
        *reterr = why;
    if (st == LEDE_OK && *ret_more && ret_item->status != LEDE_OK)
        name_error(nested, &ret_item->error);
    if (st == LEDE_OK && !*ret_more)
        lede_nested_end(nested);
    return st;
}

void lede_nested_end(struct lede_nested *nested)
{
    if (nested->splitter)
        nested->splitting->free(LEDE_TAKE(&nested->splitter));
    lede_buffer_clear(&nested->text);
}

void lede_nested_done(struct lede_nested *nested)
{
    if (nested->splitter)
        nested->splitting->free(nested->splitter);
    lede_buffer_done(&nested->text);
    free(nested->name);
    free(nested->media_type);
    *nested = (struct lede_nested){0};
}
