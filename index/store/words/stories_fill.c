/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories between the table and the segments: read when a store opens, written with each
 * document. */
#include "internal.h"

#include "files.h"

static void note(void *context, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch, uint64_t story)
{
    lede_stories_note(context, id, id_size, sketch, story);
}

static enum lede_status read_segment(
    struct lede_store *store, const struct lede_sealed_segment *sealed)
{
    char path[LEDE_PATH_BYTES_MAX];
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    struct lede_index_segment segment = {
        .path = path, .deleted = lede_bitmap_view(&sealed->deleted)};
    enum lede_status st = lede_segment_path(store->directory, sealed->number, path, NULL);
    if (st == LEDE_OK)
        st = lede_index_open_segments(&segment, 1, NULL, &index, NULL);
    if (st == LEDE_OK)
        st = lede_index_visit_stories(index, note, store->stories, NULL);
    return st == LEDE_ENOMEM ? st : LEDE_OK;
}

/* The oldest sealed segment that is read: those from it on fill the lane's share of the table. */
static size_t first_to_read(const struct lede_lane *lane)
{
    uint64_t documents = 0;
    size_t first = lane->sealed_count;
    while (first > 0 && documents < LEDE_STORIES_MAX / lane->store->lane_count)
        documents += lane->sealed[--first]->documents;
    return first;
}

static enum lede_status read_lane(struct lede_lane *lane)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = first_to_read(lane); st == LEDE_OK && i < lane->sealed_count; i++)
        st = read_segment(lane->store, lane->sealed[i]);
    return st;
}

enum lede_status lede_store_fill_stories(struct lede_store *store, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (lede_stories_count(store->stories) > 0)
        return LEDE_OK;
    for (uint32_t i = 0; st == LEDE_OK && i < store->lane_count; i++)
        st = read_lane(&store->lanes[i]);
    return st == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_lane_make_entry(struct lede_lane *lane,
    const struct lede_operation *operation, struct lede_entry **ret_entry,
    struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_entry_freep) struct lede_entry *entry = NULL;
    struct lede_story_sketch sketch;
    struct lede_stories *stories = lane->store->stories;
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
