/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the store share.
 *
 * Writes travel as operations in batches: a bulk fills a batch and queues it; the writer thread
 * takes what is queued as a group and runs it through its stages: resolve (what does each write
 * come to?), journal, apply, commit, answer. Resolve, apply and commit run in lanes side by side: a
 * document's lane is a hash of its id, so that lanes never meet. A lane's segments are touched by
 * one thread at a time: its own, or the writer's while that one rests. The merger's thread touches
 * files that never change, and hands what it made to the writer.
 *
 * A segment never changes: a commit makes new ones of what was written since the last, and notes
 * what they replace. It happens in memory and in files that need not last, since the journal has
 * all of it. Now and then the list is written (segments.c): files are synced, the manifest names
 * them, and the journal forgets. */
#ifndef LEDE_STORE_INTERNAL_H
#define LEDE_STORE_INTERNAL_H

#include "checksums.h"
#include "deletions.h"
#include "fingerprints.h"
#include "journal.h"
#include "lede/store.h"
#include "lock.h"
#include "manifest.h"
#include "merge_policy.h"
#include "segment_states.h"
#include "stories.h"
#include "vocabulary.h"

#include <pthread.h>
#include <semaphore.h>

#define LEDE_LANES_DEFAULT 2
#define LEDE_PENDING_BYTES_DEFAULT ((size_t)32 << 20)
/* a bulk hands over its batch at this size … */
#define LEDE_BATCH_BYTES_MAX ((size_t)1 << 20)
#define LEDE_BATCH_WRITES_MAX 1024             /* … or this many writes */
#define LEDE_BATCHES_PER_BULK_MAX 8            /* under way at once */
#define LEDE_GROUP_BYTES_MAX ((size_t)1 << 20) /* batches the writer takes together */
/* of a bulk: what comes then goes to builders */
#define LEDE_BUILD_AFTER_BYTES ((size_t)4 << 20)
#define LEDE_BUILDER_BYTES_DEFAULT ((size_t)48 << 20) /* memory of a lane's builder */
#define LEDE_EXPRESS_WRITES_MAX 128 /* so many, by a caller with no others under way, go first */
#define LEDE_SEGMENTS_REST_FACTOR 2 /* so many times merge.segments in a lane: bulks rest */
#define LEDE_SEGMENTS_STOP_FACTOR 6 /* so many times: lone writes wait, too */
/* less is merged at once, and by a thread of its own */
#define LEDE_SMALL_SEGMENT_BYTES ((uint64_t)2 << 20)
/* of what a merge works in, beside the segments */
#define LEDE_SCRATCH_SUFFIX ".scratch"
/* applied writes that nobody waits for are committed after so long */
#define LEDE_IDLE_COMMIT_MS 200
#define LEDE_IDLE_LIST_MS 1000 /* without a write: the list is written */

enum lede_effect { LEDE_EFFECT_NONE, LEDE_EFFECT_PUT, LEDE_EFFECT_DELETE };

struct lede_sealed_segment;

/* The segments that a lane is building: of what the next commit shows, and of a long bulk, which
 * goes on over many commits. */
enum lede_building_kind { LEDE_BUILDING_FRESH, LEDE_BUILDING_BULK, LEDE_BUILDINGS };

/* Where a version of a document is. */
enum lede_place { LEDE_PLACE_NOWHERE, LEDE_PLACE_BUILDING, LEDE_PLACE_SEALED };

/* One write on its way, and what it came to. */
struct lede_operation {
    struct lede_write write;
    const char *id; /* inside write */
    size_t id_size;
    enum lede_effect effect;
    enum lede_write_outcome outcome;
    struct lede_error *error; /* owned; FAILED */
    char *stored;             /* owned; PUT: the text that is journalled and stored */
    size_t stored_size;
    unsigned char digest[16]; /* of the version after this write, if one exists */
    bool exists_after;
    /* of the version before this write, counting earlier ones of the group */
    enum lede_place place;
    struct lede_sealed_segment *sealed_in; /* place SEALED */
    uint32_t sealed_docid;                 /* its number there */
    struct lede_operation *earlier;        /* the newest earlier one of the same id in this group */
};

enum lede_batch_state { LEDE_BATCH_QUEUED, LEDE_BATCH_DONE };

