/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record as the document that its format's table says. */
#include "format.h"

#include "lede/model.h"

#include <string.h>

/* What is embargoed can be read from a moment on, or, without one, not at all. A document that is
 * canceled may have nothing but its id: it needs a title. */
static enum lede_status decide_embargo(json_t *document)
{
    const char *status = json_string_value(json_object_get(document, "status"));
    const char *decided =
        json_object_get(document, "embargoed_until") != NULL ? "usable" : "withheld";
    bool is_embargoed = status && strcmp(status, "embargoed") == 0;
    bool is_canceled = status && strcmp(status, "canceled") == 0;
    bool failed = false;
    if (is_embargoed)
        failed = json_object_set_new(document, "status", json_string(decided)) != 0;
    if (is_canceled && !json_object_get(document, "title") && !json_object_get(document, "body"))
        failed = json_object_set_new(document, "title", json_string("Canceled")) != 0;
    return failed ? LEDE_ENOMEM : LEDE_OK;
}

enum lede_status lede_format_write(const struct lede_format_input *input, json_t *record,
    json_t *context, struct lede_buffer *out, struct lede_error *reterr)
{
    const struct lede_format *format = input->format;
    json_auto_t *document = json_object();
    lede_buffer_clear(out);
    if (!document ||
        lede_mapping_apply(format->rows, record, context, document, input->explanation) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (decide_embargo(document) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = format->complete ? format->complete(document, record, context) : LEDE_OK;
    if (st == LEDE_EINPUT || st == LEDE_ENOTFOUND)
        return lede_fail(
            reterr, st, "expected a story, found what %s has beside stories", format->title);
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    bool has_rest = lede_mapping_prune(record);
    if (has_rest && json_object_set(document, format->name, record) != 0)
        return lede_fail_memory(reterr);
    if (has_rest && input->explanation &&
        lede_explanation_add_rest(input->explanation, record) != LEDE_OK)
        return lede_fail_memory(reterr);
    return lede_json_append(document, out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
