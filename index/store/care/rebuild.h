/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making a list anew where manifest.json is lost: of the directories under segments/.
 *
 * Every segment is taken for one that comes back (check.c), the newest first, so that of several
 * versions of an id the newest stays. What is deleted the newest log of deletions that reads tells.
 * Lanes are told by ids: all of a segment's must be of one lane. */
#ifndef LEDE_STORE_REBUILD_H
#define LEDE_STORE_REBUILD_H

#include "findings.h"

/* manifest.json is missing or damaged. Mending, the manifest in memory lists all segments there
 * are, quarantined, and the newest log of deletions is read; else it is told. Status: OK; ENOTFOUND
 * there are no segments; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_rebuild_begin(
    struct lede_check *check, const char *why, struct lede_error *reterr);
/* fitting  bit n: with n lanes each segment is of one */
void lede_rebuild_lanes(struct lede_check *check, uint32_t fitting);
/* Keep the damaged file beside, best effort. */
void lede_rebuild_keep_former(const struct lede_check *check);

#endif
