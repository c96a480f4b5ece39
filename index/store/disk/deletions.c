/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "deletions.h"

#include "fault.h"
#include "files.h"
#include "lede/buffer.h"
#include "lede/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAME_MAGIC UINT32_C(0x3144444c) /* "LDD1" */
#define WORD_BITS 64

struct frame_header {
    uint32_t magic;
    uint32_t pair_count;
    uint64_t revision;
    uint64_t checksum;
};
_Static_assert(
    sizeof(struct frame_header) == 24, "the frame header is written as it lies in memory");
_Static_assert(sizeof(struct lede_deletion) == 8, "pairs are written as they lie in memory");

enum lede_status lede_deletion_list_add(
    struct lede_deletion_list *list, uint32_t segment, uint32_t docid)
{
    if (!LEDE_ARRAY_RESERVE(list->items, list->capacity, list->count + 1))
        return LEDE_ENOMEM;
    list->items[list->count++] = (struct lede_deletion){segment, docid};
    return LEDE_OK;
}

void lede_deletion_list_done(struct lede_deletion_list *list)
{
    free(list->items);
    memset(list, 0, sizeof(*list));
}

/* ---- The log ---- */

static enum lede_status log_path(
    const char *directory, uint64_t generation, char *ret_path, struct lede_error *reterr)
{
    char name[48];
    snprintf(name, sizeof(name), "deletions-%06llu", (unsigned long long)generation);
    return lede_path_join(directory, name, ret_path, reterr);
}

static uint64_t checksum_of(const struct frame_header *header, const void *pairs)
{
    uint64_t facts[2] = {header->pair_count, header->revision};
    return lede_hash64(pairs, header->pair_count * sizeof(struct lede_deletion)) ^
           lede_hash64(facts, sizeof(facts));
}

static enum lede_status write_frame(
    int fd, uint64_t revision, const struct lede_deletion_list *list, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frame = {0};
    struct frame_header header = {
        .magic = FRAME_MAGIC, .pair_count = (uint32_t)list->count, .revision = revision};
    header.checksum = checksum_of(&header, list->items);
    lede_buffer_append(&frame, &header, sizeof(header));
    if (list->count > 0)
        lede_buffer_append(&frame, list->items, list->count * sizeof(*list->items));
    if (frame.failed)
        return lede_fail_memory(reterr);
    lede_fault_point("deletions");
    enum lede_status st = lede_write_at(fd, frame.data, frame.size, 0, reterr);
    if (st == LEDE_OK && fdatasync(fd) != 0)
        st = lede_fail_errno(reterr, LEDE_EIO, "cannot sync the log of deletions");
    return st;
}

