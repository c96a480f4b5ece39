/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parser refuses: position, message and hint of each, exactly; and every limit. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define CAPITALS_HINT                                                                              \
    "AND, OR and NOT in capitals are operators; write them in lower case to search for them"
#define DATES_HINT "write 2022-01-19, 2022-01, 2022-01-01..2022-02-15, >2022-01-19, >=-7d or <now"
#define DATE_HINT "write 2022-01-19, 2022-01, 2022-01-19T18:04:00Z, today, -7d or now"
#define WEIGHT "expected a weight over 0 and at most 100 after '^', found "
#define WEIGHT_HINT "write a weight as word^2.5; put text with '^' in quotes"
#define QUOTE_HINT "to search for the text, put it in quotes"

static void missing_operand_is_refused_where_it_should_stand(void **state)
{
    (void)state;
    assert_error("a AND", LEDE_EINPUT, 5,
        "expected a word, a phrase or '(', found the end of the query", CAPITALS_HINT);
    assert_error(
        "a OR OR b", LEDE_EINPUT, 5, "expected a word, a phrase or '(', found 'OR'", CAPITALS_HINT);
    assert_error(
        "AND a", LEDE_EINPUT, 0, "expected a word, a phrase or '(', found 'AND'", CAPITALS_HINT);
    assert_error("a OR & ", LEDE_EINPUT, 7,
        "expected a word, a phrase or '(', found the end of the query", CAPITALS_HINT);
    assert_error("NOT", LEDE_EINPUT, 3,
        "expected a word, a phrase or '(', found the end of the query", CAPITALS_HINT);
}

static void empty_group_is_refused(void **state)
{
    (void)state;
    const char *hint = "put words between the parentheses, or put them in quotes";
    assert_error("a ()", LEDE_EINPUT, 3, "expected a word, a phrase or '(', found ')'", hint);
    assert_error("(…)", LEDE_EINPUT, 4, "expected a word, a phrase or '(', found ')'", hint);
}

static void unbalanced_marks_are_refused_where_they_stand(void **state)
{
    (void)state;
    assert_error(
        "say \"abc", LEDE_EINPUT, 4, "unbalanced quote", "close the quote, or escape it as \\\"");
    assert_error(
        "«abc", LEDE_EINPUT, 0, "unbalanced quote", "close the quote, or escape it as \\\"");
    assert_error("a (b (c)", LEDE_EINPUT, 2, "unbalanced parenthesis",
        "close it with ')', or put it in quotes");
    assert_error("a) b", LEDE_EINPUT, 1, "unbalanced parenthesis",
        "nothing is open that this would close; leave it out, or put it in quotes");
}

static void unknown_field_names_close_ones(void **state)
{
    (void)state;
    assert_error("oil titel:x", LEDE_EINPUT, 4, "unknown field 'titel'",
        "did you mean 'title:'? To search for the text, put it in quotes");
    assert_error("Source: x", LEDE_EINPUT, 0, "unknown field 'Source'",
        "did you mean 'source:'? To search for the text, put it in quotes");
    assert_error("Title:x", LEDE_EINPUT, 0, "unknown field 'Title'",
        "did you mean 'title:'? To search for the text, put it in quotes");
    assert_error("lang:en", LEDE_EINPUT, 0, "unknown field 'lang'",
        "'lang' is a parameter of its own: lang=…");
    assert_error("Ukraine:war", LEDE_EINPUT, 0, "unknown field 'Ukraine'", QUOTE_HINT);
    assert_error("ukraine: war", LEDE_EINPUT, 0, "unknown field 'ukraine'", QUOTE_HINT);
    assert_error("título:x", LEDE_EINPUT, 0, "unknown field 'título'", QUOTE_HINT);
    assert_error("title:bdoy:x", LEDE_EINPUT, 6, "unknown field 'bdoy'",
        "did you mean 'body:'? To search for the text, put it in quotes");
}

