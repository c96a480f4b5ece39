/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view.h"
#include "files.h"
#include "segment_set.h"

#include <stdlib.h>

/* ---- Making ---- */

/* The mutex is held. */
static void give_deletions(struct lede_deletions *deletions)
{
    if (!deletions || --deletions->references > 0)
        return;
    lede_bitmap_done(&deletions->bitmap);
    lede_value_counts_free(deletions->values);
    free(deletions);
}

/* The mutex is held. */
static void free_view(struct lede_view *view)
{
    for (size_t i = 0; view && i < view->count; i++)
        give_deletions(view->segments[i].deletions);
    free(view);
}

static enum lede_status copy_deletions(const struct lede_bitmap *bitmap,
    struct lede_deletions **ret_deletions, struct lede_error *reterr)
{
    struct lede_deletions *deletions = calloc(1, sizeof(*deletions));
    if (!deletions || lede_bitmap_copy(bitmap, &deletions->bitmap) != LEDE_OK) {
        free(deletions);
        return lede_fail_memory(reterr);
    }
    deletions->references = 1;
    *ret_deletions = deletions;
    return LEDE_OK;
}

/* Figures are kept as documents are deleted, so that nobody has to look at all that is deleted to
 * tell them. What cannot be counted is left to readers, who meet the damage and tell the scrub. */
static void count_values(
    const struct lede_sealed_segment *segment, struct lede_deletions *deletions)
{
    const struct lede_deletions *told = segment->published;
    const struct lede_value_counts *counted = told ? told->values : NULL;
    struct lede_deleted deleted = lede_bitmap_view(&deletions->bitmap);
    struct lede_deleted before = {0};
    if (counted)
        before = lede_bitmap_view(&told->bitmap);
    (void)!lede_sealed_count_values(
        segment->sealed, &deleted, &before, counted, &deletions->values, NULL);
}

/* A segment's bits as readers are to be told them, in segment->published. */
static enum lede_status publish_deletions(
    struct lede_segments *segments, struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    uint32_t told = segment->published ? segment->published->bitmap.count : 0;
    if (told == segment->deleted.count)
        return LEDE_OK;
    struct lede_deletions *deletions = NULL;
    enum lede_status st = copy_deletions(&segment->deleted, &deletions, reterr);
    if (st != LEDE_OK)
        return st;
    count_values(segment, deletions);
    pthread_mutex_lock(&segments->monitor->mutex);
    give_deletions(segment->published);
    segment->published = deletions;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return LEDE_OK;
}

/* The mutex is held. */
static enum lede_status add_lane(struct lede_segments *segments,
    const struct lede_lane_segments *lane, struct lede_view *view, struct lede_error *reterr)
{
    struct lede_segment_states *states = &segments->states;
    for (size_t i = 0; i < lane->count; i++) {
        const struct lede_sealed_segment *segment = lane->items[i];
        if (lede_segment_state_of(states, segment->number) != LEDE_SEGMENT_LISTED) {
            enum lede_status st =
                lede_segment_state_change(states, segment->number, LEDE_SEGMENT_SHOWN, reterr);
            if (st != LEDE_OK)
                return st;
        }
        if (segment->published)
            segment->published->references++;
        view->segments[view->count++] = (struct lede_view_segment){
            .entry = lede_sealed_segment_entry(segment), .deletions = segment->published};
    }
    return LEDE_OK;
}

static void unlink_view(struct lede_segments *segments, const struct lede_view *view)
{
    for (struct lede_view **link = &segments->views; *link; link = &(*link)->next) {
        if (*link == view) {
            *link = view->next;
            return;
        }
    }
}

/* The mutex is held. */
static void drop_reference(struct lede_segments *segments, struct lede_view *view)
{
    if (!view || --view->references > 0)
        return;
    unlink_view(segments, view);
    free_view(view);
    pthread_cond_broadcast(&segments->monitor->changed);
}

/* A copy counts nothing by itself: it knows what its source showed. */
static uint64_t next_revision(const struct lede_segments *segments)
{
    if (!segments->is_copy)
        return segments->revision + 1;
    return segments->source_revision > segments->revision ? segments->source_revision
                                                          : segments->revision;
}

