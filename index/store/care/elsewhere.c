/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a document of a segment that comes back may be by now: in the segments that are listed. */
#include "check.h"

#include "lede/number.h"
#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

void lede_elsewhere_done(struct lede_elsewhere *elsewhere)
{
    for (size_t i = 0; i < elsewhere->count; i++)
        lede_sealed_segment_free(elsewhere->segments[i]);
    free(elsewhere->segments);
    memset(elsewhere, 0, sizeof(*elsewhere));
}

static enum lede_status mark_deleted(
    const struct lede_check *check, struct lede_sealed_segment *segment, struct lede_error *reterr)
{
    for (size_t i = 0; i < check->deletions.count; i++) {
        const struct lede_deletion *deletion = &check->deletions.items[i];
        if (deletion->segment != segment->number)
            continue;
        enum lede_status st = lede_bitmap_set(&segment->deleted, deletion->docid, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

static enum lede_status open_one(const struct lede_check *check,
    const struct lede_manifest_segment *entry, struct lede_elsewhere *elsewhere,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_sealed_segment_freep) struct lede_sealed_segment *segment = NULL;
    struct lede_sealed_segment **segments =
        realloc(elsewhere->segments, (elsewhere->count + 1) * sizeof(struct lede_sealed_segment *));
    if (!segments)
        return lede_fail_memory(reterr);
    elsewhere->segments = segments;
    enum lede_status st = lede_sealed_segment_open(
        check->options->directory, entry->number, entry->lane, &segment, reterr);
    if (st == LEDE_OK)
        st = mark_deleted(check, segment, reterr);
    if (st == LEDE_OK)
        segments[elsewhere->count++] = LEDE_TAKE(&segment);
    return st;
}

enum lede_status lede_elsewhere_open(
    const struct lede_check *check, struct lede_elsewhere *ret_elsewhere, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < check->manifest.segment_count; i++) {
        const struct lede_manifest_segment *entry = &check->manifest.segments[i];
        if (entry->state == LEDE_SEGMENT_LISTED)
            st = open_one(check, entry, ret_elsewhere, reterr);
    }
    return st;
}

enum lede_status lede_elsewhere_find(const struct lede_elsewhere *elsewhere, const char *id,
    size_t id_size, bool *ret_found, struct lede_error *reterr)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    uint64_t hash = lede_hash64(term, lede_schema_id_term(id, id_size, term));
    *ret_found = false;
    for (size_t i = 0; !*ret_found && i < elsewhere->count; i++) {
        const struct lede_sealed_segment *segment = elsewhere->segments[i];
        struct lede_deleted deleted = lede_bitmap_view(&segment->deleted);
        uint32_t docid = 0;
        unsigned char digest[16];
        if (!lede_fingerprints_may_have(segment->fingerprints, hash))
            continue;
        enum lede_status st =
            lede_sealed_find(segment->sealed, id, id_size, &deleted, &docid, digest, reterr);
        if (st != LEDE_OK)
            return st;
        *ret_found = docid != 0;
    }
    return LEDE_OK;
}

/* ---- A segment that comes back whole ---- */

struct sifting {
    struct lede_check *check;
    const struct lede_elsewhere *elsewhere;
    struct lede_sealed_segment *segment;
    uint32_t left_out;
    enum lede_status status;
    struct lede_error *reterr;
};

/* All versions of an id in the segment that are not deleted: a segment whose deletions are lost may
 * have several. The last one stays, if there is none elsewhere. */
static enum lede_status sift_id(struct sifting *sifting, const char *id, size_t size)
{
    struct lede_sealed_segment *segment = sifting->segment;
    bool found = false;
    enum lede_status st =
        lede_elsewhere_find(sifting->elsewhere, id, size, &found, sifting->reterr);
    for (uint32_t before = 0; st == LEDE_OK;) {
        struct lede_deleted deleted = lede_bitmap_view(&segment->deleted);
        uint32_t docid = 0;
        unsigned char digest[16];
        st = lede_sealed_find(segment->sealed, id, size, &deleted, &docid, digest, sifting->reterr);
        uint32_t gone = found ? docid : before;
        if (st == LEDE_OK && docid != 0)
            st = lede_bitmap_set(&segment->deleted, docid, sifting->reterr);
        if (st == LEDE_OK && gone != 0 && docid != 0) {
            sifting->left_out++;
            if (lede_deletion_list_add(&sifting->check->deletions, segment->number, gone) !=
                LEDE_OK)
                st = lede_fail_memory(sifting->reterr);
        }
        if (docid == 0)
            return st;
        before = docid;
    }
    return st;
}

static void sift_term(void *context, const char *term, size_t size)
{
    struct sifting *sifting = context;
    if (sifting->status == LEDE_OK)
        sifting->status = sift_id(sifting, term + 1, size - 1); /* behind the prefix of ids */
}

enum lede_status lede_elsewhere_sift(struct lede_check *check,
    const struct lede_elsewhere *elsewhere, const struct lede_manifest_segment *entry,
    uint32_t *ret_left_out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_sealed_segment_freep) struct lede_sealed_segment *segment = NULL;
    enum lede_status st = lede_sealed_segment_open(
        check->options->directory, entry->number, entry->lane, &segment, reterr);
    if (st == LEDE_OK)
        st = mark_deleted(check, segment, reterr);
    if (st != LEDE_OK)
        return st;
    struct sifting sifting = {
        .check = check, .elsewhere = elsewhere, .segment = segment, .reterr = reterr};
    st = lede_sealed_visit_ids(segment->sealed, sift_term, &sifting, reterr);
    if (st == LEDE_OK)
        st = sifting.status;
    if (st == LEDE_OK)
        *ret_left_out = sifting.left_out;
    return st;
}
