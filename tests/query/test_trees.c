/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each construct of the language, and the tree it is. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

static void words_side_by_side_are_all_wanted(void **state)
{
    (void)state;
    assert_tree("crude", "word:crude");
    assert_tree("Crude OIL", "(and word:crude word:oil)");
}

static void empty_query_is_everything(void **state)
{
    (void)state;
    assert_tree("", "all");
    assert_tree(" \t\xe3\x80\x80", "all");
    assert_tree("*", "all");
    assert_tree_any("* *", "(or all all)");
    assert_tree("* oil", "word:oil");
}

static void every_kind_of_quote_makes_a_phrase(void **state)
{
    (void)state;
    assert_tree("\"saudi arabia\"", "phrase:saudi,arabia");
    assert_tree("“saudi arabia”", "phrase:saudi,arabia");
    assert_tree("„saudi arabia“", "phrase:saudi,arabia");
    assert_tree("«saudi arabia»", "phrase:saudi,arabia");
    assert_tree("＂saudi arabia＂", "phrase:saudi,arabia");
    assert_tree("“saudi arabia\"", "phrase:saudi,arabia");
}

static void other_quotes_and_escaped_ones_stand_inside_a_phrase(void **state)
{
    (void)state;
    assert_tree("\"she “said” so\" x", "(and phrase:she,said,so word:x)");
    assert_tree("\"a \\\"b\\\" c\"", "phrase:a,b,c");
    assert_tree("a\\\"b", "phrase:a,b");
}

static void a_headline_with_a_colon_is_words(void **state)
{
    (void)state;
    assert_tree("Ukraine: war", "(and word:ukraine word:war)");
    assert_tree("BREAKING: Élysée:", "(and word:breaking word:elysee)");
    assert_tree("(Ukraine: war)", "(and word:ukraine word:war)");
}

static void phrase_of_one_word_is_the_word(void **state)
{
    (void)state;
    assert_tree("\"oil\"", "word:oil");
}

static void or_binds_less_than_words_side_by_side(void **state)
{
    (void)state;
    assert_tree("a b OR c d", "(or (and word:a word:b) (and word:c word:d))");
    assert_tree("a AND b OR c", "(or (and word:a word:b) word:c)");
    assert_tree("a (b OR c) d", "(and word:a (or word:b word:c) word:d)");
}

static void not_binds_tightest(void **state)
{
    (void)state;
    assert_tree("NOT a b", "(and (not word:a) word:b)");
    assert_tree("a -b", "(and word:a (not word:b))");
    assert_tree("a -(b c)", "(and word:a (not (and word:b word:c)))");
    assert_tree("a -title:b", "(and word:a (not title/word:b))");
    assert_tree("a -\"b c\"", "(and word:a (not phrase:b,c))");
    assert_tree("+a +b", "(and word:a word:b)");
}

static void exclusions_alone_exclude_from_everything(void **state)
{
    (void)state;
    assert_tree("-a", "(and all (not word:a))");
    assert_tree("NOT a NOT b", "(and all (not word:a) (not word:b))");
    assert_tree("a OR NOT b", "(or word:a (and all (not word:b)))");
    assert_tree("a (-b)", "(and word:a (not word:b))");
    assert_tree_any("-a", "(and all (not word:a))");
    assert_tree_any("a (-b)", "(or word:a (and all (not word:b)))");
}

static void minus_behind_or_is_for_the_whole(void **state)
{
    (void)state;
    assert_tree("\"new trial\" OR exoner* -harlan",
        "(and (or phrase:new,trial prefix:exoner) (not word:harlan))");
    assert_tree("-c a OR b", "(and (or word:a word:b) (not word:c))");
    assert_tree("a -c OR b -d", "(and (or word:a word:b) (not word:c) (not word:d))");
    assert_tree("(a OR b -c) OR d", "(or (and (or word:a word:b) (not word:c)) word:d)");
    assert_tree("title:(a OR b -c)", "(and (or title/word:a title/word:b) (not title/word:c))");
    assert_tree_any("a b OR c -d", "(and (or word:a word:b word:c) (not word:d))");
    assert_tree_any("+a b OR c -d", "(and (or (maybe word:a word:b) word:c) (not word:d))");
    /* What is said with NOT, or is all that a branch says, is said of the branch. */
    assert_tree("a OR b NOT c", "(or word:a (and word:b (not word:c)))");
    assert_tree("a OR b AND NOT c", "(or word:a (and word:b (not word:c)))");
    assert_tree("a OR b AND -c", "(or word:a (and word:b (not word:c)))");
    assert_tree("a OR -b", "(or word:a (and all (not word:b)))");
    assert_tree_any("a OR b NOT c", "(or word:a (and word:b (not word:c)))");
}

