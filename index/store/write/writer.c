/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include "lane_apply.h"
#include "lane_resolve.h"
#include "lede/time.h"
#include "recovery.h"
#include "segment_list.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_BYTES_DEFAULT ((size_t)32 << 20)
#define BUILDER_BYTES_DEFAULT ((size_t)48 << 20) /* memory of a lane's builder */
#define BUILD_AFTER_BYTES_DEFAULT ((size_t)4 << 20)
#define COPIES_WAIT_MS_DEFAULT 10000
#define LOG_BYTES_MAX_DEFAULT ((size_t)256 << 20)
#define SEGMENTS_REST_FACTOR 2 /* so many times merge.segments in a lane: bulks rest */
#define SEGMENTS_STOP_FACTOR 6 /* so many times: lone writes wait, too */
/* Applied writes that nobody waits for are committed after so long. */
#define IDLE_COMMIT_MS 200
#define IDLE_LIST_MS 1000 /* without a write: the list is written */

/* ---- Stages of a group ---- */

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

/* Of a cluster's node: have it committed before it comes into the journal, whose every frame is
 * applied. */
static enum lede_status send_out(struct lede_writer *writer, struct lede_write_group *group,
    const struct lede_buffer *payload, struct lede_error *reterr)
{
    const struct lede_shard_outlet *outlet = writer->outlet;
    if (!outlet || group->first->is_copied)
        return LEDE_OK;
    if (lede_buffer_status(payload) != LEDE_OK)
        return lede_fail_memory(reterr);
    return outlet->commit(outlet->context, payload->data, payload->size,
        writer->segments->source_position, &group->out.position, &group->out.revision, reterr);
}

static enum lede_status journal(struct lede_writer *writer, struct lede_write_group *group,
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
    enum lede_status st = send_out(writer, group, &payload, reterr);
    if (st != LEDE_OK)
        return st;
    if (group->first->is_copied)
        lede_journal_add_source(&payload, &group->first->source);
    else if (group->out.position > 0)
        lede_journal_add_source(&payload, &group->out);
    return lede_journal_write_group(&writer->journal, &payload, group->wants_sync, reterr);
}

/* Hand batches back: all of the group, or only those that wait for no more than being on the
 * disk. */
static void answer(struct lede_writer *writer, struct lede_write_group *group,
    enum lede_status status, const struct lede_error *error, bool only_durable)
{
    pthread_mutex_lock(&writer->monitor->mutex);
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
            for (size_t i = 0; i < batch->count; i++)
                writer->outcomes[batch->operations[i].outcome]++;
        }
        batch->revision = writer->segments->revision;
        batch->position = writer->journal.synced;
        batch->state = LEDE_BATCH_DONE;
    }
    writer->writable = !writer->broken && status != LEDE_ENOSPC && status != LEDE_EIO;
    writer->mergers->written_monotonic_ns = lede_time_monotonic_ns();
    pthread_cond_broadcast(&writer->monitor->progressed);
    pthread_mutex_unlock(&writer->monitor->mutex);
}

/* What is applied is here up to a place in the log of the source, or the cluster. */
static void note_source(struct lede_writer *writer, const struct lede_source_place *source)
{
    struct lede_segments *segments = writer->segments;
    segments->source_position = source->position;
    if (source->revision > segments->source_revision)
        segments->source_revision = source->revision;
    segments->unlisted = true;
    pthread_mutex_lock(&writer->monitor->mutex);
    writer->log.source_position = source->position;
    pthread_mutex_unlock(&writer->monitor->mutex);
}

/* It is shown with the revision of the source, or the cluster, though nothing may have changed. */
static enum lede_status show_copied(struct lede_writer *writer, struct lede_error *reterr)
{
    struct lede_segments *segments = writer->segments;
    enum lede_status st = lede_writer_commit(writer, true, reterr);
    return st == LEDE_OK && segments->revision < segments->source_revision
               ? lede_view_publish(segments, true, reterr)
               : st;
}

