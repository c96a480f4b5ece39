/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each format, whole and damaged: which items come out, with which lines. */
#include "import_test.h"

static void each_line_of_ndjson_is_an_item_with_its_number(void **state)
{
    (void)state;
    assert_split("{\"a\":1}\n{\"b\":2}\n", LEDE_IMPORT_NDJSON, "1:{\"a\":1}|2:{\"b\":2}|");
}

static void blank_lines_are_skipped_and_counted(void **state)
{
    (void)state;
    assert_split("\n {}\n\n  \r\n{}", LEDE_IMPORT_NDJSON, "2:{}|5:{}|");
}

static void carriage_returns_and_a_byte_order_mark_are_no_part_of_an_item(void **state)
{
    (void)state;
    assert_split("\xEF\xBB\xBF{\"a\":1}\r\n{}\r\n", LEDE_IMPORT_AUTO, "1:{\"a\":1}|2:{}|");
}

static void a_truncated_last_line_is_given_as_it_is(void **state)
{
    (void)state;
    assert_split("{}\n{\"a\":\"b", LEDE_IMPORT_AUTO, "1:{}|2:{\"a\":\"b|");
}

static void nothing_gives_no_item(void **state)
{
    (void)state;
    for (int format = LEDE_IMPORT_AUTO; format <= LEDE_IMPORT_TEXT; format++) {
        assert_split("", (enum lede_import_format)format, "");
        assert_split(" \n\r\n", (enum lede_import_format)format, "");
        assert_split("\xEF\xBB\xBF", (enum lede_import_format)format, "");
    }
}

static void a_line_over_the_limit_loses_only_itself(void **state)
{
    (void)state;
    assert_split_sized("{}\n{\"a\":\"xxxxxxxxxx\"}\n[1]\r\n", 26, LEDE_IMPORT_NDJSON, 9,
        "1:{}|2:!limit-exceeded|3:[1]|");
    assert_split_sized(
        "123456789\r\n1234567890\n", 22, LEDE_IMPORT_NDJSON, 9, "1:123456789|2:!limit-exceeded|");
}

static enum lede_status endless_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    (void)reterr;
    size_t *left = context; /* x's, then a line break and {} */
    static const char tail[] = "\n{}";
    size_t size = *left < capacity ? *left : capacity;
    memset(data, 'x', size);
    *left -= size;
    if (size == 0 && *left == 0) {
        memcpy(data, tail, 3);
        size = 3;
        *left = SIZE_MAX;
    } else if (*left > SIZE_MAX / 2) {
        size = 0;
    }
    *ret_size = size;
    return LEDE_OK;
}

static void a_line_of_100_mb_is_one_error_and_the_next_line_is_fine(void **state)
{
    (void)state;
    size_t left = 100000000;
    struct lede_splitter_options options = {
        .format = LEDE_IMPORT_NDJSON, .read = endless_read, .context = &left};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    struct lede_import_item item;
    bool more = false;
    assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
    assert_true(more);
    assert_int_equal(item.status, LEDE_ELIMIT);
    assert_int_equal(item.line, 1);
    assert_string_equal(item.error.message, "document: expected at most 8388608 bytes, found more");
    assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
    assert_true(more);
    assert_int_equal(item.status, LEDE_OK);
    assert_int_equal(item.line, 2);
    assert_int_equal(item.size, 2);
}

static void elements_of_an_array_are_items(void **state)
{
    (void)state;
    assert_split("[\n {\"a\":[1,{}]},\n\n{\"b\":\"],}\\\"\"} , 17,\"x\",null]\n", LEDE_IMPORT_AUTO,
        "2:{\"a\":[1,{}]}|4:{\"b\":\"],}\\\"\"}|4:17|4:\"x\"|4:null|");
    assert_split("[]", LEDE_IMPORT_JSON, "");
    assert_split(" [ ] ", LEDE_IMPORT_JSON, "");
}

static void a_broken_array_gives_what_was_before_and_the_position(void **state)
{
    (void)state;
    assert_split("[{},{} {}]", LEDE_IMPORT_AUTO, "1:{}|1:{}|!invalid-input@7");
    assert_split("[{},]", LEDE_IMPORT_AUTO, "1:{}|!invalid-input@4");
    assert_split("[,{}]", LEDE_IMPORT_AUTO, "!invalid-input@1");
    assert_split("[{}", LEDE_IMPORT_AUTO, "1:{}|!invalid-input@3");
    assert_split("[{},", LEDE_IMPORT_AUTO, "1:{}|!invalid-input@4");
    assert_split("[{},{\"a\":", LEDE_IMPORT_AUTO, "1:{}|!invalid-input@9");
    assert_split("[{}] x", LEDE_IMPORT_AUTO, "1:{}|!invalid-input@5");
    assert_split("[", LEDE_IMPORT_AUTO, "!invalid-input@1");
}

static void a_break_says_the_line_and_comes_again(void **state)
{
    (void)state;
    struct memory_source source = {.data = "[{},\n\n}]", .size = 8, .chunk = SIZE_MAX};
    struct lede_splitter_options options = {.read = memory_read, .context = &source};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    struct lede_import_item item;
    bool more = false;
    assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
    for (int i = 0; i < 2; i++) {
        struct lede_error error = {0};
        assert_int_equal(lede_splitter_next(splitter, &item, &more, &error), LEDE_EINPUT);
        assert_string_equal(error.message, "line 3: expected an element, found '}'");
        assert_int_equal(error.position, 6);
    }
}

