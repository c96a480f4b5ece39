/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bytes of a connection are by RFC 9112, before MHD sees them.
 *
 * MHD before 1.0 ends a line at a bare LF, takes a NUL for the end of a name or a value, and writes
 * NULs over the ends of lines, so that nobody can tell afterwards what was there. Here each byte is
 * seen as it comes: where heads, bodies and chunks are all as the RFC has them, MHD can only read
 * what everybody reads. At the first byte that is not, the connection is doubtful, and no request
 * from there on is believed. */
#ifndef LEDE_HTTP_WIRE_H
#define LEDE_HTTP_WIRE_H

#include "lede/base.h"

enum lede_http_wire_state {
    LEDE_WIRE_BETWEEN, /* requests; empty lines may come */
    LEDE_WIRE_BETWEEN_LF,
    LEDE_WIRE_FIRST_LINE,
    LEDE_WIRE_FIRST_LINE_LF,
    LEDE_WIRE_LINE, /* a header's begins, or the empty one */
    LEDE_WIRE_NAME,
    LEDE_WIRE_VALUE,
    LEDE_WIRE_VALUE_LF,
    LEDE_WIRE_HEAD_LF, /* of the empty line */
    LEDE_WIRE_BODY,
    LEDE_WIRE_CHUNK_SIZE,
    LEDE_WIRE_CHUNK_EXTENSION,
    LEDE_WIRE_CHUNK_LF,
    LEDE_WIRE_CHUNK_DATA,
    LEDE_WIRE_CHUNK_DATA_CR,
    LEDE_WIRE_CHUNK_DATA_LF,
    LEDE_WIRE_DOUBTFUL, /* nothing behind is read */
};

#define LEDE_WIRE_NAME_MAX 17 /* "Transfer-Encoding" */

/* A connection as it is read; zeroed to begin with. Its I/O thread's own. */
struct lede_http_wire {
    enum lede_http_wire_state state;
    uint64_t heads;        /* that were read to their ends, and are as they must be */
    const char *fault;     /* of what is behind these; NULL: none yet */
    bool is_body_doubtful; /* it is of the body behind the last of them */

    uint64_t left; /* of a body or a chunk; before it: its size, as far as it is read */
    bool has_digits, in_trailers;
    /* The first line. */
    size_t blanks;
    char before; /* the byte before this one */
    /* A header; and how headers frame the body. */
    char name[LEDE_WIRE_NAME_MAX + 1];
    size_t name_size, value_size;
    size_t lengths, codings;
    bool is_odd;          /* what stands there is no number, or not "chunked" */
    bool is_behind_value; /* in the white space there */
};

/* Read on. */
void lede_http_wire_read(struct lede_http_wire *wire, const char *bytes, size_t size);

#endif