static void field_needs_its_operand_directly_behind(void **state)
{
    (void)state;
    const char *message = "expected a word, a phrase or '(' directly after 'title:'";
    const char *hint = "write title:word; to search for the text itself, put it in quotes";
    assert_error("title:", LEDE_EINPUT, 6, message, hint);
    assert_error("title: oil", LEDE_EINPUT, 6, message, hint);
    assert_error("title:AND", LEDE_EINPUT, 6, message, hint);
    assert_error("title:-oil", LEDE_EINPUT, 6, message, hint);
    assert_error("title:\"!\"", LEDE_EINPUT, 6, message, hint);
    assert_error("title:body:oil", LEDE_EINPUT, 6, message, hint);
    assert_error("title:*", LEDE_EINPUT, 6, "'*' alone behind a field stands for no word",
        "write the beginning of a word: title:econ*");
}

static void bad_weights_are_refused(void **state)
{
    (void)state;
    assert_error("a^", LEDE_EINPUT, 2, WEIGHT "''", WEIGHT_HINT);
    assert_error("a^0", LEDE_EINPUT, 2, WEIGHT "'0'", WEIGHT_HINT);
    assert_error("a^101", LEDE_EINPUT, 2, WEIGHT "'101'", WEIGHT_HINT);
    assert_error("a^2x", LEDE_EINPUT, 2, WEIGHT "'2x'", WEIGHT_HINT);
    assert_error("a^-2", LEDE_EINPUT, 2, WEIGHT "'-2'", WEIGHT_HINT);
    assert_error("a ^2", LEDE_EINPUT, 2, "expected a word, a phrase or '(', found '^2'",
        "a weight stands directly behind a word, a phrase or ')': word^2");
    assert_error("a^2^3", LEDE_EINPUT, 3, "expected a word, a phrase or '(', found '^3'",
        "a weight stands directly behind a word, a phrase or ')': word^2");
    assert_error("(a^100)^2", LEDE_EINPUT, 8,
        "expected weights from 0.000001 to 100, also where one multiplies another",
        "use smaller differences between weights");
}

static void query_without_words_is_refused(void **state)
{
    (void)state;
    const char *hint = "write at least one word; punctuation alone is not searched";
    assert_error("-", LEDE_EINPUT, 0, "no words to search for", hint);
    assert_error(" & \"…\" -!", LEDE_EINPUT, 0, "no words to search for", hint);
}

static void two_signs_are_refused(void **state)
{
    (void)state;
    assert_error("a --b", LEDE_EINPUT, 3, "expected a word after '-', found '-'",
        "put text that begins with '-' in quotes");
    assert_error("+-b", LEDE_EINPUT, 1, "expected a word after '+', found '-'",
        "put text that begins with '+' in quotes");
}

#define PATTERN "expected one word with wildcards in it"
#define PATTERN_HINT                                                                               \
    "wildcards stand in a single word: colo?r, *stan, econ*; put punctuation in quotes"
#define BEHIND_HINT "write econ* or zelenski~; for words near each other: prime NEAR/5 minister"

static void wildcards_stand_in_one_word(void **state)
{
    (void)state;
    assert_error("a al-*n", LEDE_EINPUT, 2, PATTERN, PATTERN_HINT);
    assert_error("*?", LEDE_EINPUT, 0, PATTERN, PATTERN_HINT);
    assert_error("東?都", LEDE_EINPUT, 0, PATTERN, PATTERN_HINT);
    assert_error("=colo?r", LEDE_EINPUT, 0, "'=' and wildcards exclude each other", PATTERN_HINT);
    assert_error("CAPS colo?r", LEDE_EINPUT, 5, "CAPS takes words without wildcards", PATTERN_HINT);
    assert_error("al-qaida*", LEDE_EINPUT, 0, "'*' takes one word, 'al-qaida*' is searched as 2",
        "leave out '*', or put the text in quotes: =\"exact words\"");
    assert_error("&*", LEDE_EINPUT, 0, "expected a word with '*'",
        "leave out '*', or put the text in quotes: =\"exact words\"");
    assert_error("\"prime * minister\"", LEDE_EINPUT, 7,
        "a wildcard alone inside a phrase stands for no word",
        "for any word between two others write: prime ADJ/2 minister");
    assert_error("\"a b\"*", LEDE_EINPUT, 5, "'*' stands behind a single word only", BEHIND_HINT);
    assert_error("(a b)*", LEDE_EINPUT, 5, "'*' stands behind a single word only", BEHIND_HINT);
    assert_error("\"a b\"~5", LEDE_EINPUT, 5, "'~' stands behind a single word only", BEHIND_HINT);
}

