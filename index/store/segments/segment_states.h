/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is each segment now? One table says it, and one function changes it.
 *
 *     building ──> sealed ──> shown ──> listed <──> quarantined
 *        │            │ │ ┆ ┆
 *        └────────────┴─────────┴──────> retired <┄┄┄┄┄┄┄┄┘
 *
 * A retired segment's files are removed as soon as no view names it. What a list on the disk names
 * may not be retired, whatever memory knows of it: only a newer list that has been synced retires
 * it (the dotted edges, lede_segment_states_settle()). As long as a sync of the directory is in
 * doubt the disk may have either of two lists, and what either names stays.
 *
 * All with the store's mutex held. */
#ifndef LEDE_STORE_SEGMENT_STATES_H
#define LEDE_STORE_SEGMENT_STATES_H

#include "manifest.h"

struct lede_segment_entry {
    uint32_t number;
    enum lede_segment_state state;
    bool is_merging; /* a merge reads it: it is not dropped, though all in it is deleted */
};

struct lede_segment_states {
    struct lede_segment_entry *entries; /* ascending by number; none that is unknown */
    size_t count;
    size_t capacity;
};

void lede_segment_states_done(struct lede_segment_states *states);
enum lede_segment_state lede_segment_state_of(
    const struct lede_segment_states *states, uint32_t number);
/* NULL: unknown. */
struct lede_segment_entry *lede_segment_states_find(
    const struct lede_segment_states *states, uint32_t number);
/* Change the state of a segment along an edge; to the state that it has: nothing happens.
 * Status: OK; EINTERNAL there is no such edge: nothing is changed; ENOMEM, for a new number
 * alone. */
LEDE_CHECKED enum lede_status lede_segment_state_change(struct lede_segment_states *states,
    uint32_t number, enum lede_segment_state to, struct lede_error *reterr);
/* The disk may have this list from now on: what it names is listed or quarantined, as it says. What
 * lists before it name stays so. Status: OK; EINTERNAL; ENOMEM. */
LEDE_CHECKED enum lede_status lede_segment_states_list(struct lede_segment_states *states,
    const struct lede_manifest *manifest, struct lede_error *reterr);
/* The disk has this list and no other: what older ones named, and it does not, is retired. */
void lede_segment_states_settle(
    struct lede_segment_states *states, const struct lede_manifest *manifest);

#endif
