/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How does a store follow another one?
 *
 * The journal of a store is a log of all that its writes came to. A copy begins with a snapshot,
 * files that never change, and then applies the log from the snapshot's position on, in order: it
 * journals each piece with how far it has come, so that it goes on there after any crash. Its
 * revisions are its source's. A log has a history, a random name: where the two differ a position
 * means nothing, and the copy begins anew. */
#ifndef LEDE_REPLICA_H
#define LEDE_REPLICA_H

#include "lede/buffer.h"
#include "lede/store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_HISTORY_SIZE 33 /* of a text of 32 hexadecimal digits */
#define LEDE_FOLLOWER_NAME_MAX 100
#define LEDE_FOLLOWERS_MAX 16
#define LEDE_LOG_PIECE_BYTES_MAX ((size_t)4 << 20) /* past so much no frame is begun */

/* ---- The store that is followed ---- */

/* Where a log is, and what can be found. */
struct lede_log_place {
    char history[LEDE_HISTORY_SIZE];
    uint64_t synced;   /* all before this position is on the disk */
    uint64_t shown;    /* all before it can be found … */
    uint64_t revision; /* … with this revision */
};
/* Say where the log is; it is given a history if it has none.
 * Status: OK; EUNSUPPORTED the store is a copy itself, or was opened for reading only; EBUSY; EIO;
 * ENOSPC. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_log_place(
    struct lede_store *store, struct lede_log_place *ret_place, struct lede_error *reterr);

/* A piece of a log. */
struct lede_log_piece {
    struct lede_buffer frames; /* as they lie in the journal, each with its checksum */
    uint64_t next;             /* where to go on */
    uint64_t shown;            /* of struct lede_log_place, when it was read */
    uint64_t revision;
};
void lede_log_piece_done(struct lede_log_piece *piece);
/* Read on. Who reads is noted, with how far he has come: what he lacks is kept while he comes back
 * within a week, up to lede_store_options.log_bytes_max.
 * follower   a name of his own, 1 to LEDE_FOLLOWER_NAME_MAX bytes
 * ret_piece  zeroed; owner: the caller, lede_log_piece_done()
 * Status: OK, also where there is nothing yet; ENOTFOUND what stood there is not kept any more;
 * EPRECONDITION the log has another history; ELIMIT too many follow; EIO; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_log_read(struct lede_store *store, const char *follower,
    const char *history, uint64_t from, struct lede_log_piece *ret_piece,
    struct lede_error *reterr);
/* Tell who follows: seen_ago_s ago, and so many bytes of the log behind. Threads: any. */
void lede_store_visit_followers(struct lede_store *store,
    void (*visit)(void *context, const char *name, uint64_t behind_bytes, int64_t seen_ago_s),
    void *context);

#define LEDE_SNAPSHOT_ID_SIZE 17 /* of a text of 16 hexadecimal digits */
struct lede_snapshot {
    char id[LEDE_SNAPSHOT_ID_SIZE];
    struct lede_log_place place; /* synced, shown: all before it is in the files */
    uint64_t documents;
};
/* Make a snapshot: hard links to files of the store. It goes when nobody has read of it for five
 * minutes, its follower asks for another, or the store is opened again.
 * follower  as of lede_store_log_read(): the log is kept from the snapshot on
 * Status: OK; ECORRUPT a segment is damaged, and would lack; EBUSY there are two already; as
 * lede_store_log_place(), lede_store_backup(). Threads: any. */
LEDE_CHECKED enum lede_status lede_store_snapshot(struct lede_store *store, const char *follower,
    struct lede_snapshot *ret_snapshot, struct lede_error *reterr);
/* Tell its files by their names in it, "segments/000001/postlist.glass"; manifest.json is the last.
 * Status: OK; ENOTFOUND there is no such snapshot any more; EIO. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_snapshot_visit(struct lede_store *store, const char *id,
    void (*visit)(void *context, const char *name, uint64_t bytes), void *context,
    struct lede_error *reterr);
/* Append a part of a file. Status: OK, also behind its end; ENOTFOUND no such snapshot any more, or
 * no such file in it; EIO; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_snapshot_read(struct lede_store *store, const char *id,
    const char *name, uint64_t offset, size_t size, struct lede_buffer *ret_bytes,
    struct lede_error *reterr);
/* It is not needed any more. */
void lede_store_snapshot_drop(struct lede_store *store, const char *id);

/* ---- The copy ---- */

/* What a data directory is. */
struct lede_copy_place {
    bool is_empty; /* nothing is there yet */
    bool is_copy;  /* of a log of … */
    char history[LEDE_HISTORY_SIZE];
};
/* Look at a directory that no process may have open. Where a new copy was ready to take the place
 * of an older one it does so first.
 * Status: OK; EBUSY a process holds it; as lede_store_open(). */
LEDE_CHECKED enum lede_status lede_copy_look(
    const char *directory, struct lede_copy_place *ret_place, struct lede_error *reterr);
/* The directory for the files of a snapshot, inside the data directory, which is made. Files of
 * segments that are there already, of an earlier snapshot that did not come whole, may be kept: a
 * segment's files never change, and lede_copy_end() holds them against their checksums.
 * ret_path  owner: the caller, free()
 * Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_copy_begin(
    const char *directory, char **ret_path, struct lede_error *reterr);
/* Bytes of a file that are there; 0: none. */
uint64_t lede_copy_held(const char *path, const char *name);
/* Write a part of a file, of a name that lede_store_snapshot_visit() told.
 * Status: OK; EINPUT no such name can be; EIO; ENOSPC. */
LEDE_CHECKED enum lede_status lede_copy_write(const char *path, const char *name, uint64_t offset,
    const void *bytes, size_t size, struct lede_error *reterr);
/* All files are there: hold them against their checksums, have them last, and let them take the
 * directory's place when lede_copy_look() is called next.
 * Status: OK; ECORRUPT a segment did not come whole, and is to be fetched anew; EVERSION; EIO;
 * ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_copy_end(const char *directory, const char *path,
    const struct lede_log_place *place, struct lede_error *reterr);

bool lede_store_is_copy(const struct lede_store *store);
/* How far a copy has come in its source's log. Threads: any. */
void lede_store_copied_to(struct lede_store *store, char ret_history[LEDE_HISTORY_SIZE],
    uint64_t *ret_position, uint64_t *ret_revision);
/* Apply a piece of the source's log, and wait until it lasts and can be found. What is no document
 * is set aside. One thread.
 * Status: OK; ECORRUPT a frame is not what was written; EUNSUPPORTED the store is no copy; ENOSPC;
 * EIO; ENOMEM: nothing, or whole frames of it were applied. */
LEDE_CHECKED enum lede_status lede_store_apply(
    struct lede_store *store, const struct lede_log_piece *piece, struct lede_error *reterr);
/* Make a copy a store of its own: it takes writes from now on, and its log has a new history. What
 * was applied stays. Status: OK; EUNSUPPORTED it is none; EIO; ENOSPC; EBUSY. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_promote(
    struct lede_store *store, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
