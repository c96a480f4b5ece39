/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of the formats of news. */
#include "promise.h"

#include <string.h>

#include "lede/import.h"
#include "lede/model.h"
#include "lede/number.h"

#define LIMIT ((size_t)8 << 10) /* of a document */

/* Bytes that come in pieces, with pauses. */
struct pieces {
    const uint8_t *data;
    size_t size, at, most;
    bool has_paused;
};

static enum lede_status read_piece(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct pieces *pieces = context;
    size_t left = pieces->size - pieces->at;
    pieces->has_paused = pieces->most < pieces->size && !pieces->has_paused;
    if (pieces->has_paused)
        return lede_fail(reterr, LEDE_EAGAIN, "a pause");
    size_t size = pieces->most < capacity ? pieces->most : capacity;
    *ret_size = size < left ? size : left;
    if (*ret_size > 0)
        memcpy(data, pieces->data + pieces->at, *ret_size);
    pieces->at += *ret_size;
    return LEDE_OK;
}

/* is_made: by a format. What is JSON as it came is handed on, to be judged by who stores it. */
static uint64_t check_item(const struct lede_import_item *item, bool is_made, uint64_t hash)
{
    uint64_t sum[4] = {hash, item->status, item->line, 0};
    PROMISE(item->line > 0);
    if (item->status == LEDE_OK) {
        json_auto_t *json = NULL;
        PROMISE(item->size <= LIMIT);
        bool is_json = lede_json_parse(item->text, item->size, &json, NULL) == LEDE_OK;
        PROMISE(!is_made || (is_json && json_is_object(json)));
        sum[3] = lede_hash64(item->text, item->size);
    } else {
        PROMISE(item->status == LEDE_EINPUT || item->status == LEDE_ELIMIT);
        promise_refusal(&item->error, item->status, SIZE_MAX);
    }
    return lede_hash64(sum, sizeof(sum));
}

/* Returns a digest of all that came. */
static uint64_t split(struct pieces pieces, const struct lede_format *known)
{
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    struct lede_splitter_options options = {.known = known,
        .document_bytes_max = LIMIT,
        .read = read_piece,
        .context = &pieces,
        .media_type = "application/xml"};
    uint64_t hash = 0;
    bool more = true;
    PROMISE(lede_splitter_new(&options, &splitter, NULL) == LEDE_OK);
    while (more) {
        struct lede_import_item item = {0};
        struct lede_error error = {0};
        enum lede_status st = lede_splitter_next(splitter, &item, &more, &error);
        if (st == LEDE_EAGAIN) {
            more = true;
            continue;
        }
        if (st != LEDE_OK) {
            PROMISE(st == LEDE_EINPUT);
            promise_refusal(&error, st, SIZE_MAX);
            return hash + 1;
        }
        if (more)
            hash = check_item(&item, known, hash);
    }
    return hash;
}

/* Which format of JSON it is, is told by what has come by then: a stream is not waited for. */
static bool begins_as_json(const uint8_t *data, size_t size)
{
    size_t i = size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (i < size && strchr(" \t\r\n", data[i]))
        i++;
    return i < size && (data[i] == '{' || data[i] == '[');
}

void promise_of_format(const uint8_t *data, size_t size)
{
    struct promise_input input = {data, size};
    size_t most = 1 + (size_t)promise_take_byte(&input);
    const struct lede_format *known = lede_format_at(promise_take_byte(&input) % 24);
    struct pieces whole = {.data = input.data, .size = input.size, .most = SIZE_MAX};
    struct pieces cut = {.data = input.data, .size = input.size, .most = most};
    uint64_t at_once = split(whole, known), in_pieces = split(cut, known);
    PROMISE((!known && begins_as_json(input.data, input.size)) || at_once == in_pieces);
}