static void fuzzy_words_have_letters_enough(void **state)
{
    (void)state;
    const char *hint = "write zelenski~ for one letter's difference, zelenski~2 for two; or put "
                       "the text in quotes";
    assert_error("zelenski~3", LEDE_EINPUT, 8, "expected '~', '~1' or '~2' behind the word", hint);
    assert_error(
        "zelenski~0.8", LEDE_EINPUT, 8, "expected '~', '~1' or '~2' behind the word", hint);
    assert_error(
        "a ab~", LEDE_EINPUT, 4, "the word is too short to be found by similar ones", hint);
    assert_error(
        "abc~2", LEDE_EINPUT, 3, "the word is too short to be found by similar ones", hint);
    assert_error("COVID-19~", LEDE_EINPUT, 0, "'~' takes one word of letters", hint);
    assert_error("=zelenski~", LEDE_EINPUT, 9, "'~' goes with no '=', wildcard or CAPS", hint);
}

static void operators_need_their_numbers(void **state)
{
    (void)state;
    assert_error("a NEAR/0 b", LEDE_EINPUT, 6,
        "expected NEAR/ and a number from 1 to 100, found 'NEAR/0'",
        "write NEAR/3; to search for the text, put it in quotes");
    assert_error("a ADJ/x b", LEDE_EINPUT, 5,
        "expected ADJ/ and a number from 1 to 100, found 'ADJ/x'",
        "write ADJ/3; to search for the text, put it in quotes");
    assert_error("ATLEAST/1001 b", LEDE_EINPUT, 7,
        "expected ATLEAST/ and a number from 1 to 1000, found 'ATLEAST/1001'",
        "write ATLEAST/3; to search for the text, put it in quotes");
    assert_error("LENGTH>x", LEDE_EINPUT, 6,
        "expected a number of words, or a range that holds one",
        "write LENGTH>500, LENGTH<=200 or LENGTH:100..500");
    assert_error("LENGTH:9..8", LEDE_EINPUT, 6,
        "expected a number of words, or a range that holds one",
        "write LENGTH>500, LENGTH<=200 or LENGTH:100..500");
}

static void operators_without_meaning_together_are_refused(void **state)
{
    (void)state;
    const char *beside = "put it beside, with AND: (a NEAR/5 b) AND …; (a NEAR/5 b) NOT …";
    assert_error("a NEAR/5 (b AND c)", LEDE_EINPUT, 9,
        "NEAR takes a word, a phrase or words between OR, found words that are all wanted",
        "write (a NEAR c) AND (b NEAR c), or a phrase in quotes");
    assert_error("(a -b) ADJ c", LEDE_EINPUT, 0,
        "ADJ takes a word, a phrase or words between OR, found words that are all wanted",
        "write (a ADJ c) AND (b ADJ c), or a phrase in quotes");
    assert_error("a SAME s published:2022", LEDE_EINPUT, 9,
        "SAME s takes a word, a phrase or words between OR, found a date", beside);
    assert_error("a SAME p LENGTH>5", LEDE_EINPUT, 9,
        "SAME p takes a word, a phrase or words between OR, found LENGTH", beside);
    assert_error("a NEAR (b OR ATLEAST/3 c)", LEDE_EINPUT, 13,
        "NEAR takes a word, a phrase or words between OR, found ATLEAST", beside);
    assert_error("ATLEAST/3 (a b)", LEDE_EINPUT, 10,
        "ATLEAST takes a word, a phrase or words between OR, found words that are all wanted",
        "write ATLEAST/3 a AND ATLEAST/3 b, or a phrase in quotes");
    assert_error("title:a NEAR author:b", LEDE_EINPUT, 8,
        "NEAR stands between words of different fields, which are never near each other",
        "write AND, or name one field: title:(a NEAR/5 b)");
    assert_error("title:(LEAD:a)", LEDE_EINPUT, 7, "LEAD: has no place inside a field",
        "write LEAD:word, or LEAD:(body:word)");
    assert_error("LEAD:(author:a)", LEDE_EINPUT, 6, "LEAD: looks at headlines and bodies alone",
        "write the field beside it: LEAD:word AND author:name");
    assert_error("CAPS \"a b\"", LEDE_EINPUT, 5, "CAPS takes one word, '\"a b\"' is searched as 2",
        "leave out CAPS, or put the text in quotes: =\"exact words\"");
    assert_error("a NEAR NEAR b", LEDE_EINPUT, 7, "expected a word, a phrase or '(', found 'NEAR'",
        "AND, OR and NOT in capitals are operators; write them in lower case to search for them");
}

