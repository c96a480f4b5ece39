/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "matching.h"

#include "lede/schema.h"

#include <stdlib.h>
#include <string.h>

enum lede_status lede_find_id(struct lede_index *index, size_t part, const char *id,
    struct lede_postings *ret_documents, struct lede_error *reterr)
{
    char term[LEDE_SCHEMA_TERM_MAX + 1];
    size_t size = lede_schema_id_term(id, strlen(id), term);
    return lede_index_read_postings(index, part, term, size, ret_documents, reterr);
}

static enum lede_status plan_term(struct lede_matching *matching, const char *bytes,
    enum lede_kept_absent absent, struct lede_plan **ret_plan, struct lede_error *reterr)
{
    struct lede_term term = {bytes, strlen(bytes)};
    enum lede_status st = lede_plan_terms(&matching->planner, &term, 1, ret_plan, reterr);
    if (st == LEDE_OK)
        (*ret_plan)->absent = absent;
    return st;
}

static void begin(
    struct lede_matching *matching, struct lede_index *index, const struct lede_search *search)
{
    matching->index = index;
    matching->search = search;
    matching->deadline.monotonic_ns = search->deadline_monotonic_ns;
    matching->planner.index = index;
    matching->planner.part_count = lede_index_part_count(index);
    matching->planner.statistics = search->statistics;
    matching->planner.deadline = &matching->deadline;
    matching->planner.arena = &matching->arena;
    matching->window.planner = &matching->planner;
}

enum lede_status lede_matching_init(struct lede_matching *matching, struct lede_index *index,
    const struct lede_search *search, struct lede_error *reterr)
{
    begin(matching, index, search);
    matching->window.bm25 = lede_plan_bm25(&matching->planner);
    if (search->with_hidden)
        return LEDE_OK;
    enum lede_status st = plan_term(
        matching, LEDE_TERM_STATUS_WITHHELD, LEDE_ABSENT_WITHHELD, &matching->withheld, reterr);
    if (st == LEDE_OK)
        st = plan_term(matching, LEDE_TERM_CLOCK, LEDE_ABSENT_WATCHED, &matching->watched, reterr);
    return st;
}

enum lede_status lede_matching_plan(
    struct lede_matching *matching, const struct lede_query_node *root, struct lede_error *reterr)
{
    return lede_plan_search(&matching->planner, matching->search, root, &matching->plan, reterr);
}

/* Moments are read only where a document has some. */
enum lede_status lede_matching_load(struct lede_matching *matching, struct lede_error *reterr)
{
    enum lede_status st = lede_planner_load(&matching->planner, reterr);
    int64_t now = matching->search->now_utc_s;
    if (st != LEDE_OK || !matching->watched || matching->watched->documents == 0)
        return st;
    st = lede_plan_range(&matching->planner, LEDE_SLOT_EMBARGOED_UNTIL,
        now < INT64_MAX ? now + 1 : now, INT64_MAX, &matching->embargoes, reterr);
    if (st == LEDE_OK)
        st = lede_plan_range(&matching->planner, LEDE_SLOT_EXPIRES, LEDE_TIME_MIN_UTC_S, now,
            &matching->expiries, reterr);
    return st == LEDE_OK ? lede_planner_load(&matching->planner, reterr) : st;
}

