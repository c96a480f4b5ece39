/* A lane: its segments, the thread that works on them, and the jobs apply and commit. */
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
    for (size_t i = 0; i < lane->segment_count; i++)
        lede_segment_free(lane->segments[i].segment);
    lane->segment_count = 0;
}

enum lede_status lede_lane_add_segment(
    struct lede_lane *lane, uint32_t number, struct lede_segment *segment, struct lede_error *reterr)
{
    struct lede_lane_segment *segments =
        realloc(lane->segments, (lane->segment_count + 1) * sizeof(*segments));
    if (!segments) {
        lede_segment_free(segment);
        return lede_fail_memory(reterr);
    }
    lane->segments = segments;
    segments[lane->segment_count++] = (struct lede_lane_segment){.number = number, .segment = segment};
    return LEDE_OK;
}

enum lede_status lede_lane_reopen(struct lede_lane *lane, struct lede_error *reterr)
{
    close_segments(lane);
    const struct lede_manifest *manifest = &lane->store->manifest;
    for (size_t i = 0; i < manifest->segment_count; i++) {
        if (manifest->segments[i].lane != lane->index)
            continue;
        char path[LEDE_PATH_BYTES_MAX];
        struct lede_segment *segment = NULL;
        enum lede_status st =
            lede_segment_path(lane->store->directory, manifest->segments[i].number, path, reterr);
        if (st == LEDE_OK)
            st = lede_segment_open(path, false, &segment, reterr);
        if (st == LEDE_OK)
            st = lede_lane_add_segment(lane, manifest->segments[i].number, segment, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

enum lede_status lede_lane_init(
    struct lede_lane *lane, struct lede_store *store, uint32_t index, struct lede_error *reterr)
{
    lane->store = store;
    lane->index = index;
    enum lede_status st = lede_analyzer_new(&lane->analyzer, reterr);
    if (st == LEDE_OK)
        st = lede_language_detector_new(&lane->detector, reterr);
    if (st == LEDE_OK)
        st = lede_lane_reopen(lane, reterr);
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
    free(lane->segments);
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

static enum lede_status delete_from(
    struct lede_lane *lane, size_t segment, const struct lede_operation *operation)
{
    lane->segments[segment].dirty = true;
    return lede_segment_delete(
        lane->segments[segment].segment, operation->id, operation->id_size, &lane->error);
}

static enum lede_status put(struct lede_lane *lane, size_t live, const struct lede_operation *operation)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    enum lede_status st = lede_entry_new_stored(operation->write.document, operation->stored,
        operation->stored_size, operation->digest, lane->analyzer, &entry, &lane->error);
    if (st != LEDE_OK)
        return st;
    lane->segments[live].dirty = true;
    return lede_segment_put(lane->segments[live].segment, entry, !operation->live_has_it, &lane->error);
}

static enum lede_status apply_one(struct lede_lane *lane, const struct lede_operation *operation)
{
    size_t live = lane->segment_count - 1;
    enum lede_status st = LEDE_OK;
    if (operation->effect == LEDE_EFFECT_PUT)
        st = put(lane, live, operation);
    else if (operation->effect == LEDE_EFFECT_DELETE && operation->live_has_it)
        st = delete_from(lane, live, operation);
    if (st == LEDE_OK && operation->effect != LEDE_EFFECT_NONE &&
        operation->sealed_in != LEDE_SEGMENT_NOWHERE)
        st = delete_from(lane, operation->sealed_in, operation);
    return st;
}

enum lede_status lede_lane_apply(struct lede_lane *lane)
{
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
    /* Newest first: the live segment's new version is on disk before an older segment forgets the old one;
     * the journal settles what a crash leaves in between. */
    for (size_t i = lane->segment_count; i-- > 0;) {
        struct lede_lane_segment *segment = &lane->segments[i];
        if (!segment->dirty)
            continue;
        enum lede_status st = lede_segment_commit(segment->segment, lane->store->revision + 1, &lane->error);
        if (st != LEDE_OK)
            return st;
        segment->dirty = false;
    }
    return LEDE_OK;
}
