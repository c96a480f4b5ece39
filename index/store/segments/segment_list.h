/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the segments of a store, and the list of them on the disk. The writer's.
 *
 * A change is one step for readers. It happens in memory, and in files that need not last, for what
 * the disk's list does not have yet is in the journal: nothing but the journal needs to be synced
 * before a write is answered. Writing the list is one replacement of the manifest: before it the
 * disk has the old list, after it the new one. The log of deletions that goes with the new list is
 * written before, under the new generation's name. */
#ifndef LEDE_STORE_SEGMENT_LIST_H
#define LEDE_STORE_SEGMENT_LIST_H

#include "segment_set.h"

/* Two of each lane: of lone writes, and of a bulk. */
#define LEDE_CHANGE_ADDED_MAX (2 * LEDE_LANES_MAX)

/* What changes at once. */
struct lede_change {
    const uint32_t *gone; /* these leave */
    size_t gone_count;
    bool drops_emptied; /* those of which every document is deleted leave, too */
    /* taken, with what is deleted in them */
    struct lede_sealed_segment *added[LEDE_CHANGE_ADDED_MAX];
    size_t added_count;
    bool is_commit; /* documents change: it has the next revision */
};

/* Change what there is, and tell readers. Status: OK; ENOMEM; EINTERNAL: in memory there is a part
 * of it, and the segments have to be loaded anew. */
LEDE_CHECKED enum lede_status lede_segments_change(
    struct lede_segments *segments, struct lede_change *change, struct lede_error *reterr);
/* Free what was not taken, and retire it. */
void lede_change_done(struct lede_segments *segments, struct lede_change *change);

/* Write the list, with all that is deleted. Every segment lasts, nothing is uncommitted. On failure
 * the disk may have either list, and the segments have to be loaded anew. Status: OK; EIO; ENOSPC;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_segments_write_list(
    struct lede_segments *segments, struct lede_error *reterr);
/* Read the disk's manifest anew, if it has one. Status: OK; as lede_manifest_read(). */
LEDE_CHECKED enum lede_status lede_segments_read_manifest(
    struct lede_segments *segments, struct lede_error *reterr);
/* Open what the manifest in memory lists, in the place of all that is open, and read the log of
 * deletions. A segment that is damaged is quarantined in the manifest in memory, which is then to
 * be written. Status: OK; EIO; EVERSION; ECORRUPT; EINTERNAL; ENOMEM. */
LEDE_CHECKED enum lede_status lede_segments_load(
    struct lede_segments *segments, struct lede_error *reterr);
/* Take a damaged segment off those that are read; its files stay, quarantined with the next list,
 * and what was deleted in it stays noted. Nothing may be uncommitted. Status: OK; ENOTFOUND; as
 * lede_segments_change(). */
LEDE_CHECKED enum lede_status lede_segments_take_out(
    struct lede_segments *segments, uint32_t number, struct lede_error *reterr);

#endif
