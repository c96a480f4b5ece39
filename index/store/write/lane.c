/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lane: its segments, the thread that works on them, and the jobs that change them. */
#include "internal.h"

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
        lede_segments_drop(lane->store, lane->sealed[i]->number);
        lede_view_forget_published(lane->store, lane->sealed[i]);
        lede_sealed_segment_free(lane->sealed[i]);
    }
    lane->sealed_count = 0;
    lane->has_deleted = false;
    for (size_t i = 0; i < LEDE_BUILDINGS; i++) {
        lede_segments_drop(lane->store, lane->buildings[i].number);
        lede_building_done(&lane->buildings[i]);
    }
}

/* Xapian opens a segment whose tables are cut short, and misses that later. */
static enum lede_status open_whole(struct lede_lane *lane, uint32_t number,
    struct lede_sealed_segment **ret_segment, struct lede_error *reterr)
{
    struct lede_checksums_how how = {.only_sizes = true};
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    enum lede_status st = lede_quarantine_compare(lane->store, number, &how, &damage, reterr);
    if (st == LEDE_OK && damage != LEDE_DAMAGE_NONE)
        st = lede_fail(reterr, LEDE_ECORRUPT, "segment %u is not whole", number);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            lane->store->directory, number, lane->index, ret_segment, reterr);
    return st;
}

static enum lede_status open_sealed(
    struct lede_lane *lane, struct lede_manifest_segment *entry, struct lede_error *reterr)
{
    enum lede_status st = lede_lane_make_room(lane, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_sealed_segment *segment = NULL;
    struct lede_error why = {0};
    st = open_whole(lane, entry->number, &segment, &why);
    if (st != LEDE_OK)
        return lede_quarantine_judge(lane->store, entry, &why, reterr);
    segment->lasts = true;
    if (entry->analysis < segment->analysis)
        segment->analysis = entry->analysis;
    lane->sealed[lane->sealed_count++] = segment;
    return LEDE_OK;
}

enum lede_status lede_lane_reopen(struct lede_lane *lane, struct lede_error *reterr)
{
    close_segments(lane);
    struct lede_manifest *manifest = &lane->store->manifest;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < manifest->segment_count; i++) {
        struct lede_manifest_segment *entry = &manifest->segments[i];
        if (entry->lane != lane->index || entry->state != LEDE_SEGMENT_LISTED)
            continue;
        if (lede_quarantine_has(lane->store, entry->number))
            entry->state = LEDE_SEGMENT_QUARANTINED;
        else
            st = open_sealed(lane, entry, reterr);
    }
    return st;
}

struct lede_sealed_segment *lede_lane_find_sealed(const struct lede_lane *lane, uint32_t number)
{
    for (size_t i = 0; i < lane->sealed_count; i++) {
        if (lane->sealed[i]->number == number)
            return lane->sealed[i];
    }
    return NULL;
}

enum lede_status lede_lane_delete_sealed(struct lede_lane *lane,
    struct lede_sealed_segment *segment, uint32_t docid, struct lede_error *reterr)
{
    lane->has_deleted = true;
    return lede_bitmap_set(&segment->deleted, docid, reterr);
}

bool lede_lane_is_building(const struct lede_lane *lane, enum lede_building_kind kind)
{
    return lane->buildings[kind].builder != NULL;
}

uint64_t lede_lane_document_count(const struct lede_lane *lane)
{
    uint64_t documents = 0;
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
    free(lane->operations);
    lede_language_detector_free(lane->detector);
    lede_analyzer_free(lane->analyzer);
    memset(lane, 0, sizeof(*lane));
}

enum lede_status lede_lanes_run(struct lede_store *store,
    enum lede_status (*job)(struct lede_lane *lane), bool all, struct lede_error *reterr)
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

static enum lede_status apply_one(struct lede_lane *lane, const struct lede_operation *operation)
{
    if (operation->effect == LEDE_EFFECT_NONE)
        return LEDE_OK;
    if (operation->effect == LEDE_EFFECT_PUT)
        return lede_building_add(lane, operation, &lane->error);
    lede_stories_forget(lane->store->stories, operation->id, operation->id_size);
    if (operation->place == LEDE_PLACE_BUILDING)
        return lede_building_drop(lane, operation, &lane->error);
    if (operation->place == LEDE_PLACE_SEALED)
        return lede_lane_delete_sealed(
            lane, operation->sealed_in, operation->sealed_docid, &lane->error);
    return LEDE_OK;
}

enum lede_status lede_lane_apply(struct lede_lane *lane)
{
    for (size_t i = 0; i < lane->operation_count; i++) {
        enum lede_status st = apply_one(lane, lane->operations[i]);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

enum lede_status lede_lane_make_last(struct lede_lane *lane)
{
    for (size_t i = 0; i < lane->sealed_count; i++) {
        enum lede_status st =
            lede_sealed_segment_make_last(lane->store->directory, lane->sealed[i], &lane->error);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}
