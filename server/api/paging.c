/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "paging.h"

#include "cursor.h"
#include "frozen_results.h"
#include "lede/number.h"
#include "lede/time.h"
#include "visible.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ids of a frozen set that one page looks at where many of them are gone */
#define LOOKAHEAD_MAX 16384
#define REVISION_STEP_NS 3000000 /* between looks at the revision */

static enum lede_status fail_cursor(
    struct lede_error *reterr, const char *message, const char *hint)
{
    (void)lede_fail(reterr, LEDE_EINPUT, "cursor: %s", message);
    lede_error_hint(reterr, "%s", hint);
    lede_error_param(reterr, "cursor");
    return LEDE_EINPUT;
}

static enum lede_status fail_gone(struct lede_error *reterr)
{
    return fail_cursor(reterr, "the ranking that it continues is not kept any more",
        "begin again without a cursor; pages by sort=newest or oldest can always be continued");
}

static bool is_ordered(const struct lede_search *search)
{
    return search->sort != LEDE_SORT_RELEVANCE && search->collapse_slot == LEDE_SLOT_NONE;
}

/* One more than asked for is searched, and taken off again: is there a next page? */
static enum lede_status search_page(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    struct lede_search search = run->search.search;
    search.limit += search.limit > 0;
    enum lede_status st = lede_visible_search(worker, &search, &run->result, reterr);
    if (st != LEDE_OK)
        return st;
    run->has_next = search.limit > 0 && run->result.hit_count == search.limit;
    if (run->has_next)
        run->result.hit_count--;
    return LEDE_OK;
}

/* ---- A ranking that is kept ---- */

static enum lede_status freeze(struct lede_api_worker *worker, struct lede_search_run *run,
    uint64_t set, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_search_result_done) struct lede_search_result all = {0};
    struct lede_search search = run->search.search;
    search.match_only = true;
    search.offset = 0;
    search.limit = LEDE_FROZEN_SET_HITS_MAX;
    search.facets = 0;
    search.histogram = LEDE_HISTOGRAM_NONE;
    enum lede_status st = lede_visible_search(worker, &search, &all, reterr);
    if (st != LEDE_OK)
        return st;
    if (all.timed_out) {
        (void)lede_fail(reterr, LEDE_ETIMEOUT, "ranking every match took longer than the timeout");
        lede_error_hint(reterr, "ask again with a longer timeout, or take sort=newest");
        return LEDE_ETIMEOUT;
    }
    st = lede_frozen_results_freeze(worker->api->frozen_results, set, all.hits, all.hit_count);
    if (st == LEDE_ELIMIT)
        return fail_cursor(
            reterr, "more documents match than a ranking can keep", "take sort=newest or oldest");
    return st == LEDE_ENOTFOUND ? fail_gone(reterr)
           : st == LEDE_ENOMEM  ? lede_fail_memory(reterr)
                                : st;
}

struct placed {
    const char *id;
    size_t place;
    struct lede_hit hit;
};

static int compare_placed_ids(const void *a, const void *b)
{
    return strcmp(((const struct placed *)a)->id, ((const struct placed *)b)->id);
}

static int compare_places(const void *a, const void *b)
{
    size_t left = ((const struct placed *)a)->place;
    size_t right = ((const struct placed *)b)->place;
    return left < right ? -1 : left > right;
}