/* Apply; what fails from here on is mended by the replay. */
static enum lede_status apply(
    struct lede_writer *writer, struct lede_write_group *group, struct lede_error *reterr)
{
    enum lede_status st = lede_lanes_run(&writer->lanes, lede_lane_apply, false, reterr);
    if (st == LEDE_OK && group->first->is_copied)
        st = lede_writer_set_failed_aside(writer, group->first, reterr);
    if (st != LEDE_OK)
        return st;
    bool ends_bulk = group->ends_bulk || writer->pending_bytes >= writer->pending_bytes_max ||
                     lede_lanes_are_full(&writer->lanes);
    bool is_copied = group->first->is_copied;
    if (is_copied)
        note_source(writer, &group->first->source);
    else if (group->out.position > 0)
        note_source(writer, &group->out);
    answer(writer, group, LEDE_OK, NULL, true);
    if (!is_copied && !group->wants_commit && !ends_bulk)
        return LEDE_OK;
    return writer->segments->is_copy ? show_copied(writer, reterr)
                                     : lede_writer_commit(writer, ends_bulk, reterr);
}

/* A builder cannot be read: before a write that may need the text of a version in it, that is
 * committed. */
static enum lede_status commit_what_is_read(struct lede_writer *writer, struct lede_error *reterr)
{
    for (uint32_t i = 0; i < writer->lanes.count; i++) {
        struct lede_lane *lane = &writer->lanes.items[i];
        for (size_t k = 0; k < lane->operation_count; k++) {
            const struct lede_operation *operation = lane->operations[k];
            bool may_read =
                operation->write.kind == LEDE_WRITE_PATCH ||
                (operation->write.document && operation->write.document->received_was_absent);
            if (may_read && lede_lane_find_built(lane, operation->id, operation->id_size, NULL))
                return lede_writer_commit(writer, true, reterr);
        }
    }
    return LEDE_OK;
}

/* Of a cluster's log the writes of a node that led have come into the store already: what is older
 * than that must not be shown again. */
static bool is_behind(const struct lede_writer *writer, const struct lede_write_group *group)
{
    return group->first->is_copied && !writer->broken &&
           group->first->source.position < writer->segments->source_position;
}

static void process(struct lede_writer *writer, struct lede_write_group *group)
{
    struct lede_error error = {0};
    enum lede_status st = LEDE_OK;
    if (is_behind(writer, group)) {
        answer(writer, group, LEDE_OK, NULL, false);
        return;
    }
    if (writer->broken)
        st = lede_writer_recover(writer, &error);
    if (st == LEDE_OK)
        st = lede_writer_route(writer, group->first, &error);
    if (st == LEDE_OK) {
        st = commit_what_is_read(writer, &error);
        writer->broken = writer->broken || st != LEDE_OK;
    }
    writer->lanes.target = group->builds ? LEDE_BUILDING_BULK : LEDE_BUILDING_FRESH;
    writer->lanes.replaying = group->first->is_copied;
    if (st == LEDE_OK) {
        st = lede_lanes_run(&writer->lanes, lede_lane_resolve, false, &error);
        writer->broken = writer->broken || (st != LEDE_OK && st != LEDE_ENOMEM);
    }
    if (st == LEDE_OK && group->first->atomic)
        enforce_atomicity(group->first);
    size_t bytes = 0;
    if (st == LEDE_OK)
        st = journal(writer, group, &bytes, &error);
    if (st == LEDE_OK) {
        lede_writer_note_synced(writer);
        writer->pending_bytes += bytes;
        st = apply(writer, group, &error);
        writer->broken = writer->broken || st != LEDE_OK;
    }
    writer->lanes.replaying = false;
    /* A disk that takes no writes is no damage. */
    if (st != LEDE_EIO)
        st = lede_quarantine_suspect(&writer->segments->quarantine, st);
    answer(writer, group, st, &error, false);
    if (st == LEDE_OK && lede_writer_maintain(writer, false, &error) != LEDE_OK)
        writer->broken = true;
}

/* ---- The thread ---- */

/* More segments than merging keeps up with: bulks rest until it has, and past more of them all
 * writes. Not where it finds nothing to do, or cannot, as on a full disk. The mutex is held. */
static bool writes_rest(const struct lede_writer *writer, size_t factor)
{
    if (writer->monitor->stopping || writer->broken || lede_mergers_rest(writer->mergers))
        return false;
    for (uint32_t i = 0; i < writer->segments->lane_count; i++) {
        if (writer->segments->lanes[i].count >= factor * writer->mergers->limits.segments)
            return true;
    }
    return false;
}

/* The mutex is held. */
static struct lede_write_turns turns(const struct lede_writer *writer)
{
    return (struct lede_write_turns){.bulk = !writes_rest(writer, SEGMENTS_REST_FACTOR),
        .express = !writes_rest(writer, SEGMENTS_STOP_FACTOR)};
}

/* Wait for anything to do; the mutex is held. Returns false where it was time for what is done when
 * nothing is written. */
