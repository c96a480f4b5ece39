/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of query finds, in what order, and what is hidden. */
#include "fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_archive(struct fixture *f)
{
    fixture_put(f, 0,
        "{\"id\":\"a\",\"title\":\"Ministers meet in Geneva\",\"body\":\"Crude oil from Saudi "
        "Arabia rose "
        "sharply. "
        "The minister said "
        "so.\",\"language\":\"en\",\"published\":\"2022-01-19T18:04:00Z\",\"source\":\"AP\","
        "\"author\":[\"Jane Doe\",\"John "
        "Roe\"],\"tags\":[\"oil\",\"diplomacy\"],\"section\":\"world\"}");
    fixture_put(f, 1,
        "{\"id\":\"b\",\"title\":\"Oil falls\",\"body\":\"Arabia, Saudi traders said, sells "
        "crude.\",\"language\":\"en\","
        "\"published\":\"2022-02-15T00:00:00Z\",\"updated\":\"2022-03-01T12:00:00Z\",\"source\":"
        "\"Reuters\","
        "\"author\":[\"Doe Jane\"],\"tags\":[\"oil\"]}");
    fixture_put(f, 0,
        "{\"id\":\"c\",\"title\":\"Die Minister tagen\",\"summary\":\"Ein Gipfel in "
        "Genf\",\"body\":\"Die "
        "H\xC3\xA4user "
        "stehen "
        "leer.\",\"language\":\"de\",\"published\":\"2021-12-31T23:59:59Z\",\"source\":\"AP\"}");
    fixture_put(f, 1,
        "{\"id\":\"d\",\"title\":\"COVID-19 returns\",\"body\":\"Economists watch the economy; "
        "economic data "
        "are mixed. "
        "AT&T said "
        "nothing.\",\"language\":\"en\",\"published\":\"2023-05-05T05:05:05Z\",\"source\":"
        "\"Reuters\","
        "\"tags\":[\"health\"],\"odd_key\":1}");
    fixture_put(f, 0,
        "{\"id\":\"e\",\"title\":\"\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD\xE7\x9F\xA5\xE4\xBA\x8B\","
        "\"language\":\"ja\","
        "\"published\":\"1969-07-20T20:17:40Z\"}");
    fixture_read(f);
}

static void a_word_is_found_by_its_stem_in_every_language(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "minister", "a c");
    fixture_expect(f, "ministers", "a c");
    fixture_expect(f, "Haus", "c");
    fixture_expect(f, "absent", "");
}

static void words_side_by_side_must_all_be_there(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "crude oil", "a b");
    fixture_expect(f, "crude geneva", "a");
    fixture_expect(f, "crude absent", "");
}

static void operators_combine_as_they_say(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "geneva OR economy", "a d");
    fixture_expect(f, "oil NOT geneva", "b");
    fixture_expect(f, "oil -geneva", "b");
    fixture_expect(f, "-oil", "c d e");
    fixture_expect(f, "oil -absent", "a b");
    fixture_expect(f, "absent OR oil", "a b");
    fixture_expect(f, "(geneva OR falls) AND (crude OR gipfel)", "a b");
    fixture_expect(f, "geneva OR (NOT oil)", "a c d e");
}

/* Xapian 1.4.22 loses documents where what only raises a score stands on the right of AND_NOT. */
static void an_excluded_group_excludes_what_it_matches_alone(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "oil NOT (=ministers published:2022)", "b");
    fixture_expect(f, "oil NOT (=falls econ*)", "a b");
    fixture_expect(f, "oil NOT (\"crude oil\" OR (=economists minist*))", "b");
}

static void the_empty_query_finds_everything(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "", "a b c d e");
}

static void a_phrase_needs_its_words_in_order_and_in_one_item(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "\"saudi arabia\"", "a");
    fixture_expect(f, "\"arabia saudi\"", "b");
    fixture_expect(f, "author:\"jane doe\"", "a");
    fixture_expect(f, "author:\"doe john\"", "");
    fixture_expect(f, "COVID-19", "d");
    fixture_expect(f, "\"saudi absent\"", "");
    fixture_expect(f, "\"minister tagen\" OR \"crude oil\"", "a c");
}