static void double_not_is_none(void **state)
{
    (void)state;
    assert_tree("NOT NOT a", "word:a");
    assert_tree("NOT -a", "word:a");
    assert_tree("NOT NOT NOT a b", "(and (not word:a) word:b)");
}

static void match_any_takes_any_word(void **state)
{
    (void)state;
    assert_tree_any("a b c", "(or word:a word:b word:c)");
    assert_tree_any("a b OR c", "(or word:a word:b word:c)");
    assert_tree_any("a b AND c d", "(or word:a (and word:b word:c) word:d)");
}

static void match_any_obeys_signs(void **state)
{
    (void)state;
    assert_tree_any("+a b", "(maybe word:a word:b)");
    assert_tree_any("b c +a +d", "(maybe (and word:a word:d) (or word:b word:c))");
    assert_tree_any("a -b", "(and word:a (not word:b))");
    assert_tree_any("a c -b", "(and (or word:a word:c) (not word:b))");
    assert_tree_any("+a b -c", "(and (maybe word:a word:b) (not word:c))");
    assert_tree_any("+a", "word:a");
    assert_tree_any("+a AND b c", "(maybe (and word:a word:b) word:c)");
}

static void groups_are_merged_or_unwrapped(void **state)
{
    (void)state;
    assert_tree("((a))", "word:a");
    assert_tree("a (b c)", "(and word:a word:b word:c)");
    assert_tree("a OR (b OR c)", "(or word:a word:b word:c)");
    assert_tree("a (b c)^2", "(and word:a (and word:b word:c)^2)");
}

static void weights_follow_words_phrases_and_groups(void **state)
{
    (void)state;
    assert_tree("a^3", "word:a^3");
    assert_tree("a^1", "word:a");
    assert_tree("\"a b\"^0.5 c*^100", "(and phrase:a,b^0.5 prefix:c^100)");
    assert_tree("(a b)^2.25", "(and word:a word:b)^2.25");
    assert_tree("((a^2))^3", "word:a^6");
    assert_tree("title:a^2", "title/word:a^2");
    assert_tree("title:(a b)^2", "(and title/word:a title/word:b)^2");
}

static void fields_apply_to_a_word_a_phrase_or_a_group(void **state)
{
    (void)state;
    assert_tree("title:oil", "title/word:oil");
    assert_tree("author:\"jane doe\"", "author/phrase:jane,doe");
    assert_tree("title:(a OR =b c*)", "(or title/word:a (and title/exact:b title/prefix:c))");
    assert_tree("tag:x tags:y", "(and tags/word:x tags/word:y)");
    assert_tree("title:(a body:b) c", "(and title/word:a body/word:b word:c)");
}

static void words_without_a_field_take_the_fields_asked_for(void **state)
{
    (void)state;
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    options.fields = LEDE_FIELD_BIT(LEDE_FIELD_TAGS) | LEDE_FIELD_BIT(LEDE_FIELD_URL);
    assert_int_equal(lede_query_parse("oil", 3, &options, test_analyzer, &query, NULL), LEDE_OK);
    assert_int_equal(lede_query_root(query)->fields, options.fields);
    assert_false(lede_query_root(query)->field_named);
}

static void colon_behind_digits_or_before_slashes_is_text(void **state)
{
    (void)state;
    assert_tree("12:30", "phrase:12,30");
    assert_tree("http://x1.example/a?b=1~2", "phrase:http,x1,example,a,b,1,2");
    assert_tree("title:12:30", "title/phrase:12,30");
    assert_tree(":oil", "word:oil");
}

static void prefix_and_exact_take_one_word(void **state)
{
    (void)state;
    assert_tree("econ*", "prefix:econ");
    assert_tree("=Ministers", "exact:ministers");
    assert_tree("-econ*", "(and all (not prefix:econ))");
}

