/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "segment_states.h"

#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [LEDE_SEGMENT_UNKNOWN] = "unknown",
    [LEDE_SEGMENT_BUILDING] = "being built",
    [LEDE_SEGMENT_SEALED] = "sealed",
    [LEDE_SEGMENT_SHOWN] = "shown",
    [LEDE_SEGMENT_LISTED] = "listed",
    [LEDE_SEGMENT_QUARANTINED] = "quarantined",
    [LEDE_SEGMENT_RETIRED] = "retired",
};

#define TO(state) (1u << LEDE_SEGMENT_##state)
/* Where each state may go. From listed and quarantined to retired goes a list alone. */
static const unsigned edges[] = {
    [LEDE_SEGMENT_UNKNOWN] = TO(BUILDING) | TO(LISTED) | TO(QUARANTINED),
    [LEDE_SEGMENT_BUILDING] = TO(SEALED) | TO(RETIRED),
    [LEDE_SEGMENT_SEALED] = TO(SHOWN) | TO(RETIRED),
    [LEDE_SEGMENT_SHOWN] = TO(LISTED) | TO(RETIRED),
    [LEDE_SEGMENT_LISTED] = TO(QUARANTINED),
    [LEDE_SEGMENT_QUARANTINED] = TO(LISTED),
    [LEDE_SEGMENT_RETIRED] = TO(UNKNOWN),
};

void lede_segment_states_done(struct lede_segment_states *states)
{
    free(states->entries);
    memset(states, 0, sizeof(*states));
}

/* The first place whose number is not less. */
static size_t place_of(const struct lede_segment_states *states, uint32_t number)
{
    size_t low = 0;
    size_t high = states->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (states->entries[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct lede_segment_entry *lede_segment_states_find(
    const struct lede_segment_states *states, uint32_t number)
{
    size_t place = place_of(states, number);
    bool found = place < states->count && states->entries[place].number == number;
    return found ? &states->entries[place] : NULL;
}

enum lede_segment_state lede_segment_state_of(
    const struct lede_segment_states *states, uint32_t number)
{
    const struct lede_segment_entry *entry = lede_segment_states_find(states, number);
    return entry ? entry->state : LEDE_SEGMENT_UNKNOWN;
}

static enum lede_status add(struct lede_segment_states *states, uint32_t number,
    enum lede_segment_state state, struct lede_error *reterr)
{
    if (!LEDE_ARRAY_RESERVE(states->entries, states->capacity, states->count + 1))
        return lede_fail_memory(reterr);
    size_t place = place_of(states, number);
    struct lede_segment_entry *entry = &states->entries[place];
    memmove(entry + 1, entry, (states->count - place) * sizeof(*entry));
    *entry = (struct lede_segment_entry){.number = number, .state = state};
    states->count++;
    return LEDE_OK;
}

static void forget(struct lede_segment_states *states, struct lede_segment_entry *entry)
{
    size_t behind = states->count - (size_t)(entry - states->entries) - 1;
    memmove(entry, entry + 1, behind * sizeof(*entry));
    states->count--;
}

enum lede_status lede_segment_state_change(struct lede_segment_states *states, uint32_t number,
    enum lede_segment_state to, struct lede_error *reterr)
{
    struct lede_segment_entry *entry = lede_segment_states_find(states, number);
    enum lede_segment_state from = entry ? entry->state : LEDE_SEGMENT_UNKNOWN;
    if (from == to)
        return LEDE_OK;
    if (!(edges[from] & (1u << to)))
        return lede_fail(reterr, LEDE_EINTERNAL, "segment %u is %s: it cannot become %s", number,
            state_names[from], state_names[to]);
    if (!entry)
        return add(states, number, to, reterr);
    if (to == LEDE_SEGMENT_UNKNOWN)
        forget(states, entry);
    else
        entry->state = to;
    return LEDE_OK;
}

enum lede_status lede_segment_states_list(struct lede_segment_states *states,
    const struct lede_manifest *manifest, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < manifest->segment_count; i++)
        st = lede_segment_state_change(
            states, manifest->segments[i].number, manifest->segments[i].state, reterr);
    return st;
}

void lede_segment_states_settle(
    struct lede_segment_states *states, const struct lede_manifest *manifest)
{
    for (size_t i = 0; i < states->count; i++) {
        struct lede_segment_entry *entry = &states->entries[i];
        bool was_listed =
            entry->state == LEDE_SEGMENT_LISTED || entry->state == LEDE_SEGMENT_QUARANTINED;
        if (was_listed && !lede_manifest_find(manifest, entry->number))
            entry->state = LEDE_SEGMENT_RETIRED;
    }
}
