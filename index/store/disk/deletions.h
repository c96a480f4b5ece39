/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which documents of sealed segments are deleted.
 *
 * In memory a bitmap a segment; on the disk a log of pairs (segment, document), written whole with
 * each list of segments, and named by the manifest. Until format 3 it was appended to between two
 * lists: what a crash tore off its end is in the journal.
 *
 * File deletions-<generation>, little endian, frames (now one) of: u32 magic, u32 pairs, u64
 * revision, u64 XXH3-64 of these and the pairs; then the pairs: u32 segment, u32 document. */
#ifndef LEDE_STORE_DELETIONS_H
#define LEDE_STORE_DELETIONS_H

#include "lede/base.h"
#include "lede/engine.h"

struct lede_deletion {
    uint32_t segment;
    uint32_t docid;
};

/* A growing array of them; zeroed is empty. */
struct lede_deletion_list {
    struct lede_deletion *items; /* owned */
    size_t count;
    size_t capacity;
};
/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_deletion_list_add(
    struct lede_deletion_list *list, uint32_t segment, uint32_t docid);
void lede_deletion_list_done(struct lede_deletion_list *list);

/* Write the log of a generation, synced with its directory; one that a crash left is replaced.
 * Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_deletion_log_write(const char *directory, uint64_t generation,
    uint64_t revision, const struct lede_deletion_list *list, struct lede_error *reterr);
/* Visit every deletion, in their order.
 * ret_revision  the highest of its frames
 * Status: OK; ECORRUPT a frame before the last is damaged; EIO; ENOMEM; what visit returned. */
LEDE_CHECKED enum lede_status lede_deletion_log_read(const char *directory, uint64_t generation,
    enum lede_status (*visit)(
        void *context, const struct lede_deletion *deletion, struct lede_error *reterr),
    void *context, uint64_t *ret_revision, struct lede_error *reterr);
/* Remove a generation's log, best effort: a stray is removed when the store is opened. */
void lede_deletion_log_remove(const char *directory, uint64_t generation);

/* A bitmap that is written to by one thread. Zeroed is empty. */
struct lede_bitmap {
    uint64_t *bits; /* owned; NULL: none is set */
    uint32_t bit_count;
    uint32_t count; /* set */
};
static inline struct lede_deleted lede_bitmap_view(const struct lede_bitmap *bitmap)
{
    return (struct lede_deleted){bitmap->bits, bitmap->bits ? bitmap->bit_count : 0, bitmap->count};
}
/* Set a bit; one that is set stays so. bitmap->bit_count says how many there are, before the first
 * call. Status: OK; ENOMEM; ECORRUPT no such bit. */
LEDE_CHECKED enum lede_status lede_bitmap_set(
    struct lede_bitmap *bitmap, uint32_t bit, struct lede_error *reterr);
bool lede_bitmap_has(const struct lede_bitmap *bitmap, uint32_t bit);
/* The first set bit from `bit` on; bit_count if there is none. */
uint32_t lede_bitmap_next(const struct lede_bitmap *bitmap, uint32_t bit);
/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_bitmap_copy(
    const struct lede_bitmap *bitmap, struct lede_bitmap *ret_copy);
void lede_bitmap_done(struct lede_bitmap *bitmap);

#endif
