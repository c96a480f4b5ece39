/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip out: does the client want it, is it worth it, and the work. */
#ifndef LEDE_HTTP_GZIP_H
#define LEDE_HTTP_GZIP_H

#include "lede/buffer.h"

#include <zlib.h>

/* Does an Accept-Encoding (RFC 9110 section 12.5.3; NULL: absent) prefer gzip to nothing?
 * "gzip;q=0" does not, "*" does, and what cannot be parsed does not. Threads: any. */
bool lede_http_accepts_gzip(const char *accept_encoding);

/* Is a media type text, by its name (text/…, JSON, XML, JavaScript, SVG)? NULL is not. Threads:
 * any. */
bool lede_http_is_compressible(const char *media_type);

/* One worker's compressor, kept for its next reply: making one costs more than most replies. */
struct lede_http_deflater {
    z_stream stream;
    bool is_open;
};
void lede_http_deflater_done(struct lede_http_deflater *deflater);

/* Compress a whole body.
 * deflater  zeroed before its first use
 * ret_body  initialised by zeroing; the caller's, also on failure
 * Status: OK; ENOMEM. Threads: one at a time per deflater. */
LEDE_CHECKED enum lede_status lede_http_gzip(struct lede_http_deflater *deflater, const void *data,
    size_t size, struct lede_buffer *ret_body);
/* Compress a body piece by piece; what came so far can be unpacked when a piece is out.
 * deflater  zeroed before the first piece, and for this body alone
 * is_last   nothing comes behind this piece, which may be empty
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_gzip_piece(struct lede_http_deflater *deflater,
    const void *data, size_t size, bool is_last, struct lede_buffer *ret_body);

#endif
