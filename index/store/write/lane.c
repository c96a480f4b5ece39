/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lane.h"

#include "lede/buffer.h"
#include "lede/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t lede_lane_of(const char *id, size_t id_size, uint32_t lanes)
{
    return (uint32_t)((lede_hash64(id, id_size) >> 32) % lanes);
}

/* ---- Threads ---- */

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

static enum lede_status init_lane(
    struct lede_lane *lane, struct lede_lanes *lanes, uint32_t index, struct lede_error *reterr)
{
    lane->lanes = lanes;
    lane->index = index;
    lane->sealed = &lanes->segments->lanes[index];
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

enum lede_status lede_lanes_init(struct lede_lanes *lanes, struct lede_segments *segments,
    struct lede_stories *stories, struct lede_error *reterr)
{
    lanes->segments = segments;
    lanes->stories = stories;
    lanes->items = calloc(segments->lane_count, sizeof(*lanes->items));
    if (!lanes->items)
        return lede_fail_memory(reterr);
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        lanes->count = i + 1;
        enum lede_status st = init_lane(&lanes->items[i], lanes, i, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static void lane_done(struct lede_lane *lane)
{
    if (lane->has_thread) {
        lane->stop = true;
        sem_post(&lane->start);
        pthread_join(lane->thread, NULL);
        sem_destroy(&lane->start);
        sem_destroy(&lane->done);
    }
    free(lane->operations);
    lede_language_detector_free(lane->detector);
    lede_analyzer_free(lane->analyzer);
}

void lede_lanes_done(struct lede_lanes *lanes)
{
    if (lanes->items)
        lede_lanes_drop_buildings(lanes);
    for (uint32_t i = 0; i < lanes->count; i++)
        lane_done(&lanes->items[i]);
    free(lanes->items);
    memset(lanes, 0, sizeof(*lanes));
}

enum lede_status lede_lanes_run(struct lede_lanes *lanes,
    enum lede_status (*job)(struct lede_lane *lane), bool all, struct lede_error *reterr)
{
    uint32_t chosen[LEDE_LANES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < lanes->count; i++) {
        if (all || lanes->items[i].operation_count > 0)
            chosen[count++] = i;
    }
    /* The last one runs here: a lone write then costs no change of thread. */
    for (uint32_t i = 0; i + 1 < count; i++) {
        lanes->items[chosen[i]].job = job;
        sem_post(&lanes->items[chosen[i]].start);
    }
    if (count > 0)
        lanes->items[chosen[count - 1]].status = job(&lanes->items[chosen[count - 1]]);
    for (uint32_t i = 0; i + 1 < count; i++)
        wait_for(&lanes->items[chosen[i]].done);
    for (uint32_t i = 0; i < count; i++) {
        const struct lede_lane *lane = &lanes->items[chosen[i]];
        if (lane->status != LEDE_OK) {
            if (reterr)
                *reterr = lane->error;
            return lane->status;
        }
    }
    return LEDE_OK;
}

/* ---- What is in them ---- */

enum lede_status lede_lane_push(struct lede_lane *lane, struct lede_operation *operation)
{
    if (!LEDE_ARRAY_RESERVE(lane->operations, lane->operation_capacity, lane->operation_count + 1))
        return LEDE_ENOMEM;
    lane->operations[lane->operation_count++] = operation;
    return LEDE_OK;
}

enum lede_status lede_lane_delete_sealed(struct lede_lane *lane,
    struct lede_sealed_segment *segment, uint32_t docid, struct lede_error *reterr)
{
    lane->has_deleted = true;
    return lede_bitmap_set(&segment->deleted, docid, reterr);
}

struct lede_built_document *lede_lane_find_built(
    struct lede_lane *lane, const char *id, size_t id_size, struct lede_building **ret_building)
{
    for (size_t i = 0; i < LEDE_BUILDINGS; i++) {
        struct lede_built_document *document = lede_building_find(&lane->buildings[i], id, id_size);
        if (!document)
            continue;
        if (ret_building)
            *ret_building = &lane->buildings[i];
        return document;
    }
    return NULL;
}

bool lede_lanes_are_full(const struct lede_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->count; i++) {
        for (size_t kind = 0; kind < LEDE_BUILDINGS; kind++) {
            const struct lede_builder *builder = lanes->items[i].buildings[kind].builder;
            if (builder && lede_builder_memory_bytes(builder) >= lanes->builder_bytes_max)
                return true;
        }
    }
    return false;
}

bool lede_lanes_are_uncommitted(const struct lede_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->count; i++) {
        const struct lede_lane *lane = &lanes->items[i];
        if (lane->has_deleted || lane->buildings[LEDE_BUILDING_FRESH].builder ||
            lane->buildings[LEDE_BUILDING_BULK].builder)
            return true;
    }
    return false;
}

void lede_lanes_drop_buildings(struct lede_lanes *lanes)
{
    for (uint32_t i = 0; i < lanes->count; i++) {
        for (size_t kind = 0; kind < LEDE_BUILDINGS; kind++)
            lede_building_drop(&lanes->items[i].buildings[kind], lanes->segments);
        lanes->items[i].has_deleted = false;
    }
}
