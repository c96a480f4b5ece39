/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sealed_segment.h"

#include "checksums.h"
#include "files.h"
#include "lede/buffer.h"
#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

static void add_fingerprint(void *context, const char *term, size_t size)
{
    lede_fingerprints_add(context, lede_hash64(term, size));
}

/* Without fingerprints a segment is looked at each time: slower, and as right. */
static enum lede_status read_fingerprints(
    struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    segment->fingerprints = lede_fingerprints_new(segment->documents);
    if (!segment->fingerprints)
        return LEDE_OK;
    return lede_sealed_visit_ids(segment->sealed, add_fingerprint, segment->fingerprints, reterr);
}

enum lede_status lede_sealed_segment_open(const struct lede_engine *engine, const char *directory,
    uint32_t number, uint32_t lane, struct lede_sealed_segment **ret_segment,
    struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    LEDE_CLEANUP(lede_sealed_segment_freep)
    struct lede_sealed_segment *segment = calloc(1, sizeof(*segment));
    if (!segment)
        return lede_fail_memory(reterr);
    segment->number = number;
    segment->lane = lane;
    enum lede_status st = lede_segment_path(directory, number, path, reterr);
    if (st == LEDE_OK)
        st = lede_sealed_open(engine, path, &segment->sealed, reterr);
    if (st != LEDE_OK)
        return st;
    segment->documents = lede_sealed_document_count(segment->sealed);
    segment->analysis = lede_sealed_analysis(segment->sealed);
    segment->deleted.bit_count = lede_sealed_last_document(segment->sealed) + 1;
    segment->bytes = lede_directory_disk_bytes(path);
    st = read_fingerprints(segment, reterr);
    if (st != LEDE_OK)
        return st;
    *ret_segment = LEDE_TAKE(&segment);
    return LEDE_OK;
}

void lede_sealed_segment_free(struct lede_sealed_segment *segment)
{
    if (!segment)
        return;
    lede_sealed_free(segment->sealed);
    lede_fingerprints_free(segment->fingerprints);
    lede_bitmap_done(&segment->deleted);
    free(segment);
}

void lede_sealed_segment_freep(struct lede_sealed_segment **segment)
{
    lede_sealed_segment_free(*segment);
    *segment = NULL;
}

enum lede_status lede_sealed_segment_make_last(
    const char *directory, struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    if (segment->lasts)
        return LEDE_OK;
    enum lede_status st = lede_segment_path(directory, segment->number, path, reterr);
    if (st == LEDE_OK)
        st = lede_checksums_write(path, reterr);
    if (st == LEDE_OK)
        st = lede_directory_sync_files(path, reterr);
    segment->lasts = st == LEDE_OK;
    return st;
}

struct lede_manifest_segment lede_sealed_segment_entry(const struct lede_sealed_segment *segment)
{
    return (struct lede_manifest_segment){.number = segment->number,
        .lane = segment->lane,
        .state = LEDE_SEGMENT_LISTED,
        .documents = segment->documents,
        .bytes = segment->bytes,
        .analysis = segment->analysis};
}

/* ---- Those of a lane ---- */

enum lede_status lede_lane_segments_reserve(
    struct lede_lane_segments *segments, size_t more, struct lede_error *reterr)
{
    return LEDE_ARRAY_RESERVE(segments->items, segments->capacity, segments->count + more)
               ? LEDE_OK
               : lede_fail_memory(reterr);
}

void lede_lane_segments_done(struct lede_lane_segments *segments)
{
    for (size_t i = 0; i < segments->count; i++)
        lede_sealed_segment_free(segments->items[i]);
    free(segments->items);
    memset(segments, 0, sizeof(*segments));
}

struct lede_sealed_segment *lede_lane_segments_find(
    const struct lede_lane_segments *segments, uint32_t number)
{
    for (size_t i = 0; i < segments->count; i++) {
        if (segments->items[i]->number == number)
            return segments->items[i];
    }
    return NULL;
}

uint64_t lede_lane_segments_document_count(const struct lede_lane_segments *segments)
{
    uint64_t documents = 0;
    for (size_t i = 0; i < segments->count; i++)
        documents += segments->items[i]->documents - segments->items[i]->deleted.count;
    return documents;
}
