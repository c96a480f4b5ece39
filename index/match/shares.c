/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shares' values merged: all hits in one order, of several with one key the best, the best hundred
 * anew by nearness, and of these the page. */
#include "lede/shares.h"

#include "lede/number.h"
#include "lede/table.h"
#include "search_work.h"
#include "top.h"

#include <stdlib.h>
#include <string.h>

#define ID_MAX 1024
#define KEY_MAX UINT16_MAX

struct item {
    struct lede_candidate candidate; /* part: the share; document: the item's number */
    uint32_t nearness;
    const char *id;
    const char *key; /* NULL: not collapsed */
};

struct lede_shares {
    const struct lede_search *search;
    struct lede_facet_counts *counts; /* NULL: nothing is counted */
    struct item *items;
    size_t count, capacity;
    uint64_t total;
    double scale; /* of scores; 0: no hit has come yet */
    bool has_nearness;
    bool timed_out;
    struct lede_arena arena;
};

enum lede_status lede_shares_new(
    const struct lede_search *search, struct lede_shares **ret_shares, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_shares_freep) struct lede_shares *shares = calloc(1, sizeof(*shares));
    if (!shares)
        return lede_fail_memory(reterr);
    shares->search = search;
    bool counts = search->facets != 0 || search->histogram != LEDE_HISTOGRAM_NONE;
    enum lede_status st =
        counts ? lede_facet_counts_new(NULL, search, &shares->counts, reterr) : LEDE_OK;
    if (st == LEDE_OK)
        *ret_shares = LEDE_TAKE(&shares);
    return st;
}

void lede_shares_free(struct lede_shares *shares)
{
    if (!shares)
        return;
    lede_facet_counts_free(shares->counts);
    free(shares->items);
    lede_arena_done(&shares->arena);
    free(shares);
}

void lede_shares_freep(struct lede_shares **shares)
{
    lede_shares_free(*shares);
    *shares = NULL;
}

/* ---- In ---- */

static void take_hit(struct lede_shares *shares, struct lede_wire_reader *reader, bool is_collapsed,
    struct item *ret_item)
{
    ret_item->candidate.score = (uint32_t)lede_wire_number(reader, UINT32_MAX);
    ret_item->nearness = (uint32_t)lede_wire_number(reader, UINT32_MAX);
    ret_item->candidate.moment = lede_wire_signed(reader);
    ret_item->id = lede_wire_text(reader, ID_MAX, &shares->arena, NULL);
    if (is_collapsed)
        ret_item->key = lede_wire_text(reader, KEY_MAX, &shares->arena, NULL);
    if (!ret_item->id || (is_collapsed && !ret_item->key))
        lede_wire_refuse(reader);
}

static enum lede_status take_hits(struct lede_shares *shares, uint32_t share,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    size_t before = shares->count;
    bool is_collapsed = lede_wire_bool(reader);
    bool wants = lede_search_is_collapsed(shares->search) && shares->search->limit > 0;
    if (is_collapsed != wants)
        lede_wire_refuse(reader);
    double scale = lede_wire_double(reader);
    size_t count = lede_wire_count(reader, LEDE_SHARE_HITS_MAX, 5);
    if (!(scale > 0) || (count > 0 && shares->search->limit == 0))
        lede_wire_refuse(reader);
    if (!LEDE_ARRAY_RESERVE(shares->items, shares->capacity, shares->count + count + 1))
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct item item = {.candidate = {.part = share, .document = (uint32_t)shares->count}};
        take_hit(shares, reader, is_collapsed, &item);
        shares->items[shares->count++] = item;
    }
    /* Shares that weigh words differently have not searched for the same. */
    if (count > 0 && before > 0 && scale != shares->scale)
        lede_wire_refuse(reader);
    if (count > 0 && !reader->failed)
        shares->scale = scale;
    return LEDE_OK;
}

/* Counted apart first: of a value that is none, nothing stays. */
static enum lede_status take_counts(struct lede_shares *shares, struct lede_wire_reader *reader,
    struct lede_facet_counts **ret_counts, struct lede_error *reterr)
{
    bool has_counts = lede_wire_bool(reader);
    if (has_counts != (shares->counts != NULL))
        lede_wire_refuse(reader);
    if (!has_counts || reader->failed)
        return LEDE_OK;
    enum lede_status st = lede_facet_counts_new(NULL, shares->search, ret_counts, reterr);
    if (st == LEDE_OK && lede_facet_counts_decode(*ret_counts, reader, &shares->arena) != LEDE_OK)
        st = lede_fail_memory(reterr);
    return st;
}

enum lede_status lede_shares_add(struct lede_shares *shares, uint32_t share,
    struct lede_wire_reader *reader, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_facet_counts_freep) struct lede_facet_counts *counts = NULL;
    size_t before = shares->count;
    uint64_t total = lede_wire_number(reader, UINT32_MAX);
    bool has_nearness = lede_wire_bool(reader);
    enum lede_status st = take_hits(shares, share, reader, reterr);
    if (st == LEDE_OK)
        st = take_counts(shares, reader, &counts, reterr);
    bool timed_out = lede_wire_bool(reader);
    if (st == LEDE_OK)
        st = lede_wire_end(reader, "what a share found", reterr);
    if (st == LEDE_OK && counts && lede_facet_counts_join(shares->counts, counts) != LEDE_OK)
        st = lede_fail_memory(reterr);
    if (st != LEDE_OK) {
        shares->count = before;
        return st;
    }
    shares->total += total;
    shares->has_nearness = shares->has_nearness || has_nearness;
    shares->timed_out = shares->timed_out || timed_out;
    return LEDE_OK;
}

