/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The coding that every client knows; zlib does it. */
#include "gzip.h"

#include "http_limits.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#define GZIP_ONLY (15 + 16)
#define MEMORY_LEVEL 8
#define GZIP_HEAD_BYTES 32 /* deflateBound() knows no gzip header before the first deflate() */

struct coding {
    const char *name;
    size_t name_size;
    int weight; /* thousandths; -1: malformed */
};

static const char *skip_space(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* "0.5" in thousandths (RFC 9110 section 12.4.2), *at past it; -1 if it is none. */
static int parse_weight(const char **at)
{
    const char *c = *at;
    if (*c != '0' && *c != '1')
        return -1;
    int weight = (*c++ - '0') * 1000;
    if (*c == '.') {
        c++;
        for (int unit = 100; unit > 0 && isdigit((unsigned char)*c); unit /= 10)
            weight += (*c++ - '0') * unit;
    }
    *at = c;
    return weight <= 1000 ? weight : -1;
}

/* The coding at *at, *at past it and its comma; false at the end. */
static bool next_coding(const char **at, struct coding *coding)
{
    const char *c = *at;
    while (*c == ' ' || *c == '\t' || *c == ',')
        c++;
    if (*c == '\0')
        return false;
    *coding = (struct coding){.name = c, .name_size = strcspn(c, " \t,;"), .weight = 1000};
    c = skip_space(c + coding->name_size);
    if (*c == ';') {
        c = skip_space(c + 1);
        bool has_weight = (*c == 'q' || *c == 'Q') && c[1] == '=';
        c += has_weight ? 2 : 0;
        coding->weight = has_weight ? parse_weight(&c) : -1;
        c = skip_space(c);
    }
    if (*c != ',' && *c != '\0')
        coding->weight = -1;
    *at = c + strcspn(c, ",");
    return true;
}

static bool is_named(const struct coding *coding, const char *name)
{
    return coding->name_size == strlen(name) &&
           strncasecmp(coding->name, name, coding->name_size) == 0;
}

bool lede_http_accepts_gzip(const char *accept_encoding)
{
    int gzip = -1, any = 0, identity = 0;
    struct coding coding;
    if (!accept_encoding)
        return false;
    while (next_coding(&accept_encoding, &coding)) {
        if (coding.weight < 0)
            continue;
        if (is_named(&coding, "gzip") || is_named(&coding, "x-gzip"))
            gzip = coding.weight;
        else if (is_named(&coding, "identity"))
            identity = coding.weight;
        else if (is_named(&coding, "*"))
            any = coding.weight;
    }
    gzip = gzip < 0 ? any : gzip;
    return gzip > 0 && gzip >= identity;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    size_t end_size = strlen(end);
    return size >= end_size && strncasecmp(text + size - end_size, end, end_size) == 0;
}

bool lede_http_is_compressible(const char *media_type)
{
    if (!media_type)
        return false;
    size_t size = strcspn(media_type, "; ");
    return strncasecmp(media_type, "text/", 5) == 0 || ends_with(media_type, size, "json") ||
           ends_with(media_type, size, "xml") || ends_with(media_type, size, "javascript");
}

void lede_http_deflater_done(struct lede_http_deflater *deflater)
{
    if (deflater->is_open)
        deflateEnd(&deflater->stream);
    deflater->is_open = false;
}

static bool make_ready(struct lede_http_deflater *deflater)
{
    if (deflater->is_open)
        return deflateReset(&deflater->stream) == Z_OK;
    deflater->is_open = deflateInit2(&deflater->stream, LEDE_HTTP_COMPRESS_LEVEL, Z_DEFLATED,
                            GZIP_ONLY, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK;
    return deflater->is_open;
}

/* Put all of it through. */
static enum lede_status deflate_all(
    z_stream *stream, const void *data, size_t size, int flush, struct lede_buffer *ret_body)
{
    if (size > UINT_MAX / 2)
        return LEDE_ENOMEM;
    size_t bound = deflateBound(stream, size) + GZIP_HEAD_BYTES;
    char *out = lede_buffer_reserve(ret_body, bound);
    if (!out)
        return LEDE_ENOMEM;
    stream->next_in = (z_const Bytef *)data;
    stream->avail_in = (uInt)size;
    stream->next_out = (Bytef *)out;
    stream->avail_out = (uInt)bound;
    int status = deflate(stream, flush);
    bool is_done = flush == Z_FINISH
                       ? status == Z_STREAM_END
                       : status == Z_OK && stream->avail_in == 0 && stream->avail_out > 0;
    if (!is_done)
        return LEDE_ENOMEM;
    ret_body->size += bound - stream->avail_out;
    return LEDE_OK;
}

enum lede_status lede_http_gzip(struct lede_http_deflater *deflater, const void *data, size_t size,
    struct lede_buffer *ret_body)
{
    if (!make_ready(deflater))
        return LEDE_ENOMEM;
    return deflate_all(&deflater->stream, data, size, Z_FINISH, ret_body);
}

enum lede_status lede_http_gzip_piece(struct lede_http_deflater *deflater, const void *data,
    size_t size, bool is_last, struct lede_buffer *ret_body)
{
    if (!deflater->is_open && !make_ready(deflater))
        return LEDE_ENOMEM;
    return deflate_all(&deflater->stream, data, size, is_last ? Z_FINISH : Z_SYNC_FLUSH, ret_body);
}
