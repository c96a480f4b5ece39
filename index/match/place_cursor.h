/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at one document after the other in lists of places (place_lists.h). */
#ifndef LEDE_MATCH_PLACE_CURSOR_H
#define LEDE_MATCH_PLACE_CURSOR_H

#include "place_lists.h"

#include "lede/buffer.h"
#include "lede/spans.h"

/* A document's places in a field: those > begin and < end of a chunk. */
struct lede_place_stretch {
    size_t chunk;
    uint32_t begin;
    uint32_t end;
};
/* Find a document's; cheapest from the last one that was found on.
 * stretch  of the same field, zeroed at first
 * Returns false where the document has no words in the field. */
bool lede_place_stretch_find(
    const struct lede_place_ends *ends, uint32_t document, struct lede_place_stretch *stretch);

struct lede_place_cursor {
    struct lede_place_list *list;
    size_t at; /* number of a place in the list, of its chunk; where the last call left off */
};
/* The first place from `place` on, in the stretch's chunk; LEDE_PLACE_NONE: there is none. */
uint32_t lede_place_cursor_next(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch, uint32_t place);
/* The first place in the stretch. Returns false where there is none. */
bool lede_place_cursor_first(struct lede_place_cursor *cursor,
    const struct lede_place_stretch *stretch, uint32_t *ret_place);
/* How many places the list has in the stretch. */
uint32_t lede_place_cursor_count(
    struct lede_place_cursor *cursor, const struct lede_place_stretch *stretch);
/* The stretch's places as positions in the document.
 * ret_positions  in the arena
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_place_cursor_positions(struct lede_place_cursor *cursor,
    const struct lede_place_stretch *stretch, struct lede_arena *arena,
    struct lede_positions *ret_positions);

/* How far from a place its partner may stand. */
struct lede_place_reach {
    uint32_t before;
    uint32_t after;
    /* where units of text begin, but the first: anywhere in the place's unit; NULL: as far as above
     */
    struct lede_place_cursor *units;
};
/* Has a list a place in the stretch from which another of `partners` is in reach, itself not
 * counted? */
bool lede_place_cursor_has_pair(struct lede_place_cursor *cursor,
    struct lede_place_cursor *partners, const struct lede_place_stretch *stretch,
    const struct lede_place_reach *reach);

#endif
