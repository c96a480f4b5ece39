/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node does as a copy: frames come into its log, and when they are committed into its
 * store. */
#ifndef LEDE_CLUSTER_COPY_H
#define LEDE_CLUSTER_COPY_H

#include "shard.h"

/* How far the store has come. */
uint64_t lede_shard_applied(const struct lede_shard *shard, uint64_t *ret_revision);
/* Does the log have all up to a head, frame by frame the same? A log without a place takes it of
 * the head, where the store has come that far. */
bool lede_shard_has(struct lede_shard *shard, const struct lede_head *head);
/* Take frames into the log, as far as they are not there: what differs from them is cut off before.
 * shard->taking is held.
 * ret_end  position behind them, on the disk
 * Status: OK; EPRECONDITION they do not join, or what differs is in the store; EINPUT; EIO; ENOSPC;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_absorb(struct lede_shard *shard,
    const struct lede_shard_place *from, const char *frames, size_t size, uint64_t *ret_end,
    struct lede_error *reterr);
/* Fetch what lacks up to a head from those who have it. Status: OK it is here; ENOTFOUND nobody
 * gave it; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_fetch(
    struct lede_shard *shard, const struct lede_head *head, struct lede_error *reterr);
/* The thread that applies what is committed. Status: OK; EBUSY. */
LEDE_CHECKED enum lede_status lede_applier_start(
    struct lede_shard *shard, struct lede_error *reterr);
void lede_applier_join(struct lede_shard *shard);

/* Where a node is, by its name: as it says itself, else by its name. With the mutex. */
void lede_node_url(const struct lede_cluster_node *node, const char *name, char ret_url[256]);
/* Keep what went wrong, to be told; "": nothing does any more. Said once. */
void lede_node_note_fault(struct lede_cluster_node *node, const char *fault);
void lede_node_say(const struct lede_cluster_node *node, bool is_warning, const char *format, ...)
    LEDE_PRINTF(3, 4);

#endif
