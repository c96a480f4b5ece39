/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a request's head and body end: what two readers could understand in two ways is refused
 * (request smuggling, RFC 9112 section 11.2). */
#ifndef LEDE_HTTP_FRAMING_H
#define LEDE_HTTP_FRAMING_H

#include "request.h"

#define LEDE_HTTP_LETTERS_AND_DIGITS                                                               \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Copy the headers of a request and check its head.
 * method, version  as MHD gave them
 * Status: OK, and perhaps a refusal, which has to close the connection; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_framing_read(struct lede_http_request *request,
    const char *method, const char *version, struct lede_http_refusal *ret_refusal);

/* May this be a Host (RFC 3986 section 3.2.2: a name or an address, and a port)? */
bool lede_http_is_host(const char *text);

#endif
