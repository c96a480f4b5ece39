/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the head says of the body and of the host. That its lines end where they seem to is for
 * scan.c to say. */
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
    size_t room;     /* for headers */
    bool has_failed; /* no memory */
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

/* Is the request one that everybody reads so? NULL: yes. */
static const char *find_fault(const struct lede_http_request *request, const char *method)
{
    const struct lede_http_scan *scan = &request->connection->scan;
    if (request->connection->requests > scan->heads)
        return scan->fault ? scan->fault : "the head does not end with CR LF, CR LF";
    return method[strspn(method, TOKEN_CHARACTERS)] == '\0' ? NULL
                                                            : "expected a method such as GET";
}

enum lede_status lede_http_framing_read(struct lede_http_request *request, const char *method,
    const char *version, struct lede_http_refusal *ret_refusal)
{
    struct head head = {.request = request};
    const char *fault = find_fault(request, method);
    enum lede_status st = copy_headers(&head);
    if (st != LEDE_OK)
        return st;
    check_body(request, version, ret_refusal);
    if (ret_refusal->status == 0)
        check_host(request, version, ret_refusal);
    if (fault)
        lede_http_refuse(ret_refusal, 400, "%s", fault);
    request->is_ill_framed = ret_refusal->status != 0;
    request->has_body |= request->is_ill_framed; /* what follows cannot be trusted */
    request->ends_connection = request->connection->scan.state == LEDE_SCAN_DOUBTFUL;
    return LEDE_OK;
}
