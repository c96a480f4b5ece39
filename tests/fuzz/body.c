/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A body on its way to documents, as a bulk reads it: pieces, unpacked, into UTF-8, split. */
#include "promise.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "lede/encoding.h"
#include "lede/import.h"
#include "lede/model.h"
#include "lede/number.h"
#include "lede/unpack.h"

#define WINDOW_LOG_MAX 23
#define INPUT_MAX ((size_t)1 << 20) /* of what is packed here */

/* How the bytes behind the head of an input are to be understood. */
enum packing {
    PLAIN,
    GZIP_MEMBERS, /* they are packed here, in members */
    ZSTD_FRAMES,
    GZIP_RAW, /* they are what a client sent as gzip */
    ZSTD_RAW,
    PACKINGS,
};

/* Bytes that arrive in pieces, with pauses. */
struct arrival {
    struct lede_buffer packed;
    enum lede_coding coding;
    size_t at, piece_max; /* 0: all at once, without pauses */
    uint64_t chance;
    bool has_paused;
    struct lede_unpacker *unpacker;
};

static size_t next_piece(struct arrival *arrival)
{
    size_t left = arrival->packed.size - arrival->at;
    if (arrival->piece_max == 0)
        return left;
    arrival->chance ^= arrival->chance << 13;
    arrival->chance ^= arrival->chance >> 7;
    arrival->chance ^= arrival->chance << 17;
    size_t piece = 1 + (size_t)(arrival->chance % arrival->piece_max);
    return piece < left ? piece : left;
}

static enum lede_status read_packed(struct arrival *arrival, char *data, size_t capacity,
    size_t piece, size_t *ret_size, struct lede_error *reterr)
{
    size_t taken = 0;
    const unsigned char *from =
        (const unsigned char *)(arrival->packed.data ? arrival->packed.data : "") + arrival->at;
    enum lede_status st = lede_unpacker_step(
        arrival->unpacker, from, piece, data, capacity, &taken, ret_size, reterr);
    if (st != LEDE_OK)
        return st;
    arrival->at += taken;
    if (*ret_size > 0)
        return LEDE_OK;
    if (arrival->at == arrival->packed.size && taken == 0)
        return lede_unpacker_end(arrival->unpacker, reterr);
    return lede_fail(reterr, LEDE_EAGAIN, "nothing came of it yet");
}

/* A lede_read_function. */
static enum lede_status read_arrival(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct arrival *arrival = context;
    arrival->has_paused = arrival->piece_max > 0 && !arrival->has_paused;
    if (arrival->has_paused)
        return lede_fail(reterr, LEDE_EAGAIN, "a pause");
    size_t piece = next_piece(arrival);
    if (arrival->coding != LEDE_CODING_NONE)
        return read_packed(arrival, data, capacity, piece, ret_size, reterr);
    piece = piece < capacity ? piece : capacity;
    if (piece > 0)
        memcpy(data, arrival->packed.data + arrival->at, piece);
    arrival->at += piece;
    *ret_size = piece;
    return LEDE_OK;
}

