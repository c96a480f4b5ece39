/* A check under way, shared by what looks (check.c) and what mends (repair.c). */
#ifndef LEDE_STORE_CHECK_H
#define LEDE_STORE_CHECK_H

#include "child.h"
#include "deletions.h"
#include "lede/care.h"
#include "manifest.h"

struct lede_check {
    const struct lede_check_options *options;
    struct lede_check_stats stats;
    struct lede_manifest manifest;
    struct lede_deletion_list deletions; /* of all segments */
    uint64_t revision;                   /* the highest seen */
    bool journal_is_damaged;
    bool has_changed; /* the manifest is to be written anew */
};

/* Tell a finding and count it. place: from the data directory on. */
void lede_check_tell(struct lede_check *check, enum lede_finding_kind kind, const char *place,
    const char *format, ...) LEDE_PRINTF(4, 5);

/* Make a damaged segment anew of what can be read of it; in memory the manifest then lists the new one. An entry's place in the
 * manifest may change.
 * Status: OK, whatever could be read; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_segment(
    struct lede_check *check, const struct lede_manifest_segment *entry, struct lede_error *reterr);
/* Write the new list. Status: OK; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_list(struct lede_check *check, struct lede_error *reterr);

#endif
