/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compacting: the merger is told to merge whatever can be merged, and waited for. */
#include "lede/care.h"
#include "lede/time.h"
#include "open_store.h"

#include <time.h>

#define LOOK_EVERY_NS 20000000
#define TELL_EVERY_NS UINT64_C(1000000000)

enum compact_state { COMPACT_GOES_ON, COMPACT_DONE, COMPACT_FAILED };

/* A merge that failed is tried again only after a while: whoever waits is told at once. */
static enum compact_state look(struct lede_store *store, struct lede_error *error)
{
    enum compact_state state = COMPACT_GOES_ON;
    const struct lede_merge *merge = &store->mergers.merges[LEDE_MERGE_LARGE];
    pthread_mutex_lock(&store->monitor.mutex);
    if (store->monitor.stopping) {
        state = COMPACT_FAILED;
        (void)lede_fail(error, LEDE_EBUSY, "the store is being closed");
    } else if (merge->stage == LEDE_MERGE_NONE && merge->retry_monotonic_ns != 0) {
        state = COMPACT_FAILED;
        *error = merge->error;
    } else if (!lede_mergers_have_work(&store->mergers)) {
        state = COMPACT_DONE;
    }
    pthread_mutex_unlock(&store->monitor.mutex);
    return state;
}

static void tell_progress(struct lede_store *store,
    void (*tell)(void *context, const struct lede_compact_progress *progress), void *context)
{
    struct lede_store_stats stats;
    if (!tell || lede_store_stats(store, &stats, NULL) != LEDE_OK)
        return;
    struct lede_compact_progress progress = {.segments = stats.segments,
        .disk_bytes = stats.disk_bytes,
        .older_documents = stats.older_documents};
    tell(context, &progress);
}

static void set_compacting(struct lede_store *store, bool compacting)
{
    pthread_mutex_lock(&store->monitor.mutex);
    store->mergers.compacting = compacting;
    store->mergers.merges[LEDE_MERGE_LARGE].retry_monotonic_ns = 0;
    pthread_cond_broadcast(&store->monitor.changed);
    pthread_mutex_unlock(&store->monitor.mutex);
}

/* All that was written is in segments that last, and what they replaced has gone. */
static enum lede_status settle(struct lede_store *store, struct lede_error *reterr)
{
    struct lede_view *view = NULL;
    uint64_t revision = 0;
    uint64_t position = 0;
    enum lede_status st = lede_writer_settle(&store->writer, &view, &revision, &position, reterr);
    if (st == LEDE_OK)
        lede_view_give(&store->segments, view);
    return st;
}

enum lede_status lede_store_compact(struct lede_store *store,
    void (*tell)(void *context, const struct lede_compact_progress *progress), void *context,
    struct lede_error *reterr)
{
    struct lede_error error = {0};
    enum lede_status st = lede_store_expect_writer(store, reterr);
    if (st == LEDE_OK)
        st = settle(store, reterr);
    if (st != LEDE_OK)
        return st;
    set_compacting(store, true);
    uint64_t told_ns = 0;
    enum compact_state state = look(store, &error);
    for (; state == COMPACT_GOES_ON; state = look(store, &error)) {
        struct timespec pause = {.tv_nsec = LOOK_EVERY_NS};
        nanosleep(&pause, NULL);
        if (lede_time_monotonic_ns() - told_ns < TELL_EVERY_NS)
            continue;
        told_ns = lede_time_monotonic_ns();
        tell_progress(store, tell, context);
    }
    set_compacting(store, false);
    if (state == COMPACT_DONE) {
        st = settle(store, reterr);
        lede_view_sweep(&store->segments);
        return st;
    }
    if (reterr)
        *reterr = error;
    return error.status;
}
