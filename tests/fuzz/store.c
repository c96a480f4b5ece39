/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "lede/encoding.h"
#include "lede/number.h"
#include "manifest.h"

/* Where the first file of a new journal begins. */
#define BASE UINT64_C(0x2000)
#define BASE_NAME "0000000000002000"
#define OPERATIONS_MAX 256

/* Operations, each as a hash. */
struct operations {
    uint64_t hashes[OPERATIONS_MAX];
    size_t count;
};

static uint64_t hash_operation(bool is_put, const char *bytes, size_t size)
{
    return lede_hash64(bytes, size) * 2 + is_put;
}

static enum lede_status note_operation(
    void *context, char kind, const char *bytes, size_t size, struct lede_error *reterr)
{
    (void)reterr;
    struct operations *seen = context;
    if (seen->count < OPERATIONS_MAX)
        seen->hashes[seen->count++] = hash_operation(kind == LEDE_JOURNAL_PUT, bytes, size);
    return LEDE_OK;
}

/* Open it and see what it replays, twice the same.
 * Returns the status of opening, or of replaying. */
static enum lede_status replay(const char *directory, bool repair, struct operations *ret_seen)
{
    struct lede_journal journal;
    struct operations again = {.count = 0};
    struct lede_error error = {0};
    ret_seen->count = 0;
    enum lede_status st = lede_journal_open(directory, 0, repair, &journal, &error);
    if (st != LEDE_OK) {
        promise_refusal(&error, st, 0);
        PROMISE(st == LEDE_ECORRUPT);
        return st;
    }
    st = lede_journal_replay(&journal, note_operation, ret_seen, &error);
    PROMISE(st == LEDE_OK || st == LEDE_ECORRUPT);
    PROMISE(lede_journal_replay(&journal, note_operation, &again, NULL) == st);
    PROMISE(again.count == ret_seen->count);
    PROMISE(memcmp(again.hashes, ret_seen->hashes, again.count * sizeof(again.hashes[0])) == 0);
    lede_journal_done(&journal);
    return st;
}

/* A repair opens whatever there is, and keeps a copy of what was damaged. */
static void check_repair(const char *directory, bool was_damaged, struct operations *ret_seen)
{
    char path[512];
    enum lede_status st = replay(directory, true, ret_seen);
    snprintf(path, sizeof(path), "%s/" BASE_NAME ".damaged", directory);
    PROMISE(st == LEDE_OK || st == LEDE_ECORRUPT);
    PROMISE(!was_damaged || access(path, F_OK) == 0);
}

static void check_raw(struct promise_input input)
{
    struct operations seen;
    struct lede_journal journal;
    const char *directory = promise_directory();
    promise_write_file(directory, BASE_NAME, input.data, input.size);
    bool is_damaged = lede_journal_open(directory, 0, false, &journal, NULL) != LEDE_OK;
    if (!is_damaged)
        lede_journal_done(&journal);
    (void)!replay(directory, false, &seen);
    check_repair(directory, is_damaged, &seen);
}

/* Frames whose checksums are right, and nothing else needs to be. */
static void check_sealed(struct promise_input input)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer file = {0};
    while (input.size > 0) {
        uint64_t position = BASE + file.size;
        uint8_t odd = promise_take_byte(&input);
        int16_t by = (int16_t)promise_take_short(&input);
        struct promise_input payload = promise_take(&input, promise_take_byte(&input));
        struct lede_frame_header header = {.position = position + (odd & 1 ? (uint64_t)by : 0),
            .follows = position + (odd & 2 ? (uint64_t)by : 0),
            .synced = odd & 4 ? position + (uint64_t)by : BASE,
            .mark = odd & 8 ? position + (uint64_t)by : 0,
            .payload_bytes = payload.size};
        lede_frame_seal(&header, payload.data ? (const void *)payload.data : "");
        lede_buffer_append(&file, (const char *)&header, sizeof(header));
        lede_buffer_append(&file, (const char *)payload.data, payload.size);
    }
    if (file.size > 0)
        check_raw((struct promise_input){(const uint8_t *)file.data, file.size});
}

/* Groups of writes, each synced or not. Returns the end of what was written. */
static uint64_t write_groups(
    const char *directory, struct promise_input input, struct operations *ret_written)
{
    struct lede_journal journal;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer payload = {0};
    ret_written->count = 0;
    PROMISE(lede_journal_open(directory, 0, false, &journal, NULL) == LEDE_OK);
    while (input.size > 0 && ret_written->count < OPERATIONS_MAX) {
        uint8_t kind = promise_take_byte(&input);
        struct promise_input bytes = promise_take(&input, promise_take_byte(&input));
        const char *text = (const char *)bytes.data;
        if (kind & 1)
            lede_journal_add_put(&payload, text, bytes.size);
        else
            lede_journal_add_delete(&payload, text, bytes.size);
        ret_written->hashes[ret_written->count++] = hash_operation(kind & 1, text, bytes.size);
        if (kind & 2 && input.size > 0)
            continue;
        PROMISE(lede_journal_write_group(&journal, &payload, kind & 4, NULL) == LEDE_OK);
        lede_buffer_clear(&payload);
    }
    if (payload.size > 0)
        PROMISE(lede_journal_write_group(&journal, &payload, true, NULL) == LEDE_OK);
    uint64_t end = journal.end - journal.base;
    PROMISE(journal.fd < 0 || journal.base == BASE);
    lede_journal_done(&journal);
    return ret_written->count > 0 ? end : 0;
}

