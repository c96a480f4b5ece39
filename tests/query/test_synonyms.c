/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of synonyms: what a line says, what is wrong with one, and what queries become by them. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

static struct lede_synonyms *read_list(const char *lines)
{
    struct lede_synonyms *list = NULL;
    struct lede_error error = {0};
    if (lede_synonyms_read(lines, strlen(lines), "list", test_analyzer, &list, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return list;
}

/* How a query prints with a list, in an archive of English and German; and that this parses to the
 * same tree, with the list and without any. */
static void assert_printed(
    const char *lines, const char *text, bool match_any, const char *expected)
{
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = read_list(lines);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *again = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *without = NULL;
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    struct lede_query_options options = test_options(match_any);
    struct lede_error error = {0};
    options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)) |
                        LEDE_LANGUAGE_BIT(lede_language_find("de", 2));
    options.synonyms = list;
    if (lede_query_parse(text, strlen(text), &options, test_analyzer, &query, &error) != LEDE_OK)
        fail_msg("'%s': %s", text, error.message);
    assert_int_equal(lede_query_print(query, &printed), LEDE_OK);
    assert_string_equal(printed, expected);
    assert_int_equal(
        lede_query_parse(printed, strlen(printed), &options, test_analyzer, &again, NULL), LEDE_OK);
    assert_true(lede_query_equal(lede_query_root(query), lede_query_root(again)));
    options.synonyms = NULL;
    assert_int_equal(
        lede_query_parse(printed, strlen(printed), &options, test_analyzer, &without, NULL),
        LEDE_OK);
    assert_true(lede_query_equal(lede_query_root(query), lede_query_root(without)));
}

static const char places[] = "# Places\n"
                             "kyiv, Kiev, kiew\r\n"
                             "\n"
                             "eu => European Union\n"
                             "saint petersburg, leningrad\n"
                             "en: organise, organize\n"
                             "en: labour, labor\n";

static void a_word_of_a_group_stands_for_all_of_it(void **state)
{
    (void)state;
    assert_printed(places, "Kiev", false, "{kiev, kyiv, kiew}");
    assert_printed(places, "kiew war", false, "{kiew, kyiv, kiev} AND war");
    assert_printed(places, "kiew war", true, "{kiew, kyiv, kiev} OR war");
    assert_printed(places, "title:kyiv^2 -kiew", false,
        "title:{kyiv, kiev, kiew}^2 AND NOT {kiew, kyiv, kiev}");
    assert_printed(places, "kyiv NEAR/3 mayor", false, "{kyiv, kiev, kiew} NEAR/3 mayor");
}

static void a_group_of_single_words_is_one_word_of_all_their_terms(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = read_list(places);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = test_options(false);
    options.synonyms = list;
    assert_int_equal(lede_query_parse("kyiv", 4, &options, test_analyzer, &query, NULL), LEDE_OK);
    const struct lede_query_node *root = lede_query_root(query);
    assert_int_equal(root->kind, LEDE_QUERY_WORD);
    assert_int_equal(root->words[0].stem_count, 3);
    assert_string_equal(root->words[0].stems[0], "kiev");
    assert_string_equal(root->words[0].stems[1], "kiew");
    assert_string_equal(root->words[0].stems[2], "kyiv");
}

static void a_line_with_an_arrow_holds_one_way(void **state)
{
    (void)state;
    assert_printed(places, "EU", false, "{eu, european union}");
    assert_printed(places, "european union", false, "european AND union");
    assert_printed(
        "uk, britain => united kingdom\n", "britain", false, "{britain, united kingdom}");
}

static void several_words_stand_for_their_group_where_they_are_side_by_side(void **state)
{
    (void)state;
    assert_printed(places, "Leningrad", false, "{leningrad, saint petersburg}");
    assert_printed(places, "saint petersburg port", false,
        "{saint, leningrad} AND {petersburg, leningrad} AND port");
    assert_printed(places, "saint petersburg port", true,
        "{saint, leningrad} OR {petersburg, leningrad} OR port");
    assert_printed(
        places, "Saint-Petersburg", false, "{saint petersburg, saintpetersburg, leningrad}");
    assert_printed(places, "saint AND petersburg", false, "saint AND petersburg");
    assert_printed(
        places, "+x (saint OR petersburg)", true, "+x {saint, leningrad} {petersburg, leningrad}");
}