struct lede_batch {
    struct lede_batch *next; /* in the queue, then in its bulk's list */
    struct lede_operation *operations;
    size_t count;
    size_t capacity;
    size_t bytes;
    bool atomic;
    bool last; /* the bulk waits for it to be searchable (durable: to last) */
    bool durable;
    bool builds; /* of a long bulk: its documents go to segments that are built over many groups */
    /* Guarded by the store's mutex: */
    enum lede_batch_state state;
    enum lede_status status;
    struct lede_error error;
    uint64_t revision;
};

/* Bits that readers are told; references are guarded by the store's mutex. */
struct lede_deletions {
    unsigned references;
    struct lede_bitmap bitmap;
};

struct lede_sealed_segment {
    uint32_t number;
    uint32_t lane;
    uint32_t documents; /* with deleted ones */
    uint64_t bytes;
    uint32_t analysis; /* of its terms */
    struct lede_sealed *sealed;
    struct lede_fingerprints *fingerprints; /* NULL: it may have any id */
    struct lede_bitmap deleted;             /* uncommitted ones too */
    struct lede_deletions *published;       /* committed ones, a reference; NULL: none */
    bool lasts;                             /* its files are synced, their checksums written */
};

/* A document of a segment that is being built; its number is its index and one. */
struct lede_built_document {
    size_t id; /* offset in ids */
    unsigned char digest[16];
    /* deleted there when this one is committed; NULL: nothing */
    struct lede_sealed_segment *replaces;
    uint32_t replaces_docid;
    bool gone; /* deleted or replaced since */
};

/* Written whole, seen by nobody until it is committed. What of it is lost in a crash is in the
 * journal. */
struct lede_building {
    struct lede_builder *builder; /* NULL: there is none */
    uint32_t number;
    struct lede_buffer ids; /* NUL-terminated, one after the other */
    struct lede_built_document *documents;
    size_t count;
    size_t gone; /* of them */
    size_t capacity;
    uint32_t *slots; /* a hash table of document numbers, of each id's newest; 0: empty */
    size_t slot_count;
    struct lede_sealed_segment *finished; /* not committed yet */
};

struct lede_lane {
    struct lede_store *store;
    uint32_t index;
    struct lede_building buildings[LEDE_BUILDINGS];
    struct lede_sealed_segment **sealed; /* owned; oldest first */
    size_t sealed_count;
    size_t sealed_capacity;
    bool has_deleted; /* something in a sealed segment, uncommitted */
    struct lede_analyzer *analyzer;
    struct lede_language_detector *detector;
    struct lede_operation **operations; /* of the group, this lane's, in order */
    size_t operation_count;
    size_t operation_capacity;
    enum lede_status (*job)(struct lede_lane *lane);
    enum lede_status status; /* of the last job */
    struct lede_error error;
    sem_t start;
    sem_t done;
    pthread_t thread;
    bool has_thread;
    bool stop;
};

/* What readers open: one list of segments and what is deleted in them. It does not change; the
 * newest one is the store's. */
struct lede_view_segment {
    uint32_t number;
    uint32_t lane;
    uint32_t documents; /* with deleted ones */
    uint64_t bytes;
    uint32_t analysis;
    struct lede_deletions *deletions; /* a reference; NULL: none */
};
struct lede_view {
    /* of all that somebody holds; guarded by the store's mutex, as references are */
    struct lede_view *next;
    unsigned references;
    uint64_t generation;
    size_t count;
    struct lede_view_segment segments[];
};

/* Something that the writer does between two groups, nothing being uncommitted. */
struct lede_task {
    struct lede_task *next;
    enum lede_status (*run)(struct lede_store *store, void *context, struct lede_error *reterr);
    void *context;
    bool done;
    enum lede_status status;
    struct lede_error error;
};

enum lede_merge_state { LEDE_MERGE_NONE, LEDE_MERGE_RUNNING, LEDE_MERGE_DONE };

/* Two merges may be under way, of segments of different sizes: lone writes make many small ones
 * while a large merge takes its time. */
enum lede_merge_kind { LEDE_MERGE_SMALL, LEDE_MERGE_LARGE, LEDE_MERGES };

