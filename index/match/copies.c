/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many documents each collapsed hit stands for, of which sources, and which came first: by a
 * walk over the matches of each part where a hit's value is that of other documents, too. */
#include "column.h"
#include "matched.h"
#include "tally.h"

#include <stdlib.h>
#include <string.h>

/* Counts by hit and source in one walk; where that is not enough there are several. */
#define CELLS_MAX ((size_t)1 << 20)

/* What a hit stands for. */
struct copies {
    const char *key;
    size_t key_size; /* 0: it stands for itself */
    uint32_t count;
    struct lede_tally sources;
    struct lede_candidate *firsts; /* all of the first moment */
    size_t first_count, first_capacity;
};

struct counting {
    struct lede_index *index;
    const struct lede_search *search;
    const struct lede_search_result *result;
    struct copies *copies;               /* of each hit */
    struct lede_text_column **sources;   /* of each part, that tallies have texts of; NULL: none */
    struct lede_number_column **moments; /* of each part; NULL: none */
    size_t part_count;
};

static void counting_done(struct counting *counting)
{
    for (size_t i = 0; counting->copies && i < counting->result->hit_count; i++) {
        lede_tally_done(&counting->copies[i].sources);
        free(counting->copies[i].firsts);
    }
    for (size_t i = 0; counting->sources && i < counting->part_count; i++)
        lede_kept_let_go(counting->sources[i] ? &counting->sources[i]->item : NULL);
    for (size_t i = 0; counting->moments && i < counting->part_count; i++)
        lede_kept_let_go(counting->moments[i] ? &counting->moments[i]->item : NULL);
    free(counting->copies);
    free(counting->sources);
    free(counting->moments);
}

static bool are_values_sources(const struct counting *counting)
{
    return counting->search->collapse_slot == LEDE_SLOT_SOURCE;
}

static enum lede_status get_columns(
    struct counting *counting, size_t part, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (!counting->sources[part])
        st = lede_text_column_get(
            counting->index, part, LEDE_SLOT_SOURCE, &counting->sources[part], reterr);
    if (st == LEDE_OK && !counting->moments[part])
        st = lede_number_column_get(
            counting->index, part, LEDE_SLOT_PUBLISHED, &counting->moments[part], reterr);
    return st;
}

/* Is it the first, or one of them? Status: OK; ENOMEM. */
static enum lede_status note_first(
    struct counting *counting, struct copies *copies, size_t part, uint32_t document)
{
    int64_t moment = counting->moments[part]->numbers[document];
    if (moment == LEDE_TIME_NONE || (copies->first_count > 0 && moment > copies->firsts[0].moment))
        return LEDE_OK;
    if (copies->first_count > 0 && moment < copies->firsts[0].moment)
        copies->first_count = 0;
    if (!LEDE_ARRAY_RESERVE(copies->firsts, copies->first_capacity, copies->first_count + 1))
        return LEDE_ENOMEM;
    copies->firsts[copies->first_count++] =
        (struct lede_candidate){.part = (uint32_t)part, .document = document, .moment = moment};
    return LEDE_OK;
}

/* Add what was counted of a source; number 0: there is none. Status: OK; ENOMEM. */
static enum lede_status add_source(
    struct counting *counting, struct copies *copies, size_t part, uint32_t number, uint32_t count)
{
    const struct lede_column_text *source = &counting->sources[part]->texts[number];
    if (number == 0 || count == 0)
        return LEDE_OK;
    return lede_tally_add(&copies->sources, source->text, source->size, count, false);
}

/* A hit that is alone in its part. Status: OK; ENOMEM. */
static enum lede_status add_itself(
    struct counting *counting, struct copies *copies, size_t part, uint32_t document)
{
    copies->count++;
    if (note_first(counting, copies, part, document) != LEDE_OK)
        return LEDE_ENOMEM;
    if (are_values_sources(counting) && copies->key_size > 0)
        return LEDE_OK;
    return add_source(
        counting, copies, part, lede_column_text_number(counting->sources[part], document), 1);
}

/* Hits whose value a part has, and how often a walk finds it. */
struct row {
    struct copies *copies;
    uint32_t number; /* of the value */
    uint32_t count;
};

/* Count the matches of some rows.
 * row_of  by number of the value, all 0, and so again afterwards
 * Status: OK; ENOMEM. */
