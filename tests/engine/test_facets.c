/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facets, histograms, values and words, against counts made without Xapian. */
#include "fixture.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENTS 700
#define TAGS 9
#define SECONDS_FIRST INT64_C(1577836800) /* 2020-01-01 */

/* A small generator, so that a failure is the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

struct made {
    int64_t published_utc_s[DOCUMENTS];
    bool tagged[DOCUMENTS][TAGS];
    bool wanted[DOCUMENTS];
};

static void make_archive(struct fixture *f, struct made *made)
{
    uint32_t seed = 7;
    for (int i = 0; i < DOCUMENTS; i++) {
        char json[600], moment[21], tags[200] = "";
        made->published_utc_s[i] = SECONDS_FIRST +
                                   (int64_t)(next_random(&seed) % (400 * 24U)) * 3600 +
                                   (int64_t)(next_random(&seed) % 3600);
        made->wanted[i] = next_random(&seed) % 3 != 0;
        for (int tag = 0; tag < TAGS; tag++) {
            made->tagged[i][tag] = next_random(&seed) % (unsigned)(tag + 2) == 0;
            if (made->tagged[i][tag])
                snprintf(tags + strlen(tags), sizeof(tags) - strlen(tags), "%s\"tag %d\"",
                    tags[0] ? "," : "", tag);
        }
        lede_time_format(made->published_utc_s[i], moment);
        snprintf(json, sizeof(json),
            "{\"id\":\"%d\",\"title\":\"%s\",\"tags\":[%s],\"published\":\"%s\"}", i,
            made->wanted[i] ? "wanted" : "other", tags, moment);
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
}

static struct lede_search_result run_wanted(
    struct fixture *f, enum lede_histogram histogram, enum lede_sort sort)
{
    struct lede_query *query = fixture_parse(f, "wanted");
    struct lede_search search = fixture_search(query);
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_TAGS) | LEDE_FIELD_BIT(LEDE_FIELD_SOURCE);
    search.histogram = histogram;
    search.sort = sort;
    search.limit = 3;
    struct lede_search_result result = fixture_run(f, &search);
    lede_query_free(query);
    return result;
}

static void facets_count_every_match_exactly(void **state)
{
    struct fixture *f = *state;
    static struct made made;
    make_archive(f, &made);
    for (int sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
        struct lede_search_result result = run_wanted(f, LEDE_HISTOGRAM_NONE, (enum lede_sort)sort);
        assert_int_equal(result.facet_count, 2);
        assert_int_equal(result.facets[0].field, LEDE_FIELD_SOURCE);
        assert_int_equal(result.facets[0].count, 0);
        assert_int_equal(result.facets[1].count, TAGS);
        for (size_t i = 0; i < TAGS; i++) {
            const struct lede_facet_value *value = &result.facets[1].values[i];
            int tag = value->value[4] - '0';
            uint32_t expected = 0;
            for (int d = 0; d < DOCUMENTS; d++)
                expected += made.wanted[d] && made.tagged[d][tag];
            assert_int_equal(value->count, expected);
            assert_true(
                i == 0 || value[-1].count > value->count ||
                (value[-1].count == value->count && strcmp(value[-1].value, value->value) < 0));
        }
        lede_search_result_done(&result);
    }
}

static uint32_t count_between(const struct made *made, int64_t first, int64_t end)
{
    uint32_t count = 0;
    for (int d = 0; d < DOCUMENTS; d++)
        count +=
            made->wanted[d] && made->published_utc_s[d] >= first && made->published_utc_s[d] < end;
    return count;
}

static void every_histogram_counts_exactly_and_fills_gaps(void **state)
{
    struct fixture *f = *state;
    static struct made made;
    make_archive(f, &made);
    for (int interval = LEDE_HISTOGRAM_HOUR; interval <= LEDE_HISTOGRAM_YEAR; interval++) {
        struct lede_search_result result =
            run_wanted(f, (enum lede_histogram)interval, LEDE_SORT_RELEVANCE);
        assert_true(result.bucket_count > 1);
        uint32_t sum = 0;
        for (size_t i = 0; i + 1 < result.bucket_count; i++) {
            int64_t start = result.buckets[i].start_utc_s;
            assert_true(start < result.buckets[i + 1].start_utc_s);
            assert_int_equal(result.buckets[i].count,
                count_between(&made, start, result.buckets[i + 1].start_utc_s));
            sum += result.buckets[i].count;
        }
        sum += result.buckets[result.bucket_count - 1].count;
        assert_int_equal(sum, result.total);
        lede_search_result_done(&result);
    }
}

static void expect_bucket(struct fixture *f, enum lede_histogram interval, const char *start)
{
    struct lede_search_result result = run_wanted(f, interval, LEDE_SORT_RELEVANCE);
    char text[21];
    lede_time_format(result.buckets[0].start_utc_s, text);
    assert_string_equal(text, start);
    lede_search_result_done(&result);
}

static void buckets_begin_where_the_calendar_says(void **state)
{
    struct fixture *f = *state;
    /* a Wednesday */
    fixture_put(f, 0, "{\"title\":\"wanted\",\"published\":\"1969-12-31T23:59:59Z\"}");
    fixture_read(f);
    expect_bucket(f, LEDE_HISTOGRAM_HOUR, "1969-12-31T23:00:00Z");
    expect_bucket(f, LEDE_HISTOGRAM_DAY, "1969-12-31T00:00:00Z");
    expect_bucket(f, LEDE_HISTOGRAM_WEEK, "1969-12-29T00:00:00Z");
    expect_bucket(f, LEDE_HISTOGRAM_MONTH, "1969-12-01T00:00:00Z");
    expect_bucket(f, LEDE_HISTOGRAM_YEAR, "1969-01-01T00:00:00Z");
}

