/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members, and which of them is asked. */
#ifndef LEDE_CLUSTER_CLIENT_H
#define LEDE_CLUSTER_CLIENT_H

#include "channel.h"
#include "lede/etcd.h"

#include <pthread.h>

#define LEDE_ETCD_IDLE_CHANNELS_MAX 16

struct lede_etcd {
    char endpoints[LEDE_ETCD_ENDPOINTS_MAX][LEDE_ETCD_ADDRESS_BYTES_MAX];
    size_t endpoint_count;
    struct lede_etcd_wire wire;
    uint32_t timeout_ms, silence_ms;
    size_t request_bytes_max;
    atomic_size_t preferred; /* the member that is asked first: the last one failed nobody */
    pthread_mutex_t mutex;   /* of the idle channels; held for a step, never over a call */
    struct lede_etcd_channel *idle[LEDE_ETCD_IDLE_CHANNELS_MAX];
    size_t idle_count;
};

/* What a request is, for the question whether it may be sent again. */
enum lede_etcd_request_kind {
    LEDE_ETCD_READS,  /* or does the same however often it is done */
    LEDE_ETCD_WRITES, /* once */
};

/* Ask one member, in a channel of the caller's.
 * path       "/v3/kv/txn"
 * ret_answer written on failure, too
 * Status: OK; of lede/etcd.h's, EBUSY: not by this member; ENOTFOUND as etcd says it; ENOSPC for
 * what reads; ESTOPPED. */
LEDE_CHECKED enum lede_status lede_etcd_ask(const struct lede_etcd *client,
    struct lede_etcd_channel *channel, size_t endpoint, const char *path,
    const struct lede_buffer *body, enum lede_etcd_request_kind kind, uint64_t until_ns,
    struct lede_etcd_answer *ret_answer, struct lede_error *reterr);

/* Ask members in turn, within the client's time.
 * body        whole or failed
 * ret_channel owner: the caller, who gives it back with lede_etcd_give_back(): the answer is its
 * Status: as lede/etcd.h says of every call; ENOTFOUND; ENOSPC. */
LEDE_CHECKED enum lede_status lede_etcd_call(struct lede_etcd *client, const char *path,
    const struct lede_buffer *body, enum lede_etcd_request_kind kind,
    struct lede_etcd_channel **ret_channel, struct lede_etcd_answer *ret_answer,
    struct lede_error *reterr);
void lede_etcd_give_back(struct lede_etcd *client, struct lede_etcd_channel *channel);

/* This member failed: others are asked first from here on. Threads: any. */
void lede_etcd_avoid(struct lede_etcd *client, size_t endpoint);

#endif
