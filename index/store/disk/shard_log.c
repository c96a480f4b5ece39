/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shard's log: files named by the position of their first frame, appended to, cut, and removed
 * from the front. A file begins with the place where it begins, so the first frame's chain is known
 * whatever went before. */
#include "fault.h"
#include "files.h"
#include "journal_frames.h"
#include "lede/number.h"
#include "lede/shard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAME_MAGIC UINT32_C(0x3153444c) /* "LDS1" */
#define FILE_MAGIC UINT32_C(0x3146444c)  /* "LDF1" */
#define FILE_BYTES ((uint64_t)4 << 20)   /* a file that holds more is followed by another */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "frames are little endian");

struct frame_header {
    uint32_t magic;
    uint32_t reserved;
    uint64_t position;
    uint64_t term;
    uint64_t revision;
    uint64_t payload_bytes;
    uint64_t before_term;
    struct lede_shard_chain before;
    struct lede_shard_chain payload;
    uint64_t checksum; /* of all before it */
};
_Static_assert(sizeof(struct frame_header) == 88, "it is written as it lies in memory");

struct file_header {
    uint32_t magic;
    uint32_t reserved;
    uint64_t position;
    uint64_t term;
    struct lede_shard_chain chain;
    uint64_t checksum;
};
_Static_assert(sizeof(struct file_header) == 48, "it is written as it lies in memory");

struct lede_shard_log {
    pthread_mutex_t mutex;
    struct lede_journal_files files; /* the last is appended to */
    int fd;                          /* the last one; -1: a new one has to be made */
    struct lede_shard_place begin, end, synced;
    _Atomic uint64_t told_end; /* the position of `end`, for those who may not wait */
};

bool lede_shard_place_is_same(const struct lede_shard_place *a, const struct lede_shard_place *b)
{
    return a->position == b->position &&
           memcmp(a->chain.bytes, b->chain.bytes, sizeof(a->chain.bytes)) == 0;
}

/* ---- Frames ---- */

static struct lede_shard_place place_after(const struct frame_header *header)
{
    struct lede_shard_place after = {
        .position = header->position + sizeof(*header) + header->payload_bytes,
        .term = header->term};
    lede_hash128(header, sizeof(*header), after.chain.bytes);
    return after;
}

void lede_shard_frame_append(struct lede_buffer *bytes, const struct lede_shard_place *before,
    uint64_t term, uint64_t revision, const void *payload, size_t size,
    struct lede_shard_place *ret_after)
{
    struct frame_header header = {.magic = FRAME_MAGIC,
        .position = before->position,
        .term = term,
        .revision = revision,
        .payload_bytes = size,
        .before_term = before->term,
        .before = before->chain};
    lede_hash128(payload, size, header.payload.bytes);
    header.checksum = lede_hash64(&header, offsetof(struct frame_header, checksum));
    lede_buffer_append(bytes, &header, sizeof(header));
    lede_buffer_append(bytes, payload, size);
    *ret_after = place_after(&header);
}

static bool header_is_whole(const struct frame_header *header)
{
    return header->magic == FRAME_MAGIC && header->payload_bytes <= LEDE_SHARD_FRAME_BYTES_MAX &&
           header->checksum == lede_hash64(header, offsetof(struct frame_header, checksum));
}

bool lede_shard_frame_read(const char *bytes, size_t size, struct lede_shard_frame *ret_frame)
{
    struct frame_header header;
    struct lede_shard_chain payload;
    if (size < sizeof(header))
        return false;
    memcpy(&header, bytes, sizeof(header));
    if (!header_is_whole(&header) || header.payload_bytes > size - sizeof(header))
        return false;
    lede_hash128(bytes + sizeof(header), header.payload_bytes, payload.bytes);
    if (memcmp(payload.bytes, header.payload.bytes, sizeof(payload.bytes)) != 0)
        return false;
    *ret_frame = (struct lede_shard_frame){
        .before = {.position = header.position, .term = header.before_term, .chain = header.before},
        .after = place_after(&header),
        .revision = header.revision,
        .payload = bytes + sizeof(header),
        .payload_size = header.payload_bytes,
        .size = sizeof(header) + header.payload_bytes};
    return true;
}

