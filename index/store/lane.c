/* A lane: its segments, the thread that works on them, and the jobs apply and commit. */
#include "internal.h"

#include "fault.h"
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0 && errno == EINTR)
        continue;
}

static void *lane_main(void *context)
{
    struct lede_lane *lane = context;
    for (;;) {
        wait_for(&lane->start);
        if (lane->stop)
            return NULL;
        lane->status = lane->job(lane);
        sem_post(&lane->done);
    }
}

static void close_segments(struct lede_lane *lane)
{
    for (size_t i = 0; i < lane->sealed_count; i++) {
        lede_view_forget_published(lane->store, lane->sealed[i]);
        lede_sealed_segment_free(lane->sealed[i]);
    }
    lane->sealed_count = 0;
    lane->fresh.count = 0;
    lede_building_done(&lane->building);
    lede_segment_free(lane->live.segment);
    lane->live = (struct lede_live_segment){0};
}

static enum lede_status open_live(struct lede_lane *lane, uint32_t number, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(lane->store->directory, number, path, reterr);
    if (st == LEDE_OK)
        st = lede_segment_open(path, false, &lane->live.segment, reterr);
    lane->live.number = number;
    return st;
}

static enum lede_status open_sealed(struct lede_lane *lane, uint32_t number, struct lede_error *reterr)
{
    enum lede_status st = lede_lane_make_room(lane, reterr);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            lane->store->directory, number, lane->index, &lane->sealed[lane->sealed_count], reterr);
    lane->sealed_count += st == LEDE_OK;
    return st;
}

enum lede_status lede_lane_reopen(struct lede_lane *lane, struct lede_error *reterr)
{
    close_segments(lane);
    const struct lede_manifest *manifest = &lane->store->manifest;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < manifest->segment_count; i++) {
        const struct lede_manifest_segment *entry = &manifest->segments[i];
        if (entry->lane != lane->index || entry->state == LEDE_SEGMENT_QUARANTINED)
            continue;
        st = entry->state == LEDE_SEGMENT_LIVE ? open_live(lane, entry->number, reterr)
                                               : open_sealed(lane, entry->number, reterr);
    }
    return st;
}

