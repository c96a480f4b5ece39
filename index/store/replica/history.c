/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a log is, and its name. */
#include "lede/encoding.h"
#include "lede/replica.h"
#include "open_store.h"

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
