/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request's head: everything that can be refused before a byte of the body is taken. */
#include "decode.h"
#include "lede/number.h"
#include "request.h"
#include "route.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void lede_http_refuse(struct lede_http_refusal *refusal, int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    refusal->status = status;
    vsnprintf(refusal->detail, sizeof(refusal->detail), format, arguments);
    va_end(arguments);
}

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define REQUEST_ID_CHARACTERS LETTERS_AND_DIGITS "._-"
/* of those that RFC 9110 section 5.6.2 allows, the ones in use */
#define METHOD_CHARACTERS LETTERS_AND_DIGITS "._-"

struct header_copy {
    struct lede_http_request *request;
    size_t room;
    bool has_failed;
};

/* MHD_KeyValueIteratorN: the strings go with MHD's memory, so they are copied. */
static enum MHD_Result copy_header(void *context, enum MHD_ValueKind kind, const char *name,
    size_t name_size, const char *value, size_t value_size)
{
    (void)kind;
    struct header_copy *copy = context;
    struct lede_http_request *request = copy->request;
    if (request->header_count == copy->room)
        return MHD_NO;
    struct lede_http_request_header *header = &request->headers[request->header_count++];
    value = value ? value : "";
    header->name = lede_arena_copy(&request->arena, name, name_size);
    header->value = lede_arena_copy(&request->arena, value, value_size);
    copy->has_failed = copy->has_failed || !header->name || !header->value;
    return copy->has_failed ? MHD_NO : MHD_YES;
}

