/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A handler's turn. */
#ifndef LEDE_HTTP_WORK_H
#define LEDE_HTTP_WORK_H

#include "internal.h"

/* Run a dispatched request's handler, then reply, or park it until there are bytes for it, or hand
 * it to another pool; or refuse it. A lede_http_work. Threads: a worker of its pool; to refuse it,
 * any. */
void lede_http_work_do(struct lede_http_request *request, void *worker, const char *why,
    struct lede_http_deflater *deflater);

/* Run the handler of a LEDE_POOL_IO route, and make the request's reply. Threads: its I/O
 * thread. */
void lede_http_work_here(struct lede_http_request *request);

#endif
