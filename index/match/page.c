/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "page.h"

#include "lede/buffer.h"
#include "matching.h"

#include <stdlib.h>
#include <string.h>

void lede_page_init(struct lede_page *page, const struct lede_search *search)
{
    page->search = search;
    page->after = search->sort == LEDE_SORT_RELEVANCE ? NULL : search->after_hit;
}

enum lede_status lede_page_open_part(
    struct lede_page *page, struct lede_index *index, size_t part, struct lede_error *reterr)
{
    struct lede_postings documents = {0};
    enum lede_status st = LEDE_OK;
    uint32_t last_document = lede_index_part_at(index, part).last_document;
    if (!page->search->only_ids)
        return LEDE_OK;
    free(page->named);
    page->named = calloc((size_t)last_document / 64 + LEDE_RANK_WORDS + 1, sizeof(uint64_t));
    if (!page->named)
        return lede_fail_memory(reterr);
    for (size_t i = 0; st == LEDE_OK && i < page->search->only_id_count; i++) {
        st = lede_find_id(index, part, page->search->only_ids[i], &documents, reterr);
        for (size_t k = 0; st == LEDE_OK && k < documents.count; k++) {
            uint32_t document = documents.items[k].document;
            page->named[document / 64] |= UINT64_C(1) << (document % 64);
        }
    }
    lede_postings_done(&documents);
    return st;
}

/* Of documents of the hit's own moment those come after it that do so by their ids. */
static enum lede_status keep_by_id(struct lede_page *page, const struct lede_window *window,
    const struct lede_candidate *tied, size_t count, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    bool newest = page->search->sort == LEDE_SORT_NEWEST;
    const char **ids = lede_arena_calloc(&arena, count + 1, sizeof(*ids));
    if (!ids)
        return lede_fail_memory(reterr);
    enum lede_status st =
        lede_candidates_read_ids(window->planner->index, tied, count, &arena, ids, reterr);
    for (size_t i = 0; st == LEDE_OK && i < count; i++) {
        int order = strcmp(ids[i], page->after->id);
        uint32_t number = tied[i].document % LEDE_WINDOW_DOCUMENTS;
        if (newest ? order < 0 : order > 0)
            page->bits[number / 64] |= UINT64_C(1) << (number % 64);
    }
    return st;
}

static enum lede_status narrow_after(struct lede_page *page, const struct lede_window *window,
    const struct lede_number_column *moments, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) struct lede_candidate *tied = NULL;
    size_t count = 0, capacity = 0;
    bool newest = page->search->sort == LEDE_SORT_NEWEST;
    int64_t edge = page->after->published_utc_s;
    for (uint32_t w = 0; w < window->words; w++) {
        for (uint64_t rest = page->bits[w]; rest; rest &= rest - 1) {
            uint32_t document =
                (window->number << LEDE_WINDOW_BITS) + w * 64 + (uint32_t)__builtin_ctzll(rest);
            int64_t moment = moments->numbers[document];
            if (newest ? moment < edge : lede_oldest_key(moment) > lede_oldest_key(edge))
                continue;
            page->bits[w] &= ~(rest & -rest);
            if (moment != edge)
                continue;
            if (!LEDE_ARRAY_RESERVE(tied, capacity, count + 1))
                return lede_fail_memory(reterr);
            tied[count++] = (struct lede_candidate){
                .part = (uint32_t)window->part, .document = document, .moment = moment};
        }
    }
    return count > 0 ? keep_by_id(page, window, tied, count, reterr) : LEDE_OK;
}

enum lede_status lede_page_narrow(struct lede_page *page, const struct lede_window *window,
    const uint64_t *matches, const struct lede_number_column *moments, const uint64_t **ret_bits,
    struct lede_error *reterr)
{
    uint64_t any = 0;
    enum lede_status st = LEDE_OK;
    *ret_bits = matches;
    if (!page->named && !page->after)
        return LEDE_OK;
    size_t begin = (size_t)window->number * LEDE_WINDOW_WORDS;
    for (uint32_t w = 0; w < window->words; w++)
        page->bits[w] = matches[w] & (page->named ? page->named[begin + w] : UINT64_MAX);
    if (page->after)
        st = narrow_after(page, window, moments, reterr);
    for (uint32_t w = 0; w < window->words; w++)
        any |= page->bits[w];
    *ret_bits = any ? page->bits : NULL;
    return st;
}

void lede_page_done(struct lede_page *page)
{
    free(page->named);
    page->named = NULL;
}
