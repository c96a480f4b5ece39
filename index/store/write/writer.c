/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer thread: takes what is queued as one group, runs it through its stages, commits when
 * somebody waits for it, and writes the list of segments now and then.
 *
 * One rule makes every crash harmless: what the journal has will be applied. A group that cannot be
 * journalled is refused whole and changes nothing; after a failure past that point the store is
 * `broken`: its segments are dropped back to their last commit and the journal is replayed before
 * the next group, so that a disk with room again is all it takes to recover. */
#include "internal.h"

#include "fault.h"
#include "lede/number.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct group {
    struct lede_batch *first;
    bool wants_commit;
    bool wants_sync;
    bool builds;    /* of long bulks */
    bool ends_bulk; /* what bulks are building is to be committed, too */
};

/* ---- Stages ---- */

static enum lede_status lane_push(struct lede_lane *lane, struct lede_operation *operation)
{
    if (lane->operation_count == lane->operation_capacity) {
        size_t capacity = lane->operation_capacity ? lane->operation_capacity * 2 : 256;
        struct lede_operation **operations =
            realloc(lane->operations, capacity * sizeof(*operations));
        if (!operations)
            return LEDE_ENOMEM;
        lane->operations = operations;
        lane->operation_capacity = capacity;
    }
    lane->operations[lane->operation_count++] = operation;
    return LEDE_OK;
}

uint32_t lede_lane_of(const char *id, size_t id_size, uint32_t lanes)
{
    return (uint32_t)((lede_hash64(id, id_size) >> 32) % lanes);
}

static enum lede_status route(
    struct lede_store *store, struct lede_batch *first, struct lede_error *reterr)
{
    for (uint32_t i = 0; i < store->lane_count; i++)
        store->lanes[i].operation_count = 0;
    for (struct lede_batch *batch = first; batch; batch = batch->next) {
        for (size_t i = 0; i < batch->count; i++) {
            struct lede_operation *operation = &batch->operations[i];
            uint32_t lane = lede_lane_of(operation->id, operation->id_size, store->lane_count);
            if (lane_push(&store->lanes[lane], operation) != LEDE_OK)
                return lede_fail_memory(reterr);
        }
    }
    return LEDE_OK;
}

/* An atomic batch is a group of its own: one failed write empties it. */
static void enforce_atomicity(struct lede_batch *batch)
{
    bool failed = false;
    for (size_t i = 0; i < batch->count; i++)
        failed = failed || batch->operations[i].outcome == LEDE_FAILED;
    for (size_t i = 0; failed && i < batch->count; i++)
        batch->operations[i].effect = LEDE_EFFECT_NONE;
    if (failed)
        batch->status = lede_fail(
            &batch->error, LEDE_EINVALID, "a write of an atomic body failed: nothing was stored");
}

static enum lede_status journal(struct lede_store *store, const struct group *group,
    size_t *ret_bytes, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer payload = {0};
    for (const struct lede_batch *batch = group->first; batch; batch = batch->next) {
        for (size_t i = 0; i < batch->count; i++) {
            const struct lede_operation *operation = &batch->operations[i];
            if (operation->effect == LEDE_EFFECT_PUT)
                lede_journal_add_put(&payload, operation->stored, operation->stored_size);
            else if (operation->effect == LEDE_EFFECT_DELETE)
                lede_journal_add_delete(&payload, operation->id, operation->id_size);
        }
    }
    *ret_bytes = payload.size;
    return lede_journal_write_group(&store->journal, &payload, group->wants_sync, reterr);
}

static bool is_building(const struct lede_store *store, enum lede_building_kind kind)
{
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (lede_lane_is_building(&store->lanes[i], kind))
            return true;
    }
    return false;
}

static bool is_uncommitted(const struct lede_store *store)
{
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (store->lanes[i].has_deleted)
            return true;
    }
    return is_building(store, LEDE_BUILDING_FRESH) || is_building(store, LEDE_BUILDING_BULK);
}

static bool lanes_are_full(const struct lede_store *store)
{
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (lede_building_is_full(&store->lanes[i], LEDE_BUILDING_FRESH) ||
            lede_building_is_full(&store->lanes[i], LEDE_BUILDING_BULK))
            return true;
    }
    return false;
}

/* Show what was applied. ends_bulk: also what bulks are building; else that goes on being built. */
static enum lede_status commit(struct lede_store *store, bool ends_bulk, struct lede_error *reterr)
{
    /* What can be found, the journal must have. */
    enum lede_status st = lede_journal_sync(&store->journal, reterr);
    store->finishes_bulk = ends_bulk;
    if (st == LEDE_OK)
        st = lede_lanes_run(store, lede_buildings_finish, true, reterr);
    return st == LEDE_OK ? lede_buildings_commit(store, reterr) : st;
}

