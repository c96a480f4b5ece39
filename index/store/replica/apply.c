/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A copy: applying its source's log, and becoming a store of its own. */
#include "bulk.h"
#include "lede/replica.h"
#include "lede/shard.h"
#include "open_store.h"
#include "recovery.h"
#include "segment_list.h"

#include <stdlib.h>
#include <string.h>

bool lede_store_is_copy(const struct lede_store *store)
{
    return store->segments.is_copy;
}

void lede_store_copied_to(struct lede_store *store, char ret_history[LEDE_HISTORY_SIZE],
    uint64_t *ret_position, uint64_t *ret_revision)
{
    pthread_mutex_lock(&store->monitor.mutex);
    memcpy(ret_history, store->writer.log.source_history, LEDE_HISTORY_SIZE);
    *ret_position = store->writer.log.source_position;
    *ret_revision = store->segments.revision;
    pthread_mutex_unlock(&store->monitor.mutex);
}

/* ---- Applying ---- */

struct applying {
    struct lede_store *store;
    const struct lede_log_piece *piece;
    struct lede_batch *batch;
    uint64_t position; /* all before it is in the batch, or applied */
};

static void applying_done(struct applying *applying)
{
    lede_batch_free(applying->batch);
}

static enum lede_status ensure_batch(struct applying *applying, struct lede_error *reterr)
{
    if (!applying->batch)
        applying->batch = calloc(1, sizeof(*applying->batch));
    return applying->batch ? LEDE_OK : lede_fail_memory(reterr);
}

/* One group of the writer's, up to applying->position. */
static enum lede_status hand_over_at(
    struct applying *applying, uint64_t revision, struct lede_error *reterr)
{
    struct lede_writer *writer = &applying->store->writer;
    enum lede_status st = ensure_batch(applying, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_batch *batch = applying->batch;
    batch->last = true;
    batch->is_copied = true;
    batch->source.position = applying->position;
    batch->source.revision = revision;
    lede_writer_queue(writer, batch, true);
    lede_writer_await(writer, batch);
    st = batch->status;
    if (st != LEDE_OK && reterr)
        *reterr = batch->error;
    lede_batch_free(LEDE_TAKE(&applying->batch));
    return st;
}

/* Where all that the source showed is in it the source's revision is known. */
static enum lede_status hand_over(struct applying *applying, struct lede_error *reterr)
{
    const struct lede_log_piece *piece = applying->piece;
    return hand_over_at(applying, applying->position >= piece->shown ? piece->revision : 0, reterr);
}

/* A source that is a former copy has places of its own log's source in its frames. */
static enum lede_status add_operation(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    struct applying *applying = context;
    if (kind != LEDE_JOURNAL_PUT && kind != LEDE_JOURNAL_DELETE)
        return LEDE_OK;
    enum lede_status st = ensure_batch(applying, reterr);
    return st == LEDE_OK ? lede_batch_add_journalled(
                               applying->batch, &applying->store->writer, kind, bytes, size, reterr)
                         : st;
}

static enum lede_status fail_damaged(uint64_t position, struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_ECORRUPT, "what came of the log is no frame at position %llu",
        (unsigned long long)position);
}

/* A whole frame goes into one batch: of an atomic body nothing shows before all of it does. */
static enum lede_status add_frame(
    struct applying *applying, size_t at, size_t *ret_size, struct lede_error *reterr)
{
    const struct lede_buffer *frames = &applying->piece->frames;
    struct lede_frame_header header;
    uint64_t position = 0;
    if (frames->size - at < sizeof(header))
        return fail_damaged(applying->position, reterr);
    memcpy(&header, frames->data + at, sizeof(header));
    position = header.position;
    if (position < applying->position ||
        !lede_frame_read(frames->data, frames->size, at, position, &header))
        return fail_damaged(position, reterr);
    *ret_size = sizeof(header) + header.payload_bytes;
    applying->position = position + *ret_size;
    return lede_journal_visit_payload(
        frames->data + at + sizeof(header), header.payload_bytes, add_operation, applying, reterr);
}

