/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is written for Nexis, Factiva and Westlaw is read, and said in our own spelling; ordinary
 * text with the same characters stays words. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

static void assert_parsed(const char *text, const char *expected)
{
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    LEDE_CLEANUP(lede_freep) char *printed = NULL;
    struct lede_query_options options = test_options(false);
    struct lede_error error = {0};
    options.forgiving = true;
    if (lede_query_parse(text, strlen(text), &options, test_analyzer, &query, &error) != LEDE_OK)
        fail_msg("'%s' was refused at %zu: %s", text, error.position, error.message);
    assert_int_equal(lede_query_print(query, &printed), LEDE_OK);
    if (strcmp(printed, expected) != 0)
        fail_msg("'%s' is %s, expected %s", text, printed, expected);
}

static void distances_and_units(void **state)
{
    (void)state;
    assert_parsed("oil W/5 price", "oil NEAR/5 price");
    assert_parsed("oil w/5 price", "oil NEAR/5 price");
    assert_parsed("oil /5 price", "oil NEAR/5 price");
    assert_parsed("oil near5 price", "oil NEAR/5 price");
    assert_parsed("oil NEAR5 price", "oil NEAR/5 price");
    assert_parsed("oil PRE/3 price", "oil ADJ/3 price");
    assert_parsed("oil +3 price", "oil ADJ/3 price");
    assert_parsed("oil adj5 price", "oil ADJ/5 price");
    assert_parsed("oil W/s price", "oil SAME s price");
    assert_parsed("oil NOT W/5 price", "oil NOT NEAR/5 price");
    assert_parsed("oil NOT /5 price", "oil NOT NEAR/5 price");
    assert_parsed("oil not w/s price", "oil AND not SAME s price");
    assert_parsed("oil NOT W/s price", "oil NOT SAME s price");
    assert_parsed("oil NOT NEAR price", "oil AND NOT near AND price");
    assert_parsed("oil /p price", "oil SAME p price");
    assert_parsed("\"crude oil\" w/p (price OR cost)", "\"crude oil\" SAME p (price OR cost)");
    assert_parsed("legislat! w/5 reform", "legislat* NEAR/5 reform");
}

static void prefixes_and_sections(void **state)
{
    (void)state;
    assert_parsed("ATLEAST5(oil)", "ATLEAST/5 oil");
    assert_parsed("atleast3 (oil OR gas)", "ATLEAST/3 (oil OR gas)");
    assert_parsed("ALLCAPS(aids)", "CAPS aids");
    assert_parsed("HLEAD(oil gas)", "LEAD:oil AND LEAD:gas");
    assert_parsed("LEAD(oil)", "LEAD: body:oil");
    assert_parsed("HEADLINE(oil OR gas)", "title:oil OR title:gas");
    assert_parsed("BYLINE(smith) AND BODY(oil)", "author:smith AND body:oil");
}

static void truncation_and_or(void **state)
{
    (void)state;
    assert_parsed("econom!", "econom*");
    assert_parsed("title:bank!", "title:bank*");
    assert_parsed("oil | gas", "oil OR gas");
    assert_parsed("(oil|gas) price", "(oil OR gas) AND price");
    assert_parsed("oil || gas", "oil OR gas");
    assert_parsed("oil AND NOT gas", "oil AND NOT gas");
}

static void ordinary_text_stays_words(void **state)
{
    (void)state;
    assert_parsed("Jeopardy! host dies", "jeopardy AND host AND dies");
    assert_parsed("Yahoo!", "yahoo");
    assert_parsed("oh no!", "oh AND no");
    assert_parsed("NASA!", "nasa");
    assert_parsed("km/h 24/7 and/or", "\"km h\" AND \"24 7\" AND \"and or\"");
    assert_parsed("C++ and A+", "c AND and AND a");
    assert_parsed("w/ friends", "w AND friends");
    assert_parsed("on a scale /5", "on AND a AND scale AND 5");
    assert_parsed("+5 degrees", "5 AND degrees");
    assert_parsed("flight +370 lost", "flight AND 370 AND lost");
    assert_parsed("a /b c", "a AND b AND c");
    assert_parsed("near 5 or adj 5", "near AND 5 AND or AND adj AND 5");
    assert_parsed("near5", "\"near5\"");
    assert_parsed("lead(er)", "lead AND er");
    assert_parsed("headline(s) body(ies)", "headline AND s AND body AND ies");
    assert_parsed("BBC |", "bbc");
    assert_parsed("\"oil W/5 price\"", "\"oil w 5 price\"");
    assert_parsed("wow!!", "wow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_and_units),
        cmocka_unit_test(prefixes_and_sections),
        cmocka_unit_test(truncation_and_or),
        cmocka_unit_test(ordinary_text_stays_words),
    };
    return cmocka_run_group_tests_name("foreign", tests, support_setup, support_teardown);
}
