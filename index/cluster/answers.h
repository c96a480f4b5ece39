/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What etcd answers, read with mistrust: JSON of any bytes comes to values or to ECORRUPT. */
#ifndef LEDE_CLUSTER_ANSWERS_H
#define LEDE_CLUSTER_ANSWERS_H

#include "lede/etcd.h"

/* gRPC's numbers, of those that are told apart. */
enum lede_etcd_code {
    LEDE_ETCD_CODE_NONE = 0,
    LEDE_ETCD_CODE_INVALID_ARGUMENT = 3,
    LEDE_ETCD_CODE_NOT_FOUND = 5,
    LEDE_ETCD_CODE_PERMISSION_DENIED = 7,
    LEDE_ETCD_CODE_RESOURCE_EXHAUSTED = 8,
    LEDE_ETCD_CODE_FAILED_PRECONDITION = 9,
    LEDE_ETCD_CODE_OUT_OF_RANGE = 11,
    LEDE_ETCD_CODE_UNIMPLEMENTED = 12,
    LEDE_ETCD_CODE_UNAVAILABLE = 14,
    LEDE_ETCD_CODE_UNAUTHENTICATED = 16,
};

/* Why etcd refused something. */
struct lede_etcd_refusal {
    int64_t code; /* gRPC's; -1: it says none */
    char message[200];
};
/* Read an error of a whole answer or of a line. Returns false where it is none. */
LEDE_CHECKED bool lede_etcd_read_refusal(
    const char *text, size_t size, struct lede_etcd_refusal *ret_refusal);

/* Of each: ret_* is zeroed before, and the caller's to free, on failure too. Status: OK; ECORRUPT;
 * ENOMEM. */

/* txn  what was asked: the answer has as many responses, each of its kind */
LEDE_CHECKED enum lede_status lede_etcd_read_txn(const char *text, size_t size,
    const struct lede_etcd_txn *txn, struct lede_etcd_result *ret_result,
    struct lede_error *reterr);

/* ret_pairs  in the arena */
LEDE_CHECKED enum lede_status lede_etcd_read_range(const char *text, size_t size,
    struct lede_arena *arena, struct lede_etcd_pairs *ret_pairs, int64_t *ret_revision,
    struct lede_error *reterr);

/* A grant's answer, or a keepalive's first line: ret_ttl_s 0, there is no such lease. */
LEDE_CHECKED enum lede_status lede_etcd_read_lease(
    const char *text, size_t size, int64_t *ret_id, int64_t *ret_ttl_s, struct lede_error *reterr);

/* A line of a watch. */
struct lede_etcd_line {
    int64_t revision;               /* of the store */
    bool was_created;               /* the watch begins */
    bool was_cancelled;             /* it ends */
    int64_t compact_revision;       /* > 0: because what it asks for is compacted */
    bool goes_on;                   /* the last event's revision may have more, on the next line */
    struct lede_etcd_event *events; /* without is_last; in the arena */
    size_t count;
    struct lede_arena memory;
};
void lede_etcd_line_done(struct lede_etcd_line *line);
LEDE_CHECKED enum lede_status lede_etcd_read_line(
    const char *text, size_t size, struct lede_etcd_line *ret_line, struct lede_error *reterr);

#endif
