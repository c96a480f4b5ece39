/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An answer in the middle of a body. */
#ifndef LEDE_HTTP_PUSH_H
#define LEDE_HTTP_PUSH_H

#include "internal.h"

/* Write the request's reply straight to its socket and close that direction: MHD sends none before
 * a body has ended, and a client that is told early (disk full, bad input) need not send gigabytes
 * first. Sent as far as the socket takes it at once. Call with the request's lock held, the reply
 * ready, and the connection not gone. Threads: any. */
void lede_http_push_reply(struct lede_http_request *request);
/* Was it? Call without the lock. Threads: any. */
bool lede_http_is_pushed(struct lede_http_request *request);

#endif
