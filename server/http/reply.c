/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every answer gets the same treatment here: id, type, compression, and what the connection's end
 * needs. */
#include "reply.h"

#include "connection.h"
#include "outflow.h"
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void lede_http_reply_header(
    struct lede_http_reply *reply, const char *name, const char *format, ...)
{
    char *value = NULL;
    va_list arguments;
    va_start(arguments, format);
    int size = vasprintf(&value, format, arguments);
    va_end(arguments);
    for (char *c = size >= 0 ? value : NULL; c && *c; c++)
        *c = (unsigned char)*c < ' ' || *c == 0x7F ? ' ' : *c;
    for (size_t i = 0; size >= 0 && i < reply->header_count; i++) {
        if (strcasecmp(reply->headers[i].name, name) != 0)
            continue;
        free(reply->headers[i].value);
        reply->headers[i].value = value;
        return;
    }
    if (size < 0 || reply->header_count == LEDE_HTTP_HEADERS_MAX) {
        if (size >= 0)
            free(value);
        reply->body.failed = true;
        return;
    }
    reply->headers[reply->header_count++] = (struct lede_http_header){.name = name, .value = value};
}

void lede_http_reply_done(struct lede_http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        free(reply->headers[i].value);
    lede_buffer_done(&reply->body);
    free(reply->reason);
    memset(reply, 0, sizeof(*reply));
}

static size_t reply_size(const struct lede_http_reply *reply)
{
    return reply->static_body ? reply->static_body_size : reply->body.size;
}

/* May it go out compressed? */
static bool takes_gzip(const struct lede_http_request *request, const struct lede_http_reply *reply)
{
    return !reply->no_compression && lede_http_is_compressible(reply->media_type) &&
           lede_http_accepts_gzip(lede_http_request_header(request, "Accept-Encoding"));
}

/* Compress where it pays; true if body now holds the zipped bytes. A failure only costs
 * bandwidth. */
static bool compress_reply(const struct lede_http_request *request, struct lede_http_reply *reply,
    struct lede_http_deflater *deflater)
{
    struct lede_buffer zipped = {0};
    if (!deflater || request->is_head || reply_size(reply) < LEDE_HTTP_COMPRESS_MIN_BYTES ||
        !takes_gzip(request, reply))
        return false;
    const void *plain = reply->static_body ? reply->static_body : reply->body.data;
    if (lede_http_gzip(deflater, plain, reply_size(reply), &zipped) != LEDE_OK) {
        lede_buffer_done(&zipped);
        return false;
    }
    lede_buffer_done(&reply->body);
    reply->body = zipped;
    reply->static_body = NULL;
    return true;
}

/* A large body, while it is sent. */
struct pieces {
    struct lede_http_server *server;
    struct lede_http_connection *connection;
    char *body;
    size_t size;
};

static ssize_t read_piece(void *context, uint64_t position, char *piece, size_t capacity)
{
    struct pieces *pieces = context;
    size_t left = pieces->size - position;
    size_t size = left < capacity ? left : capacity;
    if (position >= pieces->size)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(piece, pieces->body + position, size);
    lede_http_connection_expect_taken(pieces->connection);
    return (ssize_t)size;
}

static void free_pieces(void *context)
{
    struct pieces *pieces = context;
    atomic_fetch_sub(&pieces->server->replies_bytes, pieces->size);
    free(pieces->body);
    free(pieces);
}

/* body: taken, whatever comes of it; its bytes are counted already. */
static struct MHD_Response *wrap_pieces(
    const struct lede_http_request *request, char *body, size_t size)
{
    struct pieces *pieces = malloc(sizeof(*pieces));
    struct MHD_Response *response = NULL;
    if (pieces) {
        *pieces = (struct pieces){request->server, request->connection, body, size};
        response = MHD_create_response_from_callback(
            size, LEDE_HTTP_PIECE_BYTES, read_piece, pieces, free_pieces);
    }
    if (!response) {
        atomic_fetch_sub(&request->server->replies_bytes, size);
        free(body);
        free(pieces);
    }
    return response;
}

/* Count the bytes of a large answer, if it may go out beside those that are under way. */
static bool may_go_out(struct lede_http_request *request, const struct lede_http_reply *reply)
{
    struct lede_http_server *server = request->server;
    size_t size = reply->body.size, most = server->options.reply_bytes_max;
    if (reply->static_body || size <= LEDE_HTTP_PIECE_BYTES)
        return true;
    size_t others = atomic_fetch_add(&server->replies_bytes, size);
    if (most == 0 || others == 0 || others + size <= most)
        return true;
    atomic_fetch_sub(&server->replies_bytes, size);
    return false;
}

