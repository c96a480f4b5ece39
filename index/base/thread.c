/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lede/thread.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/ioprio.h, which libc has not */
#define IOPRIO_WHO_THREAD 1
#define IOPRIO_CLASS_IDLE (3 << 13)

/* sched(7): each step is a factor of 1.25 */
#define NICE 10

#define NS_PER_S UINT64_C(1000000000)

enum lede_status lede_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return LEDE_ENOMEM;
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return failed ? LEDE_ENOMEM : LEDE_OK;
}

bool lede_condition_wait_until(
    pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t monotonic_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(monotonic_ns / NS_PER_S), .tv_nsec = (long)(monotonic_ns % NS_PER_S)};
    if (monotonic_ns == 0)
        return pthread_cond_wait(condition, mutex) == 0;
    return pthread_cond_timedwait(condition, mutex, &until) == 0;
}

void lede_thread_make_nice(void)
{
    (void)!setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), NICE);
}

bool lede_thread_make_idle(void)
{
    struct sched_param none = {0};
    bool runs_idle = pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) == 0;
    bool reads_idle = syscall(SYS_ioprio_set, IOPRIO_WHO_THREAD, 0, IOPRIO_CLASS_IDLE) == 0;
    return runs_idle && reads_idle;
}
