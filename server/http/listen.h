/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listening socket, made by ourselves: port 0, IPv6 literals, and errors in words. */
#ifndef LEDE_HTTP_LISTEN_H
#define LEDE_HTTP_LISTEN_H

#include "lede/base.h"

/* Bind and listen.
 * address   a literal, "127.0.0.1", "::1", "[::1]", or "localhost" (127.0.0.1) port 0: the kernel
 *           picks
 * ret_fd    the caller's, close() ret_port the port in use
 * Status: OK; EINPUT not an address; EIO it cannot be listened on. */
LEDE_CHECKED enum lede_status lede_http_listen(
    const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port, struct lede_error *reterr);

#endif
