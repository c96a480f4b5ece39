/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others have the writer do between two groups. */
#ifndef LEDE_STORE_TASKS_H
#define LEDE_STORE_TASKS_H

#include "monitor.h"

struct lede_tasks {
    struct lede_monitor *monitor;
    struct lede_task *first; /* oldest first; guarded by the monitor's mutex */
};

/* Have the writer run it, after a commit, and wait. Status: what `run` gave; what a commit gives,
 * then it was not run; EBUSY the store is being closed. Threads: any but the writer's. */
LEDE_CHECKED enum lede_status lede_task_run(struct lede_tasks *tasks,
    enum lede_status (*run)(void *context, struct lede_error *reterr), void *context,
    struct lede_error *reterr);
/* The writer: run those that wait, each after `commit`, which makes everything last, or mends a
 * broken store. */
void lede_tasks_run(struct lede_tasks *tasks,
    enum lede_status (*commit)(void *writer, struct lede_error *reterr), void *writer);

#endif
