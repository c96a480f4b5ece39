/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What etcd is asked, as JSON: etcd's own messages in protobuf's JSON form, where bytes are base64
 * and numbers of 64 bits strings. Each appends an object; a failure is the buffer's. */
#ifndef LEDE_CLUSTER_REQUESTS_H
#define LEDE_CLUSTER_REQUESTS_H

#include "lede/etcd.h"

void lede_etcd_write_txn(struct lede_buffer *buffer, const struct lede_etcd_txn *txn);

/* One page: at most `limit` pairs whose keys are not before `from`; revision 0: the newest. */
void lede_etcd_write_range(struct lede_buffer *buffer, const struct lede_etcd_range *range,
    const struct lede_buffer *from, int64_t revision, uint32_t limit);

void lede_etcd_write_watch(
    struct lede_buffer *buffer, const char *prefix, size_t prefix_size, int64_t revision);
void lede_etcd_write_grant(struct lede_buffer *buffer, uint32_t ttl_s);
void lede_etcd_write_lease(struct lede_buffer *buffer, int64_t lease); /* keepalive, revoke */
void lede_etcd_write_compaction(struct lede_buffer *buffer, int64_t revision);

#endif
