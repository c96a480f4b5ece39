/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8: valid, repaired, and between its characters. Hexadecimal digits, percent-encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

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

static void the_first_invalid_byte_is_found(void **state)
{
    (void)state;
    const char text[] = "twelve bytes\xC3(\xFF";
    assert_int_equal(lede_utf8_find_invalid(text, 15, 0), 12);
    assert_int_equal(lede_utf8_find_invalid(text, 15, 13), 14);
    assert_int_equal(lede_utf8_find_invalid(text, 12, 0), 12);
    assert_int_equal(lede_utf8_find_invalid("", 0, 0), 0);
}

static void every_code_point_is_read_as_it_is_written(void **state)
{
    (void)state;
    for (int32_t code = 0; code <= 0x10FFFF; code++) {
        char text[4];
        unsigned length = 0;
        size_t size = lede_utf8_encode(code, text);
        int32_t expected = code >= 0xD800 && code <= 0xDFFF ? -1 : code;
        if (lede_utf8_decode(text, size, 0, &length) != expected)
            fail_msg("U+%04X", (unsigned)code);
        if (expected >= 0 && (length != size || lede_utf8_size(text, size) != size))
            fail_msg("size of U+%04X", (unsigned)code);
    }
}

static void characters_are_counted(void **state)
{
    (void)state;
    assert_int_equal(lede_utf8_count("", 0), 0);
    assert_int_equal(lede_utf8_count("a€b😀", strlen("a€b😀")), 4);
    assert_int_equal(lede_utf8_size("€b", 4), 3);
    assert_int_equal(lede_utf8_size("b", 1), 1);
}

static void digits_of_either_case_have_a_value(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        const char *digits = "0123456789abcdefABCDEF";
        const char *place = c ? strchr(digits, c) : NULL;
        int value = place ? (int)(place - digits) : -1;
        assert_int_equal(lede_hex_value((char)c), value > 15 ? value - 6 : value);
    }
}

static void bytes_are_read_as_they_are_written(void **state)
{
    (void)state;
    unsigned char bytes[256], again[256] = {0};
    char digits[513], number[17];
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    lede_hex_write(bytes, 256, digits);
    assert_int_equal(strlen(digits), 512);
    assert_memory_equal(digits, "000102", 6);
    assert_true(lede_hex_read(digits, 512, again));
    assert_memory_equal(again, bytes, 256);
    lede_hex_write_number(UINT64_C(0x0123456789abcdef), number);
    assert_string_equal(number, "0123456789abcdef");
}

static void what_no_writer_of_digits_writes_is_not_read(void **state)
{
    (void)state;
    unsigned char bytes[4];
    assert_false(lede_hex_read("0", 1, bytes));
    assert_false(lede_hex_read("0g", 2, bytes));
    assert_false(lede_hex_read("AB", 2, bytes));
    assert_false(lede_hex_read(" 1", 2, bytes));
    assert_true(lede_hex_read("", 0, bytes));
}

static void base64_is_as_rfc_4648_has_it(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
        {"\xff\xfe\xfd", "//79"}, {"\xfb\xf0", "+/A="}};
    for (size_t i = 0; i < LEDE_COUNT_OF(pairs); i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
        char bytes[16];
        size_t size = 99;
        lede_base64_append(&text, pairs[i][0], strlen(pairs[i][0]));
        assert_int_equal(text.size, strlen(pairs[i][1]));
        assert_string_equal(text.data ? text.data : "", pairs[i][1]);
        assert_true(lede_base64_read(pairs[i][1], strlen(pairs[i][1]), bytes, &size));
        assert_int_equal(size, strlen(pairs[i][0]));
        assert_memory_equal(bytes, pairs[i][0], size);
    }
}

static void bytes_of_every_size_come_back_from_base64(void **state)
{
    (void)state;
    unsigned char bytes[300] = {0}, again[300];
    for (size_t size = 0; size < sizeof(bytes); size++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
        size_t found = 0;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char)(i * 7 + size);
        lede_base64_append(&text, bytes, size);
        assert_true(lede_base64_room(text.size) >= size && lede_base64_room(text.size) < size + 3);
        assert_true(lede_base64_read(text.data, text.size, again, &found));
        assert_int_equal(found, size);
        assert_memory_equal(again, bytes, size);
    }
}

static void what_no_writer_of_base64_writes_is_not_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n",
        "Zm 9", "Zm9v=", "Zg==Zg==", "_-==", "Zg=A", "=Zg="};
    for (size_t i = 0; i < LEDE_COUNT_OF(wrong); i++) {
        char bytes[16];
        size_t size = 0;
        if (lede_base64_read(wrong[i], strlen(wrong[i]), bytes, &size))
            fail_msg("'%s' is read", wrong[i]);
    }
}

static void all_but_letters_digits_and_marks_is_percent_encoded(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer buffer = {0};
    lede_percent_append(&buffer, "aZ09-._~ /%\0é", 14, LEDE_URI_UNRESERVED_MARKS);
    assert_string_equal(buffer.data, "aZ09-._~%20%2F%25%00%C3%A9");
    lede_buffer_clear(&buffer);
    lede_percent_append(&buffer, "a~", 2, "");
    assert_string_equal(buffer.data, "a%7E");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_text_is_unchanged),
        cmocka_unit_test(each_maximal_invalid_sequence_is_replaced_once),
        cmocka_unit_test(a_nul_is_text),
        cmocka_unit_test(boundaries_are_found_backwards),
        cmocka_unit_test(the_first_invalid_byte_is_found),
        cmocka_unit_test(every_code_point_is_read_as_it_is_written),
        cmocka_unit_test(characters_are_counted),
        cmocka_unit_test(digits_of_either_case_have_a_value),
        cmocka_unit_test(bytes_are_read_as_they_are_written),
        cmocka_unit_test(what_no_writer_of_digits_writes_is_not_read),
        cmocka_unit_test(base64_is_as_rfc_4648_has_it),
        cmocka_unit_test(bytes_of_every_size_come_back_from_base64),
        cmocka_unit_test(what_no_writer_of_base64_writes_is_not_read),
        cmocka_unit_test(all_but_letters_digits_and_marks_is_percent_encoded),
    };
    return cmocka_run_group_tests_name("base encoding", tests, NULL, NULL);
}