enum lede_status lede_deletion_log_write(const char *directory, uint64_t generation,
    uint64_t revision, const struct lede_deletion_list *list, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = log_path(directory, generation, path, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot create '%s'", path);
    st = write_frame(fd, revision, list, reterr);
    return st == LEDE_OK ? lede_directory_sync(directory, reterr) : st;
}

/* The next frame's pairs; NULL where no whole one is. */
static const char *next_frame(
    const struct lede_buffer *data, uint64_t at, struct frame_header *header)
{
    if (data->size - at < sizeof(*header))
        return NULL;
    memcpy(header, data->data + at, sizeof(*header));
    if (header->magic != FRAME_MAGIC ||
        header->pair_count > (data->size - at - sizeof(*header)) / sizeof(struct lede_deletion))
        return NULL;
    const char *pairs = data->data + at + sizeof(*header);
    return checksum_of(header, pairs) == header->checksum ? pairs : NULL;
}

/* A whole frame behind a damaged one: then it was not a crash that tore the log. */
static bool has_frame_behind(const struct lede_buffer *data, uint64_t at)
{
    struct frame_header header;
    for (uint64_t i = at + 1; i + sizeof(header) <= data->size; i++) {
        if (next_frame(data, i, &header))
            return true;
    }
    return false;
}

static enum lede_status visit_frames(const struct lede_buffer *data, const char *path,
    enum lede_status (*visit)(void *, const struct lede_deletion *, struct lede_error *),
    void *context, uint64_t *ret_revision, struct lede_error *reterr)
{
    uint64_t at = 0;
    uint64_t revision = 0;
    struct frame_header header;
    for (const char *pairs = next_frame(data, at, &header); pairs;
         pairs = next_frame(data, at, &header)) {
        for (uint32_t i = 0; i < header.pair_count; i++) {
            struct lede_deletion deletion;
            memcpy(&deletion, pairs + i * sizeof(deletion), sizeof(deletion));
            enum lede_status st = visit(context, &deletion, reterr);
            if (st != LEDE_OK)
                return st;
        }
        revision = header.revision > revision ? header.revision : revision;
        at += sizeof(header) + header.pair_count * sizeof(struct lede_deletion);
    }
    /* The first frame was synced before the manifest named the log. */
    if (at == 0 || has_frame_behind(data, at))
        return lede_fail(
            reterr, LEDE_ECORRUPT, "'%s' is damaged at byte %llu", path, (unsigned long long)at);
    *ret_revision = revision;
    return LEDE_OK;
}

enum lede_status lede_deletion_log_read(const char *directory, uint64_t generation,
    enum lede_status (*visit)(
        void *context, const struct lede_deletion *deletion, struct lede_error *reterr),
    void *context, uint64_t *ret_revision, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer data = {0};
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = log_path(directory, generation, path, reterr);
    if (st == LEDE_OK)
        st = lede_file_read(path, &data, reterr);
    if (st == LEDE_ENOTFOUND)
        return lede_fail(reterr, LEDE_ECORRUPT, "'%s' is missing: the manifest names it", path);
    return st == LEDE_OK ? visit_frames(&data, path, visit, context, ret_revision, reterr) : st;
}

void lede_deletion_log_remove(const char *directory, uint64_t generation)
{
    char path[LEDE_PATH_BYTES_MAX];
    if (log_path(directory, generation, path, NULL) == LEDE_OK && unlink(path) != 0)
        errno = 0;
}

/* ---- Bitmaps ---- */

static size_t words_of(const struct lede_bitmap *bitmap)
{
    return ((size_t)bitmap->bit_count + WORD_BITS - 1) / WORD_BITS;
}

enum lede_status lede_bitmap_set(
    struct lede_bitmap *bitmap, uint32_t bit, struct lede_error *reterr)
{
    if (bit >= bitmap->bit_count)
        return lede_fail(reterr, LEDE_ECORRUPT, "a deletion names document %u of a segment of %u",
            bit, bitmap->bit_count ? bitmap->bit_count - 1 : 0);
    if (!bitmap->bits && !(bitmap->bits = calloc(words_of(bitmap), sizeof(*bitmap->bits))))
        return lede_fail_memory(reterr);
    if (!lede_bitmap_has(bitmap, bit)) {
        bitmap->bits[bit / WORD_BITS] |= UINT64_C(1) << (bit % WORD_BITS);
        bitmap->count++;
    }
    return LEDE_OK;
}

bool lede_bitmap_has(const struct lede_bitmap *bitmap, uint32_t bit)
{
    return bitmap->bits && bit < bitmap->bit_count &&
           (bitmap->bits[bit / WORD_BITS] >> (bit % WORD_BITS) & 1);
}

uint32_t lede_bitmap_next(const struct lede_bitmap *bitmap, uint32_t bit)
{
    if (!bitmap->bits || bit >= bitmap->bit_count)
        return bitmap->bit_count;
    size_t at = bit / WORD_BITS;
    uint64_t word = bitmap->bits[at] >> (bit % WORD_BITS) << (bit % WORD_BITS);
    while (word == 0 && ++at < words_of(bitmap))
        word = bitmap->bits[at];
    return word == 0 ? bitmap->bit_count
                     : (uint32_t)(at * WORD_BITS + (size_t)__builtin_ctzll(word));
}

enum lede_status lede_bitmap_copy(const struct lede_bitmap *bitmap, struct lede_bitmap *ret_copy)
{
    struct lede_bitmap copy = *bitmap;
    if (bitmap->bits) {
        copy.bits = malloc(words_of(bitmap) * sizeof(*copy.bits));
        if (!copy.bits)
            return LEDE_ENOMEM;
        memcpy(copy.bits, bitmap->bits, words_of(bitmap) * sizeof(*copy.bits));
    }
    *ret_copy = copy;
    return LEDE_OK;
}

void lede_bitmap_done(struct lede_bitmap *bitmap)
{
    free(bitmap->bits);
    memset(bitmap, 0, sizeof(*bitmap));
}
