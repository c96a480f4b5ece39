/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does each write of a group come to? */
#ifndef LEDE_STORE_LANE_RESOLVE_H
#define LEDE_STORE_LANE_RESOLVE_H

#include "lane.h"

/* A job: look each id up, weigh conditions, merge patches; nothing is changed. Status: OK; EIO;
 * ECORRUPT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_resolve(struct lede_lane *lane);

#endif
