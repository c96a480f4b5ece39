/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a request on the I/O side.
 *
 * MHD calls the access handler with the headers alone, then with pieces of the body, then once
 * more. A reply queued in the first of these calls closes the connection at once, and who is still
 * sending a body may lose the answer to the reset. So only who waits to be told whether to go on is
 * answered there; everything else waits for the last call and keeps the connection alive. */
#include "handler.h"

#include "connection.h"
#include "latency.h"
#include "lede/number.h"
#include "lede/time.h"
#include "mhd_refusal.h"
#include "push.h"
#include "queue.h"
#include "reply.h"
#include "stream.h"
#include "work.h"

#include <string.h>

void *lede_http_on_request_line(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct lede_http_server *server = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct lede_http_connection *connection = info ? info->socket_context : NULL;
    atomic_fetch_add(&server->requests, 1);
    if (!connection)
        return NULL; /* it is closed already */
    lede_http_connection_expect_request(connection);
    connection->requests++;
    connection->request = lede_http_request_new(server, mhd, connection, target ? target : "");
    return connection->request;
}

size_t lede_http_on_unescape(void *context, struct MHD_Connection *mhd, char *text)
{
    (void)context;
    (void)mhd;
    return strlen(text);
}

/* Give MHD the reply that is ready. */
static enum MHD_Result send_reply(struct lede_http_request *request)
{
    if (!request->response || request->reply_pushed)
        return MHD_NO; /* no memory for an answer; or it is out, and closed the connection */
    lede_http_note_sent(request);
    lede_http_connection_expect_sent(request->connection);
    return lede_http_queue_response(request->mhd, request->status, request->response);
}

/* Make a refusal the request's reply, to be sent in the last call. */
static void prepare_refusal(
    struct lede_http_request *request, const struct lede_http_refusal *refusal)
{
    lede_http_reply_refuse(request, refusal);
    request->reply_ready = true;
    request->phase = LEDE_PHASE_RUNNING;
}

static void refuse_overload(struct lede_http_request *request)
{
    struct lede_http_refusal refusal = {0};
    bool stopping = atomic_load(&request->server->stopping);
    lede_http_refuse(
        &refusal, 503, "%s", stopping ? "the server is stopping" : "too many requests are waiting");
    prepare_refusal(request, &refusal);
}

/* A number of a client's address: of IPv6 its first 64 bits count. 0: it has no limit of its own.
 * The machine's own addresses have none; but what a trusted proxy says wrongly must not make a
 * client one of these. */
static uint64_t who_is_at(const struct lede_http_request *request)
{
    const struct lede_http_server *server = request->server;
    const struct lede_ip *ip = &request->client;
    uint64_t parts[2] = {server->id_seed, 0};
    bool is_own = !request->has_client || lede_ip_is_loopback(ip);
    if (is_own && !request->is_misforwarded && !server->options.limits_loopback)
        return 0;
    if (request->has_client)
        memcpy(&parts[1], ip->bytes + (lede_ip_is_v4(ip) ? 8 : 0), sizeof(parts[1]));
    return lede_hash64(parts, sizeof(parts)) | 1;
}

/* Who asks? This is the one place that says so. */
static struct lede_http_client who_asks(const struct lede_http_request *request)
{
    const struct lede_http_options *options = &request->server->options;
    struct lede_http_client client = {.who = 0};
    if (options->who && options->who(options->context, request, &client))
        return client;
    return (struct lede_http_client){.who = who_is_at(request),
        .requests_per_s_max = options->client_requests_per_s_max,
        .searches_max = options->client_searches_max};
}

/* Refuse what its client asks for too often, or beside too much else. Health has no limit. */
static void check_rates(struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    struct lede_http_rates *rates = request->server->rates;
    if (!request->route || request->route->pool == LEDE_POOL_IO)
        return;
    request->asking = who_asks(request);
    if (request->asking.who == 0)
        return;
    if (!lede_http_rates_take(rates, &request->asking, &request->rate)) {
        lede_http_refuse(
            refusal, 429, "expected at most %u requests a second", (unsigned)request->rate.quota);
        return;
    }
    bool is_search =
        request->route->pool == LEDE_POOL_READ || request->route->pool == LEDE_POOL_LONG;
    if (!is_search || request->asking.searches_max == 0)
        return;
    request->is_counted = lede_http_rates_begin(rates, &request->asking);
    if (!request->is_counted)
        lede_http_refuse(refusal, 429, "expected at most %u searches at a time",
            (unsigned)request->asking.searches_max);
}