static void a_phrase_has_the_group_at_its_place(void **state)
{
    (void)state;
    assert_printed(places, "\"the mayor of Kiev said\"", false,
        "\"the mayor of\" ADJ/1 {kiev, kyiv, kiew} ADJ/1 said");
    assert_printed(places, "\"kyiv\"", false, "{kyiv, kiev, kiew}");
    assert_printed(places, "\"saint petersburg\"", false, "{saint petersburg, leningrad}");
    assert_printed(places, "\"saint petersburg airport\"", false,
        "{saint petersburg, leningrad} ADJ/1 airport");
    assert_printed(places, "\"kyiv leningrad\"^2", false,
        "({kyiv, kiev, kiew} ADJ/1 {leningrad, saint petersburg})^2");
}

static void what_is_asked_for_as_it_is_written_has_no_group(void **state)
{
    (void)state;
    assert_printed(places, "=kyiv", false, "=kyiv");
    assert_printed(places, "=\"mayor of kyiv\"", false, "=mayor ADJ/1 =of ADJ/1 =kyiv");
    assert_printed(places, "CAPS EU", false, "CAPS eu");
    assert_printed(places, "kyiv* kyiv~", false, "kyiv* AND kyiv~");
    assert_printed(places, "{kyiv}", false, "{kyiv}");
}

static void a_line_with_a_language_is_met_by_forms_of_its_words(void **state)
{
    (void)state;
    assert_printed(places, "organised", false, "{organised, en: organize}");
    assert_printed(places, "labours", false, "{labours, en: labor}");
    /* "organize" and "organ" have one stem. */
    assert_printed(places, "organ", false, "organ");
    assert_printed("fr: labour, charrue\n", "labour", false, "labour");
}

static void what_stands_in_braces_is_one_word(void **state)
{
    (void)state;
    assert_printed("", "{Kyiv, Kiev}", false, "{kyiv, kiev}");
    assert_printed("", "{eu,European Union} law", false, "{eu, european union} AND law");
    assert_printed("", "title:{labour, en: labor}", false, "title:{labour, en: labor}");
    assert_printed("", "LEAD:{eu, ue}", false, "LEAD:{eu, ue}");
    assert_printed(
        "", "\"a b\" NEAR/5 {eu, european union}", false, "\"a b\" NEAR/5 {eu, european union}");
}

static void other_braces_are_punctuation(void **state)
{
    (void)state;
    assert_tree("{a b}", "(and word:a word:b)");
    assert_tree("{a", "word:a");
}

static void a_tree_with_spellings_of_several_words_says_so(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = test_options(false);
    const char *text = "{eu, ue, european union}";
    assert_int_equal(
        lede_query_parse(text, strlen(text), &options, test_analyzer, &query, NULL), LEDE_OK);
    const struct lede_query_node *root = lede_query_root(query);
    assert_int_equal(root->kind, LEDE_QUERY_OR);
    assert_true(root->is_one_word);
    assert_int_equal(root->child_count, 2);
    assert_int_equal(root->children[0]->kind, LEDE_QUERY_WORD);
    assert_int_equal(root->children[1]->kind, LEDE_QUERY_PHRASE);
}