static void words_that_split_are_phrases(void **state)
{
    (void)state;
    assert_tree("COVID-19", "(or phrase:covid,19 word:covid19)");
    assert_tree("\"an e-mail\"", "(or phrase:an,e,mail phrase:an,email)");
    assert_tree("3-2", "phrase:3,2");
    assert_tree("a@b.example", "phrase:a,b,example");
    assert_tree("al-Qaida", "(or phrase:al,qaida word:alqaida)");
    assert_tree("O'Brien AT&T U.S. 3.5", "(and word:o'brien word:at&t word:us word:3.5)");
}

static void unspaced_scripts_are_bigrams_as_in_documents(void **state)
{
    (void)state;
    assert_tree("東京", "word:東京");
    assert_tree("日本経済", "phrase:日本,本経,経済");
    assert_tree("京", "prefix:京");
    assert_tree("東京*", "prefix:東京");
    /* The character that ends the run has a position of its own in documents. */
    assert_tree("東京2020", "phrase:東京,京,2020");
    assert_tree("\"2020 東京\"", "phrase:2020,東京");
}

static void operators_are_capitals_only(void **state)
{
    (void)state;
    assert_tree("a and b or not", "(and word:a word:and word:b word:or word:not)");
    assert_tree("\"AND\" OR near", "(or word:and word:near)");
    assert_tree("SAME old story", "(and word:same word:old word:story)");
}

static void punctuation_alone_is_white_space(void **state)
{
    (void)state;
    assert_tree("a & b - c", "(and word:a word:b word:c)");
    assert_tree("a -- b \"…\" c", "(and word:a word:b word:c)");
    assert_tree("a -& b -\"!\" ?", "(and word:a word:b)");
}

static void dates_are_ranges_with_both_ends(void **state)
{
    (void)state;
    assert_tree("published:2022-01-01..2022-02-15",
        "published/dates:2022-01-01T00:00:00Z..2022-02-15T23:59:59Z");
    assert_tree("published:2022-01", "published/dates:2022-01-01T00:00:00Z..2022-01-31T23:59:59Z");
    assert_tree("published:2022", "published/dates:2022-01-01T00:00:00Z..2022-12-31T23:59:59Z");
    assert_tree("updated:2022-01-19T18:04:00+02:00",
        "updated/dates:2022-01-19T16:04:00Z..2022-01-19T16:04:00Z");
    assert_tree(
        "published:\"19 Jan 2022\"", "published/dates:2022-01-19T00:00:00Z..2022-01-19T23:59:59Z");
    assert_tree("published:“19 Jan 2022”..2022-01-20",
        "published/dates:2022-01-19T00:00:00Z..2022-01-20T23:59:59Z");
}

static void dates_compare_with_whole_days(void **state)
{
    (void)state;
    assert_tree(
        "published:>2022-01-19", "published/dates:2022-01-20T00:00:00Z..9999-12-31T23:59:59Z");
    assert_tree(
        "published:>=2022-01-19", "published/dates:2022-01-19T00:00:00Z..9999-12-31T23:59:59Z");
    assert_tree(
        "published:<2022-01-19", "published/dates:0001-01-01T00:00:00Z..2022-01-18T23:59:59Z");
    assert_tree(
        "published:<=2022-01-19", "published/dates:0001-01-01T00:00:00Z..2022-01-19T23:59:59Z");
    assert_tree(
        "published:2022-01-01..", "published/dates:2022-01-01T00:00:00Z..9999-12-31T23:59:59Z");
    assert_tree(
        "published:..2022-01-01", "published/dates:0001-01-01T00:00:00Z..2022-01-01T23:59:59Z");
    assert_tree("published:>=-7d", "published/dates:2022-01-12T18:04:00Z..9999-12-31T23:59:59Z");
    assert_tree("published:-2d..now", "published/dates:2022-01-17T18:04:00Z..2022-01-19T18:04:00Z");
}

static void dates_stand_among_words(void **state)
{
    (void)state;
    assert_tree("(oil published:2022)",
        "(and word:oil published/dates:2022-01-01T00:00:00Z..2022-12-31T23:59:59Z)");
    assert_tree("-published:2022^2 oil",
        "(and (not published/dates:2022-01-01T00:00:00Z..2022-12-31T23:59:59Z^2) word:oil)");
}

