/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words of a text are marked: a worked example for each rule. */
#include "support.h"

#include <string.h>

static void word_is_marked_by_its_stem(void **state)
{
    (void)state;
    assert_marked("minister", "Ministers met. The ministry did not.",
        "[Ministers] met. The ministry did not.");
}

static void exact_word_is_marked_as_written_only(void **state)
{
    (void)state;
    assert_marked("=minister", "Ministers and the minister.", "Ministers and the [minister].");
}

static void prefix_marks_the_words_that_begin_with_it(void **state)
{
    (void)state;
    assert_marked("econ*", "Economy, economists, recon.", "[Economy], [economists], recon.");
}

static void several_prefixes_of_one_word_give_one_mark(void **state)
{
    (void)state;
    assert_marked("e* OR eco* OR econom*", "The economy.", "The [economy].");
}

static void phrase_is_one_mark(void **state)
{
    (void)state;
    assert_marked("\"saudi arabia\"", "In Saudi Arabia, oil.", "In [Saudi Arabia], oil.");
}

static void word_of_a_phrase_outside_it_is_not_marked(void **state)
{
    (void)state;
    assert_marked("\"saudi arabia\"", "Saudi oil of Saudi Arabia; Arabia.",
        "Saudi oil of [Saudi Arabia]; Arabia.");
}

static void phrase_with_repeated_words_is_found_inside_a_longer_run(void **state)
{
    (void)state;
    assert_marked(
        "\"very very good\"", "A very very very good day.", "A very [very very good] day.");
}

static void overlapping_phrases_are_marked_as_their_union(void **state)
{
    (void)state;
    assert_marked(
        "\"north sea\" OR \"sea oil\"", "The north sea oil field.", "The [north sea oil] field.");
}

static void separate_words_side_by_side_stay_separate_marks(void **state)
{
    (void)state;
    assert_marked("crude oil", "Crude oil rose.", "[Crude] [oil] rose.");
}

static void prohibited_word_is_never_marked(void **state)
{
    (void)state;
    assert_marked("oil NOT gas", "Oil and gas.", "[Oil] and gas.");
}

static void prohibited_word_is_marked_where_a_positive_clause_names_it_too(void **state)
{
    (void)state;
    assert_marked("gas -\"gas pipe\"", "Gas and a gas pipe.", "[Gas] and a [gas] pipe.");
}

static void every_matching_alternative_is_marked(void **state)
{
    (void)state;
    assert_marked("coal OR oil OR wind", "Wind and oil.", "[Wind] and [oil].");
}

static void optional_part_is_marked(void **state)
{
    (void)state;
    struct lede_query_options options = {.match_any = true};
    struct lede_query *query = NULL;
    assert_int_equal(
        lede_query_parse("+oil wind", 9, &options, support_analyzer(), &query, NULL), LEDE_OK);
    struct lede_highlight_options format = {.format = LEDE_HIGHLIGHT_TEXT, .pre = "[", .post = "]"};
    struct lede_highlights highlights = {0};
    enum lede_status st = lede_highlight(query, NULL, LEDE_FIELD_BODY, LEDE_LANGUAGE_UND,
        "Wind, oil.", 10, &format, support_analyzer(), &highlights);
    lede_query_free(query);
    assert_int_equal(st, LEDE_OK);
    assert_string_equal(highlights.fragments[0].text, "[Wind], [oil].");
    lede_highlights_done(&highlights);
}

static void clause_of_another_field_does_not_mark_this_one(void **state)
{
    (void)state;
    assert_marked("title:oil wind", "Oil and wind.", "Oil and [wind].");
}

static void everything_marks_nothing(void **state)
{
    (void)state;
    assert_marked("*", "Oil and wind.", "Oil and wind.");
}

static void acronym_is_marked_with_its_full_stops(void **state)
{
    (void)state;
    assert_marked("us", "The U.S. said.", "The [U.S.] said.");
}

static void possessive_is_marked_whole(void **state)
{
    (void)state;
    assert_marked("russia", "Russia\xE2\x80\x99s plans.", "[Russia\xE2\x80\x99s] plans.");
}

static void joined_words_are_one_mark(void **state)
{
    (void)state;
    assert_marked("covid-19", "After COVID-19 came 19 more.", "After [COVID-19] came 19 more.");
}

static void accents_and_case_do_not_matter(void **state)
{
    (void)state;
    assert_marked("zelenskyy", "ZELENSK\xC3\x9DY spoke.", "[ZELENSK\xC3\x9DY] spoke.");
}

static void german_inflections_are_marked(void **state)
{
    (void)state;
    assert_string_equal(support_marked("haus", "de", "Die H\xC3\xA4user und das Haus."),
        "Die [H\xC3\xA4user] und das [Haus].");
}

static void japanese_run_is_one_mark(void **state)
{
    (void)state;
    /* 東京都知事は東京で。: the query 東京都 */
    assert_string_equal(
        support_marked("\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD", "ja",
            "\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD\xE7\x9F\xA5\xE4\xBA\x8B\xE3\x81\xAF\xE6\x9D"
            "\xB1\xE4\xBA\xAC"),
        "[\xE6\x9D\xB1\xE4\xBA\xAC\xE9\x83\xBD]"
        "\xE7\x9F\xA5\xE4\xBA\x8B\xE3\x81\xAF\xE6\x9D\xB1\xE4\xBA\xAC");
}

static void arabic_word_is_marked_with_its_vowel_signs(void **state)
{
    (void)state;
    /* كِتاب with a kasra, sought without */
    assert_string_equal(
        support_marked("\xD9\x83\xD8\xAA\xD8\xA7\xD8\xA8", "und",
            "\xD9\x87\xD8\xB0\xD8\xA7 \xD9\x83\xD9\x90\xD8\xAA\xD8\xA7\xD8\xA8 \xD8\xAC\xD8\xAF"),
        "\xD9\x87\xD8\xB0\xD8\xA7 [\xD9\x83\xD9\x90\xD8\xAA\xD8\xA7\xD8\xA8] \xD8\xAC\xD8\xAF");
}

