/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which stretches of a text are shown, and where they begin and end. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Prose as it comes from the wire: curly quotes, stray line breaks, a full stop alone on its
 * line. */
static const char wire[] =
    "The harbour of Velmora woke to sirens on Monday.\n"
    "Minister Ada Quill said the council would look for a \xE2\x80\x9Cquiet way\xE2\x80\x9D out of "
    "the "
    "strike, which has "
    "stopped\ntwo ferries and most of the grain that leaves the port each week, and she asked the "
    "union to "
    "come back to "
    "the table before Friday, when the last of the stores run\n"
    "low\n"
    ".\n"
    "\xE2\x80\x9CWe have waited long enough,\xE2\x80\x9D said Tomas Reke of the dockers.\n"
    "Quill did not answer him.\n"
    "The strike began in May.\n";

static void assert_fragments(
    const char *query, const char *text, uint32_t snippets, uint32_t chars, const char *expected)
{
    char *got = support_fragments(query, text, snippets, chars);
    assert_non_null(got);
    assert_string_equal(got, expected);
    free(got);
}

static void fragment_is_the_sentence_that_matches(void **state)
{
    (void)state;
    assert_fragments("reke", wire, 1, 70,
        "\xE2\x80\x9CWe have waited long enough,\xE2\x80\x9D said Tomas [Reke] of the dockers.");
}

static void short_sentences_are_joined_with_the_next(void **state)
{
    (void)state;
    assert_fragments("answer", wire, 1, 60, "Quill did not [answer] him. The strike began in May.");
}

static void long_sentence_is_cut_between_words_around_its_matches(void **state)
{
    (void)state;
    assert_fragments("ferries", wire, 1, 60,
        "\xE2\x80\xA6 which has stopped two [ferries] and most of the grain that \xE2\x80\xA6");
}

static void lone_full_stop_goes_back_to_its_sentence(void **state)
{
    (void)state;
    assert_fragments("low", wire, 1, 40, "\xE2\x80\xA6 when the last of the stores run [low].");
}

static void curly_quotes_stay_where_they_are(void **state)
{
    (void)state;
    assert_fragments("\"quiet way\"", wire, 1, 60,
        "\xE2\x80\xA6 would look for a \xE2\x80\x9C[quiet way]\xE2\x80\x9D out of the strike, "
        "which has "
        "\xE2\x80\xA6");
}

static void without_a_match_the_beginning_is_shown(void **state)
{
    (void)state;
    assert_fragments("zebra", wire, 3, 50, "The harbour of Velmora woke to sirens on Monday.");
}

static void beginning_of_a_long_sentence_is_cut_between_words(void **state)
{
    (void)state;
    assert_fragments(
        "zebra", "One two three four five six seven", 1, 20, "One two three four \xE2\x80\xA6");
}

static void whole_text_has_no_ellipsis(void **state)
{
    (void)state;
    assert_fragments(
        "six", "One two three four five six seven", 1, 40, "One two three four five [six] seven");
}

static void fragment_that_shows_more_clauses_wins(void **state)
{
    (void)state;
    assert_fragments("oil gas", "Oil rose, oil fell, oil slept. Then came gas and oil together.", 1,
        30, "Then came [gas] and [oil] together.");
}

static void phrase_outweighs_a_word(void **state)
{
    (void)state;
    assert_fragments("wind OR \"north sea\"", "The wind was strong. The north sea lay calm.", 1, 22,
        "The [north sea] lay calm.");
}

static void weight_of_a_clause_decides(void **state)
{
    (void)state;
    assert_fragments("wind^5 OR \"north sea\"", "The north sea lay calm. The wind was strong.", 1,
        22, "The [wind] was strong.");
}

static void later_fragments_show_what_the_first_does_not(void **state)
{
    (void)state;
    assert_fragments("oil gas wind",
        "Oil and gas are up today. Oil and gas fell before. Now the wind has turned.", 2, 26,
        "[Oil] and [gas] are up today. | Now the [wind] has turned.");
}

static void fragments_come_in_text_order(void **state)
{
    (void)state;
    assert_fragments("oil gas",
        "Now the oil is gone. There was nothing to tell here. It had oil and gas inside.", 2, 26,
        "Now the [oil] is gone. | It had [oil] and [gas] inside.");
}

static void match_is_never_split_at_an_edge(void **state)
{
    (void)state;
    assert_fragments("\"one two three four five six seven eight\"",
        "Zero and one two three four five six seven eight and nine and ten and more.", 1, 20,
        "\xE2\x80\xA6 [one two three four five six seven eight] \xE2\x80\xA6");
}

static void phrase_that_does_not_fit_is_left_out_whole(void **state)
{
    (void)state;
    assert_fragments("oil^9 OR \"north sea wind\"",
        "The oil was there with a north sea wind blowing and nobody came", 1, 30,
        "The [oil] was there with a \xE2\x80\xA6");
}

static void phrase_before_a_fragment_is_left_out_whole(void **state)
{
    (void)state;
    assert_fragments("oil^9 OR \"north sea wind\"",
        "Nobody knew the north sea wind took oil away from here for good", 1, 24,
        "\xE2\x80\xA6 took [oil] away from here \xE2\x80\xA6");
}

