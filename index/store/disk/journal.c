/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include "fault.h"
#include "files.h"
#include "lede/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE_ALIGNMENT UINT64_C(4096)
#define SPARE_FILES 1                         /* kept to be used again */
#define UNSYNCED_KEPT_BYTES ((size_t)1 << 20) /* memory that stays allocated */

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t align(uint64_t position)
{
    return (position + BASE_ALIGNMENT) & ~(BASE_ALIGNMENT - 1);
}

static void close_file(struct lede_journal *journal)
{
    lede_closep(&journal->fd);
    journal->fd = -1;
}

/* ---- Its files ---- */

static enum lede_status add_base(
    struct lede_journal *journal, uint64_t base, struct lede_error *reterr)
{
    return lede_journal_files_add(&journal->files, base, reterr);
}

static void drop_first_base(struct lede_journal *journal)
{
    journal->files.count--;
    memmove(journal->files.bases, journal->files.bases + 1,
        journal->files.count * sizeof(*journal->files.bases));
}

/* Files of which nothing is needed: the next one begins at or before `mark`, and before what is
 * kept for others. */
static size_t count_spare(const struct lede_journal *journal, uint64_t mark)
{
    if (journal->keeps_for_others && journal->kept_from < mark)
        mark = journal->kept_from;
    size_t files = journal->files.count - (journal->fd >= 0);
    size_t spare = 0;
    while (
        spare < files &&
        mark >= (spare + 1 < journal->files.count ? journal->files.bases[spare + 1] : journal->end))
        spare++;
    return spare;
}

/* All spare files but one go; what cannot be removed is harmless, and tried again by the next
 * process. */
static void remove_spare(struct lede_journal *journal)
{
    for (size_t spare = count_spare(journal, journal->noted); spare > SPARE_FILES; spare--) {
        char path[LEDE_PATH_BYTES_MAX];
        if (lede_journal_path(journal->files.directory, journal->files.bases[0], path, NULL) ==
            LEDE_OK)
            (void)!unlink(path);
        drop_first_base(journal);
    }
}

/* Give a spare file another name; < 0: there is none, or it is too large to be kept. */
static int reuse_spare(struct lede_journal *journal, const char *path)
{
    char spare[LEDE_PATH_BYTES_MAX];
    struct stat facts;
    if (count_spare(journal, journal->noted) == 0 ||
        lede_journal_path(journal->files.directory, journal->files.bases[0], spare, NULL) !=
            LEDE_OK)
        return -1;
    drop_first_base(journal);
    if (stat(spare, &facts) != 0)
        return -1;
    if ((uint64_t)facts.st_size > 2 * LEDE_JOURNAL_FILE_BYTES)
        return (void)!unlink(spare), -1;
    return rename(spare, path) == 0 ? open(path, O_RDWR | O_CLOEXEC) : -1;
}

/* A file for positions from `base` on. */
static enum lede_status make_file(
    struct lede_journal *journal, uint64_t base, int *ret_fd, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_journal_path(journal->files.directory, base, path, reterr);
    if (st != LEDE_OK)
        return st;
    remove_spare(journal);
    int fd = reuse_spare(journal, path);
    if (fd < 0)
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    *ret_fd = fd;
    return LEDE_OK;
}

