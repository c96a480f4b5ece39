/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing a data directory. */
#include "open_store.h"

#include "bulk.h"
#include "files.h"
#include "lock.h"
#include "reader.h"
#include "recovery.h"
#include "segment_list.h"
#include "strays.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A full disk passes; that somebody may not write is for whoever starts the program to mend. */
static enum lede_status expect_writable(const char *path, struct lede_error *reterr)
{
    return access(path, R_OK | W_OK | X_OK) == 0
               ? LEDE_OK
               : lede_fail_errno(reterr, LEDE_EIO, "cannot read and write directory '%s'", path);
}

/* ret_synced  the directory's entries are certain: the list that is there is the only one that a
 *             power loss can leave */
static enum lede_status make_directories(
    const struct lede_store *store, bool *ret_synced, struct lede_error *reterr)
{
    static const char *const names[] = {"journal", "segments"};
    bool made = false;
    enum lede_status writable = expect_writable(store->directory, reterr);
    if (writable != LEDE_OK)
        return writable;
    for (size_t i = 0; i < LEDE_COUNT_OF(names); i++) {
        char path[LEDE_PATH_BYTES_MAX];
        enum lede_status st = lede_path_join(store->directory, names[i], path, reterr);
        made = made || (st == LEDE_OK && access(path, F_OK) != 0);
        if (st == LEDE_OK)
            st = lede_directory_make(path, reterr);
        if (st == LEDE_OK)
            st = expect_writable(path, reterr);
        if (st != LEDE_OK)
            return st;
    }
    /* A crash may have come before the sync of those that are there; a disk that cannot sync can be
     * read. */
    enum lede_status synced = lede_directory_sync(store->directory, reterr);
    *ret_synced = synced == LEDE_OK;
    return made ? synced : LEDE_OK;
}

static enum lede_status refuse_without_manifest(
    const struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = lede_fail(reterr, LEDE_ECORRUPT,
        "'%s' has segments and no manifest.json, which lists them", store->directory);
    lede_error_hint(reterr, "lede check --repair makes it anew");
    return st;
}

/* A new store's is written before anything else: where there are segments and no list of them, that
 * is lost. */
static enum lede_status read_or_make_manifest(
    struct lede_store *store, uint32_t lanes, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_manifest_read(
        store->directory, LEDE_MANIFEST_WRITE, &store->segments.manifest, reterr);
    if (st != LEDE_ENOTFOUND)
        return st;
    st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st != LEDE_OK)
        return st;
    if (!lede_directory_is_empty(segments))
        return refuse_without_manifest(store, reterr);
    store->segments.manifest = (struct lede_manifest){.lanes = lanes, .next_number = 1};
    return lede_manifest_write(store->directory, &store->segments.manifest, NULL, reterr);
}

static enum lede_status open_files(struct lede_store *store,
    const struct lede_store_options *options, uint32_t lanes, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    bool is_certain = false;
    enum lede_status st = lede_directory_make_lasting(store->directory, reterr);
    if (st == LEDE_OK)
        st = lede_lock_take(store->directory, &store->lock_fd, reterr);
    if (st == LEDE_OK)
        st = make_directories(store, &is_certain, reterr);
    if (st == LEDE_OK)
        st = read_or_make_manifest(store, lanes, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "snapshots", path, reterr);
    if (st == LEDE_OK)
        (void)!lede_directory_remove(path, NULL); /* nobody reads them any more */
    if (st == LEDE_OK && is_certain)
        st = lede_strays_remove(store->directory, &store->segments.manifest, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "journal", path, reterr);
    if (st == LEDE_OK)
        st = lede_journal_open(path, 0, options->repair, &store->writer.journal, reterr);
    return st;
}

