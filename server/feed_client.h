/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking web servers for feeds: libcurl behind one call. */
#ifndef LEDE_FEED_CLIENT_H
#define LEDE_FEED_CLIENT_H

#include "lede/base.h"
#include "lede/buffer.h"

#include <signal.h>

#define LEDE_FEED_BYTES_MAX ((size_t)64 << 20)

struct lede_feed_client; /* one thread */

/* stops  borrowed: set by a signal, it ends a transfer. ret_client  owner: the caller. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_feed_client_new(const volatile sig_atomic_t *stops,
    struct lede_feed_client **ret_client, struct lede_error *reterr);
void lede_feed_client_free(struct lede_feed_client *client);
void lede_feed_client_freep(struct lede_feed_client **client);

struct lede_feed_answer {
    long status;
    char *etag, *modified; /* as they were sent; NULL: they were not */
    char *media_type;      /* without parameters; NULL */
    char *moved_to;        /* where it is for good now (301, 308); NULL: where it was */
    long retry_after_s;    /* 0: not said */
    struct lede_buffer body;
};
/* Frees what it owns; zeroed afterwards. */
void lede_feed_answer_done(struct lede_feed_answer *answer);

/* GET an address, if it has changed. Redirections are followed, five at most, to http and https
 * alone.
 * etag, modified  of the last answer; NULL: none
 * ret_answer      zeroed; owner: the caller
 * Status: OK, whatever the answer's status; EIO no connection, a broken one, none within a minute,
 * or stopped; EINPUT no such address, too many redirections, or packed and damaged; ELIMIT the
 * answer is, or unpacks to, more than LEDE_FEED_BYTES_MAX; ENOMEM. */
LEDE_CHECKED enum lede_status lede_feed_get(struct lede_feed_client *client, const char *url,
    const char *etag, const char *modified, struct lede_feed_answer *ret_answer,
    struct lede_error *reterr);

#endif
