/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node does that leads its shard: frames go to the other copies, and etcd says that they are
 * committed. */
#ifndef LEDE_CLUSTER_LEAD_H
#define LEDE_CLUSTER_LEAD_H

#include "shard.h"

/* lede_shard_outlet.commit and .leads; the context is the shard. */
enum lede_status lede_shard_commit(void *context, const void *payload, size_t size,
    uint64_t applied_to, uint64_t *ret_position, uint64_t *ret_revision, struct lede_error *reterr);
bool lede_shard_leads(void *context);
/* Begin to lead in a term; the log ends at the head, which the store has. */
void lede_shard_lead(struct lede_shard *shard, int64_t term);
/* No more. Returns whether it did. Threads: any. */
bool lede_shard_step_down(struct lede_shard *shard);
/* A group is larger than a frame may be: ELIMIT. */
enum lede_status lede_fail_frame(struct lede_error *reterr);
/* Does a majority of the copies answer this node, which leads? With the mutex. */
bool lede_shard_has_majority(const struct lede_shard *shard);
/* Threads for the copies there are, beside this one. */
void lede_shard_add_peers(struct lede_shard *shard);
void lede_shard_join_peers(struct lede_shard *shard);

#endif
