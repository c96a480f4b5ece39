/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scores: what each leaf gives to its documents. A group gives only to what satisfied it. */
#include "window.h"

#include <math.h>

#define SUM_BITS 31
#define BLOCK 64 /* documents weighed at once */

static double most_of(const struct lede_plan *plan)
{
    double sum = plan->is_scored && plan->child_count == 0 ? plan->weight : 0;
    for (size_t i = 0; i < plan->child_count; i++)
        sum += most_of(plan->children[i]);
    return sum;
}

double lede_window_scale(const struct lede_plan *plan, double more)
{
    double most = most_of(plan) + more;
    return most > 0 ? ldexp(1, SUM_BITS - 2 - ilogb(most)) : 1;
}

/* Add to documents what their frequencies give. Without contraction (meson.build) that is the same
 * on every processor. */
LEDE_FOR_EACH_PROCESSOR
static void add_block(const struct lede_bm25 *bm25, double points, const uint32_t *lengths,
    const uint16_t *numbers, const uint8_t *frequencies, uint32_t count, uint32_t *scores)
{
    uint32_t shares[BLOCK];
    for (uint32_t i = 0; i < count; i++) {
        double share = lede_bm25_share(bm25, frequencies[i], lengths[numbers[i]]);
        shares[i] = (uint32_t)(int32_t)(points * share + 0.5);
    }
    for (uint32_t i = 0; i < count; i++)
        scores[numbers[i]] += shares[i];
}

/* A posting whose frequency a byte does not hold was taken for LEDE_FREQUENCY_LARGE. */
static void mend_large(const struct lede_window *window, const struct lede_list *list,
    double points, const uint16_t *numbers, uint32_t posting, uint32_t count)
{
    const uint32_t *lengths = window->lengths->lengths + (window->number << LEDE_WINDOW_BITS);
    for (uint32_t i = 0; i < count; i++) {
        if (list->frequencies[posting + i] != LEDE_FREQUENCY_LARGE)
            continue;
        uint32_t frequency = lede_list_large_frequency(list, posting + i);
        uint32_t length = lengths[numbers[i]];
        double taken = points * lede_bm25_share(&window->bm25, LEDE_FREQUENCY_LARGE, length);
        double right = points * lede_bm25_share(&window->bm25, frequency, length);
        window->scores[numbers[i]] += (uint32_t)(right + 0.5) - (uint32_t)(taken + 0.5);
    }
}

static void add_postings(const struct lede_window *window, const struct lede_list *list,
    double points, const uint16_t *numbers, uint32_t posting, uint32_t count)
{
    const uint32_t *lengths = window->lengths->lengths + (window->number << LEDE_WINDOW_BITS);
    for (uint32_t i = 0; i < count; i += BLOCK) {
        uint32_t some = count - i < BLOCK ? count - i : BLOCK;
        add_block(&window->bm25, points, lengths, numbers + i, list->frequencies + posting + i,
            some, window->scores);
        if (list->large_count > 0)
            mend_large(window, list, points, numbers + i, posting + i, some);
    }
}

static uint32_t numbers_of(uint64_t bits, uint32_t word, uint16_t *numbers)
{
    uint32_t count = 0;
    for (; bits; bits &= bits - 1)
        numbers[count++] = (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(bits));
    return count;
}

static void add_dense(const struct lede_window *window, const struct lede_list *list,
    const struct lede_container *container, double points)
{
    uint16_t numbers[64];
    uint32_t posting = container->begin;
    const uint64_t *words = list->words + container->at;
    for (uint32_t w = 0; w < window->words; w++) {
        uint32_t count = numbers_of(words[w], w, numbers);
        add_postings(window, list, points, numbers, posting, count);
        posting += count;
    }
}

static void add_one(const struct lede_window *window, const struct lede_list *list, double points,
    uint32_t number, uint32_t posting)
{
    uint32_t length = window->lengths->lengths[(window->number << LEDE_WINDOW_BITS) + number];
    double share = lede_bm25_share(&window->bm25, lede_list_frequency(list, posting), length);
    window->scores[number] += (uint32_t)(points * share + 0.5);
}

/* Only to documents of the mask. */
static void add_dense_within(const struct lede_window *window, const struct lede_list *list,
    const struct lede_container *container, double points, const uint64_t *mask)
{
    const uint64_t *words = list->words + container->at;
    const uint16_t *ranks = list->ranks + container->at / LEDE_RANK_WORDS;
    for (uint32_t w = 0; w < window->words; w++) {
        uint64_t bits = words[w] & mask[w];
        if (!bits)
            continue;
        uint32_t before = container->begin + ranks[w / LEDE_RANK_WORDS];
        for (uint32_t i = w / LEDE_RANK_WORDS * LEDE_RANK_WORDS; i < w; i++)
            before += (uint32_t)__builtin_popcountll(words[i]);
        for (; bits; bits &= bits - 1) {
            uint64_t below = (bits & -bits) - 1;
            add_one(window, list, points, w * 64 + (uint32_t)__builtin_ctzll(bits),
                before + (uint32_t)__builtin_popcountll(words[w] & below));
        }
    }
}

