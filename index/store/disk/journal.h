/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was accepted and is not committed yet.
 *
 * An endless log, cut into files; a place in it is a position, in bytes, which is never used twice.
 * A frame is what one group of writes came to: whole documents to put, ids to delete. It is written
 * and synced before any segment changes, and replayed at the start: putting a document twice leaves
 * one, so replay is idempotent.
 *
 * File journal/<position of its first byte, 16 hexadecimal digits>, made LEDE_JOURNAL_FILE_BYTES
 * long and filled from its beginning. Frame (little endian): u32 magic "LDJ2", u32 reserved 0, u64
 * position, u64 follows, u64 synced, u64 mark, u64 payload bytes, u64 checksum (XXH3-64 of the
 * header before it, xor that of the payload); then the payload: operations of u8 kind, u32 size,
 * bytes (enum lede_journal_kind).
 *
 *   position  where the frame lies: what a reused file or block still holds of earlier times says
 *             another
 *   follows   frames before it count up to here; elsewhere than at a file's beginning: position
 *   synced    all before it was on the disk when this frame was written: damage there is damage,
 *             behind it a torn tail
 *   mark      all before it was committed when this frame was written
 *
 * So forgetting costs no sync and no write that must last: the next frame says it, and until then
 * replay does more than it needs to. An empty frame (a note) says it at once, for a process that is
 * killed; the next frame takes its place. Files wholly before a mark that is on the disk are used
 * again, so that a sync need not wait for new blocks; renaming one costs a sync of the directory a
 * file.
 *
 * What was not synced is kept in memory too. After a failed sync the kernel may have dropped it and
 * say that the next sync is fine: it is therefore written again, to a new file. */
#ifndef LEDE_STORE_JOURNAL_H
#define LEDE_STORE_JOURNAL_H

#include "journal_frames.h"

/* a file that holds more is followed by another */
#ifndef LEDE_JOURNAL_FILE_BYTES
#define LEDE_JOURNAL_FILE_BYTES ((uint64_t)4 << 20)
#endif
/* more than this is synced though nobody waits */
#ifndef LEDE_JOURNAL_UNSYNCED_BYTES
#define LEDE_JOURNAL_UNSYNCED_BYTES ((size_t)8 << 20)
#endif
#ifndef LEDE_JOURNAL_PREALLOCATE_BYTES
#define LEDE_JOURNAL_PREALLOCATE_BYTES ((uint64_t)1 << 20)
#endif

struct lede_journal {
    struct lede_journal_files files; /* the last is the one written to, if fd >= 0 */
    int fd;                      /* the file that is written to; < 0: the next append makes one */
    uint64_t base;               /* position of its first byte */
    uint64_t end;                /* where the next frame goes */
    uint64_t high;               /* nothing was ever written at or behind it */
    uint64_t allocated;          /* bytes of the file */
    uint64_t synced;             /* all before it is on the disk */
    uint64_t mark;               /* all before it is committed */
    uint64_t written_mark;       /* the mark of the frame written last */
    uint64_t noted;              /* the mark that the disk knows: files before it may go */
    struct lede_buffer unsynced; /* whole frames that are not known to be on the disk, in order */
    bool keeps_damaged;          /* frames behind damage are replayed too */
    bool keeps_for_others;       /* files with frames from kept_from on stay, needed or not */
    uint64_t kept_from;
};

enum lede_journal_kind {
    LEDE_JOURNAL_PUT = 'P',    /* the stored document */
    LEDE_JOURNAL_DELETE = 'D', /* the id */
    LEDE_JOURNAL_SOURCE = 'S', /* struct lede_source_place, u64 each: of a copy */
};
/* How far a copy has come in the log of the store that it follows. */
struct lede_source_place {
    uint64_t position; /* all before it is here */
    uint64_t revision; /* and shows what the source showed with this one; 0: not known */
};
/* kind   of enum lede_journal_kind, or one that is not known
 * bytes  valid during the call */
typedef enum lede_status (*lede_journal_visitor)(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr);

/* Open the journal in a directory that exists. What it holds is to be replayed, committed and
 * forgotten before the first append. Nothing is written.
 * floor   a position before which everything is committed, if known from elsewhere; else 0
 * repair  where whole frames are damaged keep a copy of the file as <name>.damaged, and replay the
 *         others
 * Status: OK; ECORRUPT a frame that had been synced is damaged or missing: names file, byte, and
 * how many frames can be kept; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_open(const char *directory, uint64_t floor, bool repair,
    struct lede_journal *ret_journal, struct lede_error *reterr);
void lede_journal_done(struct lede_journal *journal);

/* Build a payload. */
void lede_journal_add_put(struct lede_buffer *payload, const char *stored, size_t size);
void lede_journal_add_delete(struct lede_buffer *payload, const char *id, size_t size);
void lede_journal_add_source(struct lede_buffer *payload, const struct lede_source_place *place);
/* False: these bytes are none. */
bool lede_journal_read_source(const char *bytes, size_t size, struct lede_source_place *ret_place);
/* Visit the operations of a payload, in order. Status: OK; ECORRUPT; what visit returned. */
LEDE_CHECKED enum lede_status lede_journal_visit_payload(const char *payload, size_t size,
    lede_journal_visitor visit, void *context, struct lede_error *reterr);
/* Write what a group of writes came to, as one frame; a group that came to nothing has none.
 * sync  return when the frame, and all before it, is on the disk
 * On failure the journal holds what it held: the group is not replayed in this process, and after a
 * crash perhaps. Frames of earlier groups stay, whatever fails.
 * Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_write_group(struct lede_journal *journal,
    const struct lede_buffer *payload, bool sync, struct lede_error *reterr);
/* Return when all that was appended is on the disk; cheap where it is. After a failure it is kept
 * in memory, and the next call writes it anew. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_journal_sync(
    struct lede_journal *journal, struct lede_error *reterr);
/* The position behind all that was appended. */
uint64_t lede_journal_mark(const struct lede_journal *journal);
/* Keep files with frames from this position on, for others that read them; UINT64_MAX: none. */
void lede_journal_keep_from(struct lede_journal *journal, uint64_t position);
/* All before the mark is committed, and on the disk in segments: it need not be replayed. Cannot
 * fail: what is not noted is replayed once more. */
void lede_journal_forget(struct lede_journal *journal, uint64_t mark);
/* Have the disk know what is forgotten, so that whoever looks at the files needs no replay. Best
 * effort; for the end: cheap where it is known. */
void lede_journal_note_mark(struct lede_journal *journal);
/* Visit every operation from the mark on, in order.
 * Status: OK; ECORRUPT as lede_journal_open(); EIO; ENOMEM; what visit returned. */
LEDE_CHECKED enum lede_status lede_journal_replay(struct lede_journal *journal,
    lede_journal_visitor visit, void *context, struct lede_error *reterr);

#endif
