/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one checked parser for figures from outside, and the hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/number.h"

#include <string.h>

static enum lede_status whole(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    return lede_parse_int64(text, strlen(text), min, max, ret_value, NULL);
}

static void whole_numbers_within_bounds_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0}, {"42", 42}, {"-7", -7}, {"007", 7}, {"9223372036854775807", INT64_MAX}};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        int64_t value = -1;
        assert_int_equal(whole(cases[i].text, INT64_MIN, INT64_MAX, &value), LEDE_OK);
        assert_int_equal(value, cases[i].value);
    }
}

static void what_is_no_whole_number_is_refused_and_writes_nothing(void **state)
{
    static const char *const texts[] = {"", "-", "+1", " 1", "1 ", "1.5", "0x10", "1e3", "abc",
        "--1", "9223372036854775808", "99999999999999999999", "184467440737095516160"};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        int64_t value = 77;
        assert_int_equal(whole(texts[i], INT64_MIN, INT64_MAX, &value), LEDE_EINPUT);
        assert_int_equal(value, 77);
    }
}

static void bounds_are_inclusive_and_named_in_the_refusal(void **state)
{
    int64_t value = 0;
    struct lede_error error;
    (void)state;
    assert_int_equal(whole("1", 1, 1000, &value), LEDE_OK);
    assert_int_equal(whole("1000", 1, 1000, &value), LEDE_OK);
    assert_int_equal(whole("0", 1, 1000, &value), LEDE_EINPUT);
    assert_int_equal(lede_parse_int64("1001", 4, 1, 1000, &value, &error), LEDE_EINPUT);
    assert_string_equal(error.message, "expected a whole number from 1 to 1000, found '1001'");
}

static void only_the_given_bytes_are_looked_at(void **state)
{
    int64_t value = 0;
    (void)state;
    assert_int_equal(lede_parse_int64("123456", 3, 0, 1000, &value, NULL), LEDE_OK);
    assert_int_equal(value, 123);
}

static void decimals_are_read_without_sign_and_exponent(void **state)
{
    static const char *const bad[] = {
        "", ".", "1.", ".5", "-1", "1e2", "1,5", "1.2.3", "nan", "inf", "11"};
    double value = 0;
    (void)state;
    assert_int_equal(lede_parse_decimal("1.5", 3, 0, 10, &value, NULL), LEDE_OK);
    assert_true(value > 1.4999 && value < 1.5001);
    assert_int_equal(lede_parse_decimal("10", 2, 0, 10, &value, NULL), LEDE_OK);
    assert_int_equal(lede_parse_decimal("0.001", 5, 0, 10, &value, NULL), LEDE_OK);
    assert_true(value > 0.00099 && value < 0.00101);
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++)
        assert_int_equal(
            lede_parse_decimal(bad[i], strlen(bad[i]), 0, 10, &value, NULL), LEDE_EINPUT);
}

static void truth_has_four_spellings(void **state)
{
    static const char *const words[][2] = {
        {"true", "false"}, {"yes", "no"}, {"on", "off"}, {"1", "0"}};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        bool yes = false;
        bool no = true;
        assert_int_equal(lede_parse_bool(words[i][0], strlen(words[i][0]), &yes, NULL), LEDE_OK);
        assert_int_equal(lede_parse_bool(words[i][1], strlen(words[i][1]), &no, NULL), LEDE_OK);
        assert_true(yes);
        assert_false(no);
    }
    bool value = false;
    assert_int_equal(lede_parse_bool("TRUE", 4, &value, NULL), LEDE_EINPUT);
    assert_int_equal(lede_parse_bool("", 0, &value, NULL), LEDE_EINPUT);
}

static void durations_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"500ms", 500}, {"2s", 2000}, {"3m", 180000}, {"12h", 43200000}, {"7d", 604800000},
        {"2w", 1209600000}, {"1y", INT64_C(31536000000)}, {"0s", 0}};
    static const char *const bad[] = {
        "", "2", "s", "2 s", "-2s", "2S", "2sec", "1.5s", "99999999999999999y"};
    int64_t ms = 0;
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        assert_int_equal(
            lede_parse_duration_ms(cases[i].text, strlen(cases[i].text), INT64_MAX, &ms, NULL),
            LEDE_OK);
        assert_int_equal(ms, cases[i].ms);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++)
        assert_int_equal(
            lede_parse_duration_ms(bad[i], strlen(bad[i]), INT64_MAX, &ms, NULL), LEDE_EINPUT);
    assert_int_equal(lede_parse_duration_ms("31s", 3, 30000, &ms, NULL), LEDE_EINPUT);
    assert_int_equal(lede_parse_duration_ms("30s", 3, 30000, &ms, NULL), LEDE_OK);
}

static void sizes_have_binary_units(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {{"0", 0}, {"65536", 65536}, {"64KiB", 65536}, {"8MiB", 8388608},
        {"2GiB", INT64_C(2147483648)}};
    static const char *const bad[] = {"", "KiB", "8MB", "8 MiB", "-1", "9007199254740993GiB"};
    int64_t bytes = 0;
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        assert_int_equal(
            lede_parse_bytes(cases[i].text, strlen(cases[i].text), INT64_MAX, &bytes, NULL),
            LEDE_OK);
        assert_int_equal(bytes, cases[i].bytes);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++)
        assert_int_equal(
            lede_parse_bytes(bad[i], strlen(bad[i]), INT64_MAX, &bytes, NULL), LEDE_EINPUT);
}

static void hashes_are_those_of_xxh3(void **state)
{
    unsigned char digest[16];
    char hex[33];
    (void)state;
    /* Known answers of XXH3 for the empty input, from the xxHash specification. */
    assert_int_equal(lede_hash64("", 0), UINT64_C(0x2d06800538d394c2));
    lede_hash128("", 0, digest);
    lede_hash_to_hex(digest, hex);
    assert_string_equal(hex, "99aa06d3014798d86001c324468d497f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_within_bounds_are_read),
        cmocka_unit_test(what_is_no_whole_number_is_refused_and_writes_nothing),
        cmocka_unit_test(bounds_are_inclusive_and_named_in_the_refusal),
        cmocka_unit_test(only_the_given_bytes_are_looked_at),
        cmocka_unit_test(decimals_are_read_without_sign_and_exponent),
        cmocka_unit_test(truth_has_four_spellings),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(sizes_have_binary_units),
        cmocka_unit_test(hashes_are_those_of_xxh3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
