/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_list.h"

#include "fault.h"
#include "files.h"
#include "lede/schema.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

/* ---- Changing the list ---- */

void lede_change_done(struct lede_segments *segments, struct lede_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        lede_segments_drop(segments, change->added[i]->number);
        lede_sealed_segment_free(change->added[i]);
    }
    change->added_count = 0;
}

/* What is being merged stays until that is taken over. */
static bool is_merging(struct lede_segments *segments, uint32_t number)
{
    pthread_mutex_lock(&segments->monitor->mutex);
    const struct lede_segment_entry *entry = lede_segment_states_find(&segments->states, number);
    bool merging = entry && entry->is_merging;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return merging;
}

static bool is_gone(struct lede_segments *segments, const struct lede_change *change,
    const struct lede_sealed_segment *segment)
{
    for (size_t i = 0; i < change->gone_count; i++) {
        if (change->gone[i] == segment->number)
            return true;
    }
    return change->drops_emptied && segment->deleted.count == segment->documents &&
           !is_merging(segments, segment->number);
}

/* What has gone leaves the lane. */
static void drop_gone(struct lede_segments *segments, struct lede_lane_segments *lane,
    const struct lede_change *change)
{
    size_t kept = 0;
    for (size_t i = 0; i < lane->count; i++) {
        struct lede_sealed_segment *segment = lane->items[i];
        if (!is_gone(segments, change, segment)) {
            lane->items[kept++] = segment;
            continue;
        }
        lede_segments_drop(segments, segment->number);
        lede_view_forget_published(segments, segment);
        lede_sealed_segment_free(segment);
    }
    lane->count = kept;
}

/* There is room. */
static void take_added(struct lede_segments *segments, struct lede_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        struct lede_lane_segments *lane = &segments->lanes[change->added[i]->lane];
        lane->items[lane->count++] = change->added[i];
    }
    change->added_count = 0;
}

enum lede_status lede_segments_change(
    struct lede_segments *segments, struct lede_change *change, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    segments->unlisted = true;
    for (uint32_t i = 0; i < segments->lane_count; i++)
        drop_gone(segments, &segments->lanes[i], change);
    for (size_t i = 0; st == LEDE_OK && i < change->added_count; i++)
        st = lede_lane_segments_reserve(
            &segments->lanes[change->added[i]->lane], change->added_count, reterr);
    if (st == LEDE_OK)
        take_added(segments, change);
    return st == LEDE_OK ? lede_view_publish(segments, change->is_commit, reterr) : st;
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
static enum lede_status append_kept(const struct lede_segments *segments,
    const struct lede_manifest *manifest, struct lede_deletion_list *list,
    struct lede_error *reterr)
{
    const struct lede_deletion_list *kept = &segments->kept_deletions;
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
    struct lede_manifest_segment entry = lede_sealed_segment_entry(segment);
    enum lede_status st = lede_manifest_add(manifest, &entry, reterr);
    return st == LEDE_OK ? append_bits(deletions, segment, reterr) : st;
}

/* The manifest as it is to be: what the lanes have, and what is quarantined. */
static enum lede_status plan(struct lede_segments *segments, struct lede_manifest *manifest,
    struct lede_deletion_list *deletions, struct lede_error *reterr)
{
    const struct lede_manifest *before = &segments->manifest;
    enum lede_status st = LEDE_OK;
    manifest->generation = before->generation;
    manifest->deletions = before->generation + 1;
    manifest->lanes = before->lanes;
    memcpy(manifest->history, before->history, sizeof(manifest->history));
    manifest->is_copy = segments->is_copy;
    manifest->source_position = segments->source_position;
    for (size_t i = 0; st == LEDE_OK && i < before->segment_count; i++) {
        if (before->segments[i].state == LEDE_SEGMENT_QUARANTINED)
            st = lede_manifest_add(manifest, &before->segments[i], reterr);
    }
    if (st == LEDE_OK)
        st = append_kept(segments, manifest, deletions, reterr);
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        const struct lede_lane_segments *lane = &segments->lanes[i];
        for (size_t k = 0; st == LEDE_OK && k < lane->count; k++)
            st = plan_segment(manifest, lane->items[k], deletions, reterr);
    }
    pthread_mutex_lock(&segments->monitor->mutex);
    manifest->next_number = segments->next_number;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return st;
}

