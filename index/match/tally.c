/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

#include "lede/number.h"
#include "lede/text.h"

#include <stdlib.h>
#include <string.h>

/* Put what was new into the table. Status: OK; ENOMEM. */
static enum lede_status know_all(struct lede_tally *tally)
{
    if (lede_table_reserve(&tally->table, tally->count + 1) != LEDE_OK)
        return LEDE_ENOMEM;
    for (; tally->known_count < tally->count; tally->known_count++) {
        const struct lede_tally_entry *entry = &tally->entries[tally->known_count];
        lede_table_add(
            &tally->table, lede_hash64(entry->text, entry->size), (uint32_t)tally->known_count);
    }
    return LEDE_OK;
}

enum lede_status lede_tally_add(
    struct lede_tally *tally, const char *text, uint32_t size, uint32_t count, bool is_new)
{
    if (!is_new) {
        if (know_all(tally) != LEDE_OK)
            return LEDE_ENOMEM;
        struct lede_probe probe = lede_table_probe(lede_hash64(text, size));
        while (lede_table_next(&tally->table, &probe)) {
            struct lede_tally_entry *entry = &tally->entries[probe.number];
            if (entry->size != size || memcmp(entry->text, text, size) != 0)
                continue;
            entry->count += count;
            return LEDE_OK;
        }
    }
    if (!LEDE_ARRAY_RESERVE(tally->entries, tally->capacity, tally->count + 1))
        return LEDE_ENOMEM;
    tally->entries[tally->count++] = (struct lede_tally_entry){text, size, count};
    return LEDE_OK;
}

enum lede_status lede_tally_join(struct lede_tally *tally, const struct lede_tally *more)
{
    bool are_new = tally->count == 0;
    for (size_t i = 0; i < more->count; i++) {
        const struct lede_tally_entry *entry = &more->entries[i];
        if (lede_tally_add(tally, entry->text, entry->size, entry->count, are_new) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const struct lede_tally_entry *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    uint32_t size = left->size < right->size ? left->size : right->size;
    int order = memcmp(left->text, right->text, size);
    return order != 0 ? order : (left->size > right->size) - (left->size < right->size);
}

/* Move the first `max` to the front, in their order. What cannot be among them is left out as soon
 * as twice as many are known, so that all are never sorted. Returns how many there are. */
static size_t select_first(struct lede_tally_entry *entries, size_t count, size_t max)
{
    size_t kept = 0;
    bool is_cut = false;
    for (size_t i = 0; i < count && max > 0; i++) {
        if (is_cut && compare_entries(&entries[i], &entries[max - 1]) > 0)
            continue;
        entries[kept++] = entries[i];
        if (kept / 2 < max || kept < 64)
            continue;
        qsort(entries, kept, sizeof(*entries), compare_entries);
        kept = max;
        is_cut = true;
    }
    if (kept > 0)
        qsort(entries, kept, sizeof(*entries), compare_entries);
    return kept < max ? kept : max;
}

static enum lede_status copy_values(const struct lede_tally_entry *entries, size_t count,
    struct lede_arena *arena, struct lede_facet_value **ret_values)
{
    struct lede_facet_value *values = lede_arena_calloc(arena, count, sizeof(*values));
    if (!values)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        values[i] = (struct lede_facet_value){
            lede_arena_copy(arena, entries[i].text, entries[i].size), entries[i].count};
        if (!values[i].value)
            return LEDE_ENOMEM;
    }
    *ret_values = values;
    return LEDE_OK;
}

enum lede_status lede_tally_write(struct lede_tally *tally, size_t max, struct lede_arena *arena,
    struct lede_facet_value **ret_values, size_t *ret_count)
{
    *ret_count = select_first(tally->entries, tally->count, max);
    return copy_values(tally->entries, *ret_count, arena, ret_values);
}

/* Leave those alone that have the text in them, however it is written. Status: OK; ENOMEM. */
static enum lede_status keep_those_with(struct lede_tally *tally, const char *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < tally->count; i++) {
        LEDE_CLEANUP(lede_freep) char *folded = NULL;
        size_t size = 0;
        if (lede_fold(tally->entries[i].text, tally->entries[i].size, &folded, &size) != LEDE_OK)
            return LEDE_ENOMEM;
        if (strstr(folded, text))
            tally->entries[kept++] = tally->entries[i];
    }
    tally->count = kept;
    return LEDE_OK;
}

enum lede_status lede_tally_write_facet(struct lede_tally *tally, const struct lede_search *search,
    struct lede_arena *arena, struct lede_facet *ret_facet)
{
    if (search->facet_text && keep_those_with(tally, search->facet_text) != LEDE_OK)
        return LEDE_ENOMEM;
    uint64_t counts = 0;
    for (size_t i = 0; i < tally->count; i++)
        counts += tally->entries[i].count;
    size_t values = tally->count;
    size_t end = select_first(
        tally->entries, tally->count, (size_t)search->facet_offset + search->facet_values);
    size_t begin = search->facet_offset < end ? search->facet_offset : end;
    if (copy_values(tally->entries + begin, end - begin, arena, &ret_facet->values) != LEDE_OK)
        return LEDE_ENOMEM;
    ret_facet->count = end - begin;
    for (size_t i = 0; i < ret_facet->count; i++)
        counts -= ret_facet->values[i].count;
    ret_facet->other_values = values - ret_facet->count;
    ret_facet->other_counts = counts;
    return LEDE_OK;
}

void lede_tally_done(struct lede_tally *tally)
{
    free(tally->entries);
    lede_table_done(&tally->table);
    memset(tally, 0, sizeof(*tally));
}
