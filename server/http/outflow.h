/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer that is made while it is sent.
 *
 * Its pieces go through one place: a worker's turn puts one there, the connection takes it, and
 * while it is sent the next turn makes the next. So no more than two are in memory, and a client
 * that takes nothing holds no thread. */
#ifndef LEDE_HTTP_OUTFLOW_H
#define LEDE_HTTP_OUTFLOW_H

#include "gzip.h"
#include "internal.h"

struct lede_http_outflow {
    /* The worker side's own. */
    struct lede_http_deflater deflater;
    bool is_zipped;

    /* Guarded by the request's lock. */
    bool has_ended;  /* nothing comes behind request->next_piece */
    bool has_failed; /* the rest will never come: the connection is to be cut */

    /* The I/O side's own. */
    struct lede_buffer piece; /* that is sent */
    size_t sent;              /* of it */
};

/* Make the response of an answer whose first piece is there: request->outflow.
 * body  taken, whatever comes of it
 * Returns NULL without memory. */
struct MHD_Response *lede_http_outflow_begin(
    struct lede_http_request *request, struct lede_buffer *body, bool is_zipped);
/* A later turn has been: hand over what it made.
 * reply  its body and reason are taken; a status other than 200 says that there will be no more
 * Returns true where that was the last turn; else the worker may not touch the request any more. */
LEDE_CHECKED bool lede_http_outflow_go_on(
    struct lede_http_request *request, struct lede_http_reply *reply);
void lede_http_outflow_free(struct lede_http_outflow *outflow);

#endif