static void word_stands_for_its_stems_in_every_language(void **state)
{
    (void)state;
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2)) |
                        LEDE_LANGUAGE_BIT(lede_language_find("de", 2));
    assert_int_equal(
        lede_query_parse("ministers", 9, &options, test_analyzer, &query, NULL), LEDE_OK);
    const struct lede_query_word *word = lede_query_root(query)->words;
    assert_int_equal(word->stem_count, 3);
    assert_string_equal(word->stems[0], ":minist");
    assert_string_equal(word->stems[1], ";minist");
    assert_string_equal(word->stems[2], "ministers"); /* of languages without a stemmer */
}

static void nodes_know_where_they_stand_in_the_text(void **state)
{
    (void)state;
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    const char *text = "  (oil) title:gas^2 -b";
    assert_int_equal(
        lede_query_parse(text, strlen(text), &options, test_analyzer, &query, NULL), LEDE_OK);
    const struct lede_query_node *root = lede_query_root(query);
    static const size_t expected[][2] = {{3, 3}, {8, 9}, {20, 2}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(root->children[i]->start, expected[i][0]);
        assert_int_equal(root->children[i]->size, expected[i][1]);
    }
}

/* Does the first token of an English text satisfy the query's one word? */
static bool matches(const char *query_text, const char *text)
{
    struct lede_query_options options = test_options(false);
    options.languages = LEDE_LANGUAGE_BIT(lede_language_find("en", 2));
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    assert_int_equal(
        lede_query_parse(query_text, strlen(query_text), &options, test_analyzer, &query, NULL),
        LEDE_OK);
    struct lede_tokens tokens;
    struct lede_token token;
    lede_tokens_init(&tokens, test_analyzer, LEDE_TOKENS_DOCUMENT, lede_language_find("en", 2),
        text, strlen(text));
    assert_true(lede_tokens_next(&tokens, &token));
    assert_false(lede_query_word_matches(lede_query_root(query), 99, &token));
    return lede_query_word_matches(lede_query_root(query), 0, &token);
}

static void tokens_satisfy_words_by_stem_exact_by_word_prefix_by_beginning(void **state)
{
    (void)state;
    assert_true(matches("ministers", "Minister"));
    assert_false(matches("=ministers", "Minister"));
    assert_true(matches("=minister", "Minister"));
    assert_true(matches("mini*", "Minister"));
    assert_false(matches("minx*", "Minister"));
    assert_false(matches("oil", "Minister"));
    assert_true(matches("\"ministers agree\"", "Minister"));
    assert_true(matches("京", "京都"));
    assert_false(matches("*", "Minister"));
}

static bool equal(const char *a, const char *b)
{
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *x = NULL;
    LEDE_CLEANUP(lede_query_freep) struct lede_query *y = NULL;
    assert_int_equal(lede_query_parse(a, strlen(a), &options, test_analyzer, &x, NULL), LEDE_OK);
    assert_int_equal(lede_query_parse(b, strlen(b), &options, test_analyzer, &y, NULL), LEDE_OK);
    return lede_query_equal(lede_query_root(x), lede_query_root(y));
}

static void trees_are_equal_in_all_but_their_place(void **state)
{
    (void)state;
    assert_true(equal("a  AND (b)", "a b"));
    assert_true(equal("U.S.", "us"));
    assert_false(equal("a b", "a OR b"));
    assert_false(equal("a", "b"));
    assert_false(equal("a", "a^2"));
    assert_false(equal("a", "title:a"));
    assert_false(equal("a", "=a"));
    assert_false(equal("a b", "a b c"));
    assert_false(equal("\"a b\"", "\"a b c\""));
    assert_false(equal("published:2021", "published:2022"));
}

static void assert_printed(const char *text, bool match_any, const char *expected)
{
    struct lede_query_options options = test_options(match_any);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    assert_int_equal(
        lede_query_parse(text, strlen(text), &options, test_analyzer, &query, NULL), LEDE_OK);
    assert_int_equal(lede_query_print(query, &printed), LEDE_OK);
    assert_string_equal(printed, expected);
}