static bool wait_for_work(struct lede_writer *writer)
{
    struct lede_monitor *monitor = writer->monitor;
    bool uncommitted = lede_lanes_are_uncommitted(&writer->lanes);
    uint64_t until = lede_time_monotonic_ns() +
                     (uncommitted ? IDLE_COMMIT_MS : IDLE_LIST_MS) * UINT64_C(1000000);
    while (!lede_write_queue_has(&writer->queue, turns(writer)) && !monitor->stopping &&
           !writer->tasks.first && (writer->broken || !lede_mergers_are_done(writer->mergers))) {
        if (!uncommitted && !writer->segments->unlisted)
            pthread_cond_wait(&monitor->work, &monitor->mutex);
        else if (!lede_condition_wait_until(&monitor->work, &monitor->mutex, until))
            return false;
    }
    return true;
}

/* Nobody waits: commit what is applied, take over what was merged, write the list. */
static void work_idle(struct lede_writer *writer, bool write_list)
{
    struct lede_error error;
    if (writer->broken || lede_writer_commit(writer, true, &error) != LEDE_OK ||
        lede_writer_maintain(writer, write_list, &error) != LEDE_OK)
        writer->broken = true;
    pthread_mutex_lock(&writer->monitor->mutex);
    writer->writable = !writer->broken;
    pthread_mutex_unlock(&writer->monitor->mutex);
}

static enum lede_status commit_or_mend(void *context, struct lede_error *reterr)
{
    struct lede_writer *writer = context;
    enum lede_status st = writer->broken ? LEDE_OK : lede_writer_commit(writer, true, reterr);
    writer->broken = writer->broken || st != LEDE_OK;
    return st == LEDE_OK && writer->broken ? lede_writer_recover(writer, reterr) : st;
}

static void *writer_main(void *context)
{
    struct lede_writer *writer = context;
    for (;;) {
        pthread_mutex_lock(&writer->monitor->mutex);
        bool had_time = !wait_for_work(writer);
        bool has_work = lede_write_queue_has(&writer->queue, turns(writer));
        bool stop = writer->monitor->stopping && !has_work;
        struct lede_write_group group = {0};
        if (has_work)
            group = lede_write_queue_take(&writer->queue, turns(writer));
        pthread_mutex_unlock(&writer->monitor->mutex);
        if (has_work)
            process(writer, &group);
        else
            work_idle(writer, stop || (had_time && !lede_lanes_are_uncommitted(&writer->lanes)));
        lede_tasks_run(&writer->tasks, commit_or_mend, writer);
        if (stop) {
            lede_journal_note_mark(&writer->journal);
            return NULL;
        }
    }
}

/* ---- Beginning and end ---- */

static size_t or_default(size_t value, size_t otherwise)
{
    return value ? value : otherwise;
}

void lede_writer_init(struct lede_writer *writer, struct lede_monitor *monitor,
    struct lede_segments *segments, struct lede_mergers *mergers,
    const struct lede_store_options *options)
{
    *writer = (struct lede_writer){.monitor = monitor,
        .segments = segments,
        .mergers = mergers,
        .journal.fd = -1,
        .tasks.monitor = monitor,
        .pending_bytes_max = or_default(options->pending_bytes, PENDING_BYTES_DEFAULT),
        .build_after_bytes = or_default(options->build_after_bytes, BUILD_AFTER_BYTES_DEFAULT),
        .lanes.builder_bytes_max = or_default(options->builder_bytes, BUILDER_BYTES_DEFAULT),
        .listed_ns = lede_time_monotonic_ns(),
        .log.kept_from = UINT64_MAX,
        .log.copies = options->copies,
        .log.copies_wait_ms =
            options->copies_wait_ms ? options->copies_wait_ms : COPIES_WAIT_MS_DEFAULT,
        .log.kept_bytes_max = or_default(options->log_bytes_max, LOG_BYTES_MAX_DEFAULT),
        .writable = true};
    lede_write_queue_init(&writer->queue);
    lede_write_queue_init(&writer->forwarded);
}

enum lede_status lede_writer_start(struct lede_writer *writer, struct lede_error *reterr)
{
    if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start the writer's thread");
    writer->has_thread = true;
    return LEDE_OK;
}

void lede_writer_join(struct lede_writer *writer)
{
    if (writer->has_thread)
        pthread_join(writer->thread, NULL);
    writer->has_thread = false;
}

void lede_writer_done(struct lede_writer *writer)
{
    lede_lanes_done(&writer->lanes);
    lede_stories_free(writer->stories);
    lede_journal_done(&writer->journal);
}