static struct lede_store *store_new(const struct lede_store_options *options)
{
    struct lede_store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    store->lock_fd = -1;
    store->read_only = options->read_only;
    store->directory = strdup(options->directory);
    if (!store->directory ||
        lede_engine_new(LEDE_ENGINE_DESCRIPTORS_MAX, options->list_cache_bytes, &store->engine,
            NULL) != LEDE_OK ||
        lede_monitor_init(&store->monitor) != LEDE_OK ||
        lede_followers_init(&store->followers, store->directory, &store->writer) != LEDE_OK ||
        lede_segments_init(&store->segments, &store->monitor, store->directory,
            options->quarantined, options->context) != LEDE_OK) {
        lede_engine_free(store->engine);
        free(store->directory);
        free(store);
        return NULL;
    }
    store->segments.engine = store->engine;
    lede_mergers_init(&store->mergers, &store->monitor, &store->segments, &options->merge);
    lede_writer_init(&store->writer, &store->monitor, &store->segments, &store->mergers, options);
    lede_scrub_init(&store->scrub, &store->segments, &store->writer);
    return store;
}

/* Damage that is met on the way is looked for, and left out. */
static enum lede_status recover(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = lede_scrub_listed(&store->segments, false, reterr);
    if (st == LEDE_OK)
        st = lede_writer_recover(&store->writer, reterr);
    if (st == LEDE_EIO || !lede_status_may_be_damage(st))
        return st;
    enum lede_status looked = lede_scrub_listed(&store->segments, true, reterr);
    return looked == LEDE_OK ? lede_writer_recover(&store->writer, reterr) : looked;
}

static enum lede_status refuse_unapplied(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    const struct lede_store *store = context;
    (void)kind, (void)bytes, (void)size;
    enum lede_status st = lede_fail(reterr, LEDE_EBUSY,
        "the journal of '%s' has writes that are not applied yet", store->directory);
    lede_error_hint(reterr, "open it once where it can be written: lede stats --data");
    return st;
}

/* A backup has an empty journal, or none. */
static enum lede_status expect_applied(struct lede_store *store, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(store->directory, "journal", path, reterr);
    if (st != LEDE_OK || access(path, F_OK) != 0)
        return st;
    st = lede_journal_open(path, 0, false, &store->writer.journal, reterr);
    return st == LEDE_OK
               ? lede_journal_replay(&store->writer.journal, refuse_unapplied, store, reterr)
               : st;
}

static enum lede_status load_and_publish(struct lede_segments *segments, struct lede_error *reterr)
{
    enum lede_status st = lede_segments_load(segments, reterr);
    return st == LEDE_OK ? lede_view_publish(segments, false, reterr) : st;
}

/* What the list names is shown, and nothing else is done. Damage that is met is left out, in memory
 * alone. */
