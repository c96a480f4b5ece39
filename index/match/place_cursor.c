/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_cursor.h"

bool lede_place_stretch_find(
    const struct lede_place_ends *ends, uint32_t document, struct lede_place_stretch *stretch)
{
    if (document == 0 || document > ends->documents)
        return false;
    if (ends->chunks[stretch->chunk].first_document > document)
        stretch->chunk = 0;
    while (ends->chunks[stretch->chunk + 1].first_document <= document)
        stretch->chunk++;
    bool is_first = document == ends->chunks[stretch->chunk].first_document;
    stretch->begin = is_first ? 0 : ends->ends[document - 1];
    stretch->end = ends->ends[document];
    return stretch->end - stretch->begin > 1;
}

/* From where the last call left off, unless that is behind it. */
uint32_t lede_place_cursor_next(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t place)
{
    const struct lede_place_list *list = cursor->list;
    size_t begin = list->begins[stretch->chunk], end = list->begins[stretch->chunk + 1];
    bool goes_on = cursor->at >= begin && cursor->at <= end &&
                   (cursor->at == begin || list->bits || list->places[cursor->at - 1] < place);
    cursor->at = goes_on ? cursor->at : begin;
    return lede_place_list_next(list, stretch->chunk, &cursor->at, place);
}

bool lede_place_cursor_first(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t *ret_place)
{
    *ret_place = lede_place_cursor_next(cursor, stretch, stretch->begin + 1);
    return *ret_place < stretch->end;
}

uint32_t lede_place_cursor_count(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch)
{
    uint32_t count = 0, place;
    for (place = lede_place_cursor_next(cursor, stretch, stretch->begin + 1); place < stretch->end;
         place = lede_place_cursor_next(cursor, stretch, place + 1))
        count++;
    return count;
}

enum lede_status lede_place_cursor_positions(struct lede_place_cursor *cursor,
    const struct lede_place_stretch *stretch, struct lede_arena *arena,
    struct lede_positions *ret_positions)
{
    uint32_t count = lede_place_cursor_count(cursor, stretch), at = 0;
    uint32_t place = stretch->begin;
    *ret_positions = (struct lede_positions){0};
    if (count == 0)
        return LEDE_OK;
    uint32_t *positions = lede_arena_alloc(arena, count * sizeof(*positions));
    if (!positions)
        return LEDE_ENOMEM;
    while (at < count) {
        place = lede_place_cursor_next(cursor, stretch, place + 1);
        positions[at++] = place - stretch->begin;
    }
    *ret_positions = (struct lede_positions){positions, count};
    return LEDE_OK;
}

/* The unit of text that a place stands in, from its first to its last place. */
static void find_unit(struct lede_place_cursor *units, const struct lede_place_stretch *stretch,
    uint32_t place, uint32_t *ret_first, uint32_t *ret_last)
{
    const struct lede_place_list *list = units->list;
    uint32_t next = lede_place_cursor_next(units, stretch, place + 1);
    bool has_own =
        units->at > list->begins[stretch->chunk] && list->places[units->at - 1] > stretch->begin;
    *ret_first = has_own ? list->places[units->at - 1] : stretch->begin + 1;
    *ret_last = (next < stretch->end ? next : stretch->end) - 1;
}

bool lede_place_cursor_has_pair(struct lede_place_cursor *cursor,
    struct lede_place_cursor *partners, const struct lede_place_stretch *stretch,
    const struct lede_place_reach *reach)
{
    uint32_t place;
    for (place = lede_place_cursor_next(cursor, stretch, stretch->begin + 1); place < stretch->end;
         place = lede_place_cursor_next(cursor, stretch, place + 1)) {
        uint32_t room_before = place - stretch->begin - 1, room_after = stretch->end - place - 1;
        uint32_t first = place - (reach->before < room_before ? reach->before : room_before);
        uint32_t last = place + (reach->after < room_after ? reach->after : room_after);
        if (reach->units)
            find_unit(reach->units, stretch, place, &first, &last);
        uint32_t other = lede_place_cursor_next(partners, stretch, first);
        if (other == place)
            other = lede_place_cursor_next(partners, stretch, place + 1);
        if (other <= last)
            return true;
    }
    return false;
}