static void phrase_does_not_cross_the_items_of_a_list(void **state)
{
    (void)state;
    static const char tags[] = "saudi\x1F"
                               "arabia\x1Fsaudi arabia";
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_TEXT, .pre = "[", .post = "]"};
    const struct lede_highlights *got = support_highlight(
        "tag:\"saudi arabia\"", LEDE_FIELD_TAGS, "en", tags, sizeof(tags) - 1, &options);
    assert_string_equal(got->fragments[0].text, "saudi arabia [saudi arabia]");
}

static void ranges_are_bytes_of_the_field(void **state)
{
    (void)state;
    static const char text[] = "\xC3\x84 oil, <oil>";
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_RANGES, .pre = "[", .post = "]"};
    const struct lede_highlights *got =
        support_highlight("oil", LEDE_FIELD_TITLE, "en", text, sizeof(text) - 1, &options);
    const struct lede_fragment *fragment = &got->fragments[0];
    assert_string_equal(fragment->text, text);
    assert_int_equal(fragment->mark_count, 2);
    assert_int_equal(fragment->marks[0].start, 3);
    assert_int_equal(fragment->marks[0].size, 3);
    assert_int_equal(fragment->marks[1].start, 9);
    assert_int_equal(got->mark_count, 2);
}

static const char *html(const char *query, const char *text)
{
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_HTML, .pre = "<mark>", .post = "</mark>"};
    return support_highlight(query, LEDE_FIELD_TITLE, "en", text, strlen(text), &options)
        ->fragments[0]
        .text;
}

static void html_is_escaped_before_it_is_marked(void **state)
{
    (void)state;
    assert_string_equal(html("script", "<script>alert(\"x & 'y'\")</script>"),
        "&lt;<mark>script</mark>&gt;alert(&quot;x &amp; "
        "&#39;y&#39;&quot;)&lt;/<mark>script</mark>&gt;");
}

static void name_with_an_ampersand_is_escaped_inside_its_mark(void **state)
{
    (void)state;
    assert_string_equal(
        html("AT&T", "Shares of AT&T fell."), "Shares of <mark>AT&amp;T</mark> fell.");
}

static void entity_in_the_text_stays_visible_as_it_is(void **state)
{
    (void)state;
    assert_string_equal(html("oil", "oil &amp; gas"), "<mark>oil</mark> &amp;amp; gas");
}

static void white_space_is_evened_and_controls_are_dropped(void **state)
{
    (void)state;
    assert_marked("\"saudi arabia\"",
        " \n Sau\xC2\xAD"
        "di \r\n\t Arabia\x07 is\xC2\xA0\n here \n",
        "[Saudi Arabia] is here");
}

static void invalid_bytes_come_out_as_replacement_characters(void **state)
{
    (void)state;
    assert_marked("oil", "\xFF oil \xE2\x82", "\xEF\xBF\xBD [oil] \xEF\xBF\xBD\xEF\xBF\xBD");
}

static void empty_text_gives_no_fragment(void **state)
{
    (void)state;
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_TEXT, .snippets = 1, .snippet_chars = 200};
    assert_int_equal(
        support_highlight("oil", LEDE_FIELD_BODY, "en", "", 0, &options)->fragment_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_is_marked_by_its_stem),
        cmocka_unit_test(exact_word_is_marked_as_written_only),
        cmocka_unit_test(prefix_marks_the_words_that_begin_with_it),
        cmocka_unit_test(several_prefixes_of_one_word_give_one_mark),
        cmocka_unit_test(phrase_is_one_mark),
        cmocka_unit_test(word_of_a_phrase_outside_it_is_not_marked),
        cmocka_unit_test(phrase_with_repeated_words_is_found_inside_a_longer_run),
        cmocka_unit_test(overlapping_phrases_are_marked_as_their_union),
        cmocka_unit_test(separate_words_side_by_side_stay_separate_marks),
        cmocka_unit_test(prohibited_word_is_never_marked),
        cmocka_unit_test(prohibited_word_is_marked_where_a_positive_clause_names_it_too),
        cmocka_unit_test(every_matching_alternative_is_marked),
        cmocka_unit_test(optional_part_is_marked),
        cmocka_unit_test(clause_of_another_field_does_not_mark_this_one),
        cmocka_unit_test(everything_marks_nothing),
        cmocka_unit_test(acronym_is_marked_with_its_full_stops),
        cmocka_unit_test(possessive_is_marked_whole),
        cmocka_unit_test(joined_words_are_one_mark),
        cmocka_unit_test(accents_and_case_do_not_matter),
        cmocka_unit_test(german_inflections_are_marked),
        cmocka_unit_test(japanese_run_is_one_mark),
        cmocka_unit_test(arabic_word_is_marked_with_its_vowel_signs),
        cmocka_unit_test(phrase_does_not_cross_the_items_of_a_list),
        cmocka_unit_test(ranges_are_bytes_of_the_field),
        cmocka_unit_test(html_is_escaped_before_it_is_marked),
        cmocka_unit_test(name_with_an_ampersand_is_escaped_inside_its_mark),
        cmocka_unit_test(entity_in_the_text_stays_visible_as_it_is),
        cmocka_unit_test(white_space_is_evened_and_controls_are_dropped),
        cmocka_unit_test(invalid_bytes_come_out_as_replacement_characters),
        cmocka_unit_test(empty_text_gives_no_fragment),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
