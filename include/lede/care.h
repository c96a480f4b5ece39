/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does an archive need now and then? Backup, restoring, compacting, checking, mending.
 *
 * A backup is a data directory of sealed segments alone: it can be served as it is. Checking and
 * mending work on the files, with no store open. */
#ifndef LEDE_CARE_H
#define LEDE_CARE_H

#include "lede/store.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lede_backup_stats {
    uint64_t revision; /* that the backup holds */
    uint64_t position; /* of the log of writes: all before it is in the backup */
    uint64_t documents;
    uint32_t segments;
    uint32_t segments_kept; /* were there from an earlier backup */
    uint64_t bytes_copied;
    uint64_t bytes_linked; /* hard links to the store's own files, which never change */
};

/* Write all that is committed into another directory, while reads and writes go on. Writes wait
 * only until the list of segments is written.
 * destination  made if it does not exist (its parent must); else empty, or an earlier backup of
 *              this store, which is brought up to date: segments that it has are kept, others are
 *              linked where the file system can, else copied. A crash leaves it as it was.
 * may_link     false: copies only, so that a bad block hurts one of the two
 * Status: OK; EEXISTS it holds something else; EBUSY somebody else writes to it; ENOSPC; EIO;
 * ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_backup(struct lede_store *store, const char *destination,
    bool may_link, struct lede_backup_stats *ret_stats, struct lede_error *reterr);

/* Copy a backup into a new data directory.
 * destination  does not exist, or is empty
 * Status: OK; EEXISTS; ENOTFOUND source is no backup; EBUSY; ECORRUPT; EVERSION; ENOSPC; EIO;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_backup_restore(const char *source, const char *destination,
    struct lede_backup_stats *ret_stats, struct lede_error *reterr);

struct lede_compact_progress {
    uint32_t segments; /* that are read now */
    uint64_t disk_bytes;
    uint64_t older_documents; /* still to be made anew */
};
/* Merge the sealed segments of each lane into as few as options.merge.segment_bytes allows, leave
 * out what is deleted, and make anew what an older analysis has indexed. Reads
 * and writes go on. Stops early where the disk has no room for the next merge.
 * tell  called about once a second; NULL: nobody Status: OK; EBUSY the store is being closed;
 *       ENOSPC; EIO; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_store_compact(struct lede_store *store,
    void (*tell)(void *context, const struct lede_compact_progress *progress), void *context,
    struct lede_error *reterr);

/* ---- Checking ---- */

enum lede_finding_kind {
    LEDE_FINDING_NOTE,     /* nothing is wrong */
    LEDE_FINDING_PROBLEM,  /* something is, and stays so */
    LEDE_FINDING_REPAIRED, /* something was */
    LEDE_FINDING_LOST,     /* a document that nothing brings back; its id where it is known */
};

struct lede_finding {
    enum lede_finding_kind kind;
    const char *place; /* the file or directory, from the data directory on */
    const char *what;  /* in words */
};

struct lede_check_options {
    const char *directory;
    bool repair;
    bool read_only; /* no lock is written; so also where the directory may not be written */
    void (*tell)(void *context, const struct lede_finding *finding);
    void *context;
};

struct lede_check_stats {
    uint32_t segments;
    uint64_t documents; /* whole */
    uint64_t lost;
    uint32_t problems; /* that stay */
    uint32_t repaired;
};

/* Look a data directory through: manifest, journal, log of deletions, every table of every segment,
 * every stored document against its digest. With `repair`, what is damaged is made anew of the
 * documents that can be read; a segment of which some could not stays beside, quarantined. One that
 * was quarantined and is whole is listed again; documents that were put again since stay as they
 * are. A list that is lost is made anew of the segments; the journal goes on top when the store is
 * opened.
 * Status: OK, whatever was found; EBUSY a process holds it; ENOTFOUND no data directory; EVERSION;
 * ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_store_check(const struct lede_check_options *options,
    struct lede_check_stats *ret_stats, struct lede_error *reterr);

#ifdef __cplusplus
}
#endif
#endif