/* One merge, from its choice to the writer's taking over. The merger's while RUNNING, the writer's
 * when DONE. */
struct lede_merge {
    struct lede_store *store;
    enum lede_merge_kind kind;
    pthread_t thread;
    bool has_thread;
    enum lede_merge_state state; /* guarded by the store's mutex */
    struct lede_view *view;      /* held: the sources' files, and what was deleted when it began */
    uint32_t lane;
    size_t count;
    uint32_t numbers[LEDE_MERGE_SEGMENTS_MAX];
    struct lede_merge_source sources[LEDE_MERGE_SEGMENTS_MAX];
    bool rewrite;
    uint64_t bytes;  /* of the sources */
    uint32_t number; /* of the merged segment */
    /* the last one failed: the next not before; guarded by the store's mutex */
    uint64_t retry_monotonic_ns;
    /* there was nothing to merge in it; guarded by the store's mutex */
    uint64_t nothing_generation;
    /* little to do, or too many segments: not only when nobody else wants the processor */
    bool urgent;
    struct lede_sealed_segment *merged; /* NULL: nothing is left of the sources */
    enum lede_status status;
    struct lede_error error;
};

/* The thread that looks segments through (scrub.c). */
struct lede_scrub {
    pthread_t thread;
    bool has_thread;
    pthread_cond_t woken;
    bool wanted;                  /* somebody met damage; guarded by the store's mutex */
    uint64_t woken_not_before_ns; /* the same */
    bool urgent;                  /* atomic: as fast as the disk can */
    bool stop;                    /* atomic */
};

struct lede_store {
    char *directory;
    size_t pending_bytes_max;
    size_t builder_bytes_max;
    size_t build_after_bytes;
    struct lede_merge_limits merge_limits;
    int lock_fd;
    struct lede_manifest manifest; /* the writer's; as on the disk */
    struct lede_journal journal;   /* the writer's */
    struct lede_stories *stories;  /* has its own lock */
    struct lede_lane *lanes;
    uint32_t lane_count;
    size_t pending_bytes; /* journalled, and not in what the manifest lists; the writer's */
    /* segments or deletions differ from what the disk's manifest lists; the writer's */
    bool unlisted;
    struct lede_deletion_list kept_deletions; /* in segments that are quarantined; the writer's */
    /* segments that the last reading of the list could not read; the writer's */
    uint32_t unreadable_count;
    void (*tell_quarantined)(void *context, uint32_t segment, const char *what); /* may be NULL */
    void *tell_context;
    bool broken;        /* segments must be reopened and the journal replayed; the writer's */
    bool replaying;     /* the writer's, read by lanes */
    bool finishes_bulk; /* the same: the commit under way ends what bulks are building */
    enum lede_building_kind group_target; /* the same: where this group's documents go */
    pthread_t writer;
    bool has_writer;
    struct lede_vocabulary *vocabulary;

    pthread_mutex_t mutex;     /* guards all below */
    pthread_cond_t queued;     /* the writer waits */
    pthread_cond_t progressed; /* bulks wait */
    /* the mergers wait: other segments, a merge taken over, a view given back */
    pthread_cond_t listed;
    struct lede_batch *queue_first;
    struct lede_batch **queue_end;
    struct lede_batch *express_first; /* goes first */
    struct lede_batch **express_end;
    bool express_had_turn; /* then the others have one */
    size_t queue_writes;
    struct lede_task *tasks; /* oldest first */
    bool compacting;         /* merge all that can be merged */
    bool stopping;
    uint64_t revision;
    uint64_t generation; /* of the newest view */
    uint32_t next_number;
    struct lede_view *view;  /* the newest; a reference */
    struct lede_view *views; /* all */
    struct lede_segment_states states;
    struct lede_merge merges[LEDE_MERGES];
    uint64_t written_monotonic_ns; /* when the last group was done */
    struct lede_quarantined
        *quarantined; /* owned; what is noted as damaged, whether it is off the list yet or not */
    size_t quarantined_count;
    struct lede_scrub scrub;
    struct lede_store_stats stats;
};

