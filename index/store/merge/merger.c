/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mergers: each chooses segments of a lane, makes one of them beside the others, and hands it
 * to the writer, who puts it in their place between two groups. One has the small segments, the
 * other the large ones: neither waits for the other.
 *
 * What is deleted in a source while it is merged is deleted in the merged segment before that is
 * listed: a merge says where each document went. The work is done by a thread that runs when nobody
 * else wants the processor; that thread takes no lock, since it might be kept from giving it
 * back. */
#include "internal.h"

#include "checksums.h"
#include "fault.h"
#include "files.h"
#include "lede/time.h"
#include "merge_policy.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define IDLE_AFTER_MS 2000   /* without a write: merging goes on to fewer segments */
#define RETRY_AFTER_MS 30000 /* a merge that failed, on a full disk for one */
#define IOPRIO_WHO_THREAD 1  /* linux/ioprio.h, which libc has not */
#define IOPRIO_CLASS_IDLE (3 << 13)

/* ---- Choosing; the mutex is held ---- */

static struct lede_merge_candidate candidate_of(const struct lede_view_segment *segment)
{
    return (struct lede_merge_candidate){.documents = segment->documents,
        .deleted = segment->deletions ? segment->deletions->bitmap.count : 0,
        .bytes = segment->bytes,
        .is_old = segment->analysis != LEDE_ANALYSIS_VERSION};
}

static void take_sources(struct lede_merge *merge, const struct lede_view_segment *const *segments,
    const struct lede_merge_choice *choice)
{
    merge->count = choice->count;
    merge->rewrite = choice->rewrite;
    merge->bytes = 0;
    for (size_t i = 0; i < choice->count; i++) {
        const struct lede_view_segment *segment = segments[choice->chosen[i]];
        merge->lane = segment->lane;
        merge->bytes += segment->bytes;
        merge->numbers[i] = segment->number;
        merge->sources[i] = (struct lede_merge_source){0};
        if (segment->deletions)
            merge->sources[i].deleted = lede_bitmap_view(&segment->deletions->bitmap);
    }
}

/* Compacting is for one of them. */
static bool is_for(const struct lede_merge *merge, const struct lede_view_segment *segment)
{
    bool is_small = segment->bytes < LEDE_SMALL_SEGMENT_BYTES && !merge->store->compacting;
    return is_small == (merge->kind == LEDE_MERGE_SMALL);
}

/* ret_merge  `merge`, or NULL: only see whether there is anything to do */
static bool choose_in_lane(
    const struct lede_merge *merge, uint32_t lane, bool is_idle, struct lede_merge *ret_merge)
{
    const struct lede_store *store = merge->store;
    const struct lede_view *view = store->view;
    const struct lede_view_segment **segments = calloc(view->count + 1, sizeof(*segments));
    struct lede_merge_candidate *candidates = calloc(view->count + 1, sizeof(*candidates));
    struct lede_merge_choice choice;
    size_t count = 0;
    size_t all = 0; /* of the lane, the other merger's too */
    for (size_t i = 0; segments && candidates && i < view->count; i++) {
        if (view->segments[i].lane != lane)
            continue;
        all++;
        if (!is_for(merge, &view->segments[i]))
            continue;
        segments[count] = &view->segments[i];
        candidates[count++] = candidate_of(&view->segments[i]);
    }
    bool found = store->compacting
                     ? lede_merge_choose_any(&store->merge_limits, candidates, count, &choice)
                     : lede_merge_choose(&store->merge_limits, candidates, count, is_idle, &choice);
    if (found && ret_merge) {
        take_sources(ret_merge, segments, &choice);
        ret_merge->urgent = store->compacting || all >= store->merge_limits.segments / 2 ||
                            merge->kind == LEDE_MERGE_SMALL;
    }
    free(segments);
    free(candidates);
    return found;
}

/* One that goes on with what it had chosen before compacting began keeps the other waiting. */
static bool has_to_wait(const struct lede_merge *merge)
{
    const struct lede_merge *small = &merge->store->merges[LEDE_MERGE_SMALL];
    return merge->state != LEDE_MERGE_NONE || !merge->store->view ||
           (merge->store->compacting && small->state != LEDE_MERGE_NONE);
}

