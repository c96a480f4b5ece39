/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets: each kind of plan has one function here. What it finds stands in its own bitmap, or is a
 * list's, which never changes. */
#include "window.h"

#include <string.h>

void lede_window_open_part(struct lede_window *window, size_t part)
{
    window->part = part;
    window->last_document = lede_index_part_at(window->planner->index, part).last_document;
}

void lede_window_close_part(struct lede_window *window)
{
    struct lede_planner *planner = window->planner;
    for (size_t i = 0; i < planner->held_count; i++)
        lede_places_freep(&planner->held[i]->places);
    lede_kept_let_go(window->lengths ? &window->lengths->item : NULL);
    window->lengths = NULL;
}

static uint64_t *own_bits(const struct lede_window *window, struct lede_plan *plan)
{
    if (!plan->own)
        plan->own =
            lede_arena_calloc(window->planner->arena, LEDE_WINDOW_WORDS, sizeof(*plan->own));
    return plan->own;
}

static uint32_t first_document(const struct lede_window *window)
{
    return window->number << LEDE_WINDOW_BITS;
}

static const uint64_t *match_list(const struct lede_window *window, struct lede_plan *plan)
{
    const struct lede_list *list = plan->lists[window->part];
    if (!list)
        return NULL;
    const struct lede_container *container = &list->containers[window->number];
    if (container->is_dense)
        return list->words + container->at;
    const uint16_t *numbers = list->numbers + container->at;
    memset(plan->own, 0, window->words * sizeof(*plan->own));
    for (uint32_t i = 0; i < container->count; i++)
        plan->own[numbers[i] / 64] |= UINT64_C(1) << (numbers[i] % 64);
    return container->count > 0 ? plan->own : NULL;
}

/* A pattern's bitmaps end with the last document. */
static const uint64_t *match_pattern(const struct lede_window *window, struct lede_plan *plan)
{
    size_t begin = (size_t)window->number * LEDE_WINDOW_WORDS;
    size_t rest = (size_t)window->last_document / 64 + 1 - begin;
    size_t words = rest < window->words ? rest : window->words;
    memcpy(plan->own, plan->pattern.bits[window->part] + begin, words * sizeof(*plan->own));
    memset(plan->own + words, 0, (window->words - words) * sizeof(*plan->own));
    return plan->own;
}

static const uint64_t *match_range(
    const struct lede_window *window, struct lede_plan *plan, const uint64_t *within)
{
    const struct lede_number_column *column = plan->columns[window->part];
    uint64_t any = 0;
    for (uint32_t w = 0; w < window->words; w++) {
        uint64_t found = 0;
        for (uint64_t rest = within[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            int64_t number = column->numbers[first_document(window) + w * 64 + bit];
            found |= (uint64_t)(number >= plan->first && number <= plan->last) << bit;
        }
        plan->own[w] = found;
        any |= found;
    }
    return any ? plan->own : NULL;
}

/* Is the window's answer kept? */
static bool is_found(const struct lede_window *window, const struct lede_plan *plan)
{
    return plan->found && window->number < plan->found_windows[window->part];
}

/* Will places be asked? */
static bool has_places(const struct lede_window *window, const struct lede_plan *plan)
{
    if (plan->kind == LEDE_PLAN_PLACES)
        return !is_found(window, plan);
    for (size_t i = 0; i < plan->child_count; i++) {
        if (has_places(window, plan->children[i]))
            return true;
    }
    return false;
}

/* Returns whether anything is left. */
static bool keep(
    const struct lede_window *window, uint64_t *bits, const uint64_t *a, const uint64_t *b)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < window->words; w++) {
        bits[w] = a[w] & b[w];
        any |= bits[w];
    }
    return any != 0;
}

/* Where words stand is looked at last, of what all else has left. */
static enum lede_status match_and(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *within, const uint64_t **ret_bits, struct lede_error *reterr)
{
    const uint64_t *left = within, *bits = NULL;
    for (int costly = 0; costly < 2; costly++) {
        for (size_t i = 0; i < plan->wanted_count; i++) {
            struct lede_plan *child = plan->children[i];
            if (has_places(window, child) != (costly == 1))
                continue;
            enum lede_status st = lede_window_match(window, child, left, &bits, reterr);
            if (st != LEDE_OK || !bits)
                return st;
            if (!keep(window, plan->own, left, bits))
                return LEDE_OK;
            left = plan->own;
        }
    }
    for (size_t i = plan->wanted_count; i < plan->child_count; i++) {
        enum lede_status st = lede_window_match(window, plan->children[i], left, &bits, reterr);
        if (st != LEDE_OK)
            return st;
        for (uint32_t w = 0; bits && w < window->words; w++)
            plan->own[w] &= ~bits[w];
    }
    *ret_bits = plan->own;
    return LEDE_OK;
}

