/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree evaluated over a document's texts. */
#include "support.h"

#include "lede/time.h"

#include <string.h>

static void all_words_may_be_in_different_fields(void **state)
{
    (void)state;
    assert_true(support_matches("oil wind", "Oil", "Wind"));
    assert_false(support_matches("oil wind", "Oil", "Sun"));
}

static void phrase_does_not_cross_fields(void **state)
{
    (void)state;
    assert_false(support_matches("\"north sea\"", "North", "sea"));
    assert_true(support_matches("\"north sea\"", "North", "The north sea"));
}

static void not_excludes(void **state)
{
    (void)state;
    assert_true(support_matches("oil NOT gas", NULL, "Oil and wind"));
    assert_false(support_matches("oil NOT gas", "Gas", "Oil and wind"));
    assert_true(support_matches("NOT gas", NULL, "Oil"));
}

static void named_field_is_the_only_one_looked_at(void **state)
{
    (void)state;
    assert_true(support_matches("title:oil", "Oil", NULL));
    assert_false(support_matches("title:oil", "Wind", "Oil"));
}

static void empty_query_matches_everything(void **state)
{
    (void)state;
    assert_true(support_matches("", NULL, NULL));
    assert_true(support_matches("*", NULL, "Oil"));
}

static bool dates_match(const char *text, int64_t published_utc_s, int64_t updated_utc_s)
{
    struct lede_match_subject subject = {
        .published_utc_s = published_utc_s, .updated_utc_s = updated_utc_s};
    struct lede_query *query = support_query(text);
    bool matches = false;
    enum lede_status st = lede_query_matches(query, &subject, support_analyzer(), &matches);
    lede_query_free(query);
    assert_int_equal(st, LEDE_OK);
    return matches;
}

static void date_range_includes_both_ends(void **state)
{
    (void)state;
    const int64_t day_utc_s = 1642550400; /* 2022-01-19 */
    assert_true(dates_match("published:2022-01-19..2022-01-19", day_utc_s, LEDE_TIME_NONE));
    assert_true(dates_match("published:2022-01-19..2022-01-19", day_utc_s + 86399, LEDE_TIME_NONE));
    assert_false(
        dates_match("published:2022-01-19..2022-01-19", day_utc_s + 86400, LEDE_TIME_NONE));
}

static void absent_date_is_in_no_range(void **state)
{
    (void)state;
    assert_false(dates_match("updated:>1900-01-01", 0, LEDE_TIME_NONE));
    assert_true(dates_match("updated:>1900-01-01", LEDE_TIME_NONE, 0));
}

static void list_items_are_texts_of_their_own(void **state)
{
    (void)state;
    static const char tags[] = "north\x1Fsea";
    struct lede_match_subject subject = {.language = LEDE_LANGUAGE_UND};
    subject.texts[LEDE_FIELD_TAGS] = (struct lede_field_text){tags, sizeof(tags) - 1};
    struct lede_query *phrase = support_query("tag:\"north sea\"");
    struct lede_query *words = support_query("tag:north tag:sea");
    bool phrase_matches = true, words_match = false;
    assert_int_equal(
        lede_query_matches(phrase, &subject, support_analyzer(), &phrase_matches), LEDE_OK);
    assert_int_equal(
        lede_query_matches(words, &subject, support_analyzer(), &words_match), LEDE_OK);
    lede_query_free(phrase);
    lede_query_free(words);
    assert_false(phrase_matches);
    assert_true(words_match);
}

static void an_evaluation_gives_up_at_its_deadline(void **state)
{
    (void)state;
    struct lede_match_subject subject = {.deadline_monotonic_ns = 1};
    struct lede_shown_leaves shown;
    subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){"north sea", 9};
    struct lede_query *query = support_query("north OR (sea AND oil)");
    bool matches = false;
    assert_int_equal(
        lede_query_matches(query, &subject, support_analyzer(), &matches), LEDE_ETIMEOUT);
    assert_int_equal(
        lede_query_shown_leaves(query, &subject, support_analyzer(), &shown), LEDE_ETIMEOUT);
    subject.deadline_monotonic_ns = UINT64_MAX;
    assert_int_equal(lede_query_matches(query, &subject, support_analyzer(), &matches), LEDE_OK);
    assert_true(matches);
    lede_query_free(query);
}

/* Mark what shows why a document of this body alone matches; typed words are wanted all, or with
 * `any` as they are joined. */
static void assert_shown(const char *query_text, bool any, const char *body, const char *expected)
{
    struct lede_query_options options = {
        .match_any = any, .languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2))};
    struct lede_highlight_options marks = {.format = LEDE_HIGHLIGHT_TEXT, .pre = "[", .post = "]"};
    struct lede_match_subject subject = {.language = lede_language_find("en", 2)};
    struct lede_highlights highlights = {0};
    struct lede_shown_leaves shown;
    struct lede_query *query = NULL;
    subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){body, strlen(body)};
    assert_int_equal(lede_query_parse(query_text, strlen(query_text), &options, support_analyzer(),
                         &query, NULL),
        LEDE_OK);
    assert_int_equal(lede_query_shown_leaves(query, &subject, support_analyzer(), &shown), LEDE_OK);
    assert_int_equal(lede_highlight(query, &shown, LEDE_FIELD_BODY, subject.language, body,
                         strlen(body), &marks, support_analyzer(), &highlights),
        LEDE_OK);
    assert_int_equal(highlights.fragment_count, 1);
    assert_string_equal(highlights.fragments[0].text, expected);
    lede_highlights_done(&highlights);
    lede_query_free(query);
}

static void branches_that_are_not_satisfied_show_nothing(void **state)
{
    (void)state;
    assert_shown("oil OR (gas AND coal)", false, "Oil and gas.", "[Oil] and gas.");
    assert_shown("oil OR (gas AND coal)", false, "Coal and gas.", "[Coal] and [gas].");
    assert_shown("oil OR (gas -coal)", false, "Oil, gas and coal.", "[Oil], gas and coal.");
    assert_shown("oil OR ATLEAST/2 gas", false, "Oil and gas.", "[Oil] and gas.");
    assert_shown("oil OR (+coal gas)", true, "Oil and gas.", "[Oil] and gas.");
    assert_shown("oil OR (+coal gas)", true, "Coal and gas.", "[Coal] and [gas].");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_words_may_be_in_different_fields),
        cmocka_unit_test(phrase_does_not_cross_fields),
        cmocka_unit_test(not_excludes),
        cmocka_unit_test(named_field_is_the_only_one_looked_at),
        cmocka_unit_test(empty_query_matches_everything),
        cmocka_unit_test(date_range_includes_both_ends),
        cmocka_unit_test(absent_date_is_in_no_range),
        cmocka_unit_test(list_items_are_texts_of_their_own),
        cmocka_unit_test(branches_that_are_not_satisfied_show_nothing),
        cmocka_unit_test(an_evaluation_gives_up_at_its_deadline),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
