/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part by part all columns are counted at once; what parts have in common is found by its text. */
#include "counting.h"
#include "histogram.h"
#include "tally.h"

#include <stdlib.h>
#include <string.h>

/* The filter fields, and the histogram. */
#define COUNTED_MAX (LEDE_FIELD_COUNT + 1)

struct counted {
    uint32_t slot;
    const struct lede_field *field; /* NULL: the histogram's */
    struct lede_tally tally;
};

struct counting {
    struct lede_index *index;
    size_t parts_with_matches;
    struct counted counted[COUNTED_MAX];
    size_t count;
    struct lede_histogram_counts histogram;
    struct lede_text_column **columns; /* that tallies have texts of; `count` a part */
    size_t column_count;
};

static void counting_done(struct counting *counting)
{
    for (size_t i = 0; i < counting->count; i++)
        lede_tally_done(&counting->counted[i].tally);
    for (size_t i = 0; i < counting->column_count; i++)
        lede_kept_let_go(&counting->columns[i]->item);
    free(counting->columns);
    lede_histogram_counts_done(&counting->histogram);
}

static enum lede_status begin(struct counting *counting, const struct lede_search *search,
    const struct lede_matched *matched, struct lede_error *reterr)
{
    size_t parts = lede_index_part_count(counting->index);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        if ((search->facets & LEDE_FIELD_BIT(id)) && field->filter_letter &&
            field->slot != LEDE_SLOT_NONE)
            counting->counted[counting->count++] = (struct counted){field->slot, field, {0}};
    }
    if (search->histogram != LEDE_HISTOGRAM_NONE) {
        enum lede_status status = lede_histogram_counts_init(&counting->histogram, search, reterr);
        if (status != LEDE_OK)
            return status;
        counting->counted[counting->count++] =
            (struct counted){counting->histogram.slot, NULL, {0}};
    }
    for (size_t i = 0; i < parts; i++)
        counting->parts_with_matches += matched[i].count > 0;
    counting->columns =
        calloc(counting->parts_with_matches * counting->count + 1, sizeof(*counting->columns));
    return counting->columns ? LEDE_OK : lede_fail_memory(reterr);
}

/* Status: OK; ENOMEM. */
static enum lede_status add_counts(
    struct counting *counting, struct counted *counted, struct lede_counter *counter)
{
    if (!counted->field)
        return lede_histogram_counts_add(
            &counting->histogram, counter->column, LEDE_TAKE(&counter->counts));
    bool are_new = counting->parts_with_matches == 1;
    uint32_t count = 0;
    const struct lede_column_text *texts = lede_counter_texts(counter, &count);
    for (uint32_t i = 1; i < count; i++) {
        if (counter->counts[i] > 0 && lede_tally_add(&counted->tally, texts[i].text, texts[i].size,
                                          counter->counts[i], are_new) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static enum lede_status count_part(struct counting *counting, size_t part,
    const struct lede_matched *matched, struct lede_error *reterr)
{
    struct lede_counter counters[COUNTED_MAX] = {0};
    for (size_t i = 0; i < counting->count; i++) {
        struct lede_text_column *column = NULL;
        enum lede_status status =
            lede_text_column_get(counting->index, part, counting->counted[i].slot, &column, reterr);
        if (status != LEDE_OK)
            return status;
        counting->columns[counting->column_count++] = column;
        counters[i].column = column;
    }
    enum lede_status status = lede_count_texts(matched, counters, counting->count);
    for (size_t i = 0; i < counting->count; i++) {
        if (status == LEDE_OK)
            status = add_counts(counting, &counting->counted[i], &counters[i]);
        lede_counter_done(&counters[i]);
    }
    return status == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

static enum lede_status write_counts(struct counting *counting, const struct lede_search *search,
    struct lede_search_result *result, struct lede_error *reterr)
{
    result->facets = lede_arena_calloc(&result->arena, counting->count, sizeof(*result->facets));
    if (!result->facets)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < counting->count; i++) {
        struct counted *counted = &counting->counted[i];
        struct lede_facet *facet = &result->facets[result->facet_count];
        if (!counted->field)
            return lede_histogram_counts_write(&counting->histogram, result, reterr);
        if (lede_tally_write(&counted->tally, search->facet_values, &result->arena, &facet->values,
                &facet->count) != LEDE_OK)
            return lede_fail_memory(reterr);
        facet->field = counted->field->id;
        result->facet_count++;
    }
    return LEDE_OK;
}

enum lede_status lede_matched_count_values(struct lede_index *index,
    const struct lede_search *search, const struct lede_matched *matched,
    struct lede_search_result *result, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_done) struct counting counting = {.index = index};
    enum lede_status status = begin(&counting, search, matched, reterr);
    if (counting.count == 0)
        return status;
    for (size_t part = 0; status == LEDE_OK && part < lede_index_part_count(index); part++) {
        if (matched[part].count > 0)
            status = count_part(&counting, part, &matched[part], reterr);
    }
    return status == LEDE_OK ? write_counts(&counting, search, result, reterr) : status;
}
