/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include "paging.h"
#include "visible.h"

#include <stdio.h>
#include <string.h>

#define PARAMS_MAX 24

/* No document is of this story. */
static const char *const no_story[] = {"0000000000000000"};

static enum lede_status add(struct lede_params *params, const char *name, const char *value)
{
    char *copy = value ? lede_arena_copy(&params->arena, value, strlen(value)) : NULL;
    if (value && !copy)
        return LEDE_ENOMEM;
    if (value)
        params->items[params->count++] =
            (struct lede_param){.name = name, .value = copy, .size = strlen(copy)};
    return LEDE_OK;
}

static enum lede_status add_number(
    struct lede_params *params, const char *name, double number, const char *unit)
{
    char text[40];
    snprintf(text, sizeof(text), "%.0f%s", number, unit);
    return add(params, name, text);
}

/* The parameters of /search that say the same. */
static enum lede_status fill(const struct elastic_ask *ask, struct lede_params *params)
{
    const struct {
        const char *name, *value;
    } texts[] = {{"q", ask->query->text.data}, {"match", "any"}, {"strict", "true"},
        {"spell", "off"}, {"sort", ask->sort}, {"facets", ask->facet},
        {"facet_values", ask->facet ? "1000" : NULL}, {"histogram", ask->histogram},
        {"time_zone", ask->time_zone}, {"highlight", ask->highlight ? ask->highlight : "none"},
        {"format", "ranges"}, {"collapse", ask->collapse}, {"cursor", ask->cursor}};
    enum lede_status st = LEDE_OK;
    params->items = lede_arena_calloc(&params->arena, PARAMS_MAX, sizeof(*params->items));
    if (!params->items)
        return LEDE_ENOMEM;
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(texts); i++)
        st = add(params, texts[i].name, texts[i].value);
    if (st == LEDE_OK)
        st = add_number(params, "limit", ask->limit, "");
    if (st == LEDE_OK && ask->offset > 0)
        st = add_number(params, "offset", ask->offset, "");
    if (st == LEDE_OK && ask->facet_offset > 0)
        st = add_number(params, "facet_offset", ask->facet_offset, "");
    if (st == LEDE_OK && ask->fragments > 0)
        st = add_number(params, "snippets", ask->fragments, "");
    if (st == LEDE_OK && ask->fragment_chars > 0)
        st = add_number(params, "snippet_chars", ask->fragment_chars, "");
    if (st == LEDE_OK && ask->timeout_ms > 0)
        st = add_number(params, "timeout", ask->timeout_ms, "ms");
    return st;
}

/* What tells a search from others whose parameters are the same: rankings are kept by it. */
static void identify(const struct elastic_query *query, struct lede_buffer *path)
{
    lede_buffer_append_string(path, query->is_nothing ? "/_search/nothing" : "/_search");
    for (size_t i = 0; i < query->filter_count; i++) {
        const struct lede_filter *filter = &query->filters[i];
        lede_buffer_append_format(path, "\x1e%s", filter->field->key);
        for (size_t k = 0; k < filter->any_count; k++)
            lede_buffer_append_format(path, "\x1f+%s", filter->any[k]);
        for (size_t k = 0; k < filter->none_count; k++)
            lede_buffer_append_format(path, "\x1f-%s", filter->none[k]);
    }
}

/* Exact values go beside the query, and not through its language. */
static enum lede_status add_filters(const struct elastic_query *query, struct lede_search_run *run)
{
    struct lede_search *search = &run->search.search;
    size_t count = query->filter_count + query->is_nothing;
    struct lede_filter *filters =
        lede_arena_calloc(&run->search.arena, search->filter_count + count + 1, sizeof(*filters));
    if (!filters)
        return LEDE_ENOMEM;
    if (search->filter_count > 0)
        memcpy(filters, search->filters, search->filter_count * sizeof(*filters));
    memcpy(filters + search->filter_count, query->filters, query->filter_count * sizeof(*filters));
    if (query->is_nothing)
        filters[search->filter_count + query->filter_count] =
            (struct lede_filter){.field = lede_field_of_stories(), .any = no_story, .any_count = 1};
    search->filters = filters;
    search->filter_count += count;
    identify(query, &run->path);
    return lede_buffer_status(&run->path);
}

/* Of named ids all are found at once; a page of them is cut from that. */
static enum lede_status search_ids(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct elastic_query *query, struct lede_error *reterr)
{
    struct lede_search search = run->search.search;
    search.only_ids = query->ids;
    search.only_id_count = query->id_count;
    search.offset = 0;
    search.limit = (uint32_t)query->id_count;
    enum lede_status st = lede_visible_search(worker, &search, &run->result, reterr);
    if (st != LEDE_OK)
        return st;
    struct lede_search_result *result = &run->result;
    size_t offset = run->search.search.offset, limit = run->search.search.limit;
    result->total = (uint32_t)result->hit_count;
    result->total_is_exact = !result->timed_out;
    offset = offset < result->hit_count ? offset : result->hit_count;
    result->hits += offset;
    result->hit_count -= offset;
    result->hit_count = result->hit_count < limit ? result->hit_count : limit;
    return LEDE_OK;
}

static enum lede_status search(struct lede_api_worker *worker, struct lede_search_run *run,
    const struct elastic_ask *ask, struct lede_error *reterr)
{
    if (ask->query->ids)
        return search_ids(worker, run, ask->query, reterr);
    if (!ask->after)
        return lede_paging_search(worker, run, reterr);
    struct lede_search behind = run->search.search;
    behind.after_hit = ask->after;
    return lede_visible_search(worker, &behind, &run->result, reterr);
}

enum lede_status lede_elastic_run(struct lede_api_worker *worker, const struct elastic_ask *ask,
    struct lede_search_run *ret_run, struct lede_error *reterr)
{
    bool reached = true;
    uint64_t started = lede_time_monotonic_ns();
    if (fill(ask, &ret_run->params) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_search_run_prepare(worker, ret_run, &reached, reterr);
    if (st == LEDE_OK && add_filters(ask->query, ret_run) != LEDE_OK)
        return lede_fail_memory(reterr);
    if (st != LEDE_OK)
        return st;
    if (ret_run->search.search.sort == LEDE_SORT_RELEVANCE)
        ret_run->search.search.recency_half_life_s = ask->query->half_life_s;
    if (ask->fragments == 0)
        ret_run->search.highlighting.snippets = 0;
    st = search(worker, ret_run, ask, reterr);
    if (st == LEDE_OK)
        st = lede_api_worker_go_on(worker, reterr);
    ret_run->took_ms = (double)(lede_time_monotonic_ns() - started) / 1e6;
    return st;
}

enum lede_status lede_elastic_next(
    struct lede_api_worker *worker, struct lede_search_run *run, struct lede_buffer *ret_cursor)
{
    return lede_paging_next(worker, run, ret_cursor);
}
