/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tasks.h"

struct lede_task {
    struct lede_task *next;
    enum lede_status (*run)(void *context, struct lede_error *reterr);
    void *context;
    bool done;
    enum lede_status status;
    struct lede_error error;
};

enum lede_status lede_task_run(struct lede_tasks *tasks,
    enum lede_status (*run)(void *context, struct lede_error *reterr), void *context,
    struct lede_error *reterr)
{
    struct lede_task task = {.run = run, .context = context};
    pthread_mutex_lock(&tasks->monitor->mutex);
    if (tasks->monitor->stopping) {
        pthread_mutex_unlock(&tasks->monitor->mutex);
        return lede_fail(reterr, LEDE_EBUSY, "the store is being closed");
    }
    struct lede_task **end = &tasks->first;
    while (*end)
        end = &(*end)->next;
    *end = &task;
    pthread_cond_signal(&tasks->monitor->work);
    while (!task.done)
        pthread_cond_wait(&tasks->monitor->progressed, &tasks->monitor->mutex);
    pthread_mutex_unlock(&tasks->monitor->mutex);
    if (task.status != LEDE_OK && reterr)
        *reterr = task.error;
    return task.status;
}

static struct lede_task *take_task(struct lede_tasks *tasks)
{
    pthread_mutex_lock(&tasks->monitor->mutex);
    struct lede_task *task = tasks->first;
    if (task)
        tasks->first = task->next;
    pthread_mutex_unlock(&tasks->monitor->mutex);
    return task;
}

void lede_tasks_run(struct lede_tasks *tasks,
    enum lede_status (*commit)(void *writer, struct lede_error *reterr), void *writer)
{
    for (struct lede_task *task = take_task(tasks); task; task = take_task(tasks)) {
        struct lede_error error = {0};
        enum lede_status st = commit(writer, &error);
        if (st == LEDE_OK)
            st = task->run(task->context, &error);
        pthread_mutex_lock(&tasks->monitor->mutex);
        task->status = st;
        task->error = error;
        task->done = true;
        pthread_cond_broadcast(&tasks->monitor->progressed);
        pthread_mutex_unlock(&tasks->monitor->mutex);
    }
}
