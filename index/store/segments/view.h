/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers see: views, who holds them, and the files that nobody needs any more.
 *
 * A view is made by the writer and never changes. Readers, the mergers and backups hold one as long
 * as they read its files. Files of a retired segment go when no view that somebody holds names it.
 * Unlinking earlier would do on Linux only where every table is open already, and Xapian opens some
 * when they are first needed. */
#ifndef LEDE_STORE_VIEW_H
#define LEDE_STORE_VIEW_H

#include "sealed_segment.h"

struct lede_segments;

struct lede_view_segment {
    struct lede_manifest_segment entry; /* as a list would name it */
    struct lede_deletions *deletions;   /* a reference; NULL: none */
};
/* One list of segments and what is deleted in them. It does not change. */
struct lede_view {
    struct lede_view *next; /* of all; guarded by the store's mutex, as references are */
    unsigned references;
    uint64_t generation;
    size_t count;
    struct lede_view_segment segments[];
};

/* Tell readers of the segments and of what is deleted in them; with a new revision if documents
 * have changed. The writer; the mutex is not held. Status: OK; EINTERNAL; ENOMEM. */
LEDE_CHECKED enum lede_status lede_view_publish(
    struct lede_segments *segments, bool is_commit, struct lede_error *reterr);
/* Hold the newest view: its segments' files stay. ret_revision may be NULL. Threads: any. */
struct lede_view *lede_view_take(struct lede_segments *segments, uint64_t *ret_revision);
/* view  NULL: nothing is done. Threads: any. */
void lede_view_give(struct lede_segments *segments, struct lede_view *view);
/* The segment's own reference to what is published, before the segment is freed. */
void lede_view_forget_published(
    struct lede_segments *segments, struct lede_sealed_segment *segment);
/* Remove the files of retired segments that nobody holds. Threads: any. */
void lede_view_sweep(struct lede_segments *segments);
/* The segments' own reference; nobody else may hold any. */
void lede_view_done(struct lede_segments *segments);

#endif