/* The reaper may refuse it at the same time, for being late. */
static void prepare_late_refusal(struct lede_http_request *request)
{
    struct lede_http_refusal refusal = {0};
    lede_http_refuse(&refusal, request->late_status, "%s", request->late_detail);
    pthread_mutex_lock(&request->lock);
    if (!request->reply_ready)
        prepare_refusal(request, &refusal);
    pthread_mutex_unlock(&request->lock);
    request->late_status = 0;
}

/* Send the answer in the middle of the body, unless it was. */
static void push_reply(struct lede_http_request *request)
{
    if (request->late_status != 0)
        prepare_late_refusal(request);
    pthread_mutex_lock(&request->lock);
    lede_http_push_reply(request);
    pthread_mutex_unlock(&request->lock);
}

/* Answer without the body, of which more may be on its way. A short one is let pass first; who
 * sends a long one or a stream hears at once. Where the client waits to be told to go on, or nobody
 * can say where the body ends, MHD closes the connection behind the answer. */
static enum MHD_Result answer_before_body(struct lede_http_request *request)
{
    if (request->is_ill_framed || lede_http_request_header(request, "Expect"))
        return send_reply(request);
    request->phase = LEDE_PHASE_BODY;
    lede_http_connection_expect_request(request->connection);
    bool is_stream = request->route && request->route->stream_body;
    if (is_stream || request->content_length > LEDE_HTTP_SWALLOW_BYTES_MAX)
        push_reply(request);
    return MHD_YES;
}

static enum MHD_Result on_headers(
    struct lede_http_request *request, const char *method, const char *version)
{
    struct lede_http_refusal refusal;
    if (lede_http_request_read_head(request, method, version, &refusal) != LEDE_OK)
        return MHD_NO;
    if (refusal.status == 0)
        check_rates(request, &refusal);
    if (refusal.status != 0)
        prepare_refusal(request, &refusal);
    else if (atomic_load(&request->server->stopping))
        refuse_overload(request);
    if (request->phase == LEDE_PHASE_RUNNING)
        return request->has_body ? answer_before_body(request) : MHD_YES;
    request->phase = LEDE_PHASE_BODY;
    if (!request->has_body)
        return MHD_YES;
    lede_http_connection_begin_body(request->connection, request);
    if (!request->route->stream_body)
        return MHD_YES;
    lede_http_connection_expect_nothing(request->connection);
    if (lede_http_stream_dispatch(request)) {
        request->phase = LEDE_PHASE_STARTED;
        return MHD_YES;
    }
    refuse_overload(request);
    return answer_before_body(request);
}

/* The streaming handler wants the body, or has answered without it. */
static enum MHD_Result on_started(struct lede_http_request *request)
{
    if (lede_http_stream_has_reply(request))
        return answer_before_body(request);
    request->phase = LEDE_PHASE_BODY;
    lede_http_connection_expect_body(request->connection, 0);
    return MHD_YES;
}

/* Drop a piece of a body that nobody wants: a little in silence, then with the answer sent, then
 * not at all. */
static enum MHD_Result swallow(struct lede_http_request *request, size_t size)
{
    if (request->swallowed == 0 && !lede_http_is_pushed(request))
        lede_http_connection_expect_request(request->connection);
    request->swallowed += size;
    if (request->swallowed > LEDE_HTTP_SWALLOW_BYTES_MAX && !lede_http_is_pushed(request))
        push_reply(request);
    return request->swallowed <= LEDE_HTTP_LINGER_BYTES_MAX ? MHD_YES : MHD_NO;
}

static void refuse_late(struct lede_http_request *request, int status, const char *detail)
{
    request->late_status = status;
    request->late_detail = detail;
    lede_http_request_discharge(request, request->body.size);
    lede_buffer_done(&request->body);
}

/* Collect a body taken whole. */
static void collect(struct lede_http_request *request, const char *data, size_t size)
{
    if (request->body.size + size > request->route->body_max) {
        refuse_late(request, 413, "the body is larger than this route allows");
        return;
    }
    bool is_within = lede_http_request_charge(request, size);
    lede_buffer_append(&request->body, data, size);
    if (!is_within)
        refuse_late(request, 503, "too many bodies at once");
    else if (lede_buffer_status(&request->body) != LEDE_OK)
        refuse_late(request, 503, "no memory for the body");
}

/* Give a piece to the ring, as much as there is room for. */
static size_t stream(struct lede_http_request *request, const char *data, size_t size)
{
    lede_http_connection_expect_body(request->connection, size);
    size_t taken = lede_http_stream_write(request, data, size);
    if (taken < size)
        lede_http_connection_expect_nothing(request->connection);
    return taken;
}