/* ---- lane.c ---- */
/* Make the lane's helpers and its thread. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_init(
    struct lede_lane *lane, struct lede_store *store, uint32_t index, struct lede_error *reterr);
void lede_lane_done(struct lede_lane *lane);
/* Drop what the manifest does not list, and open what it lists, nothing deleted. A segment that is
 * damaged is taken off: it is quarantined in the store's manifest, which is then to be written.
 * Status: OK; EIO; EVERSION; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_reopen(struct lede_lane *lane, struct lede_error *reterr);
/* Delete a document of a sealed segment, uncommitted. Status: OK; ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_delete_sealed(struct lede_lane *lane,
    struct lede_sealed_segment *segment, uint32_t docid, struct lede_error *reterr);
/* For one more sealed segment. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_make_room(
    struct lede_lane *lane, struct lede_error *reterr);
/* NULL: the lane has none of this number. */
struct lede_sealed_segment *lede_lane_find_sealed(const struct lede_lane *lane, uint32_t number);
/* Has it uncommitted writes of this kind? */
bool lede_lane_is_building(const struct lede_lane *lane, enum lede_building_kind kind);
/* Documents that are not deleted. */
uint64_t lede_lane_document_count(const struct lede_lane *lane);
/* Run a job in every lane that has operations (all: in every lane), side by side. Returns the first
 * failure. */
LEDE_CHECKED enum lede_status lede_lanes_run(struct lede_store *store,
    enum lede_status (*job)(struct lede_lane *lane), bool all, struct lede_error *reterr);
enum lede_status lede_lane_apply(struct lede_lane *lane); /* a job */
enum lede_status lede_lane_make_last(
    struct lede_lane *lane); /* a job: sync what is not, and note its checksums */
enum lede_status lede_lane_resolve(struct lede_lane *lane); /* a job; lane_resolve.c */

/* ---- sealed.c ---- */
/* Open a sealed segment with its fingerprints; nothing is deleted in it. Status: as
 * lede_sealed_open(). */
LEDE_CHECKED enum lede_status lede_sealed_segment_open(const char *directory, uint32_t number,
    uint32_t lane, struct lede_sealed_segment **ret_segment, struct lede_error *reterr);
void lede_sealed_segment_free(struct lede_sealed_segment *segment); /* not what is published */
void lede_sealed_segment_freep(struct lede_sealed_segment **segment);
/* Sync its files, and note their checksums. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_segment_make_last(
    const char *directory, struct lede_sealed_segment *segment, struct lede_error *reterr);

/* ---- segments.c ---- */
/* What changes in the list of segments, at once. */
struct lede_change {
    /* these leave it; their files go when neither a reader nor the disk's manifest has them */
    const uint32_t *gone;
    size_t gone_count;
    bool drops_emptied; /* those of which every document is deleted leave it, too */
    struct lede_sealed_segment
        *added[LEDE_LANES_MAX * LEDE_BUILDINGS]; /* taken, with what is deleted in them */
    size_t added_count;
    bool is_commit; /* documents change: it has the next revision */
};
/* Free what was not taken, and remove its files. */
void lede_change_done(struct lede_store *store, struct lede_change *change);
/* Change the list and tell readers. Status: OK; ENOMEM, then the store must be taken for broken. */
LEDE_CHECKED enum lede_status lede_segments_change(
    struct lede_store *store, struct lede_change *change, struct lede_error *reterr);
/* Make the list last, with all that is deleted: one replacement of the manifest, before which the
 * disk has the old list, and after it the new one. Everything is committed; the journal forgets it.
 * On failure the store must be taken for broken: the disk may have either list. Status: OK; EIO;
 * ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_segments_write_list(
    struct lede_store *store, struct lede_error *reterr);
/* Read the manifest and the log of deletions into lanes that are to be opened again. Status: as the
 * two. */
LEDE_CHECKED enum lede_status lede_segments_load(
    struct lede_store *store, struct lede_error *reterr);
/* Take a damaged sealed segment off the list of those that are read; its files stay, listed as
 * quarantined, and what was deleted in it stays noted. Nothing may be uncommitted. Status: OK;
 * ENOTFOUND; as lede_segments_write_list(). */
LEDE_CHECKED enum lede_status lede_segments_quarantine(
    struct lede_store *store, uint32_t number, struct lede_error *reterr);
