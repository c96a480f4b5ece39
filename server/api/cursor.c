/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A version, the fields, a checksum; all of it in hexadecimal digits. Whoever changes one on
 * purpose gets another place of a search that he may see anyhow: the checksum is against
 * accidents. */
#include "cursor.h"

#include "address.h"
#include "lede/encoding.h"
#include "lede/number.h"

#include <string.h>

#define CURSOR_VERSION 1
#define CURSOR_HEAD_BYTES 30 /* version, kind, search, moment, frozen set, position */
#define CURSOR_SUM_BYTES 8

static void append_number(struct lede_buffer *out, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0)
        lede_buffer_append_char(out, (char)(value >> (8 * bytes)));
}

static uint64_t take_number(const unsigned char **at, unsigned bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0)
        value = value << 8 | *(*at)++;
    return value;
}

void lede_cursor_write(const struct lede_cursor *cursor, struct lede_buffer *out)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer bytes = {0};
    append_number(&bytes, CURSOR_VERSION, 1);
    append_number(&bytes, cursor->kind, 1);
    append_number(&bytes, cursor->search, 8);
    append_number(&bytes, (uint64_t)cursor->published_utc_s, 8);
    append_number(&bytes, cursor->frozen_set, 8);
    append_number(&bytes, cursor->position, 4);
    if (cursor->id)
        lede_buffer_append_string(&bytes, cursor->id);
    if (!bytes.failed)
        append_number(&bytes, lede_hash64(bytes.data, bytes.size), CURSOR_SUM_BYTES);
    out->failed = out->failed || bytes.failed;
    char *digits = out->failed ? NULL : lede_buffer_reserve(out, 2 * bytes.size);
    if (!digits)
        return;
    lede_hex_write(bytes.data, bytes.size, digits);
    out->size += 2 * bytes.size;
}

static bool is_whole(const unsigned char *bytes, size_t size)
{
    const unsigned char *sum = bytes + size - CURSOR_SUM_BYTES;
    return bytes[0] == CURSOR_VERSION && bytes[1] <= LEDE_CURSOR_SET &&
           take_number(&sum, CURSOR_SUM_BYTES) == lede_hash64(bytes, size - CURSOR_SUM_BYTES);
}

enum lede_status lede_cursor_read(const char *text, size_t size, struct lede_arena *arena,
    struct lede_cursor *ret_cursor, struct lede_error *reterr)
{
    unsigned char bytes[LEDE_CURSOR_BYTES_MAX];
    size_t count = size / 2;
    bool right_size =
        size % 2 == 0 && count >= CURSOR_HEAD_BYTES + CURSOR_SUM_BYTES && count <= sizeof(bytes);
    if (!right_size || !lede_hex_read(text, size, bytes) || !is_whole(bytes, count)) {
        (void)lede_fail(reterr, LEDE_EINPUT,
            "expected a cursor as `next` of a page has it, found '%.40s'", text);
        lede_error_hint(
            reterr, "take the whole address in `next`, or begin again without a cursor");
        return LEDE_EINPUT;
    }
    const unsigned char *at = bytes + 1;
    struct lede_cursor cursor = {.kind = (enum lede_cursor_kind)take_number(&at, 1)};
    cursor.search = take_number(&at, 8);
    cursor.published_utc_s = (int64_t)take_number(&at, 8);
    cursor.frozen_set = take_number(&at, 8);
    cursor.position = (uint32_t)take_number(&at, 4);
    cursor.id =
        lede_arena_copy(arena, (const char *)at, count - CURSOR_HEAD_BYTES - CURSOR_SUM_BYTES);
    if (!cursor.id)
        return lede_fail_memory(reterr);
    *ret_cursor = cursor;
    return LEDE_OK;
}

static bool belongs_to_the_page(const char *name)
{
    static const char *const names[] = {
        "cursor", "limit", "offset", "timeout", "min_revision", "cache"};
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

enum lede_status lede_cursor_search(const struct lede_params *params, uint64_t *ret_search)
{
    uint64_t sum = 0;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    for (size_t i = 0; i < params->count; i++) {
        const struct lede_param *param = &params->items[i];
        if (belongs_to_the_page(param->name))
            continue;
        lede_buffer_clear(&text);
        lede_buffer_append_string(&text, param->name);
        lede_buffer_append_char(&text, '=');
        lede_address_append_value(&text, param);
        if (text.failed)
            return LEDE_ENOMEM;
        sum += lede_hash64(text.data, text.size);
    }
    *ret_search = sum;
    return LEDE_OK;
}
