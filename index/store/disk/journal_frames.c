/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What do the journal's files hold? All whole frames are found, also behind damage; then those that
 * count are followed from the mark. */
#include "journal_frames.h"

#include "files.h"
#include "lede/number.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal frames are little endian");

static uint64_t checksum(const struct lede_frame_header *header, const void *payload)
{
    uint64_t of_header = lede_hash64(header, offsetof(struct lede_frame_header, checksum));
    return header->payload_bytes ? of_header ^ lede_hash64(payload, header->payload_bytes)
                                 : of_header;
}

void lede_frame_seal(struct lede_frame_header *header, const void *payload)
{
    header->magic = LEDE_FRAME_MAGIC;
    header->reserved = 0;
    header->checksum = checksum(header, payload);
}

bool lede_frame_read(const char *data, size_t size, size_t at, uint64_t position,
    struct lede_frame_header *ret_header)
{
    struct lede_frame_header header;
    if (size - at < sizeof(header))
        return false;
    memcpy(&header, data + at, sizeof(header));
    if (header.magic != LEDE_FRAME_MAGIC || header.position != position ||
        header.payload_bytes > size - at - sizeof(header) ||
        checksum(&header, data + at + sizeof(header)) != header.checksum)
        return false;
    *ret_header = header;
    return true;
}

enum lede_status lede_journal_path(
    const char *directory, uint64_t base, char *ret_path, struct lede_error *reterr)
{
    char name[17];
    snprintf(name, sizeof(name), "%016llx", (unsigned long long)base);
    return lede_path_join(directory, name, ret_path, reterr);
}

/* ---- Its files ---- */

#define BASE_MAX (UINT64_C(1) << 62)

static int compare_bases(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

enum lede_status lede_journal_files_add(
    struct lede_journal_files *files, uint64_t base, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(files->bases, files->capacity, files->count + 1))
        return lede_fail_memory(reterr);
    files->bases[files->count++] = base;
    return LEDE_OK;
}

enum lede_status lede_journal_files_list(
    struct lede_journal_files *files, struct lede_error *reterr)
{
    DIR *directory = opendir(files->directory);
    if (!directory)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot read '%s'", files->directory);
    const struct dirent *entry = NULL;
    enum lede_status st = lede_directory_next(directory, files->directory, &entry, reterr);
    while (st == LEDE_OK && entry) {
        char *end = NULL;
        uint64_t base = strtoull(entry->d_name, &end, 16);
        if (end == entry->d_name + 16 && *end == '\0' && base < BASE_MAX)
            st = lede_journal_files_add(files, base, reterr);
        if (st == LEDE_OK)
            st = lede_directory_next(directory, files->directory, &entry, reterr);
    }
    closedir(directory);
    if (files->count > 1)
        qsort(files->bases, files->count, sizeof(*files->bases), compare_bases);
    return st;
}

/* ---- Finding ---- */

struct found_frame {
    size_t file; /* index into the journal's bases */
    uint64_t position;
    uint64_t follows;
    uint64_t payload_bytes;
    bool counts;
};

struct found {
    struct found_frame *frames;
    size_t count;
    size_t capacity;
    uint64_t mark;
    uint64_t synced;
    uint64_t high;
};

static void found_done(struct found *found)
{
    free(found->frames);
}

static enum lede_status add_frame(
    struct found *found, size_t file, const struct lede_frame_header *header)
{
    if (!LEDE_ARRAY_RESERVE(found->frames, found->capacity, found->count + 1))
        return LEDE_ENOMEM;
    found->frames[found->count++] = (struct found_frame){.file = file,
        .position = header->position,
        .follows = header->follows,
        .payload_bytes = header->payload_bytes};
    return LEDE_OK;
}

/* The next place from `at` on where a frame may begin; `size` if there is none. */
static size_t next_magic(const char *data, size_t size, size_t at)
{
    static const uint32_t magic = LEDE_FRAME_MAGIC;
    const char *place =
        data && at < size ? memmem(data + at, size - at, &magic, sizeof(magic)) : NULL;
    return place ? (size_t)(place - data) : size;
}

static enum lede_status find_in_file(
    struct found *found, size_t file, uint64_t base, uint64_t limit, const struct lede_buffer *data)
{
    for (size_t at = next_magic(data->data, data->size, 0); at < data->size;) {
        struct lede_frame_header header;
        if (base + at >= limit)
            return LEDE_OK;
        if (!lede_frame_read(data->data, data->size, at, base + at, &header)) {
            at = next_magic(data->data, data->size, at + 1);
            continue;
        }
        found->mark = header.mark > found->mark ? header.mark : found->mark;
        found->synced = header.synced > found->synced ? header.synced : found->synced;
        /* A note says these two alone. */
        if (header.payload_bytes > 0 && add_frame(found, file, &header) != LEDE_OK)
            return LEDE_ENOMEM;
        at = next_magic(data->data, data->size, at + sizeof(header) + header.payload_bytes);
    }
    return LEDE_OK;
}

