/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/time.h"

#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int64_t lede_time_now_utc_ms(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) / 1000000);
}

int64_t lede_time_now_utc_s(void)
{
    return (int64_t)(clock_ns(CLOCK_REALTIME) / UINT64_C(1000000000));
}

uint64_t lede_time_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t lede_time_thread_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}
