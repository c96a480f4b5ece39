/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zlib's inflate over concatenated gzip members (RFC 1952 section 2.2), with every error in
 * words. */
#include "inflate.h"

#include <limits.h>
#include <string.h>

#define GZIP_ONLY (15 + 16) /* inflateInit2: the largest window, a gzip header and nothing else */
#define STEP_BYTES ((size_t)64 * 1024)

enum lede_status lede_http_inflater_init(
    struct lede_http_inflater *inflater, struct lede_error *reterr)
{
    memset(inflater, 0, sizeof(*inflater));
    if (inflateInit2(&inflater->stream, GZIP_ONLY) != Z_OK)
        return lede_fail_memory(reterr);
    inflater->is_open = true;
    return LEDE_OK;
}

void lede_http_inflater_done(struct lede_http_inflater *inflater)
{
    if (inflater->is_open)
        inflateEnd(&inflater->stream);
    inflater->is_open = false;
}

static enum lede_status step_failed(int code, const z_stream *stream, struct lede_error *reterr)
{
    if (code == Z_MEM_ERROR)
        return lede_fail_memory(reterr);
    return lede_fail(reterr, LEDE_EINPUT, "the gzip data is damaged: %s",
        stream->msg ? stream->msg : "unexpected bytes");
}

enum lede_status lede_http_inflater_step(struct lede_http_inflater *inflater,
    const unsigned char *in, size_t in_size, char *out, size_t out_size, size_t *ret_taken,
    size_t *ret_given, struct lede_error *reterr)
{
    z_stream *stream = &inflater->stream;
    uInt offered = in_size > UINT_MAX ? UINT_MAX : (uInt)in_size;
    uInt room = out_size > UINT_MAX ? UINT_MAX : (uInt)out_size;
    stream->next_in = (z_const Bytef *)in;
    stream->avail_in = offered;
    stream->next_out = (Bytef *)out;
    stream->avail_out = room;
    while (stream->avail_out > 0 && (stream->avail_in > 0 || inflater->in_member)) {
        inflater->in_member = true;
        int code = inflate(stream, Z_NO_FLUSH);
        if (code == Z_BUF_ERROR)
            break; /* wants more than there is */
        if (code != Z_OK && code != Z_STREAM_END)
            return step_failed(code, stream, reterr);
        if (code != Z_STREAM_END)
            continue;
        inflater->in_member = false;
        inflateReset(stream);
    }
    *ret_taken = offered - stream->avail_in;
    *ret_given = room - stream->avail_out;
    inflater->taken += *ret_taken;
    inflater->given += *ret_given;
    return LEDE_OK;
}

enum lede_status lede_http_inflater_end(
    const struct lede_http_inflater *inflater, struct lede_error *reterr)
{
    if (inflater->in_member)
        return lede_fail(reterr, LEDE_EINPUT, "the gzip data ends before its end mark");
    return LEDE_OK;
}

static enum lede_status inflate_into(struct lede_http_inflater *inflater, const char *data,
    size_t size, size_t max, struct lede_buffer *body, struct lede_error *reterr)
{
    size_t given = 1;
    while (size > 0 || given > 0) {
        size_t taken = 0;
        size_t room = max + 1 - body->size < STEP_BYTES ? max + 1 - body->size : STEP_BYTES;
        char *out = lede_buffer_reserve(body, room);
        if (!out)
            return lede_fail_memory(reterr);
        enum lede_status st = lede_http_inflater_step(
            inflater, (const unsigned char *)data, size, out, room, &taken, &given, reterr);
        if (st != LEDE_OK)
            return st;
        body->size += given;
        data += taken;
        size -= taken;
        if (body->size > max)
            return lede_fail(reterr, LEDE_ELIMIT, "the body unzips to more than %zu bytes", max);
    }
    return lede_http_inflater_end(inflater, reterr);
}

enum lede_status lede_http_inflate_all(const char *data, size_t size, size_t max,
    struct lede_buffer *ret_body, struct lede_error *reterr)
{
    struct lede_http_inflater inflater;
    enum lede_status st = lede_http_inflater_init(&inflater, reterr);
    if (st != LEDE_OK)
        return st;
    st = inflate_into(&inflater, data, size, max, ret_body, reterr);
    lede_http_inflater_done(&inflater);
    lede_buffer_append(ret_body, "", 0); /* NUL-terminates */
    return st;
}
