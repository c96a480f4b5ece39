/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MHD before 1.0 ends a line at a bare CR or LF, takes a NUL for the end of a name or a value, and
 * appends a folded line to the name before it. It does so in place: a colon and each byte of a
 * line's end become NULs, and names and values point into the head as it came. So where these
 * pointers do not follow each other byte by byte, or a name is no token, the head was not what it
 * seems. MHD 1.0 refuses such heads itself, and keeps no such layout. */
#include "framing.h"

#include "lede/number.h"

#include <string.h>
#include <strings.h>

#define TOKEN_CHARACTERS LEDE_HTTP_LETTERS_AND_DIGITS "!#$%&'*+-.^_`|~" /* RFC 9110 section 5.6.2 */
/* RFC 3986 section 3.2.2: names, addresses, and the port behind them */
#define HOST_CHARACTERS LEDE_HTTP_LETTERS_AND_DIGITS "-._~%!$&'()*+,;=:[]"
#define DIGITS "0123456789"

struct head {
    struct lede_http_request *request;
    size_t room;       /* for headers */
    const char *at;    /* where the next line begins; NULL: the layout is not known */
    const char *fault; /* NULL: none yet */
    bool has_failed;   /* no memory */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* A value without the white space behind it; that before it MHD has passed over. */
static size_t value_size(const char *value, size_t size)
{
    while (size > 0 && is_blank(value[size - 1]))
        size--;
    return size;
}

static bool has_control(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return true;
    }
    return false;
}

/* An address has neither controls nor blanks (RFC 9112 section 3.2). */
static bool is_address(const char *target)
{
    for (; *target; target++) {
        if ((unsigned char)*target <= ' ' || *target == 0x7F)
            return false;
    }
    return true;
}

/* Does a header stand where the one before has ended? Its line ends with two NULs. */
static bool follows(
    struct head *head, const char *name, size_t name_size, const char *value, size_t size)
{
    const char *colon = name + name_size;
    bool is_there = name == head->at && *colon == '\0' && value > colon;
    for (const char *c = colon + 1; is_there && c < value; c++)
        is_there = is_blank(*c);
    head->at = value + size + 2;
    return is_there && value[size] == '\0' && value[size + 1] == '\0';
}

/* MHD_KeyValueIteratorN: the strings go with MHD's memory, so they are copied. */
static enum MHD_Result copy_header(void *context, enum MHD_ValueKind kind, const char *name,
    size_t name_size, const char *value, size_t size)
{
    (void)kind;
    struct head *head = context;
    struct lede_http_request *request = head->request;
    if (request->header_count == head->room)
        return MHD_NO;
    struct lede_http_request_header *header = &request->headers[request->header_count++];
    value = value ? value : "";
    if (name_size == 0 || strspn(name, TOKEN_CHARACTERS) != name_size)
        head->fault = "a header's name is no token";
    else if (has_control(value, size))
        head->fault = "a control character in a header";
    else if (head->at && !follows(head, name, name_size, value, size))
        head->fault = "a header's line does not end with CR LF, or has a NUL";
    header->name = lede_arena_copy(&request->arena, name, name_size);
    header->value = lede_arena_copy(&request->arena, value, value_size(value, size));
    head->has_failed = head->has_failed || !header->name || !header->value;
    return head->has_failed ? MHD_NO : MHD_YES;
}

static enum lede_status copy_headers(struct head *head)
{
    struct lede_http_request *request = head->request;
    int count = MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, NULL, NULL);
    head->room = count > 0 ? (size_t)count : 0;
    request->headers =
        lede_arena_calloc(&request->arena, head->room + 1, sizeof(*request->headers));
    if (!request->headers)
        return LEDE_ENOMEM;
    MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, copy_header, head);
    if (!head->has_failed)
        return LEDE_OK;
    request->header_count = 0;
    return LEDE_ENOMEM;
}

bool lede_http_is_host(const char *text)
{
    return text[strspn(text, HOST_CHARACTERS)] == '\0';
}

