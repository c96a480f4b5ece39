/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A search as bytes. Moments of a clock that nobody shares are left out: of the deadline goes what
 * is left, of the moment for embargoes the coordinator's own. */
#include "lede/shares.h"

#include "lede/schema.h"
#include "lede/time.h"

#include <string.h>

#define TEXT_MAX 4096
#define FILTERS_MAX (LEDE_FIELD_COUNT + 1)
#define VALUES_MAX 65536
#define OF_STORIES LEDE_FIELD_COUNT
#define PAGE_MAX 1000000 /* offset, and limit */

enum flag {
    MATCHES_ONLY = 1,
    WITH_HIDDEN = 2,
    WITHOUT_TOTAL = 4,
    HAS_RAISING = 8,
    HAS_RESTRICTION = 16,
    HAS_AFTER = 32,
    HAS_IDS = 64,
    FLAGS = 127
};

/* ---- Out ---- */

static void put_texts(struct lede_buffer *out, const char *const *texts, size_t count)
{
    lede_wire_put_number(out, count);
    for (size_t i = 0; i < count; i++)
        lede_wire_put_text(out, texts[i]);
}

static void put_filters(struct lede_buffer *out, const struct lede_search *search)
{
    lede_wire_put_number(out, search->filter_count);
    for (size_t i = 0; i < search->filter_count; i++) {
        const struct lede_filter *filter = &search->filters[i];
        lede_wire_put_number(out, filter->field->id);
        put_texts(out, filter->any, filter->any_count);
        put_texts(out, filter->none, filter->none_count);
    }
}

static uint64_t flags_of(const struct lede_search *search)
{
    return (search->match_only ? MATCHES_ONLY : 0U) | (search->with_hidden ? WITH_HIDDEN : 0U) |
           (search->no_total ? WITHOUT_TOTAL : 0U) | (search->raising ? HAS_RAISING : 0U) |
           (search->restriction ? HAS_RESTRICTION : 0U) | (search->after_hit ? HAS_AFTER : 0U) |
           (search->only_ids ? HAS_IDS : 0U);
}

void lede_search_encode(const struct lede_search *search, struct lede_buffer *out)
{
    uint64_t now_ns = lede_time_monotonic_ns(), end_ns = search->deadline_monotonic_ns;
    lede_wire_put_number(out, flags_of(search));
    lede_query_encode(search->query, out);
    if (search->raising)
        lede_query_encode(search->raising, out);
    if (search->restriction)
        lede_query_encode(search->restriction, out);
    put_filters(out, search);
    lede_wire_put_signed(out, search->after_utc_s);
    lede_wire_put_signed(out, search->before_utc_s);
    lede_wire_put_signed(out, search->now_utc_s);
    lede_wire_put_number(out, search->sort);
    lede_wire_put_number(out, search->offset);
    lede_wire_put_number(out, search->limit);
    lede_wire_put_number(out, search->facets);
    lede_wire_put_number(out, search->histogram);
    lede_wire_put_text(out, search->time_zone);
    lede_wire_put_double(out, search->recency_half_life_s);
    lede_wire_put_number(out, search->collapse_slot);
    if (search->after_hit) {
        lede_wire_put_signed(out, search->after_hit->published_utc_s);
        lede_wire_put_text(out, search->after_hit->id);
    }
    if (search->only_ids)
        put_texts(out, search->only_ids, search->only_id_count);
    lede_wire_put_text(out, search->exclude_id);
    lede_wire_put_number(out, end_ns == 0 ? 0 : end_ns > now_ns ? end_ns - now_ns : 1);
}

/* ---- In ---- */

static const char *const *take_texts(
    struct lede_wire_reader *reader, struct lede_arena *arena, size_t *ret_count)
{
    *ret_count = lede_wire_count(reader, VALUES_MAX, 1);
    const char **texts = lede_wire_array(reader, *ret_count, sizeof(*texts), arena);
    for (size_t i = 0; texts && i < *ret_count; i++) {
        texts[i] = lede_wire_text(reader, TEXT_MAX, arena, NULL);
        if (!texts[i])
            lede_wire_refuse(reader);
    }
    return texts;
}

