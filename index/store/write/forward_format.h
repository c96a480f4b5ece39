/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes on their way to the node that resolves them, and what they came to. Read with mistrust. */
#ifndef LEDE_STORE_FORWARD_FORMAT_H
#define LEDE_STORE_FORWARD_FORMAT_H

#include "batch.h"
#include "lede/buffer.h"

/* Append all operations of these batches. is_atomic: all or none of them is done. */
void lede_forward_write(struct lede_buffer *out, const struct lede_batch *first, bool is_atomic);
/* Take them one by one. ret_is_atomic is written before the first call of take, which takes the
 * write's contents. Status: OK; EINPUT; ENOMEM; what take returned. */
LEDE_CHECKED enum lede_status lede_forward_read(const char *bytes, size_t size, bool *ret_is_atomic,
    enum lede_status (*take)(void *context, struct lede_write *write, struct lede_error *reterr),
    void *context, struct lede_error *reterr);

/* An answer: what all of it came to, then each result. */
void lede_forward_answer_begin(struct lede_buffer *out, enum lede_status status,
    const struct lede_error *error, uint64_t revision);
void lede_forward_answer_add(struct lede_buffer *out, const struct lede_write_result *result);
/* Fill the operations of these batches, their status, error and revision. Status: OK, whatever the
 * answer says; EINPUT it is none; ENOMEM. */
LEDE_CHECKED enum lede_status lede_forward_answer_read(
    const char *bytes, size_t size, struct lede_batch *first, struct lede_error *reterr);

#endif