static void pack_gzip(const uint8_t *data, size_t size, struct lede_buffer *out)
{
    z_stream stream = {0};
    PROMISE(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t most = deflateBound(&stream, size);
    stream.next_in = (Bytef *)(uintptr_t)data;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)lede_buffer_reserve(out, most);
    stream.avail_out = (uInt)most;
    PROMISE(stream.next_out && deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out->size += stream.total_out;
    deflateEnd(&stream);
}

static void pack_zstd(const uint8_t *data, size_t size, struct lede_buffer *out)
{
    size_t most = ZSTD_compressBound(size);
    char *into = lede_buffer_reserve(out, most);
    size_t packed = into ? ZSTD_compress(into, most, data, size, 1) : 0;
    PROMISE(into && !ZSTD_isError(packed));
    out->size += packed;
}

/* Two members, or one where that is all. */
static void pack(struct promise_input input, enum packing packing, struct arrival *ret_arrival)
{
    struct promise_input first = promise_take(&input, input.size / 3);
    bool is_gzip = packing == GZIP_MEMBERS || packing == GZIP_RAW;
    *ret_arrival = (struct arrival){.chance = 88172645463325252ULL};
    if (packing != PLAIN)
        ret_arrival->coding = is_gzip ? LEDE_CODING_GZIP : LEDE_CODING_ZSTD;
    if (packing == GZIP_MEMBERS || packing == ZSTD_FRAMES) {
        void (*pack_one)(const uint8_t *, size_t, struct lede_buffer *) =
            is_gzip ? pack_gzip : pack_zstd;
        if (first.size > 0)
            pack_one(first.data, first.size, &ret_arrival->packed);
        pack_one(input.data, input.size, &ret_arrival->packed);
    } else {
        lede_buffer_append(&ret_arrival->packed, first.data, first.size);
        lede_buffer_append(&ret_arrival->packed, input.data, input.size);
    }
    PROMISE(lede_buffer_status(&ret_arrival->packed) == LEDE_OK);
}

/* What a body came to. */
struct outcome {
    uint64_t hash; /* of the items, one after the other */
    size_t count;
    enum lede_status status;
};

static void check_item(const struct lede_import_item *item, enum lede_import_format format,
    size_t document_bytes_max, struct outcome *outcome)
{
    uint64_t sum[5] = {outcome->hash, item->status, item->line};
    PROMISE(item->line > 0);
    if (item->status == LEDE_OK) {
        PROMISE(item->text && item->size > 0);
        PROMISE(format == LEDE_IMPORT_AUTO || format == LEDE_IMPORT_TEXT ||
                item->size <= document_bytes_max);
        sum[3] = item->size;
        sum[4] = lede_hash64(item->text, item->size);
    } else {
        PROMISE(item->status == LEDE_EINPUT || item->status == LEDE_ELIMIT);
        promise_refusal(&item->error, item->status, INPUT_MAX * 1100);
    }
    if (item->status == LEDE_OK && format == LEDE_IMPORT_TEXT) {
        json_auto_t *json = NULL;
        PROMISE(lede_json_parse(item->text, item->size, &json, NULL) == LEDE_OK);
        PROMISE(json_is_object(json));
    }
    outcome->hash = lede_hash64(sum, sizeof(sum));
    outcome->count++;
}

static struct outcome split(
    struct arrival *arrival, enum lede_import_format format, size_t document_bytes_max)
{
    LEDE_CLEANUP(lede_charset_reader_freep) struct lede_charset_reader *charset = NULL;
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    struct outcome outcome = {.status = LEDE_OK};
    struct lede_error error = {0};
    uint64_t line_before = 0;
    bool more = true;
    PROMISE(lede_charset_reader_new(NULL, read_arrival, arrival, &charset, NULL) == LEDE_OK);
    struct lede_splitter_options options = {.format = format,
        .document_bytes_max = document_bytes_max,
        .read = lede_charset_reader_read,
        .context = charset};
    PROMISE(lede_splitter_new(&options, &splitter, NULL) == LEDE_OK);
    if (arrival->coding != LEDE_CODING_NONE)
        PROMISE(lede_unpacker_new(arrival->coding, WINDOW_LOG_MAX, &arrival->unpacker, NULL) ==
                LEDE_OK);
    while (more && outcome.status == LEDE_OK) {
        struct lede_import_item item = {0};
        outcome.status = lede_splitter_next(splitter, &item, &more, &error);
        if (outcome.status == LEDE_EAGAIN) {
            if (arrival->chance % 16 == 0)
                (void)lede_splitter_trim(splitter);
            outcome.status = LEDE_OK;
            more = true;
        } else if (outcome.status != LEDE_OK) {
            PROMISE(outcome.status == LEDE_EINPUT);
            promise_refusal(&error, outcome.status, SIZE_MAX);
        } else if (more) {
            PROMISE(item.line >= line_before);
            line_before = item.line;
            check_item(&item, format, document_bytes_max, &outcome);
        }
    }
    lede_unpacker_freep(&arrival->unpacker);
    arrival->at = 0;
    arrival->has_paused = false;
    return outcome;
}

static void check_same(struct outcome a, struct outcome b)
{
    PROMISE(a.count == b.count);
    PROMISE(a.hash == b.hash);
    PROMISE(a.status == b.status);
}

void promise_of_body(const uint8_t *data, size_t size)
{
    static const enum lede_import_format formats[] = {
        LEDE_IMPORT_AUTO, LEDE_IMPORT_NDJSON, LEDE_IMPORT_JSON, LEDE_IMPORT_TEXT};
    struct promise_input input = {data, size};
    enum lede_import_format format = formats[promise_take_byte(&input) % LEDE_COUNT_OF(formats)];
    enum packing packing = (enum packing)(promise_take_byte(&input) % PACKINGS);
    size_t document_bytes_max = 16 + 8 * (size_t)promise_take_byte(&input);
    size_t piece_max = 1 + (size_t)promise_take_byte(&input);
    struct arrival arrival;
    if (input.size > INPUT_MAX)
        return;
    pack(input, packing, &arrival);
    struct outcome whole = split(&arrival, format, document_bytes_max);
    arrival.piece_max = piece_max;
    check_same(split(&arrival, format, document_bytes_max), whole);
    lede_buffer_done(&arrival.packed);
    if (packing != GZIP_MEMBERS && packing != ZSTD_FRAMES)
        return;
    pack(input, PLAIN, &arrival);
    check_same(split(&arrival, format, document_bytes_max), whole);
    lede_buffer_done(&arrival.packed);
}