static void damage(const char *directory, uint64_t offset, uint8_t by)
{
    char path[512], byte = 0;
    snprintf(path, sizeof(path), "%s/" BASE_NAME, directory);
    FILE *file = fopen(path, "r+b");
    PROMISE(file && fseek(file, (long)offset, SEEK_SET) == 0 && fread(&byte, 1, 1, file) == 1);
    byte = (char)(byte ^ by);
    PROMISE(fseek(file, (long)offset, SEEK_SET) == 0 && fwrite(&byte, 1, 1, file) == 1);
    fclose(file);
}

/* Are these what was written, in order, perhaps with some left out? */
static void check_none_invented(const struct operations *seen, const struct operations *written)
{
    size_t at = 0;
    for (size_t i = 0; i < seen->count; i++, at++) {
        while (at < written->count && written->hashes[at] != seen->hashes[i])
            at++;
        PROMISE(at < written->count);
    }
}

static void check_damaged(struct promise_input input)
{
    struct operations written, seen;
    uint16_t where = promise_take_short(&input);
    uint8_t by = promise_take_byte(&input);
    const char *directory = promise_directory();
    uint64_t end = write_groups(directory, input, &written);
    if (end == 0)
        return;
    if (by != 0)
        damage(directory, where % end, by);
    enum lede_status st = replay(directory, false, &seen);
    if (st == LEDE_OK) {
        /* What is missing is missing at the end: it was not known to be on the disk. */
        PROMISE(seen.count <= written.count && (by != 0 || seen.count == written.count));
        PROMISE(memcmp(seen.hashes, written.hashes, seen.count * sizeof(seen.hashes[0])) == 0);
    }
    PROMISE(st == LEDE_OK || by != 0);
    check_repair(directory, st != LEDE_OK, &seen);
    check_none_invented(&seen, &written);
}

void promise_of_journal(const uint8_t *data, size_t size)
{
    static void (*const checks[])(struct promise_input) = {check_raw, check_sealed, check_damaged};
    struct promise_input input = {data, size};
    uint8_t which = promise_take_byte(&input);
    checks[which % LEDE_COUNT_OF(checks)](input);
}

/* ---- The manifest ---- */

static void check_bounds(const struct lede_manifest *manifest)
{
    PROMISE(manifest->lanes >= 1 && manifest->lanes <= LEDE_LANES_MAX);
    for (size_t i = 0; i < manifest->segment_count; i++) {
        const struct lede_manifest_segment *segment = &manifest->segments[i];
        PROMISE(segment->number >= 1 && segment->number < manifest->next_number);
        PROMISE(segment->lane < manifest->lanes);
        PROMISE(lede_manifest_find(manifest, segment->number) == segment);
    }
}

static void check_equal(const struct lede_manifest *a, const struct lede_manifest *b)
{
    PROMISE(a->generation == b->generation && a->deletions == b->deletions);
    PROMISE(a->lanes == b->lanes && a->next_number == b->next_number);
    PROMISE(a->segment_count == b->segment_count);
    for (size_t i = 0; i < a->segment_count; i++) {
        const struct lede_manifest_segment *one = &a->segments[i], *other = &b->segments[i];
        PROMISE(one->number == other->number && one->lane == other->lane);
        PROMISE(one->state == other->state && one->documents == other->documents);
        PROMISE(one->bytes == other->bytes && one->analysis == other->analysis);
    }
}

void promise_of_manifest(const uint8_t *data, size_t size)
{
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest manifest = {0};
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest to_write = {0};
    LEDE_CLEANUP(lede_manifest_done) struct lede_manifest again = {0};
    struct lede_error error = {0};
    const char *directory = promise_directory();
    promise_write_file(directory, "manifest.json", data, size);
    enum lede_status st = lede_manifest_read(directory, LEDE_MANIFEST_READ, &manifest, &error);
    if (st != LEDE_OK) {
        PROMISE(st == LEDE_ECORRUPT || st == LEDE_EVERSION);
        PROMISE(error.status == st && error.message[0] && !manifest.segments);
        PROMISE(lede_manifest_read(directory, LEDE_MANIFEST_WRITE, &to_write, NULL) != LEDE_OK);
        return;
    }
    check_bounds(&manifest);
    st = lede_manifest_read(directory, LEDE_MANIFEST_WRITE, &to_write, &error);
    PROMISE(st == LEDE_OK || st == LEDE_EVERSION);
    if (st != LEDE_OK)
        return;
    check_equal(&manifest, &to_write);
    if (manifest.generation >= INT64_MAX - 1)
        return; /* no number is left for the next */
    PROMISE(lede_manifest_write(directory, &to_write, NULL, NULL) == LEDE_OK);
    PROMISE(to_write.generation == manifest.generation + 1);
    PROMISE(lede_manifest_read(directory, LEDE_MANIFEST_READ, &again, NULL) == LEDE_OK);
    check_equal(&again, &to_write);
}