static void too_many_buckets_are_refused(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"title\":\"wanted\",\"published\":\"1000-01-01\"}");
    fixture_put(f, 0, "{\"id\":\"later\",\"title\":\"wanted\",\"published\":\"2000-01-01\"}");
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "wanted");
    struct lede_search search = fixture_search(query);
    search.histogram = LEDE_HISTOGRAM_DAY;
    struct lede_search_result result = {0};
    struct lede_error error = {0};
    assert_int_equal(lede_index_search(f->index, &search, &result, &error), LEDE_ELIMIT);
    assert_string_not_equal(error.message, "");
    assert_null(result.hits);
    lede_query_free(query);
}

static void note(void *context, const char *value, uint32_t count)
{
    char *seen = context;
    size_t size = strlen(seen);
    snprintf(seen + size, 300 - size, "%s=%u ", value, count);
}

static void count_one(void *context, const char *value, uint32_t count)
{
    assert_string_not_equal(value, "");
    assert_int_equal(count, 1);
    ++*(uint32_t *)context;
}

static void values_and_unknown_keys_are_listed_with_counts(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0, "{\"title\":\"x\",\"source\":\"AP\",\"language\":\"en\",\"colour\":1}");
    fixture_put(f, 1,
        "{\"title\":\"y\",\"source\":\"Reuters\",\"language\":\"en\",\"sourse\":2,\"colour\":1}");
    fixture_put(f, 1, "{\"title\":\"z\",\"source\":\"AP\",\"language\":\"de\"}");
    fixture_read(f);
    char seen[300] = "";
    assert_int_equal(
        lede_index_visit_values(f->index, lede_field_at(LEDE_FIELD_SOURCE), note, seen, NULL, NULL),
        LEDE_OK);
    assert_int_equal(lede_index_visit_values(
                         f->index, lede_field_at(LEDE_FIELD_LANGUAGE), note, seen, NULL, NULL),
        LEDE_OK);
    assert_int_equal(lede_index_visit_values(f->index, NULL, note, seen, NULL, NULL), LEDE_OK);
    assert_string_equal(seen, "AP=2 Reuters=1 de=1 en=2 colour=2 sourse=1 ");
}

