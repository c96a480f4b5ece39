/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hand-over between the I/O thread and the worker side: body bytes one way, the reply the
 * other. */
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

/* A worker has the request now. */
void lede_http_stream_begin_turn(struct lede_http_request *request);
/* Its handler wants bytes: let it wait for them, without a thread; or for another turn, if there
 * are some. The worker may not touch it any more. */
void lede_http_stream_park(struct lede_http_request *request);
/* Its handler asked to be run by another pool: queue it there. Once this has returned true the
 * worker may not touch it any more. Returns false where it would not be run in time. */
LEDE_CHECKED bool lede_http_stream_move(struct lede_http_request *request);
/* The first `size` bytes of the ring have been used. */
void lede_http_stream_consume(struct lede_http_request *request, size_t size);
/* The reply is made: wake the connection. Where the client was too slow, or the server stops, it is
 * sent at once, in the middle of the body. Of an answer in pieces the first is made: the request is
 * parked until it has been taken. */
void lede_http_stream_reply(struct lede_http_request *request);
/* The last piece of an answer was handed over: nothing runs for the request any more. */
void lede_http_stream_finish(struct lede_http_request *request);
/* Nobody will take the rest: whoever makes it is to let go what it keeps. */
void lede_http_stream_abandon(struct lede_http_request *request);

/* ---- The reaper ---- */

/* Give a parked request its turn if bytes came a while ago and were too few for one. */
void lede_http_stream_nudge(struct lede_http_request *request, uint64_t now_ns);

/* The bytes come too slowly: reads fail with ETIMEOUT once the ring is empty. Returns false if it
 * has been answered already: then it is to be cut. */
bool lede_http_stream_late(struct lede_http_request *request);

/* Send an interim answer (100) to a client of HTTP/1.1 without TLS that waits for its answer.
 * Returns false where it has one by now. */
LEDE_CHECKED bool lede_http_stream_probe(struct lede_http_request *request);

/* ---- stop() ---- */

/* Make every read of running requests fail with ESTOPPED. Threads: any. */
void lede_http_stream_abort_all(struct lede_http_server *server);

#endif