enum lede_status lede_view_publish(
    struct lede_segments *segments, bool is_commit, struct lede_error *reterr)
{
    size_t count = 0;
    uint64_t documents = 0;
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        const struct lede_lane_segments *lane = &segments->lanes[i];
        count += lane->count;
        documents += lede_lane_segments_document_count(lane);
        for (size_t k = 0; k < lane->count; k++) {
            enum lede_status st = publish_deletions(segments, lane->items[k], reterr);
            if (st != LEDE_OK)
                return st;
        }
    }
    struct lede_view *view = calloc(1, sizeof(*view) + count * sizeof(view->segments[0]));
    if (!view)
        return lede_fail_memory(reterr);
    view->references = 1;
    pthread_mutex_lock(&segments->monitor->mutex);
    enum lede_status st = LEDE_OK;
    for (uint32_t i = 0; st == LEDE_OK && i < segments->lane_count; i++)
        st = add_lane(segments, &segments->lanes[i], view, reterr);
    if (st != LEDE_OK) {
        free_view(view);
        pthread_mutex_unlock(&segments->monitor->mutex);
        return st;
    }
    segments->documents = documents;
    if (is_commit)
        segments->revision = next_revision(segments);
    segments->commits += is_commit;
    view->generation = ++segments->generation;
    view->next = segments->views;
    segments->views = view;
    struct lede_view *before = segments->view;
    segments->view = view;
    drop_reference(segments, before);
    pthread_cond_broadcast(&segments->monitor->changed);
    pthread_mutex_unlock(&segments->monitor->mutex);
    return LEDE_OK;
}

/* ---- Holding ---- */

struct lede_view *lede_view_take(struct lede_segments *segments, uint64_t *ret_revision)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    struct lede_view *view = segments->view;
    view->references++;
    if (ret_revision)
        *ret_revision = segments->revision;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return view;
}

void lede_view_give(struct lede_segments *segments, struct lede_view *view)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    drop_reference(segments, view);
    pthread_mutex_unlock(&segments->monitor->mutex);
}

void lede_view_forget_published(struct lede_segments *segments, struct lede_sealed_segment *segment)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    give_deletions(segment->published);
    segment->published = NULL;
    pthread_mutex_unlock(&segments->monitor->mutex);
}

void lede_view_done(struct lede_segments *segments)
{
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        for (size_t k = 0; k < segments->lanes[i].count; k++)
            lede_view_forget_published(segments, segments->lanes[i].items[k]);
    }
    pthread_mutex_lock(&segments->monitor->mutex);
    drop_reference(segments, segments->view);
    segments->view = NULL;
    pthread_mutex_unlock(&segments->monitor->mutex);
    lede_view_sweep(segments);
}

/* ---- Retired segments ---- */

/* The mutex is held. */
static bool is_held(const struct lede_segments *segments, uint32_t number)
{
    for (const struct lede_view *view = segments->views; view; view = view->next) {
        for (size_t i = 0; i < view->count; i++) {
            if (view->segments[i].entry.number == number)
                return true;
        }
    }
    return false;
}

/* Take one retired segment that nobody holds off the table; 0: there is none. */
static uint32_t take_retired(struct lede_segments *segments)
{
    uint32_t number = 0;
    pthread_mutex_lock(&segments->monitor->mutex);
    for (size_t i = 0; number == 0 && i < segments->states.count; i++) {
        const struct lede_segment_entry *entry = &segments->states.entries[i];
        if (entry->state == LEDE_SEGMENT_RETIRED && !is_held(segments, entry->number))
            number = entry->number;
    }
    if (number != 0)
        (void)!lede_segment_state_change(&segments->states, number, LEDE_SEGMENT_UNKNOWN, NULL);
    pthread_mutex_unlock(&segments->monitor->mutex);
    return number;
}

void lede_view_sweep(struct lede_segments *segments)
{
    for (uint32_t number = take_retired(segments); number != 0; number = take_retired(segments)) {
        char path[LEDE_PATH_BYTES_MAX];
        /* What cannot be removed now is a stray, and removed when the store is opened. */
        if (lede_segment_path(segments->directory, number, path, NULL) == LEDE_OK)
            (void)!lede_directory_remove(path, NULL);
    }
}