/* A number that no segment has had; the segment is building from now on. Status: OK; ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_segments_begin(
    struct lede_store *store, uint32_t *ret_number, struct lede_error *reterr);
/* Change a segment's state (segment_states.h), with the mutex. Status: as
 * lede_segment_state_change(). Threads: any. */
LEDE_CHECKED enum lede_status lede_segments_change_state(struct lede_store *store, uint32_t number,
    enum lede_segment_state to, struct lede_error *reterr);
/* Memory has no use for a segment any more: it is retired, unless a list on the disk may name it.
 * Threads: any. */
void lede_segments_drop(struct lede_store *store, uint32_t number);

/* ---- building.c ---- */
/* The newest document of an id in a segment that is being built, gone or not; NULL: it never had
 * it. */
struct lede_built_document *lede_building_find(
    const struct lede_building *building, const char *id, size_t id_size);
/* The one of an id that is not gone, in any of the lane's; NULL: there is none. */
struct lede_built_document *lede_lane_find_built(
    struct lede_lane *lane, const char *id, size_t id_size, struct lede_building **ret_building);
/* Add a new version to the group's target, in the place of the one before, wherever that is.
 * Status: as lede_builder_new(), lede_builder_add(). */
LEDE_CHECKED enum lede_status lede_building_add(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr);
/* Its document is deleted, and with it what it would have replaced. Status: OK; ECORRUPT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_building_drop(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr);
/* A job: `finished` of what the commit under way ends. */
enum lede_status lede_buildings_finish(struct lede_lane *lane);
/* Show what the lanes finished, what it replaces being deleted, and what else was deleted: one
 * change. Status: as lede_segments_change(). */
LEDE_CHECKED enum lede_status lede_buildings_commit(
    struct lede_store *store, struct lede_error *reterr);
bool lede_building_is_full(const struct lede_lane *lane, enum lede_building_kind kind);
void lede_building_done(struct lede_building *building);

/* ---- view.c ---- */
/* Tell readers of the lanes' segments and of what is deleted in them; with a new revision if
 * documents have changed. The mutex is not held. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_view_publish(
    struct lede_store *store, bool is_commit, struct lede_error *reterr);
/* Hold the newest view: its segments' files stay. ret_revision may be NULL. Threads: any. */
struct lede_view *lede_view_take(struct lede_store *store, uint64_t *ret_revision);
void lede_view_give(struct lede_store *store, struct lede_view *view);
/* The segment's own reference to what is published, before the segment is freed. */
void lede_view_forget_published(struct lede_store *store, struct lede_sealed_segment *segment);
/* Remove the files of retired segments that nobody holds. Threads: any. */
void lede_view_sweep(struct lede_store *store);
/* The store's own reference; nobody else may hold any. */
void lede_view_done(struct lede_store *store);

/* ---- merger.c ---- */
void *lede_merger_main(void *merge);
/* The thread's steps: choose what to merge, with the mutex held; merge it, without; leave it to the
 * writer. */
bool lede_merger_choose(struct lede_merge *merge, bool is_idle);
void lede_merger_run(struct lede_merge *merge);
void lede_merger_hand_over(struct lede_merge *merge);
/* Is anything merged now, or would be while nothing is written? The mutex is held. */
bool lede_mergers_have_work(const struct lede_store *store);
/* Does a merge wait to be taken over? The mutex is held. */
bool lede_mergers_are_done(const struct lede_store *store);
/* Is there nothing to merge, or does merging fail, whatever is waited for? The mutex is held. */
bool lede_mergers_rest(const struct lede_store *store);
/* What the writer did not take over goes. Their threads and the writer's have ended. */
void lede_mergers_done(struct lede_store *store);
/* The writer: put what the mergers made in the place of its sources, as far as it is done. Nothing
 * may be building.
 * Status: as lede_segments_change(). */
LEDE_CHECKED enum lede_status lede_mergers_take_over(
    struct lede_store *store, struct lede_error *reterr);

/* ---- stories_fill.c ---- */
/* Read the stories of what the lanes' segments hold into the table, if it is empty: newest segments
 * first, up to its limit. What cannot be read is left out: no archive stays closed for it. Status:
 * OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_store_fill_stories(
    struct lede_store *store, struct lede_error *reterr);
/* Make the entry of a document that is about to be put, its story found and noted. Status: as
 * lede_entry_new_stored(). */
