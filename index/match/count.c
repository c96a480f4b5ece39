/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches without a page, counted or looked for. */
#include "lede/buffer.h"
#include "lede/schema.h"
#include "matching.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct counting {
    struct lede_matching matching;
    uint64_t enough; /* the count may end there */
    uint64_t count;
    double seen; /* documents, that matched or not */
    bool ended;  /* before all was seen */
};

static void counting_freep(struct counting **pointer)
{
    if (*pointer)
        lede_matching_done(&(*pointer)->matching);
    free(*pointer);
}

static enum lede_status count_part(
    struct counting *counting, const struct lede_part_size *part, struct lede_error *reterr)
{
    struct lede_matching *matching = &counting->matching;
    uint32_t windows = lede_matching_window_count(matching, part->part);
    enum lede_status st = lede_matching_open_part(matching, part->part, reterr);
    uint32_t number = 0;
    for (; st == LEDE_OK && number < windows && !counting->ended; number++) {
        const uint64_t *bits = NULL;
        st = lede_matching_window(matching, number, &bits, reterr);
        if (bits)
            counting->count += lede_count_bits(bits, matching->window.words);
        bool is_last = number + 1 == windows;
        counting->ended = (counting->count >= counting->enough && !is_last) ||
                          lede_deadline_has_passed_now(&matching->deadline);
    }
    counting->seen += (double)part->documents * number / windows;
    lede_matching_close_part(matching);
    return st;
}

/* The plan is loaded. What is frequent is found in the first part, the largest. */
static enum lede_status count_parts(struct counting *counting, struct lede_error *reterr)
{
    size_t count = 0;
    LEDE_CLEANUP(lede_freep)
    struct lede_part_size *order = lede_parts_by_size(counting->matching.index, &count);
    enum lede_status st = order ? LEDE_OK : lede_fail_memory(reterr);
    counting->ended = lede_deadline_has_passed_now(&counting->matching.deadline);
    for (size_t i = 0; st == LEDE_OK && i < count && !counting->ended; i++) {
        st = count_part(counting, &order[i], reterr);
        counting->ended = counting->ended || (counting->count >= counting->enough && i + 1 < count);
    }
    return st;
}

enum lede_status lede_index_estimate(struct lede_index *index, const struct lede_search *search,
    uint32_t count_to, uint32_t *ret_count, bool *ret_exact, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_freep) struct counting *counting = calloc(1, sizeof(*counting));
    struct lede_search unscored = *search;
    unscored.sort = LEDE_SORT_NEWEST;
    enum lede_status st = counting
                              ? lede_matching_init(&counting->matching, index, &unscored, reterr)
                              : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_matching_plan(&counting->matching, lede_query_root(search->query), reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(&counting->matching, reterr);
    if (st != LEDE_OK)
        return st;
    counting->enough = count_to > 0 ? count_to : 1;
    st = count_parts(counting, reterr);
    if (st != LEDE_OK)
        return st;
    double all = counting->matching.window.bm25.documents;
    double estimate = counting->seen > 0 ? (double)counting->count * (all / counting->seen) : 0;
    *ret_exact = !counting->ended;
    *ret_count = counting->ended && estimate > (double)counting->count
                     ? (uint32_t)lround(fmin(estimate, all))
                     : (uint32_t)counting->count;
    return LEDE_OK;
}

enum lede_status lede_index_clause_documents(struct lede_index *index,
    const struct lede_query_node *clause, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t *ret_documents, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_freep) struct counting *counting = calloc(1, sizeof(*counting));
    struct lede_search search = {.restriction = restriction,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = now_utc_s,
        .sort = LEDE_SORT_NEWEST};
    enum lede_status st = counting ? lede_matching_init(&counting->matching, index, &search, reterr)
                                   : lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_matching_plan(&counting->matching, clause, reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(&counting->matching, reterr);
    if (st != LEDE_OK)
        return st;
    counting->enough = UINT64_MAX;
    st = count_parts(counting, reterr);
    *ret_documents = (uint32_t)counting->count;
    return st;
}

struct word_terms {
    struct lede_arena *arena;
    struct lede_term *items;
    size_t count;
    size_t capacity;
    bool failed;
};

static bool add_word_term(void *context, const char *bytes, size_t size)
{
    struct word_terms *terms = context;
    char *copy = lede_arena_copy(terms->arena, bytes, size);
    terms->failed =
        !copy || !LEDE_ARENA_RESERVE(terms->arena, terms->items, terms->capacity, terms->count + 1);
    if (!terms->failed)
        terms->items[terms->count++] = (struct lede_term){copy, size};
    return !terms->failed;
}

/* Beside the plan that there is. No deadline is set: nothing of the restriction is cut. */
static enum lede_status plan_restricted(
    struct lede_matching *matching, const struct lede_query *restriction, struct lede_error *reterr)
{
    struct lede_plan *both = lede_plan_new(&matching->planner, LEDE_PLAN_AND, 2);
    if (!both)
        return lede_fail_memory(reterr);
    both->children[0] = matching->plan;
    both->child_count = both->wanted_count = 2;
    matching->plan = both;
    return lede_plan_node(
        &matching->planner, lede_query_root(restriction), 1, false, &both->children[1], reterr);
}

