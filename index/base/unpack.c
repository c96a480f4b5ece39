/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zlib and zstd behind one loop: between two members nothing is held, inside one the library may
 * still have text to give when its input is used up. */
#include "lede/unpack.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define GZIP_ONLY (15 + 16) /* inflateInit2: the largest window, a gzip header and nothing else */
#define GZIP_HELD_BYTES ((size_t)48 << 10) /* zlib.h: the window, and about 7 KiB */
#define STEP_BYTES ((size_t)64 << 10)

struct lede_unpacker {
    enum lede_coding coding;
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool in_member;   /* one has begun and not ended */
    bool has_members; /* one has ended: what follows may be zeros */
    uint64_t taken, given;
    struct lede_error failed; /* status OK: not yet */
};

/* The input and output of one step. */
struct piece {
    const unsigned char *in;
    size_t in_size;
    char *out;
    size_t out_size;
};

static const char *name_of(const struct lede_unpacker *unpacker)
{
    return unpacker->coding == LEDE_CODING_ZSTD ? "zstd" : "gzip";
}

enum lede_coding lede_coding_of(const unsigned char *data, size_t size)
{
    if (size >= 2 && data[0] == 0x1F && data[1] == 0x8B)
        return LEDE_CODING_GZIP;
    if (size >= 4 && memcmp(data, "\x28\xB5\x2F\xFD", 4) == 0)
        return LEDE_CODING_ZSTD;
    bool is_skippable = size >= 4 && (data[0] & 0xF0) == 0x50 && /* RFC 8878 section 3.1.2 */
                        memcmp(data + 1, "\x2A\x4D\x18", 3) == 0;
    return is_skippable ? LEDE_CODING_ZSTD : LEDE_CODING_NONE;
}

enum lede_status lede_unpacker_new(enum lede_coding coding, int window_log_max,
    struct lede_unpacker **ret_unpacker, struct lede_error *reterr)
{
    struct lede_unpacker *unpacker = calloc(1, sizeof(*unpacker));
    if (!unpacker)
        return lede_fail_memory(reterr);
    unpacker->coding = coding;
    bool is_ready = false;
    if (coding == LEDE_CODING_ZSTD) {
        unpacker->zstd = ZSTD_createDStream();
        is_ready = unpacker->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
                                         unpacker->zstd, ZSTD_d_windowLogMax, window_log_max));
    } else {
        is_ready = inflateInit2(&unpacker->gzip, GZIP_ONLY) == Z_OK;
    }
    if (!is_ready) {
        lede_unpacker_free(unpacker);
        return lede_fail_memory(reterr);
    }
    *ret_unpacker = unpacker;
    return LEDE_OK;
}

void lede_unpacker_free(struct lede_unpacker *unpacker)
{
    if (!unpacker)
        return;
    if (unpacker->coding == LEDE_CODING_GZIP)
        inflateEnd(&unpacker->gzip); /* also of a stream that was never readied */
    ZSTD_freeDStream(unpacker->zstd);
    free(unpacker);
}

void lede_unpacker_freep(struct lede_unpacker **unpacker)
{
    lede_unpacker_free(*unpacker);
    *unpacker = NULL;
}

static enum lede_status fail_damaged(struct lede_unpacker *unpacker, const char *what)
{
    return lede_fail(&unpacker->failed, LEDE_EINPUT, "damaged %s: %s", name_of(unpacker), what);
}

/* Each gives what it can, and sets in_member false at a member's end. */
static enum lede_status inflate_some(struct lede_unpacker *unpacker, struct piece *piece)
{
    z_stream *stream = &unpacker->gzip;
    uInt offered = piece->in_size > UINT_MAX ? UINT_MAX : (uInt)piece->in_size;
    uInt room = piece->out_size > UINT_MAX ? UINT_MAX : (uInt)piece->out_size;
    stream->next_in = (z_const Bytef *)piece->in;
    stream->avail_in = offered;
    stream->next_out = (Bytef *)piece->out;
    stream->avail_out = room;
    int code = inflate(stream, Z_NO_FLUSH);
    piece->in += offered - stream->avail_in;
    piece->in_size -= offered - stream->avail_in;
    piece->out += room - stream->avail_out;
    piece->out_size -= room - stream->avail_out;
    if (code == Z_MEM_ERROR)
        return lede_fail_memory(&unpacker->failed);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return fail_damaged(unpacker, stream->msg ? stream->msg : "unexpected bytes");
    if (code == Z_STREAM_END) {
        unpacker->in_member = false;
        inflateReset(stream);
    }
    return LEDE_OK;
}