static enum lede_status start_reading(struct lede_store *store, struct lede_error *reterr)
{
    struct lede_segments *segments = &store->segments;
    store->writer.writable = false;
    enum lede_status st = lede_lock_share(store->directory, &store->lock_fd, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_read(store->directory, LEDE_MANIFEST_READ, &segments->manifest, reterr);
    if (st == LEDE_OK)
        st = expect_applied(store, reterr);
    if (st != LEDE_OK)
        return st;
    segments->lane_count = segments->manifest.lanes;
    st = lede_scrub_listed(segments, false, reterr);
    if (st == LEDE_OK)
        st = load_and_publish(segments, reterr);
    if (lede_status_may_be_damage(st) && st != LEDE_EIO) {
        st = lede_scrub_listed(segments, true, reterr);
        if (st == LEDE_OK)
            st = load_and_publish(segments, reterr);
    }
    return st == LEDE_OK ? lede_vocabulary_new(segments, &store->vocabulary, reterr) : st;
}

static enum lede_status start(struct lede_store *store, const struct lede_store_options *options,
    uint32_t lanes, struct lede_error *reterr)
{
    enum lede_status st = open_files(store, options, lanes, reterr);
    if (st == LEDE_OK)
        lede_followers_load(&store->followers);
    store->segments.lane_count = store->segments.manifest.lanes;
    if (st == LEDE_OK)
        st = lede_stories_new(0, &store->writer.stories, reterr);
    if (st == LEDE_OK)
        st = lede_lanes_init(&store->writer.lanes, &store->segments, store->writer.stories, reterr);
    if (st != LEDE_OK)
        return st;
    st = recover(store, reterr);
    /* A disk that is full or failed can be read: the writer tries again with the next write. */
    if ((st == LEDE_ENOSPC || st == LEDE_EIO) && store->segments.view &&
        store->segments.manifest.generation > 0) {
        store->writer.writable = false;
        st = LEDE_OK;
    }
    if (st == LEDE_OK)
        st = lede_writer_start(&store->writer, reterr);
    if (st == LEDE_OK)
        st = lede_mergers_start(&store->mergers, reterr);
    if (st == LEDE_OK)
        st = lede_scrub_start(&store->scrub, reterr);
    return st == LEDE_OK ? lede_vocabulary_new(&store->segments, &store->vocabulary, reterr) : st;
}

enum lede_status lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_store_closep) struct lede_store *store = store_new(options);
    if (!store)
        return lede_fail_memory(reterr);
    uint32_t lanes = options->lanes ? options->lanes : LEDE_LANES_DEFAULT;
    lanes = lanes < LEDE_LANES_MAX ? lanes : LEDE_LANES_MAX;
    enum lede_status st =
        options->read_only ? start_reading(store, reterr) : start(store, options, lanes, reterr);
    if (st == LEDE_EIO && !options->read_only && !lede_store_may_write(options->directory))
        lede_error_hint(reterr, "lede search --data and lede check read it as it is; lede restore "
                                "makes a copy that can be served");
    if (st != LEDE_OK)
        return st;
    *ret_store = LEDE_TAKE(&store);
    return LEDE_OK;
}

bool lede_store_may_write(const char *directory)
{
    return access(directory, W_OK) == 0 || (errno != EROFS && errno != EACCES);
}

enum lede_status lede_store_expect_writer(const struct lede_store *store, struct lede_error *reterr)
{
    return store->read_only ? lede_fail(reterr, LEDE_EUNSUPPORTED,
                                  "'%s' was opened for reading only", store->directory)
                            : LEDE_OK;
}

enum lede_status lede_store_expect_own_writes(
    const struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = lede_store_expect_writer(store, reterr);
    if (st == LEDE_OK && store->segments.is_copy && !store->writer.outlet) {
        st = lede_fail(reterr, LEDE_EREADONLY, "this is a copy of another archive");
        lede_error_hint(reterr, "write to the server that it follows, or promote it");
    }
    return st;
}

void lede_store_close(struct lede_store *store)
{
    if (!store)
        return;
    lede_vocabulary_free(store->vocabulary);
    lede_scrub_stop(&store->scrub);
    lede_monitor_stop(&store->monitor);
    lede_writer_join(&store->writer);
    lede_mergers_join(&store->mergers);
    lede_mergers_done(&store->mergers);
    lede_writer_done(&store->writer);
    lede_view_done(&store->segments);
    lede_segments_done(&store->segments);
    lede_engine_free(store->engine);
    lede_closep(&store->lock_fd);
    lede_followers_done(&store->followers);
    lede_monitor_done(&store->monitor);
    free(store->directory);
    free(store);
}

void lede_store_closep(struct lede_store **store)
{
    lede_store_close(*store);
    *store = NULL;
}

/* ---- What the rooms do, for those who have a store ---- */

enum lede_status lede_reader_open(
    struct lede_store *store, struct lede_reader **ret_reader, struct lede_error *reterr)
{
    return lede_segments_reader_open(&store->segments, ret_reader, reterr);
}

enum lede_status lede_bulk_new(struct lede_store *store, const struct lede_bulk_options *options,
    struct lede_bulk **ret_bulk, struct lede_error *reterr)
{
    enum lede_status st = lede_store_expect_own_writes(store, reterr);
    return st == LEDE_OK ? lede_writer_bulk_new(&store->writer, options, ret_bulk, reterr) : st;
}

