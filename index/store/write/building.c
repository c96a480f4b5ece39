/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "building.h"

#include "fault.h"
#include "files.h"
#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024

/* ---- The table of ids ---- */

static const char *id_at(const struct lede_building *building, uint32_t docid)
{
    return building->ids.data + building->documents[docid - 1].id;
}

/* The slot of an id: its own, or the empty one where it belongs. */
static uint32_t *slot_of(const struct lede_building *building, const char *id, size_t id_size)
{
    size_t mask = building->slot_count - 1;
    for (size_t i = (size_t)lede_hash64(id, id_size) & mask;; i = (i + 1) & mask) {
        uint32_t docid = building->slots[i];
        if (docid == 0 || (strlen(id_at(building, docid)) == id_size &&
                              memcmp(id_at(building, docid), id, id_size) == 0))
            return &building->slots[i];
    }
}

struct lede_built_document *lede_building_find(
    const struct lede_building *building, const char *id, size_t id_size)
{
    uint32_t docid = building->count > 0 ? *slot_of(building, id, id_size) : 0;
    return docid == 0 || building->documents[docid - 1].gone ? NULL
                                                             : &building->documents[docid - 1];
}

static enum lede_status grow_slots(struct lede_building *building, struct lede_error *reterr)
{
    if ((building->count + 1) * 2 <= building->slot_count)
        return LEDE_OK;
    size_t slot_count = building->slot_count ? building->slot_count * 2 : SLOTS_FIRST;
    uint32_t *slots = calloc(slot_count, sizeof(*slots));
    if (!slots)
        return lede_fail_memory(reterr);
    free(building->slots);
    building->slots = slots;
    building->slot_count = slot_count;
    for (uint32_t docid = 1; docid <= building->count; docid++)
        *slot_of(building, id_at(building, docid), strlen(id_at(building, docid))) = docid;
    return LEDE_OK;
}

static enum lede_status grow_documents(struct lede_building *building, struct lede_error *reterr)
{
    if (building->count < building->capacity)
        return LEDE_OK;
    size_t capacity = building->capacity ? building->capacity * 2 : SLOTS_FIRST;
    struct lede_built_document *documents =
        realloc(building->documents, capacity * sizeof(*documents));
    if (!documents)
        return lede_fail_memory(reterr);
    building->documents = documents;
    building->capacity = capacity;
    return LEDE_OK;
}

static enum lede_status note_document(struct lede_building *building,
    const struct lede_operation *operation, struct lede_error *reterr)
{
    enum lede_status st = grow_documents(building, reterr);
    if (st == LEDE_OK)
        st = grow_slots(building, reterr);
    if (st != LEDE_OK)
        return st;
    size_t id = building->ids.size;
    lede_buffer_append(&building->ids, operation->id, operation->id_size + 1);
    if (building->ids.failed)
        return lede_fail_memory(reterr);
    struct lede_built_document *document = &building->documents[building->count];
    *document = (struct lede_built_document){.id = id};
    memcpy(document->digest, operation->digest, sizeof(document->digest));
    uint32_t *slot = slot_of(building, operation->id, operation->id_size);
    *slot = (uint32_t)++building->count;
    return LEDE_OK;
}

/* ---- Adding ---- */

static enum lede_status begin(
    struct lede_building *building, struct lede_segments *segments, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segments_begin(segments, &building->number, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(segments->directory, building->number, path, reterr);
    /* A directory of this number is what a crash left. */
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    return st == LEDE_OK ? lede_builder_new(path, &building->builder, reterr) : st;
}

enum lede_status lede_building_add(struct lede_building *building, struct lede_segments *segments,
    const struct lede_operation *operation, const struct lede_entry *entry,
    struct lede_error *reterr)
{
    enum lede_status st = building->builder ? LEDE_OK : begin(building, segments, reterr);
    if (st == LEDE_OK)
        st = lede_builder_add(building->builder, entry, reterr);
    return st == LEDE_OK ? note_document(building, operation, reterr) : st;
}

void lede_building_replaces(struct lede_building *building, struct lede_replaced replaced)
{
    building->documents[building->count - 1].replaces = replaced;
}

struct lede_replaced lede_building_take_out(
    struct lede_building *building, struct lede_built_document *document)
{
    struct lede_replaced replaced = document->replaces;
    document->gone = true;
    document->replaces = (struct lede_replaced){0};
    building->gone++;
    return replaced;
}

/* ---- The end ---- */

void lede_building_done(struct lede_building *building)
{
    lede_builder_free(building->builder);
    lede_buffer_done(&building->ids);
    free(building->documents);
    free(building->slots);
    lede_sealed_segment_free(building->finished);
    memset(building, 0, sizeof(*building));
}

void lede_building_drop(struct lede_building *building, struct lede_segments *segments)
{
    lede_segments_drop(segments, building->number);
    lede_building_done(building);
}

enum lede_status lede_building_finish(struct lede_building *building,
    struct lede_segments *segments, uint32_t lane, bool make_last, struct lede_error *reterr)
{
    lede_fault_point("build");
    if (building->gone == building->count) {
        lede_building_drop(building, segments);
        return LEDE_OK;
    }
    enum lede_status st = lede_builder_finish(building->builder, segments->revision + 1, reterr);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            segments->directory, building->number, lane, &building->finished, reterr);
    if (st == LEDE_OK)
        st = lede_segments_change_state(segments, building->number, LEDE_SEGMENT_SEALED, reterr);
    if (st == LEDE_OK && make_last)
        st = lede_sealed_segment_make_last(segments->directory, building->finished, reterr);
    for (uint32_t docid = 1; st == LEDE_OK && docid <= building->count; docid++) {
        if (building->documents[docid - 1].gone)
            st = lede_bitmap_set(&building->finished->deleted, docid, reterr);
    }
    return st;
}
