/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facets and histograms of any matches, against counts made one by one. LEDE_TEST_SEED gives other
 * archives. */
#include "archive.h"

#include "matched.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 3
#define DOCUMENTS 9000 /* of a part: more than two blocks */
#define TAGS 9
#define SOURCES 5
#define SECONDS_FIRST INT64_C(1577836800) /* 2020-01-01 */

struct made {
    int source;  /* SOURCES: none */
    int section; /* nearly one each */
    unsigned tags;
    int64_t published_utc_s;
    bool matches;
};

static struct made made[PARTS][DOCUMENTS + 1];
static uint64_t bits[PARTS][DOCUMENTS / 64 + 1];

static void put_made(struct archive *archive, const struct made *one)
{
    char source[8], section[12], tags[64] = "";
    unsigned char moment[5], quarter[4], day[3];
    size_t source_size = (size_t)snprintf(source, sizeof(source), "S%d", one->source);
    size_t section_size = (size_t)snprintf(section, sizeof(section), "D%d", one->section);
    for (int tag = 0; tag < TAGS; tag++) {
        if (one->tags & 1U << tag)
            snprintf(tags + strlen(tags), sizeof(tags) - strlen(tags), "%st%d",
                tags[0] ? "\x1f" : "", tag);
    }
    lede_schema_encode_time(one->published_utc_s, moment);
    lede_schema_encode_quarter_hour(one->published_utc_s, quarter);
    lede_schema_encode_day(one->published_utc_s, day);
    const struct archive_value values[] = {
        {LEDE_SLOT_SOURCE, source, one->source == SOURCES ? 0 : source_size},
        {LEDE_SLOT_SECTION, section, section_size},
        {LEDE_SLOT_TAGS, tags, strlen(tags)},
        {LEDE_SLOT_PUBLISHED, (const char *)moment, sizeof(moment)},
        {LEDE_SLOT_QUARTER_HOUR, (const char *)quarter, sizeof(quarter)},
        {LEDE_SLOT_DAY, (const char *)day, sizeof(day)},
    };
    archive_put_again(archive, values, LEDE_COUNT_OF(values));
}

/* The last part is a small one. */
static uint32_t documents_of(int part)
{
    return part == PARTS - 1 ? 70 : DOCUMENTS;
}

static void make_archive(struct archive *archive, int parts)
{
    uint64_t seed = archive_seed();
    for (int part = 0; part < parts; part++) {
        archive_begin_part(archive);
        for (uint32_t i = 1; i <= documents_of(part); i++) {
            struct made *one = &made[part][i];
            one->source = (int)(archive_random(&seed) % (SOURCES + 1));
            one->section = (int)(archive_random(&seed) % 20000);
            one->tags = archive_random(&seed) & archive_random(&seed) & ((1U << TAGS) - 1);
            one->published_utc_s = SECONDS_FIRST + archive_random(&seed) % (400U * 86400);
            if (i == 1)
                archive_put(archive, "{\"id\":\"a\",\"title\":\"x\"}", NULL, 0);
            else
                put_made(archive, one);
        }
        made[part][1] = (struct made){SOURCES, -1, 0, ARCHIVE_NOW, false};
    }
    archive_open(archive);
}

/* Let documents match, `share` of 64 of them; shares below 0 are ranges. */
static void match(struct lede_matched *matched, int parts, int share, uint64_t *seed)
{
    for (int part = 0; part < parts; part++) {
        uint32_t documents = documents_of(part);
        memset(bits[part], 0, sizeof(bits[part]));
        matched[part] = (struct lede_matched){bits[part], documents, 0};
        for (uint32_t i = 1; i <= documents; i++) {
            bool matches = share >= 0 ? archive_random(seed) % 64 < (uint32_t)share
                                      : i / 700 % (uint32_t)-share == 0;
            made[part][i].matches = matches && i > 1;
            bits[part][i / 64] |= (uint64_t)made[part][i].matches << (i % 64);
            matched[part].count += made[part][i].matches;
        }
    }
}

