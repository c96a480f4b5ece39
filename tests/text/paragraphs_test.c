/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where paragraphs begin, in each way that texts are laid out. The texts are written for this
 * test. */
#include <stdlib.h>
#include <string.h>

#include "lede/buffer.h"
#include "text_test.h"

/* Assert that the paragraphs' first words, parted by spaces, are `expected`, and that each begins a
 * sentence. */
static void assert_paragraphs(const char *text, const char *expected)
{
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer firsts = {0};
    struct lede_tokens tokens;
    struct lede_token token;
    lede_tokens_init(
        &tokens, analyzer, LEDE_TOKENS_DOCUMENT, LEDE_LANGUAGE_UND, text, strlen(text));
    while (lede_tokens_next(&tokens, &token)) {
        if (!(token.flags & LEDE_TOKEN_PARAGRAPH_START))
            continue;
        assert_true(token.flags & LEDE_TOKEN_SENTENCE_START);
        lede_buffer_append_format(&firsts, "%s%s", firsts.size > 0 ? " " : "", token.word);
    }
    assert_string_equal(firsts.size > 0 ? firsts.data : "", expected);
}

static void a_blank_line_parts_paragraphs(void **state)
{
    (void)state;
    assert_paragraphs("One went.\n\nTwo came", "one two");
    assert_paragraphs("One went\r\n \t\r\ntwo came", "one two");
}

static void an_indented_line_begins_one(void **state)
{
    (void)state;
    assert_paragraphs("  The harbour is\nopen again, says\nthe mayor.\n  Ferries sail from\nnoon.",
        "the ferries");
    assert_paragraphs("The harbour\n\tFerries sail", "the ferries");
    assert_paragraphs("港は再開した。\n\xE3\x80\x80"
                      "船は正午に出る。",
        "港は 船は");
    assert_paragraphs("One went.\n  Two came.\n  Three stayed.", "one two three");
}

static void a_block_indented_as_a_whole_is_one(void **state)
{
    (void)state;
    assert_paragraphs("   The harbour is open\n   again, says the Mayor\n   of the islands", "the");
}

static void one_space_is_no_indent(void **state)
{
    (void)state;
    assert_paragraphs("The harbour is open again says\n the mayor and\n Ferries sail", "the");
}

static void a_bullet_begins_one(void **state)
{
    (void)state;
    assert_paragraphs("The plan:\n* open the harbour\n* sail at noon\n• and rest\n- or not",
        "the open sail and or");
    assert_paragraphs("a loss of\n-5 degrees and\n*noon*", "a");
}

/* One line a paragraph: lines as long as nobody wraps them, short ones among them. */
static void each_line_of_long_lines_that_ends_a_sentence_ends_one(void **state)
{
    (void)state;
    assert_paragraphs(
        "After months of complaints from the islands the harbour council has decided to keep "
        "the old ferry line "
        "open during the whole winter.\n"
        "Nobody voted against.\n"
        "The decision, which the mayor called overdue, was welcomed by fishermen and by the "
        "owners of the two hotels "
        "that stay open, as well as by\n"
        "the school.\n"
        "Ferries sail from Monday.",
        "after nobody the ferries");
}

static void a_line_of_wrapped_text_that_ends_early_ends_one(void **state)
{
    (void)state;
    assert_paragraphs("The harbour is open again after three weeks of storms, the\n"
                      "mayor of the islands said. She thanked all who had helped.\n"
                      "Ferries will sail from noon on Monday, and those who had to\n"
                      "wait need no new ticket.\n"
                      "The hotels had given rooms to three hundred travellers for\n"
                      "nothing.\n"
                      "They were thanked, too.",
        "the the they");
}

static void no_line_break_of_wrapped_text_parts_where_blank_lines_do(void **state)
{
    (void)state;
    assert_paragraphs("The harbour is open again after three weeks of storms, the\n"
                      "mayor of the islands said.\n"
                      "She thanked all who had helped.\n"
                      "\n"
                      "Ferries will sail from noon on Monday.",
        "the ferries");
}

static void a_table_of_short_lines_is_one(void **state)
{
    (void)state;
    assert_paragraphs(
        "Net 807,000 vs 2,858,000\nLoans 299.2 mln vs 327.2 mln\nNote: includes gain", "net");
}

static void a_line_in_lower_case_goes_on(void **state)
{
    (void)state;
    assert_paragraphs("He arrived at approx.\nnoon on Wednesday the fifth of May.\nand left", "he");
}

static void a_lone_closing_mark_belongs_to_the_line_before(void **state)
{
    (void)state;
    assert_paragraphs("It was late\n.\nThey should be prepared for difficult days.", "it they");
}

static void wrapped_text_without_spaces_is_read_by_its_letters(void **state)
{
    (void)state;
    assert_paragraphs(
        "港口议会星期四投票决定渡轮航线\n是否保留。\n渔民和两家酒店的老板都表示欢迎\n这一决定。",
        "港口 渔民");
}

static void line_breaks_alone_and_broken_bytes_are_harmless(void **state)
{
    (void)state;
    assert_paragraphs("\n", "");
    assert_paragraphs("a.\n", "a");
    assert_paragraphs("\n  b", "b");
    assert_paragraphs("\xFF.\n\xE2\x80\nB", "b");
    char *many = malloc(200001);
    assert_non_null(many);
    for (int i = 0; i < 200000; i++)
        many[i] = "A.\n"[i % 3];
    many[200000] = '\0';
    assert_true(lede_sentence_end(many, 200000, 0) > 0);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blank_line_parts_paragraphs),
        cmocka_unit_test(an_indented_line_begins_one),
        cmocka_unit_test(a_block_indented_as_a_whole_is_one),
        cmocka_unit_test(one_space_is_no_indent),
        cmocka_unit_test(a_bullet_begins_one),
        cmocka_unit_test(each_line_of_long_lines_that_ends_a_sentence_ends_one),
        cmocka_unit_test(a_line_of_wrapped_text_that_ends_early_ends_one),
        cmocka_unit_test(no_line_break_of_wrapped_text_parts_where_blank_lines_do),
        cmocka_unit_test(a_table_of_short_lines_is_one),
        cmocka_unit_test(a_line_in_lower_case_goes_on),
        cmocka_unit_test(a_lone_closing_mark_belongs_to_the_line_before),
        cmocka_unit_test(wrapped_text_without_spaces_is_read_by_its_letters),
        cmocka_unit_test(line_breaks_alone_and_broken_bytes_are_harmless),
    };
    return cmocka_run_group_tests_name("text paragraphs", tests, NULL, NULL);
}
