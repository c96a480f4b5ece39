/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moments and ids are read only where they decide. */
#include "top.h"

#include "lede/buffer.h"

#include <stdlib.h>
#include <string.h>

#define CUT_AT_LEAST 256

bool lede_top_is_before(
    const struct lede_top *top, const struct lede_candidate *a, const struct lede_candidate *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    if (top->sort != LEDE_SORT_OLDEST)
        return a->moment > b->moment;
    return lede_oldest_key(a->moment) < lede_oldest_key(b->moment);
}

static void swap(struct lede_candidate *a, struct lede_candidate *b)
{
    struct lede_candidate kept = *a;
    *a = *b;
    *b = kept;
}

/* Move the first `wanted` before all others (Hoare's selection); the last of them stands at
 * wanted - 1. */
static void select_wanted(struct lede_top *top)
{
    size_t low = 0, high = top->count - 1, target = top->wanted - 1;
    while (low < high) {
        struct lede_candidate pivot = top->items[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (lede_top_is_before(top, &top->items[i], &pivot))
                i++;
            while (lede_top_is_before(top, &pivot, &top->items[j]))
                j--;
            if (i >= j)
                break;
            swap(&top->items[i++], &top->items[j--]);
        }
        if (target <= j)
            high = j;
        else
            low = j + 1;
    }
}

/* What equals the last one wanted stays. */
static void cut(struct lede_top *top)
{
    if (top->wanted == 0 || top->count <= top->wanted) {
        top->count = top->wanted == 0 ? 0 : top->count;
        return;
    }
    select_wanted(top);
    top->last = top->items[top->wanted - 1];
    top->is_full = true;
    size_t kept = top->wanted;
    for (size_t i = top->wanted; i < top->count; i++) {
        if (!lede_top_is_before(top, &top->last, &top->items[i]))
            top->items[kept++] = top->items[i];
    }
    top->count = kept;
}

enum lede_status lede_top_add(
    struct lede_top *top, const struct lede_candidate *candidate, struct lede_error *reterr)
{
    if (top->is_full && lede_top_is_before(top, &top->last, candidate))
        return LEDE_OK;
    if (!LEDE_ARRAY_RESERVE(top->items, top->capacity, top->count + 1))
        return lede_fail_memory(reterr);
    top->items[top->count++] = *candidate;
    if (top->cut_at == 0)
        top->cut_at = top->wanted * 2 > CUT_AT_LEAST ? top->wanted * 2 : CUT_AT_LEAST;
    if (top->count < top->cut_at)
        return LEDE_OK;
    cut(top);
    if (top->count * 2 > top->cut_at)
        top->cut_at = top->count * 2;
    return LEDE_OK;
}

enum lede_status lede_top_join(
    struct lede_top *top, const struct lede_top *more, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < more->count; i++)
        st = lede_top_add(top, &more->items[i], reterr);
    return st;
}

/* ---- Ties ---- */

struct ordered {
    struct lede_candidate candidate;
    const char *id; /* NULL: nothing equals it */
};

static int compare(const void *left, const void *right, void *context)
{
    const struct lede_top *top = context;
    const struct ordered *a = left, *b = right;
    if (lede_top_is_before(top, &a->candidate, &b->candidate))
        return -1;
    if (lede_top_is_before(top, &b->candidate, &a->candidate))
        return 1;
    int order = a->id && b->id ? strcmp(a->id, b->id) : 0;
    return top->sort == LEDE_SORT_NEWEST ? -order : order;
}

static void sort(struct lede_top *top, struct ordered *order)
{
    qsort_r(order, top->count, sizeof(*order), compare, top);
}

/* Collect what equals its neighbour, and begins before `wanted` ends. Returns how many. */
static size_t find_tied(struct lede_top *top, const struct ordered *order,
    struct lede_candidate *ret_tied, size_t *ret_places)
{
    size_t count = 0;
    for (size_t begin = 0, end; begin < top->count && begin < top->wanted; begin = end) {
        end = begin + 1;
        while (end < top->count &&
               !lede_top_is_before(top, &order[begin].candidate, &order[end].candidate))
            end++;
        for (size_t i = begin; end - begin > 1 && i < end; i++) {
            ret_tied[count] = order[i].candidate;
            ret_places[count++] = i;
        }
    }
    return count;
}

static enum lede_status tell_apart(struct lede_top *top, struct lede_index *index,
    struct ordered *order, struct lede_arena *arena, struct lede_error *reterr)
{
    struct lede_candidate *tied = lede_arena_calloc(arena, top->count + 1, sizeof(*tied));
    size_t *places = lede_arena_calloc(arena, top->count + 1, sizeof(*places));
    const char **ids = lede_arena_calloc(arena, top->count + 1, sizeof(*ids));
    if (!tied || !places || !ids)
        return lede_fail_memory(reterr);
    size_t count = top->by_moment ? 0 : find_tied(top, order, tied, places);
    if (count > 0) {
        enum lede_status st = lede_candidates_read_moments(index, tied, count, reterr);
        if (st != LEDE_OK)
            return st;
        for (size_t i = 0; i < count; i++)
            order[places[i]].candidate.moment = tied[i].moment;
        sort(top, order);
    }
    count = find_tied(top, order, tied, places);
    if (count == 0)
        return LEDE_OK;
    enum lede_status st = lede_candidates_read_ids(index, tied, count, arena, ids, reterr);
    if (st != LEDE_OK)
        return st;
    for (size_t i = 0; i < count; i++)
        order[places[i]].id = ids[i];
    sort(top, order);
    return LEDE_OK;
}

/* Where more have the last score than are wanted, moments leave few of them: all would have to be
 * sorted. */
static enum lede_status cut_ties(
    struct lede_top *top, struct lede_index *index, struct lede_error *reterr)
{
    cut(top);
    if (top->by_moment || top->count <= top->wanted)
        return LEDE_OK;
    size_t begin = 0;
    for (size_t i = 0; i < top->count; i++) {
        if (top->items[i].score != top->last.score)
            swap(&top->items[i], &top->items[begin++]);
    }
    enum lede_status st =
        lede_candidates_read_moments(index, top->items + begin, top->count - begin, reterr);
    if (st == LEDE_OK)
        cut(top);
    return st;
}

enum lede_status lede_top_finish(
    struct lede_top *top, struct lede_index *index, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    enum lede_status st = cut_ties(top, index, reterr);
    if (st != LEDE_OK)
        return st;
    struct ordered *order = lede_arena_calloc(&arena, top->count + 1, sizeof(*order));
    if (!order)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < top->count; i++)
        order[i].candidate = top->items[i];
    sort(top, order);
    st = tell_apart(top, index, order, &arena, reterr);
    if (top->count > top->wanted)
        top->count = top->wanted;
    for (size_t i = 0; i < top->count; i++)
        top->items[i] = order[i].candidate;
    return st;
}

void lede_top_done(struct lede_top *top)
{
    free(top->items);
    top->items = NULL;
    top->count = top->capacity = 0;
}