static enum lede_status match_or(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *within, const uint64_t **ret_bits, struct lede_error *reterr)
{
    bool is_any = false;
    for (size_t i = 0; i < plan->child_count; i++) {
        const uint64_t *bits = NULL;
        enum lede_status st = lede_window_match(window, plan->children[i], within, &bits, reterr);
        if (st != LEDE_OK)
            return st;
        if (bits && !is_any)
            memcpy(plan->own, bits, window->words * sizeof(*bits));
        for (uint32_t w = 0; bits && is_any && w < window->words; w++)
            plan->own[w] |= bits[w];
        is_any = is_any || bits;
    }
    *ret_bits = is_any ? plan->own : NULL;
    return LEDE_OK;
}

/* Keep what was found of all documents of a window, which come in order. */
static enum lede_status keep_found(
    const struct lede_window *window, struct lede_plan *plan, struct lede_error *reterr)
{
    struct lede_planner *planner = window->planner;
    if (!plan->found) {
        plan->found = lede_arena_calloc(planner->arena, planner->part_count, sizeof(*plan->found));
        plan->found_windows =
            lede_arena_calloc(planner->arena, planner->part_count, sizeof(*plan->found_windows));
    }
    if (!plan->found || !plan->found_windows)
        return lede_fail_memory(reterr);
    uint64_t **found = &plan->found[window->part];
    if (!*found)
        *found = lede_arena_calloc(
            planner->arena, lede_bitmap_words(window->last_document), sizeof(**found));
    if (!*found)
        return lede_fail_memory(reterr);
    memcpy(*found + (size_t)window->number * LEDE_WINDOW_WORDS, plan->own,
        window->words * sizeof(*plan->own));
    plan->found_windows[window->part] = window->number + 1;
    return LEDE_OK;
}

static enum lede_status match_places(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *within, const uint64_t **ret_bits, struct lede_error *reterr)
{
    const uint64_t *bits = NULL;
    struct lede_planner *planner = window->planner;
    if (is_found(window, plan)) {
        *ret_bits = plan->found[window->part] + (size_t)window->number * LEDE_WINDOW_WORDS;
        return LEDE_OK;
    }
    bool is_next = window->number == (plan->found ? plan->found_windows[window->part] : 0);
    bool is_kept = planner->shares && within == window->all && is_next;
    enum lede_status st = lede_window_match(window, plan->children[0], within, &bits, reterr);
    bool is_any = st == LEDE_OK && bits && keep(window, plan->own, within, bits);
    if (st == LEDE_OK && is_any && !plan->places)
        st = lede_places_open(planner->index, window->part, plan->node, plan->fields,
            planner->deadline, &plan->places, reterr);
    if (st == LEDE_OK && is_any) {
        planner->places_asked += lede_count_bits(plan->own, window->words);
        st = lede_places_filter(
            plan->places, first_document(window), plan->own, window->words, reterr);
    }
    if (st == LEDE_OK && !is_any && is_kept)
        memset(plan->own, 0, window->words * sizeof(*plan->own));
    if (st == LEDE_OK && is_kept && !planner->deadline->passed)
        st = keep_found(window, plan, reterr);
    *ret_bits = is_any ? plan->own : NULL;
    return st;
}

enum lede_status lede_window_match(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *within, const uint64_t **ret_bits, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    *ret_bits = NULL;
    if (!own_bits(window, plan))
        return lede_fail_memory(reterr);
    switch (plan->kind) {
    case LEDE_PLAN_ALL:
        *ret_bits = within;
        break;
    case LEDE_PLAN_LIST:
        *ret_bits = match_list(window, plan);
        break;
    case LEDE_PLAN_PATTERN:
        *ret_bits = match_pattern(window, plan);
        break;
    case LEDE_PLAN_RANGE:
        *ret_bits = match_range(window, plan, within);
        break;
    case LEDE_PLAN_AND:
        st = match_and(window, plan, within, ret_bits, reterr);
        break;
    case LEDE_PLAN_OR:
        st = match_or(window, plan, within, ret_bits, reterr);
        break;
    case LEDE_PLAN_MAYBE:
        st = lede_window_match(window, plan->children[0], within, ret_bits, reterr);
        if (*ret_bits)
            memcpy(plan->own, *ret_bits, window->words * sizeof(*plan->own));
        *ret_bits = *ret_bits ? plan->own : NULL;
        break;
    case LEDE_PLAN_PLACES:
        st = match_places(window, plan, within, ret_bits, reterr);
        break;
    }
    plan->bits = *ret_bits;
    return st;
}
