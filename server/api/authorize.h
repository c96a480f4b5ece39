/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request may do, as its key says (lede/keys.h). */
#ifndef LEDE_API_AUTHORIZE_H
#define LEDE_API_AUTHORIZE_H

#include "endpoints.h"

/* Ask whether a request may do what needs the right. Returns false, and the reply filled with 401,
 * 403 or 503, where it may not.
 * taker      of the route: feeds take a key in their address, too
 * ret_grant  zeroed; its buffer is to be freed whatever is returned; where no key is required it
 *            has all rights
 * Threads: any, also I/O threads. */
bool lede_request_is_allowed(const struct lede_http_request *request, enum lede_right right,
    enum lede_param_taker taker, struct lede_grant *ret_grant, struct lede_http_reply *reply);

#endif
