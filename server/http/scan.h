/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bytes of a connection are by RFC 9112, before MHD sees them.
 *
 * MHD before 1.0 ends a line at a bare LF, takes a NUL for the end of a name or a value, and writes
 * NULs over the ends of lines, so that nobody can tell afterwards what was there. Here each byte is
 * seen as it comes: where heads, bodies and chunks are all as the RFC has them, MHD can only read
 * what everybody reads. At the first byte that is not, the connection is doubtful, and no request
 * from there on is believed. */
#ifndef LEDE_HTTP_SCAN_H
#define LEDE_HTTP_SCAN_H

#include "lede/base.h"

enum lede_http_scan_state {
    LEDE_SCAN_BETWEEN, /* requests; empty lines may come */
    LEDE_SCAN_BETWEEN_LF,
    LEDE_SCAN_FIRST_LINE,
    LEDE_SCAN_FIRST_LINE_LF,
    LEDE_SCAN_LINE, /* a header's begins, or the empty one */
    LEDE_SCAN_NAME,
    LEDE_SCAN_VALUE,
    LEDE_SCAN_VALUE_LF,
    LEDE_SCAN_HEAD_LF, /* of the empty line */
    LEDE_SCAN_BODY,
    LEDE_SCAN_CHUNK_SIZE,
    LEDE_SCAN_CHUNK_EXTENSION,
    LEDE_SCAN_CHUNK_LF,
    LEDE_SCAN_CHUNK_DATA,
    LEDE_SCAN_CHUNK_DATA_CR,
    LEDE_SCAN_CHUNK_DATA_LF,
    LEDE_SCAN_DOUBTFUL, /* nothing behind is read */
};

#define LEDE_SCAN_NAME_MAX 17 /* "Transfer-Encoding" */

/* A connection as it is read; zeroed to begin with. Its I/O thread's own. */
struct lede_http_scan {
    enum lede_http_scan_state state;
    uint64_t heads;        /* that were read to their ends, and are as they must be */
    const char *fault;     /* of what is behind these; NULL: none yet */
    bool is_body_doubtful; /* it is of the body behind the last of them */

    uint64_t left; /* of a body or a chunk; before it: its size, as far as it is read */
    bool has_digits, in_trailers;
    /* The first line. */
    size_t blanks;
    char before; /* the byte before this one */
    /* A header; and how headers frame the body. */
    char name[LEDE_SCAN_NAME_MAX + 1];
    size_t name_size, value_size;
    size_t lengths, codings;
    bool is_odd;          /* what stands there is no number, or not "chunked" */
    bool is_behind_value; /* in the white space there */
};

/* Read on. */
void lede_http_scan_read(struct lede_http_scan *scan, const char *bytes, size_t size);

#endif
