/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of an order: equal moments, where a page ended, which documents may be shown; and the time
 * zones of histograms. */
#include "fixture.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENTS 120
#define MOMENTS 7

static void put_numbered(struct fixture *f, int number, const char *word)
{
    char json[200];
    snprintf(json, sizeof(json),
        "{\"id\":\"n%03d\",\"title\":\"%s\",\"source\":\"S%d\",\"published\":\"2022-01-0%dT00:00:"
        "00Z\"}",
        number, word, number % 3, 1 + number % MOMENTS);
    fixture_put(f, number % 2, json);
}

static void put_all(struct fixture *f)
{
    /* Numbers by sevens, so that neither ids nor moments come in the order of storing. */
    for (int i = 0; i < DOCUMENTS; i++)
        put_numbered(f, i * 77 % DOCUMENTS, "wanted");
    fixture_read(f);
}

static void equal_moments_are_in_the_order_of_their_ids(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    put_numbered(f, 8, "wanted again"); /* a replaced document keeps its place */
    fixture_read(f);
    for (int sort = LEDE_SORT_NEWEST; sort <= LEDE_SORT_OLDEST; sort++) {
        struct lede_search search = fixture_search(NULL);
        search.sort = (enum lede_sort)sort;
        search.limit = DOCUMENTS;
        struct lede_search_result result = fixture_run_text(f, search, "wanted");
        assert_int_equal(result.hit_count, DOCUMENTS);
        for (size_t i = 1; i < result.hit_count; i++) {
            int before = atoi(result.hits[i - 1].id + 1), after = atoi(result.hits[i].id + 1);
            int order = before % MOMENTS != after % MOMENTS ? before % MOMENTS - after % MOMENTS
                                                            : before - after;
            assert_true(sort == LEDE_SORT_OLDEST ? order < 0 : order > 0);
        }
        lede_search_result_done(&result);
    }
}

/* Equal scores: newest first, then by id. */
static void expect_ranked(const struct lede_search_result *result)
{
    for (size_t i = 1; i < result->hit_count; i++) {
        const struct lede_hit *before = &result->hits[i - 1], *hit = &result->hits[i];
        int newer = atoi(before->id + 1) % MOMENTS - atoi(hit->id + 1) % MOMENTS;
        assert_true(before->score > hit->score ||
                    (before->score == hit->score &&
                        (newer > 0 || (newer == 0 && strcmp(before->id, hit->id) < 0))));
    }
}

/* More equal ones than are looked at behind a page, fewer, and such whose counts are made in the
 * same match. */
static void pages_of_equal_scores_are_slices_of_one_order(void **state)
{
    static const char *const queries[] = {"wanted", "\"wanted news\"", "wanted OR better", "want*"};
    struct fixture *f = *state;
    for (int i = 0; i < DOCUMENTS; i++)
        put_numbered(f, i * 77 % DOCUMENTS, i % 10 == 0 ? "better wanted news" : "wanted news");
    fixture_read(f);
    for (size_t k = 0; k < LEDE_COUNT_OF(queries); k++) {
        struct lede_search search = fixture_search(NULL);
        search.limit = DOCUMENTS;
        search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE);
        search.facet_values = 10;
        struct lede_search_result whole = fixture_run_text(f, search, queries[k]);
        assert_int_equal(whole.hit_count, DOCUMENTS);
        expect_ranked(&whole);
        for (search.offset = 0; search.offset < DOCUMENTS; search.offset += 11) {
            search.limit = search.offset % 2 ? 3 : 40;
            struct lede_search_result page = fixture_run_text(f, search, queries[k]);
            for (size_t i = 0; i < page.hit_count; i++)
                assert_string_equal(page.hits[i].id, whole.hits[search.offset + i].id);
            assert_int_equal(page.total, DOCUMENTS);
            assert_int_equal(page.facets[0].count, 3);
            for (size_t i = 0; i < page.facets[0].count; i++)
                assert_int_equal(page.facets[0].values[i].count, DOCUMENTS / 3);
            lede_search_result_done(&page);
        }
        lede_search_result_done(&whole);
    }
}

