/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments are the store? manifest.json, replaced atomically; one generation a version of the
 * list. */
#ifndef LEDE_STORE_MANIFEST_H
#define LEDE_STORE_MANIFEST_H

#include "lede/base.h"

#define LEDE_STORE_FORMAT 4
/* that is read; it had segments that were written to, which are sealed as they are */
#define LEDE_STORE_FORMAT_OLDEST 3
#define LEDE_LANES_MAX 16

/* A store is used for reading alone (lede check), or for writing. */
enum lede_manifest_use { LEDE_MANIFEST_READ, LEDE_MANIFEST_WRITE };

/* What a segment is; segments/segment_states.h says how it goes from one to the other. */
enum lede_segment_state {
    LEDE_SEGMENT_UNKNOWN,     /* no segment has this number */
    LEDE_SEGMENT_BUILDING,    /* its files are being written */
    LEDE_SEGMENT_SEALED,      /* they are whole, and do not change any more */
    LEDE_SEGMENT_SHOWN,       /* readers are told of it */
    LEDE_SEGMENT_LISTED,      /* a list that the disk has, or may have, names it */
    LEDE_SEGMENT_QUARANTINED, /* the same, as damaged: it is kept, and read by nobody */
    LEDE_SEGMENT_RETIRED,     /* its files are to go */
};

struct lede_manifest_segment {
    uint32_t number; /* directory segments/000042 */
    uint32_t lane;
    enum lede_segment_state state; /* listed or quarantined */
    uint32_t documents;            /* with those deleted since; 0: not noted, of format 3 */
    uint64_t bytes;                /* on the disk; 0: not noted */
    uint32_t analysis;             /* of the terms in it */
};

#define LEDE_HISTORY_DIGITS 32

struct lede_manifest {
    uint64_t generation;
    /* Of the log of writes, which others follow: hexadecimal digits; "": it has been given none.
     * Positions in the log mean something together with it alone. */
    char history[LEDE_HISTORY_DIGITS + 1];
    bool is_copy;             /* of another store, which has the history … */
    uint64_t source_position; /* … and of which all before this is in the segments */
    uint64_t deletions; /* the log of deletions: the generation in its name; 0: there is none yet */
    uint32_t lanes;
    uint32_t next_number;
    struct lede_manifest_segment *segments; /* in each lane oldest first */
    size_t segment_count;
    size_t segment_capacity;
};

/* Read directory/manifest.json.
 *
 * Beside its format it names features: `"features": {"sealed-segments": "read"}`. What a version
 * brings that an earlier one would misread, or destroy by writing, gets a name here, in place of a
 * format that nobody else reads any more. "read": whoever does not know the name reads nothing;
 * "write": may read, and must not write; what else stands there counts as "read". A manifest
 * without features is one of before they were.
 * use           WRITE also for a directory whose manifest will be replaced
 * ret_manifest  owner: the caller, lede_manifest_done()
 * Status: OK; ENOTFOUND; EVERSION another format or analysis, or unknown features, which the
 * message names; ECORRUPT; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_read(const char *directory, enum lede_manifest_use use,
    struct lede_manifest *ret_manifest, struct lede_error *reterr);
/* Replace it, generation raised by one.
 * ret_replaced  written whatever the status, may be NULL: the file may be the new one; with a
 *               status other than OK it may be either, now and after a power loss.
 * Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_write(const char *directory,
    struct lede_manifest *manifest, bool *ret_replaced, struct lede_error *reterr);
/* Add a segment, in memory. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_add(struct lede_manifest *manifest,
    const struct lede_manifest_segment *segment, struct lede_error *reterr);
/* Take a segment off the list, in memory. */
void lede_manifest_remove(struct lede_manifest *manifest, uint32_t number);
/* NULL: not listed. */
struct lede_manifest_segment *lede_manifest_find(
    const struct lede_manifest *manifest, uint32_t number);
/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_manifest_copy(const struct lede_manifest *manifest,
    struct lede_manifest *ret_copy, struct lede_error *reterr);
bool lede_manifest_is_history(const char *text);
void lede_manifest_done(struct lede_manifest *manifest);

#endif
