/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request's head: everything that can be refused before a byte of the body is taken. */
#include "decode.h"
#include "forwarded.h"
#include "framing.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "request.h"
#include "route.h"
#include "trace.h"

#include <string.h>
#include <strings.h>

#define REQUEST_ID_CHARACTERS LEDE_HTTP_LETTERS_AND_DIGITS "._-"
/* of those that RFC 9110 section 5.6.2 allows, the ones in use */
#define METHOD_CHARACTERS LEDE_HTTP_LETTERS_AND_DIGITS "._-"
/* of an address as sent, beside unreserved ones */
#define LOCATION_MARKS "/!$&'()*+,;:@?=%"

/* Keep a client's own id where it can do no harm in a log or a header. */
static void take_request_id(struct lede_http_request *request)
{
    const char *id = lede_http_request_header(request, "X-Request-Id");
    size_t size = id ? strlen(id) : 0;
    size_t sane = id ? strspn(id, REQUEST_ID_CHARACTERS) : 0;
    if (size > 0 && size <= LEDE_HTTP_REQUEST_ID_MAX && sane == size)
        memcpy(request->id, id, size + 1);
}

static void check_sizes(struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    const struct lede_http_options *options = &request->server->options;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    if (strlen(request->target) > options->uri_bytes_max)
        lede_http_refuse(refusal, 414, "the URI has more than %zu bytes", options->uri_bytes_max);
    else if (info && info->header_size > options->header_bytes_max)
        lede_http_refuse(
            refusal, 431, "the headers have more than %zu bytes", options->header_bytes_max);
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

/* A path without the prefix, where the proxy has left it there: only so does it come as it was
 * sent, with its %2F. */
static const char *skip_prefix(const struct lede_http_request *request, const char *target)
{
    size_t size = strlen(request->prefix);
    bool is_there = strncmp(target, request->prefix, size) == 0 && target[size] == '/';
    return is_there ? target + size : target;
}

/* The authority of a target in absolute form (RFC 9112 section 3.2.2); NULL: it is in another. */
static const char *target_authority(const char *target)
{
    if (strncasecmp(target, "http://", 7) == 0)
        return target + 7;
    return strncasecmp(target, "https://", 8) == 0 ? target + 8 : NULL;
}

/* A target without its scheme and authority; the authority takes the place of Host. */
static enum lede_status read_target(
    struct lede_http_request *request, const char **ret_target, struct lede_http_refusal *refusal)
{
    const char *target = request->target;
    const char *authority = target_authority(target);
    bool is_of_server = strcmp(target, "*") == 0 && strcmp(request->method, "OPTIONS") == 0;
    *ret_target = target;
    if (!authority) {
        if (target[0] != '/' && !is_of_server)
            lede_http_refuse(refusal, 400, "expected an address that begins with '/'");
        return LEDE_OK;
    }
    size_t size = strcspn(authority, "/?");
    const char *host = lede_arena_copy(&request->arena, authority, size);
    if (!host)
        return LEDE_ENOMEM;
    if (size == 0 || !lede_http_is_host(host)) {
        lede_http_refuse(refusal, 400, "expected a name or an address behind '://'");
        return LEDE_OK;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, "Host") == 0)
            request->headers[i].value = host;
    }
    /* "http://host?q" is the path "/": the byte before its query stands for that. */
    char *path =
        lede_arena_copy(&request->arena, authority + size - 1, strlen(authority + size - 1));
    if (!path)
        return LEDE_ENOMEM;
    path[0] = '/';
    *ret_target = path[1] == '/' ? path + 1 : path;
    return LEDE_OK;
}