static void match_longer_than_four_fragments_is_clipped_between_words(void **state)
{
    (void)state;
    struct lede_buffer text = {0};
    for (int i = 0; i < 60; i++)
        lede_buffer_append_string(&text, "abc ");
    assert_fragments("\"abc abc\"", text.data, 1, 20,
        "[abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc abc] "
        "\xE2\x80\xA6");
    lede_buffer_done(&text);
}

static void stray_punctuation_does_not_begin_a_fragment(void **state)
{
    (void)state;
    assert_fragments("oil", "It ended here.\n\n.\n, ) and then the oil came.", 1, 30,
        "and then the [oil] came.");
}

static void punctuation_alone_is_shown_as_it_is(void **state)
{
    (void)state;
    assert_fragments("oil", " ... ", 1, 30, "...");
}

static void white_space_alone_gives_no_fragment(void **state)
{
    (void)state;
    assert_fragments("oil", " \n \t ", 1, 30, "");
}

static void unspaced_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct lede_buffer text = {0};
    for (int i = 0; i < 100; i++)
        lede_buffer_append_string(&text, i == 50 ? "\xE6\x9D\xB1\xE4\xBA\xAC" : "\xE3\x81\x82");
    char *got = support_fragments("\xE6\x9D\xB1\xE4\xBA\xAC", text.data, 1, 20);
    struct lede_buffer expected = {0};
    lede_buffer_append_string(&expected, "\xE2\x80\xA6 ");
    for (int i = 0; i < 20; i++)
        lede_buffer_append_string(&expected, i == 9    ? "[\xE6\x9D\xB1\xE4\xBA\xAC]"
                                             : i == 10 ? ""
                                                       : "\xE3\x81\x82");
    lede_buffer_append_string(&expected, " \xE2\x80\xA6");
    assert_string_equal(got, expected.data);
    free(got);
    lede_buffer_done(&expected);
    lede_buffer_done(&text);
}

static void combining_mark_stays_with_its_letter(void **state)
{
    (void)state;
    struct lede_buffer text = {0};
    for (int i = 0; i < 100; i++)
        lede_buffer_append_string(&text, "e\xCC\x81");
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_RANGES, .snippets = 1, .snippet_chars = 25};
    const struct lede_highlights *got =
        support_highlight("oil", LEDE_FIELD_BODY, "en", text.data, text.size, &options);
    assert_int_equal(got->fragments[0].size % 3, 0);
    lede_buffer_done(&text);
}

static void joined_emoji_are_not_torn(void **state)
{
    (void)state;
    static const char family[] = "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7";
    struct lede_buffer text = {0};
    for (int i = 0; i < 50; i++)
        lede_buffer_append_string(&text, family);
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_RANGES, .snippets = 1, .snippet_chars = 25};
    const struct lede_highlights *got =
        support_highlight("oil", LEDE_FIELD_BODY, "en", text.data, text.size, &options);
    assert_int_equal(got->fragments[0].size % (sizeof(family) - 1), 0);
    lede_buffer_done(&text);
}

static void whole_field_is_not_cut(void **state)
{
    (void)state;
    struct lede_buffer text = {0};
    for (int i = 0; i < 5000; i++)
        lede_buffer_append_string(&text, "word. ");
    struct lede_highlight_options options = {
        .format = LEDE_HIGHLIGHT_RANGES, .snippets = 0, .snippet_chars = 20};
    const struct lede_highlights *got =
        support_highlight("oil", LEDE_FIELD_TITLE, "en", text.data, text.size, &options);
    assert_int_equal(got->fragment_count, 1);
    assert_int_equal(got->fragments[0].size, text.size);
    lede_buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragment_is_the_sentence_that_matches),
        cmocka_unit_test(short_sentences_are_joined_with_the_next),
        cmocka_unit_test(long_sentence_is_cut_between_words_around_its_matches),
        cmocka_unit_test(lone_full_stop_goes_back_to_its_sentence),
        cmocka_unit_test(curly_quotes_stay_where_they_are),
        cmocka_unit_test(without_a_match_the_beginning_is_shown),
        cmocka_unit_test(beginning_of_a_long_sentence_is_cut_between_words),
        cmocka_unit_test(whole_text_has_no_ellipsis),
        cmocka_unit_test(fragment_that_shows_more_clauses_wins),
        cmocka_unit_test(phrase_outweighs_a_word),
        cmocka_unit_test(weight_of_a_clause_decides),
        cmocka_unit_test(later_fragments_show_what_the_first_does_not),
        cmocka_unit_test(fragments_come_in_text_order),
        cmocka_unit_test(match_is_never_split_at_an_edge),
        cmocka_unit_test(phrase_that_does_not_fit_is_left_out_whole),
        cmocka_unit_test(phrase_before_a_fragment_is_left_out_whole),
        cmocka_unit_test(match_longer_than_four_fragments_is_clipped_between_words),
        cmocka_unit_test(stray_punctuation_does_not_begin_a_fragment),
        cmocka_unit_test(punctuation_alone_is_shown_as_it_is),
        cmocka_unit_test(white_space_alone_gives_no_fragment),
        cmocka_unit_test(unspaced_text_is_cut_between_characters),
        cmocka_unit_test(combining_mark_stays_with_its_letter),
        cmocka_unit_test(joined_emoji_are_not_torn),
        cmocka_unit_test(whole_field_is_not_cut),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