static void a_walk_by_the_last_hit_sees_each_once_and_counts_all(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    for (int sort = LEDE_SORT_NEWEST; sort <= LEDE_SORT_OLDEST; sort++) {
        int seen[DOCUMENTS] = {0};
        char last[8] = "";
        struct lede_search_after after = {.id = last};
        for (int page = 0; page <= DOCUMENTS / 11 + 1; page++) {
            struct lede_search search = fixture_search(NULL);
            search.sort = (enum lede_sort)sort;
            search.limit = 11;
            search.match_only = page % 2 == 1;
            search.facets = LEDE_FIELD_BIT(LEDE_FIELD_SOURCE);
            search.facet_values = 1;
            search.after_hit = page > 0 ? &after : NULL;
            struct lede_search_result result = fixture_run_text(f, search, "wanted");
            assert_int_equal(result.total, DOCUMENTS);
            assert_true(result.total_is_exact);
            assert_int_equal(result.facets[0].values[0].count, DOCUMENTS / 3);
            for (size_t i = 0; i < result.hit_count; i++)
                seen[atoi(result.hits[i].id + 1)]++;
            if (result.hit_count > 0) {
                int number = atoi(result.hits[result.hit_count - 1].id + 1);
                snprintf(last, sizeof(last), "n%03d", number);
                after.published_utc_s = INT64_C(1640995200) + number % MOMENTS * 86400;
            }
            lede_search_result_done(&result);
        }
        for (int i = 0; i < DOCUMENTS; i++)
            assert_int_equal(seen[i], 1);
    }
}

static void only_the_named_documents_are_shown_and_the_excluded_one_matches_nothing(void **state)
{
    struct fixture *f = *state;
    put_all(f);
    put_numbered(f, 5, "other");
    fixture_read(f);
    static const char *const ids[] = {"n003", "n005", "n004", "absent"};
    struct lede_search search = fixture_search(NULL);
    search.only_ids = ids;
    search.only_id_count = LEDE_COUNT_OF(ids);
    search.exclude_id = "n003";
    struct lede_search_result result = fixture_run_text(f, search, "wanted");
    assert_int_equal(result.total, DOCUMENTS - 2);
    assert_int_equal(result.hit_count, 1);
    assert_string_equal(result.hits[0].id, "n004");
    assert_true(result.hits[0].stored_size > 0 && result.hits[0].score > 0);
    lede_search_result_done(&result);
}

/* "2021-03-28T00:00+01:00=1 …": local starts, offsets and counts; at most six buckets. */
static void expect_buckets(
    struct fixture *f, enum lede_histogram interval, const char *zone, const char *expected)
{
    char seen[400] = "";
    struct lede_search search = fixture_search(NULL);
    search.histogram = interval;
    search.time_zone = zone;
    struct lede_search_result result = fixture_run_text(f, search, "");
    for (size_t i = 0; i < result.bucket_count && i < 6; i++) {
        char text[21];
        const struct lede_bucket *bucket = &result.buckets[i];
        lede_time_format(bucket->start_utc_s + bucket->utc_offset_s, text);
        size_t used = strlen(seen);
        snprintf(seen + used, sizeof(seen) - used, "%s%.16s%+d=%u", i ? " " : "", text,
            bucket->utc_offset_s / 60, bucket->count);
    }
    assert_string_equal(seen, expected);
    lede_search_result_done(&result);
}

