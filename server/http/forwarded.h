/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a proxy says of its client. */
#ifndef LEDE_HTTP_FORWARDED_H
#define LEDE_HTTP_FORWARDED_H

#include "internal.h"

/* Find out who asks, by which scheme, for which host and below which prefix: the connection says
 * so, and where a trusted proxy has it, its headers. What these say of the host takes the place of
 * Host.
 * request  its headers have been read
 * Status: OK, whatever they say; ENOMEM. Threads: its I/O thread. */
LEDE_CHECKED enum lede_status lede_http_forwarded_read(struct lede_http_request *request);

#endif