static enum lede_status count_rows(struct counting *counting, size_t part,
    const struct lede_text_column *column, const struct lede_matched *matched, struct row *rows,
    size_t count, uint32_t *row_of)
{
    const struct lede_text_column *sources =
        are_values_sources(counting) ? NULL : counting->sources[part];
    size_t source_count = sources ? sources->text_count : 0;
    LEDE_CLEANUP(lede_freep) uint32_t *cells = calloc(count * source_count + 1, sizeof(*cells));
    enum lede_status status = cells ? LEDE_OK : LEDE_ENOMEM;
    for (size_t i = 0; i < count; i++)
        row_of[rows[i].number] = (uint32_t)i + 1;
    for (uint32_t i = 0; status == LEDE_OK && i <= matched->last_document / 64; i++) {
        for (uint64_t word = matched->bits[i]; word != 0; word &= word - 1) {
            uint32_t document = i * 64 + (uint32_t)__builtin_ctzll(word);
            uint32_t row = row_of[lede_column_text_number(column, document)];
            if (row == 0)
                continue;
            rows[row - 1].count++;
            status = note_first(counting, rows[row - 1].copies, part, document);
            if (status != LEDE_OK)
                break;
            if (sources)
                cells[(row - 1) * source_count + lede_column_text_number(sources, document)]++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        row_of[rows[i].number] = 0;
        rows[i].copies->count += rows[i].count;
        for (uint32_t k = 1; status == LEDE_OK && k < source_count; k++)
            status = add_source(counting, rows[i].copies, part, k, cells[i * source_count + k]);
    }
    return status;
}

/* Which hits have their value in the part, in other documents than the hit itself?
 * rows  room for all hits. Status: OK; ENOMEM. */
static enum lede_status list_rows(struct counting *counting, size_t part,
    const struct lede_text_column *column, struct row *rows, size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < counting->result->hit_count; i++) {
        struct copies *copies = &counting->copies[i];
        uint32_t docid = counting->result->hits[i].docid;
        uint32_t number = lede_text_column_find(column, copies->key, copies->key_size);
        bool is_here =
            docid != LEDE_DOCID_NOWHERE && lede_docid_part(counting->part_count, docid) == part;
        if (number == 0)
            continue;
        if (!is_here || column->texts[number].documents > 1) {
            rows[count++] = (struct row){copies, number, 0};
            continue;
        }
        if (add_itself(counting, copies, part, lede_docid_document(counting->part_count, docid)) !=
            LEDE_OK)
            return LEDE_ENOMEM;
    }
    *ret_count = count;
    return LEDE_OK;
}

