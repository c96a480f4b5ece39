/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a connection, one after the other, by the grammar of RFC 9112; names and numbers
 * in detail where they say how long a body is, else only that no line ends early or late. */
#include "scan.h"

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

static void doubt(struct lede_http_scan *scan, const char *fault)
{
    scan->is_body_doubtful = scan->state >= LEDE_SCAN_BODY || scan->in_trailers;
    scan->state = LEDE_SCAN_DOUBTFUL;
    scan->fault = fault;
}

static void begin_first_line(struct lede_http_scan *scan)
{
    *scan =
        (struct lede_http_scan){.state = LEDE_SCAN_FIRST_LINE, .heads = scan->heads, .before = ' '};
}

/* Three words, one blank between them. */
static void read_first_line(struct lede_http_scan *scan, char c)
{
    bool is_end = c == '\r';
    if ((is_control(c) && !is_end) || c == '\t' || ((c == ' ' || is_end) && scan->before == ' ') ||
        (c == ' ' && scan->blanks == 2) || (is_end && scan->blanks != 2)) {
        doubt(scan, "expected a method, one blank, an address, one blank, HTTP/1.1, CR LF");
        return;
    }
    scan->blanks += c == ' ';
    scan->before = c;
    if (is_end)
        scan->state = LEDE_SCAN_FIRST_LINE_LF;
}

static bool is_header(const struct lede_http_scan *scan, const char *name)
{
    return !scan->in_trailers && scan->name_size == strlen(name) &&
           strncasecmp(scan->name, name, scan->name_size) == 0;
}

static bool is_framing(const struct lede_http_scan *scan)
{
    return is_header(scan, "Content-Length") || is_header(scan, "Transfer-Encoding");
}

static void begin_value(struct lede_http_scan *scan)
{
    scan->state = LEDE_SCAN_VALUE;
    if (!is_framing(scan))
        return;
    scan->lengths += is_header(scan, "Content-Length");
    scan->codings += is_header(scan, "Transfer-Encoding");
    scan->value_size = 0;
    scan->left = 0;
    scan->is_odd = false;
    scan->is_behind_value = false;
}

static void read_name(struct lede_http_scan *scan, char c)
{
    if (c == ':' && scan->name_size > 0) {
        begin_value(scan);
    } else if (!is_token(c)) {
        doubt(scan, "a header's name is no token");
    } else {
        if (scan->name_size < LEDE_SCAN_NAME_MAX)
            scan->name[scan->name_size] = c;
        scan->name_size++;
        scan->state = LEDE_SCAN_NAME;
    }
}

static void read_line(struct lede_http_scan *scan, char c)
{
    scan->name_size = 0;
    if (c == '\r')
        scan->state = LEDE_SCAN_HEAD_LF;
    else
        read_name(scan, c);
}

/* A number, or "chunked": with nothing beside it but white space. */
static void read_framing(struct lede_http_scan *scan, char c)
{
    if (is_blank(c)) {
        scan->is_behind_value = scan->value_size > 0;
        return;
    }
    size_t at = scan->value_size++;
    if (scan->codings > 0)
        scan->is_odd |= at >= strlen(CHUNKED) || (c | 0x20) != CHUNKED[at];
    else
        scan->is_odd |= c < '0' || c > '9' || scan->left > BODY_BYTES_MAX / 10;
    scan->is_odd |= scan->is_behind_value;
    scan->left = scan->is_odd ? 0 : scan->left * 10 + (uint64_t)(c - '0');
}

static void read_value(struct lede_http_scan *scan, char c)
{
    if (c == '\r')
        scan->state = LEDE_SCAN_VALUE_LF;
    else if (c == '\n')
        doubt(scan, "a header's line does not end with CR LF");
    else if (is_control(c))
        doubt(scan, "a control character in a header");
    else if (is_framing(scan))
        read_framing(scan, c);
}

static void begin_chunk_size(struct lede_http_scan *scan)
{
    scan->state = LEDE_SCAN_CHUNK_SIZE;
    scan->has_digits = false;
    scan->left = 0;
}

