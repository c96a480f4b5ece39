/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading the log of a store that is followed. */
#include "files.h"
#include "journal_tail.h"
#include "lede/replica.h"
#include "lede/time.h"
#include "open_store.h"
#include "snapshot.h"

#include <string.h>

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
        st = lede_followers_note(&store->followers, follower, from, true, reterr);
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
    int64_t now = lede_time_now_utc_s();
    pthread_mutex_lock(&store->monitor.mutex);
    uint64_t synced = store->writer.log.synced;
    pthread_mutex_unlock(&store->monitor.mutex);
    pthread_mutex_lock(&followers->mutex);
    for (size_t i = 0; i < followers->count; i++) {
        const struct lede_follower *follower = &followers->items[i];
        uint64_t behind = follower->position < synced ? synced - follower->position : 0;
        visit(context, follower->name, behind, now - follower->seen_utc_s);
    }
    pthread_mutex_unlock(&followers->mutex);
}