static void canonical_form_writes_operators_and_folded_words(void **state)
{
    (void)state;
    assert_printed("Crude OIL “Saudi Arabia”", false, "crude AND oil AND \"saudi arabia\"");
    assert_printed("a b OR c -d", false, "(a AND b OR c) AND NOT d");
    assert_printed("a (b OR c)^0.50 d^2", false, "a AND (b OR c)^0.5 AND d^2");
    assert_printed("-a", false, "NOT a");
    assert_printed("  ", false, "*");
    assert_printed("title:(A =B c*)", false, "title:a AND title:=b AND title:c*");
    assert_printed("COVID-19 U.S. \"and\" 12:30", false,
        "(\"covid 19\" OR covid19) AND us AND and AND \"12 30\"");
    assert_printed("東京都 京", false, "東京都 AND 京*");
    assert_printed(
        "published:2022-01-19", false, "published:2022-01-19T00:00:00Z..2022-01-19T23:59:59Z");
    assert_printed("updated:<2022", false, "updated:..2021-12-31T23:59:59Z");
    assert_printed("published:0001..", false, "published:0001-01-01T00:00:00Z..");
}

static void canonical_form_of_match_any_keeps_signs(void **state)
{
    (void)state;
    assert_printed("a b", true, "a OR b");
    assert_printed("c +a b -d -(e f)", true, "+a c b -d -(e OR f)");
    assert_printed("+a +b c AND d", true, "+a +b c AND d");
    assert_printed("+a (-b)", true, "+a (NOT b)");
    assert_printed("+a AND -b c", true, "+a AND NOT b c");
    assert_printed("(+a b) AND c", true, "(+a b) AND c");
}

static void patterns_are_words_with_wildcards_or_another_spelling(void **state)
{
    (void)state;
    assert_tree("Colo?r", "wildcard:colo?r");
    assert_tree("*stan, e**a", "(and wildcard:*stan wildcard:e*a)");
    assert_tree("who? *", "word:who");
    assert_tree("Zelenski~ zelenski~1 zelenski~2",
        "(and fuzzy/1:zelenski fuzzy/1:zelenski fuzzy/2:zelenski)");
    assert_tree("title:*a*^2", "title/wildcard:*a*^2");
    assert_tree("\"saudi arab*\"", "(adjacent/1 word:saudi prefix:arab)");
    assert_tree("=\"Crude Oils\"", "(adjacent/1 exact:crude exact:oils)");
    assert_tree(
        "a~b http://x.example/~jane?q=1", "(and phrase:a,b phrase:http,x,example,jane,q,1)");
}

static void proximity_binds_tighter_than_not_and_side_by_side(void **state)
{
    (void)state;
    assert_tree("a NEAR/5 b c", "(and (near/5 word:a word:b) word:c)");
    assert_tree("a NEAR b", "(near/5 word:a word:b)");
    assert_tree("a ADJ b ADJ/2 c", "(adjacent/2 (adjacent/1 word:a word:b) word:c)");
    assert_tree("NOT a SAME s b", "(and all (not (sentence word:a word:b)))");
    assert_tree("c -a SAME p b", "(and word:c (not (paragraph word:a word:b)))");
    assert_tree("(a OR \"b c\") NEAR/3 d^2", "(near/3 (or word:a phrase:b,c) word:d^2)");
    assert_tree("title:(a NEAR/3 b)", "(near/3 title/word:a title/word:b)");
    assert_tree("the SAME old story", "(and word:the word:same word:old word:story)");
    assert_tree("ATLEAST/3 oil AND ATLEAST/1 gas", "(and (atleast/3 word:oil) word:gas)");
}

static void capitals_leads_and_lengths_are_leaves(void **state)
{
    (void)state;
    assert_tree("CAPS AIDS", "caps:aids");
    assert_tree("CAPS (aids OR NATO) who", "(and (or caps:aids caps:nato) word:who)");
    assert_tree("write in CAPS", "(and word:write word:in word:caps)");
    assert_tree("LEAD: oil", "lead/word:oil");
    assert_tree("LEAD:(title:a body:b) c", "(and title/word:a body/lead/word:b word:c)");
    assert_tree("LEAD: CAPS aids", "lead/caps:aids");
    assert_tree("LENGTH>500", "length:501..4294967295");
    assert_tree("oil LENGTH <= 20", "(and word:oil length:0..20)");
    assert_tree("LENGTH:5..10 LENGTH=7", "(and length:5..10 length:7..7)");
    assert_tree("LENGTH of", "(and word:length word:of)");
}