/* ---- Files ---- */

static enum lede_status path_of(const struct lede_shard_log *log, size_t file,
    char ret_path[LEDE_PATH_BYTES_MAX], struct lede_error *reterr)
{
    return lede_journal_path(log->files.directory, log->files.bases[file], ret_path, reterr);
}

static uint64_t last_base(const struct lede_shard_log *log)
{
    return log->files.bases[log->files.count - 1];
}

static void write_file_header(const struct lede_shard_place *place, struct file_header *ret_header)
{
    *ret_header = (struct file_header){.magic = FILE_MAGIC,
        .position = place->position,
        .term = place->term,
        .chain = place->chain};
    ret_header->checksum = lede_hash64(ret_header, offsetof(struct file_header, checksum));
}

static bool read_file_header(
    const char *bytes, size_t size, uint64_t base, struct lede_shard_place *ret_place)
{
    struct file_header header;
    if (size < sizeof(header))
        return false;
    memcpy(&header, bytes, sizeof(header));
    if (header.magic != FILE_MAGIC || header.position != base ||
        header.checksum != lede_hash64(&header, offsetof(struct file_header, checksum)))
        return false;
    *ret_place = (struct lede_shard_place){
        .position = header.position, .term = header.term, .chain = header.chain};
    return true;
}

/* A new file that begins at a place; its entry lasts. */
static enum lede_status begin_file(
    struct lede_shard_log *log, const struct lede_shard_place *place, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    struct file_header header;
    lede_closep(&log->fd);
    log->fd = -1;
    if (log->files.count == 0 || last_base(log) != place->position) {
        enum lede_status st = lede_journal_files_add(&log->files, place->position, reterr);
        if (st != LEDE_OK)
            return st;
    }
    enum lede_status st = path_of(log, log->files.count - 1, path, reterr);
    if (st != LEDE_OK)
        return st;
    log->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (log->fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    write_file_header(place, &header);
    st = lede_write_at(log->fd, &header, sizeof(header), 0, reterr);
    if (st == LEDE_OK && fdatasync(log->fd) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot sync '%s'", path);
    if (st == LEDE_OK)
        st = lede_directory_sync(log->files.directory, reterr);
    if (st != LEDE_OK) {
        lede_closep(&log->fd);
        log->fd = -1;
    }
    return st;
}

/* Remove the files from one on. */
static enum lede_status drop_from(
    struct lede_shard_log *log, size_t file, struct lede_error *reterr)
{
    while (log->files.count > file) {
        char path[LEDE_PATH_BYTES_MAX];
        enum lede_status st = path_of(log, log->files.count - 1, path, reterr);
        if (st != LEDE_OK)
            return st;
        if (unlink(path) != 0 && errno != ENOENT)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot remove '%s'", path);
        log->files.count--;
    }
    return lede_directory_sync(log->files.directory, reterr);
}

/* The last file ends at `end` from now on, and is appended to. */
static enum lede_status end_file(
    struct lede_shard_log *log, uint64_t end, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    off_t bytes = (off_t)(sizeof(struct file_header) + (end - last_base(log)));
    enum lede_status st = path_of(log, log->files.count - 1, path, reterr);
    if (st != LEDE_OK)
        return st;
    if (log->fd < 0)
        log->fd = open(path, O_RDWR | O_CLOEXEC);
    if (log->fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open '%s'", path);
    if (ftruncate(log->fd, bytes) != 0 || fsync(log->fd) != 0) {
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot cut '%s'", path);
        lede_closep(&log->fd);
        log->fd = -1;
    }
    return st;
}

/* ---- Opening ---- */

/* Follow a file's frames as far as they are whole and join.
 * ret_begins    it has a head, and joins the file before it
 * ret_is_whole  nothing else is in it */
static enum lede_status follow_file(struct lede_shard_log *log, size_t file, bool *ret_begins,
    bool *ret_is_whole, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer data = {0};
    char path[LEDE_PATH_BYTES_MAX];
    struct lede_shard_place place;
    struct lede_shard_frame frame;
    *ret_begins = *ret_is_whole = false;
    enum lede_status st = path_of(log, file, path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, &data, reterr);
    if (st != LEDE_OK)
        return st;
    if (!read_file_header(data.data, data.size, log->files.bases[file], &place) ||
        (file > 0 && !lede_shard_place_is_same(&place, &log->end)))
        return LEDE_OK;
    log->begin = file == 0 ? place : log->begin;
    log->end = place;
    size_t at = sizeof(struct file_header);
    while (lede_shard_frame_read(data.data + at, data.size - at, &frame) &&
           lede_shard_place_is_same(&frame.before, &log->end)) {
        log->end = frame.after;
        at += frame.size;
    }
    *ret_begins = true;
    *ret_is_whole = at == data.size;
    return LEDE_OK;
}

/* What is torn, and all behind it, was not synced, or is damaged: the log ends before it, and the
 * rest has to come from others. */
static enum lede_status follow(struct lede_shard_log *log, struct lede_error *reterr)
{
    static const struct lede_shard_place nowhere = {0};
    bool begins = true, is_whole = true;
    size_t good = 0;
    enum lede_status st = lede_journal_files_list(&log->files, reterr);
    while (st == LEDE_OK && is_whole && good < log->files.count) {
        st = follow_file(log, good, &begins, &is_whole, reterr);
        good += begins;
    }
    if (st == LEDE_OK)
        st = drop_from(log, good, reterr);
    if (st != LEDE_OK)
        return st;
    log->synced = log->end;
    return good > 0 ? end_file(log, log->end.position, reterr) : begin_file(log, &nowhere, reterr);
}

enum lede_status lede_shard_log_open(
    const char *directory, struct lede_shard_log **ret_log, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shard_log_freep) struct lede_shard_log *log = calloc(1, sizeof(*log));
    if (!log)
        return lede_fail_memory(reterr);
    (void)!pthread_mutex_init(&log->mutex, NULL);
    log->fd = -1;
    log->files.directory = strdup(directory);
    if (!log->files.directory)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_directory_make_lasting(directory, reterr);
    if (st == LEDE_OK)
        st = follow(log, reterr);
    if (st != LEDE_OK)
        return st;
    log->told_end = log->end.position;
    *ret_log = LEDE_TAKE(&log);
    return LEDE_OK;
}

void lede_shard_log_free(struct lede_shard_log *log)
{
    if (!log)
        return;
    lede_closep(&log->fd);
    free(log->files.bases);
    free(log->files.directory);
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

void lede_shard_log_freep(struct lede_shard_log **log)
{
    lede_shard_log_free(*log);
    *log = NULL;
}

/* ---- Places ---- */

struct lede_shard_place lede_shard_log_begin(struct lede_shard_log *log)
{
    pthread_mutex_lock(&log->mutex);
    struct lede_shard_place place = log->begin;
    pthread_mutex_unlock(&log->mutex);
    return place;
}

struct lede_shard_place lede_shard_log_end(struct lede_shard_log *log)
{
    pthread_mutex_lock(&log->mutex);
    struct lede_shard_place place = log->end;
    pthread_mutex_unlock(&log->mutex);
    return place;
}

uint64_t lede_shard_log_position(const struct lede_shard_log *log)
{
    return log->told_end;
}

static size_t file_of(const struct lede_shard_log *log, uint64_t position)
{
    size_t file = 0;
    while (file + 1 < log->files.count && log->files.bases[file + 1] <= position)
        file++;
    return file;
}

static enum lede_status read_at(const struct lede_shard_log *log, uint64_t position, void *bytes,
    size_t size, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    size_t file = file_of(log, position), done = 0;
    off_t at = (off_t)(sizeof(struct file_header) + (position - log->files.bases[file]));
    enum lede_status st = path_of(log, file, path, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open '%s'", path);
    while (done < size) {
        ssize_t got = pread(fd, (char *)bytes + done, size - done, at + (off_t)done);
        if (got <= 0)
            return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", path);
        done += (size_t)got;
    }
    return LEDE_OK;
}

static enum lede_status read_header(const struct lede_shard_log *log, uint64_t position,
    struct frame_header *ret_header, struct lede_error *reterr)
{
    bool may_be = position >= log->begin.position &&
                  position + sizeof(*ret_header) <= log->end.position && log->files.count > 0;
    enum lede_status st =
        may_be ? read_at(log, position, ret_header, sizeof(*ret_header), reterr) : LEDE_ENOTFOUND;
    if (st == LEDE_EIO)
        return st;
    if (st != LEDE_OK || !header_is_whole(ret_header) || ret_header->position != position)
        return lede_fail(reterr, LEDE_ENOTFOUND, "the log has no frame at position %llu",
            (unsigned long long)position);
    return LEDE_OK;
}

static enum lede_status find_place(const struct lede_shard_log *log, uint64_t position,
    struct lede_shard_place *ret_place, struct lede_error *reterr)
{
    struct frame_header header;
    if (position == log->end.position) {
        *ret_place = log->end;
        return LEDE_OK;
    }
    enum lede_status st = read_header(log, position, &header, reterr);
    if (st == LEDE_OK)
        *ret_place = (struct lede_shard_place){
            .position = position, .term = header.before_term, .chain = header.before};
    return st;
}

enum lede_status lede_shard_log_place(struct lede_shard_log *log, uint64_t position,
    struct lede_shard_place *ret_place, struct lede_error *reterr)
{
    pthread_mutex_lock(&log->mutex);
    enum lede_status st = find_place(log, position, ret_place, reterr);
    pthread_mutex_unlock(&log->mutex);
    return st;
}

/* ---- Changing ---- */

enum lede_status lede_shard_log_reset(
    struct lede_shard_log *log, const struct lede_shard_place *place, struct lede_error *reterr)
{
    pthread_mutex_lock(&log->mutex);
    lede_closep(&log->fd);
    log->fd = -1;
    enum lede_status st = drop_from(log, 0, reterr);
    if (st == LEDE_OK) {
        log->begin = log->end = log->synced = *place;
        st = begin_file(log, place, reterr);
    }
    log->told_end = log->end.position;
    pthread_mutex_unlock(&log->mutex);
    return st;
}

/* What was not synced is gone, also from memory: after a failed write or sync nobody knows what the
 * file has. A later append goes to where it was good. */
static void take_back(struct lede_shard_log *log)
{
    log->end = log->synced;
    lede_closep(&log->fd);
    log->fd = -1;
}

/* A file that can be appended to, which ends at the log's end. */
static enum lede_status make_room(struct lede_shard_log *log, struct lede_error *reterr)
{
    if (log->fd >= 0 && log->end.position - last_base(log) < FILE_BYTES)
        return LEDE_OK;
    if (log->fd < 0) {
        enum lede_status st = drop_from(log, file_of(log, log->end.position) + 1, reterr);
        return st == LEDE_OK ? end_file(log, log->end.position, reterr) : st;
    }
    /* The one before is whole on the disk before another follows it. */
    if (fdatasync(log->fd) != 0) {
        enum lede_status st = lede_fail_errno(reterr, LEDE_EIO, "cannot sync a shard's log");
        take_back(log);
        return st;
    }
    log->synced = log->end;
    return begin_file(log, &log->end, reterr);
}

static enum lede_status append(
    struct lede_shard_log *log, const char *frames, size_t size, struct lede_error *reterr)
{
    struct lede_shard_place end = log->end;
    struct lede_shard_frame frame;
    for (size_t at = 0; at < size; at += frame.size) {
        if (!lede_shard_frame_read(frames + at, size - at, &frame) ||
            !lede_shard_place_is_same(&frame.before, &end))
            return lede_fail(reterr, LEDE_EINPUT, "what comes is no frame that joins position %llu",
                (unsigned long long)end.position);
        end = frame.after;
    }
    lede_fault_point("shard-append");
    enum lede_status st = make_room(log, reterr);
    if (st == LEDE_OK) {
        st = lede_write_at(log->fd, frames, size,
            sizeof(struct file_header) + (log->end.position - last_base(log)), reterr);
        if (st == LEDE_OK)
            log->end = end;
        else
            take_back(log);
    }
    return st;
}

enum lede_status lede_shard_log_append(
    struct lede_shard_log *log, const char *frames, size_t size, struct lede_error *reterr)
{
    pthread_mutex_lock(&log->mutex);
    enum lede_status st = size > 0 ? append(log, frames, size, reterr) : LEDE_OK;
    log->told_end = log->end.position;
    pthread_mutex_unlock(&log->mutex);
    return st;
}

enum lede_status lede_shard_log_sync(struct lede_shard_log *log, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    pthread_mutex_lock(&log->mutex);
    lede_fault_point("shard-sync");
    if (log->synced.position != log->end.position && log->fd >= 0) {
        if (fdatasync(log->fd) == 0) {
            log->synced = log->end;
        } else {
            st = lede_fail_errno(reterr, LEDE_EIO, "cannot sync a shard's log");
            take_back(log);
        }
    }
    pthread_mutex_unlock(&log->mutex);
    return st;
}

static enum lede_status cut(
    struct lede_shard_log *log, uint64_t position, struct lede_error *reterr)
{
    struct lede_shard_place place;
    if (position == log->end.position)
        return LEDE_OK;
    enum lede_status st = find_place(log, position, &place, reterr);
    if (st != LEDE_OK)
        return st;
    size_t file = file_of(log, position);
    log->end = place;
    log->synced = place;
    lede_closep(&log->fd);
    log->fd = -1;
    st = drop_from(log, file + 1, reterr);
    return st == LEDE_OK ? end_file(log, position, reterr) : st;
}

enum lede_status lede_shard_log_cut(
    struct lede_shard_log *log, uint64_t position, struct lede_error *reterr)
{
    pthread_mutex_lock(&log->mutex);
    lede_fault_point("shard-cut");
    enum lede_status st = cut(log, position, reterr);
    log->told_end = log->end.position;
    pthread_mutex_unlock(&log->mutex);
    return st;
}

/* ---- Reading ---- */

static enum lede_status read_frame(const struct lede_shard_log *log, uint64_t position,
    struct lede_buffer *frames, size_t *ret_size, struct lede_error *reterr)
{
    struct frame_header header;
    struct lede_shard_frame frame;
    enum lede_status st = read_header(log, position, &header, reterr);
    if (st != LEDE_OK)
        return st;
    size_t size = sizeof(header) + header.payload_bytes;
    char *bytes = lede_buffer_reserve(frames, size);
    if (!bytes)
        return lede_fail_memory(reterr);
    st = read_at(log, position, bytes, size, reterr);
    if (st == LEDE_OK && !lede_shard_frame_read(bytes, size, &frame))
        st = lede_fail(reterr, LEDE_ECORRUPT, "the log's frame at position %llu is damaged",
            (unsigned long long)position);
    if (st != LEDE_OK)
        return st;
    frames->size += size;
    frames->data[frames->size] = '\0'; /* as every buffer's bytes end */
    *ret_size = size;
    return LEDE_OK;
}

enum lede_status lede_shard_log_read(struct lede_shard_log *log, uint64_t from, uint64_t end,
    size_t bytes_max, struct lede_buffer *frames, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    size_t before = frames->size;
    pthread_mutex_lock(&log->mutex);
    end = end < log->end.position ? end : log->end.position;
    while (st == LEDE_OK && from < end && frames->size - before < bytes_max) {
        size_t size = 0;
        st = read_frame(log, from, frames, &size, reterr);
        from += size;
    }
    pthread_mutex_unlock(&log->mutex);
    return st;
}

void lede_shard_log_forget(struct lede_shard_log *log, uint64_t position, uint64_t kept_bytes)
{
    struct lede_shard_place begin;
    pthread_mutex_lock(&log->mutex);
    while (log->files.count > 1 && log->files.bases[1] <= position &&
           log->end.position - log->files.bases[1] >= kept_bytes &&
           find_place(log, log->files.bases[1], &begin, NULL) == LEDE_OK) {
        char path[LEDE_PATH_BYTES_MAX];
        if (path_of(log, 0, path, NULL) != LEDE_OK || unlink(path) != 0)
            break;
        log->begin = begin;
        log->files.count--;
        memmove(
            log->files.bases, log->files.bases + 1, log->files.count * sizeof(*log->files.bases));
    }
    pthread_mutex_unlock(&log->mutex);
}
