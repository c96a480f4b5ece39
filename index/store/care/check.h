/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A check under way, shared by what looks (check.c) and what mends (repair.c). */
#ifndef LEDE_STORE_CHECK_H
#define LEDE_STORE_CHECK_H

#include "child.h"
#include "internal.h"
#include "lede/care.h"

struct lede_check {
    const struct lede_check_options *options;
    struct lede_check_stats stats;
    struct lede_manifest manifest;
    struct lede_deletion_list deletions; /* of all segments */
    uint64_t revision;                   /* the highest seen */
    bool journal_is_damaged;
    bool has_changed;   /* the manifest is to be written anew */
    bool is_rebuilding; /* all of it is made anew */
};

/* Tell a finding and count it. place: from the data directory on. */
void lede_check_tell(struct lede_check *check, enum lede_finding_kind kind, const char *place,
    const char *format, ...) LEDE_PRINTF(4, 5);

/* Read a log of deletions. Status: as lede_deletion_log_read(); the error is left in nobody's
 * hands. */
LEDE_CHECKED enum lede_status lede_check_read_deletions(
    struct lede_check *check, uint64_t generation, struct lede_deletion_list *ret_list);

/* ---- elsewhere.c ---- */
/* The segments that the manifest in memory lists as sealed, opened: all are whole. Zeroed is
 * none. */
struct lede_elsewhere {
    struct lede_sealed_segment **segments; /* owned */
    size_t count;
};
/* Status: as lede_sealed_open(). */
LEDE_CHECKED enum lede_status lede_elsewhere_open(const struct lede_check *check,
    struct lede_elsewhere *ret_elsewhere, struct lede_error *reterr);
void lede_elsewhere_done(struct lede_elsewhere *elsewhere);
/* Has one of them a document of this id? Status: as lede_sealed_find(). */
LEDE_CHECKED enum lede_status lede_elsewhere_find(const struct lede_elsewhere *elsewhere,
    const char *id, size_t id_size, bool *ret_found, struct lede_error *reterr);
/* Add to the deletions those documents of a whole segment that are elsewhere, too: they were put
 * again since.
 * Status: as lede_sealed_find(). */
LEDE_CHECKED enum lede_status lede_elsewhere_sift(struct lede_check *check,
    const struct lede_elsewhere *elsewhere, const struct lede_manifest_segment *entry,
    uint32_t *ret_left_out, struct lede_error *reterr);

/* ---- rebuild.c ---- */
/* manifest.json is missing or damaged. Mending, the manifest in memory lists all segments there
 * are, quarantined, and the newest log of deletions is read; else it is told. Status: OK; ENOTFOUND
 * there are no segments; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_rebuild_begin(
    struct lede_check *check, const char *why, struct lede_error *reterr);
/* fitting  bit n: with n lanes each segment is of one */
void lede_rebuild_lanes(struct lede_check *check, uint32_t fitting);
/* Keep the damaged file beside, best effort. */
void lede_rebuild_keep_former(const struct lede_check *check);

/* ---- repair.c ---- */
/* Make a damaged segment anew of what can be read of it; in memory the manifest then lists the new
 * one. An entry's place in the manifest may change.
 * elsewhere  of a segment that was quarantined: documents that are there are left out; NULL: of one
 *            that was not
 * Status: OK, whatever could be read; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_segment(struct lede_check *check,
    const struct lede_manifest_segment *entry, const struct lede_elsewhere *elsewhere,
    struct lede_error *reterr);
/* Write the new list. Status: OK; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_list(struct lede_check *check, struct lede_error *reterr);

#endif
