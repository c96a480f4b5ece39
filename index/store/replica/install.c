/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the files of a snapshot to a data directory.
 *
 *     copy.partial/  files that come, of one snapshot
 *     copy.ready/    all of them, synced, with a list that names history and position
 *
 * A crash at any moment leaves what was there, or one of these. What is ready takes the place of
 * what was there in steps that may be repeated; its list goes last. */
#include "checksums.h"
#include "deletions.h"
#include "fault.h"
#include "files.h"
#include "lede/replica.h"
#include "lede/shard.h"
#include "lock.h"
#include "manifest.h"
#include "snapshot.h"
#include "strays.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL "copy.partial"
#define READY "copy.ready"

/* ---- Receiving ---- */

enum lede_status lede_copy_begin(const char *directory, char **ret_path, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_directory_make_lasting(directory, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(directory, PARTIAL, path, reterr);
    if (st == LEDE_OK)
        st = lede_directory_make(path, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_path = strdup(path);
    return *ret_path ? LEDE_OK : lede_fail_memory(reterr);
}

/* The directories on the way to a file. */
static enum lede_status make_parents(const char *path, const char *name, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (const char *slash = strchr(name, '/'); st == LEDE_OK && slash;
         slash = strchr(slash + 1, '/')) {
        char parent[LEDE_PATH_BYTES_MAX];
        int size = snprintf(parent, sizeof(parent), "%s/%.*s", path, (int)(slash - name), name);
        st = size < (int)sizeof(parent) ? lede_directory_make(parent, reterr)
                                        : lede_fail(reterr, LEDE_EINPUT, "the path is too long");
    }
    return st;
}

uint64_t lede_copy_held(const char *path, const char *name)
{
    char file[LEDE_PATH_BYTES_MAX];
    struct stat facts;
    return lede_snapshot_is_name(name) && lede_path_join(path, name, file, NULL) == LEDE_OK &&
                   lstat(file, &facts) == 0 && S_ISREG(facts.st_mode)
               ? (uint64_t)facts.st_size
               : 0;
}

enum lede_status lede_copy_write(const char *path, const char *name, uint64_t offset,
    const void *bytes, size_t size, struct lede_error *reterr)
{
    char file[LEDE_PATH_BYTES_MAX];
    if (!lede_snapshot_is_name(name))
        return lede_fail(reterr, LEDE_EINPUT, "'%.60s' is no file of a snapshot", name);
    enum lede_status st = lede_path_join(path, name, file, reterr);
    if (st == LEDE_OK && offset == 0)
        st = make_parents(path, name, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep)
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | (offset == 0 ? O_TRUNC : 0), 0640);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", file);
    return lede_write_at(fd, bytes, size, offset, reterr);
}

/* ---- Checking ---- */

static enum lede_status check_segment(const char *path, uint32_t number, struct lede_error *reterr)
{
    char segment[LEDE_PATH_BYTES_MAX];
    char what[LEDE_DAMAGE_TEXT_BYTES] = "";
    struct lede_checksums_how how = {.tell = lede_checksums_tell_first, .context = what};
    enum lede_damage damage = LEDE_DAMAGE_NONE;
    enum lede_status st = lede_segment_path(path, number, segment, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_compare(segment, &how, &damage, reterr);
    if (st == LEDE_OK && damage != LEDE_DAMAGE_NONE) {
        st = lede_fail(reterr, LEDE_ECORRUPT, "segment %u did not come whole: %s", number, what);
        (void)!lede_directory_remove(segment, NULL); /* to be fetched anew */
    }
    return st == LEDE_OK ? lede_directory_sync_files(segment, reterr) : st;
}

enum lede_status lede_copy_end(const char *directory, const char *path,
    const struct lede_log_place *place, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    char ready[LEDE_PATH_BYTES_MAX], segments[LEDE_PATH_BYTES_MAX];
    if (!lede_manifest_is_history(place->history))
        return lede_fail(reterr, LEDE_EINPUT, "the source names no history");
    enum lede_status st = lede_manifest_read(path, LEDE_MANIFEST_WRITE, &manifest, reterr);
    for (size_t i = 0; st == LEDE_OK && i < manifest.segment_count; i++)
        st = check_segment(path, manifest.segments[i].number, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(path, "segments", segments, reterr);
    if (st == LEDE_OK)
        st = lede_directory_make(segments, reterr); /* where there are none */
    if (st == LEDE_OK)
        st = lede_strays_remove(path, &manifest, reterr); /* of an earlier snapshot */
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync_files(path, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(directory, READY, ready, reterr);
    if (st == LEDE_OK)
        st = lede_directory_remove(ready, reterr);
    if (st != LEDE_OK)
        return st;
    strcpy(manifest.history, place->history);
    manifest.is_copy = true;
    manifest.source_position = place->synced;
    st = lede_manifest_write(path, &manifest, NULL, reterr);
    lede_fault_point("copy-ready");
    if (st == LEDE_OK && rename(path, ready) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot rename '%s'", path);
    return st == LEDE_OK ? lede_directory_sync(directory, reterr) : st;
}

/* ---- Taking its place ---- */

/* Move what is ready to its place, what was there being removed before. Nothing is done where it
 * has been moved already. */
static enum lede_status replace(
    const char *directory, const char *ready, const char *name, struct lede_error *reterr)
{
    char from[LEDE_PATH_BYTES_MAX], to[LEDE_PATH_BYTES_MAX];
    struct stat facts;
    enum lede_status st = lede_path_join(ready, name, from, reterr);
    if (st == LEDE_OK)
        st = lede_path_join(directory, name, to, reterr);
    if (st != LEDE_OK || lstat(from, &facts) != 0)
        return st;
    if (S_ISDIR(facts.st_mode))
        st = lede_directory_remove(to, reterr);
    lede_fault_point("copy-replace");
    if (st == LEDE_OK && rename(from, to) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot rename '%s'", from);
    return st;
}

/* What the former store has beside its segments, and nobody shall read with the new ones. */
static enum lede_status remove_former(const char *directory, struct lede_error *reterr)
{
    static const char *const files[] = {"manifest.json", "followers.json", "set-aside.ndjson"};
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(files); i++) {
        st = lede_path_join(directory, files[i], path, reterr);
        if (st == LEDE_OK && unlink(path) != 0 && errno != ENOENT)
            st = lede_fail_errno(reterr, LEDE_EIO, "cannot remove '%s'", path);
    }
    if (st == LEDE_OK)
        st = lede_path_join(directory, "journal", path, reterr);
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    return st == LEDE_OK ? lede_directory_sync(directory, reterr) : st;
}

static enum lede_status take_place(const char *directory, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    LEDE_CLEANUP(lede_closep) int lock_fd = -1;
    char ready[LEDE_PATH_BYTES_MAX], log[64];
    enum lede_status st = lede_path_join(directory, READY, ready, reterr);
    if (st != LEDE_OK || access(ready, F_OK) != 0)
        return st;
    st = lede_lock_take(directory, &lock_fd, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_read(ready, LEDE_MANIFEST_WRITE, &manifest, reterr);
    if (st == LEDE_OK) {
        snprintf(log, sizeof(log), "deletions-%06llu", (unsigned long long)manifest.deletions);
        st = remove_former(directory, reterr);
        if (st == LEDE_OK)
            st = replace(directory, ready, "segments", reterr);
        if (st == LEDE_OK)
            st = replace(directory, ready, log, reterr);
        if (st == LEDE_OK)
            st = lede_directory_sync(directory, reterr);
        if (st == LEDE_OK)
            st = replace(directory, ready, "manifest.json", reterr);
        if (st == LEDE_OK)
            st = lede_directory_sync(directory, reterr);
    }
    if (st != LEDE_OK && st != LEDE_ENOTFOUND)
        return st;
    return lede_directory_remove(ready, reterr); /* without its list it is in its place */
}

enum lede_status lede_copy_look(
    const char *directory, struct lede_copy_place *ret_place, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    char segments[LEDE_PATH_BYTES_MAX];
    *ret_place = (struct lede_copy_place){0};
    enum lede_status st = take_place(directory, reterr);
    if (st == LEDE_OK)
        st = lede_manifest_read(directory, LEDE_MANIFEST_WRITE, &manifest, reterr);
    if (st == LEDE_ENOTFOUND) {
        st = lede_path_join(directory, "segments", segments, reterr);
        ret_place->is_empty = st == LEDE_OK && lede_directory_is_empty(segments);
        return st;
    }
    if (st != LEDE_OK)
        return st;
    ret_place->is_empty =
        !manifest.is_copy && manifest.segment_count == 0 && manifest.generation <= 1;
    ret_place->is_copy = manifest.is_copy;
    memcpy(ret_place->history, manifest.history, sizeof(ret_place->history));
    return LEDE_OK;
}

enum lede_status lede_copy_make(const char *directory, const char history[LEDE_HISTORY_SIZE],
    uint32_t lanes, struct lede_error *reterr)
{
    struct lede_copy_place place;
    LEDE_CLEANUP(lede_closep) int lock_fd = -1;
    struct lede_manifest manifest = {.is_copy = true, .lanes = lanes, .next_number = 1};
    enum lede_status st = lede_directory_make_lasting(directory, reterr);
    if (st == LEDE_OK)
        st = lede_copy_look(directory, &place, reterr);
    if (st == LEDE_OK && !place.is_empty)
        st = lede_fail(
            reterr, LEDE_EEXISTS, "'%.200s' has an archive of its own already", directory);
    if (st == LEDE_OK && !lede_manifest_is_history(history))
        st = lede_fail(reterr, LEDE_EINPUT, "expected a history of %d digits", LEDE_HISTORY_DIGITS);
    if (st == LEDE_OK)
        st = lede_lock_take(directory, &lock_fd, reterr);
    if (st != LEDE_OK)
        return st;
    memcpy(manifest.history, history, sizeof(manifest.history));
    return lede_manifest_write(directory, &manifest, NULL, reterr);
}
