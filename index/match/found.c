/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Part by part, window by window: what matches is counted, scored, and put to the best so far. */
#include "found.h"

#include "page.h"

#include <stdlib.h>
#include <string.h>

struct run {
    const struct lede_finding *finding;
    struct lede_matching matching;
    struct lede_recency recency;
    struct lede_page page;              /* what hits may be */
    struct lede_number_column *moments; /* of the part, held; where the order asks for them */
    struct lede_matched matched;        /* of the part, where matches are counted by value */
    struct lede_found *found;
};

static void run_freep(struct run **pointer)
{
    struct run *run = *pointer;
    if (!run)
        return;
    free(run->matched.bits);
    lede_kept_let_go(run->moments ? &run->moments->item : NULL);
    lede_page_done(&run->page);
    lede_recency_close_part(&run->recency);
    lede_matching_done(&run->matching);
    free(run);
}

static void note_matches(struct run *run, const uint64_t *bits, uint32_t count)
{
    const struct lede_window *window = &run->matching.window;
    size_t words = (size_t)window->last_document / 64 + 1;
    size_t begin = (size_t)window->number * LEDE_WINDOW_WORDS;
    size_t rest = words - begin < window->words ? words - begin : window->words;
    memcpy(run->matched.bits + begin, bits, rest * sizeof(*bits));
    run->matched.count += count;
}

/* The next word from `w` on that has a bit whose score may be `least`; `words` if there is none. */
LEDE_FOR_EACH_PROCESSOR
static uint32_t find_score(
    const uint64_t *bits, const uint32_t *scores, uint32_t w, uint32_t words, uint32_t least)
{
    for (; w < words; w++) {
        const uint32_t *some = scores + (size_t)w * 64;
        uint32_t most = 0;
        if (!bits[w])
            continue;
        for (size_t i = 0; i < 64; i++)
            most = some[i] > most ? some[i] : most;
        if (most >= least)
            break;
    }
    return w;
}

/* Add to the top what may be in it. */
static enum lede_status add_candidates(
    struct run *run, const uint64_t *bits, struct lede_error *reterr)
{
    const struct lede_window *window = &run->matching.window;
    uint32_t first = window->number << LEDE_WINDOW_BITS;
    for (uint32_t w = 0; w < window->words; w++) {
        const uint32_t *scores = NULL;
        if (run->finding->is_scored) {
            w = find_score(bits, window->scores, w, window->words,
                run->found->top.is_full ? run->found->top.last.score : 0);
            if (w == window->words)
                break;
            scores = window->scores + (size_t)w * 64;
        }
        for (uint64_t rest = bits[w]; rest; rest &= rest - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(rest);
            if (scores && run->found->top.is_full && scores[bit] < run->found->top.last.score)
                continue;
            struct lede_candidate one = {.part = (uint32_t)window->part,
                .document = first + w * 64 + bit,
                .score = scores ? scores[bit] : 0};
            one.moment = run->moments ? run->moments->numbers[one.document] : 0;
            enum lede_status st = lede_top_add(&run->found->top, &one, reterr);
            if (st != LEDE_OK)
                return st;
        }
    }
    return LEDE_OK;
}

static enum lede_status score_window(
    struct run *run, const uint64_t *bits, struct lede_error *reterr)
{
    struct lede_window *window = &run->matching.window;
    if (!run->finding->is_scored)
        return LEDE_OK;
    memset(window->scores, 0, (size_t)window->words * 64 * sizeof(*window->scores));
    enum lede_status st = lede_window_score(window, run->matching.plan, bits, reterr);
    if (st == LEDE_OK)
        lede_recency_add(&run->recency, window, bits);
    return st;
}

static enum lede_status match_window(struct run *run, uint32_t number, struct lede_error *reterr)
{
    const uint64_t *bits = NULL;
    struct lede_window *window = &run->matching.window;
    enum lede_status st = lede_matching_window(&run->matching, number, &bits, reterr);
    if (st != LEDE_OK || !bits)
        return st;
    uint32_t count = lede_count_bits(bits, window->words);
    run->found->total += count;
    if (run->matched.bits)
        note_matches(run, bits, count);
    if (run->finding->wanted == 0)
        return LEDE_OK;
    st = lede_page_narrow(&run->page, window, bits, run->moments, &bits, reterr);
    if (st == LEDE_OK && bits)
        st = score_window(run, bits, reterr);
    if (st != LEDE_OK || !bits)
        return st;
    return run->found->collapse ? lede_collapse_add(run->found->collapse, window->part,
                                      window->number << LEDE_WINDOW_BITS, bits, window->words,
                                      run->finding->is_scored ? window->scores : NULL, reterr)
                                : add_candidates(run, bits, reterr);
}

