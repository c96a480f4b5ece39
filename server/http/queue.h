/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool: a bounded queue and the threads that empty it.
 *
 * New requests and those that come back for another turn stand in two lines, which are served in
 * turns; and where there are several workers, one of them is always left to the new ones. */
#ifndef LEDE_HTTP_QUEUE_H
#define LEDE_HTTP_QUEUE_H

#include "internal.h"

/* Ready a queue's locks; done frees them, once no thread can touch it. queue: zeroed memory inside
 * the server. work: what its threads do with a request. */
void lede_http_queue_init(struct lede_http_queue *queue, struct lede_http_server *server,
    enum lede_http_pool pool, lede_http_work work);
void lede_http_queue_done(struct lede_http_queue *queue);

/* Start the pool's threads and wait until each has its worker state.
 * Status: OK; EINTERNAL a worker_new() gave NULL; ENOMEM no thread. After a failure
 * lede_http_queue_join() ends those that run. */
LEDE_CHECKED enum lede_status lede_http_queue_start(
    struct lede_http_queue *queue, struct lede_error *reterr);

/* Keep a place for one request; false when the queue is full or closed, or where no worker is
 * expected to come to it within most_ns (0: however long it takes). Threads: any. */
LEDE_CHECKED bool lede_http_queue_reserve(struct lede_http_queue *queue, uint64_t most_ns);
/* Fill a reserved place; the queue owns one hold on the request from here. */
void lede_http_queue_push(struct lede_http_queue *queue, struct lede_http_request *request);
/* Answer 503 to those that wait and whose clients have gone, or that have waited too long. Threads:
 * the reaper. */
void lede_http_queue_refuse_stale(struct lede_http_queue *queue);
/* Queue a request for its next turn; the queue takes the hold over. There is always room: it was
 * let in before. */
void lede_http_queue_return(struct lede_http_queue *queue, struct lede_http_request *request);
uint32_t lede_http_queue_waiting(struct lede_http_queue *queue);

/* From now on new requests are answered 503 instead of run. */
void lede_http_queue_abandon(struct lede_http_queue *queue);
/* Take nothing more in, empty the queue, join the threads. Accepts one never started, and a second
 * call. */
void lede_http_queue_join(struct lede_http_queue *queue);

#endif
