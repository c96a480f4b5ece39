/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part by part all columns are counted at once; what parts have in common is found by its text. */
#include "counting.h"
#include "histogram.h"
#include "tally.h"

#include "lede/encoding.h"
#include "lede/shares.h"

#include <stdlib.h>
#include <string.h>

/* The filter fields, and the histogram. */
#define COUNTED_MAX (LEDE_FIELD_COUNT + 1)

struct counted {
    uint32_t slot;
    const struct lede_field *field; /* NULL: the histogram's */
    struct lede_tally tally;
};

struct lede_facet_counts {
    struct lede_index *index;
    const struct lede_search *search;
    struct counted counted[COUNTED_MAX];
    size_t count;
    struct lede_histogram_counts histogram;
    struct lede_text_column **columns; /* that tallies have texts of */
    size_t column_count;
    size_t column_capacity;
};

void lede_facet_counts_free(struct lede_facet_counts *counts)
{
    if (!counts)
        return;
    for (size_t i = 0; i < counts->count; i++)
        lede_tally_done(&counts->counted[i].tally);
    for (size_t i = 0; i < counts->column_count; i++)
        lede_kept_let_go(&counts->columns[i]->item);
    free(counts->columns);
    lede_histogram_counts_done(&counts->histogram);
    free(counts);
}

void lede_facet_counts_freep(struct lede_facet_counts **counts)
{
    lede_facet_counts_free(*counts);
    *counts = NULL;
}

enum lede_status lede_facet_counts_new(struct lede_index *index, const struct lede_search *search,
    struct lede_facet_counts **ret_counts, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_facet_counts_freep)
    struct lede_facet_counts *counts = calloc(1, sizeof(*counts));
    if (!counts)
        return lede_fail_memory(reterr);
    counts->index = index;
    counts->search = search;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        if ((search->facets & LEDE_FIELD_BIT(id)) && field->filter_letter &&
            field->slot != LEDE_SLOT_NONE)
            counts->counted[counts->count++] = (struct counted){field->slot, field, {0}};
    }
    if (search->histogram != LEDE_HISTOGRAM_NONE) {
        enum lede_status status = lede_histogram_counts_init(&counts->histogram, search, reterr);
        if (status != LEDE_OK)
            return status;
        counts->counted[counts->count++] = (struct counted){counts->histogram.slot, NULL, {0}};
    }
    *ret_counts = LEDE_TAKE(&counts);
    return LEDE_OK;
}

