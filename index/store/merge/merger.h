/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mergers: each chooses segments of a lane, makes one of them beside the others, and hands it
 * to the writer, who puts it in their place between two groups. One has the small segments, the
 * other the large ones: neither waits for the other.
 *
 * What is deleted in a source while it is merged is deleted in the merged segment before that is
 * listed: a merge says where each document went. */
#ifndef LEDE_STORE_MERGER_H
#define LEDE_STORE_MERGER_H

#include "merge_policy.h"
#include "segment_set.h"

enum lede_merge_stage { LEDE_MERGE_NONE, LEDE_MERGE_RUNNING, LEDE_MERGE_DONE };

/* Two merges may be under way, of segments of different sizes: lone writes make many small ones
 * while a large merge takes its time. */
enum lede_merge_kind { LEDE_MERGE_SMALL, LEDE_MERGE_LARGE, LEDE_MERGES };

/* One merge, from its choice to the writer's taking over. The merger's while RUNNING, the writer's
 * when DONE. */
struct lede_merge {
    struct lede_mergers *mergers;
    enum lede_merge_kind kind;
    pthread_t thread;
    bool has_thread;
    enum lede_merge_stage stage; /* guarded by the monitor's mutex */
    struct lede_view *view;      /* held: the sources' files, and what was deleted when it began */
    uint32_t lane;
    size_t count;
    uint32_t numbers[LEDE_MERGE_SEGMENTS_MAX];
    struct lede_merge_source sources[LEDE_MERGE_SEGMENTS_MAX];
    bool rewrite;
    uint64_t bytes;  /* of the sources */
    uint32_t number; /* of the merged segment; 0: none was begun, or the writer has taken it */
    /* the last one failed: the next not before; guarded by the monitor's mutex */
    uint64_t retry_monotonic_ns;
    uint64_t nothing_generation; /* there was nothing to merge in it; guarded by the mutex */
    /* little to do, or too many segments: not only when nobody else wants the processor */
    bool urgent;
    struct lede_sealed_segment *merged; /* NULL: nothing is left of the sources */
    enum lede_status status;
    struct lede_error error;
};

struct lede_mergers {
    struct lede_monitor *monitor;
    struct lede_segments *segments;
    struct lede_merge_limits limits;
    struct lede_merge merges[LEDE_MERGES];
    /* Guarded by the monitor's mutex: */
    bool compacting;               /* merge all that can be merged */
    uint64_t written_monotonic_ns; /* when anything was written last */
    uint64_t merged_count;
    uint64_t merged_bytes;
};

/* monitor, segments  borrowed, must outlive it. */
void lede_mergers_init(struct lede_mergers *mergers, struct lede_monitor *monitor,
    struct lede_segments *segments, const struct lede_merge_limits *limits);
/* Start the threads. They end when the monitor is stopped; join waits for that. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_mergers_start(
    struct lede_mergers *mergers, struct lede_error *reterr);
void lede_mergers_join(struct lede_mergers *mergers);
/* What the writer did not take over goes. Their threads and the writer's have ended. */
void lede_mergers_done(struct lede_mergers *mergers);

/* The thread's steps: choose what to merge, with the mutex held; merge it, without; leave it to the
 * writer. */
bool lede_merger_choose(struct lede_merge *merge, bool is_idle);
void lede_merger_run(struct lede_merge *merge);
void lede_merger_hand_over(struct lede_merge *merge);
/* Is anything merged now, or would be while nothing is written? The mutex is held. */
bool lede_mergers_have_work(const struct lede_mergers *mergers);
/* Does a merge wait to be taken over? The mutex is held. */
bool lede_mergers_are_done(const struct lede_mergers *mergers);
/* Is there nothing to merge, or does merging fail, whatever is waited for? The mutex is held. */
bool lede_mergers_rest(const struct lede_mergers *mergers);
/* The writer: put what the mergers made in the place of its sources, as far as it is done. Nothing
 * may be building. Status: as lede_segments_change(). */
LEDE_CHECKED enum lede_status lede_mergers_take_over(
    struct lede_mergers *mergers, struct lede_error *reterr);

#endif