enum lede_status lede_segments_write_list(struct lede_segments *segments, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list deletions = {0};
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    char path[LEDE_PATH_BYTES_MAX];
    bool replaced = false;
    enum lede_status st = plan(segments, &manifest, &deletions, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(segments->directory, "segments", path, reterr);
    lede_fault_point("list");
    if (st == LEDE_OK)
        st = lede_directory_sync(path, reterr);
    if (st == LEDE_OK)
        st = lede_deletion_log_write(
            segments->directory, manifest.deletions, segments->revision, &deletions, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_write(segments->directory, &manifest, &replaced, reterr);
    /* The new list is there; where its directory could not be synced the old one may be, too. From
     * now on what either names may not be retired, until a list is certain. */
    pthread_mutex_lock(&segments->monitor->mutex);
    struct lede_error unlisted;
    enum lede_status listed =
        replaced ? lede_segment_states_list(&segments->states, &manifest, &unlisted) : LEDE_OK;
    if (st == LEDE_OK && listed == LEDE_OK)
        lede_segment_states_settle(&segments->states, &manifest);
    pthread_mutex_unlock(&segments->monitor->mutex);
    if (st == LEDE_OK && listed != LEDE_OK && reterr)
        *reterr = unlisted;
    if (st != LEDE_OK || listed != LEDE_OK)
        return st != LEDE_OK ? st : listed;
    if (segments->manifest.deletions > 0)
        lede_deletion_log_remove(segments->directory, segments->manifest.deletions);
    struct lede_manifest former = segments->manifest;
    segments->manifest = manifest;
    manifest = former;
    segments->unlisted = false;
    pthread_mutex_lock(&segments->monitor->mutex);
    pthread_cond_broadcast(&segments->monitor->changed);
    pthread_mutex_unlock(&segments->monitor->mutex);
    return LEDE_OK;
}

enum lede_status lede_segments_take_out(
    struct lede_segments *segments, uint32_t number, struct lede_error *reterr)
{
    struct lede_change change = {.gone = &number, .gone_count = 1, .is_commit = true};
    struct lede_manifest_segment *entry = lede_manifest_find(&segments->manifest, number);
    const struct lede_sealed_segment *segment =
        entry && entry->state == LEDE_SEGMENT_LISTED
            ? lede_lane_segments_find(&segments->lanes[entry->lane], number)
            : NULL;
    if (!segment)
        return lede_fail(reterr, LEDE_ENOTFOUND, "no sealed segment %u is listed", number);
    enum lede_status st = append_bits(&segments->kept_deletions, segment, reterr);
    if (st != LEDE_OK)
        return st;
    lede_quarantine_count(
        &segments->quarantine, number, segment->documents - segment->deleted.count);
    entry->state = LEDE_SEGMENT_QUARANTINED;
    return lede_segments_change(segments, &change, reterr);
}

/* ---- Loading ---- */

enum lede_status lede_segments_read_manifest(
    struct lede_segments *segments, struct lede_error *reterr)
{
    struct lede_manifest manifest;
    enum lede_status st =
        lede_manifest_read(segments->directory, LEDE_MANIFEST_WRITE, &manifest, reterr);
    if (st == LEDE_OK) {
        lede_manifest_done(&segments->manifest);
        segments->manifest = manifest;
    } else if (st == LEDE_ENOTFOUND && segments->manifest.generation == 0) {
        st = LEDE_OK;
    }
    return st;
}

static void close_all(struct lede_segments *segments)
{
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        struct lede_lane_segments *lane = &segments->lanes[i];
        for (size_t k = 0; k < lane->count; k++) {
            lede_segments_drop(segments, lane->items[k]->number);
            lede_view_forget_published(segments, lane->items[k]);
            lede_sealed_segment_free(lane->items[k]);
        }
        lane->count = 0;
    }
}

/* Xapian opens a segment whose tables are cut short, and misses that later. */
static enum lede_status open_whole(struct lede_segments *segments,
    const struct lede_manifest_segment *entry, struct lede_sealed_segment **ret_segment,
    struct lede_error *reterr)
{
    struct lede_checksums_how how = {.only_sizes = true};
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    enum lede_status st =
        lede_quarantine_compare(&segments->quarantine, entry->number, &how, &damage, reterr);
    if (st == LEDE_OK && damage != LEDE_DAMAGE_NONE)
        st = lede_fail(reterr, LEDE_ECORRUPT, "segment %u is not whole", entry->number);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            segments->engine, segments->directory, entry->number, entry->lane, ret_segment, reterr);
    return st;
}

