/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands near what, what patterns stand for, and that neither outlasts the deadline. Each
 * operator is tried where positions decide and where only the stored text can. */
#include "fixture.h"

#include "lede/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_archive(struct fixture *f)
{
    fixture_put(f, 0,
        "{\"id\":\"a\",\"title\":\"OPEC meets\",\"body\":\"Crude futures and oil rose. Saudi "
        "traders sold "
        "crude.\\n\\nArabia said nothing about aids.\",\"language\":\"en\",\"author\":[\"Jane "
        "Doe\",\"John "
        "Roe\"],\"published\":\"2022-01-19T18:04:00Z\"}");
    fixture_put(f, 1,
        "{\"id\":\"b\",\"title\":\"Opec opens\",\"body\":\"Oil and more crude. Arabia met AIDS "
        "experts. "
        "Oil.\",\"language\":\"en\",\"author\":\"Doe "
        "John\",\"published\":\"2022-02-15T00:00:00Z\"}");
    fixture_put(f, 0,
        "{\"id\":\"c\",\"title\":\"Oil\",\"summary\":\"Crude\",\"language\":\"en\","
        "\"published\":\"2022-03-15T00:00:00Z\"}");
    fixture_read(f);
}

static void near_counts_words_in_any_order(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "crude NEAR/3 oil", "a b");
    fixture_expect(f, "crude NEAR/2 oil", "");
    fixture_expect(f, "oil NEAR/3 crude", "a b");
    fixture_expect(f, "=crude NEAR/3 oil", "a b");
    fixture_expect(f, "=crude NEAR/2 oil", "");
    fixture_expect(f, "\"crude futures\" NEAR/2 oil", "a");
    fixture_expect(f, "\"crude futures\" NEAR/1 oil", "");
}

static void adjacent_counts_words_in_order(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "crude ADJ/3 oil", "a");
    fixture_expect(f, "crude ADJ/2 oil", "");
    fixture_expect(f, "oil ADJ/3 crude", "b");
    fixture_expect(f, "cru* ADJ/3 oil", "a");
    fixture_expect(f, "(crude OR saudi) ADJ/1 (futures OR traders)", "a");
}

/* A word is not near itself: Xapian's NEAR would take one position twice. */
static void one_word_needs_two_places_to_be_near_itself(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "crude NEAR/100 crude", "a");
    fixture_expect(f, "oil NEAR/100 oil", "b");
    fixture_expect(f, "arabia NEAR/100 arabia", "");
}

static void sentences_and_paragraphs_bound_what_is_together(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "oil SAME s futures", "a");
    fixture_expect(f, "oil SAME s traders", "");
    fixture_expect(f, "oil SAME p traders", "a");
    fixture_expect(f, "oil SAME p arabia", "b");
    fixture_expect(f, "=oil SAME s futures", "a");
    fixture_expect(f, "=oil SAME p arabia", "b");
    fixture_expect(f, "oil NOT SAME s futures", "b c");
    fixture_expect(f, "oil NOT SAME p arabia", "a c");
}

static void proximity_stays_in_one_field_and_one_item(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "oil SAME p crude", "a b");
    fixture_expect(f, "author:(doe NEAR/100 john)", "b");
    fixture_expect(f, "author:(doe SAME s john)", "b");
    fixture_expect(f, "author:(doe SAME p john)", "b");
    fixture_expect(f, "author:(\"jane doe\" NEAR/100 john)", "");
    fixture_expect(f, "author:(\"jane doe\" NEAR/100 jane)", "");
}

static void atleast_sums_over_fields(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "ATLEAST/2 crude", "a");
    fixture_expect(f, "ATLEAST/2 oil", "b");
    fixture_expect(f, "ATLEAST/2 (oil OR crude)", "a b c");
    fixture_expect(f, "ATLEAST/3 (oil OR crude)", "a b");
    fixture_expect(f, "ATLEAST/4 (oil OR crude)", "");
    fixture_expect(f, "ATLEAST/3 (=oil OR cru*)", "a b");
}

