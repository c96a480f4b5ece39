/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A record as the document that its format's table says. */
#include "format.h"

#include "lede/model.h"

enum lede_status lede_format_write(const struct lede_format_input *input, json_t *record,
    json_t *context, struct lede_buffer *out, struct lede_error *reterr)
{
    const struct lede_format *format = input->format;
    json_auto_t *document = json_object();
    lede_buffer_clear(out);
    if (!document ||
        lede_mapping_apply(format->rows, record, context, document, input->explanation) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (format->complete && format->complete(document, record, context) != LEDE_OK)
        return lede_fail_memory(reterr);
    bool has_rest = lede_mapping_prune(record);
    if (has_rest && json_object_set(document, format->name, record) != 0)
        return lede_fail_memory(reterr);
    if (has_rest && input->explanation &&
        lede_explanation_add_rest(input->explanation, record) != LEDE_OK)
        return lede_fail_memory(reterr);
    return lede_json_append(document, out) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}
