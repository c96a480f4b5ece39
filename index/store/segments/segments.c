/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of segments: in memory, where each commit and each merge changes it, and on the disk,
 * where it is written now and then.
 *
 * What the disk's list does not have yet is in the journal, so that nothing but the journal needs
 * to be synced before a write is answered. Writing the list is one replacement of the manifest:
 * before it the disk has the old list, after it the new one. The log of deletions that goes with
 * the new list is written before, under the new generation's name. */
#include "internal.h"

#include "fault.h"
#include "files.h"
#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_segments_begin(
    struct lede_store *store, uint32_t *ret_number, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->mutex);
    uint32_t number = store->next_number++;
    enum lede_status st =
        lede_segment_state_change(&store->states, number, LEDE_SEGMENT_BUILDING, reterr);
    pthread_mutex_unlock(&store->mutex);
    if (st == LEDE_OK)
        *ret_number = number;
    return st;
}

enum lede_status lede_segments_change_state(struct lede_store *store, uint32_t number,
    enum lede_segment_state to, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->mutex);
    enum lede_status st = lede_segment_state_change(&store->states, number, to, reterr);
    pthread_mutex_unlock(&store->mutex);
    return st;
}

void lede_segments_drop(struct lede_store *store, uint32_t number)
{
    /* There is no edge for what a list names: that one stays until a newer list retires it. */
    if (number != 0)
        (void)!lede_segments_change_state(store, number, LEDE_SEGMENT_RETIRED, NULL);
}

/* ---- Changing the list ---- */

void lede_change_done(struct lede_store *store, struct lede_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        lede_segments_drop(store, change->added[i]->number);
        lede_sealed_segment_free(change->added[i]);
    }
    change->added_count = 0;
}

/* What is being merged stays until that is taken over. */
static bool is_merging(struct lede_store *store, uint32_t number)
{
    pthread_mutex_lock(&store->mutex);
    const struct lede_segment_entry *entry = lede_segment_states_find(&store->states, number);
    bool merging = entry && entry->is_merging;
    pthread_mutex_unlock(&store->mutex);
    return merging;
}

static bool is_gone(struct lede_store *store, const struct lede_change *change,
    const struct lede_sealed_segment *segment)
{
    for (size_t i = 0; i < change->gone_count; i++) {
        if (change->gone[i] == segment->number)
            return true;
    }
    return change->drops_emptied && segment->deleted.count == segment->documents &&
           !is_merging(store, segment->number);
}

/* What has gone leaves the lane. */
static void drop_gone(
    struct lede_store *store, struct lede_lane *lane, const struct lede_change *change)
{
    size_t kept = 0;
    for (size_t i = 0; i < lane->sealed_count; i++) {
        struct lede_sealed_segment *segment = lane->sealed[i];
        if (!is_gone(store, change, segment)) {
            lane->sealed[kept++] = segment;
            continue;
        }
        lede_segments_drop(store, segment->number);
        lede_view_forget_published(store, segment);
        lede_sealed_segment_free(segment);
    }
    lane->sealed_count = kept;
}

static enum lede_status make_room(struct lede_lane *lane, size_t count, struct lede_error *reterr)
{
    if (lane->sealed_count + count <= lane->sealed_capacity)
        return LEDE_OK;
    size_t capacity = lane->sealed_capacity * 2 + count + 16;
    struct lede_sealed_segment **sealed =
        realloc(lane->sealed, capacity * sizeof(struct lede_sealed_segment *));
    if (!sealed)
        return lede_fail_memory(reterr);
    lane->sealed = sealed;
    lane->sealed_capacity = capacity;
    return LEDE_OK;
}

enum lede_status lede_lane_make_room(struct lede_lane *lane, struct lede_error *reterr)
{
    return make_room(lane, 1, reterr);
}

/* There is room. */
static void take_added(struct lede_store *store, struct lede_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        struct lede_lane *lane = &store->lanes[change->added[i]->lane];
        lane->sealed[lane->sealed_count++] = change->added[i];
    }
    change->added_count = 0;
}

enum lede_status lede_segments_change(
    struct lede_store *store, struct lede_change *change, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    store->unlisted = true;
    for (uint32_t i = 0; i < store->lane_count; i++)
        drop_gone(store, &store->lanes[i], change);
    for (size_t i = 0; st == LEDE_OK && i < change->added_count; i++)
        st = make_room(&store->lanes[change->added[i]->lane], change->added_count, reterr);
    if (st == LEDE_OK)
        take_added(store, change);
    return st == LEDE_OK ? lede_view_publish(store, change->is_commit, reterr) : st;
}

/* ---- Writing it ---- */

