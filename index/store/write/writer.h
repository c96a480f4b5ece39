/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer's thread: takes what is queued as one group, runs it through its stages, commits when
 * somebody waits for it, and writes the list of segments now and then.
 *
 * One rule makes every crash harmless: what the journal has will be applied. A group that cannot be
 * journalled is refused whole and changes nothing; after a failure past that point the writer is
 * broken: the segments are loaded as they were listed last, and the journal is replayed before the
 * next group, so that a disk with room again is all it takes to recover. */
#ifndef LEDE_STORE_WRITER_H
#define LEDE_STORE_WRITER_H

#include "view.h"
#include "write_steps.h"

/* monitor, segments, mergers  borrowed, must outlive it. The journal is opened by its owner.
 * pending_bytes, builder_bytes, build_after_bytes  of lede_store_options; 0: the defaults */
void lede_writer_init(struct lede_writer *writer, struct lede_monitor *monitor,
    struct lede_segments *segments, struct lede_mergers *mergers,
    const struct lede_store_options *options);
/* Start the thread. It ends when the monitor is stopped, after all that is queued; join waits for
 * that. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_writer_start(
    struct lede_writer *writer, struct lede_error *reterr);
void lede_writer_join(struct lede_writer *writer);
void lede_writer_done(struct lede_writer *writer);

/* Are groups to be resolved by another node of a cluster? */
bool lede_writer_sends_out(const struct lede_writer *writer);
/* Queue a batch, and wait until it is answered. Threads: any but the writer's. */
void lede_writer_queue(struct lede_writer *writer, struct lede_batch *batch, bool is_express);
void lede_writer_await(struct lede_writer *writer, const struct lede_batch *batch);
/* Wait until as many copies as are wanted have said that they have all before a position on their
 * disks. Status: OK; EBUSY they have not, in the time that they have. Threads: any but the
 * writer's. */
LEDE_CHECKED enum lede_status lede_writer_await_copies(
    struct lede_writer *writer, uint64_t position, struct lede_error *reterr);
/* Is it answered? */
bool lede_writer_has_done(struct lede_writer *writer, const struct lede_batch *batch);

/* Have the list written. ret_view: held for the caller, lede_view_give(): all that was committed,
 * in segments that last. ret_position: of the journal, of a copy in its source's log; all before
 * it is in the view.
 * Status: as lede_task_run(), lede_writer_write_list(). Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_writer_settle(struct lede_writer *writer,
    struct lede_view **ret_view, uint64_t *ret_revision, uint64_t *ret_position,
    struct lede_error *reterr);
/* Note a segment as damaged and have it taken off the list. Status: OK, also where it is off
 * already; as lede_task_run(), lede_segments_take_out(). Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_writer_quarantine(
    struct lede_writer *writer, uint32_t number, const char *what, struct lede_error *reterr);

#endif
