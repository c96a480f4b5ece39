/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What threads wait for, and how much they may take. */
#ifndef LEDE_THREAD_H
#define LEDE_THREAD_H

#include "lede/base.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Make a condition whose waits go by the monotonic clock, so that nobody who sets the other one
 * lengthens them. pthread_cond_destroy() undoes it. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_condition_init(pthread_cond_t *condition);

/* Wait until the condition is signalled, or until lede_time_monotonic_ns() is there; 0: for ever.
 * The mutex is held. Returns false where the time was up; like any wait it may end for nothing. */
bool lede_condition_wait_until(
    pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t monotonic_ns);

/* Let the calling thread take a tenth of what one beside it takes of a processor, where both want
 * it. It cannot go back; where the system refuses it, it takes its share like any other. */
void lede_thread_make_nice(void);

/* Let the calling thread run, read and write only where nobody else wants to. It cannot go back.
 * Returns false where the system refuses it (a service's filter of system calls): the thread then
 * takes its share like any other. */
bool lede_thread_make_idle(void);

#ifdef __cplusplus
}
#endif
#endif