static void the_lead_ends_with_the_first_paragraph(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "arabia", "a b");
    fixture_expect(f, "LEAD:arabia", "b");
    fixture_expect(f, "LEAD:arab*", "b");
    fixture_expect(f, "LEAD:traders", "a");
}

static void capitals_and_length_are_conditions(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "CAPS opec", "a");
    fixture_expect(f, "CAPS aids", "b");
    fixture_expect(f, "LENGTH<=0", "c");
    fixture_expect(f, "LENGTH>=9", "a b");
    fixture_expect(f, "LENGTH>9", "a");
}

static void patterns_stand_for_words_of_the_archive(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "*utures", "a");
    fixture_expect(f, "cr?de", "a b c");
    fixture_expect(f, "cr?", "");
    fixture_expect(f, "traders~ NOT absent", "a");
    fixture_expect(f, "taders~1", "a");
    fixture_expect(f, "xraders~1", "");
}

static void what_stands_near_can_be_excluded(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    fixture_expect(f, "crude NOT (crude ADJ/3 oil)", "b c");
    fixture_expect(f, "crude NOT (=crude ADJ/3 oil)", "b c");
    fixture_expect(f, "crude NOT (oil SAME p arab*)", "a c");
    fixture_expect(f, "crude NOT ATLEAST/2 (crude OR =oil)", "");
}