static enum lede_status decompress_some(struct lede_unpacker *unpacker, struct piece *piece)
{
    ZSTD_inBuffer in = {.src = piece->in, .size = piece->in_size};
    ZSTD_outBuffer out = {.dst = piece->out, .size = piece->out_size};
    size_t left = ZSTD_decompressStream(unpacker->zstd, &out, &in);
    piece->in += in.pos;
    piece->in_size -= in.pos;
    piece->out += out.pos;
    piece->out_size -= out.pos;
    if (ZSTD_isError(left))
        return fail_damaged(unpacker, ZSTD_getErrorName(left));
    unpacker->in_member = left != 0;
    return LEDE_OK;
}

/* Behind a member: zeros are passed over, and anything else must begin the next. */
static enum lede_status begin_member(struct lede_unpacker *unpacker, struct piece *piece)
{
    while (unpacker->has_members && piece->in_size > 0 && *piece->in == 0) {
        piece->in++;
        piece->in_size--;
    }
    if (piece->in_size == 0)
        return LEDE_OK;
    bool is_zstd = unpacker->coding == LEDE_CODING_ZSTD;
    bool is_begun =
        is_zstd ? *piece->in == 0x28 || (*piece->in & 0xF0) == 0x50 : *piece->in == 0x1F;
    if (!is_begun && unpacker->has_members)
        return fail_damaged(unpacker, "expected more of it or the end, found other bytes");
    unpacker->in_member = true;
    unpacker->has_members = true;
    return LEDE_OK;
}

enum lede_status lede_unpacker_step(struct lede_unpacker *unpacker, const unsigned char *in,
    size_t in_size, char *out, size_t out_size, size_t *ret_taken, size_t *ret_given,
    struct lede_error *reterr)
{
    struct piece piece = {.in = in, .in_size = in_size, .out = out, .out_size = out_size};
    enum lede_status st = unpacker->failed.status;
    bool moves = true;
    while (st == LEDE_OK && moves && piece.out_size > 0) {
        size_t before = piece.in_size + piece.out_size;
        if (!unpacker->in_member)
            st = begin_member(unpacker, &piece);
        if (st == LEDE_OK && unpacker->in_member)
            st = unpacker->coding == LEDE_CODING_ZSTD ? decompress_some(unpacker, &piece)
                                                      : inflate_some(unpacker, &piece);
        moves = piece.in_size + piece.out_size != before;
    }
    *ret_taken = in_size - piece.in_size;
    *ret_given = out_size - piece.out_size;
    unpacker->taken += *ret_taken;
    unpacker->given += *ret_given;
    if (st != LEDE_OK && *ret_given == 0) {
        if (reterr)
            *reterr = unpacker->failed;
        return st;
    }
    return LEDE_OK;
}

enum lede_status lede_unpacker_end(const struct lede_unpacker *unpacker, struct lede_error *reterr)
{
    if (unpacker->failed.status != LEDE_OK) {
        if (reterr)
            *reterr = unpacker->failed;
        return unpacker->failed.status;
    }
    if (unpacker->in_member)
        return lede_fail(
            reterr, LEDE_EINPUT, "damaged %s: it ends before its end mark", name_of(unpacker));
    return LEDE_OK;
}

uint64_t lede_unpacker_taken(const struct lede_unpacker *unpacker)
{
    return unpacker->taken;
}

uint64_t lede_unpacker_given(const struct lede_unpacker *unpacker)
{
    return unpacker->given;
}

size_t lede_unpacker_held_bytes(const struct lede_unpacker *unpacker)
{
    return unpacker->zstd ? ZSTD_sizeof_DStream(unpacker->zstd) : GZIP_HELD_BYTES;
}

enum lede_status lede_unpack_all(enum lede_coding coding, int window_log_max, const char *data,
    size_t size, size_t max, struct lede_buffer *ret_text, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_unpacker_freep) struct lede_unpacker *unpacker = NULL;
    enum lede_status st = lede_unpacker_new(coding, window_log_max, &unpacker, reterr);
    size_t given = 1;
    while (st == LEDE_OK && (size > 0 || given > 0)) {
        size_t taken = 0;
        size_t room = max + 1 - ret_text->size < STEP_BYTES ? max + 1 - ret_text->size : STEP_BYTES;
        char *out = lede_buffer_reserve(ret_text, room);
        if (!out)
            return lede_fail_memory(reterr);
        st = lede_unpacker_step(
            unpacker, (const unsigned char *)data, size, out, room, &taken, &given, reterr);
        if (st != LEDE_OK)
            return st;
        ret_text->size += given;
        data += taken;
        size -= taken;
        if (ret_text->size > max)
            return lede_fail(reterr, LEDE_ELIMIT, "the body unpacks to more than %zu bytes", max);
    }
    lede_buffer_append(ret_text, "", 0); /* NUL-terminates */
    return st == LEDE_OK ? lede_unpacker_end(unpacker, reterr) : st;
}
