/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lane_apply.h"

#include "fault.h"

#include <stdlib.h>

/* ---- Applying ---- */

/* The entry of a document that is about to be put, its story found and noted. */
static enum lede_status make_entry(struct lede_lane *lane, const struct lede_operation *operation,
    struct lede_entry **ret_entry, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    struct lede_story_sketch sketch;
    struct lede_stories *stories = lane->lanes->stories;
    enum lede_status st = lede_entry_new_stored(operation->write.document, operation->stored,
        operation->stored_size, operation->digest, lane->analyzer, &entry, reterr);
    if (st != LEDE_OK)
        return st;
    if (lede_entry_sketch(entry, &sketch))
        st = lede_entry_set_story(entry,
            lede_stories_assign(stories, operation->id, operation->id_size, &sketch), reterr);
    else
        lede_stories_forget(stories, operation->id, operation->id_size);
    if (st == LEDE_OK)
        *ret_entry = LEDE_TAKE(&entry);
    return st;
}

/* Take the version before out of what is being built; returns what it would have replaced. */
static struct lede_replaced take_out(struct lede_lane *lane, const struct lede_operation *operation)
{
    struct lede_building *building = NULL;
    struct lede_built_document *document =
        lede_lane_find_built(lane, operation->id, operation->id_size, &building);
    return document ? lede_building_take_out(building, document) : (struct lede_replaced){0};
}

/* In a replay: a document that cannot be made an entry of fails alone, and is told by its
 * operation. What the disk or memory lacks is nothing of the document. */
static enum lede_status fail_alone(struct lede_operation *operation, const struct lede_error *why)
{
    if (why->status == LEDE_ENOMEM || why->status == LEDE_EIO || why->status == LEDE_ENOSPC)
        return why->status;
    operation->error = malloc(sizeof(*operation->error));
    if (!operation->error)
        return LEDE_ENOMEM;
    *operation->error = *why;
    operation->outcome = LEDE_FAILED;
    return LEDE_OK;
}

/* The new version takes the place of the one before, wherever that is. */
static enum lede_status put(struct lede_lane *lane, struct lede_operation *operation)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    struct lede_building *building = &lane->buildings[lane->lanes->target];
    struct lede_replaced replaced = {0};
    enum lede_status st = make_entry(lane, operation, &entry, &lane->error);
    if (st != LEDE_OK)
        return lane->lanes->replaying ? fail_alone(operation, &lane->error) : st;
    if (operation->place == LEDE_PLACE_BUILDING)
        replaced = take_out(lane, operation);
    else if (operation->place == LEDE_PLACE_SEALED)
        replaced = (struct lede_replaced){operation->sealed_in, operation->sealed_docid};
    st = lede_building_add(building, lane->lanes->segments, operation, entry, &lane->error);
    if (st == LEDE_OK)
        lede_building_replaces(building, replaced);
    return st;
}

static enum lede_status delete (struct lede_lane *lane, const struct lede_operation *operation) {
    struct lede_replaced gone = {operation->sealed_in, operation->sealed_docid};
    lede_stories_forget(lane->lanes->stories, operation->id, operation->id_size);
    if (operation->place == LEDE_PLACE_NOWHERE) return LEDE_OK;
    if (operation->place == LEDE_PLACE_BUILDING) gone = take_out(lane, operation);
    /* The commit that makes room for nothing has to show that, too. */
    lane->has_deleted = true;
    return gone.segment ? lede_lane_delete_sealed(lane, gone.segment, gone.docid, &lane->error)
                        : LEDE_OK;
}

enum lede_status lede_lane_apply(struct lede_lane *lane)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < lane->operation_count; i++) {
        struct lede_operation *operation = lane->operations[i];
        if (operation->effect == LEDE_EFFECT_PUT)
            st = put(lane, operation);
        else if (operation->effect == LEDE_EFFECT_DELETE)
            st = delete (lane, operation);
    }
    return st;
}

/* ---- Committing ---- */

enum lede_status lede_lane_finish(struct lede_lane *lane)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_BUILDINGS; i++) {
        struct lede_building *building = &lane->buildings[i];
        bool is_bulk = i == LEDE_BUILDING_BULK;
        /* A bulk's is synced here, by a thread a lane, rather than later by all together. */
        if (building->builder && (!is_bulk || lane->lanes->finishes_bulk))
            st = lede_building_finish(
                building, lane->lanes->segments, lane->index, is_bulk, &lane->error);
    }
    return st;
}

enum lede_status lede_lane_make_last(struct lede_lane *lane)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < lane->sealed->count; i++)
        st = lede_sealed_segment_make_last(
            lane->lanes->segments->directory, lane->sealed->items[i], &lane->error);
    return st;
}

/* Move what the lane finished into the change, what it replaces being deleted. */
static enum lede_status collect(
    struct lede_lane *lane, struct lede_change *change, uint64_t *bytes, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_BUILDINGS; i++) {
        struct lede_building *building = &lane->buildings[i];
        if (!building->finished)
            continue;
        for (size_t k = 0; st == LEDE_OK && k < building->count; k++) {
            const struct lede_replaced *replaced = &building->documents[k].replaces;
            if (replaced->segment)
                st = lede_lane_delete_sealed(lane, replaced->segment, replaced->docid, reterr);
        }
        *bytes += building->finished->bytes;
        change->added[change->added_count++] = LEDE_TAKE(&building->finished);
        lede_building_done(building);
    }
    change->is_commit = change->is_commit || change->added_count > 0 || lane->has_deleted;
    return st;
}

enum lede_status lede_lanes_commit(
    struct lede_lanes *lanes, uint64_t *ret_bytes, struct lede_error *reterr)
{
    struct lede_change change = {.drops_emptied = true};
    enum lede_status st = LEDE_OK;
    *ret_bytes = 0;
    for (uint32_t i = 0; st == LEDE_OK && i < lanes->count; i++)
        st = collect(&lanes->items[i], &change, ret_bytes, reterr);
    if (st == LEDE_OK && change.is_commit) {
        lede_fault_point("commit");
        st = lede_segments_change(lanes->segments, &change, reterr);
    }
    lede_change_done(lanes->segments, &change);
    for (uint32_t i = 0; st == LEDE_OK && i < lanes->count; i++)
        lanes->items[i].has_deleted = false;
    return st;
}
