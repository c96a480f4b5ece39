/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer, and the steps that its groups and its recovery share.
 *
 * Writes travel as operations in batches: a bulk fills a batch and queues it; the writer's thread
 * takes what is queued as a group and runs it through its stages: resolve (what does each write
 * come to?), journal, apply, commit, answer. */
#ifndef LEDE_STORE_WRITE_STEPS_H
#define LEDE_STORE_WRITE_STEPS_H

#include "journal.h"
#include "lane.h"
#include "lede/shard.h"
#include "merger.h"
#include "tasks.h"
#include "write_queue.h"

/* What others may read of the journal. */
struct lede_log_state {
    char history[LEDE_HISTORY_DIGITS + 1]; /* as of the manifest; "" of a copy, which has … */
    char source_history[LEDE_HISTORY_DIGITS + 1];
    uint64_t source_position; /* … and has come this far in it */
    uint64_t synced;          /* all before it is on the disk */
    uint64_t shown;           /* all before it can be found … */
    uint64_t revision;        /* … with this revision */
    uint64_t kept_from;       /* somebody follows, and has come this far; UINT64_MAX: nobody */
    uint64_t kept_bytes_max;
    uint64_t confirmed; /* as many copies as are wanted have all before this on their disks */
    uint32_t copies;    /* that are wanted, and how long they are waited for; do not change */
    uint32_t copies_wait_ms;
};

struct lede_writer {
    struct lede_monitor *monitor;
    struct lede_segments *segments;
    struct lede_mergers *mergers;
    struct lede_stories *stories;
    struct lede_journal journal;
    struct lede_lanes lanes;
    struct lede_tasks tasks;
    size_t pending_bytes_max;
    size_t build_after_bytes; /* of a bulk: what comes then goes to builders over many groups */
    /* of a cluster's node; NULL: writes are the store's own */
    const struct lede_shard_outlet *_Atomic outlet;
    pthread_t thread;
    bool has_thread;
    /* The writer's thread's: */
    size_t pending_bytes; /* journalled, and not in what the manifest lists */
    bool broken;          /* segments must be loaded anew and the journal replayed */
    uint64_t listed_ns;   /* when the list was written last; monotonic */
    /* Guarded by the monitor's mutex: */
    struct lede_write_queue queue, forwarded;
    pthread_cond_t forwards; /* something is to be forwarded, or nothing will be any more */
    pthread_t forwarder;
    bool has_forwarder;
    uint64_t outcomes[LEDE_FAILED + 1]; /* writes by what they came to */
    uint64_t sealed_bytes;
    struct lede_log_state log;
    uint32_t set_aside; /* writes that no replay could apply */
    bool writable;      /* the last write, and all behind it, went well */
};

/* Hand each operation to its lane. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_writer_route(
    struct lede_writer *writer, struct lede_batch *first, struct lede_error *reterr);
/* Tell others which history the log has. */
void lede_writer_note_history(struct lede_writer *writer);
/* Tell others what is on the disk. */
void lede_writer_note_synced(struct lede_writer *writer);
/* Show what was applied, journalled and synced. ends_bulk: also what bulks are building; else that
 * goes on being built. Status: OK; after any other the writer is to be taken for broken. */
LEDE_CHECKED enum lede_status lede_writer_commit(
    struct lede_writer *writer, bool ends_bulk, struct lede_error *reterr);
/* Make the list last, with all that is deleted; the journal forgets it. Everything is committed.
 * Status: OK; after any other the writer is to be taken for broken. */
LEDE_CHECKED enum lede_status lede_writer_write_list(
    struct lede_writer *writer, struct lede_error *reterr);
/* What the list of segments needs between two groups, when nobody waits: a merge is taken over, the
 * list is written, if it is wanted or due. Status: OK, also where it has to wait, for what is being
 * built names segments that it replaces; as the two. */
LEDE_CHECKED enum lede_status lede_writer_maintain(
    struct lede_writer *writer, bool write_list, struct lede_error *reterr);

#endif