/* ---- For other threads ---- */

void lede_writer_queue(struct lede_writer *writer, struct lede_batch *batch, bool is_express)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    if (batch->goes_out && writer->has_forwarder) {
        lede_write_queue_push(&writer->forwarded, batch, is_express);
        pthread_cond_signal(&writer->forwards);
    } else {
        lede_write_queue_push(&writer->queue, batch, is_express);
        pthread_cond_signal(&writer->monitor->work);
    }
    pthread_mutex_unlock(&writer->monitor->mutex);
}

bool lede_writer_sends_out(const struct lede_writer *writer)
{
    const struct lede_shard_outlet *outlet = writer->outlet;
    return outlet && !outlet->leads(outlet->context);
}

void lede_writer_await(struct lede_writer *writer, const struct lede_batch *batch)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    while (batch->state != LEDE_BATCH_DONE)
        pthread_cond_wait(&writer->monitor->progressed, &writer->monitor->mutex);
    pthread_mutex_unlock(&writer->monitor->mutex);
}

enum lede_status lede_writer_await_copies(
    struct lede_writer *writer, uint64_t position, struct lede_error *reterr)
{
    const struct lede_log_state *log = &writer->log;
    uint64_t until_ns = lede_time_monotonic_ns() + log->copies_wait_ms * UINT64_C(1000000);
    bool has_time = true;
    if (log->copies == 0)
        return LEDE_OK;
    pthread_mutex_lock(&writer->monitor->mutex);
    while (log->confirmed < position && has_time && !writer->monitor->stopping)
        has_time = lede_condition_wait_until(
            &writer->monitor->progressed, &writer->monitor->mutex, until_ns);
    bool is_confirmed = log->confirmed >= position;
    pthread_mutex_unlock(&writer->monitor->mutex);
    if (is_confirmed)
        return LEDE_OK;
    enum lede_status st = lede_fail(reterr, LEDE_EBUSY,
        "it is written here, but has not come to %u copies yet", (unsigned)log->copies);
    lede_error_hint(reterr, "look at /replication, and write it again when they follow");
    return st;
}

bool lede_writer_has_done(struct lede_writer *writer, const struct lede_batch *batch)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    bool is_done = batch->state == LEDE_BATCH_DONE;
    pthread_mutex_unlock(&writer->monitor->mutex);
    return is_done;
}

struct settling {
    struct lede_writer *writer;
    struct lede_view *view;
    uint64_t revision;
    uint64_t position;
};

static enum lede_status settle(void *context, struct lede_error *reterr)
{
    struct settling *settling = context;
    struct lede_writer *writer = settling->writer;
    enum lede_status st =
        writer->segments->unlisted ? lede_writer_write_list(writer, reterr) : LEDE_OK;
    writer->broken = writer->broken || st != LEDE_OK;
    if (st == LEDE_OK) {
        settling->position =
            writer->segments->is_copy ? writer->segments->source_position : writer->journal.synced;
        settling->view = lede_view_take(writer->segments, &settling->revision);
    }
    return st;
}

enum lede_status lede_writer_settle(struct lede_writer *writer, struct lede_view **ret_view,
    uint64_t *ret_revision, uint64_t *ret_position, struct lede_error *reterr)
{
    struct settling settling = {.writer = writer};
    enum lede_status st = lede_task_run(&writer->tasks, settle, &settling, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_view = settling.view;
    *ret_revision = settling.revision;
    *ret_position = settling.position;
    return LEDE_OK;
}

struct taking_out {
    struct lede_writer *writer;
    uint32_t number;
};

static enum lede_status take_out(void *context, struct lede_error *reterr)
{
    const struct taking_out *taking_out = context;
    struct lede_writer *writer = taking_out->writer;
    enum lede_status st = lede_segments_take_out(writer->segments, taking_out->number, reterr);
    if (st == LEDE_ENOTFOUND)
        return LEDE_OK;
    if (st == LEDE_OK)
        st = lede_writer_write_list(writer, reterr);
    writer->broken = writer->broken || st != LEDE_OK;
    return st;
}

enum lede_status lede_writer_quarantine(
    struct lede_writer *writer, uint32_t number, const char *what, struct lede_error *reterr)
{
    struct taking_out taking_out = {.writer = writer, .number = number};
    enum lede_status st = lede_quarantine_note(&writer->segments->quarantine, number, what, reterr);
    return st == LEDE_OK ? lede_task_run(&writer->tasks, take_out, &taking_out, reterr) : st;
}