/* Ready to look for a word, with any accents, in any of the fields.
 * search  the moment; borrowed as long as the matching   restriction  NULL: none */
static enum lede_status begin_word(struct lede_matching *matching, struct lede_index *index,
    const struct lede_search *search, lede_field_set fields, const char *word, size_t size,
    const struct lede_query *restriction, struct lede_error *reterr)
{
    enum lede_status st = lede_matching_init(matching, index, search, reterr);
    struct word_terms terms = {.arena = matching->planner.arena};
    if (st == LEDE_OK)
        st = lede_index_visit_word_terms(index, fields, word, size, add_word_term, &terms, reterr);
    if (st == LEDE_OK && terms.failed)
        st = lede_fail_memory(reterr);
    if (st == LEDE_OK)
        st = lede_plan_terms(&matching->planner, terms.items, terms.count, &matching->plan, reterr);
    if (st == LEDE_OK && restriction)
        st = plan_restricted(matching, restriction, reterr);
    return st == LEDE_OK ? lede_matching_load(matching, reterr) : st;
}

enum lede_status lede_index_count_word(struct lede_index *index, lede_field_set fields,
    const char *word, size_t size, const struct lede_query *restriction, int64_t now_utc_s,
    uint32_t count_to, uint32_t *ret_count, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_freep) struct counting *counting = calloc(1, sizeof(*counting));
    struct lede_search search = {.now_utc_s = now_utc_s};
    if (!counting)
        return lede_fail_memory(reterr);
    enum lede_status st =
        begin_word(&counting->matching, index, &search, fields, word, size, restriction, reterr);
    counting->enough = count_to;
    if (st == LEDE_OK)
        st = count_parts(counting, reterr);
    *ret_count = (uint32_t)counting->count;
    return st;
}

/* Read as many of a window's matches as there is room for, evenly from all of them: documents that
 * came together are of one hand. */
static enum lede_status read_window(struct lede_index *index, size_t part, const uint64_t *bits,
    const struct lede_window *window, size_t limit, struct lede_arena *arena,
    struct lede_stored_text *ret_texts, size_t *count, struct lede_error *reterr)
{
    size_t matches = lede_count_bits(bits, window->words), room = limit - *count, seen = 0;
    size_t taken = matches < room ? matches : room, next = 0;
    for (uint32_t w = 0; w < window->words && next < taken; w++) {
        for (uint64_t rest = bits[w]; rest && next < taken; rest &= rest - 1) {
            uint32_t document =
                (window->number << LEDE_WINDOW_BITS) + w * 64 + (uint32_t)__builtin_ctzll(rest);
            const char *id = NULL;
            struct lede_stored_text *text = &ret_texts[*count];
            if (seen++ != (2 * next + 1) * matches / (2 * taken))
                continue;
            enum lede_status st = lede_index_read_document(
                index, part, document, arena, &id, &text->text, &text->size, reterr);
            if (st != LEDE_OK)
                return st;
            next++;
            ++*count;
        }
    }
    return LEDE_OK;
}

static enum lede_status read_part(struct lede_matching *matching, size_t part, size_t limit,
    struct lede_arena *arena, struct lede_stored_text *ret_texts, size_t *count,
    struct lede_error *reterr)
{
    uint32_t windows = lede_matching_window_count(matching, part);
    enum lede_status st = lede_matching_open_part(matching, part, reterr);
    for (uint32_t number = 0; st == LEDE_OK && number < windows && *count < limit; number++) {
        const uint64_t *bits = NULL;
        st = lede_matching_window(matching, number, &bits, reterr);
        if (st == LEDE_OK && bits)
            st = read_window(matching->index, part, bits, &matching->window, limit, arena,
                ret_texts, count, reterr);
    }
    lede_matching_close_part(matching);
    return st;
}

enum lede_status lede_index_word_texts(struct lede_index *index, const char *word, size_t size,
    const struct lede_query *restriction, int64_t now_utc_s, size_t limit, struct lede_arena *arena,
    struct lede_stored_text *ret_texts, size_t *ret_count, struct lede_error *reterr)
{
    LEDE_CLEANUP(counting_freep) struct counting *counting = calloc(1, sizeof(*counting));
    struct lede_search search = {.now_utc_s = now_utc_s};
    size_t parts = 0;
    LEDE_CLEANUP(lede_freep) struct lede_part_size *order = lede_parts_by_size(index, &parts);
    *ret_count = 0;
    if (!counting || !order)
        return lede_fail_memory(reterr);
    enum lede_status st = begin_word(
        &counting->matching, index, &search, LEDE_FIELDS_DEFAULT, word, size, restriction, reterr);
    for (size_t i = 0; st == LEDE_OK && i < parts && *ret_count < limit; i++)
        st = read_part(
            &counting->matching, order[i].part, limit, arena, ret_texts, ret_count, reterr);
    return st;
}