/* Leave the file that is written to, and make another whose first frame follows what is synced. */
static enum lede_status begin_file(struct lede_journal *journal, struct lede_error *reterr)
{
    struct stat facts;
    lede_fault_point("journal-file");
    close_file(journal);
    uint64_t base = align(larger(journal->high, journal->end));
    journal->high = base;
    LEDE_CLEANUP(lede_closep) int fd = -1;
    enum lede_status st = make_file(journal, base, &fd, reterr);
    /* Listed before the sync can fail: nothing of it counts until a frame in it does. */
    if (st == LEDE_OK)
        st = add_base(journal, base, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync(journal->files.directory, reterr);
    if (st != LEDE_OK)
        return st;
    journal->allocated = fstat(fd, &facts) == 0 ? (uint64_t)facts.st_size : 0;
    journal->high = base + journal->allocated;
    journal->base = base;
    journal->end = base;
    journal->fd = fd;
    fd = -1;
    return LEDE_OK;
}

/* Best effort: where there is no room the write says so. */
static void preallocate(struct lede_journal *journal, uint64_t bytes)
{
    uint64_t wanted =
        (bytes + LEDE_JOURNAL_PREALLOCATE_BYTES - 1) & ~(LEDE_JOURNAL_PREALLOCATE_BYTES - 1);
    if (bytes <= journal->allocated)
        return;
    if (fallocate(journal->fd, 0, 0, (off_t)wanted) == 0)
        journal->allocated = wanted;
    else
        errno = 0;
}

/* ---- Opening ---- */

static enum lede_status fail_damaged(const struct lede_journal *journal,
    const struct lede_journal_reading *reading, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st =
        lede_journal_path(journal->files.directory, reading->damaged_base, path, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_fail(reterr, LEDE_ECORRUPT,
        "journal file '%s' is damaged at byte %llu: %u groups of writes before it can be kept, and "
        "%u behind "
        "it",
        path, (unsigned long long)reading->damaged_offset, reading->frames, reading->frames_behind);
    lede_error_hint(
        reterr, "lede check --repair keeps a copy of the file and all groups but the damaged");
    return st;
}

/* A copy beside it, whole and synced, before anything is made of what is left. */
static enum lede_status keep_copy(
    const struct lede_journal *journal, uint64_t base, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer data = {0};
    char path[LEDE_PATH_BYTES_MAX];
    char name[32];
    enum lede_status st = lede_journal_path(journal->files.directory, base, path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, &data, reterr);
    if (st == LEDE_ENOTFOUND)
        return LEDE_OK;
    if (st != LEDE_OK)
        return st;
    snprintf(name, sizeof(name), "%016llx.damaged", (unsigned long long)base);
    return lede_file_replace(
        journal->files.directory, name, data.data ? data.data : "", data.size, NULL, reterr);
}

static enum lede_status read_what_is_there(
    struct lede_journal *journal, uint64_t floor, bool repair, struct lede_error *reterr)
{
    struct lede_journal_reading reading = {.mark = floor};
    enum lede_status st = lede_journal_files_list(&journal->files, reterr);
    if (st == LEDE_OK)
        st = lede_journal_read(&journal->files, UINT64_MAX, false, &reading, NULL, NULL, reterr);
    if (st == LEDE_OK && reading.damaged && !repair)
        st = fail_damaged(journal, &reading, reterr);
    for (size_t i = 0; st == LEDE_OK && reading.damaged && i < journal->files.count; i++)
        st = keep_copy(journal, journal->files.bases[i], reterr);
    if (st != LEDE_OK)
        return st;
    journal->keeps_damaged = reading.damaged;
    journal->mark = reading.mark;
    journal->written_mark = reading.mark;
    journal->synced = reading.end;
    journal->end = align(larger(larger(reading.high, reading.end), floor));
    journal->high = journal->end;
    return LEDE_OK;
}

enum lede_status lede_journal_open(const char *directory, uint64_t floor, bool repair,
    struct lede_journal *ret_journal, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_journal_done)
    struct lede_journal journal = {.fd = -1, .files.directory = strdup(directory)};
    if (!journal.files.directory)
        return lede_fail_memory(reterr);
    enum lede_status st = read_what_is_there(&journal, floor, repair, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_journal = journal;
    journal = (struct lede_journal){.fd = -1};
    return LEDE_OK;
}

void lede_journal_done(struct lede_journal *journal)
{
    lede_closep(&journal->fd);
    lede_buffer_done(&journal->unsynced);
    free(journal->files.bases);
    free(journal->files.directory);
    *journal = (struct lede_journal){.fd = -1};
}

/* ---- Writing ---- */

static void add_operation(struct lede_buffer *payload, char kind, const char *bytes, size_t size)
{
    uint32_t size32 = (uint32_t)size;
    lede_buffer_append_char(payload, kind);
    lede_buffer_append(payload, &size32, sizeof(size32));
    lede_buffer_append(payload, bytes, size);
}

void lede_journal_add_put(struct lede_buffer *payload, const char *stored, size_t size)
{
    add_operation(payload, LEDE_JOURNAL_PUT, stored, size);
}

void lede_journal_add_delete(struct lede_buffer *payload, const char *id, size_t size)
{
    add_operation(payload, LEDE_JOURNAL_DELETE, id, size);
}

void lede_journal_add_source(struct lede_buffer *payload, const struct lede_source_place *place)
{
    uint64_t numbers[] = {place->position, place->revision};
    add_operation(payload, LEDE_JOURNAL_SOURCE, (const char *)numbers, sizeof(numbers));
}

bool lede_journal_read_source(const char *bytes, size_t size, struct lede_source_place *ret_place)
{
    uint64_t numbers[2];
    if (size != sizeof(numbers))
        return false;
    memcpy(numbers, bytes, sizeof(numbers));
    *ret_place = (struct lede_source_place){.position = numbers[0], .revision = numbers[1]};
    return true;
}

/* Seal the frame at bytes[] for the place where it goes now, and write it there. */
static enum lede_status write_frame(
    struct lede_journal *journal, char *bytes, size_t size, struct lede_error *reterr)
{
    struct lede_frame_header header = {.position = journal->end,
        .follows = journal->end == journal->base ? journal->synced : journal->end,
        .synced = journal->synced,
        .mark = journal->mark,
        .payload_bytes = size - sizeof(header)};
    lede_frame_seal(&header, bytes + sizeof(header));
    memcpy(bytes, &header, sizeof(header));
    journal->high = larger(journal->high, journal->end + size);
    preallocate(journal, journal->end - journal->base + size);
    enum lede_status st =
        lede_write_at(journal->fd, bytes, size, journal->end - journal->base, reterr);
    if (st != LEDE_OK)
        return st;
    journal->end += size;
    journal->written_mark = journal->mark;
    return LEDE_OK;
}

/* Everything that is not known to be on the disk, once more, to a new file. */
static enum lede_status write_anew(struct lede_journal *journal, struct lede_error *reterr)
{
    enum lede_status st = begin_file(journal, reterr);
    for (size_t at = 0; st == LEDE_OK && at < journal->unsynced.size;) {
        struct lede_frame_header header;
        memcpy(&header, journal->unsynced.data + at, sizeof(header));
        size_t size = sizeof(header) + header.payload_bytes;
        st = write_frame(journal, journal->unsynced.data + at, size, reterr);
        at += size;
    }
    if (st != LEDE_OK) {
        close_file(journal);
    }
    return st;
}

/* A file that frames can be added to. */
static enum lede_status make_room(
    struct lede_journal *journal, size_t size, struct lede_error *reterr)
{
    if (journal->fd < 0)
        return write_anew(journal, reterr);
    if (journal->end == journal->base ||
        journal->end - journal->base + size <= LEDE_JOURNAL_FILE_BYTES)
        return LEDE_OK;
    enum lede_status st = lede_journal_sync(journal, reterr);
    return st == LEDE_OK ? begin_file(journal, reterr) : st;
}

/* Returns the size of the frame that was added to what is not synced. */
static enum lede_status append_frame(struct lede_journal *journal,
    const struct lede_buffer *payload, size_t *ret_size, struct lede_error *reterr)
{
    size_t size = sizeof(struct lede_frame_header) + payload->size;
    lede_fault_point("journal-append");
    enum lede_status st = make_room(journal, size, reterr);
    if (st != LEDE_OK)
        return st;
    char *frame = lede_buffer_reserve(&journal->unsynced, size);
    if (!frame) {
        /* What was kept in memory before is still there. */
        journal->unsynced.failed = false;
        return lede_fail_memory(reterr);
    }
    memcpy(frame + sizeof(struct lede_frame_header), payload->data, payload->size);
    st = write_frame(journal, frame, size, reterr);
    if (st != LEDE_OK)
        return st;
    journal->unsynced.size += size;
    *ret_size = size;
    return LEDE_OK;
}

enum lede_status lede_journal_write_group(struct lede_journal *journal,
    const struct lede_buffer *payload, bool sync, struct lede_error *reterr)
{
    size_t appended = 0; /* of this group; frames before it are not ours to take back */
    enum lede_status st = payload->failed ? lede_fail_memory(reterr) : LEDE_OK;
    if (st == LEDE_OK && payload->size > 0)
        st = append_frame(journal, payload, &appended, reterr);
    if (st == LEDE_OK && (sync || journal->unsynced.size > LEDE_JOURNAL_UNSYNCED_BYTES))
        st = lede_journal_sync(journal, reterr);
    if (st != LEDE_OK && appended > 0) {
        journal->unsynced.size -= appended;
        /* The frame may lie in the file, and on the disk later: what is written next must not join
         * it. */
        close_file(journal);
    }
    return st;
}

/* Best effort, and not synced: a frame that says how far the last ones were synced and
 * committed. */
static void write_note(struct lede_journal *journal)
{
    char note[sizeof(struct lede_frame_header)];
    uint64_t end = journal->end;
    if (journal->fd >= 0 && end > journal->base &&
        end - journal->base + sizeof(note) <= journal->allocated &&
        write_frame(journal, note, sizeof(note), NULL) == LEDE_OK)
        journal->end = end;
}

static void keep_nothing(struct lede_journal *journal)
{
    if (journal->unsynced.capacity > UNSYNCED_KEPT_BYTES)
        lede_buffer_done(&journal->unsynced);
    else
        lede_buffer_clear(&journal->unsynced);
}

static enum lede_status sync_file(struct lede_journal *journal, struct lede_error *reterr)
{
    lede_fault_point("journal-sync");
    if (fdatasync(journal->fd) != 0) {
        enum lede_status st = lede_fail_errno(reterr, LEDE_EIO, "cannot sync the journal");
        close_file(journal);
        return st;
    }
    journal->synced = journal->end;
    journal->noted = journal->written_mark;
    return LEDE_OK;
}

static bool holds_several_frames(const struct lede_buffer *frames)
{
    struct lede_frame_header first;
    memcpy(&first, frames->data, sizeof(first));
    return sizeof(first) + first.payload_bytes < frames->size;
}

enum lede_status lede_journal_sync(struct lede_journal *journal, struct lede_error *reterr)
{
    if (journal->unsynced.size == 0)
        return LEDE_OK;
    enum lede_status st = journal->fd < 0 ? write_anew(journal, reterr) : LEDE_OK;
    if (st == LEDE_OK)
        st = sync_file(journal, reterr);
    if (st != LEDE_OK)
        return st;
    bool several = holds_several_frames(&journal->unsynced);
    keep_nothing(journal);
    if (several)
        write_note(journal);
    return LEDE_OK;
}

uint64_t lede_journal_mark(const struct lede_journal *journal)
{
    return journal->end;
}

void lede_journal_keep_from(struct lede_journal *journal, uint64_t position)
{
    journal->keeps_for_others = position != UINT64_MAX;
    journal->kept_from = position;
}

void lede_journal_forget(struct lede_journal *journal, uint64_t mark)
{
    if (mark <= journal->mark)
        return;
    lede_fault_point("journal-forget");
    journal->mark = mark;
    write_note(journal);
    /* A file must not go before the disk knows that it is not needed. The next sync says so, unless
     * many wait for it. */
    if (count_spare(journal, mark) > SPARE_FILES + 1 && journal->fd >= 0 &&
        journal->unsynced.size == 0)
        (void)!sync_file(journal, NULL);
    remove_spare(journal);
}

void lede_journal_note_mark(struct lede_journal *journal)
{
    char note[sizeof(struct lede_frame_header)];
    if (journal->mark <= journal->written_mark || journal->unsynced.size > 0)
        return;
    if (journal->fd < 0 && begin_file(journal, NULL) != LEDE_OK)
        return;
    if (write_frame(journal, note, sizeof(note), NULL) == LEDE_OK)
        (void)!sync_file(journal, NULL);
}

/* ---- Replaying ---- */

struct replay {
    lede_journal_visitor visit;
    void *context;
};

enum lede_status lede_journal_visit_payload(const char *payload, size_t size,
    lede_journal_visitor visit, void *context, struct lede_error *reterr)
{
    size_t at = 0;
    while (size - at >= 5) {
        uint32_t bytes = 0;
        memcpy(&bytes, payload + at + 1, sizeof(bytes));
        if (bytes > size - at - 5)
            break;
        enum lede_status st = visit(context, payload[at], payload + at + 5, bytes, reterr);
        if (st != LEDE_OK)
            return st;
        at += 5 + bytes;
    }
    if (at != size)
        return lede_fail(reterr, LEDE_ECORRUPT, "a journal frame's operations do not fill it");
    return LEDE_OK;
}

static enum lede_status visit_payload(
    void *context, const char *payload, size_t size, struct lede_error *reterr)
{
    const struct replay *replay = context;
    return lede_journal_visit_payload(payload, size, replay->visit, replay->context, reterr);
}

static enum lede_status replay_unsynced(
    struct lede_journal *journal, struct replay *replay, struct lede_error *reterr)
{
    for (size_t at = 0; at < journal->unsynced.size;) {
        struct lede_frame_header header;
        memcpy(&header, journal->unsynced.data + at, sizeof(header));
        at += sizeof(header);
        enum lede_status st =
            visit_payload(replay, journal->unsynced.data + at, header.payload_bytes, reterr);
        if (st != LEDE_OK)
            return st;
        at += header.payload_bytes;
    }
    return LEDE_OK;
}

enum lede_status lede_journal_replay(struct lede_journal *journal, lede_journal_visitor visit,
    void *context, struct lede_error *reterr)
{
    struct replay replay = {visit, context};
    struct lede_journal_reading reading = {.mark = journal->mark, .end = journal->synced};
    enum lede_status st = lede_journal_read(&journal->files, journal->synced,
        journal->keeps_damaged, &reading, visit_payload, &replay, reterr);
    if (st == LEDE_OK && reading.damaged && !journal->keeps_damaged)
        st = fail_damaged(journal, &reading, reterr);
    return st == LEDE_OK ? replay_unsynced(journal, &replay, reterr) : st;
}
