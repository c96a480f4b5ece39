/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of documents as writes of a bulk: what a body's lines and a file's become. */
#include "bulk.h"

#include <string.h>

/* A line that deletes is an object with an id; its other keys do not matter. */
static enum lede_status parse_delete(
    const char *text, size_t size, struct lede_write *write, struct lede_error *reterr)
{
    json_auto_t *json = NULL;
    size_t replaced = 0;
    enum lede_status st =
        lede_json_parse_identified(text, size, LEDE_BAD_TEXT_REPAIR, &json, &replaced, reterr);
    if (st != LEDE_OK)
        return st;
    const char *id = json_string_value(json_object_get(json, "id"));
    if (!id) {
        st = lede_fail(reterr, LEDE_EINVALID, "id: expected a string, found none");
        strcpy(reterr->pointer, "/id");
        return st;
    }
    write->id = strdup(id);
    return write->id ? LEDE_OK : lede_fail_memory(reterr);
}

/* A document that is refused has an id too, if it is one that could be: whoever sent it knows it by
 * that. */
static void tell_refused(const struct lede_bulk_options *options, const char *text, size_t size,
    uint64_t tag, const struct lede_error *why)
{
    json_auto_t *json = NULL;
    size_t replaced = 0;
    struct lede_write_result result = {.tag = tag, .outcome = LEDE_FAILED, .error = why};
    if (why->status == LEDE_EINVALID && lede_json_parse_identified(text, size, LEDE_BAD_TEXT_REPAIR,
                                            &json, &replaced, NULL) == LEDE_OK)
        result.id = json_string_value(json_object_get(json, "id"));
    if (result.id && strlen(result.id) > LEDE_ID_BYTES_MAX)
        result.id = NULL;
    if (options->on_result)
        options->on_result(options->context, &result);
}

enum lede_status lede_bulk_add_text(struct lede_bulk *bulk, enum lede_write_kind kind,
    const char *text, size_t size, uint64_t tag, const struct lede_document_context *context,
    struct lede_error *reterr)
{
    struct lede_write write = {.kind = kind, .yields = kind == LEDE_WRITE_INDEX, .tag = tag};
    struct lede_error why = {0};
    enum lede_status st = kind == LEDE_WRITE_DELETE
                              ? parse_delete(text, size, &write, &why)
                              : lede_document_parse(text, size, context, &write.document, &why);
    if (st == LEDE_ENOMEM)
        return lede_fail_memory(reterr);
    const struct lede_bulk_options *options = lede_bulk_options_of(bulk);
    if (st == LEDE_OK && write.document && write.document->replaced > 0 && options->on_repaired)
        options->on_repaired(options->context, tag);
    if (st == LEDE_OK)
        return lede_bulk_add(bulk, &write, reterr);
    tell_refused(options, text, size, tag, &why);
    return LEDE_OK;
}
