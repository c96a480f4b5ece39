/* The list of segments: new ones listed, sets of them replaced by others, the log of what is deleted in them.
 *
 * A change is one replacement of the manifest: before it the disk has the old list, after it the new one. The log of deletions that
 * goes with the new list is written before, under the new generation's name. */
#include "internal.h"

#include "checksums.h"
#include "fault.h"
#include "files.h"
#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

uint32_t lede_segments_next_number(struct lede_store *store)
{
    pthread_mutex_lock(&store->mutex);
    uint32_t number = store->next_number++;
    pthread_mutex_unlock(&store->mutex);
    return number;
}

/* ---- Deletions ---- */

static enum lede_status append_bits(
    struct lede_deletion_list *list, const struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    const struct lede_bitmap *deleted = &segment->deleted;
    for (uint32_t bit = lede_bitmap_next(deleted, 0); bit < deleted->bit_count;
         bit = lede_bitmap_next(deleted, bit + 1)) {
        if (lede_deletion_list_add(list, segment->number, bit) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

/* All that is deleted in the segments that `manifest` lists, those that are added among them. */
static enum lede_status list_deletions(const struct lede_store *store, const struct lede_manifest *manifest,
    const struct lede_change *change, struct lede_deletion_list *list, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < change->added_count; i++)
        st = append_bits(list, change->added[i], reterr);
    for (uint32_t i = 0; i < store->lane_count; i++) {
        const struct lede_lane *lane = &store->lanes[i];
        for (size_t k = 0; st == LEDE_OK && k < lane->sealed_count; k++) {
            if (lede_manifest_find(manifest, lane->sealed[k]->number))
                st = append_bits(list, lane->sealed[k], reterr);
        }
    }
    return st;
}

enum lede_status lede_segments_log_deletions(struct lede_store *store, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list list = {0};
    for (uint32_t i = 0; i < store->lane_count; i++) {
        const struct lede_deletion_list *fresh = &store->lanes[i].fresh;
        for (size_t k = 0; k < fresh->count; k++) {
            if (lede_deletion_list_add(&list, fresh->items[k].segment, fresh->items[k].docid) != LEDE_OK)
                return lede_fail_memory(reterr);
        }
    }
    if (list.count == 0)
        return LEDE_OK;
    enum lede_status st = lede_deletion_log_append(&store->log, store->revision, &list, reterr);
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        store->lanes[i].fresh.count = 0;
    return st;
}

/* ---- Changing the list ---- */

void lede_change_done(struct lede_change *change)
{
    for (size_t i = 0; i < change->added_count; i++)
        lede_sealed_segment_free(change->added[i]);
    change->added_count = 0;
    lede_segment_freep(&change->live.segment);
}

static enum lede_status plan_sealed(
    struct lede_manifest *manifest, const struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    struct lede_manifest_segment entry = {.number = segment->number,
        .lane = segment->lane,
        .state = LEDE_SEGMENT_SEALED,
        .documents = segment->documents,
        .bytes = segment->bytes,
        .analysis = LEDE_ANALYSIS_VERSION};
    return lede_manifest_add(manifest, &entry, reterr);
}

static enum lede_status plan_live(struct lede_store *store, const struct lede_change *change,
    struct lede_manifest *manifest, struct lede_error *reterr)
{
    const struct lede_live_segment *before = &store->lanes[change->lane].live;
    struct lede_manifest_segment entry = {.number = change->live.number,
        .lane = change->lane,
        .state = LEDE_SEGMENT_LIVE,
        .analysis = LEDE_ANALYSIS_VERSION};
    if (before->segment)
        lede_manifest_remove(manifest, before->number);
    return lede_manifest_add(manifest, &entry, reterr);
}

/* The manifest as it is to be. The live segment that is sealed leaves the list before it comes back as a sealed one. */
static enum lede_status plan(struct lede_store *store, const struct lede_change *change,
    struct lede_manifest *manifest, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < change->gone_count; i++)
        lede_manifest_remove(manifest, change->gone[i]);
    if (change->live.segment)
        st = plan_live(store, change, manifest, reterr);
    for (size_t i = 0; st == LEDE_OK && i < change->added_count; i++)
        st = plan_sealed(manifest, change->added[i], reterr);
    pthread_mutex_lock(&store->mutex);
    manifest->next_number = store->next_number;
    pthread_mutex_unlock(&store->mutex);
    return st;
}

static enum lede_status write_list(struct lede_store *store, struct lede_manifest *manifest,
    const struct lede_change *change, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list list = {0};
    struct lede_deletion_log log = {.fd = -1};
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = list_deletions(store, manifest, change, &list, reterr);
    manifest->deletions = manifest->generation + 1;
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st = lede_deletion_log_create(
            store->directory, manifest->deletions, store->revision, &list, &log, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_write(store->directory, manifest, reterr);
    if (st != LEDE_OK) {
        lede_deletion_log_done(&log);
        return st;
    }
    if (store->log.fd >= 0)
        lede_deletion_log_remove(store->directory, store->manifest.deletions);
    lede_deletion_log_done(&store->log);
    store->log = log;
    return LEDE_OK;
}

static bool is_gone(const struct lede_change *change, uint32_t number)
{
    for (size_t i = 0; i < change->gone_count; i++) {
        if (change->gone[i] == number)
            return true;
    }
    return false;
}

/* What has gone leaves the lane; its files are retired, unless it is still listed, as a quarantined one is. */
static enum lede_status drop_gone(struct lede_store *store, struct lede_lane *lane,
    const struct lede_change *change, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    size_t kept = 0;
    for (size_t i = 0; i < lane->sealed_count; i++) {
        struct lede_sealed_segment *segment = lane->sealed[i];
        if (!is_gone(change, segment->number)) {
            lane->sealed[kept++] = segment;
            continue;
        }
        if (!lede_manifest_find(&store->manifest, segment->number) &&
            lede_view_retire(store, segment->number, reterr) != LEDE_OK)
            st = LEDE_ENOMEM;
        lede_view_forget_published(store, segment);
        lede_sealed_segment_free(segment);
    }
    lane->sealed_count = kept;
    return st;
}

/* There is room for what is added. */
static enum lede_status take_change(
    struct lede_store *store, struct lede_change *change, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (uint32_t i = 0; change->gone_count > 0 && i < store->lane_count; i++) {
        if (drop_gone(store, &store->lanes[i], change, reterr) != LEDE_OK)
            st = LEDE_ENOMEM;
    }
    for (size_t i = 0; i < change->added_count; i++) {
        struct lede_lane *lane = &store->lanes[change->added[i]->lane];
        lane->sealed[lane->sealed_count++] = change->added[i];
    }
    change->added_count = 0;
    if (change->live.segment) {
        struct lede_lane *lane = &store->lanes[change->lane];
        lede_segment_free(lane->live.segment);
        lane->live = change->live;
        change->live.segment = NULL;
    }
    return st;
}

enum lede_status lede_lane_make_room(struct lede_lane *lane, struct lede_error *reterr)
{
    if (lane->sealed_count < lane->sealed_capacity)
        return LEDE_OK;
    size_t capacity = lane->sealed_capacity ? lane->sealed_capacity * 2 : 16;
    struct lede_sealed_segment **sealed =
        realloc(lane->sealed, capacity * sizeof(struct lede_sealed_segment *));
    if (!sealed)
        return lede_fail_memory(reterr);
    lane->sealed = sealed;
    lane->sealed_capacity = capacity;
    return LEDE_OK;
}

static enum lede_status change_list(struct lede_store *store, struct lede_change *change,
    struct lede_manifest *manifest, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < change->added_count; i++)
        st = lede_lane_make_room(&store->lanes[change->added[i]->lane], reterr);
    if (st == LEDE_OK)
        st = write_list(store, manifest, change, reterr);
    if (st != LEDE_OK)
        return st;
    lede_manifest_done(&store->manifest);
    store->manifest = *manifest;
    memset(manifest, 0, sizeof(*manifest));
    st = take_change(store, change, reterr);
    return st == LEDE_OK ? lede_view_publish(store, reterr) : st;
}

enum lede_status lede_segments_change(
    struct lede_store *store, struct lede_change *change, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    enum lede_status st = lede_manifest_copy(&store->manifest, &manifest, reterr);
    if (st == LEDE_OK)
        st = plan(store, change, &manifest, reterr);
    return st == LEDE_OK ? change_list(store, change, &manifest, reterr) : st;
}

enum lede_status lede_segments_quarantine(
    struct lede_store *store, uint32_t number, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    enum lede_status st = lede_manifest_copy(&store->manifest, &manifest, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_manifest_segment *entry = lede_manifest_find(&manifest, number);
    if (!entry || entry->state != LEDE_SEGMENT_SEALED)
        return lede_fail(reterr, LEDE_ENOTFOUND, "no sealed segment %u is listed", number);
    entry->state = LEDE_SEGMENT_QUARANTINED;
    struct lede_change change = {.gone = &number, .gone_count = 1};
    return change_list(store, &change, &manifest, reterr);
}

/* ---- Rolling ---- */

static enum lede_status create_live(
    struct lede_store *store, struct lede_live_segment *ret_live, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    struct lede_live_segment live = {.number = lede_segments_next_number(store)};
    lede_fault_point("roll");
    enum lede_status st = lede_segment_path(store->directory, live.number, path, reterr);
    /* A directory of this number is what a crash left before its manifest was written. */
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    if (st == LEDE_OK)
        st = lede_segment_open(path, true, &live.segment, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(path, reterr);
    if (st == LEDE_OK)
        *ret_live = live;
    else
        lede_segment_free(live.segment);
    return st;
}

/* Its files change no more: they are noted as they are. */
static enum lede_status seal(const struct lede_store *store, uint32_t number, uint32_t lane,
    struct lede_sealed_segment **ret_sealed, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(store->directory, number, path, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_write(path, reterr);
    return st == LEDE_OK ? lede_sealed_segment_open(store->directory, number, lane, ret_sealed, reterr) : st;
}

enum lede_status lede_segments_roll(struct lede_store *store, uint32_t lane, struct lede_error *reterr)
{
    const struct lede_live_segment *before = &store->lanes[lane].live;
    LEDE_CLEANUP(lede_change_done) struct lede_change change = {.lane = lane};
    enum lede_status st = LEDE_OK;
    if (before->segment)
        st = lede_lane_settle(&store->lanes[lane]);
    if (st != LEDE_OK && reterr)
        *reterr = store->lanes[lane].error;
    if (st == LEDE_OK && before->segment) {
        st = seal(store, before->number, lane, &change.added[0], reterr);
        change.added_count = st == LEDE_OK;
    }
    if (st == LEDE_OK)
        st = create_live(store, &change.live, reterr);
    if (st != LEDE_OK)
        return st;
    uint64_t bytes = change.added_count > 0 ? change.added[0]->bytes : 0;
    st = lede_segments_change(store, &change, reterr);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&store->mutex);
    store->stats.sealed_bytes += bytes;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}

/* ---- Loading ---- */

static enum lede_status load_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct lede_store *store = context;
    const struct lede_manifest_segment *entry = lede_manifest_find(&store->manifest, deletion->segment);
    /* Appended when the segment was listed, and quarantined since. */
    if (!entry || entry->state != LEDE_SEGMENT_SEALED)
        return LEDE_OK;
    const struct lede_lane *lane = &store->lanes[entry->lane];
    for (size_t i = 0; i < lane->sealed_count; i++) {
        if (lane->sealed[i]->number == deletion->segment)
            return lede_bitmap_set(&lane->sealed[i]->deleted, deletion->docid, reterr);
    }
    return LEDE_OK;
}

enum lede_status lede_segments_load(struct lede_store *store, struct lede_error *reterr)
{
    uint64_t revision = 0;
    enum lede_status st = LEDE_OK;
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        st = lede_lane_reopen(&store->lanes[i], reterr);
    lede_deletion_log_done(&store->log);
    if (st == LEDE_OK && store->manifest.deletions > 0)
        st = lede_deletion_log_open(store->directory, store->manifest.deletions, load_deletion, store,
            &store->log, &revision, reterr);
    if (st != LEDE_OK)
        return st;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        const struct lede_lane *lane = &store->lanes[i];
        for (size_t k = 0; k < lane->sealed_count; k++) {
            uint64_t of_segment = lede_sealed_revision(lane->sealed[k]->sealed);
            revision = of_segment > revision ? of_segment : revision;
        }
        uint64_t of_live = lane->live.segment ? lede_segment_revision(lane->live.segment) : 0;
        revision = of_live > revision ? of_live : revision;
    }
    pthread_mutex_lock(&store->mutex);
    store->revision = revision > store->revision ? revision : store->revision;
    if (store->manifest.next_number > store->next_number)
        store->next_number = store->manifest.next_number;
    pthread_mutex_unlock(&store->mutex);
    return LEDE_OK;
}
