/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merger.h"

#include "checksums.h"
#include "fault.h"
#include "files.h"
#include "lede/match.h"
#include "lede/time.h"
#include "segment_list.h"
#include "strays.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Less is merged at once, and by a thread of its own. */
#ifndef SMALL_SEGMENT_BYTES
#define SMALL_SEGMENT_BYTES ((uint64_t)2 << 20)
#endif
#define CARRIED_BYTES ((size_t)256 << 20) /* of what searches have in memory of the sources */
#define IDLE_AFTER_MS 2000                /* without a write: merging goes on to fewer segments */
#ifndef RETRY_AFTER_MS
#define RETRY_AFTER_MS 30000 /* a merge that failed, on a full disk for one */
#endif

/* ---- Choosing; the mutex is held ---- */

static struct lede_merge_candidate candidate_of(const struct lede_view_segment *segment)
{
    return (struct lede_merge_candidate){.documents = segment->entry.documents,
        .deleted = segment->deletions ? segment->deletions->bitmap.count : 0,
        .bytes = segment->entry.bytes,
        .is_old = segment->entry.analysis != LEDE_ANALYSIS_VERSION};
}

static void take_sources(struct lede_merge *merge, const struct lede_view_segment *const *segments,
    const struct lede_merge_choice *choice)
{
    merge->count = choice->count;
    merge->rewrite = choice->rewrite;
    merge->bytes = 0;
    for (size_t i = 0; i < choice->count; i++) {
        const struct lede_view_segment *segment = segments[choice->chosen[i]];
        merge->lane = segment->entry.lane;
        merge->bytes += segment->entry.bytes;
        merge->numbers[i] = segment->entry.number;
        merge->sources[i] = (struct lede_merge_source){0};
        if (segment->deletions)
            merge->sources[i].deleted = lede_bitmap_view(&segment->deletions->bitmap);
    }
}

/* Compacting is for one of them. */
static bool is_for(const struct lede_merge *merge, const struct lede_view_segment *segment)
{
    bool is_small = segment->entry.bytes < SMALL_SEGMENT_BYTES && !merge->mergers->compacting;
    return is_small == (merge->kind == LEDE_MERGE_SMALL);
}

/* ret_merge  `merge`, or NULL: only see whether there is anything to do */
static bool choose_in_lane(
    const struct lede_merge *merge, uint32_t lane, bool is_idle, struct lede_merge *ret_merge)
{
    const struct lede_mergers *mergers = merge->mergers;
    const struct lede_view *view = mergers->segments->view;
    const struct lede_view_segment **segments = calloc(view->count + 1, sizeof(*segments));
    struct lede_merge_candidate *candidates = calloc(view->count + 1, sizeof(*candidates));
    struct lede_merge_choice choice;
    size_t count = 0;
    size_t all = 0; /* of the lane, the other merger's too */
    for (size_t i = 0; segments && candidates && i < view->count; i++) {
        if (view->segments[i].entry.lane != lane)
            continue;
        all++;
        if (!is_for(merge, &view->segments[i]))
            continue;
        segments[count] = &view->segments[i];
        candidates[count++] = candidate_of(&view->segments[i]);
    }
    bool found = mergers->compacting
                     ? lede_merge_choose_any(&mergers->limits, candidates, count, &choice)
                     : lede_merge_choose(&mergers->limits, candidates, count, is_idle, &choice);
    if (found && ret_merge) {
        take_sources(ret_merge, segments, &choice);
        ret_merge->urgent = mergers->compacting || all >= mergers->limits.segments / 2 ||
                            merge->kind == LEDE_MERGE_SMALL;
    }
    free(segments);
    free(candidates);
    return found;
}

/* One that goes on with what it had chosen before compacting began keeps the other waiting. */
static bool has_to_wait(const struct lede_merge *merge)
{
    const struct lede_merge *small = &merge->mergers->merges[LEDE_MERGE_SMALL];
    return merge->stage != LEDE_MERGE_NONE || !merge->mergers->segments->view ||
           (merge->mergers->compacting && small->stage != LEDE_MERGE_NONE);
}

/* The mutex is held. */
static void mark_sources(const struct lede_merge *merge, bool is_merging)
{
    for (size_t i = 0; i < merge->count; i++) {
        struct lede_segment_entry *entry =
            lede_segment_states_find(&merge->mergers->segments->states, merge->numbers[i]);
        if (entry)
            entry->is_merging = is_merging;
    }
}

