/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One connection to a member at a time: requests of HTTP, and answers that have no end. All
 * transfers of libcurl are behind this. */
#ifndef LEDE_CLUSTER_CHANNEL_H
#define LEDE_CLUSTER_CHANNEL_H

#include "lede/buffer.h"

#include <stdatomic.h>

/* How channels connect; borrowed by each. */
struct lede_etcd_wire {
    char *ca_file, *cert_file, *key_file; /* NULL: none */
    uint32_t connect_ms;
    size_t answer_bytes_max;
};

struct lede_etcd_channel; /* one thread at a time */

/* stops  borrowed: once it is true, what waits ends with ESTOPPED; NULL: never
 * Status: OK; EINPUT a file of certificates that cannot be set; ENOMEM. */
LEDE_CHECKED enum lede_status lede_etcd_channel_new(const struct lede_etcd_wire *wire,
    const atomic_bool *stops, struct lede_etcd_channel **ret_channel, struct lede_error *reterr);
void lede_etcd_channel_free(struct lede_etcd_channel *channel);
void lede_etcd_channel_freep(struct lede_etcd_channel **channel);

/* Let what waits in the channel look at `stops`. Threads: any. */
void lede_etcd_channel_wake(struct lede_etcd_channel *channel);

/* Wait until lede_time_monotonic_ns() is there. Status: OK; ESTOPPED. */
LEDE_CHECKED enum lede_status lede_etcd_channel_pause(
    struct lede_etcd_channel *channel, uint64_t until_ns);

/* What became of a request; written on failure, too. */
struct lede_etcd_answer {
    bool was_sent; /* perhaps not to its end; false: surely nobody has a byte of it */
    long http_status;
    const char *text; /* the channel's, until its next request; NUL-terminated */
    size_t size;
};

/* POST JSON, and read the answer to its end. It is sent once, whatever happens to the connection.
 * address, body  borrowed
 * Status: OK, whatever the answer's status; EIO no connection or a broken one; ETIMEOUT; ESTOPPED;
 * ELIMIT the answer is larger than the wire's limit; ENOMEM. */
LEDE_CHECKED enum lede_status lede_etcd_channel_post(struct lede_etcd_channel *channel,
    const char *address, const struct lede_buffer *body, uint64_t until_ns,
    struct lede_etcd_answer *ret_answer, struct lede_error *reterr);

/* POST JSON, and read the answer line by line. address and body are borrowed until the next call
 * of this, or of lede_etcd_channel_end(). Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_etcd_channel_begin(struct lede_etcd_channel *channel,
    const char *address, const struct lede_buffer *body, struct lede_error *reterr);
/* ret_line  the channel's, until its next call
 * Status: OK; ETIMEOUT there is none yet; EIO there is no connection, or the answer has ended;
 * ESTOPPED; ELIMIT a line is larger than the wire's limit; ENOMEM. */
LEDE_CHECKED enum lede_status lede_etcd_channel_line(struct lede_etcd_channel *channel,
    uint64_t until_ns, const char **ret_line, size_t *ret_size, struct lede_error *reterr);
/* Drop what is under way, and its connection. */
void lede_etcd_channel_end(struct lede_etcd_channel *channel);

#endif
