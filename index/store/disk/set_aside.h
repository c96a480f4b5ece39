/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Journalled writes that cannot be applied: kept whole, for a person to look at.
 *
 * File set-aside.ndjson in the data directory, a line a write: {"kind": "put" or "delete",
 * "reason": why it could not be applied, "bytes": the stored document or the id} — where these
 * bytes are no UTF-8, "hex" in the place of "bytes". Nothing in Lede reads them back. */
#ifndef LEDE_STORE_SET_ASIDE_H
#define LEDE_STORE_SET_ASIDE_H

#include "lede/base.h"

#define LEDE_SET_ASIDE_NAME "set-aside.ndjson"

/* Add a write; one that is there already is not added again, for a crash repeats a replay. It lasts
 * when this returns. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_set_aside_add(const char *directory, bool is_put,
    const char *bytes, size_t size, const char *reason, struct lede_error *reterr);
/* How many there are. Status: OK; EIO; ENOMEM. */
LEDE_CHECKED enum lede_status lede_set_aside_count(
    const char *directory, uint32_t *ret_count, struct lede_error *reterr);

#endif
