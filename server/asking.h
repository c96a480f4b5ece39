/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who is asked: a running server (--url), or a service of our own for the time of one command
 * (--data). */
#ifndef LEDE_ASKING_H
#define LEDE_ASKING_H

#include "http_client.h"
#include "service.h"

struct lede_asking {
    struct lede_server_settings settings;
    struct lede_service *service; /* --data only */
    struct lede_http_client *client;
};

/* Be ready to ask. One code path for both: with --data the same client talks to the same API,
 * inside this process, on a loopback port that the kernel picks.
 * ret_asking  zeroed; lede_asking_done() also after a failure
 * Status: OK; EINPUT both --data and --url, bad settings, or no key in --key-file; ENOTFOUND no
 * store there; what lede_service_new() gives. */
LEDE_CHECKED enum lede_status lede_asking_start(const struct lede_arguments *arguments,
    struct lede_asking *ret_asking, struct lede_error *reterr);
void lede_asking_done(struct lede_asking *asking);

#endif
