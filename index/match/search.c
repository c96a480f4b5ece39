/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One search: plan, find in the parts, put in order, copy out. */
#include "search_work.h"

#include "kept.h"
#include "lede/buffer.h"
#include "lede/time.h"
#include "texts.h"

#include <stdlib.h>
#include <string.h>

struct run {
    struct lede_search_work work;
    const struct lede_search *search;
    struct lede_search_result result;
};

static void run_freep(struct run **pointer)
{
    struct run *run = *pointer;
    if (!run)
        return;
    lede_search_work_done(&run->work);
    lede_search_result_done(&run->result);
    free(run);
}

static enum lede_status copy_hit(
    struct run *run, const struct lede_search_order *order, size_t place, struct lede_error *reterr)
{
    const struct lede_candidate *one = &order->candidates[place];
    struct lede_arena *arena = &run->result.arena;
    struct lede_hit *hit = &run->result.hits[run->result.hit_count];
    double scale = run->work.matching.window.scale;
    hit->docid = lede_docid_of(run->work.found.part_count, one->part, one->document);
    hit->nearness = order->nearness[place] / scale;
    hit->score = one->score / scale + hit->nearness;
    hit->stored = "";
    if (order->texts)
        hit->collapse_key =
            lede_arena_copy(arena, order->texts[place], strlen(order->texts[place]));
    if (order->texts && !hit->collapse_key)
        return lede_fail_memory(reterr);
    enum lede_status st = LEDE_OK;
    if (!run->search->match_only)
        st = lede_text_read(run->work.matching.index, one->part, one->document, arena, hit, reterr);
    run->result.hit_count += st == LEDE_OK;
    return st;
}

/* Where no texts are read; each part is opened once. */
static enum lede_status read_ids(struct run *run, struct lede_error *reterr)
{
    size_t count = run->result.hit_count;
    struct lede_arena *arena = &run->work.matching.arena;
    struct lede_candidate *hits = lede_arena_calloc(arena, count + 1, sizeof(*hits));
    const char **ids = lede_arena_calloc(arena, count + 1, sizeof(*ids));
    if (!hits || !ids)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++) {
        uint32_t docid = run->result.hits[i].docid;
        hits[i].part = (uint32_t)lede_docid_part(run->work.found.part_count, docid);
        hits[i].document = lede_docid_document(run->work.found.part_count, docid);
    }
    enum lede_status st = lede_candidates_read_ids(
        run->work.matching.index, hits, count, &run->result.arena, ids, reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++)
        run->result.hits[i].id = ids[i];
    return st;
}

static enum lede_status copy_page(struct run *run, struct lede_error *reterr)
{
    struct lede_search_order order = {0};
    enum lede_status st = lede_search_work_order(&run->work, &order, reterr);
    if (st != LEDE_OK)
        return st;
    run->result.hits =
        lede_arena_calloc(&run->result.arena, order.count + 1, sizeof(*run->result.hits));
    if (!run->result.hits)
        return lede_fail_memory(reterr);
    size_t end = (size_t)run->search->offset + run->search->limit;
    uint64_t begun_ns = lede_time_monotonic_ns();
    for (size_t i = run->search->offset; st == LEDE_OK && i < order.count && i < end; i++)
        st = copy_hit(run, &order, order.places[i], reterr);
    if (st == LEDE_OK && run->search->match_only)
        st = read_ids(run, reterr);
    run->result.texts_ns = lede_time_monotonic_ns() - begun_ns;
    return st;
}

static enum lede_status finish(struct run *run, struct lede_error *reterr)
{
    const struct lede_search *search = run->search;
    struct lede_index *index = run->work.matching.index;
    enum lede_status st = run->work.finding.wanted > 0 ? copy_page(run, reterr) : LEDE_OK;
    if (st == LEDE_OK)
        st = lede_search_work_fill_matched(&run->work, reterr);
    if (st == LEDE_OK && lede_search_is_collapsed(search) && !search->match_only)
        st = lede_collapse_count_copies(
            index, search, run->work.found.matched, &run->result, reterr);
    if (st == LEDE_OK && run->work.found.counts)
        st = lede_facet_counts_write(run->work.found.counts, &run->result, reterr);
    uint32_t in_buckets = 0;
    for (size_t i = 0; i < run->result.bucket_count; i++)
        in_buckets += run->result.buckets[i].count;
    run->result.undated =
        run->work.found.total > in_buckets ? run->work.found.total - in_buckets : 0;
    size_t cuts = run->work.matching.planner.cut_count;
    if (st != LEDE_OK || cuts == 0)
        return st;
    run->result.cuts = lede_arena_calloc(&run->result.arena, cuts, sizeof(*run->result.cuts));
    if (!run->result.cuts)
        return lede_fail_memory(reterr);
    memcpy(run->result.cuts, run->work.matching.planner.cuts, cuts * sizeof(*run->result.cuts));
    run->result.cut_count = cuts;
    return LEDE_OK;
}

enum lede_status lede_index_search(struct lede_index *index, const struct lede_search *search,
    struct lede_search_result *ret_result, struct lede_error *reterr)
{
    LEDE_CLEANUP(run_freep) struct run *run = calloc(1, sizeof(*run));
    if (!run)
        return lede_fail_memory(reterr);
    run->search = search;
    struct lede_reading before = *lede_kept_reading();
    enum lede_status st = lede_search_work_begin(&run->work, index, search, reterr);
    if (st == LEDE_OK)
        st = lede_find(&run->work.finding, &run->work.found, reterr);
    run->work.matching.deadline.passed =
        run->work.matching.deadline.passed || run->work.found.timed_out;
    if (st == LEDE_OK)
        st = finish(run, reterr);
    if (st != LEDE_OK)
        return st;
    const struct lede_reading *after = lede_kept_reading();
    run->result.reading = (struct lede_reading){.found = after->found - before.found,
        .read = after->read - before.read,
        .read_bytes = after->read_bytes - before.read_bytes};
    run->result.total = run->work.found.total;
    run->result.timed_out = run->work.matching.deadline.passed;
    run->result.total_is_exact = !run->result.timed_out;
    *ret_result = run->result;
    run->result = (struct lede_search_result){0};
    return LEDE_OK;
}

void lede_search_result_done(struct lede_search_result *result)
{
    if (!result)
        return;
    lede_arena_done(&result->arena);
    *result = (struct lede_search_result){0};
}