static void exact_takes_one_word_or_a_phrase(void **state)
{
    (void)state;
    assert_error("=(a b)", LEDE_EINPUT, 0, "'=' takes one word or a phrase",
        "write =word or =\"exact words\"");
    assert_error("=COVID-19", LEDE_EINPUT, 0, "'=' takes one word, '=COVID-19' is searched as 2",
        "leave out '=', or put the text in quotes: =\"exact words\"");
    assert_error("=econ*", LEDE_EINPUT, 0, "'=' and wildcards exclude each other", PATTERN_HINT);
}

static void bad_dates_are_refused(void **state)
{
    (void)state;
    assert_error("published:", LEDE_EINPUT, 10, "expected a date after the field", DATES_HINT);
    assert_error(
        "published:(2022)", LEDE_EINPUT, 10, "expected a date after the field", DATES_HINT);
    assert_error(
        "published:tonight", LEDE_EINPUT, 10, "expected a date, found 'tonight'", DATE_HINT);
    assert_error(
        "published:2022..2022-13", LEDE_EINPUT, 16, "expected a date, found '2022-13'", DATE_HINT);
    assert_error(
        "published:>", LEDE_EINPUT, 11, "expected a date after the comparison", DATES_HINT);
    assert_error(
        "published:..", LEDE_EINPUT, 10, "expected a date before or after '..'", DATES_HINT);
    assert_error(
        "published:2023..2022", LEDE_EINPUT, 10, "the range of dates holds no moment", DATES_HINT);
    assert_error(
        "published:>9999-12-31", LEDE_EINPUT, 10, "the range of dates holds no moment", DATES_HINT);
    assert_error("published:-7d", LEDE_EINPUT, 10, "expected a comparison before '-7d'",
        "write >-7d for the last seven days");
    assert_error("published:\"19 Jan", LEDE_EINPUT, 10, "unbalanced quote",
        "close the quote, or escape it as \\\"");
}

/* ---- Limits ---- */

/* `count` times `unit`, then `end`. Owner: the caller. */
static char *repeat(const char *unit, size_t count, const char *end)
{
    struct lede_buffer out = {0};
    for (size_t i = 0; i < count; i++)
        lede_buffer_append_string(&out, unit);
    lede_buffer_append_string(&out, end);
    char *text = lede_buffer_take(&out);
    assert_non_null(text);
    return text;
}

static enum lede_status parse_repeated(
    const char *unit, size_t count, const char *end, struct lede_error *error)
{
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_freep) char *text = repeat(unit, count, end);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    return lede_query_parse(text, strlen(text), &options, test_analyzer, &query, error);
}

static void ten_thousand_parentheses_are_over_a_limit(void **state)
{
    (void)state;
    struct lede_error error = {0};
    assert_int_equal(parse_repeated("(", 70000, "a", &error), LEDE_ELIMIT);
    assert_int_equal(error.position, LEDE_QUERY_BYTES_MAX);
    assert_int_equal(parse_repeated("(", 4000, "a", &error), LEDE_ELIMIT);
    assert_int_equal(error.position, LEDE_QUERY_DEPTH_MAX);
    assert_int_equal(parse_repeated("-(", 2000, "a", &error), LEDE_ELIMIT);
    assert_int_equal(parse_repeated("title:(", 500, "a", &error), LEDE_ELIMIT);
}

static void depth_is_allowed_up_to_its_limit(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_freep) char *close = repeat(")", LEDE_QUERY_DEPTH_MAX, "");
    assert_int_equal(parse_repeated("(", LEDE_QUERY_DEPTH_MAX, "a", NULL), LEDE_EINPUT);
    LEDE_CLEANUP(lede_freep) char *end = repeat("a", 1, close);
    assert_int_equal(parse_repeated("(", LEDE_QUERY_DEPTH_MAX, end, NULL), LEDE_OK);
}

