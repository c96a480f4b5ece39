/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of a few documents: each part is read once, forwards. */
#include "column.h"
#include "matched.h"

#include "lede/time.h"

#include <stdlib.h>

#define MANY 50 /* a column is read for so many: others will ask for it, too */

struct place {
    uint32_t part;
    uint32_t document;
    size_t number; /* among the candidates */
};

/* What is read, and where it goes: ids, or moments. */
struct wanted {
    struct place *places;
    size_t next;
    const char **ids;
    struct lede_arena *arena;
    struct lede_candidate *candidates;
    enum lede_status status;
    uint32_t document; /* whose value is wrong */
};

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    if (left->part != right->part)
        return left->part < right->part ? -1 : 1;
    return (left->document > right->document) - (left->document < right->document);
}

/* Which candidate is a document of the part that is being read? */
static size_t number_of(struct wanted *wanted, uint32_t document)
{
    while (wanted->places[wanted->next].document < document)
        wanted->next++;
    return wanted->places[wanted->next++].number;
}

static bool note_id(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct wanted *wanted = context;
    char *id = lede_arena_copy(wanted->arena, bytes, size);
    if (!id) {
        wanted->status = LEDE_ENOMEM;
        return false;
    }
    wanted->ids[number_of(wanted, document)] = id;
    return true;
}

static bool note_moment(void *context, uint32_t document, const char *bytes, size_t size)
{
    struct wanted *wanted = context;
    if (size != 5) {
        wanted->status = LEDE_ECORRUPT;
        wanted->document = document;
        return false;
    }
    wanted->candidates[number_of(wanted, document)].moment =
        lede_schema_decode_time((const unsigned char *)bytes);
    return true;
}

static enum lede_status read_slot(struct lede_index *index, const struct lede_candidate *candidates,
    size_t count, uint32_t slot,
    bool (*note)(void *context, uint32_t document, const char *bytes, size_t size),
    struct wanted *wanted, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct place *places = calloc(count + 1, sizeof(*places));
    LEDE_CLEANUP(lede_freep) uint32_t *documents = calloc(count + 1, sizeof(*documents));
    if (!places || !documents)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){candidates[i].part, candidates[i].document, i};
    qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 0; i < count; i++)
        documents[i] = places[i].document;
    wanted->places = places;
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin; end < count && places[end].part == places[begin].part;)
            end++;
        wanted->next = begin;
        enum lede_status status = lede_index_read_values(
            index, places[begin].part, slot, documents + begin, end - begin, note, wanted, reterr);
        if (status != LEDE_OK)
            return status;
        if (wanted->status == LEDE_ECORRUPT)
            return lede_fail(reterr, LEDE_ECORRUPT, "document %u: its value %u cannot be read",
                wanted->document, slot);
        if (wanted->status != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

enum lede_status lede_candidates_read_ids(struct lede_index *index,
    const struct lede_candidate *candidates, size_t count, struct lede_arena *arena,
    const char **ret_ids, struct lede_error *reterr)
{
    struct wanted wanted = {.ids = ret_ids, .arena = arena};
    for (size_t i = 0; i < count; i++)
        ret_ids[i] = "";
    return read_slot(index, candidates, count, LEDE_SLOT_ID, note_id, &wanted, reterr);
}

/* From the columns of their parts. is_read  those that are not in memory are read; else they end
 * it. ret_all  whether each was found */
static enum lede_status look_up_moments(struct lede_index *index, struct lede_candidate *candidates,
    size_t count, struct lede_number_column **columns, bool is_read, bool *ret_all,
    struct lede_error *reterr)
{
    *ret_all = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t part = candidates[i].part;
        struct lede_number_column **column = &columns[part];
        enum lede_status st = LEDE_OK;
        if (!*column && is_read)
            st = lede_number_column_get(index, part, LEDE_SLOT_PUBLISHED, column, reterr);
        else if (!*column && !lede_number_column_find(index, part, LEDE_SLOT_PUBLISHED, column))
            return LEDE_OK;
        if (st != LEDE_OK)
            return st;
        candidates[i].moment = (*column)->numbers[candidates[i].document];
    }
    *ret_all = true;
    return LEDE_OK;
}

enum lede_status lede_candidates_read_moments(struct lede_index *index,
    struct lede_candidate *candidates, size_t count, struct lede_error *reterr)
{
    struct wanted wanted = {.candidates = candidates};
    size_t parts = lede_index_part_count(index);
    bool all = false;
    LEDE_CLEANUP(lede_freep)
    struct lede_number_column **columns = calloc(parts + 1, sizeof(*columns));
    enum lede_status st =
        columns ? look_up_moments(index, candidates, count, columns, count >= MANY, &all, reterr)
                : lede_fail_memory(reterr);
    for (size_t part = 0; columns && part < parts; part++)
        lede_kept_let_go(columns[part] ? &columns[part]->item : NULL);
    if (st != LEDE_OK || all)
        return st;
    for (size_t i = 0; i < count; i++)
        candidates[i].moment = LEDE_TIME_NONE;
    return read_slot(index, candidates, count, LEDE_SLOT_PUBLISHED, note_moment, &wanted, reterr);
}