/* target  without scheme and authority */
static enum lede_status find_route(
    struct lede_http_request *request, const char *target, struct lede_http_refusal *refusal)
{
    target = skip_prefix(request, target);
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
    memcpy(request->path_parameters, match.parameters, sizeof(match.parameters));
    memcpy(request->path_parameter_sizes, match.parameter_sizes, sizeof(match.parameter_sizes));
    if (match.route)
        return LEDE_OK;
    bool is_asked = strcmp(request->method, "OPTIONS") == 0;
    if (match.allow[0] == '\0')
        lede_http_refuse(refusal, 404, "there is nothing at this path");
    else
        lede_http_refuse(refusal, is_asked ? LEDE_HTTP_TOLD : 405, "expected one of the methods %s",
            match.allow);
    refusal->allow = lede_arena_copy(&request->arena, match.allow, strlen(match.allow));
    return refusal->allow ? LEDE_OK : LEDE_ENOMEM;
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
    bool is_gzip = coding && (strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0);
    bool is_zstd = coding && strcasecmp(coding, "zstd") == 0;
    request->coding = is_gzip ? LEDE_CODING_GZIP : is_zstd ? LEDE_CODING_ZSTD : LEDE_CODING_NONE;
    bool is_plain = !coding || coding[0] == '\0' || strcasecmp(coding, "identity") == 0;
    if (!route->stream_body && route->body_max == 0)
        lede_http_refuse(refusal, 413, "expected no body here");
    else if ((!is_plain && request->coding == LEDE_CODING_NONE) ||
             lede_http_request_count_header(request, "Content-Encoding") > 1)
        lede_http_refuse(refusal, 415, "expected Content-Encoding gzip, zstd or none");
    else if (!route->stream_body && request->content_length != UINT64_MAX &&
             request->content_length > route->body_max)
        lede_http_refuse(refusal, 413, "the body has more than %zu bytes", route->body_max);
}

static void check_admission(
    const struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    const struct lede_http_options *options = &request->server->options;
    const char *detail = "";
    int status = options->admit ? options->admit(options->context, request, &detail) : 0;
    if (status != 0)
        lede_http_refuse(refusal, status, "%s", detail);
}

/* The port of https that a redirection leads to. */
static unsigned https_port(const struct lede_http_request *request)
{
    const struct lede_http_server *server = request->server;
    unsigned port = request->listener->where.https_port;
    for (size_t i = 0; port == 0 && i < server->listener_count; i++) {
        if (server->listeners[i].where.kind == LEDE_LISTENER_TLS)
            port = server->listeners[i].where.port;
    }
    return port;
}

/* Who came to a listener that only redirects is sent to the same address by https. */
static enum lede_status redirect(
    struct lede_http_request *request, const char *target, struct lede_http_refusal *refusal)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    const char *host = lede_http_request_header(request, "Host");
    if (!request->listener || request->listener->where.kind != LEDE_LISTENER_REDIRECT)
        return LEDE_OK;
    if (!host) {
        lede_http_refuse(refusal, 400, "expected a Host, to be sent to it by https");
        return LEDE_OK;
    }
    size_t in_brackets = host[0] == '[' ? strcspn(host, "]") : 0;
    size_t host_size = in_brackets + strcspn(host + in_brackets, ":");
    unsigned port = https_port(request);
    lede_buffer_append_string(&address, "https://");
    lede_buffer_append(&address, host, host_size);
    if (port != 443)
        lede_buffer_append_format(&address, ":%u", port);
    if (target[0] == '/')
        lede_percent_append(
            &address, target, strlen(target), LEDE_URI_UNRESERVED_MARKS LOCATION_MARKS);
    lede_http_refuse(refusal, LEDE_HTTP_REDIRECTED, "ask by https");
    if (lede_buffer_status(&address) == LEDE_OK)
        refusal->location = lede_arena_copy(&request->arena, address.data, address.size);
    return refusal->location ? LEDE_OK : LEDE_ENOMEM;
}

enum lede_status lede_http_request_read_head(struct lede_http_request *request, const char *method,
    const char *version, struct lede_http_refusal *ret_refusal)
{
    struct lede_http_refusal *refusal = ret_refusal;
    *refusal = (struct lede_http_refusal){0};
    bool is_method = strspn(method, METHOD_CHARACTERS) == strlen(method);
    const char *copy = lede_arena_copy(&request->arena, method, strlen(method));
    if (!copy)
        return LEDE_ENOMEM;
    request->method = is_method ? copy : "";
    request->is_head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    request->is_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
    enum lede_status st = lede_http_framing_read(request, method, version, refusal);
    if (st == LEDE_OK)
        st = lede_http_forwarded_read(request);
    if (st != LEDE_OK)
        return st;
    take_request_id(request);
    lede_http_trace_take(request);
    if (refusal->status == 0 && !is_method)
        lede_http_refuse(refusal, 400, "expected a method such as GET");
    if (refusal->status == 0)
        check_sizes(request, refusal);
    const char *target = NULL;
    if (refusal->status == 0)
        st = read_target(request, &target, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        check_admission(request, refusal); /* by the Host that the target names */
    if (st == LEDE_OK && refusal->status == 0)
        st = redirect(request, target, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        st = find_route(request, target, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        st = decode_parameters(request, refusal);
    if (st == LEDE_OK && refusal->status == 0)
        check_body(request, refusal);
    return st;
}
