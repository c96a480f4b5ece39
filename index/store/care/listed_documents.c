/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listed_documents.h"

#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/schema.h"
#include "sealed_segment.h"

#include <stdlib.h>
#include <string.h>

void lede_listed_documents_done(struct lede_listed_documents *listed)
{
    for (size_t i = 0; i < listed->count; i++)
        lede_sealed_segment_free(listed->segments[i]);
    free(listed->segments);
    memset(listed, 0, sizeof(*listed));
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
    const struct lede_manifest_segment *entry, struct lede_listed_documents *listed,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_sealed_segment_freep) struct lede_sealed_segment *segment = NULL;
    if (!LEDE_ARRAY_RESERVE(listed->segments, listed->capacity, listed->count + 1))
        return lede_fail_memory(reterr);
    enum lede_status st = lede_sealed_segment_open(
        NULL, check->options->directory, entry->number, entry->lane, &segment, reterr);
    if (st == LEDE_OK)
        st = mark_deleted(check, segment, reterr);
    if (st == LEDE_OK)
        listed->segments[listed->count++] = LEDE_TAKE(&segment);
    return st;
}

enum lede_status lede_listed_documents_open(const struct lede_check *check,
    struct lede_listed_documents *ret_elsewhere, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < check->manifest.segment_count; i++) {
        const struct lede_manifest_segment *entry = &check->manifest.segments[i];
        if (entry->state == LEDE_SEGMENT_LISTED)
            st = open_one(check, entry, ret_elsewhere, reterr);
    }
    return st;
}

enum lede_status lede_listed_documents_find(const struct lede_listed_documents *listed,
    const char *id, size_t id_size, bool *ret_found, struct lede_error *reterr)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    uint64_t hash = lede_hash64(term, lede_schema_id_term(id, id_size, term));
    *ret_found = false;
    for (size_t i = 0; !*ret_found && i < listed->count; i++) {
        const struct lede_sealed_segment *segment = listed->segments[i];
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

struct leaving_out {
    struct lede_check *check;
    const struct lede_listed_documents *listed;
    struct lede_sealed_segment *segment;
    uint32_t left_out;
    enum lede_status status;
    struct lede_error *reterr;
};

/* All versions of an id in the segment that are not deleted: a segment whose deletions are lost may
 * have several. The last one stays, if there is none listed. */
static enum lede_status leave_out_id(struct leaving_out *leaving_out, const char *id, size_t size)
{
    struct lede_sealed_segment *segment = leaving_out->segment;
    bool found = false;
    enum lede_status st =
        lede_listed_documents_find(leaving_out->listed, id, size, &found, leaving_out->reterr);
    for (uint32_t before = 0; st == LEDE_OK;) {
        struct lede_deleted deleted = lede_bitmap_view(&segment->deleted);
        uint32_t docid = 0;
        unsigned char digest[16];
        st = lede_sealed_find(
            segment->sealed, id, size, &deleted, &docid, digest, leaving_out->reterr);
        uint32_t gone = found ? docid : before;
        if (st == LEDE_OK && docid != 0)
            st = lede_bitmap_set(&segment->deleted, docid, leaving_out->reterr);
        if (st == LEDE_OK && gone != 0 && docid != 0) {
            leaving_out->left_out++;
            if (lede_deletion_list_add(&leaving_out->check->deletions, segment->number, gone) !=
                LEDE_OK)
                st = lede_fail_memory(leaving_out->reterr);
        }
        if (docid == 0)
            return st;
        before = docid;
    }
    return st;
}

static void leave_out_term(void *context, const char *term, size_t size)
{
    struct leaving_out *leaving_out = context;
    if (leaving_out->status == LEDE_OK)
        leaving_out->status =
            leave_out_id(leaving_out, term + 1, size - 1); /* behind the prefix of ids */
}

enum lede_status lede_listed_documents_leave_out(struct lede_check *check,
    const struct lede_listed_documents *listed, const struct lede_manifest_segment *entry,
    uint32_t *ret_left_out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_sealed_segment_freep) struct lede_sealed_segment *segment = NULL;
    enum lede_status st = lede_sealed_segment_open(
        NULL, check->options->directory, entry->number, entry->lane, &segment, reterr);
    if (st == LEDE_OK)
        st = mark_deleted(check, segment, reterr);
    if (st != LEDE_OK)
        return st;
    struct leaving_out leaving_out = {
        .check = check, .listed = listed, .segment = segment, .reterr = reterr};
    st = lede_sealed_visit_ids(segment->sealed, leave_out_term, &leaving_out, reterr);
    if (st == LEDE_OK)
        st = leaving_out.status;
    if (st == LEDE_OK)
        *ret_left_out = leaving_out.left_out;
    return st;
}