static void take_filters(
    struct lede_wire_reader *reader, struct lede_search *search, struct lede_arena *arena)
{
    size_t count = lede_wire_count(reader, FILTERS_MAX, 3);
    struct lede_filter *filters = lede_wire_array(reader, count, sizeof(*filters), arena);
    for (size_t i = 0; filters && i < count; i++) {
        uint64_t id = lede_wire_number(reader, OF_STORIES);
        filters[i].field =
            id == OF_STORIES ? lede_field_of_stories() : lede_field_at((enum lede_field_id)id);
        filters[i].any = take_texts(reader, arena, &filters[i].any_count);
        filters[i].none = take_texts(reader, arena, &filters[i].none_count);
        if (!filters[i].field->filter_letter)
            lede_wire_refuse(reader);
    }
    search->filters = filters;
    search->filter_count = count;
}

static void take_after(
    struct lede_wire_reader *reader, struct lede_search *search, struct lede_arena *arena)
{
    struct lede_search_after *after = lede_wire_array(reader, 1, sizeof(*after), arena);
    if (!after)
        return;
    after->published_utc_s = lede_wire_signed(reader);
    after->id = lede_wire_text(reader, TEXT_MAX, arena, NULL);
    if (!after->id)
        lede_wire_refuse(reader);
    search->after_hit = after;
}

/* A slot that has texts, or none. */
static uint32_t take_collapse_slot(struct lede_wire_reader *reader)
{
    uint64_t slot = lede_wire_number(reader, UINT32_MAX);
    bool is_fine = slot == LEDE_SLOT_NONE || slot == LEDE_SLOT_PUBLISHED ||
                   slot == LEDE_SLOT_STORY ||
                   (slot >= LEDE_SLOT_SOURCE && slot <= LEDE_SLOT_LANGUAGE);
    if (!is_fine)
        lede_wire_refuse(reader);
    return (uint32_t)slot;
}

static enum lede_status take_queries(struct lede_wire_reader *reader, uint64_t flags,
    struct lede_search_received *received, struct lede_error *reterr)
{
    struct lede_search *search = &received->search;
    enum lede_status st = lede_query_decode(reader, &received->queries[0], reterr);
    if (st == LEDE_OK && flags & HAS_RAISING)
        st = lede_query_decode(reader, &received->queries[1], reterr);
    if (st == LEDE_OK && flags & HAS_RESTRICTION)
        st = lede_query_decode(reader, &received->queries[2], reterr);
    search->query = received->queries[0];
    search->raising = received->queries[1];
    search->restriction = received->queries[2];
    return st;
}

enum lede_status lede_search_decode(struct lede_wire_reader *reader,
    struct lede_search_received *ret_received, struct lede_error *reterr)
{
    struct lede_search *search = &ret_received->search;
    struct lede_arena *arena = &ret_received->arena;
    uint64_t flags = lede_wire_number(reader, FLAGS);
    enum lede_status st = take_queries(reader, flags, ret_received, reterr);
    if (st != LEDE_OK)
        return st;
    take_filters(reader, search, arena);
    search->match_only = flags & MATCHES_ONLY;
    search->with_hidden = flags & WITH_HIDDEN;
    search->no_total = flags & WITHOUT_TOTAL;
    search->after_utc_s = lede_wire_signed(reader);
    search->before_utc_s = lede_wire_signed(reader);
    search->now_utc_s = lede_wire_signed(reader);
    search->sort = (enum lede_sort)lede_wire_number(reader, LEDE_SORT_OLDEST);
    search->offset = (uint32_t)lede_wire_number(reader, PAGE_MAX);
    search->limit = (uint32_t)lede_wire_number(reader, PAGE_MAX);
    search->facets = (lede_field_set)lede_wire_number(reader, UINT32_MAX);
    search->histogram = (enum lede_histogram)lede_wire_number(reader, LEDE_HISTOGRAM_AUTO);
    search->time_zone = lede_wire_text(reader, TEXT_MAX, arena, NULL);
    search->recency_half_life_s = lede_wire_double(reader);
    search->collapse_slot = take_collapse_slot(reader);
    if (flags & HAS_AFTER)
        take_after(reader, search, arena);
    if (flags & HAS_IDS)
        search->only_ids = take_texts(reader, arena, &search->only_id_count);
    search->exclude_id = lede_wire_text(reader, TEXT_MAX, arena, NULL);
    uint64_t left_ns = lede_wire_number(reader, UINT64_MAX / 2);
    search->deadline_monotonic_ns = left_ns > 0 ? lede_time_monotonic_ns() + left_ns : 0;
    return lede_wire_status(reader, "a search", reterr);
}

void lede_search_received_done(struct lede_search_received *received)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(received->queries); i++)
        lede_query_free(received->queries[i]);
    lede_arena_done(&received->arena);
    *received = (struct lede_search_received){0};
}
