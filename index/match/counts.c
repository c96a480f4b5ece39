/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One plan for several questions. Documents that may be shown are found once, as bits of each part;
 * nodes that are equal have one plan, and what places decided of all documents is kept with it
 * (window.c). So a question costs little more than joining bitmaps, but for phrases that no other
 * question had. */
#include "matching.h"

#include <stdlib.h>
#include <string.h>

struct lede_counts {
    struct lede_matching matching;
    struct lede_search search;
    /* By part, window after window: what may be shown. NULL: not found yet. */
    uint64_t **shown;
};

static const struct lede_query_node everything = {.kind = LEDE_QUERY_ALL, .weight = 1};

void lede_counts_free(struct lede_counts *counts)
{
    if (!counts)
        return;
    lede_matching_done(&counts->matching);
    free(counts);
}

void lede_counts_freep(struct lede_counts **counts)
{
    lede_counts_free(*counts);
    *counts = NULL;
}

enum lede_status lede_index_counts_new(struct lede_index *index, const struct lede_search *search,
    struct lede_counts **ret_counts, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_counts_freep) struct lede_counts *counts = calloc(1, sizeof(*counts));
    if (!counts)
        return lede_fail_memory(reterr);
    counts->search = (struct lede_search){.restriction = search->restriction,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = search->now_utc_s,
        .sort = LEDE_SORT_NEWEST,
        .deadline_monotonic_ns = search->deadline_monotonic_ns,
        .exclude_id = search->exclude_id,
        .with_hidden = search->with_hidden};
    enum lede_status st = lede_matching_init(&counts->matching, index, &counts->search, reterr);
    if (st != LEDE_OK)
        return st;
    counts->matching.planner.shares = true;
    *ret_counts = LEDE_TAKE(&counts);
    return LEDE_OK;
}

/* ---- What may be shown ---- */

static enum lede_status find_shown_in(
    struct lede_counts *counts, size_t part, struct lede_error *reterr)
{
    struct lede_matching *matching = &counts->matching;
    uint32_t windows = lede_matching_window_count(matching, part);
    uint32_t last_document = lede_index_part_at(matching->index, part).last_document;
    uint64_t *shown =
        lede_arena_calloc(&matching->arena, lede_bitmap_words(last_document), sizeof(*shown));
    if (!shown)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_matching_open_part(matching, part, reterr);
    for (uint32_t number = 0; st == LEDE_OK && number < windows; number++) {
        const uint64_t *bits = NULL;
        if (lede_deadline_has_passed_now(&matching->deadline))
            break;
        st = lede_matching_window(matching, number, &bits, reterr);
        if (bits)
            memcpy(shown + (size_t)number * LEDE_WINDOW_WORDS, bits,
                matching->window.words * sizeof(*bits));
    }
    lede_matching_close_part(matching);
    counts->shown[part] = shown;
    return st;
}

static enum lede_status find_shown(struct lede_counts *counts, struct lede_error *reterr)
{
    struct lede_matching *matching = &counts->matching;
    size_t parts = matching->planner.part_count;
    enum lede_status st = lede_matching_plan(matching, &everything, reterr);
    if (st == LEDE_OK)
        st = lede_matching_load(matching, reterr);
    if (st != LEDE_OK)
        return st;
    counts->shown = lede_arena_calloc(&matching->arena, parts + 1, sizeof(*counts->shown));
    if (!counts->shown)
        return lede_fail_memory(reterr);
    for (size_t part = 0; st == LEDE_OK && part < parts; part++)
        st = find_shown_in(counts, part, reterr);
    return st;
}

/* ---- Counting ---- */

static bool has_cuts(const struct lede_plan *plan)
{
    bool is_cut = plan->pattern.left_out > 0 || plan->pattern.scan_ended;
    for (size_t i = 0; !is_cut && i < plan->child_count; i++)
        is_cut = has_cuts(plan->children[i]);
    return is_cut;
}

static enum lede_status count_window(struct lede_window *window, struct lede_plan *plan,
    uint32_t *documents, struct lede_error *reterr)
{
    const uint64_t *bits = NULL;
    window->words = lede_window_words(window->last_document, window->number);
    enum lede_status st = lede_window_match(window, plan, window->all, &bits, reterr);
    for (uint32_t w = 0; st == LEDE_OK && bits && w < window->words; w++)
        *documents += (uint32_t)__builtin_popcountll(window->all[w] & bits[w]);
    return st;
}

/* Since the question was asked. */
struct progress {
    uint64_t places_asked; /* before it */
    struct lede_counted counted;
};

static bool is_enough(const struct lede_counts *counts, const struct progress *progress)
{
    return progress->counted.documents >= LEDE_COUNTED_ENOUGH &&
           counts->matching.planner.places_asked > progress->places_asked;
}

static enum lede_status count_part(struct lede_counts *counts, struct lede_plan *plan, size_t part,
    struct progress *progress, struct lede_error *reterr)
{
    struct lede_matching *matching = &counts->matching;
    struct lede_window *window = &matching->window;
    uint32_t windows = lede_matching_window_count(matching, part);
    enum lede_status st = LEDE_OK;
    lede_window_open_part(window, part);
    for (uint32_t number = 0; st == LEDE_OK && number < windows; number++) {
        progress->counted.is_enough = is_enough(counts, progress);
        if (progress->counted.is_enough || lede_deadline_has_passed_now(&matching->deadline))
            break;
        window->number = number;
        window->all = counts->shown[part] + (size_t)number * LEDE_WINDOW_WORDS;
        st = count_window(window, plan, &progress->counted.documents, reterr);
    }
    window->all = NULL;
    lede_window_close_part(window);
    return st;
}

static enum lede_status count(struct lede_counts *counts, struct lede_plan *plan,
    struct lede_counted *ret_counted, struct lede_error *reterr)
{
    struct lede_matching *matching = &counts->matching;
    struct progress progress = {.places_asked = matching->planner.places_asked};
    size_t parts = matching->planner.part_count;
    for (size_t part = 0; part < parts && !progress.counted.is_enough; part++) {
        if (lede_deadline_has_passed_now(&matching->deadline))
            break;
        enum lede_status st = count_part(counts, plan, part, &progress, reterr);
        if (st != LEDE_OK)
            return st;
    }
    if (progress.counted.is_enough)
        progress.counted.documents = LEDE_COUNTED_ENOUGH;
    progress.counted.is_exact = !matching->deadline.passed;
    progress.counted.has_cuts = has_cuts(plan) || has_cuts(matching->plan);
    *ret_counted = progress.counted;
    return LEDE_OK;
}

enum lede_status lede_counts_ask(struct lede_counts *counts, const struct lede_search *search,
    struct lede_counted *ret_counted, struct lede_error *reterr)
{
    struct lede_planner *planner = &counts->matching.planner;
    struct lede_plan *plan = NULL;
    struct lede_search narrow = {.filters = search->filters,
        .filter_count = search->filter_count,
        .after_utc_s = search->after_utc_s,
        .before_utc_s = search->before_utc_s,
        .sort = LEDE_SORT_NEWEST};
    enum lede_status st = counts->shown ? LEDE_OK : find_shown(counts, reterr);
    if (st == LEDE_OK)
        st = lede_plan_search(planner, &narrow, lede_query_root(search->query), &plan, reterr);
    if (st == LEDE_OK)
        st = lede_planner_load(planner, reterr);
    return st == LEDE_OK ? count(counts, plan, ret_counted, reterr) : st;
}

uint64_t lede_counts_places_asked(const struct lede_counts *counts)
{
    return counts->matching.planner.places_asked;
}