/* Hits into the order of `ids`, at most `limit` of them; ret_last: place of the last one kept. */
static enum lede_status put_in_order(struct lede_search_result *result, const char *const *ids,
    size_t count, size_t limit, size_t *ret_last, struct lede_error *reterr)
{
    struct placed *known = lede_arena_calloc(&result->arena, count + 1, sizeof(*known));
    struct placed *placed =
        lede_arena_calloc(&result->arena, result->hit_count + 1, sizeof(*placed));
    if (!known || !placed)
        return lede_fail_memory(reterr);
    for (size_t i = 0; i < count; i++)
        known[i] = (struct placed){.id = ids[i], .place = i};
    qsort(known, count, sizeof(*known), compare_placed_ids);
    for (size_t i = 0; i < result->hit_count; i++) {
        struct placed key = {.id = result->hits[i].id};
        const struct placed *found =
            bsearch(&key, known, count, sizeof(*known), compare_placed_ids);
        placed[i] = (struct placed){.place = found ? found->place : count, .hit = result->hits[i]};
    }
    qsort(placed, result->hit_count, sizeof(*placed), compare_places);
    if (result->hit_count > limit)
        result->hit_count = limit;
    for (size_t i = 0; i < result->hit_count; i++)
        result->hits[i] = placed[i].hit;
    if (result->hit_count > 0)
        *ret_last = placed[result->hit_count - 1].place;
    return LEDE_OK;
}

/* Ids from the cursor's position on that still match; where some do not, more are looked at, twice
 * as many each time. */
static enum lede_status search_frozen(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct lede_cursor *cursor, struct lede_error *reterr)
{
    struct lede_search search = run->search.search;
    size_t limit = search.limit;
    size_t count = 0;
    size_t last = 0;
    uint32_t size = 0;
    const char **ids = NULL;
    enum lede_status st = LEDE_OK;
    for (size_t ask = limit; st == LEDE_OK; ask *= 2) {
        lede_search_result_done(&run->result);
        st = lede_frozen_results_copy(worker->api->frozen_results, cursor->frozen_set,
            cursor->position, ask, &run->search.arena, &ids, &count, &size);
        if (st != LEDE_OK)
            return st == LEDE_ENOTFOUND ? fail_gone(reterr) : lede_fail_memory(reterr);
        search.only_ids = ids;
        search.only_id_count = count;
        search.offset = 0;
        search.limit = (uint32_t)count;
        st = lede_visible_search(worker, &search, &run->result, reterr);
        bool at_end = cursor->position + count >= size;
        if (run->result.hit_count >= limit || at_end || ask >= LOOKAHEAD_MAX ||
            run->result.timed_out)
            break;
    }
    if (st == LEDE_OK)
        st = put_in_order(&run->result, ids, count, limit, &last, reterr);
    if (st != LEDE_OK)
        return st;
    bool full = limit > 0 && run->result.hit_count == limit;
    run->frozen_set = cursor->frozen_set;
    run->position = cursor->position + (uint32_t)(full ? last + 1 : count);
    run->has_next = run->position < size && limit > 0;
    return LEDE_OK;
}

