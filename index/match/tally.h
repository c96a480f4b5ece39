/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often was each text counted, over all parts? */
#ifndef LEDE_MATCH_TALLY_H
#define LEDE_MATCH_TALLY_H

#include "lede/match.h"
#include "lede/table.h"

struct lede_tally_entry {
    const char *text; /* borrowed, until the tally is done with */
    uint32_t size;
    uint32_t count;
};

/* Initialised by zeroing. Threads: one a tally. */
struct lede_tally {
    struct lede_tally_entry *entries;
    size_t count;
    size_t capacity;
    struct lede_table table; /* of the first `known_count` */
    size_t known_count;
};

/* Add to what was counted of a text.
 * is_new  it is known that the tally has not got it
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_tally_add(
    struct lede_tally *tally, const char *text, uint32_t size, uint32_t count, bool is_new);
/* Add all that another tally counted. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_tally_join(
    struct lede_tally *tally, const struct lede_tally *more);
/* Write the first texts, by count, then by text; no more can be added.
 * max         at most so many
 * ret_values  in the arena
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_tally_write(struct lede_tally *tally, size_t max,
    struct lede_arena *arena, struct lede_facet_value **ret_values, size_t *ret_count);
/* Write a facet's page of them, and what there is beside it.
 * search  its facet_values, facet_offset and facet_text are looked at
 * Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_tally_write_facet(struct lede_tally *tally,
    const struct lede_search *search, struct lede_arena *arena, struct lede_facet *ret_facet);
void lede_tally_done(struct lede_tally *tally);

#endif
