/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, made by ourselves or by who started us: port 0, IPv6, Unix, and errors in
 * words. */
#ifndef LEDE_HTTP_LISTEN_H
#define LEDE_HTTP_LISTEN_H

#include "internal.h"

/* Bind and listen, or take over the socket that is inherited. A Unix socket whose file is left of a
 * process that has ended takes that file's place.
 * listener  its `where` is set, all else zero; it gets the socket, and the port in use. To be ended
 *           with lede_http_listen_end(), on failure too
 * Status: OK; EINPUT not an address; EIO it cannot be listened on. */
LEDE_CHECKED enum lede_status lede_http_listen(
    struct lede_http_listener *listener, struct lede_error *reterr);
/* Close the socket; remove its file, if that is still the one that was made. */
void lede_http_listen_end(struct lede_http_listener *listener);

#endif
