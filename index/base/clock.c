/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/time.h"

#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* The wall clock, as far as moments go. Not by nanoseconds in 64 bits, which end in 2554 and begin
 * in 1970. */
static struct timespec wall_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < LEDE_TIME_MIN_UTC_S)
        return (struct timespec){.tv_sec = LEDE_TIME_MIN_UTC_S};
    if (now.tv_sec > LEDE_TIME_MAX_UTC_S)
        return (struct timespec){.tv_sec = LEDE_TIME_MAX_UTC_S};
    return now;
}

int64_t lede_time_now_utc_ms(void)
{
    struct timespec now = wall_clock();
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t lede_time_now_utc_s(void)
{
    return wall_clock().tv_sec;
}

uint64_t lede_time_monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t lede_time_thread_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

#define CALLS_PER_LOOK 256

bool lede_deadline_has_passed_now(struct lede_deadline *deadline)
{
    if (!deadline->passed && deadline->monotonic_ns != 0)
        deadline->passed = lede_time_monotonic_ns() >= deadline->monotonic_ns;
    return deadline->passed;
}

bool lede_deadline_has_passed(struct lede_deadline *deadline)
{
    return deadline->calls++ % CALLS_PER_LOOK == 0 ? lede_deadline_has_passed_now(deadline)
                                                   : deadline->passed;
}
