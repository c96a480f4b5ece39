/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node and its shard, in memory. The node's mutex guards what changes; it is never held over a
 * call that reads or writes a file, asks anybody, or goes into the store. */
#ifndef LEDE_CLUSTER_SHARD_H
#define LEDE_CLUSTER_SHARD_H

#include "keys.h"

#include <pthread.h>
#include <stdatomic.h>

/* Another copy of the shard, and the thread that sends frames to it while this node leads. */
struct lede_peer {
    struct lede_shard *shard;
    char name[LEDE_NODE_NAME_MAX + 1];
    pthread_t thread;
    bool has_thread;
    /* Guarded by the node's mutex; of this term: */
    uint64_t next;      /* what is to be sent; UINT64_MAX: what it has is not known */
    uint64_t confirmed; /* all before it is on its disk, and the same as here */
    uint64_t heard_ns;  /* monotonic; when it answered last, 0: never */
};

struct lede_shard {
    struct lede_cluster_node *node;
    struct lede_store *store;
    struct lede_shard_outlet outlet;
    struct lede_shard_log *log;
    /* Where a snapshot was installed the log has no place yet. Guarded by taking. */
    bool lacks_place;
    pthread_mutex_t taking; /* one at a time changes the log of a copy */
    /* Guarded by the node's mutex: */
    struct lede_head head; /* the newest that is known */
    /* All before it is committed, and in the log: as who leads has said. */
    uint64_t committed;
    struct lede_names copies;
    int64_t copies_mod; /* of the key */
    char leader[LEDE_NODE_NAME_MAX + 1];
    int64_t leader_term; /* create revision of its key; 0: nobody leads */
    int64_t leader_lease;
    atomic_bool *forwarded;  /* set when another leads than who was asked; NULL: nobody is */
    uint64_t rests_until_ns; /* this node does not try to lead before; monotonic */
    bool leads;
    int64_t term;                /* in which this node leads */
    uint64_t led_ns;             /* since when; monotonic */
    uint64_t term_seen;          /* the highest that somebody sent frames in */
    struct lede_shard_place end; /* of the log, what leads sends up to here */
    struct lede_buffer pending;  /* the newest frame, which joins … */
    uint64_t pending_from;       /* … here */
    bool wants_copy;             /* what it lacks nobody keeps any more, but … */
    char copy_from[256];         /* … this node has it */
    struct lede_peer peers[LEDE_CLUSTER_COPIES_MAX];
    size_t peer_count;
    pthread_t applier;
    bool has_applier;
};

struct lede_known_node {
    char name[LEDE_NODE_NAME_MAX + 1];
    char url[256];
};
#define LEDE_NODES_MAX 64

struct lede_cluster_node {
    struct lede_cluster_options options;
    struct lede_cluster_facts facts; /* copies 0: not read yet */
    char directory_id[17];
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    atomic_bool stops;
    atomic_bool rests; /* it is about to stop; no more writes */
    struct lede_known_node nodes[LEDE_NODES_MAX];
    size_t node_count;
    struct lede_etcd_lease *lease; /* the node's thread's; others ask with the mutex */
    bool is_lost;                  /* what was known of etcd has to be read anew */
    bool joined;                   /* it is one of the copies, and holds its lease */
    char fault[192];
    pthread_t thread;
    bool has_thread;
    struct lede_shard shard;
};

static inline uint32_t lede_majority_of(uint32_t copies)
{
    return copies / 2 + 1;
}

#endif
