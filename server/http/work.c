/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the queue and the handler. */
#include "work.h"

#include "lede/time.h"
#include "outflow.h"
#include "reply.h"
#include "stream.h"

/* Unpack a whole body before its handler runs; false: refused. */
static bool unpack_body(struct lede_http_request *request, struct lede_http_refusal *refusal)
{
    struct lede_buffer plain = {0};
    struct lede_error error = {0};
    if (request->coding == LEDE_CODING_NONE || request->route->stream_body ||
        request->body.size == 0)
        return true;
    enum lede_status st = lede_unpack_all(request->coding, LEDE_HTTP_ZSTD_WINDOW_LOG_MAX,
        request->body.data, request->body.size, request->route->body_max, &plain, &error);
    lede_buffer_done(&request->body);
    request->body = plain;
    request->coding = LEDE_CODING_NONE; /* it may be run once more */
    if (st == LEDE_OK)
        return true;
    lede_http_refuse(refusal,
        st == LEDE_EINPUT   ? 400
        : st == LEDE_ELIMIT ? 413
                            : 503,
        "%s", error.message);
    return false;
}

/* Nobody takes the rest of an answer in pieces: its handler has its last turn. */
static void let_go(struct lede_http_request *request, void *worker)
{
    struct lede_http_reply reply = {0};
    lede_http_stream_abandon(request);
    request->route->handler(worker, request, &reply);
    lede_http_reply_done(&reply);
    lede_http_outflow_free(LEDE_TAKE(&request->outflow));
}

void lede_http_work_do(struct lede_http_request *request, void *worker, const char *why,
    struct lede_http_deflater *deflater)
{
    struct lede_http_refusal refusal = {0};
    struct lede_http_reply reply = {0};
    lede_http_stream_begin_turn(request);
    if (request->outflow) {
        request->route->handler(worker, request, &reply);
        bool is_over = lede_http_outflow_go_on(request, &reply);
        lede_http_reply_done(&reply);
        if (is_over) {
            lede_http_stream_finish(request);
            lede_http_request_release(request);
        }
        return;
    }
    if (why)
        lede_http_refuse(&refusal, 503, "%s", why);
    else if (unpack_body(request, &refusal))
        request->route->handler(worker, request, &reply);
    if (refusal.status == 0 && reply.status == 0 && request->wants_bytes) {
        lede_http_stream_park(request);
        return;
    }
    if (request->moves) {
        lede_http_reply_done(&reply);
        if (lede_http_stream_move(request))
            return;
        lede_http_refuse(&refusal, 503, "too many searches that take long are waiting");
    }
    bool continues = reply.continues;
    request->answered_ns = lede_time_monotonic_ns();
    if (refusal.status != 0)
        lede_http_reply_refuse(request, &refusal);
    else
        lede_http_reply_make(request, &reply, deflater);
    if (continues && (request->is_head || !request->outflow || !request->response))
        let_go(request, worker);
    bool is_parked = request->outflow != NULL;
    lede_http_stream_reply(request);
    if (!is_parked)
        lede_http_request_release(request);
}

void lede_http_work_here(struct lede_http_request *request)
{
    struct lede_http_reply reply = {0};
    request->route->handler(request->server->options.context, request, &reply);
    lede_http_reply_make(request, &reply, NULL);
    request->reply_ready = true;
}
