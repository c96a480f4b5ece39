/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hand-over between the I/O thread and the worker: body bytes one way, the reply the other. */
#ifndef LEDE_HTTP_STREAM_H
#define LEDE_HTTP_STREAM_H

#include "internal.h"

/* ---- The I/O side; each call from the request's I/O thread ---- */

/* Hand the request to its route's pool and suspend its connection; false: the queue is full or
 * closed. */
LEDE_CHECKED bool lede_http_stream_dispatch(struct lede_http_request *request);

/* Take body bytes into the ring. Where they do not fit the connection is suspended until they do.
 * Returns the bytes taken; all of them once nobody reads any more. */
size_t lede_http_stream_write(struct lede_http_request *request, const char *data, size_t size);

/* Note that the body is complete. */
void lede_http_stream_end(struct lede_http_request *request);

/* Is the reply ready? If not, the connection is suspended until it is. */
LEDE_CHECKED bool lede_http_stream_await_reply(struct lede_http_request *request);
/* The same without suspending. */
LEDE_CHECKED bool lede_http_stream_has_reply(struct lede_http_request *request);

/* The connection has ended; the worker may not touch it again, and its reads fail. */
void lede_http_stream_gone(struct lede_http_request *request);

/* ---- The worker side ---- */

/* The reply is made: wake the connection. */
void lede_http_stream_reply(struct lede_http_request *request);

/* ---- stop() ---- */

/* Make every read of running requests fail with ESTOPPED. Threads: any. */
void lede_http_stream_abort_all(struct lede_http_server *server);

#endif
