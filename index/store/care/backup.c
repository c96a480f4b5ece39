/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backup is what a view holds once the list has been written: files that never change, and the
 * list of them. A data directory that has been written to is told from one by what is in its
 * journal.
 *
 * The destination's manifest is replaced last, so that a crash leaves the backup that was there. */
#include "fault.h"
#include "files.h"
#include "lede/care.h"
#include "lede/schema.h"
#include "lock.h"
#include "open_store.h"
#include "strays.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- The destination ---- */

struct destination {
    const char *directory;
    int lock_fd;
    struct lede_manifest before; /* of an earlier backup; zeroed: none */
    struct lede_manifest after;
    bool may_link;
    struct lede_backup_stats stats;
};

static void destination_done(struct destination *destination)
{
    lede_manifest_done(&destination->before);
    lede_manifest_done(&destination->after);
    lede_closep(&destination->lock_fd);
}

static enum lede_status refuse(const char *directory, const char *what, struct lede_error *reterr)
{
    enum lede_status st = lede_fail(reterr, LEDE_EEXISTS, "'%s' %s", directory, what);
    lede_error_hint(
        reterr, "name a directory that is empty or does not exist, or an earlier backup");
    return st;
}

static bool was_written_to(const char *directory)
{
    char journal[LEDE_PATH_BYTES_MAX];
    return lede_path_join(directory, "journal", journal, NULL) == LEDE_OK &&
           !lede_directory_is_empty(journal);
}

/* Only an earlier backup, or nothing, may be there. */
static enum lede_status read_before(
    struct destination *destination, bool was_empty, struct lede_error *reterr)
{
    enum lede_status st = lede_manifest_read(
        destination->directory, LEDE_MANIFEST_WRITE, &destination->before, reterr);
    if (st == LEDE_ENOTFOUND)
        return was_empty
                   ? LEDE_OK
                   : refuse(destination->directory, "holds something that is no backup", reterr);
    if (st == LEDE_OK && was_written_to(destination->directory))
        return refuse(
            destination->directory, "is a data directory that has been written to", reterr);
    return st;
}

/* What an interrupted first backup has left counts as nothing. */
static bool holds_nothing(const char *directory)
{
    char segments[LEDE_PATH_BYTES_MAX];
    return lede_path_join(directory, "segments", segments, NULL) == LEDE_OK &&
           (lede_directory_is_empty(directory) || access(segments, F_OK) == 0);
}

static enum lede_status make_inside(
    const char *directory, const char *name, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(directory, name, path, reterr);
    return st == LEDE_OK ? lede_directory_make(path, reterr) : st;
}

/* Segments come first: with that alone it counts as nothing, and is taken the next time. */
static enum lede_status open_destination(struct destination *destination, struct lede_error *reterr)
{
    const char *directory = destination->directory;
    enum lede_status st = lede_directory_make_lasting(directory, reterr);
    bool was_empty = st == LEDE_OK && holds_nothing(directory);
    char manifest[LEDE_PATH_BYTES_MAX];
    if (st == LEDE_OK)
        st = lede_path_join(directory, "manifest.json", manifest, reterr);
    if (st == LEDE_OK && !was_empty && access(manifest, F_OK) != 0)
        return refuse(directory, "holds something that is no backup", reterr);
    if (st == LEDE_OK)
        st = make_inside(directory, "segments", reterr);
    if (st == LEDE_OK)
        st = lede_lock_take(directory, &destination->lock_fd, reterr);
    if (st == LEDE_OK)
        st = read_before(destination, was_empty, reterr);
    return st == LEDE_OK ? make_inside(directory, "journal", reterr) : st;
}

/* ---- Segments ---- */

/* Is it the same database? Its version file has a UUID that no other has, and the revision. */
static bool is_same_segment(const char *a, const char *b)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer one = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer other = {0};
    char path[LEDE_PATH_BYTES_MAX];
    if (!lede_directory_is_like(a, b) || lede_path_join(a, "iamglass", path, NULL) != LEDE_OK ||
        lede_file_read(path, &one, NULL) != LEDE_OK ||
        lede_path_join(b, "iamglass", path, NULL) != LEDE_OK ||
        lede_file_read(path, &other, NULL) != LEDE_OK)
        return false;
    return one.size == other.size && memcmp(one.data, other.data, one.size) == 0;
}

