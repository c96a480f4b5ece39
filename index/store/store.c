/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening and closing a data directory. */
#include "internal.h"

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number that the manifest does not list, or what a merge had not finished. */
static bool is_stray_segment(const struct lede_store *store, const char *name)
{
    char *end = NULL;
    unsigned long number = strtoul(name, &end, 10);
    if (end < name + 6 || number > UINT32_MAX)
        return false;
    return strcmp(end, LEDE_SCRATCH_SUFFIX) == 0 ||
           (*end == '\0' && !lede_manifest_find(&store->manifest, (uint32_t)number));
}

/* Logs of deletions of lists that were replaced, or never came to be. */
static enum lede_status remove_stray_logs(struct lede_store *store, struct lede_error *reterr)
{
    static const char prefix[] = "deletions-";
    DIR *directory = opendir(store->directory);
    if (!directory)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", store->directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0)
            continue;
        uint64_t generation = strtoull(entry->d_name + sizeof(prefix) - 1, NULL, 10);
        if (generation != store->manifest.deletions)
            lede_deletion_log_remove(store->directory, generation);
    }
    closedir(directory);
    return LEDE_OK;
}

/* Remove directories that no manifest lists: a crash came between their making and their
 * listing. */
static enum lede_status remove_strays(struct lede_store *store, struct lede_error *reterr)
{
    char segments[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st != LEDE_OK)
        return st;
    DIR *directory = opendir(segments);
    if (!directory)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", segments);
    for (struct dirent *entry = readdir(directory); st == LEDE_OK && entry;
         entry = readdir(directory)) {
        char path[LEDE_PATH_BYTES_MAX];
        if (is_stray_segment(store, entry->d_name)) {
            st = lede_path_join(segments, entry->d_name, path, reterr);
            /* Where the disk has failed they stay until the next start. */
            if (st == LEDE_OK)
                (void)!lede_directory_remove(path, NULL);
        }
    }
    closedir(directory);
    return st;
}

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
    enum lede_status st = lede_manifest_read(store->directory, &store->manifest, reterr);
    if (st != LEDE_ENOTFOUND)
        return st;
    st = lede_path_join(store->directory, "segments", segments, reterr);
    if (st != LEDE_OK)
        return st;
    if (!lede_directory_is_empty(segments))
        return refuse_without_manifest(store, reterr);
    store->manifest = (struct lede_manifest){.lanes = lanes, .next_number = 1};
    return lede_manifest_write(store->directory, &store->manifest, NULL, reterr);
}

