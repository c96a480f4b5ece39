/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip in: members one after the other, unzipped piece by piece. */
#ifndef LEDE_HTTP_INFLATE_H
#define LEDE_HTTP_INFLATE_H

#include "lede/buffer.h"

#include <zlib.h>

struct lede_http_inflater {
    z_stream stream;
    bool is_open;   /* stream needs inflateEnd() */
    bool in_member; /* a member has begun and not ended */
    uint64_t taken, given;
};

/* Ready an inflater (zeroed before). Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_inflater_init(
    struct lede_http_inflater *inflater, struct lede_error *reterr);
void lede_http_inflater_done(struct lede_http_inflater *inflater);

/* Unzip the next piece. Stops when the input is used up or the output full.
 * ret_taken, ret_given  bytes of in used and of out filled; both may be 0 only where an argument's
 *                       size is 0
 * Status: OK; EINPUT damaged; ENOMEM. Threads: one at a time. */
LEDE_CHECKED enum lede_status lede_http_inflater_step(struct lede_http_inflater *inflater,
    const unsigned char *in, size_t in_size, char *out, size_t out_size, size_t *ret_taken,
    size_t *ret_given, struct lede_error *reterr);

/* May the input end here? OK between members; EINPUT inside one. */
LEDE_CHECKED enum lede_status lede_http_inflater_end(
    const struct lede_http_inflater *inflater, struct lede_error *reterr);

/* Unzip a whole body.
 * max       bytes that it may become
 * ret_body  initialised by zeroing; the caller's, also on failure
 * Status: OK; EINPUT damaged or cut short; ELIMIT more than max; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_inflate_all(const char *data, size_t size, size_t max,
    struct lede_buffer *ret_body, struct lede_error *reterr);

#endif
