/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wake.h"

#include "queue.h"

void lede_http_suspend(struct lede_http_request *request)
{
    if (request->suspended)
        return;
    request->suspended = true;
    MHD_suspend_connection(request->mhd);
}

void lede_http_resume(struct lede_http_request *request)
{
    if (!request->suspended || request->gone)
        return;
    request->suspended = false;
    MHD_resume_connection(request->mhd);
}

bool lede_http_is_due(const struct lede_http_request *request)
{
    if (request->outflow)
        return request->next_piece.size == 0 || request->gone || request->aborted;
    return request->ring_used >= LEDE_HTTP_TURN_BYTES_MIN || request->body_ended || request->gone ||
           request->aborted || request->is_late;
}

bool lede_http_end_turn(struct lede_http_request *request)
{
    bool is_next = lede_http_is_due(request);
    request->turn = is_next ? LEDE_TURN_QUEUED : LEDE_TURN_PARKED;
    return is_next;
}

void lede_http_wake(struct lede_http_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_woken = request->turn == LEDE_TURN_PARKED && lede_http_is_due(request);
    if (is_woken)
        request->turn = LEDE_TURN_QUEUED;
    pthread_mutex_unlock(&request->lock);
    if (is_woken)
        lede_http_queue_return(&request->server->queues[request->pool], request);
}