static void add_sparse_within(const struct lede_window *window, const struct lede_list *list,
    const struct lede_container *container, double points, const uint64_t *mask)
{
    const uint16_t *numbers = list->numbers + container->at;
    for (uint32_t i = 0; i < container->count; i++) {
        if (mask[numbers[i] / 64] >> (numbers[i] % 64) & 1)
            add_one(window, list, points, numbers[i], container->begin + i);
    }
}

/* is_harmless  what is outside the mask may get anything */
static void score_list(const struct lede_window *window, const struct lede_plan *plan,
    const uint64_t *mask, uint32_t mask_count, bool is_harmless)
{
    const struct lede_list *list = plan->lists[window->part];
    const struct lede_container *container = &list->containers[window->number];
    double points = plan->weight * window->scale;
    if (container->count == 0 || !list->frequencies || plan->weight <= 0)
        return;
    if (is_harmless && container->count / 2 <= mask_count && container->is_dense)
        add_dense(window, list, container, points);
    else if (container->is_dense)
        add_dense_within(window, list, container, points, mask);
    else if (is_harmless && container->count / 2 <= mask_count)
        add_postings(window, list, points, list->numbers + container->at, container->begin,
            container->count);
    else
        add_sparse_within(window, list, container, points, mask);
}

static void score_pattern(
    const struct lede_window *window, const struct lede_plan *plan, const uint64_t *mask)
{
    uint32_t points = (uint32_t)(plan->weight * window->scale + 0.5);
    for (uint32_t w = 0; plan->bits && w < window->words; w++) {
        for (uint64_t bits = plan->bits[w] & mask[w]; bits; bits &= bits - 1)
            window->scores[w * 64 + (uint32_t)__builtin_ctzll(bits)] += points;
    }
}

static enum lede_status score(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *mask, bool is_harmless, struct lede_error *reterr);

static bool is_simple(const struct lede_plan *plan)
{
    return plan->child_count == 0 || plan->kind == LEDE_PLAN_OR;
}

/* Of a child that need not match: only to what satisfied it. */
static enum lede_status score_child(const struct lede_window *window, struct lede_plan *child,
    const uint64_t *mask, bool is_harmless, struct lede_error *reterr)
{
    uint64_t any = 0;
    if (!child->is_scored || !child->bits)
        return LEDE_OK;
    if (is_simple(child))
        return score(window, child, mask, is_harmless, reterr);
    for (uint32_t w = 0; w < window->words; w++) {
        child->own[w] &= mask[w]; /* groups find into their own bitmaps */
        any |= child->own[w];
    }
    return any ? score(window, child, child->own, false, reterr) : LEDE_OK;
}

static enum lede_status score(const struct lede_window *window, struct lede_plan *plan,
    const uint64_t *mask, bool is_harmless, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    const uint64_t *bits = NULL;
    if (!plan->is_scored)
        return LEDE_OK;
    switch (plan->kind) {
    case LEDE_PLAN_LIST:
        score_list(window, plan, mask, lede_count_bits(mask, window->words), is_harmless);
        break;
    case LEDE_PLAN_PATTERN:
        score_pattern(window, plan, mask);
        break;
    case LEDE_PLAN_AND:
    case LEDE_PLAN_PLACES:
        for (size_t i = 0; st == LEDE_OK && i < plan->child_count; i++)
            st = score(window, plan->children[i], mask, is_harmless, reterr);
        break;
    case LEDE_PLAN_OR:
        for (size_t i = 0; st == LEDE_OK && i < plan->child_count; i++)
            st = score_child(window, plan->children[i], mask, is_harmless, reterr);
        break;
    case LEDE_PLAN_MAYBE:
        st = score(window, plan->children[0], mask, is_harmless, reterr);
        if (st == LEDE_OK)
            st = lede_window_match(window, plan->children[1], mask, &bits, reterr);
        if (st == LEDE_OK)
            st = score_child(window, plan->children[1], mask, is_harmless, reterr);
        break;
    default:
        break;
    }
    return st;
}

/* Lengths are asked for where something is scored: in most of many small segments nothing is. */
enum lede_status lede_window_score(struct lede_window *window, struct lede_plan *plan,
    const uint64_t *matches, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (!window->lengths)
        st = lede_lengths_get(window->planner->index, window->part, &window->lengths, reterr);
    return st == LEDE_OK ? score(window, plan, matches, true, reterr) : st;
}