/* Copied beside its place and renamed, so that what stands there is whole. */
static enum lede_status copy_segment(
    const char *from, const char *to, struct destination *destination, struct lede_error *reterr)
{
    char partial[LEDE_PATH_BYTES_MAX + sizeof(LEDE_PARTIAL_SUFFIX)];
    snprintf(partial, sizeof(partial), "%s%s", to, LEDE_PARTIAL_SUFFIX);
    enum lede_status st = lede_directory_remove(partial, reterr);
    if (st == LEDE_OK)
        st = lede_directory_remove(to, reterr);
    if (st == LEDE_OK)
        st = lede_directory_copy(from, partial, destination->may_link,
            &destination->stats.bytes_copied, &destination->stats.bytes_linked, reterr);
    if (st == LEDE_OK && rename(partial, to) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot rename '%s'", partial);
    return st;
}

/* A segment that the earlier backup lists is not touched before the new list stands: where another
 * has its number, the backup is of another store. */
static enum lede_status take_segment(const char *source, const struct lede_manifest_segment *entry,
    struct destination *destination, struct lede_error *reterr)
{
    char from[LEDE_PATH_BYTES_MAX], to[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(source, entry->number, from, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(destination->directory, entry->number, to, reterr);
    if (st != LEDE_OK)
        return st;
    if (is_same_segment(from, to))
        destination->stats.segments_kept++;
    else if (lede_manifest_find(&destination->before, entry->number))
        return refuse(destination->directory, "is a backup of another archive", reterr);
    else
        st = copy_segment(from, to, destination, reterr);
    if (st != LEDE_OK)
        return st;
    destination->stats.segments++;
    return lede_manifest_add(&destination->after, entry, reterr);
}

/* ---- The list ---- */

static enum lede_status write_list(struct destination *destination, uint64_t revision,
    const struct lede_deletion_list *deletions, struct lede_error *reterr)
{
    struct lede_manifest *after = &destination->after;
    char segments[LEDE_PATH_BYTES_MAX];
    after->generation = destination->before.generation;
    after->deletions = after->generation + 1;
    enum lede_status st = lede_path_join(destination->directory, "segments", segments, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(segments, reterr);
    if (st == LEDE_OK)
        st = lede_deletion_log_write(
            destination->directory, after->deletions, revision, deletions, reterr);
    lede_fault_point("backup");
    return st == LEDE_OK ? lede_manifest_write(destination->directory, after, NULL, reterr) : st;
}

/* ---- Backup ---- */

static enum lede_status list_deleted(const struct lede_view_segment *segment,
    struct lede_deletion_list *list, struct lede_error *reterr)
{
    const struct lede_bitmap *bitmap = segment->deletions ? &segment->deletions->bitmap : NULL;
    for (uint32_t bit = bitmap ? lede_bitmap_next(bitmap, 0) : 0; bitmap && bit < bitmap->bit_count;
         bit = lede_bitmap_next(bitmap, bit + 1)) {
        if (lede_deletion_list_add(list, segment->entry.number, bit) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

static enum lede_status copy_view(const struct lede_store *store, const struct lede_view *view,
    uint64_t revision, struct destination *destination, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_deletion_list_done) struct lede_deletion_list deletions = {0};
    struct lede_manifest *after = &destination->after;
    after->next_number = 1;
    after->lanes = store->segments.lane_count;
    for (size_t i = 0; i < view->count; i++) {
        const struct lede_view_segment *segment = &view->segments[i];
        after->next_number = segment->entry.number >= after->next_number ? segment->entry.number + 1
                                                                         : after->next_number;
        enum lede_status st = take_segment(store->directory, &segment->entry, destination, reterr);
        if (st == LEDE_OK)
            st = list_deleted(segment, &deletions, reterr);
        if (st != LEDE_OK)
            return st;
        destination->stats.documents +=
            segment->entry.documents - (segment->deletions ? segment->deletions->bitmap.count : 0);
    }
    destination->stats.revision = revision;
    return write_list(destination, revision, &deletions, reterr);
}

enum lede_status lede_store_backup(struct lede_store *store, const char *directory, bool may_link,
    struct lede_backup_stats *ret_stats, struct lede_error *reterr)
{
    LEDE_CLEANUP(destination_done)
    struct destination destination = {.directory = directory, .lock_fd = -1, .may_link = may_link};
    struct lede_view *view = NULL;
    uint64_t revision = 0;
    enum lede_status st = lede_store_expect_writer(store, reterr);
    if (st == LEDE_OK)
        st = open_destination(&destination, reterr);
    if (st == LEDE_OK)
        st = lede_writer_settle(
            &store->writer, &view, &revision, &destination.stats.position, reterr);
    if (st != LEDE_OK)
        return st;
    st = copy_view(store, view, revision, &destination, reterr);
    lede_view_give(&store->segments, view);
    if (st != LEDE_OK)
        return st;
    /* What the earlier backup had and this one has not, and what an interrupted one left. */
    (void)!lede_strays_remove(directory, &destination.after, NULL);
    *ret_stats = destination.stats;
    return LEDE_OK;
}

/* ---- Restoring ---- */

struct restoring {
    struct lede_deletion_list deletions;
};

static void restoring_done(struct restoring *restoring)
{
    lede_deletion_list_done(&restoring->deletions);
}

static enum lede_status keep_deletion(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    struct restoring *restoring = context;
    return lede_deletion_list_add(&restoring->deletions, deletion->segment, deletion->docid) ==
                   LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

static enum lede_status read_backup(const char *source, struct lede_manifest *manifest,
    struct restoring *restoring, uint64_t *ret_revision, struct lede_error *reterr)
{
    enum lede_status st = lede_manifest_read(source, LEDE_MANIFEST_WRITE, manifest, reterr);
    if (st == LEDE_ENOTFOUND)
        return lede_fail(
            reterr, LEDE_ENOTFOUND, "'%s' is no backup: it has no manifest.json", source);
    if (st == LEDE_OK && was_written_to(source))
        st = lede_fail(reterr, LEDE_ENOTFOUND,
            "'%s' is a data directory that has been written to, no backup: serve it as it is",
            source);
    if (st == LEDE_OK && manifest->deletions > 0)
        st = lede_deletion_log_read(
            source, manifest->deletions, keep_deletion, restoring, ret_revision, reterr);
    return st;
}

enum lede_status lede_backup_restore(const char *source, const char *directory,
    struct lede_backup_stats *ret_stats, struct lede_error *reterr)
{
    LEDE_CLEANUP(destination_done)
    struct destination destination = {.directory = directory, .lock_fd = -1};
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    LEDE_CLEANUP(restoring_done) struct restoring restoring = {0};
    uint64_t revision = 0;
    enum lede_status st = read_backup(source, &manifest, &restoring, &revision, reterr);
    if (st == LEDE_OK && !holds_nothing(directory))
        st = lede_fail(reterr, LEDE_EEXISTS,
            "'%s' is not empty: a backup is restored into a new directory", directory);
    if (st == LEDE_OK)
        st = open_destination(&destination, reterr);
    if (st == LEDE_OK && destination.before.generation > 0)
        st = lede_fail(reterr, LEDE_EEXISTS,
            "'%s' holds an archive: a backup is restored into a new directory", directory);
    destination.after.lanes = manifest.lanes;
    destination.after.next_number = manifest.next_number;
    for (size_t i = 0; st == LEDE_OK && i < manifest.segment_count; i++) {
        if (manifest.segments[i].state != LEDE_SEGMENT_LISTED)
            continue;
        st = take_segment(source, &manifest.segments[i], &destination, reterr);
        destination.stats.documents += manifest.segments[i].documents;
    }
    if (st == LEDE_OK)
        st = write_list(&destination, revision, &restoring.deletions, reterr);
    if (st != LEDE_OK)
        return st;
    destination.stats.documents -= restoring.deletions.count;
    destination.stats.revision = revision;
    *ret_stats = destination.stats;
    return LEDE_OK;
}