static void an_exact_word_is_not_stemmed(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "=ministers", "a");
    fixture_expect(f, "=minister", "a c");
    fixture_expect(f, "=econom", "");
}

static void a_prefix_finds_words_that_begin_so(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "econ*", "d");
    fixture_expect(f, "title:minis*", "a c");
    fixture_expect(f, "gen*", "a c");
    fixture_expect(f, "zzz*", "");
    fixture_expect(f, "gen* -geneva", "c");
}

static void a_prefix_match_has_a_score(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "econ*");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    assert_int_equal(result.hit_count, 1);
    assert_true(result.hits[0].score > 0);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void a_field_restricts_a_word(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "title:oil", "b");
    fixture_expect(f, "source:reuters", "b d");
    fixture_expect(f, "tag:oil", "a b");
}

static void dates_include_both_ends_and_never_absent_ones(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "published:2022-01-19..2022-02-15", "a b");
    fixture_expect(f, "published:2021-12-31", "c");
    fixture_expect(f, "published:1969", "e");
    fixture_expect(f, "updated:2022", "b");
    fixture_expect(f, "updated:0001..9999", "b");
    fixture_expect(f, "oil published:2022-01", "a");
}

static void text_without_spaces_is_found_by_its_parts(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    /* the first two characters */
    fixture_expect(f, "\xE6\x9D\xB1\xE4\xBA\xAC", "e");
    /* three in the middle */
    fixture_expect(f, "\xE4\xBA\xAC\xE9\x83\xBD\xE7\x9F\xA5", "e");
    fixture_expect(f, "\xE6\x9D\xB1\xE4\xBA\xAC\xE7\x9F\xA5\xE4\xBA\x8B", ""); /* one left out */
    fixture_expect(f, "\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD\xE7\x9F\xA5\xE4\xBA\x8B", "e");
}

static void expect_filtered(
    struct fixture *f, const struct lede_search *search, const char *expected)
{
    struct lede_search_result result = fixture_run(f, search);
    char *ids = fixture_sorted_ids(&result);
    assert_string_equal(ids, expected);
    assert_int_equal(result.total, result.hit_count);
    assert_true(result.total_is_exact);
    free(ids);
    lede_search_result_done(&result);
}

static void filters_are_or_inside_a_field_and_between_fields(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "");
    struct lede_search search = fixture_search(query);
    const char *const sources[] = {"AP", "Reuters"};
    const char *const tags[] = {"oil"};
    const char *const wrong_case[] = {"ap"};
    struct lede_filter filters[2] = {
        {.field = lede_field_at(LEDE_FIELD_SOURCE), .any = sources, .any_count = 1},
        {.field = lede_field_at(LEDE_FIELD_TAGS), .any = tags, .any_count = 1}};
    search.filters = filters;
    search.filter_count = 1;
    expect_filtered(f, &search, "a c");
    filters[0].any_count = 2;
    expect_filtered(f, &search, "a b c d");
    search.filter_count = 2;
    expect_filtered(f, &search, "a b");
    filters[1] = (struct lede_filter){
        .field = lede_field_at(LEDE_FIELD_TAGS), .none = tags, .none_count = 1};
    expect_filtered(f, &search, "c d");
    filters[0].any = wrong_case;
    filters[0].any_count = 1;
    expect_filtered(f, &search, "");
    lede_query_free(query);
}

static void bounds_on_publication_include_both_ends(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "");
    struct lede_search search = fixture_search(query);
    search.after_utc_s = INT64_C(1642615440); /* a's second */
    expect_filtered(f, &search, "a b d");
    search.after_utc_s++;
    expect_filtered(f, &search, "b d");
    search.after_utc_s = LEDE_TIME_NONE;
    search.before_utc_s = INT64_C(1642615440);
    expect_filtered(f, &search, "a c e");
    search.after_utc_s = INT64_C(1642615440);
    expect_filtered(f, &search, "a");
    search.after_utc_s++;
    expect_filtered(f, &search, "");
    lede_query_free(query);
}

