/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two documents never become one because their bytes are no UTF-8. */
#include "model_test.h"

#define AUTO_DOCUMENT LEDE_CLEANUP(lede_document_freep) struct lede_document *

static void an_id_that_is_no_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"id\":\"art-\xE9\",\"title\":\"t\"}",
        "{\"id\":\"art-\\ud800\",\"title\":\"t\"}", "{\"id\":\"art-\\u0000\",\"title\":\"t\"}",
        "{\"i\\u0064\":\"art-\xED\xA0\x80\",\"title\":\"t\"}",
        "{\"id\":\"\xE2\x82\",\"title\":\"\xE2\x82\"}"};
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        struct lede_error error = {0};
        json_t *json = NULL;
        size_t replaced = 0;
        assert_int_equal(refuse(texts[i], strlen(texts[i]), &error), LEDE_EINVALID);
        assert_string_equal(error.pointer, "/id");
        assert_non_null(strstr(error.message, "UTF-8"));
        assert_int_equal(lede_json_parse_identified(texts[i], strlen(texts[i]),
                             LEDE_BAD_TEXT_REPAIR, &json, &replaced, &error),
            LEDE_EINVALID);
        assert_null(json);
    }
}

static void an_id_with_the_replacement_character_itself_is_taken(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"id\":\"art-\xEF\xBF\xBD\",\"title\":\"a\xE9z\"}");
    assert_string_equal(document->id, "art-\xEF\xBF\xBD");
    assert_string_equal(string_of(document, "title"), "a\xEF\xBF\xBDz");
    assert_int_equal(document->replaced, 1);
}

static void made_ids_tell_texts_apart_by_the_bytes_that_came(void **state)
{
    (void)state;
    static const char *const members[] = {"url", "title", "body", "source"};
    static const char *const values[] = {"x\xE9y", "x\xE8y", "x\\ud800y", "x\\udbffy", "x\\u0000y",
        "x\xEF\xBF\xBDy", "x\xED\xA0\x80y", "x\\\\ud800y", "xe9y"};
    for (size_t m = 0; m < LEDE_COUNT_OF(members); m++) {
        char ids[LEDE_COUNT_OF(values)][40];
        for (size_t i = 0; i < LEDE_COUNT_OF(values); i++) {
            char text[200];
            snprintf(text, sizeof text, "{\"%s\":\"%s\"%s}", members[m], values[i],
                m == 1 ? "" : ",\"title\":\"t\"");
            AUTO_DOCUMENT first = parse(text);
            AUTO_DOCUMENT second = parse(text);
            assert_string_equal(first->id, second->id);
            snprintf(ids[i], sizeof ids[i], "%s", first->id);
            for (size_t k = 0; k < i; k++)
                assert_string_not_equal(ids[i], ids[k]);
        }
    }
}

static void bad_bytes_beside_what_an_id_is_made_from_do_not_change_it(void **state)
{
    (void)state;
    AUTO_DOCUMENT good = parse("{\"title\":\"t\",\"summary\":\"s\"}");
    AUTO_DOCUMENT bad = parse("{\"title\":\" t\",\"summary\":\"\xE9\",\"x\xE9\":1,\"id\":null}");
    assert_string_equal(good->id, bad->id);
    assert_int_equal(bad->replaced, 2);
}

/* Ids of valid text are the same in every version: a file indexed again gives the same
 * documents. */
static void ids_of_valid_text_are_those_of_earlier_versions(void **state)
{
    (void)state;
    AUTO_DOCUMENT from_text = parse("{\"title\":\"Title\",\"body\":\"Body\",\"source\":\"AP\"}");
    AUTO_DOCUMENT from_url = parse("{\"title\":\"Title\",\"url\":\"https://example.org/1\"}");
    assert_string_equal(from_text->id, "t-acb26733ecbd2002df5da284acacab5e");
    assert_string_equal(from_url->id, "u-8f604948e6dd84578ec7a9641680769b");
}

static void bad_text_is_refused_where_that_is_asked_for(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"a\",\"title\":\"x\xE9y\"}";
    struct lede_document_context context = {
        .now_utc_s = NOW_UTC_S, .bad_text = LEDE_BAD_TEXT_REFUSE};
    struct lede_document *document = NULL;
    struct lede_error error = {0};
    assert_int_equal(
        lede_document_parse(text, strlen(text), &context, &document, &error), LEDE_EINPUT);
    assert_true(error.has_position);
    assert_int_equal(error.position, 20);
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_id_that_is_no_utf8_is_refused),
        cmocka_unit_test(an_id_with_the_replacement_character_itself_is_taken),
        cmocka_unit_test(made_ids_tell_texts_apart_by_the_bytes_that_came),
        cmocka_unit_test(bad_bytes_beside_what_an_id_is_made_from_do_not_change_it),
        cmocka_unit_test(ids_of_valid_text_are_those_of_earlier_versions),
        cmocka_unit_test(bad_text_is_refused_where_that_is_asked_for),
    };
    return cmocka_run_group_tests_name("model: identity", tests, NULL, NULL);
}
