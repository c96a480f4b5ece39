/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a handler's reply to MHD's response. */
#ifndef LEDE_HTTP_REPLY_H
#define LEDE_HTTP_REPLY_H

#include "gzip.h"
#include "request.h"

/* Make the response of a reply and store it in the request (response, status, reply_bytes), not yet
 * marked
 * ready. reply     used up: its memory is taken or freed, whatever comes of it deflater compresses
 *                  where the client likes it; NULL: never Without memory request->response stays
 *                  NULL, and the connection is to be closed. Threads: the request's one owner. */
void lede_http_reply_make(struct lede_http_request *request, struct lede_http_reply *reply,
    struct lede_http_deflater *deflater);

/* The same for a refusal of this floor, whose words come from options.refuse(). */
void lede_http_reply_refuse(
    struct lede_http_request *request, const struct lede_http_refusal *refusal);

/* The reply that is ready goes out now: keep what the log will say. */
void lede_http_note_sent(struct lede_http_request *request);

#endif