static void what_may_be_shown_changes_at_the_second(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_put(f, 0,
        "{\"id\":\"held\",\"title\":\"Clock story\",\"embargoed_until\":\"2023-01-01T00:00:10Z\"}");
    fixture_put(
        f, 1, "{\"id\":\"old\",\"title\":\"Clock story\",\"expires\":\"2023-01-01T00:00:10Z\"}");
    fixture_put(f, 0, "{\"id\":\"no\",\"title\":\"Clock story\",\"status\":\"withheld\"}");
    fixture_put(f, 1, "{\"id\":\"gone\",\"title\":\"Clock story\",\"status\":\"canceled\"}");
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "clock");
    struct lede_search search = fixture_search(query);
    search.now_utc_s = INT64_C(1672531209);
    expect_filtered(f, &search, "old");
    search.now_utc_s = INT64_C(1672531210);
    expect_filtered(f, &search, "held");
    search.now_utc_s = LEDE_TIME_MAX_UTC_S;
    expect_filtered(f, &search, "held");
    struct lede_buffer stored = {0};
    assert_int_equal(lede_index_get(f->index, "gone", 4, &stored, NULL, NULL), LEDE_OK);
    lede_buffer_done(&stored);
    lede_query_free(query);
}

static int64_t next_change(struct fixture *f, int64_t now_utc_s)
{
    int64_t next = 0;
    assert_int_equal(lede_index_next_change(f->index, now_utc_s, &next, NULL), LEDE_OK);
    return next;
}

static void the_next_change_by_the_clock_is_known(void **state)
{
    const int64_t embargo = INT64_C(1672531210), expiry = embargo + 10;
    struct fixture *f = *state;
    put_archive(f);
    fixture_read(f);
    assert_int_equal(next_change(f, 0), LEDE_TIME_MAX_UTC_S + 1);
    fixture_put(
        f, 0, "{\"id\":\"held\",\"title\":\"Held\",\"embargoed_until\":\"2023-01-01T00:00:10Z\"}");
    fixture_put(f, 1,
        "{\"id\":\"both\",\"title\":\"Both\",\"embargoed_until\":\"2000-01-01T00:00:00Z\","
        "\"expires\":\"2023-01-01T00:00:20Z\"}");
    fixture_read(f);
    assert_int_equal(next_change(f, embargo - 1), embargo);
    assert_int_equal(next_change(f, embargo), expiry);
    assert_int_equal(next_change(f, expiry - 1), expiry);
    assert_int_equal(next_change(f, expiry), LEDE_TIME_MAX_UTC_S + 1);
}

static void sorts_go_by_time(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "");
    struct lede_search search = fixture_search(query);
    search.sort = LEDE_SORT_NEWEST;
    struct lede_search_result result = fixture_run(f, &search);
    char *ids = fixture_ids(&result);
    assert_string_equal(ids, "d b a c e");
    free(ids);
    lede_search_result_done(&result);
    search.sort = LEDE_SORT_OLDEST;
    result = fixture_run(f, &search);
    ids = fixture_ids(&result);
    assert_string_equal(ids, "e c a b d");
    free(ids);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void equal_scores_come_newest_first(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 10; i++) {
        char json[200];
        snprintf(json, sizeof(json),
            "{\"id\":\"n%d\",\"title\":\"same words\",\"published\":\"2020-01-%02dT00:00:00Z\"}", i,
            1 + (i * 7) % 10);
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "same");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    char *ids = fixture_ids(&result);
    assert_string_equal(ids, "n7 n4 n1 n8 n5 n2 n9 n6 n3 n0");
    free(ids);
    lede_search_result_done(&result);
    lede_query_free(query);
}

