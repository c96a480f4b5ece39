/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which larger undertaking a request is a part of, as its client says. Source: W3C, "Trace
 * Context", level 1. */
#ifndef LEDE_HTTP_TRACE_H
#define LEDE_HTTP_TRACE_H

#include "internal.h"

/* Take traceparent and tracestate where they are well-formed, and give this part of the trace an id
 * of its own. Threads: its I/O thread, once the headers have been read. */
void lede_http_trace_take(struct lede_http_request *request);
/* Tell the answer's reader which trace it was a part of. */
void lede_http_trace_tell(const struct lede_http_request *request, struct MHD_Response *response);

#endif
