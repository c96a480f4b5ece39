/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What readers see: views, who holds them, and the files that nobody needs any more.
 *
 * A view is made by the writer and never changes. Readers, the merger and backups hold one as long
 * as they read its files. A segment that leaves the list is retired; its files go when no view that
 * somebody holds names it. Unlinking earlier would do on Linux only where every table is open
 * already, and Xapian opens some when they are first needed. */
#include "internal.h"

#include "files.h"

#include <stdlib.h>

/* ---- Making ---- */

/* The mutex is held. */
static void give_deletions(struct lede_deletions *deletions)
{
    if (!deletions || --deletions->references > 0)
        return;
    lede_bitmap_done(&deletions->bitmap);
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

/* A segment's bits as readers are to be told them, in segment->published. */
static enum lede_status publish_deletions(
    struct lede_store *store, struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    uint32_t told = segment->published ? segment->published->bitmap.count : 0;
    if (told == segment->deleted.count)
        return LEDE_OK;
    struct lede_deletions *deletions = NULL;
    enum lede_status st = copy_deletions(&segment->deleted, &deletions, reterr);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&store->mutex);
    give_deletions(segment->published);
    segment->published = deletions;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

/* The mutex is held. */
static enum lede_status add_lane(
    struct lede_view *view, const struct lede_lane *lane, struct lede_error *reterr)
{
    struct lede_segment_states *states = &lane->store->states;
    for (size_t i = 0; i < lane->sealed_count; i++) {
        const struct lede_sealed_segment *segment = lane->sealed[i];
        if (lede_segment_state_of(states, segment->number) != LEDE_SEGMENT_LISTED) {
            enum lede_status st =
                lede_segment_state_change(states, segment->number, LEDE_SEGMENT_SHOWN, reterr);
            if (st != LEDE_OK)
                return st;
        }
        if (segment->published)
            segment->published->references++;
        view->segments[view->count++] = (struct lede_view_segment){.number = segment->number,
            .lane = lane->index,
            .documents = segment->documents,
            .bytes = segment->bytes,
            .analysis = segment->analysis,
            .deletions = segment->published};
    }
    return LEDE_OK;
}

static void unlink_view(struct lede_store *store, const struct lede_view *view)
{
    for (struct lede_view **link = &store->views; *link; link = &(*link)->next) {
        if (*link == view) {
            *link = view->next;
            return;
        }
    }
}

/* The mutex is held. */
static void drop_reference(struct lede_store *store, struct lede_view *view)
{
    if (!view || --view->references > 0)
        return;
    unlink_view(store, view);
    free_view(view);
    pthread_cond_broadcast(&store->listed);
}

static uint64_t count_documents(const struct lede_store *store)
{
    uint64_t documents = 0;
    for (uint32_t i = 0; i < store->lane_count; i++)
        documents += lede_lane_document_count(&store->lanes[i]);
    return documents;
}

enum lede_status lede_view_publish(
    struct lede_store *store, bool is_commit, struct lede_error *reterr)
{
    size_t count = 0;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        struct lede_lane *lane = &store->lanes[i];
        count += lane->sealed_count;
        for (size_t k = 0; k < lane->sealed_count; k++) {
            enum lede_status st = publish_deletions(store, lane->sealed[k], reterr);
            if (st != LEDE_OK)
                return st;
        }
    }
    struct lede_view *view = calloc(1, sizeof(*view) + count * sizeof(view->segments[0]));
    if (!view)
        return lede_fail_memory(reterr);
    view->references = 1;
    uint64_t documents = count_documents(store);
    pthread_mutex_lock(&store->mutex);
    enum lede_status st = LEDE_OK;
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        st = add_lane(view, &store->lanes[i], reterr);
    if (st != LEDE_OK) {
        free_view(view);
        pthread_mutex_unlock(&store->mutex);
        return st;
    }
    store->stats.documents = documents;
    store->revision += is_commit;
    store->stats.commits += is_commit;
    view->generation = ++store->generation;
    view->next = store->views;
    store->views = view;
    struct lede_view *before = store->view;
    store->view = view;
    drop_reference(store, before);
    pthread_cond_broadcast(&store->listed);
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

/* ---- Holding ---- */

struct lede_view *lede_view_take(struct lede_store *store, uint64_t *ret_revision)
{
    pthread_mutex_lock(&store->mutex);
    struct lede_view *view = store->view;
    view->references++;
    if (ret_revision)
        *ret_revision = store->revision;
    pthread_mutex_unlock(&store->mutex);
    return view;
}

void lede_view_give(struct lede_store *store, struct lede_view *view)
{
    pthread_mutex_lock(&store->mutex);
    drop_reference(store, view);
    pthread_mutex_unlock(&store->mutex);
}

void lede_view_forget_published(struct lede_store *store, struct lede_sealed_segment *segment)
{
    pthread_mutex_lock(&store->mutex);
    give_deletions(segment->published);
    segment->published = NULL;
    pthread_mutex_unlock(&store->mutex);
}

void lede_view_done(struct lede_store *store)
{
    pthread_mutex_lock(&store->mutex);
    drop_reference(store, store->view);
    store->view = NULL;
    pthread_mutex_unlock(&store->mutex);
    lede_view_sweep(store);
    lede_segment_states_done(&store->states);
}

/* ---- Retired segments ---- */

/* The mutex is held. */
static bool is_held(const struct lede_store *store, uint32_t number)
{
    for (const struct lede_view *view = store->views; view; view = view->next) {
        for (size_t i = 0; i < view->count; i++) {
            if (view->segments[i].number == number)
                return true;
        }
    }
    return false;
}

/* Take one retired segment that nobody holds off the table; 0: there is none. */
static uint32_t take_retired(struct lede_store *store)
{
    uint32_t number = 0;
    pthread_mutex_lock(&store->mutex);
    for (size_t i = 0; number == 0 && i < store->states.count; i++) {
        const struct lede_segment_entry *entry = &store->states.entries[i];
        if (entry->state == LEDE_SEGMENT_RETIRED && !is_held(store, entry->number))
            number = entry->number;
    }
    if (number != 0)
        (void)!lede_segment_state_change(&store->states, number, LEDE_SEGMENT_UNKNOWN, NULL);
    pthread_mutex_unlock(&store->mutex);
    return number;
}

void lede_view_sweep(struct lede_store *store)
{
    for (uint32_t number = take_retired(store); number != 0; number = take_retired(store)) {
        char path[LEDE_PATH_BYTES_MAX];
        /* What cannot be removed now is a stray, and removed when the store is opened. */
        if (lede_segment_path(store->directory, number, path, NULL) == LEDE_OK)
            (void)!lede_directory_remove(path, NULL);
    }
}
