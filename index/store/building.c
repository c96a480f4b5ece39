/* The segment that a long bulk's documents go to: built whole, listed when it is finished.
 *
 * Until then nobody sees it, and what it replaces in sealed segments stays. A builder can neither be read nor changed, so that its ids
 * and digests are kept here, and what is replaced or deleted in it meanwhile is deleted when it is listed. Its new version then
 * goes to the live segment, which may be committed long before. */
#include "internal.h"

#include "checksums.h"
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
        if (docid == 0 ||
            (strlen(id_at(building, docid)) == id_size && memcmp(id_at(building, docid), id, id_size) == 0))
            return &building->slots[i];
    }
}

struct lede_built_document *lede_building_find(
    const struct lede_building *building, const char *id, size_t id_size)
{
    uint32_t docid = building->count > 0 ? *slot_of(building, id, id_size) : 0;
    return docid == 0 ? NULL : &building->documents[docid - 1];
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
    struct lede_built_document *documents = realloc(building->documents, capacity * sizeof(*documents));
    if (!documents)
        return lede_fail_memory(reterr);
    building->documents = documents;
    building->capacity = capacity;
    return LEDE_OK;
}

static enum lede_status note_document(
    struct lede_building *building, const struct lede_operation *operation, struct lede_error *reterr)
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
    if (operation->place == LEDE_PLACE_SEALED) {
        document->replaces = operation->sealed_in;
        document->replaces_docid = operation->sealed_docid;
    }
    uint32_t *slot = slot_of(building, operation->id, operation->id_size);
    *slot = (uint32_t)++building->count;
    return LEDE_OK;
}

/* ---- Adding ---- */

static enum lede_status start_building(struct lede_lane *lane, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    struct lede_building *building = &lane->building;
    building->number = lede_segments_next_number(lane->store);
    enum lede_status st = lede_segment_path(lane->store->directory, building->number, path, reterr);
    /* A directory of this number is what a crash left. */
    if (st == LEDE_OK)
        st = lede_directory_remove(path, reterr);
    return st == LEDE_OK ? lede_builder_new(path, &building->builder, reterr) : st;
}

enum lede_status lede_building_add(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    enum lede_status st = LEDE_OK;
    if (!lane->building.builder)
        st = start_building(lane, reterr);
    if (st == LEDE_OK)
        st = lede_lane_make_entry(lane, operation, &entry, reterr);
    if (st == LEDE_OK)
        st = lede_builder_add(lane->building.builder, entry, reterr);
    return st == LEDE_OK ? note_document(&lane->building, operation, reterr) : st;
}

enum lede_status lede_building_drop(
    struct lede_lane *lane, const struct lede_operation *operation, struct lede_error *reterr)
{
    struct lede_built_document *document =
        lede_building_find(&lane->building, operation->id, operation->id_size);
    if (!document || document->gone)
        return lede_fail(reterr, LEDE_EINTERNAL, "document '%s' is not being built", operation->id);
    document->gone = true;
    struct lede_sealed_segment *replaces = document->replaces;
    document->replaces = NULL;
    return replaces ? lede_lane_delete_sealed(lane, replaces, document->replaces_docid, reterr) : LEDE_OK;
}

bool lede_building_is_full(const struct lede_lane *lane)
{
    return lane->building.builder &&
           lede_builder_memory_bytes(lane->building.builder) >= lane->store->builder_bytes_max;
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

/* ---- Listing ---- */

enum lede_status lede_building_finish(struct lede_lane *lane)
{
    struct lede_building *building = &lane->building;
    if (!building->builder)
        return LEDE_OK;
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_segment_path(lane->store->directory, building->number, path, &lane->error);
    lede_fault_point("build");
    if (st == LEDE_OK)
        st = lede_builder_finish(building->builder, lane->store->revision + 1, &lane->error);
    if (st == LEDE_OK)
        st = lede_directory_sync_files(path, &lane->error);
    if (st == LEDE_OK)
        st = lede_checksums_write(path, &lane->error);
    if (st == LEDE_OK)
        st = lede_sealed_segment_open(
            lane->store->directory, building->number, lane->index, &building->finished, &lane->error);
    for (uint32_t docid = 1; st == LEDE_OK && docid <= building->count; docid++) {
        if (building->documents[docid - 1].gone)
            st = lede_bitmap_set(&building->finished->deleted, docid, &lane->error);
    }
    return st;
}

static enum lede_status delete_replaced(struct lede_building *building, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < building->count; i++) {
        const struct lede_built_document *document = &building->documents[i];
        if (document->replaces)
            st = lede_bitmap_set(&document->replaces->deleted, document->replaces_docid, reterr);
    }
    return st;
}

enum lede_status lede_building_list(struct lede_store *store, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_change_done) struct lede_change change = {0};
    enum lede_status st = LEDE_OK;
    uint64_t bytes = 0;
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++) {
        struct lede_building *building = &store->lanes[i].building;
        if (!building->finished)
            continue;
        st = delete_replaced(building, reterr);
        bytes += building->finished->bytes;
        change.added[change.added_count++] = LEDE_TAKE(&building->finished);
    }
    if (st != LEDE_OK || change.added_count == 0)
        return st;
    pthread_mutex_lock(&store->mutex);
    store->revision++;
    store->stats.sealed_bytes += bytes;
    pthread_mutex_unlock(&store->mutex);
    st = lede_segments_change(store, &change, reterr);
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        lede_building_done(&store->lanes[i].building);
    return st;
}