enum lede_status lede_paging_search(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_error *reterr)
{
    struct lede_cursor cursor = {0};
    struct lede_search *search = &run->search.search;
    if (lede_cursor_search(&run->params, &run->identity) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (run->path.size > 0)
        run->identity += lede_hash64(run->path.data, run->path.size);
    if (worker->filters)
        run->identity += lede_hash64(worker->filters, strlen(worker->filters));
    if (!run->search.cursor)
        return search_page(worker, run, reterr);
    if (run->search.has_offset)
        return fail_cursor(reterr, "expected no offset beside it", "leave offset out");
    enum lede_status st = lede_cursor_read(
        run->search.cursor, strlen(run->search.cursor), &run->search.arena, &cursor, reterr);
    if (st == LEDE_EINPUT)
        lede_error_param(reterr, "cursor");
    if (st != LEDE_OK)
        return st;
    if (cursor.search != run->identity || (cursor.kind == LEDE_CURSOR_HIT) != is_ordered(search))
        return fail_cursor(reterr, "it belongs to a search with other parameters",
            "only limit, timeout, min_revision and cache may change from page to page");
    if (cursor.kind == LEDE_CURSOR_HIT) {
        struct lede_search_after after = {cursor.published_utc_s, cursor.id};
        search->after_hit = &after;
        st = search_page(worker, run, reterr);
        search->after_hit = NULL;
        return st;
    }
    bool frozen = false;
    if (lede_frozen_results_find(worker->api->frozen_results, cursor.frozen_set, &frozen) !=
        LEDE_OK)
        return fail_gone(reterr);
    if (!frozen)
        st = freeze(worker, run, cursor.frozen_set, reterr);
    return st == LEDE_OK ? search_frozen(worker, run, &cursor, reterr) : st;
}

enum lede_status lede_paging_next(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_buffer *out)
{
    const struct lede_search_result *result = &run->result;
    const struct lede_search *search = &run->search.search;
    struct lede_cursor cursor = {.search = run->identity, .kind = LEDE_CURSOR_SET};
    if (!run->has_next || run->like || (result->hit_count == 0 && run->frozen_set == 0))
        return LEDE_OK;
    if (is_ordered(search)) {
        LEDE_CLEANUP(lede_shown_document_releasep) struct lede_shown_document *document = NULL;
        const struct lede_hit *last = &result->hits[result->hit_count - 1];
        if (lede_shown_document_take(worker->api->shown_documents, last->stored, last->stored_size,
                &document, NULL) != LEDE_OK)
            return LEDE_ENOMEM;
        cursor.kind = LEDE_CURSOR_HIT;
        cursor.published_utc_s = lede_shown_document_stored(document)->published_utc_s;
        cursor.id = last->id;
        lede_cursor_write(&cursor, out);
        return lede_buffer_status(out);
    }
    cursor.position = run->position;
    if (run->frozen_set == 0) {
        uint64_t search_seen[] = {
            run->identity, run->revision, lede_synonyms_revision(run->synonyms)};
        enum lede_status st = lede_frozen_results_note(worker->api->frozen_results,
            lede_hash64(search_seen, sizeof(search_seen)), result->hits, result->hit_count,
            search->offset, &run->frozen_set);
        if (st != LEDE_OK)
            return LEDE_ENOMEM;
    }
    cursor.frozen_set = run->frozen_set;
    lede_cursor_write(&cursor, out);
    return lede_buffer_status(out);
}

/* ---- Waiting for a revision ---- */

enum lede_status lede_paging_await(struct lede_api_worker *worker, uint64_t revision,
    uint32_t timeout_ms, bool *ret_reached, struct lede_error *reterr)
{
    struct lede_api *api = worker->api;
    uint64_t begun = lede_time_monotonic_ns(), end = begun + (uint64_t)timeout_ms * 750000;
    enum lede_status st = lede_reader_refresh(worker->reader, reterr);
    *ret_reached = st == LEDE_OK && lede_reader_revision(worker->reader) >= revision;
    if (st != LEDE_OK || *ret_reached)
        return st;
    /* One worker is left for those who do not wait. */
    uint32_t room = api->search_workers > 1 ? api->search_workers - 1 : 1;
    if (__atomic_add_fetch(&api->waiting, 1, __ATOMIC_SEQ_CST) > room)
        st = lede_fail(reterr, LEDE_EBUSY, "%u searches wait for a revision already", room);
    /* What waiting takes of the processor makes no long search of it. */
    uint64_t cpu_ns_max = worker->stop.cpu_ns_max;
    worker->stop.cpu_ns_max = 0;
    enum lede_stage before = lede_api_worker_enter(worker, LEDE_STAGE_QUEUE);
    while (st == LEDE_OK && !*ret_reached && !lede_time_has_passed(end)) {
        struct timespec pause = {.tv_nsec = REVISION_STEP_NS};
        nanosleep(&pause, NULL);
        st = lede_reader_refresh(worker->reader, reterr);
        *ret_reached = st == LEDE_OK && lede_reader_revision(worker->reader) >= revision;
    }
    (void)lede_api_worker_enter(worker, before);
    worker->may_wait_until_ns += lede_time_monotonic_ns() - begun; /* it was asked to wait */
    __atomic_sub_fetch(&api->waiting, 1, __ATOMIC_SEQ_CST);
    worker->stop.cpu_ns_max = cpu_ns_max;
    if (!worker->stop.was_seen)
        lede_stop_begin(&worker->stop);
    return st;
}
