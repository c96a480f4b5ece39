/* What the files of the store share.
 *
 * Writes travel as operations in batches: a bulk fills a batch and queues it; the writer thread takes what is
 * queued as a group and runs it through its stages: resolve (what does each write come to?), journal, apply,
 * commit, answer. Resolve, apply and commit run in lanes side by side: a document's lane is a hash of its id,
 * so that lanes never meet. A lane's segments are touched by one thread at a time: its own, or the writer's
 * while that one rests. */
#ifndef LEDE_STORE_INTERNAL_H
#define LEDE_STORE_INTERNAL_H

#include "journal.h"
#include "lede/store.h"
#include "lock.h"
#include "manifest.h"

#include <pthread.h>
#include <semaphore.h>

#define LEDE_LANES_DEFAULT 2
#define LEDE_SEGMENT_DOCUMENTS_DEFAULT 25000
#define LEDE_PENDING_BYTES_DEFAULT ((size_t)32 << 20)
#define LEDE_BATCH_BYTES_MAX ((size_t)1 << 20) /* a bulk hands over its batch at this size … */
#define LEDE_BATCH_WRITES_MAX 1024             /* … or this many writes */
#define LEDE_BATCHES_PER_BULK_MAX 8            /* under way at once */
#define LEDE_GROUP_BYTES_MAX ((size_t)8 << 20) /* batches the writer takes together */
#define LEDE_IDLE_COMMIT_MS 200 /* applied writes that nobody waits for are committed after so long */

enum lede_effect { LEDE_EFFECT_NONE, LEDE_EFFECT_PUT, LEDE_EFFECT_DELETE };

#define LEDE_SEGMENT_NOWHERE SIZE_MAX

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
    bool live_has_it; /* before this write, counting earlier ones of the group */
    size_t sealed_in; /* the sealed segment that has an older version, or LEDE_SEGMENT_NOWHERE */
    struct lede_operation *earlier; /* the newest earlier one of the same id in this group */
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
    /* Guarded by the store's mutex: */
    enum lede_batch_state state;
    enum lede_status status;
    struct lede_error error;
    uint64_t revision;
};

struct lede_lane_segment {
    uint32_t number;
    struct lede_segment *segment;
    bool dirty; /* has uncommitted changes */
};

struct lede_lane {
    struct lede_store *store;
    uint32_t index;
    struct lede_lane_segment *segments; /* oldest first; the last is live */
    size_t segment_count;
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

struct lede_store {
    char *directory;
    uint32_t segment_documents;
    size_t pending_bytes_max;
    int lock_fd;
    struct lede_manifest manifest; /* the writer's */
    struct lede_journal journal;   /* the writer's */
    struct lede_lane *lanes;
    uint32_t lane_count;
    size_t pending_bytes; /* applied or being applied, not committed; the writer's */
    bool broken;          /* segments must be reopened and the journal replayed; the writer's */
    pthread_t writer;
    bool has_writer;

    /* Held for writing while segments commit, for reading while a reader opens them: so that no reader sees
     * half a commit. */
    pthread_rwlock_t commit_lock;

    pthread_mutex_t mutex;     /* guards all below */
    pthread_cond_t queued;     /* the writer waits */
    pthread_cond_t progressed; /* bulks wait */
    struct lede_batch *queue_first;
    struct lede_batch **queue_end;
    size_t queue_writes;
    bool stopping;
    uint64_t revision;
    uint64_t generation;       /* raised when the list of segments changes */
    uint32_t *segment_numbers; /* what readers open */
    size_t segment_count;
    struct lede_store_stats stats;
};

/* ---- lane.c ---- */
/* Make the lane's helpers and open its segments as the manifest lists them. Status: as lede_segment_open().
 */
LEDE_CHECKED enum lede_status lede_lane_init(
    struct lede_lane *lane, struct lede_store *store, uint32_t index, struct lede_error *reterr);
void lede_lane_done(struct lede_lane *lane);
/* Drop what is uncommitted and open the segments again. */
LEDE_CHECKED enum lede_status lede_lane_reopen(struct lede_lane *lane, struct lede_error *reterr);
/* Take another live segment, just created and listed. */
LEDE_CHECKED enum lede_status lede_lane_add_segment(
    struct lede_lane *lane, uint32_t number, struct lede_segment *segment, struct lede_error *reterr);
/* Run a job in every lane that has operations (all: in every lane), side by side. Returns the first failure.
 */
LEDE_CHECKED enum lede_status lede_lanes_run(struct lede_store *store,
    enum lede_status (*job)(struct lede_lane *lane), bool all, struct lede_error *reterr);
enum lede_status lede_lane_apply(struct lede_lane *lane);   /* a job */
enum lede_status lede_lane_commit(struct lede_lane *lane);  /* a job */
enum lede_status lede_lane_resolve(struct lede_lane *lane); /* a job; lane_resolve.c */

/* ---- segments.c ---- */
/* Tell readers which segments the manifest lists. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_store_publish_segments(
    struct lede_store *store, struct lede_error *reterr);
/* Create the next live segment of a lane, list it, publish the list. */
LEDE_CHECKED enum lede_status lede_store_roll(
    struct lede_store *store, uint32_t lane, struct lede_error *reterr);

/* ---- writer.c ---- */
void *lede_writer_main(void *store);
/* Reopen the segments, replay the journal, commit, empty it. Also what opening a store ends with. */
LEDE_CHECKED enum lede_status lede_writer_recover(struct lede_store *store, struct lede_error *reterr);

/* ---- bulk.c ---- */
void lede_batch_free(struct lede_batch *batch);
void lede_batch_freep(struct lede_batch **batch);
/* Append a write; its contents are taken, whatever the status. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_batch_add(
    struct lede_batch *batch, struct lede_write *write, size_t bytes, struct lede_error *reterr);

#endif
