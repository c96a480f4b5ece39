/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8: valid, repaired, and between its characters. */
#include <stdlib.h>
#include <string.h>

#include "text_test.h"

static void assert_repairs(const char *text, const char *expected, size_t replaced)
{
    LEDE_CLEANUP(lede_freep) char *repaired = NULL;
    size_t size = 0, count = 0;
    assert_int_equal(lede_utf8_repair(text, strlen(text), &repaired, &size, &count), LEDE_OK);
    assert_string_equal(repaired, expected);
    assert_int_equal(size, strlen(expected));
    assert_int_equal(count, replaced);
    assert_int_equal(lede_utf8_is_valid(text, strlen(text)), replaced == 0);
}

static void valid_text_is_unchanged(void **state)
{
    (void)state;
    assert_repairs("", "", 0);
    assert_repairs("abcdefghij é € 😀 \xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF",
        "abcdefghij é € 😀 \xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF", 0);
}

static void each_maximal_invalid_sequence_is_replaced_once(void **state)
{
    (void)state;
    /* The example of the Unicode Standard, table 3-8, and its like. */
    assert_repairs("a\xF1\x80\x80\xE1\x80\xC2z", "a\uFFFD\uFFFD\uFFFDz", 3);
    assert_repairs("\xC0\xAF", "\uFFFD\uFFFD", 2);
    assert_repairs("\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD", 3);
    assert_repairs("\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD", 4);
    assert_repairs("\xE2\x82", "\uFFFD", 1);
    assert_repairs("\xF0\x9F\x98", "\uFFFD", 1);
    assert_repairs("\xFF\xFE", "\uFFFD\uFFFD", 2);
}

static void a_nul_is_text(void **state)
{
    (void)state;
    assert_true(lede_utf8_is_valid("a\0b", 3));
}

static void boundaries_are_found_backwards(void **state)
{
    (void)state;
    const char text[] = "a€b";
    assert_int_equal(lede_utf8_boundary(text, 5, 0), 0);
    assert_int_equal(lede_utf8_boundary(text, 5, 1), 1);
    assert_int_equal(lede_utf8_boundary(text, 5, 3), 1);
    assert_int_equal(lede_utf8_boundary(text, 5, 4), 4);
    assert_int_equal(lede_utf8_boundary(text, 5, 9), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_text_is_unchanged),
        cmocka_unit_test(each_maximal_invalid_sequence_is_replaced_once),
        cmocka_unit_test(a_nul_is_text),
        cmocka_unit_test(boundaries_are_found_backwards),
    };
    return cmocka_run_group_tests_name("text utf8", tests, NULL, NULL);
}
