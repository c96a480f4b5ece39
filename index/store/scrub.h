/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scrub: holds the files of listed segments against their checksums, after the start and then
 * once a day, for what a disk loses in silence. A segment that is not what was sealed is taken out
 * of every search.
 *
 * Reading is done at idle priority and at a bounded rate, by a thread that takes no lock, since it
 * might be kept from giving it back. Where a search or a write has met damage it is done at once
 * and as fast as the disk can. */
#ifndef LEDE_STORE_SCRUB_H
#define LEDE_STORE_SCRUB_H

#include "segment_set.h"
#include "writer.h"

struct lede_scrub {
    struct lede_segments *segments;
    struct lede_writer *writer;
    pthread_t thread;
    bool has_thread;
    bool stop; /* atomic */
};

/* segments, writer  borrowed, must outlive it */
void lede_scrub_init(
    struct lede_scrub *scrub, struct lede_segments *segments, struct lede_writer *writer);
/* Start and stop the thread; stopping takes no longer than reading a block. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_scrub_start(struct lede_scrub *scrub, struct lede_error *reterr);
void lede_scrub_stop(struct lede_scrub *scrub);
/* Before the list is read: note listed segments that are damaged, the newest 256 MiB of them, or
 * all. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_scrub_listed(
    struct lede_segments *segments, bool all, struct lede_error *reterr);

#endif