/* The mutex is held. */
static void mark_sources(const struct lede_merge *merge, bool is_merging)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct lede_segment_entry *entry =
            lede_segment_states_find(&merge->store->states, merge->numbers[i]);
        if (entry)
            entry->is_merging = is_merging;
    }
}

bool lede_merger_choose(struct lede_merge *merge, bool is_idle)
{
    struct lede_store *store = merge->store;
    if (has_to_wait(merge))
        return false;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (!choose_in_lane(merge, i, is_idle, merge))
            continue;
        merge->view = store->view;
        merge->view->references++;
        merge->state = LEDE_MERGE_RUNNING;
        mark_sources(merge, true);
        return true;
    }
    return false;
}

bool lede_mergers_have_work(const struct lede_store *store)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        const struct lede_merge *merge = &store->merges[kind];
        if (merge->state != LEDE_MERGE_NONE)
            return true;
        for (uint32_t i = 0; i < store->lane_count; i++) {
            if (choose_in_lane(merge, i, true, NULL))
                return true;
        }
    }
    return false;
}

bool lede_mergers_are_done(const struct lede_store *store)
{
    return store->merges[LEDE_MERGE_SMALL].state == LEDE_MERGE_DONE ||
           store->merges[LEDE_MERGE_LARGE].state == LEDE_MERGE_DONE;
}

bool lede_mergers_rest(const struct lede_store *store)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        const struct lede_merge *merge = &store->merges[kind];
        if (merge->state != LEDE_MERGE_NONE || merge->nothing_generation != store->generation)
            return false;
    }
    return true;
}

/* ---- Merging; no lock is held ---- */

static bool may_go_on(void *context)
{
    struct lede_store *store = context;
    pthread_mutex_lock(&store->mutex);
    bool stopping = store->stopping;
    pthread_mutex_unlock(&store->mutex);
    return !stopping;
}

static bool is_emptied(const struct lede_merge *merge)
{
    for (size_t i = 0; i < merge->view->count; i++) {
        const struct lede_view_segment *segment = &merge->view->segments[i];
        if (segment->number == merge->numbers[0])
            return merge->count == 1 && segment->deletions &&
                   segment->deletions->bitmap.count == segment->documents;
    }
    return false;
}

static bool goes_on(void *context, size_t bytes)
{
    (void)bytes;
    return may_go_on(context);
}

/* Joining copies damage, which would have right checksums from then on: the scrub has to find it
 * first. */
static enum lede_status expect_whole(
    struct lede_store *store, const char *path, struct lede_error *reterr)
{
    struct lede_checksums_how how = {.go_on = goes_on, .context = store};
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    enum lede_status st = lede_checksums_compare(path, &how, &damage, reterr);
    if (st != LEDE_OK || damage == LEDE_DAMAGE_NONE)
        return st;
    return lede_scrub_after(
        store, lede_fail(reterr, LEDE_ECORRUPT, "'%s' is damaged: it is not merged", path));
}

static enum lede_status merge_files(
    struct lede_store *store, struct lede_merge *merge, uint32_t number, struct lede_error *reterr)
{
    char paths[LEDE_MERGE_SEGMENTS_MAX][LEDE_PATH_BYTES_MAX];
    char destination[LEDE_PATH_BYTES_MAX];
    char scratch[LEDE_PATH_BYTES_MAX + sizeof(LEDE_SCRATCH_SUFFIX)];
    enum lede_status st = lede_segment_path(store->directory, number, destination, reterr);
    for (size_t i = 0; st == LEDE_OK && i < merge->count; i++) {
        st = lede_segment_path(store->directory, merge->numbers[i], paths[i], reterr);
        merge->sources[i].path = paths[i];
        if (st == LEDE_OK)
            st = expect_whole(store, paths[i], reterr);
    }
    if (st != LEDE_OK)
        return st;
    snprintf(scratch, sizeof(scratch), "%s%s", destination, LEDE_SCRATCH_SUFFIX);
    return lede_segments_merge(merge->sources, merge->count, destination, scratch, merge->rewrite,
        may_go_on, store, reterr);
}