static struct lede_search_result count_values(
    struct archive *archive, const struct lede_matched *matched, const struct lede_search *search)
{
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    if (archive_count_values(archive, search, matched, &result, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return result;
}

/* How many matches have the value? */
static uint32_t count_naively(int parts, enum lede_field_id field, const char *value)
{
    uint32_t count = 0;
    int number = atoi(value + 1);
    for (int part = 0; part < parts; part++) {
        for (uint32_t i = 1; i <= documents_of(part); i++) {
            const struct made *one = &made[part][i];
            bool has_it = field == LEDE_FIELD_SOURCE    ? one->source == number
                          : field == LEDE_FIELD_SECTION ? one->section == number
                                                        : (one->tags >> number & 1) == 1;
            count += one->matches && has_it;
        }
    }
    return count;
}

static void expect_facet(
    const struct lede_facet *facet, int parts, enum lede_field_id field, size_t count)
{
    assert_int_equal(facet->field, field);
    assert_int_equal(facet->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct lede_facet_value *value = &facet->values[i];
        if (i < 50)
            assert_int_equal(value->count, count_naively(parts, field, value->value));
        assert_true(i == 0 || value[-1].count > value->count ||
                    (value[-1].count == value->count && strcmp(value[-1].value, value->value) < 0));
    }
}

static size_t different_sections(int parts)
{
    static bool seen[20000];
    size_t count = 0;
    memset(seen, 0, sizeof(seen));
    for (int part = 0; part < parts; part++) {
        for (uint32_t i = 1; i <= documents_of(part); i++) {
            if (made[part][i].matches && !seen[made[part][i].section]) {
                seen[made[part][i].section] = true;
                count++;
            }
        }
    }
    return count;
}

static const int shares[] = {0, 1, 20, 33, 63, 64, -2, -5};

static void expect_facets(struct archive *archive, int parts)
{
    struct lede_matched matched[PARTS];
    uint64_t seed = 5;
    struct lede_search search = {
        .facets = LEDE_FIELD_BIT(LEDE_FIELD_TAGS) | LEDE_FIELD_BIT(LEDE_FIELD_SOURCE) |
                  LEDE_FIELD_BIT(LEDE_FIELD_SECTION) | LEDE_FIELD_BIT(LEDE_FIELD_AUTHOR) |
                  LEDE_FIELD_BIT(LEDE_FIELD_TITLE)};
    for (size_t i = 0; i < LEDE_COUNT_OF(shares); i++) {
        match(matched, parts, shares[i], &seed);
        search.facet_values = 30000;
        struct lede_search_result all = count_values(archive, matched, &search);
        bool any = shares[i] != 0;
        assert_int_equal(all.facet_count, 4);
        expect_facet(&all.facets[0], parts, LEDE_FIELD_SOURCE, any ? SOURCES : 0);
        expect_facet(&all.facets[1], parts, LEDE_FIELD_AUTHOR, 0);
        expect_facet(&all.facets[2], parts, LEDE_FIELD_SECTION, different_sections(parts));
        expect_facet(&all.facets[3], parts, LEDE_FIELD_TAGS, any ? TAGS : 0);
        for (search.facet_values = 0; search.facet_values < 300; search.facet_values += 37) {
            struct lede_search_result first = count_values(archive, matched, &search);
            for (size_t facet = 0; facet < 4; facet++) {
                size_t most = all.facets[facet].count;
                assert_int_equal(first.facets[facet].count,
                    most < search.facet_values ? most : search.facet_values);
                for (size_t k = 0; k < first.facets[facet].count; k++) {
                    assert_string_equal(
                        first.facets[facet].values[k].value, all.facets[facet].values[k].value);
                }
            }
            lede_arena_done(&first.arena);
        }
        lede_arena_done(&all.arena);
    }
}

static void facets_count_every_match_of_one_part(void **state)
{
    make_archive(*state, 1);
    expect_facets(*state, 1);
}

static void facets_count_every_match_of_several_parts(void **state)
{
    make_archive(*state, PARTS);
    expect_facets(*state, PARTS);
}

static uint32_t count_between(int64_t first, int64_t end)
{
    uint32_t count = 0;
    for (int part = 0; part < PARTS; part++)
        for (uint32_t i = 1; i <= documents_of(part); i++)
            count += made[part][i].matches && made[part][i].published_utc_s >= first &&
                     made[part][i].published_utc_s < end;
    return count;
}

static void every_histogram_counts_exactly_and_fills_gaps(void **state)
{
    static const char *const zones[] = {NULL, "Europe/Berlin", "-09:30"};
    struct archive *archive = *state;
    struct lede_matched matched[PARTS];
    uint64_t seed = 5;
    make_archive(archive, PARTS);
    for (size_t i = 0; i < LEDE_COUNT_OF(shares) * LEDE_COUNT_OF(zones); i++) {
        struct lede_search search = {
            .time_zone = zones[i % LEDE_COUNT_OF(zones)], .histogram = LEDE_HISTOGRAM_DAY + i % 4};
        struct lede_calendar *calendar = NULL;
        match(matched, PARTS, shares[i / LEDE_COUNT_OF(zones)], &seed);
        assert_int_equal(lede_calendar_new(search.time_zone, &calendar, NULL), LEDE_OK);
        struct lede_search_result result = count_values(archive, matched, &search);
        uint32_t sum = 0, total = 0;
        for (int part = 0; part < PARTS; part++)
            total += matched[part].count;
        assert_int_equal(result.facet_count, 0);
        for (size_t k = 0; k < result.bucket_count; k++) {
            const struct lede_bucket *bucket = &result.buckets[k];
            int64_t next =
                lede_calendar_next_bucket(calendar, search.histogram, bucket->start_utc_s);
            assert_int_equal(bucket->count, count_between(bucket->start_utc_s, next));
            assert_int_equal(
                bucket->utc_offset_s, lede_calendar_utc_offset_s(calendar, bucket->start_utc_s));
            assert_true(k + 1 == result.bucket_count || bucket[1].start_utc_s == next);
            sum += bucket->count;
        }
        assert_int_equal(sum, total);
        assert_true(total == 0 || (result.buckets[0].count > 0 &&
                                      result.buckets[result.bucket_count - 1].count > 0));
        lede_arena_done(&result.arena);
        lede_calendar_free(calendar);
    }
}

static void too_many_buckets_are_refused(void **state)
{
    struct archive *archive = *state;
    archive_begin_part(archive);
    archive_put(archive, "{\"id\":\"a\",\"title\":\"x\",\"published\":\"1000-01-01\"}", NULL, 0);
    archive_put(archive, "{\"id\":\"b\",\"title\":\"x\",\"published\":\"2000-01-01\"}", NULL, 0);
    archive_open(archive);
    uint64_t both = 6;
    struct lede_matched matched = {&both, 2, 2};
    struct lede_search search = {.histogram = LEDE_HISTOGRAM_DAY};
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    assert_int_equal(
        archive_count_values(archive, &search, &matched, &result, &error), LEDE_ELIMIT);
    assert_string_equal(error.message, "the histogram would have more than 10000 buckets: take a "
                                       "longer interval or a shorter time");
    lede_arena_done(&result.arena);
    search.histogram = LEDE_HISTOGRAM_YEAR;
    result = count_values(archive, &matched, &search);
    assert_int_equal(result.bucket_count, 1001);
    lede_arena_done(&result.arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, archive_setup, archive_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facets_count_every_match_of_one_part),
        TEST(facets_count_every_match_of_several_parts),
        TEST(every_histogram_counts_exactly_and_fills_gaps),
        TEST(too_many_buckets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
