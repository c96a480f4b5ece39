/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every match of a search, for who does something to each: no page, no order but that of the
 * numbers. */
#include "match_list.h"

#include "lede/buffer.h"
#include "matching.h"

#include <stdlib.h>

void lede_match_list_free(struct lede_match_list *list)
{
    if (!list)
        return;
    free(list->documents);
    free(list->ends);
    free(list);
}

void lede_match_list_freep(struct lede_match_list **list)
{
    lede_match_list_free(*list);
    *list = NULL;
}

size_t lede_match_list_count(const struct lede_match_list *list)
{
    return list->count;
}

static enum lede_status list_window(struct lede_match_list *list, const uint64_t *bits,
    const struct lede_window *window, struct lede_error *reterr)
{
    size_t count = lede_count_bits(bits, window->words);
    if (!LEDE_ARRAY_RESERVE(list->documents, list->capacity, list->count + count))
        return lede_fail_memory(reterr);
    for (uint32_t w = 0; w < window->words; w++) {
        for (uint64_t rest = bits[w]; rest; rest &= rest - 1)
            list->documents[list->count++] =
                (window->number << LEDE_WINDOW_BITS) + w * 64 + (uint32_t)__builtin_ctzll(rest);
    }
    return LEDE_OK;
}

static enum lede_status list_parts(
    struct lede_matching *matching, struct lede_match_list *list, struct lede_error *reterr)
{
    for (size_t part = 0; part < list->part_count; part++) {
        enum lede_status st = lede_matching_open_part(matching, part, reterr);
        uint32_t windows = lede_matching_window_count(matching, part);
        for (uint32_t number = 0; st == LEDE_OK && number < windows; number++) {
            const uint64_t *bits = NULL;
            st = lede_matching_window(matching, number, &bits, reterr);
            if (st == LEDE_OK && bits)
                st = list_window(list, bits, &matching->window, reterr);
            if (st == LEDE_OK && lede_deadline_has_passed_now(&matching->deadline))
                st = lede_fail(reterr, LEDE_ETIMEOUT, "the time ran out among the matches");
        }
        lede_matching_close_part(matching);
        if (st != LEDE_OK)
            return st;
        list->ends[part] = list->count;
    }
    return LEDE_OK;
}

static void matching_freep(struct lede_matching **pointer)
{
    if (*pointer)
        lede_matching_done(*pointer);
    free(*pointer);
}

enum lede_status lede_index_list_matches(struct lede_index *index, const struct lede_search *search,
    struct lede_match_list **ret_list, struct lede_error *reterr)
{
    LEDE_CLEANUP(matching_freep) struct lede_matching *matching = calloc(1, sizeof(*matching));
    LEDE_CLEANUP(lede_match_list_freep) struct lede_match_list *list = calloc(1, sizeof(*list));
    struct lede_search unscored = *search;
    unscored.sort = LEDE_SORT_NEWEST;
    if (list) {
        list->part_count = lede_index_part_count(index);
        list->ends = calloc(list->part_count + 1, sizeof(*list->ends));
    }
    if (!matching || !list || !list->ends)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_matching_init(matching, index, &unscored, reterr);
    if (st == LEDE_OK)
        st = lede_matching_plan(matching, lede_query_root(search->query), reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(matching, reterr);
    if (st == LEDE_OK && lede_deadline_has_passed_now(&matching->deadline))
        st = lede_fail(reterr, LEDE_ETIMEOUT, "the time ran out among the matches");
    if (st == LEDE_OK)
        st = list_parts(matching, list, reterr);
    if (st == LEDE_OK)
        *ret_list = LEDE_TAKE(&list);
    return st;
}
