/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a connection, one after the other, by the grammar of RFC 9112; names and numbers
 * in detail where they say how long a body is, else only that no line ends early or late. */
#include "wire.h"

#include <string.h>
#include <strings.h>

#define BODY_BYTES_MAX (UINT64_MAX >> 8)
#define CHUNKED "chunked"

static bool is_control(char c)
{
    return ((unsigned char)c < ' ' && c != '\t') || c == 0x7F;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_token(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void doubt(struct lede_http_wire *wire, const char *fault)
{
    wire->is_body_doubtful = wire->state >= LEDE_WIRE_BODY || wire->in_trailers;
    wire->state = LEDE_WIRE_DOUBTFUL;
    wire->fault = fault;
}

static void begin_first_line(struct lede_http_wire *wire)
{
    *wire =
        (struct lede_http_wire){.state = LEDE_WIRE_FIRST_LINE, .heads = wire->heads, .before = ' '};
}

/* Three words, one blank between them. */
static void read_first_line(struct lede_http_wire *wire, char c)
{
    bool is_end = c == '\r';
    if ((is_control(c) && !is_end) || c == '\t' || ((c == ' ' || is_end) && wire->before == ' ') ||
        (c == ' ' && wire->blanks == 2) || (is_end && wire->blanks != 2)) {
        doubt(wire, "expected a method, one blank, an address, one blank, HTTP/1.1, CR LF");
        return;
    }
    wire->blanks += c == ' ';
    wire->before = c;
    if (is_end)
        wire->state = LEDE_WIRE_FIRST_LINE_LF;
}

static bool is_header(const struct lede_http_wire *wire, const char *name)
{
    return !wire->in_trailers && wire->name_size == strlen(name) &&
           strncasecmp(wire->name, name, wire->name_size) == 0;
}

static bool is_framing(const struct lede_http_wire *wire)
{
    return is_header(wire, "Content-Length") || is_header(wire, "Transfer-Encoding");
}

static void begin_value(struct lede_http_wire *wire)
{
    wire->state = LEDE_WIRE_VALUE;
    if (!is_framing(wire))
        return;
    wire->lengths += is_header(wire, "Content-Length");
    wire->codings += is_header(wire, "Transfer-Encoding");
    wire->value_size = 0;
    wire->left = 0;
    wire->is_odd = false;
    wire->is_behind_value = false;
}

static void read_name(struct lede_http_wire *wire, char c)
{
    if (c == ':' && wire->name_size > 0) {
        begin_value(wire);
    } else if (!is_token(c)) {
        doubt(wire, "a header's name is no token");
    } else {
        if (wire->name_size < LEDE_WIRE_NAME_MAX)
            wire->name[wire->name_size] = c;
        wire->name_size++;
        wire->state = LEDE_WIRE_NAME;
    }
}

static void read_line(struct lede_http_wire *wire, char c)
{
    wire->name_size = 0;
    if (c == '\r')
        wire->state = LEDE_WIRE_HEAD_LF;
    else
        read_name(wire, c);
}

/* A number, or "chunked": with nothing beside it but white space. */
static void read_framing(struct lede_http_wire *wire, char c)
{
    if (is_blank(c)) {
        wire->is_behind_value = wire->value_size > 0;
        return;
    }
    size_t at = wire->value_size++;
    if (wire->codings > 0)
        wire->is_odd |= at >= strlen(CHUNKED) || (c | 0x20) != CHUNKED[at];
    else
        wire->is_odd |= c < '0' || c > '9' || wire->left > BODY_BYTES_MAX / 10;
    wire->is_odd |= wire->is_behind_value;
    wire->left = wire->is_odd ? 0 : wire->left * 10 + (uint64_t)(c - '0');
}

static void read_value(struct lede_http_wire *wire, char c)
{
    if (c == '\r')
        wire->state = LEDE_WIRE_VALUE_LF;
    else if (c == '\n')
        doubt(wire, "a header's line does not end with CR LF");
    else if (is_control(c))
        doubt(wire, "a control character in a header");
    else if (is_framing(wire))
        read_framing(wire, c);
}

static void begin_chunk_size(struct lede_http_wire *wire)
{
    wire->state = LEDE_WIRE_CHUNK_SIZE;
    wire->has_digits = false;
    wire->left = 0;
}

/* What frames a body in an odd way is refused by who reads the head; behind it nothing is read. */
static void end_head(struct lede_http_wire *wire)
{
    if (wire->in_trailers) {
        wire->state = LEDE_WIRE_BETWEEN;
        wire->in_trailers = false;
        return;
    }
    if (wire->codings > 0 && wire->is_behind_value) {
        doubt(wire, "white space behind a Transfer-Encoding"); /* MHD reads on to the end */
        return;
    }
    wire->heads++;
    if (wire->lengths + wire->codings == 0)
        wire->state = LEDE_WIRE_BETWEEN;
    else if (wire->lengths + wire->codings > 1 || wire->is_odd || wire->value_size == 0)
        doubt(wire, "nobody can say where the body before it ends");
    else if (wire->lengths == 1)
        wire->state = wire->left > 0 ? LEDE_WIRE_BODY : LEDE_WIRE_BETWEEN;
    else if (wire->value_size == strlen(CHUNKED))
        begin_chunk_size(wire);
    else
        doubt(wire, "nobody can say where the body before it ends");
}

static void read_chunk_size(struct lede_http_wire *wire, char c)
{
    int digit = hex_digit(c);
    if (digit >= 0 && wire->left <= BODY_BYTES_MAX / 16) {
        wire->left = wire->left * 16 + (uint64_t)digit;
        wire->has_digits = true;
    } else if (wire->has_digits && c == '\r') {
        wire->state = LEDE_WIRE_CHUNK_LF;
    } else if (wire->has_digits && (c == ';' || is_blank(c))) {
        wire->state = LEDE_WIRE_CHUNK_EXTENSION;
    } else {
        doubt(wire, "expected the size of a chunk");
    }
}

static void read_chunk_extension(struct lede_http_wire *wire, char c)
{
    if (c == '\r')
        wire->state = LEDE_WIRE_CHUNK_LF;
    else if (is_control(c))
        doubt(wire, "a control character in a chunk's extension");
}

static void begin_chunk(struct lede_http_wire *wire)
{
    wire->in_trailers = wire->left == 0;
    wire->state = wire->in_trailers ? LEDE_WIRE_LINE : LEDE_WIRE_CHUNK_DATA;
}

/* Pass over bytes that may be any. Returns how many. */
static size_t pass(struct lede_http_wire *wire, size_t size)
{
    size_t passed = wire->left < size ? (size_t)wire->left : size;
    wire->left -= passed;
    if (wire->left == 0)
        wire->state = wire->state == LEDE_WIRE_BODY ? LEDE_WIRE_BETWEEN : LEDE_WIRE_CHUNK_DATA_CR;
    return passed;
}

static void read_line_feed(struct lede_http_wire *wire, char c)
{
    if (c != '\n') {
        doubt(wire, "a line does not end with CR LF");
        return;
    }
    switch (wire->state) {
    case LEDE_WIRE_BETWEEN_LF:
        wire->state = LEDE_WIRE_BETWEEN;
        break;
    case LEDE_WIRE_HEAD_LF:
        end_head(wire);
        break;
    case LEDE_WIRE_CHUNK_LF:
        begin_chunk(wire);
        break;
    case LEDE_WIRE_CHUNK_DATA_LF:
        begin_chunk_size(wire);
        break;
    default:
        wire->state = LEDE_WIRE_LINE;
        break;
    }
}

static void read_byte(struct lede_http_wire *wire, char c)
{
    switch (wire->state) {
    case LEDE_WIRE_BETWEEN:
        if (c == '\r') {
            wire->state = LEDE_WIRE_BETWEEN_LF;
            break;
        }
        begin_first_line(wire);
        read_first_line(wire, c);
        break;
    case LEDE_WIRE_FIRST_LINE:
        read_first_line(wire, c);
        break;
    case LEDE_WIRE_LINE:
        read_line(wire, c);
        break;
    case LEDE_WIRE_NAME:
        read_name(wire, c);
        break;
    case LEDE_WIRE_VALUE:
        read_value(wire, c);
        break;
    case LEDE_WIRE_CHUNK_SIZE:
        read_chunk_size(wire, c);
        break;
    case LEDE_WIRE_CHUNK_EXTENSION:
        read_chunk_extension(wire, c);
        break;
    case LEDE_WIRE_CHUNK_DATA_CR:
        wire->state = LEDE_WIRE_CHUNK_DATA_LF;
        if (c != '\r')
            doubt(wire, "a chunk does not end with CR LF");
        break;
    default:
        read_line_feed(wire, c);
        break;
    }
}

void lede_http_wire_read(struct lede_http_wire *wire, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size && wire->state != LEDE_WIRE_DOUBTFUL;) {
        if (wire->state == LEDE_WIRE_BODY || wire->state == LEDE_WIRE_CHUNK_DATA)
            at += pass(wire, size - at);
        else
            read_byte(wire, bytes[at++]);
    }
}
