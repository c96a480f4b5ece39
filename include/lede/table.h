/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of my things has this key? A hash table of their numbers.
 *
 * The things lie in an array of the caller's, and what a key is and when two are equal is the
 * caller's, too: a table knows hashes and numbers alone. So it serves C and C++, any type, and
 * needs no macro. Open addressing; half of the slots stay free. Nothing is ever taken out.
 *
 *     struct lede_probe probe = lede_table_probe(hash);
 *     while (lede_table_next(&table, &probe))
 *         if (has_key(&things[probe.number], key))
 *             return &things[probe.number]; */
#ifndef LEDE_TABLE_H
#define LEDE_TABLE_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Initialised by zeroing. Threads: one that changes it, or any that look. */
struct lede_table {
    uint64_t *slots; /* malloc(); the hash's lower half, then number + 1; 0: free */
    size_t mask;     /* a power of two - 1 */
    size_t count;
};

/* A walk over the numbers of one hash. */
struct lede_probe {
    uint32_t number; /* of the one found last */
    uint32_t hash;
    size_t next; /* slot to look at */
};

static inline struct lede_probe lede_table_probe(uint64_t hash)
{
    struct lede_probe probe = {UINT32_MAX, (uint32_t)hash, (size_t)(uint32_t)hash};
    return probe;
}

/* Step to the next number that was added with the probe's hash. Returns false where there is none,
 * and always of an empty table. */
static inline bool lede_table_next(const struct lede_table *table, struct lede_probe *probe)
{
    if (!table->slots)
        return false;
    for (;;) {
        uint64_t slot = table->slots[probe->next & table->mask];
        if (slot == 0)
            return false;
        probe->next++;
        if (slot >> 32 == probe->hash) {
            probe->number = (uint32_t)slot - 1;
            return true;
        }
    }
}

/* Make room for `count` numbers in all, so that adding them cannot fail. Status: OK; ENOMEM: the
 * table is as it was. */
LEDE_CHECKED enum lede_status lede_table_reserve(struct lede_table *table, size_t count);

/* Add a number < UINT32_MAX, for which there is room. It is not looked for: of equal keys the
 * first added is found first. */
void lede_table_add(struct lede_table *table, uint64_t hash, uint32_t number);

/* Put another number of the same hash in the place of the one that a probe found last. */
void lede_table_replace(struct lede_table *table, const struct lede_probe *probe, uint32_t number);

/* Frees; zeroed afterwards. */
void lede_table_done(struct lede_table *table);

#ifdef __cplusplus
}
#endif
#endif
