/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/durations.h"

static const struct {
    uint64_t most_us;
    const char *text; /* in seconds */
} bounds[LEDE_DURATION_BUCKETS] = {
    {500, "0.0005"},
    {1000, "0.001"},
    {2500, "0.0025"},
    {5000, "0.005"},
    {10000, "0.01"},
    {25000, "0.025"},
    {50000, "0.05"},
    {100000, "0.1"},
    {250000, "0.25"},
    {500000, "0.5"},
    {1000000, "1"},
    {2500000, "2.5"},
    {5000000, "5"},
    {10000000, "10"},
    {30000000, "30"},
    {60000000, "60"},
    {UINT64_MAX, "+Inf"},
};

const char *lede_duration_bound(size_t bucket)
{
    return bounds[bucket].text;
}

size_t lede_durations_add(struct lede_durations *durations, uint64_t ns)
{
    size_t bucket = 0;
    while (bucket + 1 < LEDE_DURATION_BUCKETS && ns > bounds[bucket].most_us * 1000)
        bucket++;
    __atomic_add_fetch(&durations->counts[bucket], 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&durations->sum_ns, ns, __ATOMIC_RELAXED);
    return bucket;
}

void lede_durations_read(
    const struct lede_durations *durations, struct lede_durations *ret_durations)
{
    for (size_t i = 0; i < LEDE_DURATION_BUCKETS; i++)
        ret_durations->counts[i] = __atomic_load_n(&durations->counts[i], __ATOMIC_RELAXED);
    ret_durations->sum_ns = __atomic_load_n(&durations->sum_ns, __ATOMIC_RELAXED);
}

uint64_t lede_durations_count(const struct lede_durations *durations)
{
    uint64_t count = 0;
    for (size_t i = 0; i < LEDE_DURATION_BUCKETS; i++)
        count += durations->counts[i];
    return count;
}
