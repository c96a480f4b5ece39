/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which segments of a lane are merged next? A pure function of their sizes.
 *
 * Tiers: a segment's class is the power of eight of what its living documents take. When `fan_in`
 * of a class are there, the smallest of them become one of the next. So a document is written once
 * a class, log8(index / first segment) times, and a lane has at most fan_in - 1 segments a class,
 * besides those that await their merge. Old segments are made anew one by one where nothing else is
 * to do, and with any merge. */
#ifndef LEDE_STORE_MERGE_POLICY_H
#define LEDE_STORE_MERGE_POLICY_H

#include "lede/store.h"

#define LEDE_MERGE_SEGMENTS_MAX 8 /* merged at once */
/* of the documents deleted: a merge leaves them out, else it carries them along */
#define LEDE_LEAVE_OUT_PERCENT 30

struct lede_merge_candidate {
    uint32_t documents; /* with deleted ones */
    uint32_t deleted;
    uint64_t bytes;
    bool is_old; /* its terms are of an older analysis */
};

struct lede_merge_choice {
    size_t chosen[LEDE_MERGE_SEGMENTS_MAX]; /* indices, ascending */
    size_t count;
    bool rewrite; /* made anew: what is deleted is left out, what is old is analysed again */
};

/* 0 becomes the default, what is out of range the nearest in it. */
struct lede_merge_limits lede_merge_limits_with_defaults(const struct lede_merge_limits *limits);
/* candidates  the sealed segments of a lane limits with defaults is_idle nothing is being written
 *             Returns whether there is anything to do. Threads: any. */
bool lede_merge_choose(const struct lede_merge_limits *limits,
    const struct lede_merge_candidate *candidates, size_t count, bool is_idle,
    struct lede_merge_choice *ret_choice);
/* The same for compacting: the smallest together, whatever their classes, as long as one segment
 * may hold them; what is deleted is left out of all, what is old is made anew. */
bool lede_merge_choose_any(const struct lede_merge_limits *limits,
    const struct lede_merge_candidate *candidates, size_t count,
    struct lede_merge_choice *ret_choice);

#endif