enum lede_status lede_lane_delete_sealed(
    struct lede_lane *lane, struct lede_sealed_segment *segment, uint32_t docid, struct lede_error *reterr)
{
    enum lede_status st = lede_bitmap_set(&segment->deleted, docid, reterr);
    if (st == LEDE_OK && lede_deletion_list_add(&lane->fresh, segment->number, docid) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st;
}

bool lede_lane_is_dirty(const struct lede_lane *lane)
{
    return lane->live.dirty || lane->fresh.count > 0;
}

uint64_t lede_lane_document_count(const struct lede_lane *lane)
{
    uint64_t documents = lane->live.segment ? lede_segment_document_count(lane->live.segment) : 0;
    for (size_t i = 0; i < lane->sealed_count; i++)
        documents += lane->sealed[i]->documents - lane->sealed[i]->deleted.count;
    return documents;
}

enum lede_status lede_lane_init(
    struct lede_lane *lane, struct lede_store *store, uint32_t index, struct lede_error *reterr)
{
    lane->store = store;
    lane->index = index;
    enum lede_status st = lede_analyzer_new(&lane->analyzer, reterr);
    if (st == LEDE_OK)
        st = lede_language_detector_new(&lane->detector, reterr);
    if (st != LEDE_OK)
        return st;
    if (sem_init(&lane->start, 0, 0) != 0 || sem_init(&lane->done, 0, 0) != 0 ||
        pthread_create(&lane->thread, NULL, lane_main, lane) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start a thread for lane %u", index);
    lane->has_thread = true;
    return LEDE_OK;
}

void lede_lane_done(struct lede_lane *lane)
{
    if (lane->has_thread) {
        lane->stop = true;
        sem_post(&lane->start);
        pthread_join(lane->thread, NULL);
        sem_destroy(&lane->start);
        sem_destroy(&lane->done);
    }
    close_segments(lane);
    free(lane->sealed);
    lede_deletion_list_done(&lane->fresh);
    free(lane->operations);
    lede_language_detector_free(lane->detector);
    lede_analyzer_free(lane->analyzer);
    memset(lane, 0, sizeof(*lane));
}

enum lede_status lede_lanes_run(struct lede_store *store, enum lede_status (*job)(struct lede_lane *lane),
    bool all, struct lede_error *reterr)
{
    uint32_t chosen[LEDE_LANES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (all || store->lanes[i].operation_count > 0)
            chosen[count++] = i;
    }
    /* The last one runs here: a lone write then costs no change of thread. */
    for (uint32_t i = 0; i + 1 < count; i++) {
        store->lanes[chosen[i]].job = job;
        sem_post(&store->lanes[chosen[i]].start);
    }
    if (count > 0)
        store->lanes[chosen[count - 1]].status = job(&store->lanes[chosen[count - 1]]);
    for (uint32_t i = 0; i + 1 < count; i++)
        wait_for(&store->lanes[chosen[i]].done);
    for (uint32_t i = 0; i < count; i++) {
        const struct lede_lane *lane = &store->lanes[chosen[i]];
        if (lane->status != LEDE_OK) {
            if (reterr)
                *reterr = lane->error;
            return lane->status;
        }
    }
    return LEDE_OK;
}

static enum lede_status put(struct lede_lane *lane, const struct lede_operation *operation)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    enum lede_status st = lede_lane_make_entry(lane, operation, &entry, &lane->error);
    if (st != LEDE_OK)
        return st;
    lane->live.dirty = true;
    lane->live.bytes += operation->stored_size;
    return lede_segment_put(lane->live.segment, entry, operation->place != LEDE_PLACE_LIVE, &lane->error);
}

/* The version before leaves the place where it is. */
static enum lede_status drop(struct lede_lane *lane, const struct lede_operation *operation)
{
    if (operation->place == LEDE_PLACE_BUILDING)
        return lede_building_drop(lane, operation, &lane->error);
    if (operation->place == LEDE_PLACE_SEALED)
        return lede_lane_delete_sealed(lane, operation->sealed_in, operation->sealed_docid, &lane->error);
    return LEDE_OK;
}

static enum lede_status apply_one(struct lede_lane *lane, const struct lede_operation *operation)
{
    if (operation->effect == LEDE_EFFECT_NONE)
        return LEDE_OK;
    if (operation->effect == LEDE_EFFECT_PUT && operation->target == LEDE_PLACE_BUILDING)
        return lede_building_add(lane, operation, &lane->error);
    enum lede_status st = LEDE_OK;
    if (operation->effect == LEDE_EFFECT_DELETE)
        lede_stories_forget(lane->store->stories, operation->id, operation->id_size);
    if (operation->effect == LEDE_EFFECT_PUT) {
        st = put(lane, operation);
    } else if (operation->place == LEDE_PLACE_LIVE) {
        lane->live.dirty = true;
        st = lede_segment_delete(lane->live.segment, operation->id, operation->id_size, &lane->error);
    }
    return st == LEDE_OK ? drop(lane, operation) : st;
}

enum lede_status lede_lane_apply(struct lede_lane *lane)
{
    enum lede_status settled = lede_lane_settle(lane);
    if (settled != LEDE_OK)
        return settled;
    for (size_t i = 0; i < lane->operation_count; i++) {
        struct lede_operation *operation = lane->operations[i];
        enum lede_status st = apply_one(lane, operation);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

enum lede_status lede_lane_commit(struct lede_lane *lane)
{
    if (!lane->live.dirty)
        return LEDE_OK;
    lede_fault_point("segment-commit");
    enum lede_status st = lede_segment_commit(lane->live.segment, lane->store->revision + 1, &lane->error);
    lane->live.dirty = st != LEDE_OK;
    lane->live.unsettled = true;
    return st;
}

enum lede_status lede_lane_settle(struct lede_lane *lane)
{
    char path[LEDE_PATH_BYTES_MAX];
    if (!lane->live.unsettled)
        return LEDE_OK;
    enum lede_status st = lede_segment_path(lane->store->directory, lane->live.number, path, &lane->error);
    if (st == LEDE_OK)
        st = lede_directory_sync(path, &lane->error);
    lane->live.unsettled = st != LEDE_OK;
    return st;
}
