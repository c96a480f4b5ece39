/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's time with one lease: it is known in etcd, follows what stands there, and leads where
 * nobody does. */
#ifndef LEDE_CLUSTER_SESSION_H
#define LEDE_CLUSTER_SESSION_H

#include "shard.h"

/* Read what was said when the cluster was made.
 * Status: OK; ENOTFOUND there is none; EVERSION it is of another version; as lede_etcd_read(). */
LEDE_CHECKED enum lede_status lede_facts_ask(struct lede_cluster_node *node,
    struct lede_cluster_facts *ret_facts, struct lede_error *reterr);
/* Make the cluster, unless it is there. Status: as lede_etcd_commit(). */
LEDE_CHECKED enum lede_status lede_facts_make(struct lede_cluster_node *node,
    const struct lede_cluster_facts *facts, struct lede_error *reterr);
/* Be a node until the lease is lost, or the node stops. Status: why it ended. */
LEDE_CHECKED enum lede_status lede_session_run(
    struct lede_cluster_node *node, struct lede_error *reterr);

#endif
