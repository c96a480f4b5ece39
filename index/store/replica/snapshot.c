/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a copy begins with: a backup by hard links, in snapshots/<id> of the data directory. */
#include "snapshot.h"

#include "files.h"
#include "lede/care.h"
#include "lede/encoding.h"
#include "lede/time.h"
#include "open_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNREAD_FOR_NS (UINT64_C(5) * 60 * 1000000000)

static enum lede_status path_of(const struct lede_store *store, const char *id,
    char ret_path[LEDE_PATH_BYTES_MAX], struct lede_error *reterr)
{
    char name[sizeof("snapshots/") + LEDE_SNAPSHOT_ID_SIZE];
    snprintf(name, sizeof(name), "snapshots/%s", id);
    return lede_path_join(store->directory, name, ret_path, reterr);
}

static void remove_files(const struct lede_store *store, const char *id)
{
    char path[LEDE_PATH_BYTES_MAX];
    if (path_of(store, id, path, NULL) == LEDE_OK)
        (void)!lede_directory_remove(path, NULL);
}

/* Take one off the list: the one of this id, else one of this follower's, else one that nobody
 * reads. Returns whether there was one. */
static bool take_off(struct lede_store *store, const char *id, const char *follower,
    char ret_id[LEDE_SNAPSHOT_ID_SIZE])
{
    bool is_found = false;
    uint64_t now = lede_time_monotonic_ns();
    pthread_mutex_lock(&store->followers.mutex);
    for (size_t i = 0; i < LEDE_SNAPSHOTS_MAX && !is_found; i++) {
        struct lede_open_snapshot *open = &store->snapshots.items[i];
        is_found = open->id[0] && (id            ? strcmp(open->id, id) == 0
                                      : follower ? strcmp(open->follower, follower) == 0
                                                 : now > open->read_ns + UNREAD_FOR_NS);
        if (is_found) {
            memcpy(ret_id, open->id, LEDE_SNAPSHOT_ID_SIZE);
            open->id[0] = '\0';
        }
    }
    pthread_mutex_unlock(&store->followers.mutex);
    return is_found;
}

static void drop(struct lede_store *store, const char *id, const char *follower)
{
    char gone[LEDE_SNAPSHOT_ID_SIZE];
    while (take_off(store, id, follower, gone))
        remove_files(store, gone);
}

void lede_store_snapshot_drop(struct lede_store *store, const char *id)
{
    drop(store, id, NULL);
}

void lede_snapshots_drop_unread(struct lede_store *store)
{
    drop(store, NULL, NULL);
}

/* Note that it is read. Status: OK; ENOTFOUND. */
static enum lede_status touch(struct lede_store *store, const char *id, struct lede_error *reterr)
{
    enum lede_status st = LEDE_ENOTFOUND;
    pthread_mutex_lock(&store->followers.mutex);
    for (size_t i = 0; i < LEDE_SNAPSHOTS_MAX; i++) {
        struct lede_open_snapshot *open = &store->snapshots.items[i];
        if (open->id[0] && strcmp(open->id, id) == 0) {
            open->read_ns = lede_time_monotonic_ns();
            st = LEDE_OK;
        }
    }
    pthread_mutex_unlock(&store->followers.mutex);
    return st == LEDE_OK ? st : lede_fail(reterr, st, "there is no such snapshot any more");
}