static void put_moments(struct fixture *f, const char *const *moments)
{
    for (int i = 0; moments[i]; i++) {
        char json[200];
        snprintf(json, sizeof(json), "{\"id\":\"%d\",\"title\":\"x\",\"published\":\"%s\"}", i,
            moments[i]);
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
}

static void buckets_follow_the_clock_of_their_zone(void **state)
{
    static const char *const moments[] = {"2021-03-27T23:30:00Z", "2021-03-28T00:30:00Z",
        "2021-03-28T01:30:00Z", "2021-03-28T22:30:00Z", NULL};
    struct fixture *f = *state;
    put_moments(f, moments);
    expect_buckets(f, LEDE_HISTOGRAM_DAY, NULL, "2021-03-27T00:00+0=1 2021-03-28T00:00+0=3");
    expect_buckets(
        f, LEDE_HISTOGRAM_DAY, "Europe/Berlin", "2021-03-28T00:00+60=3 2021-03-29T00:00+120=1");
    expect_buckets(f, LEDE_HISTOGRAM_HOUR, "Europe/Berlin",
        "2021-03-28T00:00+60=1 2021-03-28T01:00+60=1 2021-03-28T03:00+120=1 2021-03-28T04:00+120=0 "
        "2021-03-28T05:00+120=0 2021-03-28T06:00+120=0");
    expect_buckets(
        f, LEDE_HISTOGRAM_WEEK, "Europe/Berlin", "2021-03-22T00:00+60=3 2021-03-29T00:00+120=1");
    expect_buckets(f, LEDE_HISTOGRAM_MONTH, "-08:00", "2021-03-01T00:00-480=4");
    expect_buckets(f, LEDE_HISTOGRAM_YEAR, "Asia/Kolkata", "2021-01-01T00:00+330=4");
    expect_buckets(
        f, LEDE_HISTOGRAM_DAY, "+05:30", "2021-03-28T00:00+330=3 2021-03-29T00:00+330=1");
}

static void an_hour_that_comes_twice_is_two_buckets(void **state)
{
    static const char *const moments[] = {"2021-10-30T23:59:59Z", "2021-10-31T00:15:00Z",
        "2021-10-31T01:15:00Z", "2021-10-31T01:59:59Z", NULL};
    struct fixture *f = *state;
    put_moments(f, moments);
    expect_buckets(f, LEDE_HISTOGRAM_HOUR, "Europe/Berlin",
        "2021-10-31T01:00+120=1 2021-10-31T02:00+120=1 2021-10-31T02:00+60=2");
}

static void clocks_that_change_oddly_lose_no_document(void **state)
{
    /* Half an hour on Lord Howe, at midnight in Beirut, a whole day in Samoa. */
    static const char *const moments[] = {"2021-10-02T14:45:00Z", "2021-10-02T15:00:00Z",
        "2021-10-02T15:45:00Z", "2021-04-03T14:45:00Z", "2021-04-03T15:15:00Z",
        "2021-03-27T22:15:00Z", "2011-12-30T09:59:00Z", "2011-12-30T10:01:00Z", NULL};
    static const char *const zones[] = {"Australia/Lord_Howe", "Asia/Beirut", "Pacific/Apia"};
    struct fixture *f = *state;
    put_moments(f, moments);
    for (size_t zone = 0; zone < LEDE_COUNT_OF(zones); zone++)
        for (int interval = LEDE_HISTOGRAM_DAY; interval <= LEDE_HISTOGRAM_YEAR; interval++) {
            struct lede_search search = fixture_search(NULL);
            search.histogram = (enum lede_histogram)interval;
            search.time_zone = zones[zone];
            struct lede_search_result result = fixture_run_text(f, search, "");
            uint32_t sum = 0;
            for (size_t i = 0; i < result.bucket_count; i++) {
                sum += result.buckets[i].count;
                assert_true(
                    i == 0 || result.buckets[i].start_utc_s > result.buckets[i - 1].start_utc_s);
            }
            assert_int_equal(sum, 8);
            lede_search_result_done(&result);
        }
}

static void only_zones_of_the_database_and_offsets_are_known(void **state)
{
    (void)state;
    static const char *const known[] = {
        "UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "+05:30", "-18:59"};
    static const char *const unknown[] = {"", "Europe", "Europe/", "Europe/Nowhere", "/etc/passwd",
        "../zoneinfo/UTC", "Europe/../UTC", "+5:30", "+19:00", "+05:60", "+05:3x", "file:UTC",
        "Europe/Berlin "};
    for (size_t i = 0; i < LEDE_COUNT_OF(known); i++)
        assert_true(lede_time_zone_is_known(known[i]));
    for (size_t i = 0; i < LEDE_COUNT_OF(unknown); i++)
        assert_false(lede_time_zone_is_known(unknown[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_moments_are_in_the_order_of_their_ids),
        TEST(pages_of_equal_scores_are_slices_of_one_order),
        TEST(a_walk_by_the_last_hit_sees_each_once_and_counts_all),
        TEST(only_the_named_documents_are_shown_and_the_excluded_one_matches_nothing),
        TEST(buckets_follow_the_clock_of_their_zone),
        TEST(an_hour_that_comes_twice_is_two_buckets),
        TEST(clocks_that_change_oddly_lose_no_document),
        TEST(only_zones_of_the_database_and_offsets_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