static void expect_clauses_to_sum_up(struct fixture *f, const char *text)
{
    struct lede_query *query = fixture_parse(f, text);
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    struct lede_explanation explanation = {0};
    double sum = 0;
    assert_int_equal(result.hit_count, 1);
    assert_int_equal(
        lede_index_explain(f->index, &search, result.hits, 1, &explanation, NULL), LEDE_OK);
    assert_int_equal(explanation.hit_count, 1);
    for (size_t i = 0; i < explanation.clause_count; i++) {
        assert_true(explanation.hits[0].shares[i].matches);
        assert_true(explanation.hits[0].shares[i].score > 0);
        sum += explanation.hits[0].shares[i].score;
    }
    lede_explanation_done(&explanation);
    assert_true(sum - result.hits[0].score < 1e-6 && result.hits[0].score - sum < 1e-6);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void proximity_scores_as_one_clause(void **state)
{
    struct fixture *f = *state;
    put_archive(f);
    expect_clauses_to_sum_up(f, "traders (crude NEAR/3 oil)");
    expect_clauses_to_sum_up(f, "traders (crude SAME s futures)");
    expect_clauses_to_sum_up(f, "traders (=crude NEAR/3 oil)");
    expect_clauses_to_sum_up(f, "traders (ATLEAST/2 crude)");
}

#define CUT_WORDS 1200 /* more than a pattern stands for */

/* One document of words that all begin with e; ezzz, the last of them, also stands in another
 * one. */
static void put_many_words(struct fixture *f)
{
    struct lede_buffer json = {0};
    lede_buffer_append_string(&json,
        "{\"id\":\"many\",\"language\":\"en\",\"published\":\"2022-01-01T00:00:00Z\",\"body\":\"");
    for (int i = 0; i < CUT_WORDS - 1; i++)
        lede_buffer_append_format(
            &json, "e%c%c%c ", 'a' + i / 676, 'a' + i / 26 % 26, 'a' + i % 26);
    lede_buffer_append_string(&json, "ezzz\"}");
    fixture_put(f, 0, json.data);
    lede_buffer_done(&json);
    fixture_put(f, 1,
        "{\"id\":\"one\",\"language\":\"en\",\"published\":\"2022-01-01T00:00:00Z\",\"body\":"
        "\"Ezzz.\"}");
    fixture_read(f);
}

static void a_pattern_keeps_the_most_frequent_words_and_tells_what_it_cut(void **state)
{
    struct fixture *f = *state;
    put_many_words(f);
    struct lede_query *query = fixture_parse(f, "one OR e*");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    char *ids = fixture_sorted_ids(&result);
    assert_string_equal(ids, "many one");
    assert_int_equal(result.cut_count, 1);
    assert_ptr_equal(result.cuts[0].leaf, lede_query_root(query)->children[1]);
    assert_int_equal(result.cuts[0].used, LEDE_EXPANSION_TERMS_MAX);
    assert_int_equal(result.cuts[0].left_out, CUT_WORDS - LEDE_EXPANSION_TERMS_MAX);
    assert_false(result.cuts[0].scan_ended);
    free(ids);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void a_pattern_that_fits_is_not_cut(void **state)
{
    struct fixture *f = *state;
    put_many_words(f);
    struct lede_query *query = fixture_parse(f, "ea*");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    assert_int_equal(result.total, 1);
    assert_int_equal(result.cut_count, 0);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void a_passed_deadline_ends_every_operator(void **state)
{
    static const char *const queries[] = {"crude NEAR/3 oil", "crude ADJ/3 oil", "crude SAME s oil",
        "crude SAME p oil", "ATLEAST/2 crude", "LEAD:crude", "=crude NEAR/3 oil", "LEAD: CAPS opec",
        "CAPS opec", "LENGTH>1", "crude", "crude NOT (oil SAME s traders)"};
    struct fixture *f = *state;
    put_archive(f);
    for (size_t i = 0; i < LEDE_COUNT_OF(queries); i++) {
        struct lede_query *query = fixture_parse(f, queries[i]);
        struct lede_search search = fixture_search(query);
        search.deadline_monotonic_ns = 1;
        struct lede_search_result result = fixture_run(f, &search);
        if (!result.timed_out || result.total_is_exact)
            fail_msg("'%s' did not time out", queries[i]);
        lede_search_result_done(&result);
        lede_query_free(query);
    }
}

static void a_passed_deadline_ends_the_scan_for_words(void **state)
{
    struct fixture *f = *state;
    put_many_words(f);
    struct lede_query *query = fixture_parse(f, "*zz");
    struct lede_search search = fixture_search(query);
    search.deadline_monotonic_ns = 1;
    struct lede_search_result result = fixture_run(f, &search);
    assert_true(result.timed_out);
    assert_int_equal(result.cut_count, 1);
    assert_true(result.cuts[0].scan_ended);
    lede_search_result_done(&result);
    lede_query_free(query);
}

#define LONG_DOCUMENTS 400
#define LONG_WORDS 1500

static void put_long_texts(struct fixture *f)
{
    struct lede_buffer json = {0};
    for (int i = 0; i < LONG_DOCUMENTS; i++) {
        lede_buffer_clear(&json);
        lede_buffer_append_format(&json,
            "{\"id\":\"%03d\",\"language\":\"en\",\"published\":\"2022-01-01T00:00:00Z\",\"body\":"
            "\"",
            i);
        for (int k = 0; k < LONG_WORDS; k++)
            lede_buffer_append_format(&json, "word%d ", k % 50);
        lede_buffer_append_string(&json, "crude oil\"}");
        fixture_put(f, i % 2, json.data);
    }
    lede_buffer_done(&json);
    fixture_read(f);
}

/* Reading all these texts takes many times the 5 ms that are given; the limit on the time taken is
 * wide. */
static void a_search_stops_in_the_middle_at_its_deadline(void **state)
{
    struct fixture *f = *state;
    put_long_texts(f);
    struct lede_query *query = fixture_parse(f, "=crude NEAR/2 =oil");
    struct lede_search search = fixture_search(query);
    uint64_t start_ns = lede_time_monotonic_ns();
    search.deadline_monotonic_ns = start_ns + UINT64_C(5000000);
    struct lede_search_result result = fixture_run(f, &search);
    assert_true(lede_time_monotonic_ns() - start_ns < UINT64_C(2000000000));
    assert_true(result.timed_out);
    assert_false(result.total_is_exact);
    assert_true(result.hit_count < LONG_DOCUMENTS);
    lede_search_result_done(&result);
    search.deadline_monotonic_ns = 0;
    result = fixture_run(f, &search);
    assert_false(result.timed_out);
    assert_int_equal(result.total, LONG_DOCUMENTS);
    lede_search_result_done(&result);
    lede_query_free(query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* What was written before positions had this file is answered from the stored text. */
static void documents_without_positions_are_read(void **state)
{
    struct fixture *f = *state;
    f->is_older[0] = f->is_older[1] = true;
    put_archive(f);
    fixture_expect(f, "\"crude futures\"", "a");
    fixture_expect(f, "\"futures crude\"", "");
    fixture_expect(f, "\"opec meets\"", "a");
    fixture_expect(f, "crude NEAR/3 oil", "a b");
    fixture_expect(f, "crude NEAR/2 oil", "");
    fixture_expect(f, "trader ADJ/2 crude", "a");
    fixture_expect(f, "oil SAME s futures", "a");
    fixture_expect(f, "oil SAME s traders", "");
    fixture_expect(f, "oil SAME p arab*", "b");
    fixture_expect(f, "author:(\"jane doe\" NEAR/100 john)", "");
    fixture_expect(f, "ATLEAST/2 crude", "a");
    fixture_expect(f, "LEAD:arabia", "b");
    fixture_expect(f, "CAPS opec SAME p meet", "a");
}

/* Nearness reads positions of hits from both segments, whatever their order. */
static void order_by_nearness(struct fixture *f)
{
    static const char *const bodies[] = {"alpha one two three omega", "alpha omega one two three",
        "alpha one two omega three", "omega alpha one two three"};
    for (int i = 0; i < 12; i++) {
        char json[200];
        snprintf(json, sizeof(json), "{\"id\":\"%d\",\"body\":\"%s\",\"language\":\"en\"}", i,
            i < 4 ? bodies[i] : "other words of the archive here");
        fixture_put(f, i % 2, json);
    }
    fixture_read(f);
    struct lede_query *query = fixture_parse(f, "alpha omega");
    struct lede_search search = fixture_search(query);
    struct lede_search_result result = fixture_run(f, &search);
    char *ids = fixture_ids(&result);
    assert_string_equal(ids, "1 3 2 0");
    free(ids);
    lede_search_result_done(&result);
    lede_query_free(query);
}

static void words_side_by_side_come_first(void **state)
{
    order_by_nearness(*state);
}

static void words_side_by_side_come_first_without_positions_too(void **state)
{
    struct fixture *f = *state;
    f->is_older[1] = true;
    order_by_nearness(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(documents_without_positions_are_read),
        TEST(words_side_by_side_come_first),
        TEST(words_side_by_side_come_first_without_positions_too),
        TEST(near_counts_words_in_any_order),
        TEST(adjacent_counts_words_in_order),
        TEST(one_word_needs_two_places_to_be_near_itself),
        TEST(sentences_and_paragraphs_bound_what_is_together),
        TEST(proximity_stays_in_one_field_and_one_item),
        TEST(atleast_sums_over_fields),
        TEST(the_lead_ends_with_the_first_paragraph),
        TEST(capitals_and_length_are_conditions),
        TEST(patterns_stand_for_words_of_the_archive),
        TEST(what_stands_near_can_be_excluded),
        TEST(proximity_scores_as_one_clause),
        TEST(a_pattern_keeps_the_most_frequent_words_and_tells_what_it_cut),
        TEST(a_pattern_that_fits_is_not_cut),
        TEST(a_passed_deadline_ends_every_operator),
        TEST(a_passed_deadline_ends_the_scan_for_words),
        TEST(a_search_stops_in_the_middle_at_its_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