static enum MHD_Result on_body(struct lede_http_request *request, const char *data, size_t *size)
{
    size_t taken = *size;
    enum MHD_Result result = MHD_YES;
    lede_http_connection_note_body(request->connection, taken);
    if (lede_http_stream_has_reply(request) || request->late_status != 0)
        result = swallow(request, taken);
    else if (request->route->stream_body)
        taken = stream(request, data, taken);
    else
        collect(request, data, taken);
    *size -= taken;
    return result;
}

/* Send the reply if there is one, else sleep until there is. */
static enum MHD_Result on_running(struct lede_http_request *request)
{
    return lede_http_stream_await_reply(request) ? send_reply(request) : MHD_YES;
}

static enum MHD_Result on_end(struct lede_http_request *request)
{
    lede_http_connection_expect_nothing(request->connection);
    lede_http_stream_end(request);
    request->phase = LEDE_PHASE_RUNNING;
    if (lede_http_stream_has_reply(request))
        return send_reply(request);
    if (request->late_status != 0) {
        prepare_late_refusal(request);
        return send_reply(request);
    }
    if (request->is_dispatched)
        return on_running(request);
    if (request->route && request->route->pool == LEDE_POOL_IO) {
        lede_http_work_here(request);
        return send_reply(request);
    }
    if (lede_http_stream_dispatch(request))
        return MHD_YES;
    refuse_overload(request);
    return send_reply(request);
}

/* Could another reader see its body end elsewhere? */
static bool has_doubtful_body(const struct lede_http_request *request)
{
    const struct lede_http_scan *scan = &request->connection->scan;
    return scan->is_body_doubtful && scan->heads == request->connection->requests;
}

enum MHD_Result lede_http_on_access(void *context, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *upload_data, size_t *upload_data_size,
    void **request_context)
{
    (void)context;
    (void)mhd;
    (void)url;
    struct lede_http_request *request = *request_context;
    if (!request)
        return MHD_NO;
    if (request->phase == LEDE_PHASE_BODY && has_doubtful_body(request)) {
        lede_http_refuse_body(request, request->connection->scan.fault);
        return MHD_NO;
    }
    if (*upload_data_size > 0)
        return on_body(request, upload_data, upload_data_size);
    switch (request->phase) {
    case LEDE_PHASE_NEW:
        return on_headers(request, method, version);
    case LEDE_PHASE_STARTED:
        return on_started(request);
    case LEDE_PHASE_BODY:
        return on_end(request);
    case LEDE_PHASE_RUNNING:
        return on_running(request);
    }
    return MHD_NO;
}

/* The status that the client saw: ours, or that of an answer MHD gave by itself; 0 if it left
 * before. */
static int status_seen(const struct lede_http_request *request, struct MHD_Connection *mhd,
    enum MHD_RequestTerminationCode why)
{
    if (request->reply_pushed)
        return request->sent_status;
    if (why != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        return 0;
    if (request->sent_status != 0)
        return request->sent_status;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info ? (int)info->http_status : 0;
}

void lede_http_on_completed(void *context, struct MHD_Connection *mhd, void **request_context,
    enum MHD_RequestTerminationCode why)
{
    struct lede_http_server *server = context;
    struct lede_http_request *request = *request_context;
    *request_context = NULL;
    if (!request)
        return;
    if (request->connection)
        request->connection->request = NULL;
    lede_http_connection_end_body(request->connection);
    lede_http_connection_end_asking(request->connection);
    if (request->is_counted)
        lede_http_rates_end(server->rates, request->asking.who);
    lede_http_stream_gone(request);
    int status = status_seen(request, mhd, why);
    uint64_t now_ns = lede_time_monotonic_ns(), took_ns = now_ns - request->started_ns;
    pthread_mutex_lock(&request->lock);
    request->is_told = request->turn == LEDE_TURN_NONE || request->turn == LEDE_TURN_DONE;
    pthread_mutex_unlock(&request->lock);
    if (request->is_told && request->answered_ns != 0)
        lede_http_request_add_time(request, LEDE_STAGE_WRITE, now_ns - request->answered_ns);
    lede_http_latency_note(server->latency, request, status, took_ns);
    if (status >= 100 && status < 600)
        atomic_fetch_add(&server->responses_by_class[status / 100], 1);
    else
        atomic_fetch_add(&server->responses_by_class[0], 1);
    if (status == 500 || status == 507)
        atomic_fetch_add(&server->failures[status == 507], 1);
    if (server->options.log)
        server->options.log(server->options.context, request, status, request->sent_bytes, took_ns);
    lede_http_connection_expect_next(request->connection);
    lede_http_request_release(request);
}