static enum lede_status copy_headers(struct lede_http_request *request)
{
    int count = MHD_get_connection_values(request->mhd, MHD_HEADER_KIND, NULL, NULL);
    struct header_copy copy = {.request = request, .room = count > 0 ? (size_t)count : 0};
    request->headers = lede_arena_calloc(&request->arena, copy.room + 1, sizeof(*request->headers));
    if (!request->headers)
        return LEDE_ENOMEM;
    MHD_get_connection_values_n(request->mhd, MHD_HEADER_KIND, copy_header, &copy);
    if (copy.has_failed) {
        request->header_count = 0;
        return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static size_t count_header(const struct lede_http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

/* Keep a client's own id where it can do no harm in a log or a header. */
static void take_request_id(struct lede_http_request *request)
{
    const char *id = lede_http_request_header(request, "X-Request-Id");
    size_t size = id ? strlen(id) : 0;
    size_t sane = id ? strspn(id, REQUEST_ID_CHARACTERS) : 0;
    if (size > 0 && size <= LEDE_HTTP_REQUEST_ID_MAX && sane == size)
        memcpy(request->id, id, size + 1);
}

/* How is the body framed? What two readers could understand in two ways is refused (request
 * smuggling). */
static void check_framing(
    struct lede_http_request *request, const char *version, struct lede_http_refusal *refusal)
{
    const char *coding = lede_http_request_header(request, "Transfer-Encoding");
    const char *length = lede_http_request_header(request, "Content-Length");
    if (!coding && !length)
        return;
    request->has_body = true;
    request->content_length = UINT64_MAX;
    int64_t size = 0;
    if (coding && length)
        lede_http_refuse(refusal, 400, "expected Content-Length or Transfer-Encoding, found both");
    else if (coding &&
             (strcasecmp(coding, "chunked") != 0 || count_header(request, "Transfer-Encoding") > 1))
        lede_http_refuse(refusal, 400, "expected Transfer-Encoding 'chunked' alone");
    else if (coding && strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
        lede_http_refuse(refusal, 400, "Transfer-Encoding needs HTTP/1.1");
    else if (length && count_header(request, "Content-Length") > 1)
        lede_http_refuse(refusal, 400, "expected one Content-Length");
    else if (length &&
             lede_parse_int64(length, strlen(length), 0, INT64_MAX, &size, NULL) != LEDE_OK)
        lede_http_refuse(refusal, 400, "expected a number as Content-Length");
    else if (length) {
        request->content_length = (uint64_t)size;
        request->has_body = size > 0;
    }
}

/* A header continued on a further line (RFC 9112 section 5.2 lets us refuse it): MHD before 0.9.77
 * appends the second line to the header's name, so that "Transfer-Encodin: chunked", CR LF, " g"
 * frames a body. The head still lies in MHD's memory from its method on, each CR and LF overwritten
 * by NUL, and no sound line begins with a blank. */
static bool has_folded_header(const char *head, size_t size)
{
    return memmem(head, size, "\0\0 ", 3) || memmem(head, size, "\0\0\t", 3);
}

static void check_sizes(
    struct lede_http_request *request, const char *head, struct lede_http_refusal *refusal)
{
    const struct lede_http_options *options = &request->server->options;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (strlen(request->target) > options->uri_bytes_max)
        lede_http_refuse(refusal, 414, "the URI has more than %zu bytes", options->uri_bytes_max);
    else if (info && info->header_size > options->header_bytes_max)
        lede_http_refuse(
            refusal, 431, "the headers have more than %zu bytes", options->header_bytes_max);
    if (info && has_folded_header(head, info->header_size)) {
        request->has_body = true; /* what follows cannot be trusted: close */
        lede_http_refuse(refusal, 400, "a header continues on a second line");
    }
}

/* A status of decoding as a refusal; ENOMEM is passed on. */
static enum lede_status refuse_decoding(struct lede_http_request *request, enum lede_status st,
    const struct lede_error *error, struct lede_http_refusal *refusal)
{
    if (st == LEDE_OK || st == LEDE_ENOMEM)
        return st;
    lede_http_refuse(refusal, 400, "%s", error->message);
    if (error->param[0] != '\0')
        refusal->param = lede_arena_copy(&request->arena, error->param, strlen(error->param));
    return LEDE_OK;
}

/* A target in absolute form (RFC 9112 section 3.2.2) without its scheme and authority. */
static const char *target_path(const char *target)
{
    if (strncasecmp(target, "http://", 7) != 0)
        return target;
    size_t authority = strcspn(target + 7, "/?");
    return target[7 + authority] == '/' ? target + 7 + authority : "/";
}

static enum lede_status find_route(
    struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    const char *target = target_path(request->target);
    size_t path_size = strcspn(target, "?");
    const struct lede_http_options *options = &request->server->options;
    struct lede_error error = {0};
    struct lede_http_match match = {0};
    size_t decoded_size = 0;
    enum lede_status st = lede_http_decode(
        target, path_size, false, &request->arena, &request->path, &decoded_size, &error);
    if (target[path_size] == '?')
        request->query = target + path_size + 1;
    /* The route first: it knows which parameter is malformed. */
    enum lede_status matched = lede_http_route_match(options->routes, options->route_count,
        request->method, target, path_size, &request->arena, &match, &error);
    st = matched != LEDE_OK ? matched : st;
    if (st != LEDE_OK)
        return refuse_decoding(request, st, &error, refusal);
    request->route = match.route;
    request->path_parameter = match.parameter;
    request->path_parameter_size = match.parameter_size;
    if (!match.route && match.allow[0] == '\0') {
        lede_http_refuse(refusal, 404, "there is nothing at this path");
    } else if (!match.route) {
        lede_http_refuse(refusal, 405, "expected one of the methods %s", match.allow);
        refusal->allow = lede_arena_copy(&request->arena, match.allow, strlen(match.allow));
    }
    return LEDE_OK;
}

static enum lede_status decode_parameters(
    struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    struct lede_error error = {0};
    enum lede_status st = lede_http_decode_query(request->query, strlen(request->query),
        &request->arena, &request->parameters, &request->parameter_count, &error);
    return refuse_decoding(request, st, &error, refusal);
}

/* What the route allows as a body. */
static void check_body(struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    const struct lede_http_route *route = request->route;
    const char *coding = lede_http_request_header(request, "Content-Encoding");
    if (!request->has_body)
        return;
    request->is_gzip =
        coding && (strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0);
    bool is_plain = !coding || coding[0] == '\0' || strcasecmp(coding, "identity") == 0;
    if (!route->stream_body && route->body_max == 0)
        lede_http_refuse(refusal, 413, "expected no body here");
    else if ((!is_plain && !request->is_gzip) || count_header(request, "Content-Encoding") > 1)
        lede_http_refuse(refusal, 415, "expected Content-Encoding gzip or none");
    else if (!route->stream_body && request->content_length != UINT64_MAX &&
             request->content_length > route->body_max)
        lede_http_refuse(refusal, 413, "the body has more than %zu bytes", route->body_max);
}

enum lede_status lede_http_request_read_head(struct lede_http_request *request, const char *url,
    const char *method, const char *version, struct lede_http_refusal *ret_refusal)
{
    struct lede_http_refusal *refusal = ret_refusal;
    *refusal = (struct lede_http_refusal){0};
    bool is_method = strspn(method, METHOD_CHARACTERS) == strlen(method);
    const char *copy = lede_arena_copy(&request->arena, method, strlen(method));
    if (!copy)
        return LEDE_ENOMEM;
    request->method = is_method ? copy : "";
    request->is_head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    enum lede_status st = copy_headers(request);
    if (st != LEDE_OK)
        return st;
    take_request_id(request);
    check_framing(request, version, refusal);
    if (refusal->status == 0 && !is_method)
        lede_http_refuse(refusal, 400, "expected a method such as GET");
    /* Both point into one line of MHD's memory; a NUL in the URI makes it longer than its
     * string. */
    uintptr_t line_bytes = (uintptr_t)version - (uintptr_t)url;
    if (refusal->status == 0 && version[0] != '\0' && line_bytes != strlen(request->target) + 1)
        lede_http_refuse(refusal, 400, "a NUL byte in the URI");
    if (refusal->status == 0)
        check_sizes(request, method, refusal);
    if (refusal->status == 0)
        st = find_route(request, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        st = decode_parameters(request, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        check_body(request, refusal);
    return st;
}
