/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mending: a damaged segment is written anew from the documents that can still be read.
 *
 * Reading is done by a child process; what it sends is indexed here. Documents that were deleted
 * beside the old segment are left out. Where one could not be read the old segment stays,
 * quarantined, so that nothing is thrown away. */
#ifndef LEDE_STORE_REPAIR_H
#define LEDE_STORE_REPAIR_H

#include "findings.h"
#include "listed_documents.h"

/* Make a damaged segment anew of what can be read of it; in memory the manifest then lists the new
 * one. An entry's place in the manifest may change.
 * listed  of a segment that was quarantined: documents that are there are left out; NULL: of one
 *         that was not
 * Status: OK, whatever could be read; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_segment(struct lede_check *check,
    const struct lede_manifest_segment *entry, const struct lede_listed_documents *listed,
    struct lede_error *reterr);
/* Write the new list. Status: OK; ENOSPC; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_repair_list(struct lede_check *check, struct lede_error *reterr);

#endif
