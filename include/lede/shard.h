/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does a shard of a cluster keep, and how do its writes come into a store?
 *
 * A shard has a log of its own beside the store's journal: frames of what groups of writes came to,
 * with positions that mean the same on all nodes. A frame comes into the log before it is
 * committed, and may be cut off again; into the store (as of a copy, lede/replica.h) it comes when
 * it is committed. So the store never has to forget anything. */
#ifndef LEDE_SHARD_H
#define LEDE_SHARD_H

#include "lede/buffer.h"
#include "lede/replica.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The log ---- */

#define LEDE_SHARD_FRAME_BYTES_MAX ((size_t)64 << 20)

/* Says all that is before a position: equal chains, equal logs. */
struct lede_shard_chain {
    unsigned char bytes[16];
};

/* A place in a log, and what stands before it. */
struct lede_shard_place {
    uint64_t position;
    uint64_t term; /* of the frame that ends here; 0: there is none */
    struct lede_shard_chain chain;
};
bool lede_shard_place_is_same(const struct lede_shard_place *a, const struct lede_shard_place *b);

/* A frame in memory. */
struct lede_shard_frame {
    struct lede_shard_place before, after;
    uint64_t revision;   /* that shows it */
    const char *payload; /* operations as the journal has them; borrowed */
    size_t payload_size;
    size_t size; /* with its header */
};
/* Append a frame to bytes. payload: at most LEDE_SHARD_FRAME_BYTES_MAX.
 * ret_after  the place behind it */
void lede_shard_frame_append(struct lede_buffer *bytes, const struct lede_shard_place *before,
    uint64_t term, uint64_t revision, const void *payload, size_t size,
    struct lede_shard_place *ret_after);
/* Read the frame at the beginning of bytes; false: no whole one is there. */
bool lede_shard_frame_read(const char *bytes, size_t size, struct lede_shard_frame *ret_frame);

struct lede_shard_log; /* any thread */

/* Open the log in a directory, which is made. A torn frame at its end is cut off.
 * Status: OK; ECORRUPT; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_log_open(
    const char *directory, struct lede_shard_log **ret_log, struct lede_error *reterr);
void lede_shard_log_free(struct lede_shard_log *log);
void lede_shard_log_freep(struct lede_shard_log **log);
/* Where it begins and ends; what was appended and is not synced counts. */
struct lede_shard_place lede_shard_log_begin(struct lede_shard_log *log);
struct lede_shard_place lede_shard_log_end(struct lede_shard_log *log);
/* The position where it ends, about; does not wait for a sync. */
uint64_t lede_shard_log_position(const struct lede_shard_log *log);
/* The place at a position. Status: OK; ENOTFOUND no frame begins or ends there, or not any more;
 * EIO. */
LEDE_CHECKED enum lede_status lede_shard_log_place(struct lede_shard_log *log, uint64_t position,
    struct lede_shard_place *ret_place, struct lede_error *reterr);
/* Begin anew at a place: all that is there goes. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_log_reset(
    struct lede_shard_log *log, const struct lede_shard_place *place, struct lede_error *reterr);
/* Append whole frames that join its end. They last when lede_shard_log_sync() has returned.
 * Status: OK; EINPUT they do not join, or are none; EIO, ENOSPC: none of them is there; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_log_append(
    struct lede_shard_log *log, const char *frames, size_t size, struct lede_error *reterr);
/* Status: OK; EIO, ENOSPC: what was not synced before is not there any more. */
LEDE_CHECKED enum lede_status lede_shard_log_sync(
    struct lede_shard_log *log, struct lede_error *reterr);
/* Cut off all behind a place, on the disk, too. Status: OK; ENOTFOUND there is no such place; EIO;
 * ENOSPC. */
LEDE_CHECKED enum lede_status lede_shard_log_cut(
    struct lede_shard_log *log, uint64_t position, struct lede_error *reterr);
/* Read whole frames from a position on: at least one if there is any, no more than about bytes_max,
 * none at or behind `end`. Status: OK; ENOTFOUND; ECORRUPT; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shard_log_read(struct lede_shard_log *log, uint64_t from,
    uint64_t end, size_t bytes_max, struct lede_buffer *frames, struct lede_error *reterr);
/* Files wholly before a position may go, as long as kept_bytes are left. */
void lede_shard_log_forget(struct lede_shard_log *log, uint64_t position, uint64_t kept_bytes);

/* ---- A store whose writes go out before they come in ---- */

/* What the writes of a store ask. Its members may be called until the store is closed. */
struct lede_shard_outlet {
    /* A group of writes was resolved: have it committed. In the writer's thread.
     * payload     what it came to; size 0: nothing, and it is only to be proved that what it was
     *             resolved against was the newest
     * ret_place   position behind its frame, and the revision that shows it
     * Status: OK; EBUSY it is surely not committed; ETIMEOUT its end is not known. */
    enum lede_status (*commit)(void *context, const void *payload, size_t size, uint64_t applied_to,
        uint64_t *ret_position, uint64_t *ret_revision, struct lede_error *reterr);
    /* Are groups to be resolved here? Otherwise they are forwarded. */
    bool (*leads)(void *context);
    /* Send a group to where they are, and take the answer of lede_store_take_forwarded(). In a
     * thread of the store's.
     * ret_revision  that is here by now, of the answer's
     * Status: OK; EBUSY it is surely not done; ETIMEOUT its end is not known; ENOMEM. */
    enum lede_status (*forward)(void *context, const struct lede_buffer *request,
        struct lede_buffer *ret_answer, struct lede_error *reterr);
    void *context;
};
/* Have the store's writes go out. Before the first of them.
 * outlet  borrowed; NULL: no more writes are taken, and none waits
 * Status: OK; EUNSUPPORTED the store is no copy; EBUSY no thread. */
LEDE_CHECKED enum lede_status lede_store_set_outlet(
    struct lede_store *store, const struct lede_shard_outlet *outlet, struct lede_error *reterr);
/* Do what lede_shard_outlet.forward() was given, and append the answer.
 * Status: OK; EINPUT it is none; as lede_bulk_finish(). Threads: any. */
LEDE_CHECKED enum lede_status lede_store_take_forwarded(struct lede_store *store,
    const char *request, size_t size, struct lede_buffer *answer, struct lede_error *reterr);
/* Make an empty directory a copy that has nothing yet, of a log with this history.
 * lanes  of lede_store_options, not 0
 * Status: OK; EEXISTS it has an archive of its own; as lede_store_open(). */
LEDE_CHECKED enum lede_status lede_copy_make(const char *directory,
    const char history[LEDE_HISTORY_SIZE], uint32_t lanes, struct lede_error *reterr);
/* Apply committed frames, which join what the store has, and wait until they can be found.
 * Status: OK; EPRECONDITION they do not join; as lede_store_apply(). One thread. */
LEDE_CHECKED enum lede_status lede_store_apply_frames(
    struct lede_store *store, const char *frames, size_t size, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
