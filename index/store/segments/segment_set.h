/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All segments of a store: which there are, in which state, what is deleted in them, what readers
 * see of them, and what the list on the disk says. segment_list.h changes them, view.h shows
 * them. */
#ifndef LEDE_STORE_SEGMENT_SET_H
#define LEDE_STORE_SEGMENT_SET_H

#include "manifest.h"
#include "monitor.h"
#include "quarantine.h"
#include "sealed_segment.h"
#include "segment_states.h"

#include <stdatomic.h>

struct lede_view;

struct lede_segments {
    struct lede_monitor *monitor; /* the store's */
    const char *directory;        /* the store's */
    struct lede_engine *engine;   /* the store's; NULL: each segment has its own */
    /* The writer's: */
    struct lede_manifest manifest; /* as on the disk */
    struct lede_lane_segments lanes[LEDE_LANES_MAX];
    uint32_t lane_count;
    bool unlisted; /* segments or deletions differ from what the disk's manifest lists */
    struct lede_deletion_list kept_deletions; /* in segments that are quarantined */
    atomic_bool is_copy;                      /* of another store: revisions are that store's */
    uint64_t source_position;                 /* as of the manifest, with what is not listed yet */
    uint64_t source_revision; /* of a copy: the next commit shows what this showed there */
    /* Guarded by the monitor's mutex: */
    uint64_t revision;
    uint64_t generation; /* of the newest view */
    uint64_t commits;
    uint64_t documents; /* that are not deleted, of the newest view */
    uint32_t next_number;
    struct lede_view *view;  /* the newest; a reference */
    struct lede_view *views; /* all that somebody holds */
    struct lede_segment_states states;
    struct lede_quarantine quarantine;
};

/* monitor, directory  borrowed, must outlive it. tell  as of struct lede_store_options.
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_segments_init(struct lede_segments *segments,
    struct lede_monitor *monitor, const char *directory,
    void (*tell)(void *context, uint32_t segment, const char *what), void *context);
/* Nobody holds a view any more. Files of retired segments go. */
void lede_segments_done(struct lede_segments *segments);

/* A number that no segment has had; it is building from now on. Status: OK; ENOMEM. Threads:
 * any. */
LEDE_CHECKED enum lede_status lede_segments_begin(
    struct lede_segments *segments, uint32_t *ret_number, struct lede_error *reterr);
/* Change a segment's state, with the mutex. Status: as lede_segment_state_change(). Threads:
 * any. */
LEDE_CHECKED enum lede_status lede_segments_change_state(struct lede_segments *segments,
    uint32_t number, enum lede_segment_state to, struct lede_error *reterr);
/* Memory has no use for a segment any more: it is retired, unless a list on the disk may name it.
 * number  0: nothing is done. Threads: any. */
void lede_segments_drop(struct lede_segments *segments, uint32_t number);

#endif
