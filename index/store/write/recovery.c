/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recovery.h"

#include "fault.h"
#include "lane_apply.h"
#include "lane_resolve.h"
#include "segment_list.h"
#include "set_aside.h"
#include "stories_fill.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

struct replay {
    struct lede_writer *writer;
    struct lede_batch *batch;
    uint64_t operations;
};

/* Documents that could not be made an entry of: applying the others went on. */
enum lede_status lede_writer_set_failed_aside(
    const struct lede_writer *writer, const struct lede_batch *batch, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < batch->count; i++) {
        const struct lede_operation *operation = &batch->operations[i];
        if (operation->outcome == LEDE_FAILED && operation->effect == LEDE_EFFECT_PUT)
            st = lede_set_aside_add(writer->segments->directory, true, operation->stored,
                operation->stored_size, operation->error->message, reterr);
    }
    return st;
}

/* The journal keeps all of it until the end, so that what is committed on the way does no harm. */
static enum lede_status replay_batch(struct replay *replay, struct lede_error *reterr)
{
    struct lede_writer *writer = replay->writer;
    enum lede_status st = LEDE_OK;
    if (lede_lanes_are_full(&writer->lanes))
        st = lede_writer_commit(writer, true, reterr);
    if (st == LEDE_OK)
        st = lede_writer_route(writer, replay->batch, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_run(&writer->lanes, lede_lane_resolve, false, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_run(&writer->lanes, lede_lane_apply, false, reterr);
    if (st == LEDE_OK)
        st = lede_writer_set_failed_aside(writer, replay->batch, reterr);
    lede_batch_free(LEDE_TAKE(&replay->batch));
    return st;
}

/* What is no document now will be none tomorrow: the others are not to wait for it. */
enum lede_status lede_batch_add_journalled(struct lede_batch *batch,
    const struct lede_writer *writer, char kind, const char *bytes, size_t size,
    struct lede_error *reterr)
{
    bool is_put = kind == LEDE_JOURNAL_PUT;
    struct lede_error why = {0};
    struct lede_write write = {.kind = is_put ? LEDE_WRITE_INDEX : LEDE_WRITE_DELETE};
    enum lede_status st = LEDE_OK;
    if (is_put)
        st = lede_document_from_stored(bytes, size, &write.document, &why);
    else if (!(write.id = strndup(bytes, size)))
        st = LEDE_ENOMEM;
    if (st == LEDE_OK)
        return lede_batch_add(batch, &write, size, reterr);
    lede_write_done(&write);
    return st == LEDE_ENOMEM ? lede_fail_memory(reterr)
                             : lede_set_aside_add(writer->segments->directory, is_put, bytes, size,
                                   why.message, reterr);
}

static enum lede_status replay_operation(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    struct replay *replay = context;
    struct lede_source_place place;
    replay->operations++;
    lede_fault_point("replay");
    if (kind == LEDE_JOURNAL_SOURCE && lede_journal_read_source(bytes, size, &place)) {
        replay->writer->segments->source_position = place.position;
        if (place.revision > replay->writer->segments->source_revision)
            replay->writer->segments->source_revision = place.revision;
        return LEDE_OK;
    }
    if (!replay->batch && !(replay->batch = calloc(1, sizeof(*replay->batch))))
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_batch_add_journalled(replay->batch, replay->writer, kind, bytes, size, reterr);
    if (st == LEDE_OK && replay->batch->bytes >= LEDE_GROUP_BYTES_MAX)
        st = replay_batch(replay, reterr);
    return st;
}

static enum lede_status replay_journal(struct lede_writer *writer, struct lede_error *reterr)
{
    struct replay replay = {.writer = writer};
    writer->lanes.replaying = true;
    writer->lanes.target = LEDE_BUILDING_BULK;
    enum lede_status st = lede_journal_replay(&writer->journal, replay_operation, &replay, reterr);
    if (st == LEDE_OK && replay.batch)
        st = replay_batch(&replay, reterr);
    lede_batch_free(replay.batch);
    writer->lanes.replaying = false;
    uint32_t set_aside = 0;
    if (st == LEDE_OK)
        st = lede_set_aside_count(writer->segments->directory, &set_aside, reterr);
    /* Callers were told of a revision a group at most: none of those is to come again. */
    pthread_mutex_lock(&writer->monitor->mutex);
    if (!writer->segments->is_copy)
        writer->segments->revision += replay.operations;
    writer->set_aside = set_aside;
    pthread_mutex_unlock(&writer->monitor->mutex);
    return st;
}

enum lede_status lede_writer_recover(struct lede_writer *writer, struct lede_error *reterr)
{
    struct lede_segments *segments = writer->segments;
    writer->broken = false;
    segments->source_revision = 0;
    /* What was being built is in the journal. */
    lede_lanes_drop_buildings(&writer->lanes);
    /* After a failure the disk may have either of two lists. */
    enum lede_status st = lede_segments_read_manifest(segments, reterr);
    /* What is lost of the log others may have applied. */
    if (st == LEDE_OK && writer->journal.keeps_damaged) {
        segments->manifest.history[0] = '\0';
        segments->unlisted = true;
    }
    segments->source_position = segments->manifest.source_position;
    segments->is_copy = segments->manifest.is_copy;
    if (st == LEDE_OK)
        st = lede_segments_load(segments, reterr);
    writer->pending_bytes = 0;
    if (st == LEDE_OK)
        st = lede_stories_fill(writer->stories, segments, reterr);
    /* At the start: what is committed can be read, whatever becomes of the rest. */
    if (st == LEDE_OK && !segments->view)
        st = lede_view_publish(segments, false, reterr);
    if (st == LEDE_OK)
        st = lede_journal_sync(&writer->journal, reterr);
    if (st == LEDE_OK)
        st = replay_journal(writer, reterr);
    if (st == LEDE_OK)
        st = lede_writer_commit(writer, true, reterr);
    if (st == LEDE_OK)
        st = lede_view_publish(segments, segments->is_copy, reterr);
    if (st == LEDE_OK)
        st = lede_writer_maintain(writer, true, reterr);
    writer->broken = st != LEDE_OK;
    if (st == LEDE_OK)
        lede_writer_note_history(writer);
    return st;
}