static void check_host(
    const struct lede_http_request *request, const char *version, struct lede_http_refusal *refusal)
{
    const char *host = lede_http_request_header(request, "Host");
    bool needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0;
    if (!host && needs_host)
        lede_http_refuse(refusal, 400, "expected a Host");
    else if (lede_http_request_count_header(request, "Host") > 1)
        lede_http_refuse(refusal, 400, "expected one Host");
    else if (host && !lede_http_is_host(host))
        lede_http_refuse(refusal, 400, "expected a name or an address as Host");
}

/* How is the body framed? */
static void check_body(
    struct lede_http_request *request, const char *version, struct lede_http_refusal *refusal)
{
    const char *coding = lede_http_request_header(request, "Transfer-Encoding");
    const char *length = lede_http_request_header(request, "Content-Length");
    int64_t size = 0;
    if (!coding && !length)
        return;
    request->has_body = true;
    request->content_length = UINT64_MAX;
    if (coding && length)
        lede_http_refuse(refusal, 400, "expected Content-Length or Transfer-Encoding, found both");
    else if (coding && (strcasecmp(coding, "chunked") != 0 ||
                           lede_http_request_count_header(request, "Transfer-Encoding") > 1))
        lede_http_refuse(refusal, 400, "expected Transfer-Encoding 'chunked' alone");
    else if (coding && strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
        lede_http_refuse(refusal, 400, "Transfer-Encoding needs HTTP/1.1");
    else if (length && lede_http_request_count_header(request, "Content-Length") > 1)
        lede_http_refuse(refusal, 400, "expected one Content-Length");
    else if (length &&
             (length[strspn(length, DIGITS)] != '\0' ||
                 lede_parse_int64(length, strlen(length), 0, INT64_MAX, &size, NULL) != LEDE_OK))
        lede_http_refuse(refusal, 400, "expected a number as Content-Length");
    else if (length) {
        request->content_length = (uint64_t)size;
        request->has_body = size > 0;
    }
}

/* Where the line behind the first one begins; NULL: the first one is not what it seems. */
static const char *behind_first_line(const struct lede_http_request *request, const char *url,
    const char *method, const char *version)
{
    bool is_one_line = !strchr(request->target, ' ') && url == method + strlen(method) + 1 &&
                       version == url + strlen(request->target) + 1;
    const char *end = version + strlen(version);
    return is_one_line && end[0] == '\0' && end[1] == '\0' ? end + 2 : NULL;
}

enum lede_status lede_http_framing_read(struct lede_http_request *request, const char *url,
    const char *method, const char *version, struct lede_http_refusal *ret_refusal)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    struct head head = {.request = request};
    bool is_lenient = MHD_get_version()[0] == '0'; /* before 1.0 */
    bool has_layout = is_lenient && version[0] != '\0';
    if (has_layout) {
        head.at = behind_first_line(request, url, method, version);
        if (!head.at)
            head.fault = "expected a method, one blank, an address, one blank, HTTP/1.1, CR LF";
    }
    if (!head.fault && method[strspn(method, TOKEN_CHARACTERS)] != '\0')
        head.fault = "expected a method such as GET";
    if (!head.fault && !is_address(request->target))
        head.fault = "a control character in the address";
    enum lede_status st = copy_headers(&head);
    if (st != LEDE_OK)
        return st;
    if (!head.fault && has_layout && info && head.at + 2 != method + info->header_size)
        head.fault = "the head does not end with CR LF, CR LF";
    check_body(request, version, ret_refusal);
    if (ret_refusal->status == 0)
        check_host(request, version, ret_refusal);
    if (head.fault)
        lede_http_refuse(ret_refusal, 400, "%s", head.fault);
    request->is_ill_framed = ret_refusal->status != 0;
    request->has_body |= request->is_ill_framed; /* what follows cannot be trusted */
    /* MHD takes a bare LF within chunks for CR LF, where nobody else can see it. */
    request->ends_connection = is_lenient && request->content_length == UINT64_MAX;
    return LEDE_OK;
}
