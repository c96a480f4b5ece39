/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the log of a store that is followed. */
#include "files.h"
#include "journal_tail.h"
#include "lede/encoding.h"
#include "lede/replica.h"
#include "lede/time.h"
#include "open_store.h"
#include "snapshot.h"

#include <string.h>
#include <sys/random.h>

static void read_place(struct lede_store *store, struct lede_log_place *ret_place)
{
    const struct lede_log_state *log = &store->writer.log;
    pthread_mutex_lock(&store->monitor.mutex);
    memcpy(ret_place->history, log->history, sizeof(ret_place->history));
    ret_place->synced = log->synced;
    ret_place->shown = log->shown;
    ret_place->revision = log->revision;
    pthread_mutex_unlock(&store->monitor.mutex);
}

/* In the writer's thread: a list that names the history lasts before anybody is told of it. */
static enum lede_status name_history(void *context, struct lede_error *reterr)
{
    struct lede_store *store = context;
    struct lede_manifest *manifest = &store->segments.manifest;
    unsigned char bytes[LEDE_HISTORY_DIGITS / 2];
    if (manifest->history[0])
        return LEDE_OK;
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return lede_fail_errno(reterr, LEDE_EIO, "cannot get random bytes");
    lede_hex_write(bytes, sizeof(bytes), manifest->history);
    enum lede_status st = lede_writer_write_list(&store->writer, reterr);
    store->writer.broken = store->writer.broken || st != LEDE_OK;
    if (st == LEDE_OK)
        lede_writer_note_history(&store->writer);
    return st;
}

enum lede_status lede_store_log_place(
    struct lede_store *store, struct lede_log_place *ret_place, struct lede_error *reterr)
{
    enum lede_status st = lede_store_expect_writer(store, reterr);
    if (st == LEDE_OK && store->segments.is_copy)
        st = lede_fail(reterr, LEDE_EUNSUPPORTED, "this is a copy itself: follow what it follows");
    if (st != LEDE_OK)
        return st;
    read_place(store, ret_place);
    if (ret_place->history[0])
        return LEDE_OK;
    st = lede_task_run(&store->writer.tasks, name_history, store, reterr);
    if (st == LEDE_OK)
        read_place(store, ret_place);
    return st;
}

void lede_log_piece_done(struct lede_log_piece *piece)
{
    lede_buffer_done(&piece->frames);
    *piece = (struct lede_log_piece){0};
}

enum lede_status lede_store_log_read(struct lede_store *store, const char *follower,
    const char *history, uint64_t from, struct lede_log_piece *ret_piece, struct lede_error *reterr)
{
    struct lede_log_place place;
    char journal[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_store_log_place(store, &place, reterr);
    if (st == LEDE_OK && strcmp(place.history, history) != 0)
        st = lede_fail(reterr, LEDE_EPRECONDITION, "the log has another history");
    if (st == LEDE_OK && from > place.synced)
        st = lede_fail(reterr, LEDE_ENOTFOUND, "the log has not come to position %llu",
            (unsigned long long)from);
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "journal", journal, reterr);
    lede_snapshots_drop_unread(store);
    if (st == LEDE_OK)
        st = lede_followers_note(&store->followers, follower, from, reterr);
    if (st == LEDE_OK)
        st = lede_journal_tail(journal, from, place.synced, LEDE_LOG_PIECE_BYTES_MAX,
            &ret_piece->frames, &ret_piece->next, reterr);
    ret_piece->shown = place.shown;
    ret_piece->revision = place.revision;
    return st;
}

void lede_store_visit_followers(struct lede_store *store,
    void (*visit)(void *context, const char *name, uint64_t behind_bytes, int64_t seen_ago_s),
    void *context)
{
    struct lede_followers *followers = &store->followers;
    struct lede_log_place place;
    int64_t now = lede_time_now_utc_s();
    read_place(store, &place);
    pthread_mutex_lock(&followers->mutex);
    for (size_t i = 0; i < followers->count; i++) {
        const struct lede_follower *follower = &followers->items[i];
        uint64_t behind = follower->position < place.synced ? place.synced - follower->position : 0;
        visit(context, follower->name, behind, now - follower->seen_utc_s);
    }
    pthread_mutex_unlock(&followers->mutex);
}
