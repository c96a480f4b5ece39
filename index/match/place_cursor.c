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
size_t lede_place_cursor_seek(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t place)
{
    const uint32_t *places = cursor->list->places;
    size_t begin = cursor->list->begins[stretch->chunk];
    size_t end = cursor->list->begins[stretch->chunk + 1];
    bool goes_on = cursor->at >= begin && cursor->at <= end &&
                   (cursor->at == begin || places[cursor->at - 1] < place);
    cursor->at = lede_place_advance(places, goes_on ? cursor->at : begin, end, place);
    return cursor->at;
}

bool lede_place_cursor_first(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t *ret_place)
{
    size_t at = lede_place_cursor_seek(cursor, stretch, stretch->begin + 1);
    if (at == cursor->list->begins[stretch->chunk + 1])
        return false;
    *ret_place = cursor->list->places[at];
    return *ret_place < stretch->end;
}

enum lede_status lede_place_cursor_positions(struct lede_place_cursor *cursor,
    const struct lede_place_stretch *stretch, struct lede_arena *arena,
    struct lede_positions *ret_positions)
{
    const uint32_t *places = cursor->list->places;
    size_t first = lede_place_cursor_seek(cursor, stretch, stretch->begin + 1);
    size_t end = lede_place_cursor_seek(cursor, stretch, stretch->end);
    *ret_positions = (struct lede_positions){0};
    if (end == first)
        return LEDE_OK;
    uint32_t *positions = lede_arena_alloc(arena, (end - first) * sizeof(*positions));
    if (!positions)
        return LEDE_ENOMEM;
    for (size_t i = first; i < end; i++)
        positions[i - first] = places[i] - stretch->begin;
    *ret_positions = (struct lede_positions){positions, end - first};
    return LEDE_OK;
}

/* The unit of text that a place stands in, from its first to its last place. */
static void find_unit(struct lede_place_cursor *units, const struct lede_place_stretch *stretch,
    uint32_t place, uint32_t *ret_first, uint32_t *ret_last)
{
    const struct lede_place_list *list = units->list;
    size_t next = lede_place_cursor_seek(units, stretch, place + 1);
    bool has_next = next < list->begins[stretch->chunk + 1] && list->places[next] < stretch->end;
    bool has_own = next > list->begins[stretch->chunk] && list->places[next - 1] > stretch->begin;
    *ret_first = has_own ? list->places[next - 1] : stretch->begin + 1;
    *ret_last = (has_next ? list->places[next] : stretch->end) - 1;
}

bool lede_place_cursor_has_pair(struct lede_place_cursor *cursor,
    struct lede_place_cursor *partners, const struct lede_place_stretch *stretch,
    const struct lede_place_reach *reach)
{
    const uint32_t *others = partners->list->places;
    size_t others_end = partners->list->begins[stretch->chunk + 1];
    size_t end = cursor->list->begins[stretch->chunk + 1];
    for (size_t i = lede_place_cursor_seek(cursor, stretch, stretch->begin + 1); i < end; i++) {
        uint32_t place = cursor->list->places[i];
        if (place >= stretch->end)
            return false;
        uint32_t room_before = place - stretch->begin - 1, room_after = stretch->end - place - 1;
        uint32_t first = place - (reach->before < room_before ? reach->before : room_before);
        uint32_t last = place + (reach->after < room_after ? reach->after : room_after);
        if (reach->units)
            find_unit(reach->units, stretch, place, &first, &last);
        size_t other = lede_place_cursor_seek(partners, stretch, first);
        if (other < others_end && others[other] == place)
            other++;
        if (other < others_end && others[other] <= last)
            return true;
    }
    return false;
}
