/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the service manager (systemd) is told, where one has started the program; else nothing. */
#ifndef LEDE_NOTIFY_H
#define LEDE_NOTIFY_H

#include "lede/network.h"

/* It answers from now on; it reads its settings again; it stops. status: one line for people. */
void lede_notify_ready(const char *status);
void lede_notify_reloading(void);
void lede_notify_stopping(void);
/* It is alive. */
void lede_notify_alive(void);
/* How often it is asked to say so, in ns: half the time past which it is killed. 0: never. */
uint64_t lede_notify_alive_every_ns(void);

/* The sockets that the service manager listens on for us (LISTEN_FDS); one that it calls tls or
 * redirect is of that kind. None: count is 0.
 * Status: OK; EINPUT there are more than LEDE_LISTENERS_MAX, or one that cannot be served; EIO.
 * Threads: one, before any other. */
LEDE_CHECKED enum lede_status lede_notify_inherit(
    struct lede_listeners *ret_listeners, struct lede_error *reterr);

#endif