/* What the list of segments needs between two groups, when nobody waits: a merge is taken over, the
 * list is written. What is being built names segments that it replaces: then it has to wait. */
static enum lede_status maintain(
    struct lede_store *store, bool write_list, struct lede_error *reterr)
{
    if (is_uncommitted(store))
        return LEDE_OK;
    enum lede_status st = lede_mergers_take_over(store, reterr);
    pthread_mutex_lock(&store->mutex);
    write_list = write_list || store->compacting;
    pthread_mutex_unlock(&store->mutex);
    if (st == LEDE_OK && store->unlisted &&
        (write_list || store->pending_bytes >= store->pending_bytes_max))
        st = lede_segments_write_list(store, reterr);
    return st;
}

/* ---- Recovery ---- */

struct replay {
    struct lede_store *store;
    struct lede_batch *batch;
    uint64_t operations;
};

/* The journal keeps all of it until the end, so that what is committed on the way does no harm. */
static enum lede_status replay_batch(struct replay *replay, struct lede_error *reterr)
{
    struct lede_store *store = replay->store;
    enum lede_status st = LEDE_OK;
    if (lanes_are_full(store))
        st = commit(store, true, reterr);
    if (st == LEDE_OK)
        st = route(store, replay->batch, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_run(store, lede_lane_resolve, false, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_run(store, lede_lane_apply, false, reterr);
    lede_batch_free(LEDE_TAKE(&replay->batch));
    return st;
}

static enum lede_status replay_operation(
    void *context, bool is_put, const char *bytes, size_t size, struct lede_error *reterr)
{
    struct replay *replay = context;
    replay->operations++;
    lede_fault_point("replay");
    struct lede_write write = {.kind = is_put ? LEDE_WRITE_INDEX : LEDE_WRITE_DELETE};
    enum lede_status st = LEDE_OK;
    if (is_put)
        st = lede_document_from_stored(bytes, size, &write.document, reterr);
    else if (!(write.id = strndup(bytes, size)))
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && !replay->batch && !(replay->batch = calloc(1, sizeof(*replay->batch))))
        st = lede_fail_memory(reterr);
    if (st != LEDE_OK) {
        lede_write_done(&write);
        return st;
    }
    st = lede_batch_add(replay->batch, &write, size, reterr);
    if (st == LEDE_OK && replay->batch->bytes >= LEDE_GROUP_BYTES_MAX)
        st = replay_batch(replay, reterr);
    return st;
}

static enum lede_status replay_journal(struct lede_store *store, struct lede_error *reterr)
{
    struct replay replay = {.store = store};
    store->replaying = true;
    store->group_target = LEDE_BUILDING_BULK;
    enum lede_status st = lede_journal_replay(&store->journal, replay_operation, &replay, reterr);
    if (st == LEDE_OK && replay.batch)
        st = replay_batch(&replay, reterr);
    lede_batch_free(replay.batch);
    store->replaying = false;
    /* Callers were told of a revision a group at most: none of those is to come again. */
    pthread_mutex_lock(&store->mutex);
    store->revision += replay.operations;
    pthread_mutex_unlock(&store->mutex);
    return st;
}

/* What the disk has: after a failure it may be either of two lists. */
static enum lede_status reload(struct lede_store *store, struct lede_error *reterr)
{
    struct lede_manifest manifest;
    enum lede_status st = lede_manifest_read(store->directory, &manifest, reterr);
    if (st == LEDE_OK) {
        lede_manifest_done(&store->manifest);
        store->manifest = manifest;
    } else if (st != LEDE_ENOTFOUND || store->manifest.generation > 0) {
        return st;
    }
    return lede_segments_load(store, reterr);
}

enum lede_status lede_writer_recover(struct lede_store *store, struct lede_error *reterr)
{
    store->broken = false;
    enum lede_status st = reload(store, reterr);
    if (st == LEDE_OK)
        st = lede_store_fill_stories(store, reterr);
    /* At the start: what is committed can be read, whatever becomes of the rest. */
    if (st == LEDE_OK && !store->view)
        st = lede_view_publish(store, false, reterr);
    if (st == LEDE_OK)
        st = lede_journal_sync(&store->journal, reterr);
    if (st == LEDE_OK)
        st = replay_journal(store, reterr);
    if (st == LEDE_OK)
        st = commit(store, true, reterr);
    if (st == LEDE_OK)
        st = lede_view_publish(store, false, reterr);
    if (st == LEDE_OK)
        st = maintain(store, true, reterr);
    store->broken = store->broken || st != LEDE_OK;
    return st;
}

/* ---- Groups ---- */

static void count_outcomes(struct lede_store_stats *stats, const struct lede_batch *batch)
{
    uint64_t *counters[] = {[LEDE_CREATED] = &stats->writes_created,
        [LEDE_UPDATED] = &stats->writes_updated,
        [LEDE_UNCHANGED] = &stats->writes_unchanged,
        [LEDE_DELETED] = &stats->writes_deleted,
        [LEDE_FAILED] = &stats->writes_failed};
    for (size_t i = 0; i < batch->count; i++)
        (*counters[batch->operations[i].outcome])++;
}

/* Hand batches back: all of the group, or only those that wait for no more than being on the
 * disk. */
static void answer(struct lede_store *store, struct group *group, enum lede_status status,
    const struct lede_error *error, bool only_durable)
{
    pthread_mutex_lock(&store->mutex);
    struct lede_batch **link = &group->first;
    while (*link) {
        struct lede_batch *batch = *link;
        if (only_durable && batch->last && !batch->durable) {
            link = &batch->next;
            continue;
        }
        *link = batch->next;
        batch->next = NULL;
        if (status != LEDE_OK) {
            batch->status = status;
            batch->error = *error;
        } else if (batch->status == LEDE_OK) {
            count_outcomes(&store->stats, batch);
        }
        batch->revision = store->revision;
        batch->state = LEDE_BATCH_DONE;
    }
    store->stats.writable = !store->broken && status != LEDE_ENOSPC && status != LEDE_EIO;
    store->written_monotonic_ns = lede_time_monotonic_ns();
    pthread_cond_broadcast(&store->progressed);
    pthread_mutex_unlock(&store->mutex);
}

/* Apply; what fails from here on is mended by the replay. */
static enum lede_status apply(
    struct lede_store *store, struct group *group, struct lede_error *reterr)
{
    enum lede_status st = lede_lanes_run(store, lede_lane_apply, false, reterr);
    if (st != LEDE_OK)
        return st;
    bool ends_bulk = group->ends_bulk || store->pending_bytes >= store->pending_bytes_max ||
                     lanes_are_full(store);
    answer(store, group, LEDE_OK, NULL, true);
    return group->wants_commit || ends_bulk ? commit(store, ends_bulk, reterr) : LEDE_OK;
}

/* A builder cannot be read: before a write that may need the text of a version in it, that is
 * committed. */
static enum lede_status commit_what_is_read(struct lede_store *store, struct lede_error *reterr)
{
    for (uint32_t i = 0; i < store->lane_count; i++) {
        struct lede_lane *lane = &store->lanes[i];
        for (size_t k = 0; k < lane->operation_count; k++) {
            const struct lede_operation *operation = lane->operations[k];
            bool may_read =
                operation->write.kind == LEDE_WRITE_PATCH ||
                (operation->write.document && operation->write.document->published_was_absent);
            if (may_read && lede_lane_find_built(lane, operation->id, operation->id_size, NULL))
                return commit(store, true, reterr);
        }
    }
    return LEDE_OK;
}

static void process(struct lede_store *store, struct group *group)
{
    struct lede_error error = {0};
    enum lede_status st = LEDE_OK;
    if (store->broken)
        st = lede_writer_recover(store, &error);
    if (st == LEDE_OK)
        st = route(store, group->first, &error);
    if (st == LEDE_OK) {
        st = commit_what_is_read(store, &error);
        store->broken = store->broken || st != LEDE_OK;
    }
    store->group_target = group->builds ? LEDE_BUILDING_BULK : LEDE_BUILDING_FRESH;
    if (st == LEDE_OK) {
        st = lede_lanes_run(store, lede_lane_resolve, false, &error);
        store->broken = store->broken || (st != LEDE_OK && st != LEDE_ENOMEM);
    }
    if (st == LEDE_OK && group->first->atomic)
        enforce_atomicity(group->first);
    size_t bytes = 0;
    if (st == LEDE_OK)
        st = journal(store, group, &bytes, &error);
    if (st == LEDE_OK) {
        store->pending_bytes += bytes;
        st = apply(store, group, &error);
        store->broken = store->broken || st != LEDE_OK;
    }
    /* A disk that takes no writes is no damage. */
    if (st != LEDE_EIO)
        st = lede_scrub_after(store, st);
    answer(store, group, st, &error, false);
    if (st == LEDE_OK && maintain(store, false, &error) != LEDE_OK)
        store->broken = true;
}

/* More segments than merging keeps up with: bulks rest until it has, and past more of them all
 * writes. Not where it finds nothing to do, or cannot, as on a full disk. The mutex is held. */
static bool writes_rest(const struct lede_store *store, size_t factor)
{
    if (store->stopping || store->broken || lede_mergers_rest(store))
        return false;
    for (uint32_t i = 0; i < store->lane_count; i++) {
        if (store->lanes[i].sealed_count >= factor * store->merge_limits.segments)
            return true;
    }
    return false;
}

/* The mutex is held. */
static bool has_bulk(const struct lede_store *store)
{
    return store->queue_first && !writes_rest(store, LEDE_SEGMENTS_REST_FACTOR);
}

static bool has_express(const struct lede_store *store)
{
    return store->express_first && !writes_rest(store, LEDE_SEGMENTS_STOP_FACTOR);
}

static bool has_queued(const struct lede_store *store)
{
    return has_express(store) || has_bulk(store);
}

/* Lone writes go first, but not twice while others wait. The mutex is held. */
static bool takes_express(struct lede_store *store)
{
    bool express = has_express(store) && !(has_bulk(store) && store->express_had_turn);
    store->express_had_turn = express;
    return express;
}

/* Take batches up to LEDE_GROUP_BYTES_MAX; an atomic one alone. The mutex is held. */
static struct group take_group(struct lede_store *store)
{
    bool express = takes_express(store);
    struct lede_batch **queue = express ? &store->express_first : &store->queue_first;
    struct group group = {0};
    struct lede_batch **end = &group.first;
    size_t bytes = 0;
    while (*queue && bytes < LEDE_GROUP_BYTES_MAX) {
        struct lede_batch *batch = *queue;
        if (batch->atomic && group.first)
            break;
        *queue = batch->next;
        batch->next = NULL;
        *end = batch;
        end = &batch->next;
        bytes += batch->bytes;
        store->queue_writes -= batch->count;
        group.wants_sync = group.wants_sync || batch->last;
        group.wants_commit = group.wants_commit || (batch->last && !batch->durable);
        group.builds = group.builds || batch->builds;
        group.ends_bulk = group.ends_bulk || (batch->builds && batch->last && !batch->durable);
        if (batch->atomic)
            break;
    }
    if (!*queue && express)
        store->express_end = queue;
    else if (!*queue)
        store->queue_end = queue;
    return group;
}

static struct timespec after_ms(long milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += milliseconds % 1000 * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

/* Wait for anything to do; the mutex is held. Returns false where it was time for what is done when
 * nothing is written. */
static bool wait_for_work(struct lede_store *store)
{
    bool uncommitted = is_uncommitted(store);
    struct timespec until = after_ms(uncommitted ? LEDE_IDLE_COMMIT_MS : LEDE_IDLE_LIST_MS);
    while (!has_queued(store) && !store->stopping && !store->tasks &&
           (store->broken || !lede_mergers_are_done(store))) {
        if (!uncommitted && !store->unlisted)
            pthread_cond_wait(&store->queued, &store->mutex);
        else if (pthread_cond_timedwait(&store->queued, &store->mutex, &until) != 0)
            return false;
    }
    return true;
}

/* Nobody waits: commit what is applied, take over what was merged, write the list. */
static void work_idle(struct lede_store *store, bool write_list)
{
    struct lede_error error;
    if (store->broken || commit(store, true, &error) != LEDE_OK ||
        maintain(store, write_list, &error) != LEDE_OK)
        store->broken = true;
    pthread_mutex_lock(&store->mutex);
    store->stats.writable = !store->broken;
    pthread_mutex_unlock(&store->mutex);
}

static enum lede_status commit_or_mend(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = store->broken ? LEDE_OK : commit(store, true, reterr);
    store->broken = store->broken || st != LEDE_OK;
    return st == LEDE_OK && store->broken ? lede_writer_recover(store, reterr) : st;
}

void *lede_writer_main(void *context)
{
    struct lede_store *store = context;
    for (;;) {
        pthread_mutex_lock(&store->mutex);
        bool had_time = !wait_for_work(store);
        bool has_work = has_queued(store);
        bool stop = store->stopping && !has_work;
        struct group group = has_work ? take_group(store) : (struct group){0};
        pthread_mutex_unlock(&store->mutex);
        if (has_work)
            process(store, &group);
        else
            work_idle(store, stop || (had_time && !is_uncommitted(store)));
        lede_tasks_run(store, commit_or_mend);
        if (stop)
            return NULL;
    }
}
