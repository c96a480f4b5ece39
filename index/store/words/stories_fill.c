/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stories_fill.h"

#include "files.h"

static void note(void *context, const char *id, size_t id_size,
    const struct lede_story_sketch *sketch, uint64_t story)
{
    lede_stories_note(context, id, id_size, sketch, story);
}

static enum lede_status read_segment(struct lede_stories *stories,
    const struct lede_segments *segments, const struct lede_sealed_segment *sealed)
{
    char path[LEDE_PATH_BYTES_MAX];
    LEDE_CLEANUP(lede_index_freep) struct lede_index *index = NULL;
    struct lede_index_segment segment = {
        .path = path, .deleted = lede_bitmap_view(&sealed->deleted)};
    enum lede_status st = lede_segment_path(segments->directory, sealed->number, path, NULL);
    if (st == LEDE_OK)
        st = lede_index_open_segments(segments->engine, &segment, 1, NULL, &index, NULL);
    if (st == LEDE_OK)
        st = lede_index_visit_stories(index, note, stories, NULL);
    return st == LEDE_ENOMEM ? st : LEDE_OK;
}

/* The oldest segment that is read: those from it on fill the lane's share of the table. */
static size_t first_to_read(const struct lede_lane_segments *lane, uint32_t lane_count)
{
    uint64_t documents = 0;
    size_t first = lane->count;
    while (first > 0 && documents < LEDE_STORIES_MAX / lane_count)
        documents += lane->items[--first]->documents;
    return first;
}

enum lede_status lede_stories_fill(
    struct lede_stories *stories, const struct lede_segments *segments, struct lede_error *reterr)
{
    if (lede_stories_count(stories) > 0)
        return LEDE_OK;
    for (uint32_t i = 0; i < segments->lane_count; i++) {
        const struct lede_lane_segments *lane = &segments->lanes[i];
        for (size_t k = first_to_read(lane, segments->lane_count); k < lane->count; k++) {
            if (read_segment(stories, segments, lane->items[k]) != LEDE_OK)
                return lede_fail_memory(reterr);
        }
    }
    return LEDE_OK;
}