/* Status: OK; ENOMEM. */
static enum lede_status add_counts(
    struct lede_facet_counts *counts, struct counted *counted, struct lede_counter *counter)
{
    if (!counted->field)
        return lede_histogram_counts_add(
            &counts->histogram, counter->column, LEDE_TAKE(&counter->counts));
    bool are_new = counted->tally.count == 0;
    uint32_t count = 0;
    const struct lede_column_text *texts = lede_counter_texts(counter, &count);
    for (uint32_t i = 1; i < count; i++) {
        if (counter->counts[i] > 0 && lede_tally_add(&counted->tally, texts[i].text, texts[i].size,
                                          counter->counts[i], are_new) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

enum lede_status lede_facet_counts_add(struct lede_facet_counts *counts, size_t part,
    const struct lede_matched *matched, struct lede_error *reterr)
{
    struct lede_counter counters[COUNTED_MAX] = {0};
    if (counts->count == 0 || matched->count == 0)
        return LEDE_OK;
    if (!LEDE_ARRAY_RESERVE(
            counts->columns, counts->column_capacity, counts->column_count + counts->count))
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < counts->count; i++) {
        struct lede_text_column *column = NULL;
        enum lede_status status =
            lede_text_column_get(counts->index, part, counts->counted[i].slot, &column, reterr);
        if (status != LEDE_OK)
            return status;
        counts->columns[counts->column_count++] = column;
        counters[i].column = column;
    }
    enum lede_status status = lede_count_texts(matched, counters, counts->count);
    for (size_t i = 0; i < counts->count; i++) {
        if (status == LEDE_OK)
            status = add_counts(counts, &counts->counted[i], &counters[i]);
        lede_counter_done(&counters[i]);
    }
    return status == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

enum lede_status lede_facet_counts_join(
    struct lede_facet_counts *counts, struct lede_facet_counts *more)
{
    if (!LEDE_ARRAY_RESERVE(counts->columns, counts->column_capacity,
            counts->column_count + more->column_count + 1))
        return LEDE_ENOMEM;
    while (more->column_count > 0)
        counts->columns[counts->column_count++] = more->columns[--more->column_count];
    for (size_t i = 0; i < counts->count; i++) {
        if (lede_tally_join(&counts->counted[i].tally, &more->counted[i].tally) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return lede_histogram_counts_join(&counts->histogram, &more->histogram);
}

enum lede_status lede_facet_counts_write(
    struct lede_facet_counts *counts, struct lede_search_result *result, struct lede_error *reterr)
{
    if (counts->count == 0)
        return LEDE_OK;
    result->facets = lede_arena_calloc(&result->arena, counts->count, sizeof(*result->facets));
    if (!result->facets)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < counts->count; i++) {
        struct counted *counted = &counts->counted[i];
        struct lede_facet *facet = &result->facets[result->facet_count];
        if (!counted->field)
            return lede_histogram_counts_write(&counts->histogram, result, reterr);
        if (lede_tally_write_facet(&counted->tally, counts->search, &result->arena, facet) !=
            LEDE_OK)
            return lede_fail_memory(reterr);
        facet->field = counted->field->id;
        result->facet_count++;
    }
    return LEDE_OK;
}

/* ---- As bytes ---- */

static void put_tally(const struct lede_tally *tally, struct lede_buffer *out)
{
    lede_wire_put_number(out, tally->count);
    for (size_t i = 0; i < tally->count; i++) {
        lede_wire_put_bytes(out, tally->entries[i].text, tally->entries[i].size);
        lede_wire_put_number(out, tally->entries[i].count);
    }
}

enum lede_status lede_facet_counts_encode(
    const struct lede_facet_counts *counts, struct lede_buffer *out)
{
    lede_wire_put_number(out, counts->count);
    for (size_t i = 0; i < counts->count; i++) {
        const struct counted *counted = &counts->counted[i];
        lede_wire_put_number(out, counted->slot);
        if (counted->field) {
            put_tally(&counted->tally, out);
            continue;
        }
        LEDE_CLEANUP(lede_tally_done) struct lede_tally moments = {0};
        if (lede_histogram_counts_sum(&counts->histogram, &moments) != LEDE_OK)
            return LEDE_ENOMEM;
        put_tally(&moments, out);
    }
    return LEDE_OK;
}

/* ret_tally  texts in the arena; to be done with, whatever the status */
static enum lede_status take_tally(
    struct lede_wire_reader *reader, struct lede_arena *arena, struct lede_tally *ret_tally)
{
    size_t count = lede_wire_count(reader, LEDE_SHARE_VALUES_MAX, 2);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        size_t size = 0;
        const char *text = lede_wire_bytes(reader, UINT16_MAX, &size);
        uint32_t number = (uint32_t)lede_wire_number(reader, UINT32_MAX);
        char *copy = lede_arena_copy(arena, text, size);
        if (!copy || lede_tally_add(ret_tally, copy, (uint32_t)size, number, true) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static bool are_texts(const struct lede_tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        const struct lede_tally_entry *entry = &tally->entries[i];
        if (entry->size == 0 || memchr(entry->text, '\0', entry->size) ||
            !lede_utf8_is_valid(entry->text, entry->size))
            return false;
    }
    return true;
}

enum lede_status lede_facet_counts_decode(
    struct lede_facet_counts *counts, struct lede_wire_reader *reader, struct lede_arena *arena)
{
    if (lede_wire_number(reader, COUNTED_MAX) != counts->count)
        lede_wire_refuse(reader);
    for (size_t i = 0; i < counts->count && !reader->failed; i++) {
        struct counted *counted = &counts->counted[i];
        LEDE_CLEANUP(lede_tally_done) struct lede_tally some = {0};
        if (lede_wire_number(reader, UINT32_MAX) != counted->slot)
            lede_wire_refuse(reader);
        enum lede_status st = take_tally(reader, arena, &some);
        if (st == LEDE_OK && !counted->field)
            st = lede_histogram_counts_add_sum(&counts->histogram, &some, reader, arena);
        else if (st == LEDE_OK && !are_texts(&some))
            lede_wire_refuse(reader);
        else if (st == LEDE_OK)
            st = lede_tally_join(&counted->tally, &some);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}