enum lede_status lede_store_apply(
    struct lede_store *store, const struct lede_log_piece *piece, struct lede_error *reterr)
{
    char history[LEDE_HISTORY_SIZE];
    uint64_t revision = 0;
    LEDE_CLEANUP(applying_done) struct applying applying = {.store = store, .piece = piece};
    if (!lede_store_is_copy(store))
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "this store is no copy of another");
    lede_store_copied_to(store, history, &applying.position, &revision);
    enum lede_status st = LEDE_OK;
    for (size_t at = 0, size = 0; st == LEDE_OK && at < piece->frames.size; at += size) {
        st = add_frame(&applying, at, &size, reterr);
        if (st == LEDE_OK && applying.batch && applying.batch->bytes >= LEDE_GROUP_BYTES_MAX)
            st = hand_over(&applying, reterr);
    }
    if (st != LEDE_OK)
        return st;
    bool has_more = applying.batch || applying.position < piece->next;
    applying.position = piece->next;
    bool shows_more = applying.position >= piece->shown && piece->revision > revision;
    return has_more || shows_more ? hand_over(&applying, reterr) : LEDE_OK;
}

/* ---- Applying what a cluster has committed ---- */

enum lede_status lede_store_apply_frames(
    struct lede_store *store, const char *frames, size_t size, struct lede_error *reterr)
{
    char history[LEDE_HISTORY_SIZE];
    uint64_t revision = 0;
    struct lede_shard_frame frame;
    LEDE_CLEANUP(applying_done) struct applying applying = {.store = store};
    if (!lede_store_is_copy(store))
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "this store is no copy of another");
    lede_store_copied_to(store, history, &applying.position, &revision);
    uint64_t handed_over = applying.position;
    enum lede_status st = LEDE_OK;
    for (size_t at = 0; st == LEDE_OK && at < size; at += frame.size) {
        if (!lede_shard_frame_read(frames + at, size - at, &frame))
            return fail_damaged(applying.position, reterr);
        if (frame.before.position != applying.position)
            return lede_fail(reterr, LEDE_EPRECONDITION, "no frame joins position %llu",
                (unsigned long long)applying.position);
        st = lede_journal_visit_payload(
            frame.payload, frame.payload_size, add_operation, &applying, reterr);
        applying.position = frame.after.position;
        revision = frame.revision;
        if (st != LEDE_OK || !applying.batch || applying.batch->bytes < LEDE_GROUP_BYTES_MAX)
            continue;
        st = hand_over_at(&applying, revision, reterr);
        handed_over = applying.position;
    }
    bool has_more = st == LEDE_OK && applying.position > handed_over;
    return has_more ? hand_over_at(&applying, revision, reterr) : st;
}

/* ---- Promoting ---- */

/* In the writer's thread: the list that says so lasts before the first write of its own. */
static enum lede_status promote(void *context, struct lede_error *reterr)
{
    struct lede_store *store = context;
    struct lede_writer *writer = &store->writer;
    struct lede_manifest *manifest = &store->segments.manifest;
    if (!store->segments.is_copy)
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "this is no copy of another archive");
    manifest->history[0] = '\0';
    store->segments.is_copy = false;
    store->segments.source_position = 0;
    enum lede_status st = lede_writer_write_list(writer, reterr);
    if (st == LEDE_OK)
        lede_writer_note_history(writer);
    writer->broken = writer->broken || st != LEDE_OK;
    return st;
}

enum lede_status lede_store_promote(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = lede_store_expect_writer(store, reterr);
    if (st == LEDE_OK && store->writer.outlet)
        st = lede_fail(reterr, LEDE_EUNSUPPORTED,
            "this is a node of a cluster, whose nodes see to it who leads");
    if (st == LEDE_OK)
        st = lede_task_run(&store->writer.tasks, promote, store, reterr);
    if (st == LEDE_OK)
        lede_followers_forget(&store->followers);
    return st;
}
