/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outflow.h"

#include "connection.h"
#include "queue.h"
#include "wake.h"

#include <stdlib.h>
#include <string.h>

/* ---- The I/O side ---- */

enum piece {
    PIECE_TAKEN,
    PIECE_AWAITED, /* a turn is to make it; the connection is suspended */
    PIECE_NO_MORE, /* the answer is whole */
    PIECE_FAILED,  /* and never will be */
};

/* Take the piece that is there, and let the next one be made. */
static enum piece take_piece(struct lede_http_request *request)
{
    struct lede_http_outflow *outflow = request->outflow;
    enum piece what = PIECE_AWAITED;
    lede_buffer_done(&outflow->piece);
    outflow->sent = 0;
    pthread_mutex_lock(&request->lock);
    if (outflow->has_failed)
        what = PIECE_FAILED;
    else if (request->next_piece.size > 0)
        what = PIECE_TAKEN;
    else if (outflow->has_ended)
        what = PIECE_NO_MORE;
    else
        lede_http_suspend(request);
    if (what == PIECE_TAKEN) {
        outflow->piece = request->next_piece;
        request->next_piece = (struct lede_buffer){0};
    }
    pthread_mutex_unlock(&request->lock);
    if (what == PIECE_TAKEN)
        lede_http_wake(request);
    return what;
}

/* MHD_ContentReaderCallback: the next bytes, in the request's I/O thread. */
static ssize_t send_piece(void *context, uint64_t position, char *data, size_t capacity)
{
    struct lede_http_request *request = context;
    struct lede_http_outflow *outflow = request->outflow;
    (void)position;
    if (!outflow)
        return MHD_CONTENT_READER_END_OF_STREAM; /* a HEAD's */
    if (outflow->sent == outflow->piece.size) {
        switch (take_piece(request)) {
        case PIECE_TAKEN:
            break;
        case PIECE_AWAITED:
            lede_http_connection_expect_piece(request->connection);
            return 0;
        case PIECE_NO_MORE:
            return MHD_CONTENT_READER_END_OF_STREAM;
        case PIECE_FAILED:
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    size_t left = outflow->piece.size - outflow->sent;
    size_t size = left < capacity ? left : capacity;
    memcpy(data, outflow->piece.data + outflow->sent, size);
    outflow->sent += size;
    request->sent_bytes += size;
    lede_http_connection_expect_taken(request->connection);
    return (ssize_t)size;
}

/* ---- The worker side ---- */

/* Compress a piece where the answer is compressed. Status: OK; ENOMEM. */
static enum lede_status pack(
    struct lede_http_outflow *outflow, struct lede_buffer *body, bool is_last)
{
    struct lede_buffer zipped = {0};
    if (!outflow->is_zipped)
        return LEDE_OK;
    enum lede_status st =
        lede_http_gzip_piece(&outflow->deflater, body->data, body->size, is_last, &zipped);
    lede_buffer_done(body);
    *body = zipped;
    return st;
}

struct MHD_Response *lede_http_outflow_begin(
    struct lede_http_request *request, struct lede_buffer *body, bool is_zipped)
{
    struct MHD_Response *response = NULL;
    struct lede_http_outflow *outflow = calloc(1, sizeof(*outflow));
    if (outflow) {
        outflow->is_zipped = is_zipped;
        request->outflow = outflow;
        if (pack(outflow, body, false) == LEDE_OK && !body->failed)
            response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, LEDE_HTTP_PIECE_BYTES, send_piece, request, NULL);
    }
    if (!response) {
        lede_buffer_done(body);
        return NULL;
    }
    request->next_piece = *body;
    *body = (struct lede_buffer){0};
    return response;
}

bool lede_http_outflow_go_on(struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_http_outflow *outflow = request->outflow;
    bool is_sound = reply->status == 200 && !reply->body.failed &&
                    pack(outflow, &reply->body, !reply->continues) == LEDE_OK;
    bool is_over = !is_sound || !reply->continues;
    pthread_mutex_lock(&request->lock);
    if (is_sound) {
        lede_buffer_done(&request->next_piece);
        request->next_piece = reply->body;
        reply->body = (struct lede_buffer){0};
    }
    outflow->has_ended = is_over;
    outflow->has_failed = !is_sound;
    if (reply->reason) {
        free(request->reason);
        request->reason = LEDE_TAKE(&reply->reason);
    }
    bool is_next = !is_over && lede_http_end_turn(request);
    if (is_over)
        request->turn = LEDE_TURN_DONE;
    lede_http_resume(request);
    pthread_mutex_unlock(&request->lock);
    if (is_next)
        lede_http_queue_return(&request->server->queues[request->pool], request);
    return is_over;
}

void lede_http_outflow_free(struct lede_http_outflow *outflow)
{
    if (!outflow)
        return;
    lede_http_deflater_done(&outflow->deflater);
    lede_buffer_done(&outflow->piece);
    free(outflow);
}