enum lede_status lede_matching_copy(
    const struct lede_matching *from, struct lede_matching *matching, struct lede_error *reterr)
{
    const struct lede_plan *plans[] = {
        from->plan, from->withheld, from->watched, from->embargoes, from->expiries};
    struct lede_plan **copies[] = {&matching->plan, &matching->withheld, &matching->watched,
        &matching->embargoes, &matching->expiries};
    begin(matching, from->index, from->search);
    matching->deadline.passed = from->deadline.passed;
    matching->window.bm25 = from->window.bm25;
    matching->window.scale = from->window.scale;
    for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
        if (!plans[i])
            continue;
        *copies[i] = lede_plan_copy(&matching->planner, plans[i]);
        if (!*copies[i])
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

void lede_matching_done(struct lede_matching *matching)
{
    lede_matching_close_part(matching);
    lede_planner_done(&matching->planner);
    lede_arena_done(&matching->arena);
}

static int largest_first(const void *left, const void *right)
{
    const struct lede_part_size *a = left, *b = right;
    if (a->documents != b->documents)
        return a->documents > b->documents ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

struct lede_part_size *lede_parts_by_size(const struct lede_index *index, size_t *ret_count)
{
    size_t count = lede_index_part_count(index), kept = 0;
    struct lede_part_size *sizes = calloc(count + 1, sizeof(*sizes));
    for (size_t part = 0; sizes && part < count; part++) {
        uint32_t documents = lede_index_part_at(index, part).documents;
        if (documents > 0)
            sizes[kept++] = (struct lede_part_size){documents, part};
    }
    if (sizes)
        qsort(sizes, kept, sizeof(*sizes), largest_first);
    *ret_count = kept;
    return sizes;
}

uint32_t lede_matching_window_count(const struct lede_matching *matching, size_t part)
{
    return (lede_index_part_at(matching->index, part).last_document >> LEDE_WINDOW_BITS) + 1;
}

static enum lede_status find_excluded(struct lede_matching *matching, struct lede_error *reterr)
{
    struct lede_postings documents = {0};
    size_t part = matching->window.part;
    struct lede_deleted deleted = lede_index_part_at(matching->index, part).deleted;
    matching->excluded = 0;
    if (!matching->search->exclude_id)
        return LEDE_OK;
    enum lede_status st =
        lede_find_id(matching->index, part, matching->search->exclude_id, &documents, reterr);
    for (size_t i = 0; st == LEDE_OK && i < documents.count; i++) {
        uint32_t document = documents.items[i].document;
        if (document >= deleted.bit_count || !(deleted.bits[document / 64] >> (document % 64) & 1))
            matching->excluded = document;
    }
    lede_postings_done(&documents);
    return st;
}

enum lede_status lede_matching_open_part(
    struct lede_matching *matching, size_t part, struct lede_error *reterr)
{
    struct lede_index_part figures = lede_index_part_at(matching->index, part);
    enum lede_status st = LEDE_OK;
    lede_window_open_part(&matching->window, part);
    if (figures.documents != figures.last_document)
        st = lede_lengths_get(matching->index, part, &matching->exists, reterr);
    return st == LEDE_OK ? find_excluded(matching, reterr) : st;
}

void lede_matching_close_part(struct lede_matching *matching)
{
    lede_window_close_part(&matching->window);
    lede_kept_let_go(matching->exists ? &matching->exists->item : NULL);
    matching->exists = NULL;
}

/* Which numbers of the window documents have. */
static void find_existing(struct lede_matching *matching)
{
    const struct lede_window *window = &matching->window;
    uint64_t *live = matching->live;
    size_t begin = (size_t)window->number * LEDE_WINDOW_WORDS;
    size_t rest = (size_t)window->last_document / 64 + 1 - begin;
    size_t words = rest < window->words ? rest : window->words;
    if (matching->exists)
        memcpy(live, matching->exists->exists + begin, words * sizeof(*live));
    else
        memset(live, 0xff, words * sizeof(*live));
    memset(live + words, 0, (window->words - words) * sizeof(*live));
    unsigned behind = window->last_document % 64 + 1; /* bits of the last word that are any */
    if (words == rest && behind < 64)
        live[words - 1] &= (UINT64_C(1) << behind) - 1;
    if (window->number == 0)
        live[0] &= ~UINT64_C(1);
}

static void take_deleted(struct lede_matching *matching)
{
    const struct lede_window *window = &matching->window;
    struct lede_deleted deleted = lede_index_part_at(matching->index, window->part).deleted;
    size_t begin = (size_t)window->number * LEDE_WINDOW_WORDS;
    size_t words = ((size_t)deleted.bit_count + 63) / 64;
    for (size_t w = 0; deleted.count > 0 && w < window->words && begin + w < words; w++)
        matching->live[w] &= ~deleted.bits[begin + w];
}

static enum lede_status take(struct lede_matching *matching, struct lede_plan *plan,
    const uint64_t *within, struct lede_error *reterr)
{
    const uint64_t *bits = NULL;
    enum lede_status st = lede_window_match(&matching->window, plan, within, &bits, reterr);
    for (uint32_t w = 0; st == LEDE_OK && bits && w < matching->window.words; w++)
        matching->live[w] &= ~bits[w];
    return st;
}

static enum lede_status take_hidden(struct lede_matching *matching, struct lede_error *reterr)
{
    const uint64_t *watched = NULL;
    enum lede_status st = LEDE_OK;
    if (matching->withheld)
        st = take(matching, matching->withheld, matching->live, reterr);
    if (st == LEDE_OK && matching->embargoes)
        st = lede_window_match(
            &matching->window, matching->watched, matching->live, &watched, reterr);
    if (st == LEDE_OK && watched)
        st = take(matching, matching->embargoes, watched, reterr);
    if (st == LEDE_OK && watched)
        st = take(matching, matching->expiries, watched, reterr);
    return st;
}

enum lede_status lede_matching_window(struct lede_matching *matching, uint32_t number,
    const uint64_t **ret_bits, struct lede_error *reterr)
{
    struct lede_window *window = &matching->window;
    *ret_bits = NULL;
    window->number = number;
    window->words = lede_window_words(window->last_document, number);
    find_existing(matching);
    take_deleted(matching);
    if (matching->excluded != 0 && matching->excluded >> LEDE_WINDOW_BITS == number)
        matching->live[matching->excluded % LEDE_WINDOW_DOCUMENTS / 64] &=
            ~(UINT64_C(1) << (matching->excluded % 64));
    enum lede_status st = take_hidden(matching, reterr);
    const uint64_t *bits = NULL;
    if (st == LEDE_OK)
        st = lede_window_match(window, matching->plan, matching->live, &bits, reterr);
    if (st != LEDE_OK || !bits)
        return st;
    uint64_t any = 0;
    for (uint32_t w = 0; w < window->words; w++) {
        matching->live[w] &= bits[w];
        any |= matching->live[w];
    }
    *ret_bits = any ? matching->live : NULL;
    return LEDE_OK;
}
