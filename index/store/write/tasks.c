/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others have the writer do between two groups. */
#include "internal.h"

enum lede_status lede_task_run(struct lede_store *store,
    enum lede_status (*run)(struct lede_store *store, void *context, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    struct lede_task task = {.run = run, .context = context};
    pthread_mutex_lock(&store->mutex);
    if (store->stopping) {
        pthread_mutex_unlock(&store->mutex);
        return lede_fail(reterr, LEDE_EBUSY, "the store is being closed");
    }
    struct lede_task **end = &store->tasks;
    while (*end)
        end = &(*end)->next;
    *end = &task;
    pthread_cond_signal(&store->queued);
    while (!task.done)
        pthread_cond_wait(&store->progressed, &store->mutex);
    pthread_mutex_unlock(&store->mutex);
    if (task.status != LEDE_OK && reterr)
        *reterr = task.error;
    return task.status;
}

static struct lede_task *take_task(struct lede_store *store)
{
    pthread_mutex_lock(&store->mutex);
    struct lede_task *task = store->tasks;
    if (task)
        store->tasks = task->next;
    pthread_mutex_unlock(&store->mutex);
    return task;
}

void lede_tasks_run(struct lede_store *store,
    enum lede_status (*commit)(struct lede_store *store, struct lede_error *reterr))
{
    for (struct lede_task *task = take_task(store); task; task = take_task(store)) {
        struct lede_error error = {0};
        enum lede_status st = commit(store, &error);
        if (st == LEDE_OK)
            st = task->run(store, task->context, &error);
        pthread_mutex_lock(&store->mutex);
        task->status = st;
        task->error = error;
        task->done = true;
        pthread_cond_broadcast(&store->progressed);
        pthread_mutex_unlock(&store->mutex);
    }
}

/* ---- The list ---- */

struct settling {
    struct lede_view *view;
    uint64_t revision;
};

static enum lede_status write_list(
    struct lede_store *store, void *context, struct lede_error *reterr)
{
    struct settling *settling = context;
    enum lede_status st = store->unlisted ? lede_segments_write_list(store, reterr) : LEDE_OK;
    store->broken = store->broken || st != LEDE_OK;
    if (st == LEDE_OK)
        settling->view = lede_view_take(store, &settling->revision);
    return st;
}

enum lede_status lede_segments_settle(struct lede_store *store, struct lede_view **ret_view,
    uint64_t *ret_revision, struct lede_error *reterr)
{
    struct settling settling = {0};
    enum lede_status st = lede_task_run(store, write_list, &settling, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_view = settling.view;
    *ret_revision = settling.revision;
    return LEDE_OK;
}
