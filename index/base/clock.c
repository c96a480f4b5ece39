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

static _Thread_local struct lede_stop *thread_stop;

void lede_stop_begin(struct lede_stop *stop)
{
    stop->begun_monotonic_ns = lede_time_monotonic_ns();
    stop->begun_cpu_ns = stop->cpu_ns_max > 0 ? lede_time_thread_cpu_ns() : 0;
    stop->was_seen = false;
    thread_stop = stop;
}

void lede_stop_end(void)
{
    thread_stop = NULL;
}

struct lede_stop lede_stop_share(void)
{
    return thread_stop ? (struct lede_stop){.cancelled = thread_stop->cancelled,
                             .cpu_ns_max = thread_stop->cpu_ns_max}
                       : (struct lede_stop){0};
}

void lede_stop_join(const struct lede_stop *shared)
{
    if (thread_stop && shared->was_seen)
        thread_stop->was_seen = true;
}

bool lede_stop_was_seen(void)
{
    return thread_stop && thread_stop->was_seen;
}

/* The processor's time is asked for only where so much time has passed at all: that is a call of
 * the system. */
static bool is_stopped(struct lede_stop *stop, uint64_t now_ns)
{
    if (!stop->was_seen && stop->cancelled)
        stop->was_seen = __atomic_load_n(stop->cancelled, __ATOMIC_RELAXED);
    if (!stop->was_seen && stop->cpu_ns_max > 0 &&
        now_ns - stop->begun_monotonic_ns >= stop->cpu_ns_max)
        stop->was_seen = lede_time_thread_cpu_ns() - stop->begun_cpu_ns >= stop->cpu_ns_max;
    return stop->was_seen;
}

bool lede_time_has_passed(uint64_t monotonic_ns)
{
    if (monotonic_ns == 0)
        return false;
    uint64_t now_ns = lede_time_monotonic_ns();
    return now_ns >= monotonic_ns || (thread_stop && is_stopped(thread_stop, now_ns));
}

#define CALLS_PER_LOOK 256

bool lede_deadline_has_passed_now(struct lede_deadline *deadline)
{
    if (!deadline->passed)
        deadline->passed = lede_time_has_passed(deadline->monotonic_ns);
    return deadline->passed;
}

bool lede_deadline_has_passed(struct lede_deadline *deadline)
{
    return deadline->calls++ % CALLS_PER_LOOK == 0 ? lede_deadline_has_passed_now(deadline)
                                                   : deadline->passed;
}
