/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ids and digests of listed matches, read some thousands at a time. */
#include "lede/buffer.h"
#include "lede/match.h"
#include "lede/schema.h"
#include "match_list.h"

#include <string.h>

#define BATCH 4096
#define DIGEST_BYTES 16

struct batch {
    const uint32_t *documents;
    size_t count;
    const char **ids;
    size_t *id_sizes;
    unsigned char (*digests)[DIGEST_BYTES];
    bool *has_digest;
    size_t at; /* the next one is not before */
    struct lede_arena arena;
    bool failed;
};

static size_t place_of(struct batch *batch, uint32_t document)
{
    while (batch->documents[batch->at] != document)
        batch->at++;
    return batch->at;
}

static bool take_id(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct batch *batch = context;
    size_t place = place_of(batch, document);
    batch->ids[place] = lede_arena_copy(&batch->arena, bytes, size);
    batch->id_sizes[place] = size;
    batch->failed = !batch->ids[place];
    return !batch->failed;
}

static bool take_digest(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct batch *batch = context;
    size_t place = place_of(batch, document);
    batch->has_digest[place] = size == DIGEST_BYTES;
    if (size == DIGEST_BYTES)
        memcpy(batch->digests[place], bytes, DIGEST_BYTES);
    return true;
}

typedef enum lede_status visit_match(void *context, const char *id, size_t id_size,
    const unsigned char digest[16], struct lede_error *reterr);

static enum lede_status visit_batch(struct lede_index *index, size_t part, struct batch *batch,
    visit_match *visit, void *context, struct lede_error *reterr)
{
    enum lede_status st = lede_index_read_values(
        index, part, LEDE_SLOT_ID, batch->documents, batch->count, take_id, batch, reterr);
    batch->at = 0;
    if (st == LEDE_OK && batch->failed)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_index_read_values(index, part, LEDE_SLOT_DIGEST, batch->documents, batch->count,
            take_digest, batch, reterr);
    for (size_t i = 0; st == LEDE_OK && i < batch->count; i++) {
        if (!batch->ids[i] || batch->id_sizes[i] == 0 || !batch->has_digest[i])
            return lede_fail(reterr, LEDE_ECORRUPT, "document %u of a segment has no digest",
                batch->documents[i]);
        st = visit(context, batch->ids[i], batch->id_sizes[i], batch->digests[i], reterr);
    }
    return st;
}

enum lede_status lede_index_visit_matches(struct lede_index *index,
    const struct lede_match_list *list, visit_match *visit, void *context,
    struct lede_error *reterr)
{
    size_t begin = 0;
    for (size_t part = 0; part < list->part_count; part++) {
        for (; begin < list->ends[part];) {
            struct batch batch = {.documents = list->documents + begin};
            size_t rest = list->ends[part] - begin;
            batch.count = rest < BATCH ? rest : BATCH;
            batch.ids = lede_arena_calloc(&batch.arena, batch.count, sizeof(*batch.ids));
            batch.id_sizes = lede_arena_calloc(&batch.arena, batch.count, sizeof(size_t));
            batch.digests = lede_arena_calloc(&batch.arena, batch.count, DIGEST_BYTES);
            batch.has_digest = lede_arena_calloc(&batch.arena, batch.count, sizeof(bool));
            enum lede_status st = batch.ids && batch.id_sizes && batch.digests && batch.has_digest
                                      ? visit_batch(index, part, &batch, visit, context, reterr)
                                      : lede_fail_memory(reterr);
            lede_arena_done(&batch.arena);
            if (st != LEDE_OK)
                return st;
            begin += batch.count;
        }
    }
    return LEDE_OK;
}