bool lede_merger_choose(struct lede_merge *merge, bool is_idle)
{
    struct lede_mergers *mergers = merge->mergers;
    if (has_to_wait(merge))
        return false;
    for (uint32_t i = 0; i < mergers->segments->lane_count; i++) {
        if (!choose_in_lane(merge, i, is_idle, merge))
            continue;
        merge->view = mergers->segments->view;
        merge->view->references++;
        merge->stage = LEDE_MERGE_RUNNING;
        mark_sources(merge, true);
        return true;
    }
    return false;
}

bool lede_mergers_have_work(const struct lede_mergers *mergers)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        const struct lede_merge *merge = &mergers->merges[kind];
        if (merge->stage != LEDE_MERGE_NONE)
            return true;
        for (uint32_t i = 0; i < mergers->segments->lane_count; i++) {
            if (choose_in_lane(merge, i, true, NULL))
                return true;
        }
    }
    return false;
}

bool lede_mergers_are_done(const struct lede_mergers *mergers)
{
    return mergers->merges[LEDE_MERGE_SMALL].stage == LEDE_MERGE_DONE ||
           mergers->merges[LEDE_MERGE_LARGE].stage == LEDE_MERGE_DONE;
}

bool lede_mergers_rest(const struct lede_mergers *mergers)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        const struct lede_merge *merge = &mergers->merges[kind];
        if (merge->stage != LEDE_MERGE_NONE ||
            merge->nothing_generation != mergers->segments->generation)
            return false;
    }
    return true;
}

/* ---- Merging ---- */

/* The work is done by a thread that runs when nobody else wants the processor. It takes no lock
 * that others wait for: it might be kept from giving it back. */
static bool may_go_on(void *context)
{
    const struct lede_mergers *mergers = context;
    return !lede_monitor_is_stopping(mergers->monitor);
}

