/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A check under way, and what it finds: shared by what looks (check.c), what makes a lost list anew
 * (rebuild.c) and what mends (repair.c). */
#ifndef LEDE_STORE_FINDINGS_H
#define LEDE_STORE_FINDINGS_H

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
    bool has_changed;   /* the manifest is to be written anew */
    bool is_rebuilding; /* all of it is made anew */
};

void lede_check_done(struct lede_check *check);
/* Tell a finding and count it. place: from the data directory on. */
void lede_check_tell(struct lede_check *check, enum lede_finding_kind kind, const char *place,
    const char *format, ...) LEDE_PRINTF(4, 5);
/* Read a log of deletions, adding to a list. Status: as lede_deletion_log_read(). */
LEDE_CHECKED enum lede_status lede_check_read_deletions(struct lede_check *check,
    uint64_t generation, struct lede_deletion_list *list, struct lede_error *reterr);

#endif
