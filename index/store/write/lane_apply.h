/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Applying what a group came to, and committing it. */
#ifndef LEDE_STORE_LANE_APPLY_H
#define LEDE_STORE_LANE_APPLY_H

#include "lane.h"
#include "segment_list.h"

/* A job: put and delete, uncommitted. Status: as lede_entry_new_stored(), lede_building_add(). */
LEDE_CHECKED enum lede_status lede_lane_apply(struct lede_lane *lane);
/* A job: finish what the commit under way shows. Status: as lede_building_finish(). */
LEDE_CHECKED enum lede_status lede_lane_finish(struct lede_lane *lane);
/* A job: sync what is not, and note its checksums. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_make_last(struct lede_lane *lane);
/* Show what the lanes finished, what it replaces being deleted, and what else was deleted: one
 * change. ret_bytes: of the new segments. Status: as lede_segments_change(). */
LEDE_CHECKED enum lede_status lede_lanes_commit(
    struct lede_lanes *lanes, uint64_t *ret_bytes, struct lede_error *reterr);

#endif
