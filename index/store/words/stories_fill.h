/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories of what a store holds already, read when it opens. */
#ifndef LEDE_STORE_STORIES_FILL_H
#define LEDE_STORE_STORIES_FILL_H

#include "segment_set.h"
#include "stories.h"

/* Read the stories of what the segments hold into the table, if it is empty: newest segments first,
 * up to its limit. What cannot be read is left out: no archive stays closed for it. Status: OK;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_stories_fill(
    struct lede_stories *stories, const struct lede_segments *segments, struct lede_error *reterr);

#endif
