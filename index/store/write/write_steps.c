/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write_steps.h"

#include "lane_apply.h"
#include "lede/time.h"
#include "segment_list.h"

#include <string.h>

/* Files that merging has replaced stay as long as the disk's list names them: under writes without
 * a pause it is written at least so often. */
#define LIST_AT_LEAST_EVERY_NS UINT64_C(5000000000)

enum lede_status lede_writer_route(
    struct lede_writer *writer, struct lede_batch *first, struct lede_error *reterr)
{
    struct lede_lanes *lanes = &writer->lanes;
    for (uint32_t i = 0; i < lanes->count; i++)
        lanes->items[i].operation_count = 0;
    for (struct lede_batch *batch = first; batch; batch = batch->next) {
        for (size_t i = 0; i < batch->count; i++) {
            struct lede_operation *operation = &batch->operations[i];
            uint32_t lane = lede_lane_of(operation->id, operation->id_size, lanes->count);
            if (lede_lane_push(&lanes->items[lane], operation) != LEDE_OK)
                return lede_fail_memory(reterr);
        }
    }
    return LEDE_OK;
}

void lede_writer_note_history(struct lede_writer *writer)
{
    const struct lede_manifest *manifest = &writer->segments->manifest;
    pthread_mutex_lock(&writer->monitor->mutex);
    strcpy(writer->log.history, manifest->is_copy ? "" : manifest->history);
    strcpy(writer->log.source_history, manifest->is_copy ? manifest->history : "");
    writer->log.source_position = writer->segments->source_position;
    pthread_mutex_unlock(&writer->monitor->mutex);
}

void lede_writer_note_synced(struct lede_writer *writer)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    writer->log.synced = writer->journal.synced;
    pthread_mutex_unlock(&writer->monitor->mutex);
}

enum lede_status lede_writer_commit(
    struct lede_writer *writer, bool ends_bulk, struct lede_error *reterr)
{
    uint64_t bytes = 0;
    /* What can be found, the journal must have. */
    enum lede_status st = lede_journal_sync(&writer->journal, reterr);
    writer->lanes.finishes_bulk = ends_bulk;
    if (st == LEDE_OK)
        st = lede_lanes_run(&writer->lanes, lede_lane_finish, true, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_commit(&writer->lanes, &bytes, reterr);
    pthread_mutex_lock(&writer->monitor->mutex);
    writer->sealed_bytes += bytes;
    if (st == LEDE_OK) {
        writer->log.synced = writer->journal.synced;
        writer->log.shown = writer->journal.synced;
        writer->log.revision = writer->segments->revision;
        writer->log.source_position = writer->segments->source_position;
    }
    pthread_mutex_unlock(&writer->monitor->mutex);
    return st;
}

/* As much of the log as who follows needs, and no more than is allowed. */
static void keep_log(struct lede_writer *writer)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    uint64_t from = writer->log.kept_from, most = writer->log.kept_bytes_max;
    pthread_mutex_unlock(&writer->monitor->mutex);
    uint64_t end = lede_journal_mark(&writer->journal);
    if (from != UINT64_MAX && end > most && from < end - most)
        from = end - most;
    lede_journal_keep_from(&writer->journal, from);
}

enum lede_status lede_writer_write_list(struct lede_writer *writer, struct lede_error *reterr)
{
    enum lede_status st = lede_lanes_run(&writer->lanes, lede_lane_make_last, true, reterr);
    if (st == LEDE_OK)
        st = lede_segments_write_list(writer->segments, reterr);
    if (st != LEDE_OK)
        return st;
    writer->pending_bytes = 0;
    writer->listed_ns = lede_time_monotonic_ns();
    keep_log(writer);
    lede_journal_forget(&writer->journal, lede_journal_mark(&writer->journal));
    return LEDE_OK;
}

enum lede_status lede_writer_maintain(
    struct lede_writer *writer, bool write_list, struct lede_error *reterr)
{
    if (lede_lanes_are_uncommitted(&writer->lanes))
        return LEDE_OK;
    enum lede_status st = lede_mergers_take_over(writer->mergers, reterr);
    pthread_mutex_lock(&writer->monitor->mutex);
    write_list = write_list || writer->mergers->compacting ||
                 writer->pending_bytes >= writer->pending_bytes_max ||
                 lede_time_monotonic_ns() >= writer->listed_ns + LIST_AT_LEAST_EVERY_NS;
    pthread_mutex_unlock(&writer->monitor->mutex);
    if (st == LEDE_OK && writer->segments->unlisted && write_list)
        st = lede_writer_write_list(writer, reterr);
    return st;
}
