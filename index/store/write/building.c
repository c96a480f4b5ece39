/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The segments that are being built of what was written last.
 *
 * Nobody sees one until it is committed, and until then what it replaces in sealed segments stays.
 * A builder can neither be read nor changed, so that its ids and digests are kept here; what is
 * replaced or deleted in it meanwhile is deleted when it is committed. A lane has two: of lone
 * writes and short bodies, which each commit shows, and of long bulks, whose documents wait for
 * many of their kind while lone writes come and go. */
#include "internal.h"

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
    return docid == 0 ? NULL : &building->documents[docid - 1];
}

struct lede_built_document *lede_lane_find_built(
    struct lede_lane *lane, const char *id, size_t id_size, struct lede_building **ret_building)
{
    for (size_t i = 0; i < LEDE_BUILDINGS; i++) {
        struct lede_built_document *document = lede_building_find(&lane->buildings[i], id, id_size);
        if (!document || document->gone)
            continue;
        if (ret_building)
            *ret_building = &lane->buildings[i];
        return document;
    }
    return NULL;
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

/* What the document will have replaced, when it is committed. */
struct replaced {
    struct lede_sealed_segment *segment; /* NULL: nothing */
    uint32_t docid;
};

static enum lede_status note_document(struct lede_building *building,
    const struct lede_operation *operation, const struct replaced *replaced,
    struct lede_error *reterr)
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
    *document = (struct lede_built_document){
        .id = id, .replaces = replaced->segment, .replaces_docid = replaced->docid};
    memcpy(document->digest, operation->digest, sizeof(document->digest));
    uint32_t *slot = slot_of(building, operation->id, operation->id_size);
    *slot = (uint32_t)++building->count;
    return LEDE_OK;
}

/* ---- Adding ---- */

static enum lede_status start_building(
    struct lede_lane *lane, struct lede_building *building, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segments_begin(lane->store, &building->number, reterr);
    if (st == LEDE_OK)
        st = lede_segment_path(lane->store->directory, building->number, path, reterr);
    /* A directory of this number is what a crash left. */
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    return st == LEDE_OK ? lede_builder_new(path, &building->builder, reterr) : st;
}

/* Take the version of an id out of what is being built; returns what it would have replaced. */
static struct replaced take_out(struct lede_lane *lane, const struct lede_operation *operation)
{
    struct lede_building *building = NULL;
    struct lede_built_document *document =
        lede_lane_find_built(lane, operation->id, operation->id_size, &building);
    if (!document)
        return (struct replaced){0};
    struct replaced replaced = {document->replaces, document->replaces_docid};
    document->gone = true;
    document->replaces = NULL;
    building->gone++;
    return replaced;
}

enum lede_status lede_building_add(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    struct lede_building *building = &lane->buildings[lane->store->group_target];
    struct replaced replaced = {operation->sealed_in, operation->sealed_docid};
    enum lede_status st = LEDE_OK;
    if (!building->builder)
        st = start_building(lane, building, reterr);
    if (st == LEDE_OK)
        st = lede_lane_make_entry(lane, operation, &entry, reterr);
    if (st == LEDE_OK)
        st = lede_builder_add(building->builder, entry, reterr);
    if (st != LEDE_OK)
        return st;
    if (operation->place == LEDE_PLACE_BUILDING)
        replaced = take_out(lane, operation);
    else if (operation->place == LEDE_PLACE_NOWHERE)
        replaced.segment = NULL;
    return note_document(building, operation, &replaced, reterr);
}

enum lede_status lede_building_drop(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr)
{
    struct replaced replaced = take_out(lane, operation);
    /* The commit that makes room for nothing has to show that. */
    lane->has_deleted = true;
    return replaced.segment
               ? lede_lane_delete_sealed(lane, replaced.segment, replaced.docid, reterr)
               : LEDE_OK;
}

bool lede_building_is_full(const struct lede_lane *lane, enum lede_building_kind kind)
{
    const struct lede_builder *builder = lane->buildings[kind].builder;
    return builder && lede_builder_memory_bytes(builder) >= lane->store->builder_bytes_max;
}

void lede_building_done(struct lede_building *building)
{
    lede_builder_free(building->builder);
    lede_buffer_done(&building->ids);
    free(building->documents);
    free(building->slots);
    lede_sealed_segment_free(building->finished);
    memset(building, 0, sizeof(*building));
}

/* ---- Committing ---- */

static enum lede_status finish(struct lede_lane *lane, struct lede_building *building,
    bool make_last, struct lede_error *reterr)
{
    struct lede_store *store = lane->store;
    lede_fault_point("build");
    enum lede_status st = lede_builder_finish(building->builder, store->revision + 1, reterr);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            store->directory, building->number, lane->index, &building->finished, reterr);
    if (st == LEDE_OK)
        st = lede_segments_change_state(store, building->number, LEDE_SEGMENT_SEALED, reterr);
    if (st == LEDE_OK && make_last)
        st = lede_sealed_segment_make_last(store->directory, building->finished, reterr);
    for (uint32_t docid = 1; st == LEDE_OK && docid <= building->count; docid++) {
        if (building->documents[docid - 1].gone)
            st = lede_bitmap_set(&building->finished->deleted, docid, reterr);
    }
    return st;
}

enum lede_status lede_buildings_finish(struct lede_lane *lane)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_BUILDINGS; i++) {
        struct lede_building *building = &lane->buildings[i];
        bool is_bulk = i == LEDE_BUILDING_BULK;
        if (!building->builder || (is_bulk && !lane->store->finishes_bulk))
            continue;
        /* Much is synced here, by a thread a lane, rather than later by all together. */
        if (building->gone < building->count) {
            st = finish(lane, building, is_bulk, &lane->error);
        } else {
            lede_segments_drop(lane->store, building->number);
            lede_building_done(building);
        }
    }
    return st;
}

static enum lede_status delete_replaced(
    struct lede_lane *lane, const struct lede_building *building, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < building->count; i++) {
        const struct lede_built_document *document = &building->documents[i];
        if (document->replaces)
            st =
                lede_lane_delete_sealed(lane, document->replaces, document->replaces_docid, reterr);
    }
    return st;
}

/* Move what the lane finished into the change. */
static enum lede_status collect(
    struct lede_lane *lane, struct lede_change *change, uint64_t *bytes, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_BUILDINGS; i++) {
        struct lede_building *building = &lane->buildings[i];
        if (!building->finished)
            continue;
        st = delete_replaced(lane, building, reterr);
        *bytes += building->finished->bytes;
        change->added[change->added_count++] = LEDE_TAKE(&building->finished);
        lede_building_done(building);
    }
    change->is_commit = change->is_commit || change->added_count > 0 || lane->has_deleted;
    return st;
}

enum lede_status lede_buildings_commit(struct lede_store *store, struct lede_error *reterr)
{
    struct lede_change change = {.drops_emptied = true};
    enum lede_status st = LEDE_OK;
    uint64_t bytes = 0;
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        st = collect(&store->lanes[i], &change, &bytes, reterr);
    if (st == LEDE_OK && change.is_commit) {
        lede_fault_point("commit");
        st = lede_segments_change(store, &change, reterr);
    }
    lede_change_done(store, &change);
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        store->lanes[i].has_deleted = false;
    pthread_mutex_lock(&store->mutex);
    store->stats.sealed_bytes += bytes;
    pthread_mutex_unlock(&store->mutex);
    return st;
}
