/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does a node of a cluster do?
 *
 * etcd says who is a node, who leads a shard, in which term, and how far its log is committed; the
 * nodes hold the frames. A write is answered when a majority of the shard's copies has its frame on
 * the disk and one transaction of etcd's has said so. An archive has one shard. */
#ifndef LEDE_CLUSTER_H
#define LEDE_CLUSTER_H

#include "lede/etcd.h"
#include "lede/shard.h"

#include <stdatomic.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_NODE_NAME_MAX 100
#define LEDE_CLUSTER_NAME_MAX 64
#define LEDE_CLUSTER_COPIES_MAX 9
#define LEDE_NODE_LEASE_S_MIN 2 /* etcd gives none that is shorter */

/* How other nodes are asked; an implementation is above this floor. */
struct lede_peer_transport {
    /* Somebody to ask, again and again, from one thread. url: where. is_over: ends what is asked
     * when it is set, within about a second; borrowed; NULL: nothing does. Returns NULL: no
     * memory. */
    void *(*open)(void *context, const char *url, const atomic_bool *is_over);
    void (*close)(void *context, void *peer);
    /* POST bytes, and take the bytes of an answer with status 200.
     * timeout_ms   for all of it
     * may_repeat   doing it twice does no harm
     * ret_is_sent  some of it may have arrived, whatever the status
     * Status: OK; EBUSY it was refused (503): surely not done; EIO; ENOMEM. */
    enum lede_status (*ask)(void *context, void *peer, const char *path,
        const struct lede_buffer *request, uint32_t timeout_ms, bool may_repeat,
        struct lede_buffer *ret_answer, bool *ret_is_sent, struct lede_error *reterr);
    void *context;
};

struct lede_cluster_options {
    const char *cluster;   /* its name: letters, digits, '-', '_', '.' */
    const char *node;      /* HOST:PORT; its name, by which others reach it */
    const char *url;       /* the same with a scheme */
    const char *directory; /* the data directory */
    uint32_t copies;       /* of an archive whose cluster is made; 0: 3, or what it has already */
    uint32_t lanes;        /* of an archive that is made, not 0 */
    uint32_t lease_s;      /* not answering for so long, it is taken for dead */
    uint32_t commit_ms;    /* a write waits so long for a majority, or for somebody who leads */
    uint64_t log_bytes;    /* of the log that are kept for others */
    struct lede_etcd *etcd;
    struct lede_peer_transport transport;
    void (*say)(void *context, bool is_warning, const char *what); /* for the log; may be NULL */
    /* What this node lacks is not kept any more: fetch a copy of url's, so that it takes the place
     * of the directory when that is opened next, and have that done. In the node's thread. */
    enum lede_status (*fetch)(void *context, const char *url, struct lede_error *reterr);
    /* Before the start: false ends the waiting for etcd. */
    bool (*goes_on)(void *context);
    void *context; /* for these three */
};

struct lede_cluster_node; /* any thread */

/* Make a node; nothing is asked yet. Texts are borrowed for as long as it lives.
 * Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cluster_node_new(const struct lede_cluster_options *options,
    struct lede_cluster_node **ret_node, struct lede_error *reterr);
/* Make the directory one of this cluster's, before the store is opened. An empty one has to wait
 * for etcd. Status: OK; EEXISTS another archive is there; EPRECONDITION the cluster has been made
 * otherwise; ESTOPPED; as lede_copy_make(). */
LEDE_CHECKED enum lede_status lede_cluster_node_prepare(
    struct lede_cluster_node *node, struct lede_error *reterr);
/* Take part. store: borrowed; its writes go out from now on.
 * Status: OK; EBUSY no thread; as lede_shard_log_open(). */
LEDE_CHECKED enum lede_status lede_cluster_node_start(
    struct lede_cluster_node *node, struct lede_store *store, struct lede_error *reterr);
/* Give the lead and the lease back, and take no more writes. */
void lede_cluster_node_rest(struct lede_cluster_node *node);
/* End. Nobody writes any more. */
void lede_cluster_node_free(struct lede_cluster_node *node);

/* ---- What other nodes ask; an answer is appended ---- */

/* POST /cluster/frames: what who leads has appended. Status: OK; EINPUT; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cluster_take_frames(struct lede_cluster_node *node,
    const char *request, size_t size, struct lede_buffer *answer, struct lede_error *reterr);
/* POST /cluster/writes: what another node was asked to write. Status: as
 * lede_store_take_forwarded(). */
LEDE_CHECKED enum lede_status lede_cluster_take_writes(struct lede_cluster_node *node,
    const char *request, size_t size, struct lede_buffer *answer, struct lede_error *reterr);
/* POST /cluster/log: the log from a position on. Status: OK; EINPUT; ENOTFOUND it is not here;
 * EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_cluster_read_log(struct lede_cluster_node *node,
    const char *request, size_t size, struct lede_buffer *answer, struct lede_error *reterr);

/* ---- What is told ---- */

enum lede_node_role {
    LEDE_NODE_JOINING, /* it is no part of the cluster yet, or has lost touch with etcd */
    LEDE_NODE_COPY,
    LEDE_NODE_LEADER,
};
struct lede_copy_state {
    char name[LEDE_NODE_NAME_MAX + 1];
    bool is_live;          /* it holds its lease */
    bool is_known;         /* this node leads, and has heard of it: */
    uint64_t behind_bytes; /* that are not on its disk */
};
struct lede_cluster_state {
    enum lede_node_role role;
    char leader[LEDE_NODE_NAME_MAX + 1]; /* "": nobody leads */
    int64_t term;
    uint64_t position;  /* all before it is on this node's disk */
    uint64_t committed; /* all before it is committed, as far as is known here */
    uint64_t applied;   /* all before it can be found here */
    uint64_t revision;  /* of what is committed */
    bool may_write;     /* somebody leads; where it is this node, a majority of copies answers */
    uint32_t copies_wanted;
    uint32_t copy_count;
    struct lede_copy_state copies[LEDE_CLUSTER_COPIES_MAX];
    char fault[192]; /* "": none */
};
void lede_cluster_state(struct lede_cluster_node *node, struct lede_cluster_state *ret_state);
const char *lede_cluster_name(const struct lede_cluster_node *node);
const char *lede_cluster_node_name(const struct lede_cluster_node *node);
/* "leader", "copy", "joining". */
const char *lede_node_role_name(enum lede_node_role role);

#ifdef __cplusplus
}
#endif
#endif
