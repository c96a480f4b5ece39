/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON from strangers: what is repaired, what is refused and where, and merge patches. */
#include "model_test.h"

static enum lede_status parse_json(
    const char *text, size_t size, json_t **ret_json, struct lede_error *reterr)
{
    return lede_json_parse(text, size, ret_json, reterr);
}

/* The parsed text in compact form; owner: the caller. */
static char *reprint(const char *text, size_t size)
{
    json_auto_t *json = NULL;
    struct lede_error error = {0};
    if (parse_json(text, size, &json, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return json_dumps(json, JSON_COMPACT);
}

static void assert_reprinted(const char *text, size_t size, const char *expected)
{
    LEDE_CLEANUP(lede_freep) char *printed = reprint(text, size);
    assert_string_equal(printed, expected);
}

static void assert_refused_at(const char *text, size_t size, size_t position)
{
    struct lede_error error = {0};
    json_t *json = (json_t *)&error; /* any marker value */
    assert_int_equal(parse_json(text, size, &json, &error), LEDE_EINPUT);
    assert_ptr_equal(json, &error);
    assert_true(error.has_position);
    assert_int_equal(error.position, position);
}

/* Nested arrays around nothing; owner: the caller. */
static char *nested(size_t depth)
{
    char *text = malloc(2 * depth + 1);
    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    return text;
}

static void nesting_of_64_is_taken_and_of_65_refused(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_freep) char *fits = nested(64);
    LEDE_CLEANUP(lede_freep) char *over = nested(65);
    assert_reprinted(fits, 128, fits);
    assert_refused_at(over, 130, 64);
}

static void nesting_of_100000_is_refused_at_the_first_level_too_many(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_freep) char *text = nested(100000);
    assert_refused_at(text, 200000, 64);
    assert_refused_at(text, 100000, 64);
}

static void brackets_inside_strings_are_no_nesting(void **state)
{
    (void)state;
    char text[400] = "[\"\\\"";
    memset(text + 4, '[', 200);
    strcpy(text + 204, "\"]");
    LEDE_CLEANUP(lede_freep) char *printed = reprint(text, strlen(text));
    assert_string_equal(printed, text);
}

static void malformed_text_is_refused_with_the_byte_position(void **state)
{
    (void)state;
    assert_refused_at("{\"a\":1,}", 8, 8);
    assert_refused_at("{\"a\":tru}", 9, 8);
    assert_refused_at("[\"abc", 5, 5);
    assert_refused_at("{\"a\":1} x", 9, 9);
    assert_refused_at("", 0, 0);
    assert_refused_at("[1,\0]", 5, 4);
    assert_refused_at("[\"a\nb\"]", 7, 3);
}

static void duplicate_keys_are_refused(void **state)
{
    (void)state;
    struct lede_error error = {0};
    json_t *json = NULL;
    static const char text[] = "{\"a\":1,\"a\":2}";
    assert_int_equal(parse_json(text, strlen(text), &json, &error), LEDE_EINPUT);
    assert_non_null(strstr(error.message, "duplicate object key"));
}

static void nul_in_a_value_becomes_the_replacement_character(void **state)
{
    (void)state;
    assert_reprinted("{\"a\":\"x\0y\"}", 11, "{\"a\":\"x\xEF\xBF\xBDy\"}");
    assert_reprinted("{\"a\":\"x\\u0000y\"}", 16, "{\"a\":\"x\xEF\xBF\xBDy\"}");
    assert_reprinted("{\"a\":\"x\\\\u0000y\"}", 17, "{\"a\":\"x\\\\u0000y\"}");
}

static void nul_in_a_key_is_refused(void **state)
{
    (void)state;
    assert_refused_at("{\"a\0b\":1}", 9, 1);
    assert_refused_at("{\"x\":0,\"a\\u0000b\" : 1}", 22, 7);
}

static void invalid_utf8_is_replaced(void **state)
{
    (void)state;
    assert_reprinted("[\"a\xFFz\"]", 7, "[\"a\xEF\xBF\xBDz\"]");
    assert_reprinted("[\"\xE2\x82\"]", 6, "[\"\xEF\xBF\xBD\"]");
    assert_reprinted("[\"\xED\xA0\x80\"]", 7, "[\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"]");
}

