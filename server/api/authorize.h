/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a request may do, as the program's hook says (lede_api_settings.authorize). */
#ifndef LEDE_API_AUTHORIZE_H
#define LEDE_API_AUTHORIZE_H

#include "lede/api.h"

/* Ask whether a request may do what needs the right. Returns false, and the reply filled with 401,
 * 403 or 503, where it may not.
 * ret_grant  zeroed; its buffer is to be freed whatever is returned
 * Threads: any. */
bool lede_request_is_allowed(const struct lede_http_request *request, enum lede_right right,
    struct lede_grant *ret_grant, struct lede_http_reply *reply);

#endif
