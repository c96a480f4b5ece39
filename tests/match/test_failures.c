/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns are read and counted, matches are collapsed with the n-th allocation failing, for every
 * n: the status says so, nothing is lost, and the next try succeeds. */
#include "archive.h"

#include "column.h"
#include "matched.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 2
#define DOCUMENTS 600

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

static size_t left = SIZE_MAX; /* that succeed before one fails */

static bool fails_now(void)
{
    if (left == SIZE_MAX || left-- > 0)
        return false;
    left = SIZE_MAX;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
    return fails_now() ? NULL : __real_realloc(pointer, size);
}

static void make_archive(struct archive *archive)
{
    for (size_t part = 0; part < PARTS; part++) {
        archive_begin_part(archive);
        archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
        for (unsigned i = 2; i <= DOCUMENTS; i++) {
            char source[8], story[17], tags[24], id[8];
            unsigned char day[3], moment[5];
            int64_t utc_s = ARCHIVE_NOW - (int64_t)(i % 40) * 86400;
            snprintf(source, sizeof(source), "S%u", i % 7);
            snprintf(story, sizeof(story), "%016x", i / 2);
            snprintf(tags, sizeof(tags), "t%u\x1ft%u", i % 50, i % 30 + 50);
            snprintf(id, sizeof(id), "n%u", i * 7 % 997);
            lede_schema_encode_day(utc_s, day);
            lede_schema_encode_time(utc_s, moment);
            const struct archive_value values[] = {{LEDE_SLOT_SOURCE, source, strlen(source)},
                {LEDE_SLOT_STORY, story, strlen(story)}, {LEDE_SLOT_TAGS, tags, strlen(tags)},
                {LEDE_SLOT_ID, id, strlen(id)}, {LEDE_SLOT_DAY, (const char *)day, sizeof(day)},
                {LEDE_SLOT_PUBLISHED, (const char *)moment, sizeof(moment)}};
            archive_put_again(archive, values, LEDE_COUNT_OF(values));
        }
    }
    archive_open(archive);
}

static enum lede_status count_values(
    struct archive *archive, const struct lede_matched *matched, uint32_t *ret_sum)
{
    struct lede_search search = {
        .facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE) | LEDE_FIELD_BIT(LEDE_FIELD_TAGS),
        .facet_values = 100,
        .histogram = LEDE_HISTOGRAM_DAY};
    struct lede_search_result result = {0};
    enum lede_status status = archive_count_values(archive, &search, matched, &result, NULL);
    if (status == LEDE_OK) {
        *ret_sum = 0;
        for (size_t facet = 0; facet < result.facet_count; facet++)
            for (size_t i = 0; i < result.facets[facet].count; i++)
                *ret_sum += result.facets[facet].values[i].count;
        for (size_t i = 0; i < result.bucket_count; i++)
            *ret_sum += result.buckets[i].count;
    }
    lede_arena_done(&result.arena);
    return status;
}

/* The sum of what hits stand for. */
static enum lede_status count_copies(struct archive *archive, const struct lede_matched *matched,
    const struct lede_candidate *candidates, const char *const *texts, size_t count,
    uint32_t *ret_sum)
{
    struct lede_hit hits[10];
    struct lede_search search = {.collapse_slot = LEDE_SLOT_STORY, .facet_values = 10};
    struct lede_search_result result = {.hits = hits, .hit_count = count};
    memset(hits, 0, sizeof(hits));
    for (size_t i = 0; i < count; i++) {
        hits[i].docid = lede_docid_of(PARTS, candidates[i].part, candidates[i].document);
        hits[i].collapse_key = texts[i];
    }
    enum lede_status status =
        lede_collapse_count_copies(archive->index, &search, matched, &result, NULL);
    *ret_sum = 0;
    for (size_t i = 0; status == LEDE_OK && i < count; i++)
        *ret_sum += hits[i].collapse_count;
    lede_arena_done(&result.arena);
    return status;
}