/* Much is synced here, so that the writer need not wait for it when the list is written. */
static enum lede_status open_merged(
    struct lede_store *store, struct lede_merge *merge, uint32_t number, struct lede_error *reterr)
{
    enum lede_status st =
        lede_sealed_segment_open(store->directory, number, merge->lane, &merge->merged, reterr);
    if (st == LEDE_OK && merge->kind == LEDE_MERGE_LARGE)
        st = lede_sealed_segment_make_last(store->directory, merge->merged, reterr);
    return st;
}

static void *merge_at_low_priority(void *context)
{
    struct lede_merge *merge = context;
    struct lede_store *store = merge->store;
    struct sched_param none = {0};
    if (!merge->urgent) {
        /* Best effort: where it is refused a merge takes its share like any thread. */
        (void)!pthread_setschedparam(pthread_self(), SCHED_IDLE, &none);
        (void)!syscall(SYS_ioprio_set, IOPRIO_WHO_THREAD, 0, IOPRIO_CLASS_IDLE);
    }
    uint32_t number = merge->number;
    lede_fault_point("merge");
    merge->status = merge_files(store, merge, number, &merge->error);
    if (merge->status == LEDE_OK)
        merge->status = open_merged(store, merge, number, &merge->error);
    return NULL;
}

void lede_merger_run(struct lede_merge *merge)
{
    pthread_t worker;
    merge->merged = NULL;
    merge->number = 0;
    merge->status = LEDE_OK;
    if (is_emptied(merge))
        return;
    merge->status = lede_segments_begin(merge->store, &merge->number, &merge->error);
    if (merge->status != LEDE_OK)
        return;
    if (pthread_create(&worker, NULL, merge_at_low_priority, merge) == 0)
        pthread_join(worker, NULL);
    else
        merge->status = lede_fail(&merge->error, LEDE_EIO, "cannot start a thread that merges");
}

void lede_merger_hand_over(struct lede_merge *merge)
{
    struct lede_store *store = merge->store;
    pthread_mutex_lock(&store->mutex);
    merge->state = LEDE_MERGE_DONE;
    pthread_cond_signal(&store->queued);
    pthread_mutex_unlock(&store->mutex);
}

/* ---- Taking over; the writer ---- */

/* Delete in the merged segment what is deleted in a source now, unless the merge has left it
 * out. */
static enum lede_status carry_deletions(const struct lede_merge *merge, size_t source,
    const struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (uint32_t bit = lede_bitmap_next(&segment->deleted, 0);
         st == LEDE_OK && bit < segment->deleted.bit_count;
         bit = lede_bitmap_next(&segment->deleted, bit + 1)) {
        uint32_t place = lede_merge_source_place(&merge->sources[source], bit);
        if (place > 0)
            st = lede_bitmap_set(&merge->merged->deleted, place, reterr);
    }
    return st;
}

static enum lede_status put_in_place(
    struct lede_store *store, struct lede_merge *merge, struct lede_error *reterr)
{
    const struct lede_lane *lane = &store->lanes[merge->lane];
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < merge->count; i++) {
        const struct lede_sealed_segment *segment = lede_lane_find_sealed(lane, merge->numbers[i]);
        if (!segment)
            return LEDE_ENOTFOUND;
        if (merge->merged)
            st = carry_deletions(merge, i, segment, reterr);
    }
    if (st == LEDE_OK && merge->merged)
        st = lede_segments_change_state(store, merge->number, LEDE_SEGMENT_SEALED, reterr);
    if (st != LEDE_OK)
        return st;
    uint64_t bytes = merge->merged ? merge->merged->bytes : 0;
    struct lede_change change = {.gone = merge->numbers,
        .gone_count = merge->count,
        .added = {merge->merged},
        .added_count = merge->merged ? 1 : 0};
    merge->merged = NULL;
    merge->number = 0;
    lede_fault_point("merge-taken-over");
    st = lede_segments_change(store, &change, reterr);
    lede_change_done(store, &change);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&store->mutex);
    store->stats.merges++;
    store->stats.merged_bytes += merge->rewrite ? 2 * bytes : bytes;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

