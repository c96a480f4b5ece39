/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node knows of etcd's keys: read once, then followed by a watch. */
#ifndef LEDE_CLUSTER_KNOWN_H
#define LEDE_CLUSTER_KNOWN_H

#include "shard.h"

/* Read everything anew. ret_revision: what is followed from the next one on. */
LEDE_CHECKED enum lede_status lede_known_read(
    struct lede_cluster_node *node, int64_t *ret_revision, struct lede_error *reterr);
/* lede_etcd_event_function; the context is the node. */
void lede_known_follow(void *context, const struct lede_etcd_event *event);
/* Is this the value of a head that is newer than the one that is known? Take it. */
void lede_known_take_head(struct lede_cluster_node *node, const struct lede_etcd_pair *pair);

#endif