static enum lede_status start_threads_of_lanes(struct lede_store *store, struct lede_error *reterr)
{
    store->lanes = calloc(store->manifest.lanes, sizeof(*store->lanes));
    if (!store->lanes)
        return lede_fail_memory(reterr);
    for (uint32_t i = 0; i < store->manifest.lanes; i++) {
        store->lane_count = i + 1;
        enum lede_status st = lede_lane_init(&store->lanes[i], store, i, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status open_files(struct lede_store *store,
    const struct lede_store_options *options, uint32_t lanes, struct lede_error *reterr)
{
    char journal[LEDE_PATH_BYTES_MAX];
    bool is_certain = false;
    enum lede_status st = lede_directory_make(store->directory, reterr);
    if (st == LEDE_OK)
        st = lede_lock_take(store->directory, &store->lock_fd, reterr);
    if (st == LEDE_OK)
        st = make_directories(store, &is_certain, reterr);
    if (st == LEDE_OK)
        st = read_or_make_manifest(store, lanes, reterr);
    if (st == LEDE_OK && is_certain)
        st = remove_strays(store, reterr);
    if (st == LEDE_OK && is_certain)
        st = remove_stray_logs(store, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "journal", journal, reterr);
    if (st == LEDE_OK)
        st = lede_journal_open(journal, 0, options->repair, &store->journal, reterr);
    return st;
}

static struct lede_store *store_new(const struct lede_store_options *options)
{
    struct lede_store *store = calloc(1, sizeof(*store));
    if (!store)
        return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->queued, &monotonic);
    pthread_cond_init(&store->progressed, NULL);
    pthread_cond_init(&store->listed, &monotonic);
    pthread_cond_init(&store->scrub.woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    store->lock_fd = -1;
    store->journal.fd = -1;
    store->next_number = 1;
    store->queue_end = &store->queue_first;
    store->express_end = &store->express_first;
    store->stats.writable = true;
    store->pending_bytes_max =
        options->pending_bytes ? options->pending_bytes : LEDE_PENDING_BYTES_DEFAULT;
    store->builder_bytes_max =
        options->builder_bytes ? options->builder_bytes : LEDE_BUILDER_BYTES_DEFAULT;
    store->build_after_bytes =
        options->build_after_bytes ? options->build_after_bytes : LEDE_BUILD_AFTER_BYTES;
    store->merge_limits = lede_merge_limits_with_defaults(&options->merge);
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        store->merges[kind].store = store;
        store->merges[kind].kind = (enum lede_merge_kind)kind;
    }
    store->tell_quarantined = options->quarantined;
    store->tell_context = options->context;
    store->directory = strdup(options->directory);
    return store;
}

/* Damage that is met on the way is looked for, and left out. */
static enum lede_status recover(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = lede_scrub_listed(store, false, reterr);
    if (st == LEDE_OK)
        st = lede_writer_recover(store, reterr);
    if (st == LEDE_EIO || !lede_scrub_is_damage(st))
        return st;
    enum lede_status looked = lede_scrub_listed(store, true, reterr);
    return looked == LEDE_OK ? lede_writer_recover(store, reterr) : looked;
}

static enum lede_status start(struct lede_store *store, const struct lede_store_options *options,
    uint32_t lanes, struct lede_error *reterr)
{
    enum lede_status st =
        store->directory ? open_files(store, options, lanes, reterr) : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = start_threads_of_lanes(store, reterr);
    if (st == LEDE_OK)
        st = lede_stories_new(0, &store->stories, reterr);
    if (st != LEDE_OK)
        return st;
    st = recover(store, reterr);
    /* A disk that is full or failed can be read: the writer tries again with the next write. */
    if ((st == LEDE_ENOSPC || st == LEDE_EIO) && store->view && store->manifest.generation > 0) {
        store->stats.writable = false;
        st = LEDE_OK;
    }
    if (st != LEDE_OK)
        return st;
    if (pthread_create(&store->writer, NULL, lede_writer_main, store) != 0)
        return lede_fail(reterr, LEDE_EIO, "cannot start the writer's thread");
    store->has_writer = true;
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        struct lede_merge *merge = &store->merges[kind];
        if (pthread_create(&merge->thread, NULL, lede_merger_main, merge) != 0)
            return lede_fail(reterr, LEDE_EIO, "cannot start a merger's thread");
        merge->has_thread = true;
    }
    st = lede_scrub_start(store, reterr);
    if (st != LEDE_OK)
        return st;
    return lede_vocabulary_new(store, &store->vocabulary, reterr);
}

enum lede_status lede_store_open(const struct lede_store_options *options,
    struct lede_store **ret_store, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_store_closep) struct lede_store *store = store_new(options);
    if (!store)
        return lede_fail_memory(reterr);
    uint32_t lanes = options->lanes ? options->lanes : LEDE_LANES_DEFAULT;
    enum lede_status st =
        start(store, options, lanes < LEDE_LANES_MAX ? lanes : LEDE_LANES_MAX, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_store = LEDE_TAKE(&store);
    return LEDE_OK;
}

static void stop_threads(struct lede_store *store)
{
    lede_scrub_stop(store);
    pthread_mutex_lock(&store->mutex);
    store->stopping = true;
    pthread_cond_signal(&store->queued);
    pthread_cond_broadcast(&store->listed);
    pthread_mutex_unlock(&store->mutex);
    if (store->has_writer)
        pthread_join(store->writer, NULL);
    for (size_t kind = 0; kind < LEDE_MERGES; kind++) {
        if (store->merges[kind].has_thread)
            pthread_join(store->merges[kind].thread, NULL);
    }
}

void lede_store_close(struct lede_store *store)
{
    if (!store)
        return;
    lede_vocabulary_free(store->vocabulary);
    stop_threads(store);
    lede_mergers_done(store);
    for (uint32_t i = 0; i < store->lane_count; i++)
        lede_lane_done(&store->lanes[i]);
    free(store->lanes);
    lede_view_done(store);
    lede_stories_free(store->stories);
    lede_journal_done(&store->journal);
    lede_manifest_done(&store->manifest);
    lede_closep(&store->lock_fd);
    pthread_mutex_destroy(&store->mutex);
    pthread_cond_destroy(&store->queued);
    pthread_cond_destroy(&store->progressed);
    pthread_cond_destroy(&store->listed);
    pthread_cond_destroy(&store->scrub.woken);
    lede_deletion_list_done(&store->kept_deletions);
    free(store->quarantined);
    free(store->directory);
    free(store);
}

void lede_store_closep(struct lede_store **store)
{
    lede_store_close(*store);
    *store = NULL;
}

struct lede_lexicon *lede_store_lexicon(struct lede_store *store)
{
    pthread_mutex_lock(&store->mutex);
    uint64_t revision = store->revision;
    pthread_mutex_unlock(&store->mutex);
    return lede_vocabulary_get(store->vocabulary, revision);
}

enum lede_status lede_store_stats(
    struct lede_store *store, struct lede_store_stats *ret_stats, struct lede_error *reterr)
{
    (void)reterr;
    pthread_mutex_lock(&store->mutex);
    struct lede_store_stats stats = store->stats;
    struct lede_view *view = store->view;
    view->references++;
    stats.revision = store->revision;
    stats.pending_writes = store->queue_writes;
    stats.quarantined_count = (uint32_t)store->quarantined_count;
    for (size_t i = 0; i < store->quarantined_count && i < LEDE_QUARANTINED_TOLD_MAX; i++)
        stats.quarantined[i] = store->quarantined[i];
    pthread_mutex_unlock(&store->mutex);
    stats.segments = (uint32_t)view->count;
    for (size_t i = 0; i < view->count; i++) {
        char path[LEDE_PATH_BYTES_MAX];
        const struct lede_deletions *deletions = view->segments[i].deletions;
        uint32_t deleted = deletions ? deletions->bitmap.count : 0;
        stats.deleted_documents += deleted;
        if (view->segments[i].analysis != LEDE_ANALYSIS_VERSION)
            stats.older_documents += view->segments[i].documents - deleted;
        if (lede_segment_path(store->directory, view->segments[i].number, path, NULL) == LEDE_OK)
            stats.disk_bytes += lede_directory_disk_bytes(path);
    }
    lede_view_give(store, view);
    *ret_stats = stats;
    return LEDE_OK;
}