static bool is_emptied(const struct lede_merge *merge)
{
    for (size_t i = 0; i < merge->view->count; i++) {
        const struct lede_view_segment *segment = &merge->view->segments[i];
        if (segment->entry.number == merge->numbers[0])
            return merge->count == 1 && segment->deletions &&
                   segment->deletions->bitmap.count == segment->entry.documents;
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
    struct lede_mergers *mergers, const char *path, struct lede_error *reterr)
{
    const struct lede_checksums_how how = {.go_on = goes_on, .context = mergers};
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    enum lede_status st = lede_checksums_compare(path, &how, &damage, reterr);
    if (st != LEDE_OK || damage == LEDE_DAMAGE_NONE)
        return st;
    return lede_fail(reterr, LEDE_ECORRUPT, "'%s' is damaged: it is not merged", path);
}

static enum lede_status merge_files(struct lede_mergers *mergers, struct lede_merge *merge,
    uint32_t number, struct lede_error *reterr)
{
    char paths[LEDE_MERGE_SEGMENTS_MAX][LEDE_PATH_BYTES_MAX];
    char destination[LEDE_PATH_BYTES_MAX];
    char scratch[LEDE_PATH_BYTES_MAX + sizeof(LEDE_SCRATCH_SUFFIX)];
    enum lede_status st =
        lede_segment_path(mergers->segments->directory, number, destination, reterr);
    for (size_t i = 0; st == LEDE_OK && i < merge->count; i++) {
        st = lede_segment_path(mergers->segments->directory, merge->numbers[i], paths[i], reterr);
        merge->sources[i].path = paths[i];
        if (st == LEDE_OK)
            st = expect_whole(mergers, paths[i], reterr);
    }
    if (st != LEDE_OK)
        return st;
    snprintf(scratch, sizeof(scratch), "%s%s", destination, LEDE_SCRATCH_SUFFIX);
    return lede_segments_merge(merge->sources, merge->count, destination, scratch, merge->rewrite,
        may_go_on, mergers, reterr);
}

/* Much is synced here, so that the writer need not wait for it when the list is written. */
static enum lede_status open_merged(struct lede_mergers *mergers, struct lede_merge *merge,
    uint32_t number, struct lede_error *reterr)
{
    enum lede_status st = lede_sealed_segment_open(mergers->segments->engine,
        mergers->segments->directory, number, merge->lane, &merge->merged, reterr);
    if (st == LEDE_OK && merge->kind == LEDE_MERGE_LARGE)
        st = lede_sealed_segment_make_last(mergers->segments->directory, merge->merged, reterr);
    return st;
}

/* What searches have in memory of the sources is read of what was made of them, so that the first
 * search there does not wait for it. What cannot be read now is read, or told, by a search. */
static void carry_what_is_kept(struct lede_mergers *mergers, const struct lede_merge *merge)
{
    struct lede_index_segment segments[LEDE_MERGE_SEGMENTS_MAX + 1] = {0};
    char paths[LEDE_MERGE_SEGMENTS_MAX + 1][LEDE_PATH_BYTES_MAX];
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    for (size_t i = 0; i <= merge->count; i++) {
        uint32_t number = i < merge->count ? merge->numbers[i] : merge->number;
        if (lede_segment_path(mergers->segments->directory, number, paths[i], NULL) != LEDE_OK)
            return;
        segments[i].path = paths[i];
    }
    if (lede_index_open_segments(
            mergers->segments->engine, segments, merge->count + 1, NULL, &index, NULL) == LEDE_OK)
        lede_match_carry(index, merge->count, CARRIED_BYTES, may_go_on, mergers);
}

static void *merge_at_low_priority(void *context)
{
    struct lede_merge *merge = context;
    struct lede_mergers *mergers = merge->mergers;
    /* Where it is refused a merge takes its share like any thread. */
    if (!merge->urgent)
        (void)lede_thread_make_idle();
    uint32_t number = merge->number;
    lede_fault_point("merge");
    merge->status = merge_files(mergers, merge, number, &merge->error);
    if (merge->status == LEDE_OK)
        merge->status = open_merged(mergers, merge, number, &merge->error);
    if (merge->status == LEDE_OK)
        carry_what_is_kept(mergers, merge);
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
    merge->status = lede_segments_begin(merge->mergers->segments, &merge->number, &merge->error);
    if (merge->status != LEDE_OK)
        return;
    if (pthread_create(&worker, NULL, merge_at_low_priority, merge) == 0)
        pthread_join(worker, NULL);
    else
        merge->status = lede_fail(&merge->error, LEDE_EIO, "cannot start a thread that merges");
    if (merge->status == LEDE_ECORRUPT)
        lede_quarantine_suspect(&merge->mergers->segments->quarantine, merge->status);
}

void lede_merger_hand_over(struct lede_merge *merge)
{
    struct lede_mergers *mergers = merge->mergers;
    pthread_mutex_lock(&mergers->monitor->mutex);
    merge->stage = LEDE_MERGE_DONE;
    pthread_cond_signal(&mergers->monitor->work);
    pthread_mutex_unlock(&mergers->monitor->mutex);
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
    struct lede_mergers *mergers, struct lede_merge *merge, struct lede_error *reterr)
{
    const struct lede_lane_segments *lane = &mergers->segments->lanes[merge->lane];
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < merge->count; i++) {
        const struct lede_sealed_segment *segment =
            lede_lane_segments_find(lane, merge->numbers[i]);
        if (!segment)
            return LEDE_ENOTFOUND;
        if (merge->merged)
            st = carry_deletions(merge, i, segment, reterr);
    }
    if (st == LEDE_OK && merge->merged)
        st = lede_segments_change_state(
            mergers->segments, merge->number, LEDE_SEGMENT_SEALED, reterr);
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
    st = lede_segments_change(mergers->segments, &change, reterr);
    lede_change_done(mergers->segments, &change);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&mergers->monitor->mutex);
    mergers->merged_count++;
    mergers->merged_bytes += merge->rewrite ? 2 * bytes : bytes;
    pthread_mutex_unlock(&mergers->monitor->mutex);
    return LEDE_OK;
}

static void sources_done(struct lede_merge *merge)
{
    for (size_t i = 0; i < merge->count; i++)
        lede_merge_source_done(&merge->sources[i]);
}

/* Made for nothing: it failed, or the list has changed under it. */
static void discard(struct lede_mergers *mergers, struct lede_merge *merge)
{
    lede_sealed_segment_free(LEDE_TAKE(&merge->merged));
    lede_segments_drop(mergers->segments, merge->number);
    merge->number = 0;
}