static enum lede_status count_column(struct counting *counting, size_t part,
    const struct lede_text_column *column, const struct lede_matched *matched)
{
    size_t sources = are_values_sources(counting) ? 1 : counting->sources[part]->text_count;
    size_t at_once = CELLS_MAX / sources + 1, count = 0;
    LEDE_CLEANUP(lede_freep) struct row *rows = calloc(counting->result->hit_count, sizeof(*rows));
    if (!rows || list_rows(counting, part, column, rows, &count) != LEDE_OK)
        return LEDE_ENOMEM;
    if (count == 0)
        return LEDE_OK;
    LEDE_CLEANUP(lede_freep) uint32_t *row_of = calloc(column->text_count, sizeof(*row_of));
    if (!row_of)
        return LEDE_ENOMEM;
    for (size_t begin = 0; begin < count; begin += at_once) {
        size_t some = count - begin < at_once ? count - begin : at_once;
        if (count_rows(counting, part, column, matched, rows + begin, some, row_of) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    return LEDE_OK;
}

static enum lede_status count_part(struct counting *counting, size_t part,
    const struct lede_matched *matched, struct lede_error *reterr)
{
    struct lede_text_column *column = NULL;
    enum lede_status status = get_columns(counting, part, reterr);
    if (status == LEDE_OK)
        status = lede_text_column_get(
            counting->index, part, counting->search->collapse_slot, &column, reterr);
    if (status != LEDE_OK)
        return status;
    status = count_column(counting, part, column, matched);
    lede_kept_let_go(&column->item);
    return status == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* Hits without a value. */
static enum lede_status count_singles(struct counting *counting, struct lede_error *reterr)
{
    for (size_t i = 0; i < counting->result->hit_count; i++) {
        uint32_t docid = counting->result->hits[i].docid;
        size_t part = lede_docid_part(counting->part_count, docid);
        if (counting->copies[i].key_size > 0)
            continue;
        enum lede_status status = get_columns(counting, part, reterr);
        if (status != LEDE_OK)
            return status;
        if (add_itself(counting, &counting->copies[i], part,
                lede_docid_document(counting->part_count, docid)) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

/* Of those of one moment the one of the least id. The candidates of all hits are read at once. */
static enum lede_status write_firsts(
    struct counting *counting, struct lede_search_result *result, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    size_t count = 0, at = 0;
    for (size_t i = 0; i < result->hit_count; i++)
        count += counting->copies[i].first_count;
    struct lede_candidate *all = lede_arena_calloc(&arena, count + 1, sizeof(*all));
    const char **ids = lede_arena_calloc(&arena, count + 1, sizeof(*ids));
    if (!all || !ids)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < result->hit_count; i++) {
        for (size_t k = 0; k < counting->copies[i].first_count; k++)
            all[at++] = counting->copies[i].firsts[k];
    }
    enum lede_status st =
        lede_candidates_read_ids(counting->index, all, count, &arena, ids, reterr);
    at = 0;
    for (size_t i = 0; st == LEDE_OK && i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        size_t end = at + counting->copies[i].first_count, first = at;
        for (; at < end; at++)
            first = strcmp(ids[at], ids[first]) < 0 ? at : first;
        if (counting->copies[i].first_count == 0)
            continue;
        const struct lede_text_column *sources = counting->sources[all[first].part];
        const struct lede_column_text *source =
            &sources->texts[lede_column_text_number(sources, all[first].document)];
        hit->collapse_first_utc_s = all[first].moment;
        hit->collapse_first_id = lede_arena_copy(&result->arena, ids[first], strlen(ids[first]));
        hit->collapse_first_source =
            lede_arena_copy(&result->arena, source->size > 0 ? source->text : "", source->size);
        if (!hit->collapse_first_id || !hit->collapse_first_source)
            return lede_fail_memory(reterr);
    }
    return st;
}

static enum lede_status write_copies(
    const struct counting *counting, struct lede_search_result *result, struct lede_error *reterr)
{
    for (size_t i = 0; i < result->hit_count; i++) {
        struct lede_hit *hit = &result->hits[i];
        struct copies *copies = &counting->copies[i];
        enum lede_status status = LEDE_OK;
        bool is_itself = copies->count == 0 && hit->docid != LEDE_DOCID_NOWHERE;
        hit->collapse_count = is_itself ? 1 : copies->count;
        if (are_values_sources(counting) && copies->key_size > 0)
            status = lede_tally_add(&copies->sources, copies->key, (uint32_t)copies->key_size,
                hit->collapse_count, true);
        if (status == LEDE_OK)
            status = lede_tally_write(&copies->sources, counting->search->facet_values,
                &result->arena, &hit->collapse_sources, &hit->collapse_source_count);
        if (status != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

enum lede_status lede_collapse_count_copies(struct lede_index *index,
    const struct lede_search *search, const struct lede_matched *matched,
    struct lede_search_result *result, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_done)
    struct counting counting = {.index = index, .search = search, .result = result};
    if (result->hit_count == 0)
        return LEDE_OK;
    counting.part_count = lede_index_part_count(index);
    counting.copies = calloc(result->hit_count, sizeof(*counting.copies));
    counting.sources = calloc(counting.part_count, sizeof(*counting.sources));
    counting.moments = calloc(counting.part_count, sizeof(*counting.moments));
    if (!counting.copies || !counting.sources || !counting.moments)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < result->hit_count; i++) {
        counting.copies[i].key = result->hits[i].collapse_key;
        counting.copies[i].key_size = strlen(result->hits[i].collapse_key);
    }
    enum lede_status status = LEDE_OK;
    for (size_t part = 0; status == LEDE_OK && part < counting.part_count; part++) {
        if (matched[part].count > 0)
            status = count_part(&counting, part, &matched[part], reterr);
    }
    if (status == LEDE_OK)
        status = count_singles(&counting, reterr);
    if (status == LEDE_OK)
        status = write_firsts(&counting, result, reterr);
    return status == LEDE_OK ? write_copies(&counting, result, reterr) : status;
}
