/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scroll_id.h"

#include "lede/encoding.h"
#include "lede/model.h"

#include <string.h>

enum lede_status lede_elastic_scroll_write(
    const struct elastic_scroll *scroll, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    json_auto_t *whole = json_pack("{s:O, s:I, s:s*, s:b}", "body", scroll->body, "now",
        (json_int_t)scroll->now_utc_s, "cursor", scroll->cursor, "over", scroll->is_over);
    if (!whole || lede_json_append(whole, &text) != LEDE_OK || text.failed)
        return lede_fail_memory(reterr);
    if (2 * text.size > ELASTIC_SCROLL_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "the search is too long for a scroll");
    char *digits = lede_buffer_reserve(out, 2 * text.size + 1);
    if (!digits)
        return lede_fail_memory(reterr);
    lede_hex_write(text.data, text.size, digits);
    out->size += 2 * text.size;
    return LEDE_OK;
}

enum lede_status lede_elastic_scroll_read(
    const char *id, struct elastic_scroll *ret_scroll, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    size_t size = strlen(id);
    json_auto_t *whole = NULL;
    char *bytes =
        size <= ELASTIC_SCROLL_BYTES_MAX ? lede_buffer_reserve(&text, size / 2 + 1) : NULL;
    bool is_read = bytes && size > 0 && size % 2 == 0 && lede_hex_read(id, size, bytes) &&
                   lede_json_parse(bytes, size / 2, &whole, NULL) == LEDE_OK;
    json_t *body = json_object_get(whole, "body");
    if (!is_read || !json_is_object(body))
        return lede_fail(reterr, LEDE_ENOTFOUND, "No search context found for this scroll id");
    *ret_scroll = (struct elastic_scroll){.body = body,
        .now_utc_s = json_integer_value(json_object_get(whole, "now")),
        .cursor = json_string_value(json_object_get(whole, "cursor")),
        .is_over = json_is_true(json_object_get(whole, "over"))};
    if (ret_scroll->now_utc_s < LEDE_TIME_MIN_UTC_S || ret_scroll->now_utc_s > LEDE_TIME_MAX_UTC_S)
        return lede_fail(reterr, LEDE_ENOTFOUND, "No search context found for this scroll id");
    ret_scroll->whole = LEDE_TAKE(&whole);
    return LEDE_OK;
}
