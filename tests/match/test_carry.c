/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in memory of a merge's sources is read of its result: a search reads nothing more. */
#include "archive.h"

#include "lede/time.h"

#include <stdio.h>
#include <string.h>

#define DOCUMENTS 40
#define BYTES_MAX ((size_t)64 << 20)

static bool goes_on(void *context)
{
    (void)context;
    return true;
}

static bool stops(void *context)
{
    unsigned *left = context;
    return *left > 0 && (*left)-- > 0;
}

static void put_documents(struct archive *archive)
{
    archive_begin_part(archive);
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        char json[256];
        snprintf(json, sizeof(json),
            "{\"id\":\"%zu-%u\",\"title\":\"Ferry %u\",\"body\":\"The old ferry ran aground near "
            "Skye%s.\",\"source\":\"S%u\",\"published\":\"2023-01-%02uT10:00:00Z\","
            "\"language\":\"en\"}",
            archive->part_count, i, i, i % 3 == 0 ? " again" : "", i % 5, i % 28 + 1);
        archive_put(archive, json, NULL, 0);
    }
}

static struct lede_index *open_parts(
    const struct archive *archive, const struct lede_engine *engine, size_t first, size_t count)
{
    struct lede_index_segment segments[ARCHIVE_PARTS_MAX] = {0};
    struct lede_index *index = NULL;
    for (size_t i = 0; i < count; i++)
        segments[i].path = archive->paths[first + i];
    assert_int_equal(
        lede_index_open_segments(engine, segments, count, NULL, &index, NULL), LEDE_OK);
    return index;
}

/* Words, phrases, nearness, what stands in the lead; dates, facets, histogram. Returns matches. */
static uint32_t search_for(
    const struct archive *archive, struct lede_index *index, const char *text, enum lede_sort sort)
{
    struct lede_query *query = NULL;
    struct lede_search_result result = {0};
    struct lede_query_options options = {
        .languages =
            LEDE_LANGUAGE_BIT(lede_language_find("en", 2)) | LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND)};
    assert_int_equal(
        lede_query_parse(text, strlen(text), &options, archive->analyzer, &query, NULL), LEDE_OK);
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = ARCHIVE_NOW,
        .sort = sort,
        .limit = 5,
        .match_only = true,
        .facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE),
        .facet_values = 10,
        .histogram = LEDE_HISTOGRAM_DAY,
        .collapse_slot = LEDE_SLOT_NONE};
    assert_int_equal(lede_index_search(index, &search, &result, NULL), LEDE_OK);
    uint32_t total = result.total;
    lede_search_result_done(&result);
    lede_query_free(query);
    return total;
}

static void search_all(const struct archive *archive, struct lede_index *index, uint32_t factor)
{
    static const struct {
        const char *text;
        uint32_t total;
    } cases[] = {{"ferry", DOCUMENTS}, {"\"ran aground\"", DOCUMENTS},
        {"\"skye again\"", (DOCUMENTS + 2) / 3}, {"ferry NEAR/3 aground", DOCUMENTS},
        {"LEAD: skye", DOCUMENTS}, {"nothing", 0}, {"source:S1 ferry", DOCUMENTS / 5}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        for (enum lede_sort sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_NEWEST; sort++)
            assert_int_equal(
                search_for(archive, index, cases[i].text, sort), cases[i].total * factor);
    }
}

static struct lede_cache_stats stats_of(const struct lede_engine *engine)
{
    struct lede_cache_stats stats;
    lede_match_memory(engine, &stats);
    return stats;
}

static void a_search_of_the_result_reads_nothing_more(void **state)
{
    struct archive *archive = *state;
    struct lede_engine *engine = NULL;
    for (unsigned part = 0; part < 3; part++)
        put_documents(archive);
    archive_open(archive);
    assert_int_equal(lede_engine_new(64, 0, &engine, NULL), LEDE_OK);
    struct lede_index *sources = open_parts(archive, engine, 0, 2);
    search_all(archive, sources, 2);
    struct lede_index *all = open_parts(archive, engine, 0, 3);
    unsigned reads = 3;
    uint64_t items = stats_of(engine).items;
    lede_match_carry(all, 2, BYTES_MAX, stops, &reads);
    uint64_t some = stats_of(engine).items;
    assert_true(some > items);
    lede_match_carry(all, 2, BYTES_MAX, goes_on, NULL);
    assert_true(stats_of(engine).items > some);
    struct lede_index *result = open_parts(archive, engine, 2, 1);
    uint64_t misses = stats_of(engine).misses;
    search_all(archive, result, 1);
    assert_int_equal(stats_of(engine).misses, misses);
    lede_index_free(result);
    lede_index_free(all);
    lede_index_free(sources);
    assert_int_equal(stats_of(engine).items, 0);
    lede_engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_search_of_the_result_reads_nothing_more, archive_setup, archive_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
