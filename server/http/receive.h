/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What connections receive is seen before MHD sees it. */
#ifndef LEDE_HTTP_RECEIVE_H
#define LEDE_HTTP_RECEIVE_H

#include "internal.h"

/* From here on what a connection receives is scanned; where there is TLS, when it is
 * deciphered. Detach it before its socket is closed. Returns false where the socket's number is
 * beyond all that can be. Threads: its I/O thread. */
bool lede_http_receive_attach(struct lede_http_connection *connection);
void lede_http_receive_detach(const struct lede_http_connection *connection);
/* Whose socket is this? NULL: no connection's. */
struct lede_http_connection *lede_http_receive_who(intptr_t fd);

#endif