static enum lede_status open_listed(
    struct lede_segments *segments, struct lede_manifest_segment *entry, struct lede_error *reterr)
{
    struct lede_lane_segments *lane = &segments->lanes[entry->lane];
    struct lede_sealed_segment *segment = NULL;
    struct lede_error why = {0};
    enum lede_status st = lede_lane_segments_reserve(lane, 1, reterr);
    if (st != LEDE_OK)
        return st;
    if (lede_quarantine_has(&segments->quarantine, entry->number)) {
        entry->state = LEDE_SEGMENT_QUARANTINED;
        return LEDE_OK;
    }
    st = open_whole(segments, entry, &segment, &why);
    if (st != LEDE_OK)
        return lede_quarantine_judge(&segments->quarantine, entry, &why, reterr);
    segment->lasts = true;
    if (entry->analysis < segment->analysis)
        segment->analysis = entry->analysis;
    lane->items[lane->count++] = segment;
    return LEDE_OK;
}

static enum lede_status load_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct lede_segments *segments = context;
    const struct lede_manifest_segment *entry =
        lede_manifest_find(&segments->manifest, deletion->segment);
    struct lede_sealed_segment *segment =
        entry ? lede_lane_segments_find(&segments->lanes[entry->lane], deletion->segment) : NULL;
    if (segment)
        return lede_bitmap_set(&segment->deleted, deletion->docid, reterr);
    bool is_kept = entry && entry->state == LEDE_SEGMENT_QUARANTINED;
    return !is_kept || lede_deletion_list_add(
                           &segments->kept_deletions, deletion->segment, deletion->docid) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

static uint64_t highest_revision(const struct lede_segments *segments)
{
    uint64_t highest = 0;
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        const struct lede_lane_segments *lane = &segments->lanes[i];
        for (size_t k = 0; k < lane->count; k++) {
            uint64_t revision = lede_sealed_revision(lane->items[k]->sealed);
            highest = revision > highest ? revision : highest;
        }
    }
    return highest;
}

static uint32_t count_kept(const struct lede_segments *segments, uint32_t number)
{
    uint32_t count = 0;
    for (size_t i = 0; i < segments->kept_deletions.count; i++)
        count += segments->kept_deletions.items[i].segment == number ? 1 : 0;
    return count;
}

/* What is damaged may have been found just now, or before. */
static enum lede_status note_quarantined(
    struct lede_segments *segments, bool *ret_any, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    *ret_any = false;
    for (size_t i = 0; st == LEDE_OK && i < segments->manifest.segment_count; i++) {
        const struct lede_manifest_segment *entry = &segments->manifest.segments[i];
        if (entry->state != LEDE_SEGMENT_QUARANTINED)
            continue;
        *ret_any = true;
        st = lede_quarantine_note(
            &segments->quarantine, entry->number, "it was found damaged before", reterr);
        uint32_t deleted = count_kept(segments, entry->number);
        lede_quarantine_count(&segments->quarantine, entry->number,
            entry->documents > deleted ? entry->documents - deleted : 0);
    }
    return st;
}

/* A segment that cannot be read leaves the others to be served; where none can be read, it is not
 * the segments. */
static enum lede_status expect_any(struct lede_segments *segments, struct lede_error *reterr)
{
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        if (segments->lanes[i].count > 0)
            return LEDE_OK;
    }
    return lede_quarantine_expect_readable(&segments->quarantine, reterr);
}

enum lede_status lede_segments_load(struct lede_segments *segments, struct lede_error *reterr)
{
    struct lede_manifest *manifest = &segments->manifest;
    uint64_t logged = 0;
    bool any_quarantined = false;
    close_all(segments);
    segments->quarantine.unreadable_count = 0;
    lede_deletion_list_done(&segments->kept_deletions);
    pthread_mutex_lock(&segments->monitor->mutex);
    enum lede_status st = lede_segment_states_list(&segments->states, manifest, reterr);
    pthread_mutex_unlock(&segments->monitor->mutex);
    for (size_t i = 0; st == LEDE_OK && i < manifest->segment_count; i++) {
        if (manifest->segments[i].state == LEDE_SEGMENT_LISTED)
            st = open_listed(segments, &manifest->segments[i], reterr);
    }
    if (st == LEDE_OK)
        st = expect_any(segments, reterr);
    if (st == LEDE_OK && manifest->deletions > 0)
        st = lede_deletion_log_read(
            segments->directory, manifest->deletions, load_deletion, segments, &logged, reterr);
    if (st == LEDE_OK)
        st = note_quarantined(segments, &any_quarantined, reterr);
    if (st != LEDE_OK)
        return st;
    uint64_t revision = highest_revision(segments);
    revision = logged > revision ? logged : revision;
    segments->unlisted = manifest->generation == 0 || any_quarantined;
    pthread_mutex_lock(&segments->monitor->mutex);
    segments->revision = revision > segments->revision ? revision : segments->revision;
    if (manifest->next_number > segments->next_number)
        segments->next_number = manifest->next_number;
    pthread_mutex_unlock(&segments->monitor->mutex);
    return LEDE_OK;
}
