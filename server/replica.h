/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server that is a copy of another: fetches its files, then follows its log. */
#ifndef LEDE_SERVER_REPLICA_H
#define LEDE_SERVER_REPLICA_H

#include "lede/following.h"
#include "lede/store.h"
#include "log.h"
#include "settings.h"

struct lede_replica;

/* Have a data directory that is a copy of what the settings name as source; where it is none yet it
 * is fetched, which may take long, and ends with SIGTERM or SIGINT. The store is not open.
 * settings, log  borrowed; log may be NULL
 * ret_replica    owner: the caller; NULL where the settings name no source
 * Status: OK, also where the source cannot be reached and there is a copy; EEXISTS the directory
 * has an archive of its own; ESTOPPED; EIO; EINPUT; as lede_copy_end(). */
LEDE_CHECKED enum lede_status lede_replica_new(const struct lede_server_settings *settings,
    struct lede_log *log, struct lede_replica **ret_replica, struct lede_error *reterr);
/* What is known of the source; NULL without a replica. */
struct lede_following *lede_replica_following(struct lede_replica *replica);
/* Follow, in a thread. A store that is promoted is left alone. Where the source does not keep what
 * is lacking a new copy is fetched beside the store; when it is whole the process is sent SIGUSR1,
 * and is to open the directory anew. store  borrowed until lede_replica_free(). Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_replica_start(
    struct lede_replica *replica, struct lede_store *store, struct lede_error *reterr);
/* Is a new copy ready to take the directory's place? Threads: any. */
bool lede_replica_has_new_copy(const struct lede_replica *replica);
/* Stop and free; NULL: nothing is done. */
void lede_replica_free(struct lede_replica *replica);

#endif
