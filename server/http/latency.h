/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long answers take, by route and class of status, and what that time goes into. */
#ifndef LEDE_HTTP_LATENCY_H
#define LEDE_HTTP_LATENCY_H

#include "internal.h"

/* routes  as many as the options have. NULL: no memory. Owner: the caller,
 * lede_http_latency_free(). */
LEDE_CHECKED struct lede_http_latency *lede_http_latency_new(size_t routes);
void lede_http_latency_free(struct lede_http_latency *latency);
/* Count a request that has ended. It takes no lock that it would have to wait for.
 * status  as the client saw it; 0: it did not
 * Threads: any. */
void lede_http_latency_note(struct lede_http_latency *latency,
    const struct lede_http_request *request, int status, uint64_t took_ns);

#endif
