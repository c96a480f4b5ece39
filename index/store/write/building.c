/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "building.h"

#include "fault.h"
#include "files.h"
#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

/* ---- The table of ids ---- */

/* Find an id's newest version, as what the probe found last. */
static bool find(
    const struct lede_building *building, const char *id, size_t id_size, struct lede_probe *probe)
{
    while (lede_table_next(&building->numbers, probe)) {
        const char *other = building->ids.data + building->documents[probe->number].id;
        if (strlen(other) == id_size && memcmp(other, id, id_size) == 0)
            return true;
    }
    return false;
}

struct lede_built_document *lede_building_find(
    const struct lede_building *building, const char *id, size_t id_size)
{
    struct lede_probe probe = lede_table_probe(lede_hash64(id, id_size));
    if (!find(building, id, id_size, &probe) || building->documents[probe.number].gone)
        return NULL;
    return &building->documents[probe.number];
}

static enum lede_status note_document(struct lede_building *building,
    const struct lede_operation *operation, struct lede_error *reterr)
{
    uint64_t hash = lede_hash64(operation->id, operation->id_size);
    struct lede_probe probe = lede_table_probe(hash);
    if (!LEDE_ARRAY_RESERVE(building->documents, building->capacity, building->count + 1) ||
        lede_table_reserve(&building->numbers, building->count + 1) != LEDE_OK)
        return lede_fail_memory(reterr);
    size_t id = building->ids.size;
    bool is_known = find(building, operation->id, operation->id_size, &probe);
    lede_buffer_append(&building->ids, operation->id, operation->id_size + 1);
    if (building->ids.failed)
        return lede_fail_memory(reterr);
    uint32_t number = (uint32_t)building->count++;
    building->documents[number] = (struct lede_built_document){.id = id, .order = operation->order};
    memcpy(building->documents[number].digest, operation->digest, sizeof(operation->digest));
    if (is_known)
        lede_table_replace(&building->numbers, &probe, number);
    else
        lede_table_add(&building->numbers, hash, number);
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
    lede_table_done(&building->numbers);
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
        st = lede_sealed_segment_open(segments->engine, segments->directory, building->number, lane,
            &building->finished, reterr);
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
