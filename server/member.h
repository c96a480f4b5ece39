/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This server as a node of a cluster: how it asks others, etcd and the log of the program. */
#ifndef LEDE_SERVER_MEMBER_H
#define LEDE_SERVER_MEMBER_H

#include "lede/cluster.h"
#include "log.h"
#include "settings.h"

struct lede_member;

/* Make the data directory one of the cluster's, which may wait for etcd.
 * settings, log  borrowed; log may be NULL
 * ret_member     owner: the caller; NULL: the settings name no cluster
 * Status: OK; EINPUT; as lede_cluster_node_prepare(). */
LEDE_CHECKED enum lede_status lede_member_new(const struct lede_server_settings *settings,
    struct lede_log *log, struct lede_member **ret_member, struct lede_error *reterr);
/* NULL of none. */
struct lede_cluster_node *lede_member_node(struct lede_member *member);
/* Take part. Status: as lede_cluster_node_start(). */
LEDE_CHECKED enum lede_status lede_member_start(
    struct lede_member *member, struct lede_store *store, struct lede_error *reterr);
/* Does a copy wait to take the directory's place? */
bool lede_member_has_new_copy(const struct lede_member *member);
/* Give the lead back, and take no more writes; then, when nobody writes any more, end. */
void lede_member_rest(struct lede_member *member);
void lede_member_free(struct lede_member *member);

#endif