static enum lede_status collapse(
    struct archive *archive, const struct lede_matched *matched, uint32_t *ret_sum)
{
    struct lede_search search = {.sort = LEDE_SORT_NEWEST, .collapse_slot = LEDE_SLOT_STORY};
    LEDE_CLEANUP(lede_collapse_freep) struct lede_collapse *collapsed = NULL;
    struct lede_deadline deadline = {0};
    const struct lede_candidate *candidates = NULL;
    const char *const *texts = NULL;
    size_t count = 0;
    enum lede_status status = lede_collapse_new(archive->index, &search, 10, &collapsed, NULL);
    for (size_t part = 0; status == LEDE_OK && part < PARTS; part++)
        status = lede_collapse_add(
            collapsed, part, 0, matched[part].bits, DOCUMENTS / 64 + 1, NULL, NULL);
    if (status == LEDE_OK)
        status = lede_collapse_first(collapsed, &deadline, &candidates, &texts, &count, NULL);
    if (status != LEDE_OK)
        return status;
    return count_copies(archive, matched, candidates, texts, count, ret_sum);
}

/* expected  the sum that comes out */
static void fail_each(struct archive *archive,
    enum lede_status (*run)(
        struct archive *archive, const struct lede_matched *matched, uint32_t *ret_sum),
    uint32_t expected)
{
    static uint64_t bits[DOCUMENTS / 64 + 1];
    struct lede_matched matched[PARTS];
    size_t failed = 0;
    for (unsigned i = 2; i <= DOCUMENTS; i++)
        bits[i / 64] |= (uint64_t)(i % 3 == 0) << (i % 64);
    for (size_t part = 0; part < PARTS; part++)
        matched[part] = (struct lede_matched){bits, DOCUMENTS, DOCUMENTS / 3};
    for (;; failed++) {
        uint32_t sum = 0, again = 0;
        lede_index_freep(&archive->index);
        archive_open(archive); /* nothing is kept */
        left = failed;
        enum lede_status status = run(archive, matched, &sum);
        bool has_failed = left == SIZE_MAX;
        left = SIZE_MAX;
        if (!has_failed) {
            assert_int_equal(status, LEDE_OK);
            assert_int_equal(sum, expected);
            break;
        }
        assert_true(status == LEDE_ENOMEM || status == LEDE_OK);
        assert_int_equal(run(archive, matched, &again), LEDE_OK);
        assert_int_equal(again, expected);
        assert_true(status != LEDE_OK || sum == expected);
    }
    print_message("# %zu allocations failed\n", failed);
    assert_true(failed > 20);
}

static void counting_fails_whole(void **state)
{
    make_archive(*state);
    /* each match has a source, two tags and a day */
    fail_each(*state, count_values, 4 * PARTS * DOCUMENTS / 3);
}

static void collapsing_fails_whole(void **state)
{
    make_archive(*state);
    /* of two neighbours one matches at most */
    fail_each(*state, collapse, 10 * PARTS);
}

/* A page, in the order of relevance: half of the documents of a part are `x` in title. */
static enum lede_status search_whole(
    struct archive *archive, const struct lede_matched *matched, uint32_t *ret_sum)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = {0};
    struct lede_search_result result = {0};
    size_t kept = left;
    (void)matched;
    left = SIZE_MAX; /* parsing has tests of its own */
    static const char text[] = "x OR \"x y\" OR (y AND x)";
    assert_int_equal(
        lede_query_parse(text, sizeof(text) - 1, &options, archive->analyzer, &query, NULL),
        LEDE_OK);
    left = kept;
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .limit = 5,
        .facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE),
        .facet_values = 10,
        .recency_half_life_s = 86400,
        .collapse_slot = LEDE_SLOT_NONE};
    enum lede_status status = lede_index_search(archive->index, &search, &result, NULL);
    *ret_sum = result.total + (uint32_t)result.hit_count;
    lede_search_result_done(&result);
    return status;
}

static void searching_fails_whole(void **state)
{
    make_archive(*state);
    fail_each(*state, search_whole, PARTS * DOCUMENTS + 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counting_fails_whole),
        TEST(collapsing_fails_whole),
        TEST(searching_fails_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
