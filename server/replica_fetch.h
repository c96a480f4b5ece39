/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the server that is followed. */
#ifndef LEDE_SERVER_REPLICA_FETCH_H
#define LEDE_SERVER_REPLICA_FETCH_H

#include "http_client.h"
#include "lede/replica.h"

/* Read a piece of the log.
 * ret_piece    zeroed; owner: the caller
 * ret_is_gone  the log is not kept from there on, or is another one: a new copy is needed
 * Status: OK, unless *ret_is_gone; EIO; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_replica_ask_log(struct lede_http_client *client,
    const char *name, const char *history, uint64_t from, struct lede_log_piece *ret_piece,
    bool *ret_is_gone, struct lede_error *reterr);
/* Have a snapshot made and fetch its files, so that lede_copy_look() finds it.
 * on_progress  called after each part; false ends it with ESTOPPED; may be NULL
 * Status: OK; ESTOPPED; EIO; EINPUT; as lede_copy_end(). */
LEDE_CHECKED enum lede_status lede_replica_fetch_copy(struct lede_http_client *client,
    const char *name, const char *directory,
    bool (*on_progress)(void *context, uint64_t bytes_done, uint64_t bytes), void *context,
    struct lede_error *reterr);

#endif