static void sources_done(struct lede_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        lede_merge_source_done(&merge->sources[i]);
}

/* Made for nothing: it failed, or the list has changed under it. */
static void discard(struct lede_store *store, struct lede_merge *merge)
{
    lede_sealed_segment_free(LEDE_TAKE(&merge->merged));
    lede_segments_drop(store, merge->number);
    merge->number = 0;
}

static enum lede_status take_over(
    struct lede_store *store, struct lede_merge *merge, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->mutex);
    bool done = merge->state == LEDE_MERGE_DONE;
    pthread_mutex_unlock(&store->mutex);
    if (!done)
        return LEDE_OK;
    enum lede_status merged = merge->status;
    enum lede_status st = merged == LEDE_OK ? put_in_place(store, merge, reterr) : LEDE_OK;
    if (merge->merged || merged != LEDE_OK)
        discard(store, merge);
    sources_done(merge);
    lede_view_give(store, LEDE_TAKE(&merge->view));
    pthread_mutex_lock(&store->mutex);
    mark_sources(merge, false);
    merge->state = LEDE_MERGE_NONE;
    merge->retry_monotonic_ns =
        merged == LEDE_OK ? 0 : lede_time_monotonic_ns() + RETRY_AFTER_MS * UINT64_C(1000000);
    pthread_cond_broadcast(&store->listed);
    pthread_mutex_unlock(&store->mutex);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}

enum lede_status lede_mergers_take_over(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t kind = 0; st == LEDE_OK && kind < LEDE_MERGES; kind++)
        st = take_over(store, &store->merges[kind], reterr);
    return st;
}

/* ---- The threads ---- */

/* The mutex is held. */
static void wait_until(struct lede_store *store, uint64_t monotonic_ns)
{
    struct timespec until = {.tv_sec = (time_t)(monotonic_ns / 1000000000),
        .tv_nsec = (long)(monotonic_ns % 1000000000)};
    if (monotonic_ns == 0)
        pthread_cond_wait(&store->listed, &store->mutex);
    else
        (void)!pthread_cond_timedwait(&store->listed, &store->mutex, &until);
}

/* Merge if there is anything to merge; else say until when nothing will be, 0: until something
 * changes. The mutex is held, and given back while it merges. */
static bool merge_next(struct lede_merge *merge, uint64_t *ret_until)
{
    struct lede_store *store = merge->store;
    uint64_t now = lede_time_monotonic_ns();
    uint64_t idle_from = store->written_monotonic_ns + IDLE_AFTER_MS * UINT64_C(1000000);
    *ret_until = now < merge->retry_monotonic_ns ? merge->retry_monotonic_ns
                 : now < idle_from               ? idle_from
                                                 : 0;
    if (now < merge->retry_monotonic_ns || !lede_merger_choose(merge, now >= idle_from)) {
        merge->nothing_generation = store->generation;
        pthread_cond_signal(&store->queued);
        return false;
    }
    pthread_mutex_unlock(&store->mutex);
    lede_merger_run(merge);
    lede_merger_hand_over(merge);
    pthread_mutex_lock(&store->mutex);
    return true;
}

void *lede_merger_main(void *context)
{
    struct lede_merge *merge = context;
    struct lede_store *store = merge->store;
    pthread_mutex_lock(&store->mutex);
    while (!store->stopping) {
        uint64_t until = 0;
        pthread_mutex_unlock(&store->mutex);
        lede_view_sweep(store);
        pthread_mutex_lock(&store->mutex);
        if (!store->stopping && !merge_next(merge, &until) && !store->stopping)
            wait_until(store, until);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

void lede_mergers_done(struct lede_store *store)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        struct lede_merge *merge = &store->merges[kind];
        discard(store, merge);
        sources_done(merge);
        if (merge->view)
            lede_view_give(store, LEDE_TAKE(&merge->view));
    }
}
