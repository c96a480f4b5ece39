/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the threads of a store share: one mutex, and what each of them waits for.
 *
 * The mutex guards what is said to be so where it is declared: the view and the states of segments,
 * the writer's queues, the stages of merges. It is held for a few steps, never over a call that
 * reads or writes a file; threads of idle priority never take it, for they might be kept from
 * giving it back. */
#ifndef LEDE_STORE_MONITOR_H
#define LEDE_STORE_MONITOR_H

#include "lede/thread.h"

struct lede_monitor {
    pthread_mutex_t mutex;
    pthread_cond_t work; /* the writer waits: a batch, a task, a merge that is done, the end */
    pthread_cond_t progressed; /* callers wait: a batch or a task is done, a pass of the scrub */
    pthread_cond_t changed; /* mergers wait: another view, a view given back, a merge taken over */
    bool stopping;          /* read with lede_monitor_is_stopping() where the mutex is not held */
};

/* Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_monitor_init(struct lede_monitor *monitor);
void lede_monitor_done(struct lede_monitor *monitor);
/* The store is being closed: whoever waits is woken. Threads: any. */
void lede_monitor_stop(struct lede_monitor *monitor);
/* Takes no lock. Threads: any. */
bool lede_monitor_is_stopping(const struct lede_monitor *monitor);

#endif