static void pattern_matches(const char *query, const char *word, bool expected)
{
    struct lede_query_options options = test_options(false);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *parsed = NULL;
    assert_int_equal(
        lede_query_parse(query, strlen(query), &options, test_analyzer, &parsed, NULL), LEDE_OK);
    if (lede_query_pattern_matches(lede_query_root(parsed), word, strlen(word)) != expected)
        fail_msg("'%s' and '%s'", query, word);
}

static void patterns_match_whole_words(void **state)
{
    (void)state;
    pattern_matches("colo?r", "colour", true);
    pattern_matches("colo?r", "color", false);
    pattern_matches("colo*r", "color", true);
    pattern_matches("*stan", "kazakhstan", true);
    pattern_matches("*stan", "stand", false);
    pattern_matches("*a*b*a", "aabbaba", true);
    pattern_matches("m?nchen", "m\u00fcnchen", true);
    pattern_matches("zelenski~", "zelensky", true);
    pattern_matches("zelenski~", "zelenksi", true);
    pattern_matches("zelenski~", "selenski", true);
    pattern_matches("zelenski~", "zelenskyy", true);
    pattern_matches("zelenski~", "zelenka", false);
    pattern_matches("gaddafi~", "khadafy", true);
    pattern_matches("zelenski~2", "zelenskyy", true);
    pattern_matches("oil~", "oils", true);
    pattern_matches("oil~", "soil", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_words_with_wildcards_or_another_spelling),
        cmocka_unit_test(proximity_binds_tighter_than_not_and_side_by_side),
        cmocka_unit_test(capitals_leads_and_lengths_are_leaves),
        cmocka_unit_test(patterns_match_whole_words),
        cmocka_unit_test(words_side_by_side_are_all_wanted),
        cmocka_unit_test(empty_query_is_everything),
        cmocka_unit_test(every_kind_of_quote_makes_a_phrase),
        cmocka_unit_test(other_quotes_and_escaped_ones_stand_inside_a_phrase),
        cmocka_unit_test(a_headline_with_a_colon_is_words),
        cmocka_unit_test(phrase_of_one_word_is_the_word),
        cmocka_unit_test(or_binds_less_than_words_side_by_side),
        cmocka_unit_test(not_binds_tightest),
        cmocka_unit_test(exclusions_alone_exclude_from_everything),
        cmocka_unit_test(minus_behind_or_is_for_the_whole),
        cmocka_unit_test(double_not_is_none),
        cmocka_unit_test(match_any_takes_any_word),
        cmocka_unit_test(match_any_obeys_signs),
        cmocka_unit_test(groups_are_merged_or_unwrapped),
        cmocka_unit_test(weights_follow_words_phrases_and_groups),
        cmocka_unit_test(fields_apply_to_a_word_a_phrase_or_a_group),
        cmocka_unit_test(words_without_a_field_take_the_fields_asked_for),
        cmocka_unit_test(colon_behind_digits_or_before_slashes_is_text),
        cmocka_unit_test(prefix_and_exact_take_one_word),
        cmocka_unit_test(words_that_split_are_phrases),
        cmocka_unit_test(unspaced_scripts_are_bigrams_as_in_documents),
        cmocka_unit_test(operators_are_capitals_only),
        cmocka_unit_test(punctuation_alone_is_white_space),
        cmocka_unit_test(dates_are_ranges_with_both_ends),
        cmocka_unit_test(dates_compare_with_whole_days),
        cmocka_unit_test(dates_stand_among_words),
        cmocka_unit_test(word_stands_for_its_stems_in_every_language),
        cmocka_unit_test(nodes_know_where_they_stand_in_the_text),
        cmocka_unit_test(tokens_satisfy_words_by_stem_exact_by_word_prefix_by_beginning),
        cmocka_unit_test(trees_are_equal_in_all_but_their_place),
        cmocka_unit_test(canonical_form_writes_operators_and_folded_words),
        cmocka_unit_test(canonical_form_of_match_any_keeps_signs),
    };
    return cmocka_run_group_tests_name("query trees", tests, support_setup, support_teardown);
}