static enum lede_status open_part(struct run *run, size_t part, struct lede_error *reterr)
{
    struct lede_index *index = run->matching.index;
    const struct lede_finding *finding = run->finding;
    enum lede_status st = lede_matching_open_part(&run->matching, part, reterr);
    bool needs_moments =
        finding->wanted > 0 && ((finding->by_moment && !finding->is_collapsed) || run->page.after);
    if (st == LEDE_OK && needs_moments)
        st = lede_number_column_get(index, part, LEDE_SLOT_PUBLISHED, &run->moments, reterr);
    if (st == LEDE_OK)
        st = lede_recency_open_part(&run->recency, index, part, reterr);
    if (st == LEDE_OK)
        st = lede_page_open_part(&run->page, index, part, reterr);
    if (st != LEDE_OK || (!finding->counts_values && !finding->keeps_matches))
        return st;
    uint32_t last_document = lede_index_part_at(index, part).last_document;
    run->matched =
        (struct lede_matched){.bits = calloc((size_t)last_document / 64 + 1, sizeof(uint64_t)),
            .last_document = last_document};
    return run->matched.bits ? LEDE_OK : lede_fail_memory(reterr);
}

/* All windows were matched, as far as time allowed. */
static enum lede_status end_part(struct run *run, size_t part, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (run->found->counts)
        st = lede_facet_counts_add(run->found->counts, part, &run->matched, reterr);
    if (st == LEDE_OK && run->found->matched)
        run->found->matched[part] = (struct lede_matched){
            LEDE_TAKE(&run->matched.bits), run->matched.last_document, run->matched.count};
    return st;
}

static void close_part(struct run *run)
{
    lede_matching_close_part(&run->matching);
    lede_recency_close_part(&run->recency);
    lede_kept_let_go(run->moments ? &run->moments->item : NULL);
    run->moments = NULL;
    free(run->matched.bits);
    run->matched = (struct lede_matched){0};
}

static enum lede_status begin(struct run *run, struct lede_error *reterr)
{
    const struct lede_finding *finding = run->finding;
    struct lede_index *index = finding->matching->index;
    struct lede_found *found = run->found;
    enum lede_status st = lede_matching_copy(finding->matching, &run->matching, reterr);
    lede_page_init(&run->page, finding->search);
    found->part_count = lede_index_part_count(index);
    found->top.sort = finding->search->sort;
    found->top.by_moment = finding->by_moment;
    found->top.wanted = finding->wanted;
    if (finding->is_scored)
        lede_recency_init(&run->recency, finding->search);
    if (st == LEDE_OK && finding->is_collapsed && finding->wanted > 0)
        st = lede_collapse_new(index, finding->search, finding->wanted, &found->collapse, reterr);
    if (st == LEDE_OK && finding->counts_values)
        st = lede_facet_counts_new(index, finding->search, &found->counts, reterr);
    if (st == LEDE_OK && finding->keeps_matches) {
        found->matched = calloc(found->part_count + 1, sizeof(*found->matched));
        st = found->matched ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (st == LEDE_OK && finding->is_scored) {
        struct lede_window *window = &run->matching.window;
        window->scores =
            lede_arena_alloc(&run->matching.arena, LEDE_WINDOW_DOCUMENTS * sizeof(*window->scores));
        st = window->scores ? LEDE_OK : lede_fail_memory(reterr);
    }
    return st;
}

enum lede_status lede_find_in_parts(const struct lede_finding *finding, const size_t *parts,
    size_t part_count, struct lede_found *ret_found, struct lede_error *reterr)
{
    LEDE_CLEANUP(run_freep) struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return lede_fail_memory(reterr);
    run->finding = finding;
    run->found = ret_found;
    struct lede_deadline *deadline = &run->matching.deadline;
    enum lede_status st = begin(run, reterr);
    for (size_t i = 0; st == LEDE_OK && i < part_count; i++) {
        if (lede_deadline_has_passed_now(deadline))
            break;
        st = open_part(run, parts[i], reterr);
        uint32_t windows = lede_matching_window_count(&run->matching, parts[i]);
        for (uint32_t number = 0; st == LEDE_OK && number < windows; number++) {
            if (!lede_deadline_has_passed_now(deadline))
                st = match_window(run, number, reterr);
        }
        if (st == LEDE_OK)
            st = end_part(run, parts[i], reterr);
        close_part(run);
    }
    ret_found->timed_out = deadline->passed;
    return st;
}

enum lede_status lede_found_join(
    struct lede_found *found, struct lede_found *more, struct lede_error *reterr)
{
    found->total += more->total;
    found->timed_out = found->timed_out || more->timed_out;
    if (found->collapse && lede_collapse_join(found->collapse, more->collapse) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (found->counts && lede_facet_counts_join(found->counts, more->counts) != LEDE_OK)
        return lede_fail_memory(reterr);
    for (size_t part = 0; found->matched && part < found->part_count; part++) {
        if (!more->matched[part].bits)
            continue;
        found->matched[part] = more->matched[part];
        more->matched[part] = (struct lede_matched){0};
    }
    return lede_top_join(&found->top, &more->top, reterr);
}

void lede_found_done(struct lede_found *found)
{
    for (size_t part = 0; found->matched && part < found->part_count; part++)
        free(found->matched[part].bits);
    free(found->matched);
    lede_facet_counts_free(found->counts);
    lede_collapse_free(found->collapse);
    lede_top_done(&found->top);
    *found = (struct lede_found){0};
}