static enum lede_status take_over(
    struct lede_mergers *mergers, struct lede_merge *merge, struct lede_error *reterr)
{
    pthread_mutex_lock(&mergers->monitor->mutex);
    bool done = merge->stage == LEDE_MERGE_DONE;
    pthread_mutex_unlock(&mergers->monitor->mutex);
    if (!done)
        return LEDE_OK;
    enum lede_status merged = merge->status;
    enum lede_status st = merged == LEDE_OK ? put_in_place(mergers, merge, reterr) : LEDE_OK;
    if (merge->merged || merged != LEDE_OK)
        discard(mergers, merge);
    sources_done(merge);
    lede_view_give(mergers->segments, LEDE_TAKE(&merge->view));
    pthread_mutex_lock(&mergers->monitor->mutex);
    mark_sources(merge, false);
    merge->stage = LEDE_MERGE_NONE;
    merge->retry_monotonic_ns =
        merged == LEDE_OK ? 0 : lede_time_monotonic_ns() + RETRY_AFTER_MS * UINT64_C(1000000);
    pthread_cond_broadcast(&mergers->monitor->changed);
    pthread_mutex_unlock(&mergers->monitor->mutex);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}

enum lede_status lede_mergers_take_over(struct lede_mergers *mergers, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t kind = 0; st == LEDE_OK && kind < LEDE_MERGES; kind++)
        st = take_over(mergers, &mergers->merges[kind], reterr);
    return st;
}

/* ---- The threads ---- */

/* Merge if there is anything to merge; else say until when nothing will be, 0: until something
 * changes. The mutex is held, and given back while it merges. */
static bool merge_next(struct lede_merge *merge, uint64_t *ret_until)
{
    struct lede_mergers *mergers = merge->mergers;
    uint64_t now = lede_time_monotonic_ns();
    uint64_t idle_from = mergers->written_monotonic_ns + IDLE_AFTER_MS * UINT64_C(1000000);
    *ret_until = now < merge->retry_monotonic_ns ? merge->retry_monotonic_ns
                 : now < idle_from               ? idle_from
                                                 : 0;
    if (now < merge->retry_monotonic_ns || !lede_merger_choose(merge, now >= idle_from)) {
        merge->nothing_generation = mergers->segments->generation;
        pthread_cond_signal(&mergers->monitor->work);
        return false;
    }
    pthread_mutex_unlock(&mergers->monitor->mutex);
    lede_merger_run(merge);
    lede_merger_hand_over(merge);
    pthread_mutex_lock(&mergers->monitor->mutex);
    return true;
}

static void *merger_main(void *context)
{
    struct lede_merge *merge = context;
    struct lede_mergers *mergers = merge->mergers;
    pthread_mutex_lock(&mergers->monitor->mutex);
    while (!mergers->monitor->stopping) {
        uint64_t until = 0;
        pthread_mutex_unlock(&mergers->monitor->mutex);
        lede_view_sweep(mergers->segments);
        pthread_mutex_lock(&mergers->monitor->mutex);
        if (!mergers->monitor->stopping && !merge_next(merge, &until) &&
            !mergers->monitor->stopping)
            lede_condition_wait_until(&mergers->monitor->changed, &mergers->monitor->mutex, until);
    }
    pthread_mutex_unlock(&mergers->monitor->mutex);
    return NULL;
}

void lede_mergers_init(struct lede_mergers *mergers, struct lede_monitor *monitor,
    struct lede_segments *segments, const struct lede_merge_limits *limits)
{
    *mergers = (struct lede_mergers){.monitor = monitor,
        .segments = segments,
        .limits = lede_merge_limits_with_defaults(limits)};
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        mergers->merges[kind].mergers = mergers;
        mergers->merges[kind].kind = (enum lede_merge_kind)kind;
    }
}

enum lede_status lede_mergers_start(struct lede_mergers *mergers, struct lede_error *reterr)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        struct lede_merge *merge = &mergers->merges[kind];
        if (pthread_create(&merge->thread, NULL, merger_main, merge) != 0)
            return lede_fail(reterr, LEDE_EIO, "cannot start a merger's thread");
        merge->has_thread = true;
    }
    return LEDE_OK;
}

void lede_mergers_join(struct lede_mergers *mergers)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        if (mergers->merges[kind].has_thread)
            pthread_join(mergers->merges[kind].thread, NULL);
        mergers->merges[kind].has_thread = false;
    }
}

void lede_mergers_done(struct lede_mergers *mergers)
{
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        struct lede_merge *merge = &mergers->merges[kind];
        discard(mergers, merge);
        sources_done(merge);
        if (merge->view)
            lede_view_give(mergers->segments, LEDE_TAKE(&merge->view));
    }
}