static void a_thousand_nots_need_no_stack(void **state)
{
    (void)state;
    assert_int_equal(parse_repeated("NOT ", 1000, "a", NULL), LEDE_OK);
}

static void clauses_are_counted_word_by_word(void **state)
{
    (void)state;
    struct lede_error error = {0};
    assert_int_equal(parse_repeated("a ", LEDE_QUERY_CLAUSES_MAX, "", &error), LEDE_OK);
    assert_int_equal(parse_repeated("a ", LEDE_QUERY_CLAUSES_MAX, "b", &error), LEDE_ELIMIT);
    assert_int_equal(error.position, 2 * LEDE_QUERY_CLAUSES_MAX);
    assert_string_equal(error.message, "more than 2048 words");
    assert_int_equal(parse_repeated("a-", 300, "b", &error), LEDE_ELIMIT);
    assert_string_equal(error.message, "more than 256 words in a phrase");
    assert_int_equal(parse_repeated("京都", 1400, "", &error), LEDE_ELIMIT);
}

static void bytes_are_allowed_up_to_their_limit(void **state)
{
    (void)state;
    struct lede_error error = {0};
    assert_int_equal(parse_repeated("a", LEDE_QUERY_BYTES_MAX, "", NULL), LEDE_OK);
    assert_int_equal(parse_repeated("a", LEDE_QUERY_BYTES_MAX + 1, "", &error), LEDE_ELIMIT);
    assert_int_equal(error.position, LEDE_QUERY_BYTES_MAX);
}

static void text_that_is_no_utf8_is_refused_where_it_breaks(void **state)
{
    (void)state;
    struct lede_query_options options = test_options(false);
    static const struct {
        const char *text;
        size_t size;
        size_t position;
    } cases[] = {{"a\xff", 2, 1}, {"é\xe2\x80", 4, 2}, {"ab\0c", 4, 2}, {"\xed\xa0\x80", 3, 0}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        struct lede_query *query = NULL;
        struct lede_error error = {0};
        assert_int_equal(
            lede_query_parse(cases[i].text, cases[i].size, &options, test_analyzer, &query, &error),
            LEDE_EINPUT);
        assert_int_equal(error.position, cases[i].position);
        assert_string_equal(error.message, "expected UTF-8 without NUL");
        assert_null(query);
    }
}

static void errors_may_be_unwanted(void **state)
{
    (void)state;
    struct lede_query_options options = test_options(false);
    struct lede_query *query = NULL;
    assert_int_equal(
        lede_query_parse("a AND titel:x", 13, &options, test_analyzer, &query, NULL), LEDE_EINPUT);
    assert_int_equal(
        lede_query_parse("NOT NEAR", 8, &options, test_analyzer, &query, NULL), LEDE_EINPUT);
    lede_query_free(NULL);
    lede_query_freep(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_operand_is_refused_where_it_should_stand),
        cmocka_unit_test(empty_group_is_refused),
        cmocka_unit_test(unbalanced_marks_are_refused_where_they_stand),
        cmocka_unit_test(unknown_field_names_close_ones),
        cmocka_unit_test(field_needs_its_operand_directly_behind),
        cmocka_unit_test(bad_weights_are_refused),
        cmocka_unit_test(query_without_words_is_refused),
        cmocka_unit_test(two_signs_are_refused),
        cmocka_unit_test(wildcards_stand_in_one_word),
        cmocka_unit_test(fuzzy_words_have_letters_enough),
        cmocka_unit_test(operators_need_their_numbers),
        cmocka_unit_test(operators_without_meaning_together_are_refused),
        cmocka_unit_test(exact_takes_one_word_or_a_phrase),
        cmocka_unit_test(bad_dates_are_refused),
        cmocka_unit_test(ten_thousand_parentheses_are_over_a_limit),
        cmocka_unit_test(depth_is_allowed_up_to_its_limit),
        cmocka_unit_test(a_thousand_nots_need_no_stack),
        cmocka_unit_test(clauses_are_counted_word_by_word),
        cmocka_unit_test(bytes_are_allowed_up_to_their_limit),
        cmocka_unit_test(text_that_is_no_utf8_is_refused_where_it_breaks),
        cmocka_unit_test(errors_may_be_unwanted),
    };
    return cmocka_run_group_tests_name("query errors", tests, support_setup, support_teardown);
}
