/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip and zstd in, piece by piece: of files and of requests' bodies.
 *
 * Several members (RFC 1952 section 2.2) or frames (RFC 8878 section 3) are one text; zeros behind
 * one are padding. What came before a damage is given before the damage is told. */
#ifndef LEDE_UNPACK_H
#define LEDE_UNPACK_H

#include "lede/base.h"
#include "lede/buffer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum lede_coding { LEDE_CODING_NONE, LEDE_CODING_GZIP, LEDE_CODING_ZSTD };

/* What a text is packed with, by its first bytes; LEDE_CODING_MARK_BYTES of them are enough. */
#define LEDE_CODING_MARK_BYTES 4
enum lede_coding lede_coding_of(const unsigned char *data, size_t size);

/* One stream. Threads: one at a time. */
struct lede_unpacker;

/* coding         GZIP or ZSTD
 * window_log_max ZSTD: a frame that needs a window of more than 2^this bytes is refused; 10..31.
 *                RFC 9659 has 23 for HTTP; 27 is what zstd takes by itself
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_unpacker_new(enum lede_coding coding, int window_log_max,
    struct lede_unpacker **ret_unpacker, struct lede_error *reterr);
void lede_unpacker_free(struct lede_unpacker *unpacker);
void lede_unpacker_freep(struct lede_unpacker **unpacker);

/* Unpack the next piece. Stops when the input is used up or the output full.
 * ret_taken, ret_given  bytes of in used and of out filled; both may be 0 only where an argument's
 *                       size is 0
 * Status: OK; EINPUT damaged, again at every further call; ENOMEM. */
LEDE_CHECKED enum lede_status lede_unpacker_step(struct lede_unpacker *unpacker,
    const unsigned char *in, size_t in_size, char *out, size_t out_size, size_t *ret_taken,
    size_t *ret_given, struct lede_error *reterr);
/* May the input end here? OK between members; EINPUT inside one. */
LEDE_CHECKED enum lede_status lede_unpacker_end(
    const struct lede_unpacker *unpacker, struct lede_error *reterr);

/* Bytes taken and given in all, and about what it holds itself. */
uint64_t lede_unpacker_taken(const struct lede_unpacker *unpacker);
uint64_t lede_unpacker_given(const struct lede_unpacker *unpacker);
size_t lede_unpacker_held_bytes(const struct lede_unpacker *unpacker);

/* Unpack a whole text.
 * max       bytes that it may become
 * ret_text  initialised by zeroing; the caller's, also on failure
 * Status: OK; EINPUT damaged or cut short; ELIMIT more than max; ENOMEM. */
LEDE_CHECKED enum lede_status lede_unpack_all(enum lede_coding coding, int window_log_max,
    const char *data, size_t size, size_t max, struct lede_buffer *ret_text,
    struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