static void an_element_over_the_limit_loses_only_itself(void **state)
{
    (void)state;
    assert_split_sized("[{},\n{\"a\":\n\"xxxxxxxxxx\"},\n{\"b\":1}]", 34, LEDE_IMPORT_JSON, 9,
        "1:{}|2:!limit-exceeded|4:{\"b\":1}|");
}

static void one_object_may_go_over_several_lines(void **state)
{
    (void)state;
    assert_split("{\n\"a\":\n\"}\"\n}\n", LEDE_IMPORT_AUTO, "1:{\n\"a\":\n\"}\"\n}|");
    assert_split("{\n\"a\":1}{\n}", LEDE_IMPORT_JSON, "1:{\n\"a\":1}|2:{\n}|");
    assert_split("{\n\"a\":1} x", LEDE_IMPORT_JSON, "1:{\n\"a\":1}|!invalid-input@9");
}

static void lines_in_a_file_called_json_are_lines(void **state)
{
    (void)state;
    assert_split("{\"a\":1}\n{\"b\n{}", LEDE_IMPORT_JSON, "1:{\"a\":1}|2:{\"b|3:{}|");
    assert_split("{\"a\":\"cut\n{}", LEDE_IMPORT_AUTO, "1:{\"a\":\"cut|2:{}|");
}

static void json_that_begins_with_neither_bracket_is_refused(void **state)
{
    (void)state;
    assert_split("\n hello", LEDE_IMPORT_JSON, "!invalid-input@2");
}

static void the_first_line_of_a_text_is_its_title(void **state)
{
    (void)state;
    assert_split("\n\n The “title” \t\r\n\r\nOne\r\ntwo\\\n\n\x01 three\n", LEDE_IMPORT_TEXT,
        "3:{\"title\":\"The “title” \\u0009\",\"body\":\"One\\ntwo\\\\\\n\\n\\u0001 three\"}|");
    assert_split("Only a title\n", LEDE_IMPORT_TEXT, "1:{\"title\":\"Only a title\"}|");
    assert_split("{not json", LEDE_IMPORT_TEXT, "1:{\"title\":\"{not json\"}|");
}

static void a_first_line_over_300_bytes_is_body(void **state)
{
    (void)state;
    char line[302];
    char text[310];
    char expected[340];
    memset(line, 'x', 301);
    line[301] = '\0';
    snprintf(text, sizeof text, "%s\ny", line);
    snprintf(expected, sizeof expected, "1:{\"body\":\"%s\\ny\"}|", line);
    assert_split(text, LEDE_IMPORT_TEXT, expected);
}

static void a_text_that_is_no_utf8_is_read_as_windows_1252(void **state)
{
    (void)state;
    assert_split("\x93T\xE9\x94\n\x80\x81", LEDE_IMPORT_TEXT,
        "1:{\"title\":\"“Té”\",\"body\":\"€\xC2\x81\"}|");
}

static void a_text_over_the_limit_is_an_error(void **state)
{
    (void)state;
    assert_split_sized("0123456789", 10, LEDE_IMPORT_TEXT, 9, "1:!limit-exceeded|");
}

static enum lede_status failing_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    (void)data;
    (void)capacity;
    (void)ret_size;
    return lede_fail(reterr, *(enum lede_status *)context, "told to");
}

static void what_the_reader_says_comes_through(void **state)
{
    (void)state;
    enum lede_status told = LEDE_ESTOPPED;
    struct lede_splitter_options options = {.read = failing_read, .context = &told};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    struct lede_import_item item;
    bool more = false;
    struct lede_error error = {0};
    assert_int_equal(lede_splitter_next(splitter, &item, &more, &error), LEDE_ESTOPPED);
    assert_string_equal(error.message, "told to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_of_ndjson_is_an_item_with_its_number),
        cmocka_unit_test(blank_lines_are_skipped_and_counted),
        cmocka_unit_test(carriage_returns_and_a_byte_order_mark_are_no_part_of_an_item),
        cmocka_unit_test(a_truncated_last_line_is_given_as_it_is),
        cmocka_unit_test(nothing_gives_no_item),
        cmocka_unit_test(a_line_over_the_limit_loses_only_itself),
        cmocka_unit_test(a_line_of_100_mb_is_one_error_and_the_next_line_is_fine),
        cmocka_unit_test(elements_of_an_array_are_items),
        cmocka_unit_test(a_broken_array_gives_what_was_before_and_the_position),
        cmocka_unit_test(a_break_says_the_line_and_comes_again),
        cmocka_unit_test(an_element_over_the_limit_loses_only_itself),
        cmocka_unit_test(one_object_may_go_over_several_lines),
        cmocka_unit_test(lines_in_a_file_called_json_are_lines),
        cmocka_unit_test(json_that_begins_with_neither_bracket_is_refused),
        cmocka_unit_test(the_first_line_of_a_text_is_its_title),
        cmocka_unit_test(a_first_line_over_300_bytes_is_body),
        cmocka_unit_test(a_text_that_is_no_utf8_is_read_as_windows_1252),
        cmocka_unit_test(a_text_over_the_limit_is_an_error),
        cmocka_unit_test(what_the_reader_says_comes_through),
    };
    return cmocka_run_group_tests_name("import: splitter", tests, NULL, NULL);
}
