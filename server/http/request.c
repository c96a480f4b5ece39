/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request's memory, and what handlers ask of it. */
#include "request.h"

#include "lede/number.h"
#include "lede/time.h"
#include "outflow.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A path to show until it has been decoded: without the query, and whatever is no printable ASCII
 * as '?'. */
static const char *showable_path(struct lede_arena *arena, const char *target)
{
    char *path = lede_arena_copy(arena, target, strcspn(target, "?"));
    for (char *c = path; c && *c; c++) {
        if (*c <= ' ' || *c >= 127)
            *c = '?';
    }
    return path;
}

struct lede_http_request *lede_http_request_new(struct lede_http_server *server,
    struct MHD_Connection *mhd, struct lede_http_connection *connection, const char *target)
{
    struct lede_http_request *request = calloc(1, sizeof(*request));
    if (!request)
        return NULL;
    request->target = lede_arena_copy(&request->arena, target, strlen(target));
    request->path = showable_path(&request->arena, target);
    if (!request->target || !request->path) {
        lede_arena_done(&request->arena);
        free(request);
        return NULL;
    }
    pthread_mutex_init(&request->lock, NULL);
    atomic_init(&request->owners, 1);
    request->server = server;
    request->mhd = mhd;
    request->connection = connection;
    request->listener = connection ? connection->listener : NULL;
    request->started_ns = lede_time_monotonic_ns();
    request->query = "";
    request->prefix = "";
    memcpy(request->client_text, "unix", sizeof("unix"));
    if (connection && connection->has_ip)
        lede_http_request_set_client(request, &connection->ip);
    request->method = "";
    request->trace.state = "";
    uint64_t mix[2] = {server->id_seed, atomic_fetch_add(&server->id_counter, 1)};
    snprintf(request->id, sizeof(request->id), "%016" PRIx64, lede_hash64(mix, sizeof(mix)));
    return request;
}

void lede_http_request_set_client(struct lede_http_request *request, const struct lede_ip *ip)
{
    request->has_client = true;
    request->client = *ip;
    lede_ip_format(ip, request->client_text);
}

bool lede_http_request_charge(struct lede_http_request *request, size_t bytes)
{
    size_t most = request->server->options.body_bytes_max;
    size_t all = atomic_fetch_add(&request->server->bodies_bytes, bytes) + bytes;
    atomic_fetch_add(&request->charged, bytes);
    return most == 0 || all <= most;
}

void lede_http_request_discharge(struct lede_http_request *request, size_t bytes)
{
    atomic_fetch_sub(&request->charged, bytes);
    atomic_fetch_sub(&request->server->bodies_bytes, bytes);
}

void lede_http_request_hold(struct lede_http_request *request)
{
    atomic_fetch_add(&request->owners, 1);
}

void lede_http_request_release(struct lede_http_request *request)
{
    if (!request || atomic_fetch_sub(&request->owners, 1) != 1)
        return;
    if (request->response)
        MHD_destroy_response(request->response);
    lede_http_request_discharge(request, atomic_load(&request->charged));
    lede_buffer_done(&request->body);
    lede_unpacker_free(request->unpacker);
    lede_http_outflow_free(request->outflow);
    lede_buffer_done(&request->next_piece);
    free(request->ring);
    free(request->reason);
    pthread_mutex_destroy(&request->lock);
    lede_arena_done(&request->arena);
    free(request);
}

struct lede_http_server *lede_http_request_server(const struct lede_http_request *request)
{
    return request->server;
}

const struct lede_http_route *lede_http_request_route(const struct lede_http_request *request)
{
    return request->route;
}

void *lede_http_request_context(const struct lede_http_request *request)
{
    return request->server->options.context;
}

const bool *lede_http_request_cancelled(const struct lede_http_request *request)
{
    return &request->cancelled;
}

uint64_t lede_http_request_asked_ns(const struct lede_http_request *request)
{
    return request->asked_ns;
}

void lede_http_request_move(struct lede_http_request *request, uint64_t until_ns)
{
    request->moves = request->pool == LEDE_POOL_READ;
    request->wait_until_ns = until_ns;
}

bool lede_http_request_is_over(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_over = request->gone || request->aborted;
    pthread_mutex_unlock(&request->lock);
    return is_over;
}

enum lede_http_pool lede_http_request_pool(const struct lede_http_request *request)
{
    return request->pool;
}

const char *lede_http_request_method(const struct lede_http_request *request)
{
    return request->method;
}

const char *lede_http_request_path(const struct lede_http_request *request)
{
    return request->path;
}

const char *lede_http_request_query(const struct lede_http_request *request)
{
    return request->query;
}

const char *lede_http_request_prefix(const struct lede_http_request *request)
{
    return request->prefix;
}

const char *lede_http_request_client(const struct lede_http_request *request)
{
    return request->client_text;
}

bool lede_http_request_is_secure(const struct lede_http_request *request)
{
    return request->is_secure;
}

bool lede_http_request_is_misforwarded(const struct lede_http_request *request)
{
    return request->is_misforwarded;
}

const struct lede_listener *lede_http_request_listener(const struct lede_http_request *request)
{
    return &request->listener->where;
}

const char *lede_http_request_id(const struct lede_http_request *request)
{
    return request->id;
}

const char *lede_http_request_reason(const struct lede_http_request *request)
{
    return request->sent_status != 0 && request->reason ? request->reason : "";
}

const struct lede_http_trace *lede_http_request_trace(const struct lede_http_request *request)
{
    return &request->trace;
}

const char *lede_http_request_version(const struct lede_http_request *request)
{
    return request->is_1_0 ? MHD_HTTP_VERSION_1_0 : MHD_HTTP_VERSION_1_1;
}

void lede_http_request_add_time(
    struct lede_http_request *request, enum lede_stage stage, uint64_t ns)
{
    request->stage_ns[stage] += ns;
}

const uint64_t *lede_http_request_times(const struct lede_http_request *request)
{
    static const uint64_t none[LEDE_STAGES];
    return request->is_told ? request->stage_ns : none;
}

const char *lede_http_request_path_parameter(
    const struct lede_http_request *request, size_t index, size_t *ret_size)
{
    if (ret_size)
        *ret_size = request->path_parameter_sizes[index];
    return request->path_parameters[index];
}

const char *lede_http_request_header(const struct lede_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

void lede_http_refuse(struct lede_http_refusal *refusal, int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    refusal->status = status;
    vsnprintf(refusal->detail, sizeof(refusal->detail), format, arguments);
    va_end(arguments);
}

size_t lede_http_request_count_header(const struct lede_http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += strcasecmp(request->headers[i].name, name) == 0;
    return count;
}

size_t lede_http_request_parameters(
    const struct lede_http_request *request, const struct lede_http_parameter **ret_parameters)
{
    *ret_parameters = request->parameters;
    return request->parameter_count;
}

const char *lede_http_request_body(const struct lede_http_request *request, size_t *ret_size)
{
    *ret_size = request->body.size;
    return request->body.data ? request->body.data : "";
}
