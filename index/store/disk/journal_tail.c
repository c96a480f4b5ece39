/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal_tail.h"

#include "files.h"

#include <stdlib.h>
#include <string.h>

struct tail {
    struct lede_journal_files files;
    struct lede_buffer data; /* of the file that was read last */
    uint64_t at;
    uint64_t synced;
    size_t bytes_max;
    struct lede_buffer *frames;
};

static void tail_done(struct tail *tail)
{
    lede_buffer_done(&tail->data);
    free(tail->files.bases);
    free(tail->files.directory);
}

/* A file that has gone, or has another name by now, has no frames of ours. */
static enum lede_status read_file(struct tail *tail, size_t file, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st =
        lede_journal_path(tail->files.directory, tail->files.bases[file], path, reterr);
    lede_buffer_clear(&tail->data);
    if (st == LEDE_OK)
        st = lede_file_read(path, &tail->data, reterr);
    return st == LEDE_ENOTFOUND ? LEDE_OK : st;
}

/* Read a file, and the frame that it begins with; false: it has none yet. */
static bool read_first(struct tail *tail, size_t file, struct lede_frame_header *ret_header,
    enum lede_status *ret_status, struct lede_error *reterr)
{
    *ret_status = read_file(tail, file, reterr);
    return *ret_status == LEDE_OK && tail->data.size > 0 &&
           lede_frame_read(
               tail->data.data, tail->data.size, 0, tail->files.bases[file], ret_header) &&
           ret_header->payload_bytes > 0;
}

/* Take the frames of a file that join. What lies at or behind `end` was written again elsewhere; a
 * note ends them, for the next frame takes its place. */
static void take_frames(struct tail *tail, uint64_t base, uint64_t end)
{
    struct lede_frame_header header;
    while (tail->at < end && tail->frames->size < tail->bytes_max &&
           tail->at - base < tail->data.size &&
           lede_frame_read(tail->data.data, tail->data.size, tail->at - base, tail->at, &header) &&
           header.payload_bytes > 0) {
        size_t size = sizeof(header) + header.payload_bytes;
        if (tail->at + size > end)
            return;
        lede_buffer_append(tail->frames, tail->data.data + (tail->at - base), size);
        tail->at += size;
    }
}

/* Take what joins of the file that holds `at`, up to where the next one takes over.
 * ret_next  that one; the count of files: there is none */
static enum lede_status take_file(
    struct tail *tail, size_t file, size_t *ret_next, struct lede_error *reterr)
{
    struct lede_frame_header first = {.follows = tail->synced};
    enum lede_status st = LEDE_OK;
    size_t next = file + 1;
    while (
        st == LEDE_OK && next < tail->files.count && !read_first(tail, next, &first, &st, reterr))
        next++;
    uint64_t end = first.follows < tail->synced ? first.follows : tail->synced;
    if (st == LEDE_OK)
        st = read_file(tail, file, reterr);
    if (st == LEDE_OK)
        take_frames(tail, tail->files.bases[file], end);
    if (st == LEDE_OK && next < tail->files.count && tail->at == first.follows)
        tail->at = tail->files.bases[next];
    *ret_next = next;
    return st;
}

/* The file that holds `at`; where none does the first one whose frames go on from there. */
static enum lede_status find_file(struct tail *tail, size_t *ret_file, struct lede_error *reterr)
{
    struct lede_frame_header first;
    enum lede_status st = LEDE_OK;
    size_t file = 0;
    while (file + 1 < tail->files.count && tail->files.bases[file + 1] <= tail->at)
        file++;
    *ret_file = file;
    if (file >= tail->files.count || tail->files.bases[file] <= tail->at)
        return LEDE_OK;
    while (
        file < tail->files.count && !read_first(tail, file, &first, &st, reterr) && st == LEDE_OK)
        file++;
    bool goes_on = st == LEDE_OK && file < tail->files.count && first.follows == tail->at;
    if (goes_on)
        tail->at = tail->files.bases[file];
    *ret_file = goes_on ? file : tail->files.count;
    return st;
}

enum lede_status lede_journal_tail(const char *directory, uint64_t from, uint64_t synced,
    size_t bytes_max, struct lede_buffer *frames, uint64_t *ret_next, struct lede_error *reterr)
{
    LEDE_CLEANUP(tail_done)
    struct tail tail = {.files.directory = strdup(directory),
        .at = from,
        .synced = synced,
        .bytes_max = bytes_max,
        .frames = frames};
    size_t before = frames->size, file = 0;
    *ret_next = from;
    if (from >= synced)
        return LEDE_OK;
    if (!tail.files.directory)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_journal_files_list(&tail.files, reterr);
    if (st == LEDE_OK)
        st = find_file(&tail, &file, reterr);
    while (st == LEDE_OK && file < tail.files.count && tail.at < synced && frames->size < bytes_max)
        st = take_file(&tail, file, &file, reterr);
    if (st == LEDE_OK && lede_buffer_status(frames) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK && frames->size == before)
        st = lede_fail(reterr, LEDE_ENOTFOUND, "the log is not kept from position %llu on",
            (unsigned long long)from);
    if (st == LEDE_OK)
        *ret_next = tail.at;
    return st;
}