/* ---- Together ---- */

static int compare_items(const void *left, const void *right, void *context)
{
    const struct item *a = left, *b = right;
    const struct lede_top *top = context;
    if (lede_top_is_before(top, &a->candidate, &b->candidate))
        return -1;
    if (lede_top_is_before(top, &b->candidate, &a->candidate))
        return 1;
    int order = strcmp(a->id, b->id);
    return top->sort == LEDE_SORT_NEWEST ? -order : order;
}

/* Of several with one key the first stays. Status: OK; ENOMEM. */
static enum lede_status drop_copies(struct lede_shares *shares)
{
    LEDE_CLEANUP(lede_table_done) struct lede_table table = {0};
    size_t kept = 0;
    if (lede_table_reserve(&table, shares->count + 1) != LEDE_OK)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < shares->count; i++) {
        const struct item *item = &shares->items[i];
        size_t size = item->key ? strlen(item->key) : 0;
        uint64_t hash = lede_hash64(item->key ? item->key : "", size);
        struct lede_probe probe = lede_table_probe(hash);
        bool is_known = false;
        while (size > 0 && !is_known && lede_table_next(&table, &probe))
            is_known = strcmp(shares->items[probe.number].key, item->key) == 0;
        if (is_known)
            continue;
        if (size > 0)
            lede_table_add(&table, hash, (uint32_t)kept);
        shares->items[kept++] = *item;
    }
    shares->count = kept;
    return LEDE_OK;
}

static enum lede_status order_items(
    struct lede_shares *shares, struct lede_search_order *order, struct lede_error *reterr)
{
    const struct lede_top top = {.sort = shares->search->sort};
    if (shares->count > 0)
        qsort_r(shares->items, shares->count, sizeof(*shares->items), compare_items,
            (void *)(uintptr_t)&top);
    if (lede_search_is_collapsed(shares->search) && drop_copies(shares) != LEDE_OK)
        return lede_fail_memory(reterr);
    struct lede_candidate *candidates =
        lede_arena_calloc(&shares->arena, shares->count + 1, sizeof(*candidates));
    order->nearness =
        lede_arena_calloc(&shares->arena, shares->count + 1, sizeof(*order->nearness));
    order->places = lede_arena_calloc(&shares->arena, shares->count + 1, sizeof(*order->places));
    if (!candidates || !order->nearness || !order->places)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < shares->count; i++) {
        candidates[i] = shares->items[i].candidate;
        order->places[i] = i;
        order->nearness[i] = i < LEDE_RERANK_MAX ? shares->items[i].nearness : 0;
    }
    order->candidates = candidates;
    order->count = shares->count;
    if (shares->has_nearness)
        lede_search_order_anew(order);
    return LEDE_OK;
}

static enum lede_status copy_page(
    struct lede_shares *shares, struct lede_search_result *result, struct lede_error *reterr)
{
    struct lede_search_order order = {0};
    const struct lede_search *search = shares->search;
    size_t end = (size_t)search->offset + search->limit;
    enum lede_status st = order_items(shares, &order, reterr);
    if (st != LEDE_OK)
        return st;
    result->hits = lede_arena_calloc(&result->arena, order.count + 1, sizeof(*result->hits));
    if (!result->hits)
        return lede_fail_memory(reterr);
    for (size_t i = search->offset; i < order.count && i < end; i++) {
        const struct item *item = &shares->items[order.places[i]];
        struct lede_hit *hit = &result->hits[result->hit_count++];
        hit->docid = item->candidate.part;
        hit->nearness = order.nearness[order.places[i]] / shares->scale;
        hit->score = item->candidate.score / shares->scale + hit->nearness;
        hit->stored = "";
        hit->id = lede_arena_copy(&result->arena, item->id, strlen(item->id));
        if (item->key)
            hit->collapse_key = lede_arena_copy(&result->arena, item->key, strlen(item->key));
        hit->collapse_count = item->key ? 1 : 0;
        if (!hit->id || (item->key && !hit->collapse_key))
            return lede_fail_memory(reterr);
    }
    return LEDE_OK;
}

enum lede_status lede_shares_finish(
    struct lede_shares *shares, struct lede_search_result *ret_result, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result result = {0};
    if (shares->total > UINT32_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "more than %u documents match", UINT32_MAX);
    enum lede_status st = copy_page(shares, &result, reterr);
    if (st == LEDE_OK && shares->counts)
        st = lede_facet_counts_write(shares->counts, &result, reterr);
    if (st != LEDE_OK)
        return st;
    uint32_t in_buckets = 0;
    for (size_t i = 0; i < result.bucket_count; i++)
        in_buckets += result.buckets[i].count;
    result.total = (uint32_t)shares->total;
    result.undated = result.total > in_buckets ? result.total - in_buckets : 0;
    result.timed_out = shares->timed_out;
    result.total_is_exact = !result.timed_out;
    *ret_result = result;
    result = (struct lede_search_result){0};
    return LEDE_OK;
}