static void no_more_than_a_thousand_unknown_keys_are_told(void **state)
{
    struct fixture *f = *state;
    char json[64];
    uint32_t count = 0;
    bool cut = true;
    for (int i = 0; i <= LEDE_VALUES_COUNTED_MAX; i++) {
        if (i == LEDE_VALUES_COUNTED_MAX) {
            fixture_read(f);
            assert_int_equal(
                lede_index_visit_values(f->index, NULL, count_one, &count, &cut, NULL), LEDE_OK);
            assert_false(cut);
        }
        snprintf(json, sizeof(json), "{\"id\":\"d%d\",\"title\":\"x\",\"key%04d\":1}", i, i);
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
    assert_int_equal(count, LEDE_VALUES_COUNTED_MAX);
    assert_int_equal(
        lede_index_visit_values(f->index, NULL, count_one, &count, &cut, NULL), LEDE_OK);
    assert_int_equal(count, 2 * LEDE_VALUES_COUNTED_MAX);
    assert_true(cut);
}

static bool note_word(void *context, const char *word, size_t size, uint32_t documents)
{
    char *noted = context;
    size_t used = strlen(noted);
    snprintf(
        noted + used, 512 - used, "%s%.*s:%u", used > 0 ? " " : "", (int)size, word, documents);
    return strncmp(word, "spoke", size) != 0;
}

static void words_are_visited_once_in_order_with_their_documents(void **state)
{
    struct fixture *f = *state;
    char noted[512] = "";
    fixture_put(f, 0,
        "{\"title\":\"Zelensky in Kyiv\",\"body\":\"3 in Kyiv spoke\",\"author\":[\"Ann Roe\"],"
        "\"section\":\"other\"}");
    fixture_put(f, 1, "{\"title\":\"Kyiv\",\"summary\":\"spoke\"}");
    fixture_read(f);
    assert_int_equal(lede_index_visit_words(f->index, note_word, noted, NULL), LEDE_OK);
    assert_string_equal(noted, "3:1 ann:1 in:1 kyiv:2 roe:1 spoke:1");
    uint32_t documents = 9;
    assert_int_equal(
        lede_index_word_documents(f->index, LEDE_FIELDS_DEFAULT, "kyiv", 4, &documents, NULL),
        LEDE_OK);
    assert_int_equal(documents, 2);
    assert_int_equal(lede_index_word_documents(
                         f->index, LEDE_FIELD_BIT(LEDE_FIELD_TITLE), "spoke", 5, &documents, NULL),
        LEDE_OK);
    assert_int_equal(documents, 0);
    assert_int_equal(
        lede_index_word_documents(f->index, LEDE_FIELDS_DEFAULT, "other", 5, &documents, NULL),
        LEDE_OK);
    assert_int_equal(documents, 0);
}

static bool is_shown(struct fixture *f, const char *word, int64_t now_utc_s)
{
    uint32_t count = 0;
    assert_int_equal(lede_index_count_word(f->index, LEDE_FIELDS_DEFAULT, word, strlen(word), NULL,
                         now_utc_s, 1, &count, NULL),
        LEDE_OK);
    return count > 0;
}

static void a_word_is_shown_only_while_a_document_with_it_may_be(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0,
        "{\"id\":\"a\",\"title\":\"secret news\",\"embargoed_until\":\"2023-11-14T22:13:21Z\"}");
    fixture_put(f, 0, "{\"id\":\"b\",\"title\":\"retracted\",\"status\":\"withheld\"}");
    fixture_put(f, 1, "{\"id\":\"c\",\"title\":\"news\",\"expires\":\"2023-11-14T22:13:22Z\"}");
    fixture_read(f);
    assert_false(is_shown(f, "secret", FIXTURE_NOW));
    assert_true(is_shown(f, "secret", FIXTURE_NOW + 1));
    assert_false(is_shown(f, "retracted", FIXTURE_NOW));
    assert_true(is_shown(f, "news", FIXTURE_NOW));
    assert_true(is_shown(f, "news", FIXTURE_NOW + 2));
    assert_false(is_shown(f, "absent", FIXTURE_NOW));
    struct lede_query *query = fixture_parse(f, "news");
    struct lede_search search = fixture_search(query);
    uint32_t count = 9;
    bool exact = false;
    assert_int_equal(lede_index_estimate(f->index, &search, 100, &count, &exact, NULL), LEDE_OK);
    assert_int_equal(count, 1);
    assert_true(exact);
    search.now_utc_s = FIXTURE_NOW + 1;
    assert_int_equal(lede_index_estimate(f->index, &search, 100, &count, &exact, NULL), LEDE_OK);
    assert_int_equal(count, 2);
    lede_query_free(query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(facets_count_every_match_exactly),
        TEST(every_histogram_counts_exactly_and_fills_gaps),
        TEST(buckets_begin_where_the_calendar_says),
        TEST(too_many_buckets_are_refused),
        TEST(values_and_unknown_keys_are_listed_with_counts),
        TEST(no_more_than_a_thousand_unknown_keys_are_told),
        TEST(words_are_visited_once_in_order_with_their_documents),
        TEST(a_word_is_shown_only_while_a_document_with_it_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