static enum lede_status append_bits(struct lede_deletion_list *list,
    const struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    const struct lede_bitmap *deleted = &segment->deleted;
    for (uint32_t bit = lede_bitmap_next(deleted, 0); bit < deleted->bit_count;
         bit = lede_bitmap_next(deleted, bit + 1)) {
        if (lede_deletion_list_add(list, segment->number, bit) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

/* What is deleted in quarantined segments stays so, for the day that one is mended. */
static enum lede_status append_kept(const struct lede_store *store,
    const struct lede_manifest *manifest, struct lede_deletion_list *list,
    struct lede_error *reterr)
{
    const struct lede_deletion_list *kept = &store->kept_deletions;
    for (size_t i = 0; i < kept->count; i++) {
        if (lede_manifest_find(manifest, kept->items[i].segment) &&
            lede_deletion_list_add(list, kept->items[i].segment, kept->items[i].docid) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

static enum lede_status plan_segment(struct lede_manifest *manifest,
    const struct lede_sealed_segment *segment, struct lede_deletion_list *deletions,
    struct lede_error *reterr)
{
    struct lede_manifest_segment entry = {.number = segment->number,
        .lane = segment->lane,
        .state = LEDE_SEGMENT_LISTED,
        .documents = segment->documents,
        .bytes = segment->bytes,
        .analysis = segment->analysis};
    enum lede_status st = lede_manifest_add(manifest, &entry, reterr);
    return st == LEDE_OK ? append_bits(deletions, segment, reterr) : st;
}

/* The manifest as it is to be: what the lanes have, and what is quarantined. */
static enum lede_status plan(struct lede_store *store, struct lede_manifest *manifest,
    struct lede_deletion_list *deletions, struct lede_error *reterr)
{
    const struct lede_manifest *before = &store->manifest;
    enum lede_status st = LEDE_OK;
    manifest->generation = before->generation;
    manifest->deletions = before->generation + 1;
    manifest->lanes = before->lanes;
    for (size_t i = 0; st == LEDE_OK && i < before->segment_count; i++) {
        if (before->segments[i].state == LEDE_SEGMENT_QUARANTINED)
            st = lede_manifest_add(manifest, &before->segments[i], reterr);
    }
    if (st == LEDE_OK)
        st = append_kept(store, manifest, deletions, reterr);
    for (uint32_t i = 0; i < store->lane_count; i++) {
        const struct lede_lane *lane = &store->lanes[i];
        for (size_t k = 0; st == LEDE_OK && k < lane->sealed_count; k++)
            st = plan_segment(manifest, lane->sealed[k], deletions, reterr);
    }
    pthread_mutex_lock(&store->mutex);
    manifest->next_number = store->next_number;
    pthread_mutex_unlock(&store->mutex);
    return st;
}

/* ret_replaced  written whatever the status: the disk may have the new list */
static enum lede_status write_files(struct lede_store *store, struct lede_manifest *manifest,
    const struct lede_deletion_list *deletions, bool *ret_replaced, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(store->directory, "segments", segments, reterr);
    lede_fault_point("list");
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st = lede_deletion_log_write(
            store->directory, manifest->deletions, store->revision, deletions, reterr);
    *ret_replaced = false;
    if (st == LEDE_OK)
        st = lede_manifest_write(store->directory, manifest, ret_replaced, reterr);
    return st;
}

enum lede_status lede_segments_write_list(struct lede_store *store, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list deletions = {0};
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    bool replaced = false;
    enum lede_status st = lede_lanes_run(store, lede_lane_make_last, true, reterr);
    if (st == LEDE_OK)
        st = plan(store, &manifest, &deletions, reterr);
    if (st == LEDE_OK)
        st = write_files(store, &manifest, &deletions, &replaced, reterr);
    /* The new list is there, and if its directory could not be synced the old one may be, too: from
     * now on neither's segments may be retired, until a list is certain. */
    pthread_mutex_lock(&store->mutex);
    if (replaced && st == LEDE_OK)
        st = lede_segment_states_list(&store->states, &manifest, reterr);
    else if (replaced)
        (void)!lede_segment_states_list(&store->states, &manifest, NULL);
    if (st == LEDE_OK)
        lede_segment_states_settle(&store->states, &manifest);
    pthread_mutex_unlock(&store->mutex);
    if (st != LEDE_OK)
        return st;
    if (store->manifest.deletions > 0)
        lede_deletion_log_remove(store->directory, store->manifest.deletions);
    struct lede_manifest former = store->manifest;
    store->manifest = manifest;
    manifest = former;
    store->unlisted = false;
    store->pending_bytes = 0;
    lede_journal_forget(&store->journal, lede_journal_mark(&store->journal));
    pthread_mutex_lock(&store->mutex);
    pthread_cond_broadcast(&store->listed);
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

enum lede_status lede_segments_quarantine(
    struct lede_store *store, uint32_t number, struct lede_error *reterr)
{
    struct lede_change change = {.gone = &number, .gone_count = 1, .is_commit = true};
    struct lede_manifest_segment *entry = lede_manifest_find(&store->manifest, number);
    const struct lede_sealed_segment *segment =
        entry && entry->state == LEDE_SEGMENT_LISTED
            ? lede_lane_find_sealed(&store->lanes[entry->lane], number)
            : NULL;
    if (!segment)
        return lede_fail(reterr, LEDE_ENOTFOUND, "no sealed segment %u is listed", number);
    enum lede_status st = append_bits(&store->kept_deletions, segment, reterr);
    if (st != LEDE_OK)
        return st;
    lede_quarantine_count(store, number, segment->documents - segment->deleted.count);
    entry->state = LEDE_SEGMENT_QUARANTINED;
    st = lede_segments_change(store, &change, reterr);
    return st == LEDE_OK ? lede_segments_write_list(store, reterr) : st;
}

/* ---- Loading ---- */

static enum lede_status load_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct lede_store *store = context;
    const struct lede_manifest_segment *entry =
        lede_manifest_find(&store->manifest, deletion->segment);
    struct lede_sealed_segment *segment =
        entry ? lede_lane_find_sealed(&store->lanes[entry->lane], deletion->segment) : NULL;
    if (segment)
        return lede_bitmap_set(&segment->deleted, deletion->docid, reterr);
    bool is_kept = entry && entry->state == LEDE_SEGMENT_QUARANTINED;
    return !is_kept || lede_deletion_list_add(
                           &store->kept_deletions, deletion->segment, deletion->docid) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

static uint64_t highest_revision(const struct lede_store *store)
{
    uint64_t highest = 0;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        const struct lede_lane *lane = &store->lanes[i];
        for (size_t k = 0; k < lane->sealed_count; k++) {
            uint64_t revision = lede_sealed_revision(lane->sealed[k]->sealed);
            highest = revision > highest ? revision : highest;
        }
    }
    return highest;
}

static uint32_t count_kept(const struct lede_store *store, uint32_t number)
{
    uint32_t count = 0;
    for (size_t i = 0; i < store->kept_deletions.count; i++)
        count += store->kept_deletions.items[i].segment == number ? 1 : 0;
    return count;
}

/* What is damaged may have been found just now, or before. */
static enum lede_status note_quarantined(
    struct lede_store *store, bool *ret_any, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    *ret_any = false;
    for (size_t i = 0; st == LEDE_OK && i < store->manifest.segment_count; i++) {
        const struct lede_manifest_segment *entry = &store->manifest.segments[i];
        if (entry->state != LEDE_SEGMENT_QUARANTINED)
            continue;
        *ret_any = true;
        st = lede_quarantine_note(store, entry->number, "it was found damaged before", reterr);
        uint32_t deleted = count_kept(store, entry->number);
        lede_quarantine_count(
            store, entry->number, entry->documents > deleted ? entry->documents - deleted : 0);
    }
    return st;
}

/* A segment that cannot be read leaves the others to be served; where none can be read, it is not
 * the segments. */
static enum lede_status expect_any(const struct lede_store *store, struct lede_error *reterr)
{
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (store->lanes[i].sealed_count > 0)
            return LEDE_OK;
    }
    return store->unreadable_count == 0
               ? LEDE_OK
               : lede_fail(reterr, LEDE_EIO,
                     "none of the segments in '%s/segments' can be read: %s", store->directory,
                     store->quarantined[store->quarantined_count - 1].what);
}

enum lede_status lede_segments_load(struct lede_store *store, struct lede_error *reterr)
{
    uint64_t logged = 0;
    bool any_quarantined = false;
    enum lede_status st = LEDE_OK;
    store->unreadable_count = 0;
    lede_deletion_list_done(&store->kept_deletions);
    pthread_mutex_lock(&store->mutex);
    st = lede_segment_states_list(&store->states, &store->manifest, reterr);
    pthread_mutex_unlock(&store->mutex);
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        st = lede_lane_reopen(&store->lanes[i], reterr);
    if (st == LEDE_OK)
        st = expect_any(store, reterr);
    if (st == LEDE_OK && store->manifest.deletions > 0)
        st = lede_deletion_log_read(
            store->directory, store->manifest.deletions, load_deletion, store, &logged, reterr);
    if (st == LEDE_OK)
        st = note_quarantined(store, &any_quarantined, reterr);
    if (st != LEDE_OK)
        return st;
    uint64_t revision = highest_revision(store);
    revision = logged > revision ? logged : revision;
    store->unlisted = store->manifest.generation == 0 || any_quarantined;
    store->pending_bytes = 0;
    pthread_mutex_lock(&store->mutex);
    store->revision = revision > store->revision ? revision : store->revision;
    if (store->manifest.next_number > store->next_number)
        store->next_number = store->manifest.next_number;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}