/* What frames a body in an odd way is refused by who reads the head; behind it nothing is read. */
static void end_head(struct lede_http_scan *scan)
{
    if (scan->in_trailers) {
        scan->state = LEDE_SCAN_BETWEEN;
        scan->in_trailers = false;
        return;
    }
    if (scan->codings > 0 && scan->is_behind_value) {
        doubt(scan, "white space behind a Transfer-Encoding"); /* MHD reads on to the end */
        return;
    }
    scan->heads++;
    if (scan->lengths + scan->codings == 0)
        scan->state = LEDE_SCAN_BETWEEN;
    else if (scan->lengths + scan->codings > 1 || scan->is_odd || scan->value_size == 0)
        doubt(scan, "nobody can say where the body before it ends");
    else if (scan->lengths == 1)
        scan->state = scan->left > 0 ? LEDE_SCAN_BODY : LEDE_SCAN_BETWEEN;
    else if (scan->value_size == strlen(CHUNKED))
        begin_chunk_size(scan);
    else
        doubt(scan, "nobody can say where the body before it ends");
}

static void read_chunk_size(struct lede_http_scan *scan, char c)
{
    int digit = hex_digit(c);
    if (digit >= 0 && scan->left <= BODY_BYTES_MAX / 16) {
        scan->left = scan->left * 16 + (uint64_t)digit;
        scan->has_digits = true;
    } else if (scan->has_digits && c == '\r') {
        scan->state = LEDE_SCAN_CHUNK_LF;
    } else if (scan->has_digits && (c == ';' || is_blank(c))) {
        scan->state = LEDE_SCAN_CHUNK_EXTENSION;
    } else {
        doubt(scan, "expected the size of a chunk");
    }
}

static void read_chunk_extension(struct lede_http_scan *scan, char c)
{
    if (c == '\r')
        scan->state = LEDE_SCAN_CHUNK_LF;
    else if (is_control(c))
        doubt(scan, "a control character in a chunk's extension");
}

static void begin_chunk(struct lede_http_scan *scan)
{
    scan->in_trailers = scan->left == 0;
    scan->state = scan->in_trailers ? LEDE_SCAN_LINE : LEDE_SCAN_CHUNK_DATA;
}

/* Pass over bytes that may be any. Returns how many. */
static size_t pass(struct lede_http_scan *scan, size_t size)
{
    size_t passed = scan->left < size ? (size_t)scan->left : size;
    scan->left -= passed;
    if (scan->left == 0)
        scan->state = scan->state == LEDE_SCAN_BODY ? LEDE_SCAN_BETWEEN : LEDE_SCAN_CHUNK_DATA_CR;
    return passed;
}

static void read_line_feed(struct lede_http_scan *scan, char c)
{
    if (c != '\n') {
        doubt(scan, "a line does not end with CR LF");
        return;
    }
    switch (scan->state) {
    case LEDE_SCAN_BETWEEN_LF:
        scan->state = LEDE_SCAN_BETWEEN;
        break;
    case LEDE_SCAN_HEAD_LF:
        end_head(scan);
        break;
    case LEDE_SCAN_CHUNK_LF:
        begin_chunk(scan);
        break;
    case LEDE_SCAN_CHUNK_DATA_LF:
        begin_chunk_size(scan);
        break;
    default:
        scan->state = LEDE_SCAN_LINE;
        break;
    }
}

static void read_byte(struct lede_http_scan *scan, char c)
{
    switch (scan->state) {
    case LEDE_SCAN_BETWEEN:
        if (c == '\r') {
            scan->state = LEDE_SCAN_BETWEEN_LF;
            break;
        }
        begin_first_line(scan);
        read_first_line(scan, c);
        break;
    case LEDE_SCAN_FIRST_LINE:
        read_first_line(scan, c);
        break;
    case LEDE_SCAN_LINE:
        read_line(scan, c);
        break;
    case LEDE_SCAN_NAME:
        read_name(scan, c);
        break;
    case LEDE_SCAN_VALUE:
        read_value(scan, c);
        break;
    case LEDE_SCAN_CHUNK_SIZE:
        read_chunk_size(scan, c);
        break;
    case LEDE_SCAN_CHUNK_EXTENSION:
        read_chunk_extension(scan, c);
        break;
    case LEDE_SCAN_CHUNK_DATA_CR:
        scan->state = LEDE_SCAN_CHUNK_DATA_LF;
        if (c != '\r')
            doubt(scan, "a chunk does not end with CR LF");
        break;
    default:
        read_line_feed(scan, c);
        break;
    }
}

void lede_http_scan_read(struct lede_http_scan *scan, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size && scan->state != LEDE_SCAN_DOUBTFUL;) {
        if (scan->state == LEDE_SCAN_BODY || scan->state == LEDE_SCAN_CHUNK_DATA)
            at += pass(scan, size - at);
        else
            read_byte(scan, bytes[at++]);
    }
}
