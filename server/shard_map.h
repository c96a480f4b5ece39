/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the settings of [shards] say: a shard has a key, a server that searches over shards a map,
 * too. */
#ifndef LEDE_SHARD_MAP_H
#define LEDE_SHARD_MAP_H

#include "lede/shards.h"
#include "lede/store.h"
#include "settings.h"

/* Zeroed before; lede_shard_setup_done(). */
struct lede_shard_setup {
    char *key;                  /* NULL: this is no shard */
    struct lede_shards *shards; /* NULL: the archive is this server's store */
};
/* Status: OK; EINPUT the map, or the key file; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_setup_read(const struct lede_server_settings *settings,
    struct lede_shard_setup *ret_setup, struct lede_error *reterr);
/* What a store has beside a map would be found by nobody. Status: OK; EINPUT it has documents; as
 * of lede_store_stats(). */
LEDE_CHECKED enum lede_status lede_shard_setup_check(
    const struct lede_shard_setup *setup, struct lede_store *store, struct lede_error *reterr);
void lede_shard_setup_done(struct lede_shard_setup *setup);

#endif
