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

/* In steps that double, and by halves once one went too far. */
size_t lede_place_cursor_seek(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t place)
{
    const uint32_t *places = cursor->list->places;
    size_t begin = cursor->list->begins[stretch->chunk];
    size_t high = cursor->list->begins[stretch->chunk + 1];
    size_t low = cursor->at, step = 1;
    if (low < begin || low > high || (low > begin && places[low - 1] >= place))
        low = begin;
    while (low + step <= high && places[low + step - 1] < place) {
        low += step;
        step *= 2;
    }
    if (low + step - 1 < high)
        high = low + step - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle] < place)
            low = middle + 1;
        else
            high = middle;
    }
    cursor->at = low;
    return low;
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