static void a_lone_surrogate_is_replaced_and_a_pair_is_one_character(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"[\"\\ud83d\\ude00\"]", "[\"😀\"]"},
        {"[\"\\ud83d\"]", "[\"\xEF\xBF\xBD\"]"},
        {"[\"\\ude00\"]", "[\"\xEF\xBF\xBD\"]"},
        {"[\"\\ud83d\\ud83d\\ude00\"]", "[\"\xEF\xBF\xBD😀\"]"},
        {"[\"\\ud83dx\\n\"]", "[\"\xEF\xBF\xBDx\\n\"]"},
        {"[\"\\uD83D\\u0041\"]", "[\"\xEF\xBF\xBD"
                                 "A\"]"},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++)
        assert_reprinted(texts[i][0], strlen(texts[i][0]), texts[i][1]);
}

static void an_error_behind_a_repair_of_equal_length_keeps_its_position(void **state)
{
    (void)state;
    assert_refused_at("[\"\\ud83d\",]", 11, 11);
}

static void an_error_behind_a_repair_that_moved_bytes_has_no_position(void **state)
{
    (void)state;
    struct lede_error error = {0};
    json_t *json = NULL;
    assert_int_equal(parse_json("[\"\xFF\",]", 6, &json, &error), LEDE_EINPUT);
    assert_false(error.has_position);
}

static void every_prefix_of_a_document_is_refused_or_parsed(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\\u0000\":[\"\\ud83d\\ude00\\ud83d\",1.5e3,{\"b\":null}],\"c\\\\\":\"\\u00";
    for (size_t size = 0; size < sizeof text; size++) {
        char *exact = malloc(size ? size : 1); /* so that a sanitizer sees a read past the end */
        assert_non_null(exact);
        memcpy(exact, text, size);
        json_t *json = NULL;
        assert_int_equal(parse_json(exact, size, &json, NULL), LEDE_EINPUT);
        free(exact);
    }
}

static void merge_patches_do_what_the_examples_of_rfc_7396_say(void **state)
{
    (void)state;
    static const char *const examples[][3] = {
        {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
        {"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
        {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
        {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
        {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
        {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
        {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
        {"[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]"},
        {"{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]"},
        {"{\"a\":\"foo\"}", "null", "null"},
        {"{\"a\":\"foo\"}", "\"bar\"", "\"bar\""},
        {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
        {"[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}"},
        {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(examples); i++) {
        json_auto_t *target = json_loads(examples[i][0], JSON_DECODE_ANY, NULL);
        json_auto_t *patch = json_loads(examples[i][1], JSON_DECODE_ANY, NULL);
        json_auto_t *result = lede_json_merge_patch(target, patch);
        LEDE_CLEANUP(lede_freep) char *printed = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
        LEDE_CLEANUP(lede_freep)
        char *untouched = json_dumps(target, JSON_COMPACT | JSON_ENCODE_ANY);
        assert_string_equal(printed, examples[i][2]);
        assert_string_equal(untouched, examples[i][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting_of_64_is_taken_and_of_65_refused),
        cmocka_unit_test(nesting_of_100000_is_refused_at_the_first_level_too_many),
        cmocka_unit_test(brackets_inside_strings_are_no_nesting),
        cmocka_unit_test(malformed_text_is_refused_with_the_byte_position),
        cmocka_unit_test(duplicate_keys_are_refused),
        cmocka_unit_test(nul_in_a_value_becomes_the_replacement_character),
        cmocka_unit_test(nul_in_a_key_is_refused),
        cmocka_unit_test(invalid_utf8_is_replaced),
        cmocka_unit_test(a_lone_surrogate_is_replaced_and_a_pair_is_one_character),
        cmocka_unit_test(an_error_behind_a_repair_of_equal_length_keeps_its_position),
        cmocka_unit_test(an_error_behind_a_repair_that_moved_bytes_has_no_position),
        cmocka_unit_test(every_prefix_of_a_document_is_refused_or_parsed),
        cmocka_unit_test(merge_patches_do_what_the_examples_of_rfc_7396_say),
    };
    return cmocka_run_group_tests_name("model: json", tests, NULL, NULL);
}