LEDE_CHECKED enum lede_status lede_lane_make_entry(struct lede_lane *lane,
    const struct lede_operation *operation, struct lede_entry **ret_entry,
    struct lede_error *reterr);

/* ---- writer.c ---- */
/* The lane of a document: never another one as long as the store lives. Threads: any. */
uint32_t lede_lane_of(const char *id, size_t id_size, uint32_t lanes);
void *lede_writer_main(void *store);
/* Reopen the segments, replay the journal, commit, empty it. Also what opening a store ends
 * with. */
LEDE_CHECKED enum lede_status lede_writer_recover(
    struct lede_store *store, struct lede_error *reterr);

/* ---- quarantine.c ---- */
bool lede_quarantine_has(struct lede_store *store, uint32_t number);
/* Note a segment as damaged, and tell; one that is noted stays as it was. It is left out when the
 * list is read again. Status: OK; ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_quarantine_note(
    struct lede_store *store, uint32_t number, const char *what, struct lede_error *reterr);
/* How many documents a segment that is noted has, deleted ones left out. Threads: any. */
void lede_quarantine_count(struct lede_store *store, uint32_t number, uint32_t documents);
/* As lede_checksums_compare(), of a segment of the store; where what cannot be read is the whole
 * directory, that is EIO. Threads: any. */
LEDE_CHECKED enum lede_status lede_quarantine_compare(struct lede_store *store, uint32_t number,
    struct lede_checksums_how *how, enum lede_damage *ret_damage, struct lede_error *reterr);
/* A segment could not be opened: is it the segment, which is then noted, and quarantined in the
 * manifest in memory, or something else?
 * Status: OK it was the segment; else what is in the way. */
LEDE_CHECKED enum lede_status lede_quarantine_judge(struct lede_store *store,
    struct lede_manifest_segment *entry, const struct lede_error *why, struct lede_error *reterr);
/* Note it and have the writer take it off the list. Status: OK, also where it is off already; as
 * lede_task_run(), lede_segments_quarantine(). Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_quarantine_take_out(
    struct lede_store *store, uint32_t number, const char *what, struct lede_error *reterr);

/* ---- scrub.c ---- */
/* Before the list is read: note listed segments that are damaged, the newest 256 MiB of them, or
 * all. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_scrub_listed(
    struct lede_store *store, bool all, struct lede_error *reterr);
/* Start and stop the thread; stopping takes no longer than reading a block. Status: OK; EIO. */
LEDE_CHECKED enum lede_status lede_scrub_start(struct lede_store *store, struct lede_error *reterr);
void lede_scrub_stop(struct lede_store *store);
/* May damage of a segment be what gave this status? */
bool lede_scrub_is_damage(enum lede_status status);
/* Have segments looked through if a status that reading them gave may come of damage. Returns it.
 * Threads: any. */
enum lede_status lede_scrub_after(struct lede_store *store, enum lede_status status);
/* The same, and wait until it is done. Threads: any but the writer's. */
void lede_scrub_now(struct lede_store *store);

/* ---- tasks.c ---- */
/* Have the writer run it, after a commit, and wait. Status: what `run` gave; what a commit gives,
 * then it was not run; EBUSY the store is being closed. Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_task_run(struct lede_store *store,
    enum lede_status (*run)(struct lede_store *store, void *context, struct lede_error *reterr),
    void *context, struct lede_error *reterr);
/* The writer: run those that wait. `commit` makes everything last, or mends a broken store. */
void lede_tasks_run(struct lede_store *store,
    enum lede_status (*commit)(struct lede_store *store, struct lede_error *reterr));
/* Have the list written. ret_view: held for the caller, lede_view_give(): all that was committed,
 * in segments that last.
 * Status: as lede_task_run(), lede_segments_write_list(). Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_segments_settle(struct lede_store *store,
    struct lede_view **ret_view, uint64_t *ret_revision, struct lede_error *reterr);

/* ---- bulk.c ---- */
void lede_batch_free(struct lede_batch *batch);
void lede_batch_freep(struct lede_batch **batch);
/* Append a write; its contents are taken, whatever the status. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_batch_add(
    struct lede_batch *batch, struct lede_write *write, size_t bytes, struct lede_error *reterr);

#endif