/* 150 documents of two moments, more than ranking looks ahead for equal ones; `m0` is the newer
 * moment. */
static void expect_moments_and_ids(struct fixture *f, const char *query_text)
{
    struct lede_query *query = fixture_parse(f, query_text);
    struct lede_search search = fixture_search(query);
    search.limit = 7;
    for (search.offset = 0; search.offset < 150; search.offset += 7) {
        struct lede_search_result page = fixture_run(f, &search);
        assert_int_equal(page.total, 150);
        assert_int_equal(page.hit_count, search.offset + 7 > 150 ? 150 - search.offset : 7);
        for (uint32_t i = 0; i < page.hit_count; i++) {
            uint32_t place = search.offset + i;
            char id[16];
            snprintf(id, sizeof(id), "m%u-%03u", place < 75 ? 0 : 1, place % 75);
            assert_string_equal(page.hits[i].id, id);
        }
        lede_search_result_done(&page);
    }
    lede_query_free(query);
}

static void equal_scores_and_moments_come_by_id_whatever_segment_they_are_in(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 150; i++) {
        int number = i * 77 % 150; /* ids do not come in the order of storing */
        char json[200];
        snprintf(json, sizeof(json),
            "{\"id\":\"m%d-%03d\",\"title\":\"same "
            "words\",\"published\":\"202%d-01-01T00:00:00Z\"}",
            number % 2, number / 2, number % 2 ? 0 : 1);
        fixture_put(f, i % 7 < 2, json);
    }
    fixture_read(f);
    expect_moments_and_ids(f, "same");
    expect_moments_and_ids(f, "sam*");
}

static void pages_are_slices_of_the_whole(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 60; i++) {
        char json[200];
        snprintf(json, sizeof(json),
            "{\"id\":\"p%02d\",\"title\":\"page %s\",\"body\":\"%s text\"}", i,
            i % 3 ? "one" : "one one", i % 4 ? "other words" : "page");
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "page one");
    struct lede_search search = fixture_search(query);
    struct lede_search_result whole = fixture_run(f, &search);
    assert_int_equal(whole.hit_count, 60);
    search.limit = 7;
    for (search.offset = 0; search.offset < 60; search.offset += 7) {
        struct lede_search_result page = fixture_run(f, &search);
        assert_int_equal(page.total, 60);
        for (size_t i = 0; i < page.hit_count; i++)
            assert_int_equal(page.hits[i].docid, whole.hits[search.offset + i].docid);
        lede_search_result_done(&page);
    }
    lede_search_result_done(&whole);
    lede_query_free(query);
}

static void a_passed_deadline_is_told(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "\"crude oil\" OR minister");
    struct lede_search search = fixture_search(query);
    search.deadline_monotonic_ns = 1;
    struct lede_search_result result = fixture_run(f, &search);
    assert_true(result.timed_out);
    assert_false(result.total_is_exact);
    lede_search_result_done(&result);
    search.deadline_monotonic_ns = UINT64_MAX;
    result = fixture_run(f, &search);
    assert_false(result.timed_out);
    assert_int_equal(result.total, 2);
    lede_search_result_done(&result);
    lede_query_free(query);
}

/* Xapian 1.4.22 misreads, unweighted, a term of every document where one was deleted. */
static void a_word_of_every_document_is_found_after_a_deletion(void **state)
{
    struct fixture *f = *state;
    char json[160];
    for (int i = 0; i < 2200; i++) {
        snprintf(json, sizeof(json),
            "{\"id\":\"d%04d\",\"title\":\"crude oil\",\"language\":\"en\",\"section\":\"energy\"}",
            i);
        fixture_put(f, 0, json);
    }
    fixture_delete(f, 0, "d1500");
    fixture_read(f);
    static const char *const queries[] = {
        "oil", "=oil", "oi*", "oil OR absent", "crude oil", "\"crude oil\"", "*"};
    for (size_t i = 0; i < LEDE_COUNT_OF(queries); i++) {
        struct lede_query *query = fixture_parse(f, queries[i]);
        for (enum lede_sort sort = LEDE_SORT_RELEVANCE; sort <= LEDE_SORT_OLDEST; sort++) {
            const char *energy = "energy";
            struct lede_filter filter = {
                .field = lede_field_at(LEDE_FIELD_SECTION), .any = &energy, .any_count = 1};
            struct lede_search search = fixture_search(query);
            search.sort = sort;
            search.limit = 5;
            search.filters = &filter;
            search.filter_count = 1;
            struct lede_search_result result = fixture_run(f, &search);
            assert_int_equal(result.total, 2199);
            assert_true(result.total_is_exact);
            lede_search_result_done(&result);
        }
        lede_query_free(query);
    }
}

