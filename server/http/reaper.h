/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections past their deadline are cut, and requests that nobody waits for refused. */
#ifndef LEDE_HTTP_REAPER_H
#define LEDE_HTTP_REAPER_H

#include "internal.h"

/* Start and end the thread that cuts what is late. Status: OK; ENOMEM. end accepts one never
 * started. */
LEDE_CHECKED enum lede_status lede_http_reaper_start(
    struct lede_http_server *server, struct lede_error *reterr);
void lede_http_reaper_end(struct lede_http_server *server);

#endif
