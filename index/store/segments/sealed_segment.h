/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sealed segment, opened for looking ids up, with what is deleted in it. Its files never
 * change. */
#ifndef LEDE_STORE_SEALED_SEGMENT_H
#define LEDE_STORE_SEALED_SEGMENT_H

#include "deletions.h"
#include "fingerprints.h"
#include "lede/engine.h"
#include "manifest.h"

/* Bits that readers are told. */
struct lede_deletions {
    unsigned references; /* guarded by the store's mutex */
    struct lede_bitmap bitmap;
    struct lede_value_counts *values; /* owned; of those documents; NULL: not counted */
};

struct lede_sealed_segment {
    uint32_t number;
    uint32_t lane;
    uint32_t documents; /* with deleted ones */
    uint64_t bytes;
    uint32_t analysis; /* of its terms */
    struct lede_sealed *sealed;
    struct lede_fingerprints *fingerprints; /* NULL: it may have any id */
    struct lede_bitmap deleted;             /* uncommitted ones too */
    struct lede_deletions *published;       /* committed ones, a reference; NULL: none */
    bool lasts;                             /* its files are synced, their checksums written */
};

/* The segments of a lane; zeroed: none. */
struct lede_lane_segments {
    struct lede_sealed_segment **items; /* owned; oldest first */
    size_t count;
    size_t capacity;
};

/* Open a sealed segment with its fingerprints; nothing is deleted in it. Engine and status: as
 * lede_sealed_open(). */
LEDE_CHECKED enum lede_status lede_sealed_segment_open(const struct lede_engine *engine,
    const char *directory, uint32_t number, uint32_t lane, struct lede_sealed_segment **ret_segment,
    struct lede_error *reterr);
void lede_sealed_segment_free(struct lede_sealed_segment *segment); /* not what is published */
void lede_sealed_segment_freep(struct lede_sealed_segment **segment);
/* Sync its files, and note their checksums. Status: OK; EIO; ENOSPC; ENOMEM. */
LEDE_CHECKED enum lede_status lede_sealed_segment_make_last(
    const char *directory, struct lede_sealed_segment *segment, struct lede_error *reterr);

/* As a list names it. */
struct lede_manifest_segment lede_sealed_segment_entry(const struct lede_sealed_segment *segment);

/* Room for so many more. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_lane_segments_reserve(
    struct lede_lane_segments *segments, size_t more, struct lede_error *reterr);
void lede_lane_segments_done(struct lede_lane_segments *segments);
/* NULL: there is none of this number. */
struct lede_sealed_segment *lede_lane_segments_find(
    const struct lede_lane_segments *segments, uint32_t number);
/* Documents that are not deleted. */
uint64_t lede_lane_segments_document_count(const struct lede_lane_segments *segments);

#endif