/* Give it a place on the list. Status: OK; EBUSY; EIO. */
static enum lede_status begin(struct lede_store *store, const char *follower,
    char ret_id[LEDE_SNAPSHOT_ID_SIZE], struct lede_error *reterr)
{
    unsigned char bytes[(LEDE_SNAPSHOT_ID_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return lede_fail_errno(reterr, LEDE_EIO, "cannot get random bytes");
    enum lede_status st = LEDE_EBUSY;
    pthread_mutex_lock(&store->followers.mutex);
    for (size_t i = 0; i < LEDE_SNAPSHOTS_MAX && st != LEDE_OK; i++) {
        struct lede_open_snapshot *open = &store->snapshots.items[i];
        if (open->id[0])
            continue;
        lede_hex_write(bytes, sizeof(bytes), open->id);
        snprintf(open->follower, sizeof(open->follower), "%s", follower);
        memcpy(ret_id, open->id, LEDE_SNAPSHOT_ID_SIZE);
        open->read_ns = lede_time_monotonic_ns();
        st = LEDE_OK;
    }
    pthread_mutex_unlock(&store->followers.mutex);
    return st == LEDE_OK
               ? st
               : lede_fail(reterr, st, "%d snapshots are being copied", LEDE_SNAPSHOTS_MAX);
}

static enum lede_status make(struct lede_store *store, const char *follower,
    struct lede_snapshot *ret_snapshot, struct lede_error *reterr)
{
    char parent[LEDE_PATH_BYTES_MAX], path[LEDE_PATH_BYTES_MAX];
    struct lede_backup_stats stats = {0};
    /* Before the snapshot, so that nothing behind it goes meanwhile. A cluster's log is another. */
    bool keeps_log = !store->segments.is_copy;
    enum lede_status st = keeps_log ? lede_followers_note(&store->followers, follower,
                                          ret_snapshot->place.synced, false, reterr)
                                    : LEDE_OK;
    if (st == LEDE_OK)
        st = lede_path_join(store->directory, "snapshots", parent, reterr);
    if (st == LEDE_OK)
        st = lede_directory_make(parent, reterr);
    if (st == LEDE_OK)
        st = path_of(store, ret_snapshot->id, path, reterr);
    if (st == LEDE_OK)
        st = lede_store_backup(store, path, true, &stats, reterr);
    if (st == LEDE_OK && keeps_log)
        st = lede_followers_note(&store->followers, follower, stats.position, false, reterr);
    ret_snapshot->place.synced = stats.position;
    ret_snapshot->place.shown = stats.position;
    ret_snapshot->place.revision = stats.revision;
    ret_snapshot->documents = stats.documents;
    return st;
}

/* What a damaged segment holds stands in no log: no copy would ever have it. */
static enum lede_status expect_whole(struct lede_store *store, struct lede_error *reterr)
{
    pthread_mutex_lock(&store->monitor.mutex);
    size_t damaged = store->segments.quarantine.count;
    pthread_mutex_unlock(&store->monitor.mutex);
    if (damaged == 0)
        return LEDE_OK;
    enum lede_status st = lede_fail(
        reterr, LEDE_ECORRUPT, "%zu segments are damaged, and would lack in the copy", damaged);
    lede_error_hint(reterr, "lede check --repair mends them");
    return st;
}

/* All nodes of a cluster have one log, and its places mean the same in all copies. */
static enum lede_status read_place(
    struct lede_store *store, struct lede_log_place *ret_place, struct lede_error *reterr)
{
    if (!store->writer.outlet)
        return lede_store_log_place(store, ret_place, reterr);
    lede_store_copied_to(store, ret_place->history, &ret_place->synced, &ret_place->revision);
    ret_place->shown = ret_place->synced;
    return LEDE_OK;
}

enum lede_status lede_store_snapshot(struct lede_store *store, const char *follower,
    struct lede_snapshot *ret_snapshot, struct lede_error *reterr)
{
    struct lede_snapshot snapshot = {0};
    lede_snapshots_drop_unread(store);
    drop(store, NULL, follower); /* it was interrupted, and begins anew */
    enum lede_status st = read_place(store, &snapshot.place, reterr);
    if (st == LEDE_OK)
        st = expect_whole(store, reterr);
    if (st == LEDE_OK)
        st = begin(store, follower, snapshot.id, reterr);
    if (st != LEDE_OK)
        return st;
    st = make(store, follower, &snapshot, reterr);
    if (st != LEDE_OK)
        drop(store, snapshot.id, NULL);
    else
        *ret_snapshot = snapshot;
    return st;
}

/* ---- Its files ---- */

struct visiting {
    const char *root;
    void (*visit)(void *context, const char *name, uint64_t bytes);
    void *context;
};

static bool is_copied(const char *name)
{
    return strcmp(name, "lock") != 0 && strcmp(name, "journal") != 0 &&
           strcmp(name, "manifest.json") != 0;
}

/* A directory, and those in it: segments/000001/… is as deep as it goes. */
static enum lede_status visit_directory(
    const struct visiting *visiting, const char *inside, unsigned depth, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    const struct dirent *entry = NULL;
    enum lede_status st = lede_path_join(visiting->root, inside, path, reterr);
    DIR *entries = st == LEDE_OK ? opendir(path) : NULL;
    if (st == LEDE_OK && !entries)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
    if (st == LEDE_OK)
        st = lede_directory_next(entries, path, &entry, reterr);
    while (st == LEDE_OK && entry) {
        char name[LEDE_PATH_BYTES_MAX];
        struct stat facts;
        snprintf(name, sizeof(name), "%s%s%s", inside, inside[0] ? "/" : "", entry->d_name);
        st = lede_path_join(visiting->root, name, path, reterr);
        if (st == LEDE_OK && (depth > 0 || is_copied(name)) && lstat(path, &facts) == 0) {
            if (S_ISREG(facts.st_mode))
                visiting->visit(visiting->context, name, (uint64_t)facts.st_size);
            else if (S_ISDIR(facts.st_mode) && depth < 2)
                st = visit_directory(visiting, name, depth + 1, reterr);
        }
        if (st == LEDE_OK)
            st = lede_directory_next(entries, path, &entry, reterr);
    }
    if (entries)
        closedir(entries);
    return st;
}

enum lede_status lede_store_snapshot_visit(struct lede_store *store, const char *id,
    void (*visit)(void *context, const char *name, uint64_t bytes), void *context,
    struct lede_error *reterr)
{
    char root[LEDE_PATH_BYTES_MAX], manifest[LEDE_PATH_BYTES_MAX];
    struct visiting visiting = {.root = root, .visit = visit, .context = context};
    struct stat facts;
    enum lede_status st = touch(store, id, reterr);
    if (st == LEDE_OK)
        st = path_of(store, id, root, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(root, "manifest.json", manifest, reterr);
    if (st == LEDE_OK && stat(manifest, &facts) != 0)
        st = lede_fail(reterr, LEDE_ENOTFOUND, "the snapshot is not whole yet");
    if (st == LEDE_OK)
        st = visit_directory(&visiting, "", 0, reterr);
    if (st == LEDE_OK)
        visit(context, "manifest.json", (uint64_t)facts.st_size);
    return st;
}

bool lede_snapshot_is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    const char *at = name;
    for (unsigned depth = 0; depth < 3; depth++) {
        size_t size = strspn(at, letters);
        if (size == 0 || at[0] == '.')
            return false;
        if (at[size] == '\0')
            return true;
        if (at[size] != '/')
            return false;
        at += size + 1;
    }
    return false;
}

enum lede_status lede_store_snapshot_read(struct lede_store *store, const char *id,
    const char *name, uint64_t offset, size_t size, struct lede_buffer *ret_bytes,
    struct lede_error *reterr)
{
    char root[LEDE_PATH_BYTES_MAX], path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = touch(store, id, reterr);
    if (st == LEDE_OK && !lede_snapshot_is_name(name))
        st = lede_fail(reterr, LEDE_ENOTFOUND, "no snapshot has such a file");
    if (st == LEDE_OK)
        st = path_of(store, id, root, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(root, name, path, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return lede_fail_errno(
            reterr, errno == ENOENT ? LEDE_ENOTFOUND : LEDE_EIO, "cannot open '%s'", path);
    char *bytes = lede_buffer_reserve(ret_bytes, size);
    if (!bytes)
        return lede_fail_memory(reterr);
    size_t done = 0;
    ssize_t got = 1;
    while (done < size && got > 0) {
        got = pread(fd, bytes + done, size - done, (off_t)(offset + done));
        done += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
    ret_bytes->size += done;
    return LEDE_OK;
}