static enum lede_status read_file(const struct lede_journal_files *files, size_t file,
    struct lede_buffer *data, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_journal_path(files->directory, files->bases[file], path, reterr);
    lede_buffer_clear(data);
    return st == LEDE_OK ? lede_file_read(path, data, reterr) : st;
}

static enum lede_status find_all(const struct lede_journal_files *files, uint64_t limit,
    struct found *found, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer data = {0};
    for (size_t i = 0; i < files->count; i++) {
        enum lede_status st = read_file(files, i, &data, reterr);
        if (st != LEDE_OK)
            return st;
        if (find_in_file(found, i, files->bases[i], limit, &data) != LEDE_OK)
            return lede_fail_memory(reterr);
        found->high = files->bases[i] + data.size;
    }
    return LEDE_OK;
}

/* ---- Following ---- */

/* Which byte of which file should hold `position`? */
static void place_damage(
    const struct lede_journal_files *files, uint64_t position, struct lede_journal_reading *reading)
{
    size_t file = 0;
    while (file + 1 < files->count && files->bases[file + 1] <= position)
        file++;
    reading->damaged = true;
    reading->damaged_base = files->count ? files->bases[file] : 0;
    reading->damaged_offset =
        position > reading->damaged_base ? position - reading->damaged_base : 0;
}

/* Frames of a file count up to where the next file's first frame takes over. */
static uint64_t taken_over_at(
    const struct lede_journal_files *files, const struct found *found, size_t frame)
{
    for (size_t i = frame + 1; i < found->count; i++) {
        const struct found_frame *next = &found->frames[i];
        if (next->file != found->frames[frame].file && next->position == files->bases[next->file])
            return next->follows;
    }
    return UINT64_MAX;
}

static void follow(const struct lede_journal_files *files, struct found *found,
    struct lede_journal_reading *reading)
{
    uint64_t at = reading->mark;
    uint64_t take_over = UINT64_MAX;
    for (size_t i = 0; i < found->count; i++) {
        struct found_frame *frame = &found->frames[i];
        if (i == 0 || frame->file != found->frames[i - 1].file)
            take_over = taken_over_at(files, found, i);
        if (frame->position < reading->mark || frame->position >= take_over)
            continue;
        bool joins =
            frame->position == at || (frame->follows < frame->position && frame->follows <= at);
        if (!joins && found->synced <= at)
            break;
        if (!joins && !reading->damaged)
            place_damage(files, at, reading);
        frame->counts = true;
        reading->frames += !reading->damaged;
        reading->frames_behind += reading->damaged;
        at = frame->position + sizeof(struct lede_frame_header) + frame->payload_bytes;
    }
    reading->end = at;
    if (found->synced > at && !reading->damaged)
        place_damage(files, at, reading);
}

static enum lede_status visit_counting(const struct lede_journal_files *files,
    const struct found *found,
    enum lede_status (*visit)(void *, const char *, size_t, struct lede_error *), void *context,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer data = {0};
    size_t loaded = SIZE_MAX;
    for (size_t i = 0; i < found->count; i++) {
        const struct found_frame *frame = &found->frames[i];
        enum lede_status st = LEDE_OK;
        if (!frame->counts)
            continue;
        if (frame->file != loaded)
            st = read_file(files, frame->file, &data, reterr);
        if (st != LEDE_OK)
            return st;
        loaded = frame->file;
        size_t at = (size_t)(frame->position - files->bases[frame->file]);
        struct lede_frame_header header;
        if (at >= data.size || !lede_frame_read(data.data, data.size, at, frame->position, &header))
            return lede_fail(reterr, LEDE_EIO, "the journal changed while it was read");
        st = visit(context, data.data + at + sizeof(header), header.payload_bytes, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

enum lede_status lede_journal_read(const struct lede_journal_files *files, uint64_t limit,
    bool visit_damaged, struct lede_journal_reading *reading,
    enum lede_status (*visit)(void *, const char *, size_t, struct lede_error *), void *context,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(found_done) struct found found = {.mark = reading->mark, .synced = reading->end};
    enum lede_status st = find_all(files, limit, &found, reterr);
    if (st != LEDE_OK)
        return st;
    *reading = (struct lede_journal_reading){.mark = found.mark, .high = found.high};
    follow(files, &found, reading);
    if (!visit || (reading->damaged && !visit_damaged))
        return LEDE_OK;
    return visit_counting(files, &found, visit, context, reterr);
}