static void a_line_with_a_fault_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *message;
    } cases[] = {
        {"kyiv\n", "list:1: expected two spellings or more, as kyiv, kiev, or eu => european "
                   "union, found 'kyiv'"},
        {"# a\n\nkyiv,,kiev\n", "list:3: expected a word on each side of a comma, found ''"},
        {"kyiv, kiev,", "list:1: expected a word on each side of a comma, found ''"},
        {"a, --\n", "list:1: expected a word with a letter or a figure in it, found '--'"},
        {"a => \n", "list:1: expected words on both sides of one '=>', found 'a =>'"},
        {"=> b\n", "list:1: expected words on both sides of one '=>', found '=> b'"},
        {"a => b => c\n", "list:1: expected words on both sides of one '=>', found 'a => b => c'"},
        {"xx: a, b\n",
            "list:1: expected the two letters of a language before ':', as en, found 'xx'"},
        {"english: a, b\n",
            "list:1: expected the two letters of a language before ':', as en, found 'english'"},
        {": a, b\n", "list:1: expected the two letters of a language before ':', as en, found ''"},
        {"kyiv, Kyiv\n", "list:1: expected each word once, found 'Kyiv'"},
        {"a b c d e f g h i, x\n",
            "list:1: expected at most 8 words between two commas, found 'a b c d e f g h i'"},
        {"a,b\na, \xff\n", "list:2: expected UTF-8 without NUL"},
        {"a1,a2,a3,a4,a5,a6,a7,a8,a9,a10,a11,a12,a13,a14,a15,a16,a17,a18,a19,a20,a21,a22,a23,a24,"
         "a25,a26,a27,a28,a29,a30,a31,a32,a33\n",
            "list:1: expected at most 32 spellings on a line, found 'a33'"},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        struct lede_synonyms *list = (void *)state;
        struct lede_error error = {0};
        assert_int_equal(lede_synonyms_read(cases[i].lines, strlen(cases[i].lines), "list",
                             test_analyzer, &list, &error),
            LEDE_EINPUT);
        assert_string_equal(error.message, cases[i].message);
        assert_ptr_equal(list, state);
    }
}

static void a_list_is_bounded(void **state)
{
    (void)state;
    struct lede_synonyms *list = NULL;
    struct lede_error error = {0};
    char line[LEDE_SYNONYMS_LINE_BYTES_MAX + 8];
    memset(line, 'a', sizeof(line));
    assert_int_equal(
        lede_synonyms_read(line, sizeof(line), "list", test_analyzer, &list, &error), LEDE_EINPUT);
    assert_non_null(strstr(error.message, "list:1: expected a line of at most 4096 bytes"));
    assert_int_equal(
        lede_synonyms_read(line, LEDE_SYNONYMS_BYTES_MAX + 1, "list", test_analyzer, &list, &error),
        LEDE_ELIMIT);
}

static void an_empty_list_says_nothing(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = read_list("\xef\xbb\xbf# none");
    assert_int_equal(lede_synonyms_line_count(list), 0);
    assert_printed("", "kyiv", false, "kyiv");
}

/* A query that is within the limits stays so: where there is no room, words are themselves. */
static void a_long_query_stays_within_its_limit(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = read_list(places);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_query_options options = test_options(false);
    options.synonyms = list;
    for (int i = 0; i < LEDE_QUERY_CLAUSES_MAX; i++)
        lede_buffer_append_string(&text, i % 2 ? "kyiv " : "leningrad ");
    struct lede_error error = {0};
    enum lede_status st =
        lede_query_parse(text.data, text.size, &options, test_analyzer, &query, &error);
    if (st != LEDE_OK)
        fail_msg("%s", error.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_of_a_group_stands_for_all_of_it),
        cmocka_unit_test(a_group_of_single_words_is_one_word_of_all_their_terms),
        cmocka_unit_test(a_line_with_an_arrow_holds_one_way),
        cmocka_unit_test(several_words_stand_for_their_group_where_they_are_side_by_side),
        cmocka_unit_test(a_phrase_has_the_group_at_its_place),
        cmocka_unit_test(what_is_asked_for_as_it_is_written_has_no_group),
        cmocka_unit_test(a_line_with_a_language_is_met_by_forms_of_its_words),
        cmocka_unit_test(what_stands_in_braces_is_one_word),
        cmocka_unit_test(other_braces_are_punctuation),
        cmocka_unit_test(a_tree_with_spellings_of_several_words_says_so),
        cmocka_unit_test(a_line_with_a_fault_is_named),
        cmocka_unit_test(a_list_is_bounded),
        cmocka_unit_test(an_empty_list_says_nothing),
        cmocka_unit_test(a_long_query_stays_within_its_limit),
    };
    return cmocka_run_group_tests_name("synonyms", tests, support_setup, support_teardown);
}