enum lede_status lede_store_write(struct lede_store *store, struct lede_write *write,
    enum lede_write_outcome *ret_outcome, unsigned char ret_digest[16], uint64_t *ret_revision,
    struct lede_error *reterr)
{
    enum lede_status st = lede_store_expect_own_writes(store, reterr);
    if (st != LEDE_OK) {
        lede_write_done(write);
        return st;
    }
    return lede_writer_write(&store->writer, write, ret_outcome, ret_digest, ret_revision, reterr);
}

struct lede_lexicon *lede_store_lexicon(struct lede_store *store)
{
    return lede_store_await_lexicon(store, 0);
}

struct lede_lexicon *lede_store_await_lexicon(
    struct lede_store *store, uint64_t deadline_monotonic_ns)
{
    pthread_mutex_lock(&store->monitor.mutex);
    uint64_t revision = store->segments.revision;
    pthread_mutex_unlock(&store->monitor.mutex);
    return lede_vocabulary_get(store->vocabulary, revision, deadline_monotonic_ns);
}

static void count_view(const struct lede_view *view, struct lede_store_stats *stats)
{
    stats->segments = (uint32_t)view->count;
    for (size_t i = 0; i < view->count; i++) {
        const struct lede_deletions *deletions = view->segments[i].deletions;
        uint32_t deleted = deletions ? deletions->bitmap.count : 0;
        stats->deleted_documents += deleted;
        if (view->segments[i].entry.analysis != LEDE_ANALYSIS_VERSION)
            stats->older_documents += view->segments[i].entry.documents - deleted;
        stats->disk_bytes += view->segments[i].entry.bytes;
    }
}

enum lede_status lede_store_health(struct lede_store *store, struct lede_store_health *ret_health)
{
    const struct lede_quarantine *quarantine = &store->segments.quarantine;
    if (pthread_mutex_trylock(&store->monitor.mutex) != 0)
        return LEDE_EBUSY;
    ret_health->revision = store->segments.revision;
    ret_health->writable = store->writer.writable;
    ret_health->quarantined_count = (uint32_t)quarantine->count;
    for (size_t i = 0; i < quarantine->count && i < LEDE_QUARANTINED_TOLD_MAX; i++)
        ret_health->quarantined[i] = quarantine->notes[i];
    pthread_mutex_unlock(&store->monitor.mutex);
    return LEDE_OK;
}

enum lede_status lede_store_stats(
    struct lede_store *store, struct lede_store_stats *ret_stats, struct lede_error *reterr)
{
    const struct lede_writer *writer = &store->writer;
    const struct lede_quarantine *quarantine = &store->segments.quarantine;
    (void)reterr;
    pthread_mutex_lock(&store->monitor.mutex);
    struct lede_view *view = store->segments.view;
    view->references++;
    struct lede_store_stats stats = {.revision = store->segments.revision,
        .documents = store->segments.documents,
        .commits = store->segments.commits,
        .pending_writes = writer->queue.writes,
        .writes_created = writer->outcomes[LEDE_CREATED],
        .writes_updated = writer->outcomes[LEDE_UPDATED],
        .writes_unchanged = writer->outcomes[LEDE_UNCHANGED],
        .writes_older = writer->outcomes[LEDE_OLDER],
        .writes_deleted = writer->outcomes[LEDE_DELETED],
        .writable = writer->writable,
        .sealed_bytes = writer->sealed_bytes,
        .set_aside = writer->set_aside,
        .merges = store->mergers.merged_count,
        .merged_bytes = store->mergers.merged_bytes,
        .quarantined_count = (uint32_t)quarantine->count};
    for (size_t i = 0; i < quarantine->count && i < LEDE_QUARANTINED_TOLD_MAX; i++)
        stats.quarantined[i] = quarantine->notes[i];
    pthread_mutex_unlock(&store->monitor.mutex);
    count_view(view, &stats);
    lede_view_give(&store->segments, view);
    lede_match_memory(store->engine, &stats.lists);
    lede_vocabulary_stats(store->vocabulary, &stats.corrections);
    *ret_stats = stats;
    return LEDE_OK;
}