static void a_clause_alone_gives_its_part_of_the_score(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "crude arabia");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    const struct lede_query_node *root = lede_query_root(query);
    double sum = 0;
    struct lede_explanation explanation = {0};
    assert_int_equal(
        lede_index_explain(f->index, &search, result.hits, result.hit_count, &explanation, NULL),
        LEDE_OK);
    assert_int_equal(explanation.clause_count, 2);
    assert_int_equal(explanation.hit_count, result.hit_count);
    for (size_t i = 0; i < 2; i++) {
        assert_ptr_equal(explanation.clauses[i], root->children[i]);
        assert_true(explanation.hits[0].shares[i].matches);
        sum += explanation.hits[0].shares[i].score;
    }
    lede_explanation_done(&explanation);
    assert_true(sum > 0);
    assert_true(
        fabs(sum + result.hits[0].nearness - result.hits[0].score) < LEDE_EXPLANATION_TOLERANCE);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void match_only_leaves_the_texts_out(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    struct lede_query *query = fixture_parse(f, "oil");
    struct lede_search search = fixture_search(query);
    search.match_only = true;
    struct lede_search_result result = fixture_run(f, &search);
    assert_int_equal(result.hit_count, 2);
    assert_string_equal(result.hits[0].stored, "");
    assert_int_equal(result.hits[0].stored_size, 0);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void an_index_of_no_segments_is_empty(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(lede_index_open(NULL, 0, &f->index, NULL), LEDE_OK);
    fixture_expect(f, "anything", "");
    struct lede_buffer stored = {0};
    assert_int_equal(lede_index_get(f->index, "a", 1, &stored, NULL, NULL), LEDE_ENOTFOUND);
    assert_int_equal(lede_index_document_count(f->index), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_word_of_every_document_is_found_after_a_deletion, fixture_setup, fixture_teardown),
        TEST(a_word_is_found_by_its_stem_in_every_language),
        TEST(words_side_by_side_must_all_be_there),
        TEST(operators_combine_as_they_say),
        TEST(an_excluded_group_excludes_what_it_matches_alone),
        TEST(the_empty_query_finds_everything),
        TEST(a_phrase_needs_its_words_in_order_and_in_one_item),
        TEST(an_exact_word_is_not_stemmed),
        TEST(a_prefix_finds_words_that_begin_so),
        TEST(a_prefix_match_has_a_score),
        TEST(a_field_restricts_a_word),
        TEST(dates_include_both_ends_and_never_absent_ones),
        TEST(text_without_spaces_is_found_by_its_parts),
        TEST(filters_are_or_inside_a_field_and_between_fields),
        TEST(bounds_on_publication_include_both_ends),
        TEST(what_may_be_shown_changes_at_the_second),
        TEST(the_next_change_by_the_clock_is_known),
        TEST(sorts_go_by_time),
        TEST(equal_scores_come_newest_first),
        TEST(equal_scores_and_moments_come_by_id_whatever_segment_they_are_in),
        TEST(pages_are_slices_of_the_whole),
        TEST(a_passed_deadline_is_told),
        TEST(a_clause_alone_gives_its_part_of_the_score),
        TEST(match_only_leaves_the_texts_out),
        TEST(an_index_of_no_segments_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