static struct MHD_Response *wrap_body(
    const struct lede_http_request *request, struct lede_http_reply *reply)
{
    /* MHD takes no const pointer, and writes to none that is persistent. */
    if (reply->static_body)
        return MHD_create_response_from_buffer(
            reply->static_body_size, (void *)(uintptr_t)reply->static_body, MHD_RESPMEM_PERSISTENT);
    size_t size = reply->body.size;
    char *body = size > 0 ? lede_buffer_take(&reply->body) : NULL;
    if (body && size > LEDE_HTTP_PIECE_BYTES)
        return wrap_pieces(request, body, size);
    if (!body)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(size, body, free);
    if (!response)
        free(body);
    return response;
}

/* draft-ietf-httpapi-ratelimit-headers-10 */
static void add_rate(const struct lede_http_rate *rate, struct MHD_Response *response)
{
    char text[80];
    if (rate->quota == 0)
        return;
    snprintf(text, sizeof(text), "\"requests\";q=%u;w=1", (unsigned)rate->quota);
    MHD_add_response_header(response, "RateLimit-Policy", text);
    snprintf(text, sizeof(text), "\"requests\";r=%u;t=%u", (unsigned)rate->left,
        (unsigned)rate->reset_s);
    MHD_add_response_header(response, "RateLimit", text);
}

static void add_headers(const struct lede_http_request *request,
    const struct lede_http_reply *reply, bool is_zipped, struct MHD_Response *response)
{
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value);
    MHD_add_response_header(response, "X-Request-Id", request->id);
    lede_http_trace_tell(request, response);
    add_rate(&request->rate, response);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    if (reply->media_type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->media_type);
    if (lede_http_is_compressible(reply->media_type) && !reply->no_compression)
        MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
    if (is_zipped)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (atomic_load(&request->server->stopping) || request->ends_connection)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
}

static bool is_sound(const struct lede_http_reply *reply)
{
    return reply->status >= 200 && reply->status <= 599 && !reply->body.failed;
}

void lede_http_reply_make(struct lede_http_request *request, struct lede_http_reply *reply,
    struct lede_http_deflater *deflater)
{
    const struct lede_http_options *options = &request->server->options;
    if (options->finish)
        options->finish(options->context, request, reply);
    if (!is_sound(reply)) {
        struct lede_http_refusal refusal = {0};
        lede_http_refuse(&refusal, 500, "%s",
            reply->body.failed ? "no memory for the answer" : "there is no answer");
        lede_http_reply_done(reply);
        lede_http_reply_refuse(request, &refusal);
        return;
    }
    bool is_zipped =
        reply->continues ? takes_gzip(request, reply) : compress_reply(request, reply, deflater);
    if (!reply->continues && !may_go_out(request, reply)) {
        struct lede_http_refusal refusal = {0};
        lede_http_refuse(&refusal, 503, "too many large answers are under way");
        lede_http_reply_done(reply);
        lede_http_reply_refuse(request, &refusal);
        return;
    }
    request->status = reply->status;
    request->reply_bytes = reply->continues ? 0 : reply_size(reply);
    request->reply_body = reply->static_body ? reply->static_body : reply->body.data;
    free(request->reason);
    request->reason = LEDE_TAKE(&reply->reason);
    request->response = reply->continues ? lede_http_outflow_begin(request, &reply->body, is_zipped)
                                         : wrap_body(request, reply);
    if (request->response)
        add_headers(request, reply, is_zipped, request->response);
    lede_http_reply_done(reply);
}

void lede_http_reply_refuse(
    struct lede_http_request *request, const struct lede_http_refusal *refusal)
{
    const struct lede_http_options *options = &request->server->options;
    struct lede_http_reply reply = {0};
    if (refusal->allow && refusal->allow[0] != '\0')
        lede_http_reply_header(&reply, MHD_HTTP_HEADER_ALLOW, "%s", refusal->allow);
    if (refusal->location)
        lede_http_reply_header(&reply, MHD_HTTP_HEADER_LOCATION, "%s", refusal->location);
    if (refusal->status == 503 || refusal->status == 429)
        lede_http_reply_header(&reply, MHD_HTTP_HEADER_RETRY_AFTER, "1");
    reply.status = refusal->status;
    if (refusal->status >= 400) {
        options->refuse(
            options->context, request, refusal->status, refusal->detail, refusal->param, &reply);
        atomic_fetch_add(&request->server->refused, 1);
    }
    if (!is_sound(&reply)) { /* no memory even for that: an answer without a body */
        lede_http_reply_done(&reply);
        reply.status = refusal->status;
    }
    lede_http_reply_make(request, &reply, NULL);
}

void lede_http_note_sent(struct lede_http_request *request)
{
    request->sent_status = request->status;
    request->sent_bytes = request->is_head ? 0 : request->reply_bytes;
}
