/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long things take: counted by buckets, so that any share of them (half, 99 of 100) can be told
 * afterwards, over any time. Adding takes no lock. */
#ifndef LEDE_DURATIONS_H
#define LEDE_DURATIONS_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Half a millisecond to a minute, and what took longer. */
#define LEDE_DURATION_BUCKETS 17

/* All zero at first; changed atomically. */
struct lede_durations {
    uint64_t counts[LEDE_DURATION_BUCKETS]; /* of each bucket alone */
    uint64_t sum_ns;
};

/* The longest that a bucket takes, in seconds, as it is written: "0.0005"; "+Inf" of the last. */
const char *lede_duration_bound(size_t bucket);
/* Count one. Returns its bucket. Threads: any. */
size_t lede_durations_add(struct lede_durations *durations, uint64_t ns);
/* Copy what is counted while others count. Threads: any. */
void lede_durations_read(
    const struct lede_durations *durations, struct lede_durations *ret_durations);
uint64_t lede_durations_count(const struct lede_durations *durations);

#ifdef __cplusplus
}
#endif
#endif
