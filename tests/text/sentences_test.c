/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where sentences end. */
#include <stdlib.h>
#include <string.h>

#include "text_test.h"

static void a_greek_semicolon_is_a_question_mark(void **state)
{
    (void)state;
    assert_sentences("Γιατί; Δεν ξέρω. Πότε\u037E Τώρα", "Γιατί; |Δεν ξέρω. |Πότε\u037E |Τώρα");
    assert_sentences("One; Two", "One; Two");
}

static void closing_marks_end_a_sentence(void **state)
{
    (void)state;
    assert_sentences("One. Two! Three? Four", "One. |Two! |Three? |Four");
    assert_sentences("What?! Yes... No… So", "What?! |Yes... |No… |So");
}

static void quotes_and_brackets_close_with_the_sentence(void **state)
{
    (void)state;
    assert_sentences("“Go.” He went. (He did.) Then", "“Go.” |He went. |(He did.) |Then");
    assert_sentences("« Non ! » Il dit. „Ja.“ Er", "« Non ! » |Il dit. |„Ja.“ |Er");
}

static void a_lower_case_word_goes_on(void **state)
{
    (void)state;
    assert_sentences("“Why?” he asked. Then", "“Why?” he asked. |Then");
    assert_sentences("approx. five … or six", "approx. five … or six");
}

static void abbreviations_do_not_end_a_sentence(void **state)
{
    (void)state;
    assert_sentences(
        "Mr. Smith met Dr. Jones on Jan. 5. Then", "Mr. Smith met Dr. Jones on Jan. 5. |Then");
    assert_sentences(
        "Das ist z.B. Frau Nr. 5 bzw. Herr X. Das", "Das ist z.B. Frau Nr. 5 bzw. Herr X. |Das");
    assert_sentences("M. Macron et Mme. Le Pen. Puis", "M. Macron et Mme. Le Pen. |Puis");
    assert_sentences("El Sr. Ruiz habla. La Sra. Paz", "El Sr. Ruiz habla. |La Sra. Paz");
}

static void acronyms_end_a_sentence_only_before_a_starter(void **state)
{
    (void)state;
    assert_sentences(
        "In the U.S. Senate. In the U.S. The vote", "In the U.S. Senate. |In the U.S. |The vote");
}

static void initials_and_decimals_do_not_end_a_sentence(void **state)
{
    (void)state;
    assert_sentences("J. R. Smith paid 3.5. He left.", "J. R. Smith paid 3.5. |He left.");
    assert_sentences("He said no. Then 2022. Then", "He said no. |Then 2022. |Then");
}

static void ordinals_do_not_end_a_sentence(void **state)
{
    (void)state;
    assert_sentences("Am 3. Oktober. Dann", "Am 3. Oktober. |Dann");
    assert_sentences("1. First item. 2. Second", "1. First item. |2. Second");
}

static void a_line_break_does_not_end_a_sentence_and_a_blank_line_does(void **state)
{
    (void)state;
    assert_sentences("who announced that\nThey should be", "who announced that~They should be");
    assert_sentences("Headline\n\nText here", "Headline~~|Text here");
    assert_sentences("Headline\n \t\nText", "Headline~ \t~|Text");
    assert_sentences("\n\n Text", "~~ Text");
}

static void a_lone_full_stop_belongs_to_the_sentence_before(void **state)
{
    (void)state;
    assert_sentences("missiles nearby\n.\nBlinken", "missiles nearby~.~|Blinken");
    assert_sentences("It ended.\n.\nBlinken", "It ended.~.~|Blinken");
}

static void other_scripts_have_their_own_marks(void **state)
{
    (void)state;
    assert_sentences("これは。「はい。」そう！", "これは。|「はい。」|そう！");
    assert_sentences("هل؟ نعم. यह। वह", "هل؟ |نعم. |यह। |वह");
}

static void a_text_without_marks_is_cut_at_a_word(void **state)
{
    (void)state;
    size_t size = 20000;
    LEDE_CLEANUP(lede_freep) char *text = malloc(size);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++)
        text[i] = i % 7 == 6 ? ' ' : 'a';
    size_t end = lede_sentence_end(text, size, 0);
    assert_true(end <= 4096 && end > 4080);
    assert_int_equal(text[end - 1], ' ');
    memset(text, 'a', size);
    assert_int_equal(lede_sentence_end(text, size, 0), 4096);
    assert_int_equal(lede_sentence_end(text, size, 19000), size);
    assert_int_equal(lede_sentence_end(text, size, size), size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greek_semicolon_is_a_question_mark),
        cmocka_unit_test(closing_marks_end_a_sentence),
        cmocka_unit_test(quotes_and_brackets_close_with_the_sentence),
        cmocka_unit_test(a_lower_case_word_goes_on),
        cmocka_unit_test(abbreviations_do_not_end_a_sentence),
        cmocka_unit_test(acronyms_end_a_sentence_only_before_a_starter),
        cmocka_unit_test(initials_and_decimals_do_not_end_a_sentence),
        cmocka_unit_test(ordinals_do_not_end_a_sentence),
        cmocka_unit_test(a_line_break_does_not_end_a_sentence_and_a_blank_line_does),
        cmocka_unit_test(a_lone_full_stop_belongs_to_the_sentence_before),
        cmocka_unit_test(other_scripts_have_their_own_marks),
        cmocka_unit_test(a_text_without_marks_is_cut_at_a_word),
    };
    return cmocka_run_group_tests_name("text sentences", tests, NULL, NULL);
}
