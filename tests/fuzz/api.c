/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cursor.h"
#include "decode.h"
#include "lede/encoding.h"
#include "lede/model.h"
#include "search_params.h"

#define NOW_UTC_S INT64_C(1642615440)

/* ---- Cursors ---- */

static void check_read(const struct lede_buffer *written, const struct lede_cursor *cursor)
{
    struct lede_arena arena = {0};
    struct lede_cursor read = {0};
    PROMISE(lede_cursor_read(written->data, written->size, &arena, &read, NULL) == LEDE_OK);
    PROMISE(read.kind == cursor->kind && read.search == cursor->search);
    PROMISE(read.published_utc_s == cursor->published_utc_s);
    PROMISE(read.frozen_set == cursor->frozen_set && read.position == cursor->position);
    PROMISE(strcmp(read.id, cursor->id) == 0);
    lede_arena_done(&arena);
}

static void check_refused(const char *text, size_t size)
{
    struct lede_arena arena = {0};
    struct lede_cursor read = {0};
    struct lede_error error = {0};
    enum lede_status st = lede_cursor_read(text, size, &arena, &read, &error);
    PROMISE(st == LEDE_EINPUT && !read.id);
    if (lede_utf8_is_valid(text, size))
        promise_refusal(&error, st, size);
    lede_arena_done(&arena);
}

void promise_of_cursor(const uint8_t *data, size_t size)
{
    struct promise_input input = {data, size};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
    LEDE_CLEANUP(lede_freep) char *any = promise_copy_text(data, size);
    struct lede_cursor cursor = {.kind = (enum lede_cursor_kind)(promise_take_byte(&input) & 1)};
    uint16_t at = promise_take_short(&input);
    uint8_t by = promise_take_byte(&input);
    for (unsigned i = 0; i < 4; i++) {
        cursor.search = cursor.search << 16 | promise_take_short(&input);
        cursor.frozen_set = cursor.frozen_set << 16 | promise_take_short(&input);
        cursor.published_utc_s = cursor.published_utc_s * 65536 / 2 + promise_take_short(&input);
        cursor.position = cursor.position << 8 | promise_take_byte(&input);
    }
    LEDE_CLEANUP(lede_freep)
    char *id = promise_copy_text(input.data, input.size < LEDE_ID_BYTES_MAX ? input.size : 0);
    cursor.id = id;
    lede_cursor_write(&cursor, &written);
    PROMISE(lede_buffer_status(&written) == LEDE_OK && written.size <= LEDE_CURSOR_BYTES_MAX * 2);
    lede_buffer_append_char(&written, '\0');
    written.size--;
    check_read(&written, &cursor);
    check_refused(any, size); /* its sum is right by no chance */
    written.data[at % written.size] = (char)(written.data[at % written.size] ^ (by | 1));
    check_refused(written.data, written.size);
}

/* ---- Parameters ---- */

/* Who has given parameters, and the search that they ask for. */
struct asked {
    struct lede_params params;
    struct lede_search_params search;
};

static void asked_done(struct asked *asked)
{
    lede_search_params_done(&asked->search);
    lede_params_done(&asked->params);
}

/* As lede_params_from_query() does, without a request. */
static enum lede_status from_query(
    const char *query, size_t size, struct lede_params *params, struct lede_error *error)
{
    const struct lede_http_parameter *given = NULL;
    size_t count = 0;
    enum lede_status st =
        lede_http_decode_query(query, size, &params->arena, &given, &count, error);
    if (st != LEDE_OK)
        return st;
    params->items = lede_arena_calloc(&params->arena, count + 1, sizeof(*params->items));
    PROMISE(params->items);
    for (size_t i = 0; i < count; i++)
        params->items[i] = (struct lede_param){
            .name = given[i].name, .value = given[i].value, .size = given[i].value_size};
    params->count = count;
    return LEDE_OK;
}

static enum lede_status from_json(
    const char *text, size_t size, struct lede_params *params, struct lede_error *error)
{
    json_auto_t *json = NULL;
    enum lede_status st = lede_json_parse(text, size, &json, error);
    if (st == LEDE_OK && !json_is_object(json))
        st = lede_fail(error, LEDE_EINPUT, "expected an object");
    return st == LEDE_OK ? lede_params_from_json(json, params, error) : st;
}

static void check_bounds(const struct lede_search_params *search, enum lede_param_taker taker)
{
    bool is_export = taker == LEDE_TAKER_EXPORT || taker == LEDE_TAKER_CLIPPING;
    PROMISE(is_export || search->search.limit <= LEDE_LIMIT_MAX);
    PROMISE(search->search.offset <= LEDE_OFFSET_MAX);
    PROMISE(search->timeout_ms <= LEDE_TIMEOUT_MS_MAX && strlen(search->q) == search->q_size);
    PROMISE(lede_utf8_is_valid(search->q, search->q_size));
}

/* The address that an answer's `next` would have says the same search. */
static void check_address(struct asked *asked, enum lede_param_taker taker)
{
    static const char *const nothing[] = {NULL};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    LEDE_CLEANUP(asked_done) struct asked again = {0};
    uint64_t search = 0, search_again = 0;
    lede_address_append(&address, "", &asked->params, nothing);
    PROMISE(lede_buffer_status(&address) == LEDE_OK);
    PROMISE(from_query(address.data + 1, address.size - 1, &again.params, NULL) == LEDE_OK);
    PROMISE(again.params.count == asked->params.count);
    PROMISE(
        lede_search_params_read(&again.params, taker, NOW_UTC_S, &again.search, NULL) == LEDE_OK);
    PROMISE(lede_cursor_search(&asked->params, &search) == LEDE_OK);
    PROMISE(lede_cursor_search(&again.params, &search_again) == LEDE_OK);
    PROMISE(search == search_again);
    PROMISE(again.search.search.limit == asked->search.search.limit);
    PROMISE(again.search.q_size == asked->search.q_size);
    PROMISE(memcmp(again.search.q, asked->search.q, asked->search.q_size) == 0);
}

void promise_of_parameters(const uint8_t *data, size_t size)
{
    struct promise_input input = {data, size};
    uint8_t options = promise_take_byte(&input);
    enum lede_param_taker taker = (enum lede_param_taker)(options % LEDE_TAKER_NONE);
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(input.data, input.size);
    LEDE_CLEANUP(asked_done) struct asked asked = {0};
    struct lede_error error = {0};
    enum lede_status st = options & 128 ? from_json(text, input.size, &asked.params, &error)
                                        : from_query(text, input.size, &asked.params, &error);
    if (st != LEDE_OK) {
        PROMISE(st == LEDE_EINPUT || st == LEDE_ELIMIT);
        promise_refusal(&error, st, input.size);
        return;
    }
    st = lede_search_params_read(&asked.params, taker, NOW_UTC_S, &asked.search, &error);
    if (st == LEDE_OK) {
        check_bounds(&asked.search, taker);
        check_address(&asked, taker);
        return;
    }
    PROMISE(st == LEDE_EINPUT || st == LEDE_ELIMIT || st == LEDE_ENOTFOUND);
    promise_refusal(&error, st, SIZE_MAX);
    PROMISE(error.param[0] || st != LEDE_EINPUT);
}
