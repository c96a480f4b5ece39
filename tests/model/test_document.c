/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a document becomes on its way in, and that it comes back from the store the same. */
#include "model_test.h"

#define AUTO_DOCUMENT LEDE_CLEANUP(lede_document_freep) struct lede_document *

static void a_full_document_keeps_its_values_in_schema_order(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse(
        "{\"zz\":1,\"id\":\"a-1\",\"status\":\"withheld\",\"expires\":\"2023-01-01\",\"embargoed_"
        "until\":\"2022-01-18\","
        "\"updated\":\"2022-01-20\",\"published\":\"2022-01-19T20:04:00+02:00\",\"language\":\"en-"
        "GB\","
        "\"organisations\":[\"UN\"],"
        "\"people\":[\"Jo\"],\"places\":[\"Kyiv\"],\"tags\":[\"x\"],\"section\":\"world\","
        "\"author\":"
        "\"A. B.\",\"source\":\"AP\","
        "\"url\":\"https://x/1\",\"body\":\"B\",\"summary\":\"S\",\"title\":\"T\"}");
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    size_t size = 0;
    assert_int_equal(lede_document_serialize(document, &text, &size), LEDE_OK);
    assert_string_equal(text,
        "{\"title\":\"T\",\"summary\":\"S\",\"body\":\"B\",\"url\":\"https://x/"
        "1\",\"source\":\"AP\",\"author\":[\"A. B.\"],"
        "\"section\":\"world\",\"tags\":[\"x\"],\"places\":[\"Kyiv\"],\"people\":[\"Jo\"],"
        "\"organisations\":["
        "\"UN\"],"
        "\"language\":\"en\",\"published\":\"2022-01-19T18:04:00Z\",\"updated\":\"2022-01-20T00:00:"
        "00Z\","
        "\"embargoed_until\":\"2022-01-18T00:00:00Z\",\"expires\":\"2023-01-01T00:00:00Z\","
        "\"status\":"
        "\"withheld\","
        "\"id\":\"a-1\",\"zz\":1}");
    assert_int_equal(size, strlen(text));
}

static void the_struct_says_what_the_json_says(void **state)
{
    (void)state;
    AUTO_DOCUMENT document =
        parse("{\"id\":\"a\",\"title\":\"T\",\"status\":\"canceled\",\"language\":\"de\","
              "\"published\":\"1970-01-01T00:00:05Z\",\"expires\":\"1970-01-02\"}");
    assert_string_equal(document->id, "a");
    assert_int_equal(document->id_size, 1);
    assert_int_equal(document->published_utc_s, 5);
    assert_int_equal(document->expires_utc_s, 86400);
    assert_true(document->updated_utc_s == LEDE_TIME_NONE);
    assert_true(document->embargoed_until_utc_s == LEDE_TIME_NONE);
    assert_int_equal(document->language, lede_language_find("de", 2));
    assert_int_equal(document->status, LEDE_DOCUMENT_CANCELED);
    assert_false(document->received_was_absent);
}

static void dates_are_taken_in_the_forms_news_uses(void **state)
{
    (void)state;
    static const char *const forms[][2] = {
        {"2022-01-19T18:04:00Z", "\"2022-01-19T18:04:00Z\""},
        {"2022-01-19t18:04:00.25+02:00", "\"2022-01-19T16:04:00Z\""},
        {"2022-01-19", "\"2022-01-19T00:00:00Z\""},
        {" 19 Jan 2022 ", "\"2022-01-19T00:00:00Z\""},
        {"Wed, 19 Jan 2022 18:04:00 +0100", "\"2022-01-19T17:04:00Z\""},
        {"Wed, 19 Jan 2022 18:04:00 GMT", "\"2022-01-19T18:04:00Z\""},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(forms); i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"title\":\"T\",\"published\":\"%s\"}", forms[i][0]);
        AUTO_DOCUMENT document = parse(text);
        assert_value(document, "published", forms[i][1]);
    }
}

static void a_document_that_names_no_date_says_when_it_was_received(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"title\":\"T\",\"published\":null}");
    assert_true(document->received_was_absent);
    assert_true(document->published_utc_s == LEDE_TIME_NONE);
    assert_null(json_object_get(document->json, "published"));
    assert_int_equal(document->received_utc_s, NOW_UTC_S);
    assert_value(document, "received", "\"2023-11-14T22:13:20Z\"");
}

static void a_single_string_is_taken_for_a_list(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"title\":\"T\",\"author\":\" Jane Doe \",\"tags\":\"x\"}");
    assert_value(document, "author", "[\"Jane Doe\"]");
    assert_value(document, "tags", "[\"x\"]");
}

static void lists_lose_blank_items_and_repetitions_and_keep_their_order(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"title\":\"T\",\"tags\":[\"b\",\" a \",\"\",\"b \",\"  "
                                   "\",\"a\",\"B\"],\"places\":[],\"people\":[\" \"]}");
    assert_value(document, "tags", "[\"b\",\"a\",\"B\"]");
    assert_null(json_object_get(document->json, "places"));
    assert_null(json_object_get(document->json, "people"));
}

static void what_is_filtered_by_has_no_soft_hyphens(void **state)
{
    (void)state;
    AUTO_DOCUMENT document =
        parse("{\"title\":\"Zei\u00adtung\",\"source\":\"S\u00fcd\u00addeutsche\u00ad\","
              "\"section\":\"\u00ad\",\"tags\":[\"Ver\u00adlag\",\"Verlag\",\"\u00ad\"],"
              "\"url\":\"https://e.example/a\u00adb\"}");
    assert_string_equal(string_of(document, "title"), "Zei\u00adtung");
    assert_string_equal(string_of(document, "url"), "https://e.example/a\u00adb");
    assert_string_equal(string_of(document, "source"), "S\u00fcddeutsche");
    assert_null(json_object_get(document->json, "section"));
    assert_value(document, "tags", "[\"Verlag\"]");
}

static void white_space_goes_from_around_a_title_but_not_from_inside(void **state)
{
    (void)state;
    AUTO_DOCUMENT document =
        parse("{\"title\":\"\\u00a0\\n a  b\\tc\\u3000\\u2028\",\"section\":\" \"}");
    assert_string_equal(string_of(document, "title"), "a  b\tc");
    assert_null(json_object_get(document->json, "section"));
}

static void a_body_is_kept_byte_for_byte(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"body\":\"  a\\n\\nb \\n\",\"summary\":\" s \"}");
    assert_string_equal(string_of(document, "body"), "  a\n\nb \n");
    assert_string_equal(string_of(document, "summary"), " s ");
}

static void null_means_absent_for_every_known_key(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse(
        "{\"title\":null,\"summary\":null,\"body\":\"B\",\"url\":null,\"source\":null,\"author\":"
        "null,"
        "\"section\":null,"
        "\"tags\":null,\"places\":null,\"people\":null,\"organisations\":null,\"language\":null,"
        "\"published\":null,"
        "\"updated\":null,\"embargoed_until\":null,\"expires\":null,\"status\":null,\"id\":null}");
    assert_int_equal(json_object_size(document->json), 4); /* body, language, received, id */
}

static void unknown_keys_are_kept_verbatim_behind_the_known_ones(void **state)
{
    (void)state;
    AUTO_DOCUMENT document =
        parse("{\"zeta\":null,\"Title\":{\"b\":[1,2.5,0.1,1e100],\"a\":true},\"title\":"
              "\"T\",\"alpha\":\"\",\"id\":\"i\"}");
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    size_t size = 0;
    assert_int_equal(lede_document_serialize(document, &text, &size), LEDE_OK);
    assert_string_equal(text,
        "{\"title\":\"T\",\"language\":\"und\",\"id\":\"i\",\"received\":\"2023-11-14T22:13:20Z\","
        "\"zeta\":null,\"Title\":{\"b\":[1,2.5,0.1,1e100],\"a\":true},\"alpha\":\"\"}");
}

static const char *const delicate[] = {"0.1", "0.10", "1e2", "1E+2", "-0", "-0.0", "1.0e-0007",
    "9223372036854775807", "9223372036854775808", "-123456789012345678901234567890", "1e999", "12",
    "3.141592653589793238462643383279502884197"};

static void numbers_of_unknown_keys_keep_their_digits(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer given = {0};
    lede_buffer_append_string(&given, "{\"title\":\"0.10 \\\\u0000#1\",\"id\":\"i\",\"x\":[");
    for (size_t i = 0; i < LEDE_COUNT_OF(delicate); i++)
        lede_buffer_append_format(
            &given, "%s%s,{\"1e2\":%s}", i > 0 ? "," : "", delicate[i], delicate[i]);
    lede_buffer_append_string(&given, "],\"y\":1e2,\"z\":\"\\\\u0000#1\",\"\\\"\":2.50}");
    AUTO_DOCUMENT document = parse(given.data);
    for (int round = 0; round < 2; round++) {
        LEDE_CLEANUP(lede_freep) char *text = NULL;
        size_t size = 0;
        assert_int_equal(lede_document_serialize(document, &text, &size), LEDE_OK);
        assert_int_equal(strlen(text), size);
        assert_string_equal(strstr(text, ",\"x\":["), strstr(given.data, ",\"x\":["));
        assert_non_null(strstr(text, "{\"title\":\"0.10 \\\\u0000#1\","));
        lede_document_free(document);
        document = NULL;
        assert_int_equal(lede_document_from_stored(text, size, &document, NULL), LEDE_OK);
    }
}

static void a_number_where_a_field_wants_text_is_refused_as_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(delicate); i++) {
        static const char *const forms[] = {"{\"title\":%s}", "{\"t\\u0069tle\":%s}",
            "{\"title\":\"t\",\"tags\":[%s]}", "{\"title\":\"t\",\"published\":%s}",
            "{\"title\":\"t\",\"id\":%s}"};
        for (size_t k = 0; k < LEDE_COUNT_OF(forms); k++) {
            char text[200];
            snprintf(text, sizeof(text), forms[k], delicate[i]);
            struct lede_document *document = NULL;
            enum lede_status status = lede_document_parse(
                text, strlen(text), &(struct lede_document_context){0}, &document, NULL);
            /* jansson itself refuses what is beyond its numbers */
            assert_true(status == LEDE_EINVALID || status == LEDE_EINPUT);
            assert_null(document);
        }
    }
}

static void what_only_looks_like_a_number_is_refused_at_its_place(void **state)
{
    (void)state;
    static const char *const wrong[] = {"1.", ".5", "01", "-", "1e", "1e+", "+1", "1.2.3", "1-2",
        "--1", "0x10", "1.5 2", "00.5", "1.5e5e5", "Infinity", "-.5"};
    for (size_t i = 0; i < LEDE_COUNT_OF(wrong); i++) {
        char text[100];
        struct lede_error error = {0};
        struct lede_document *document = NULL;
        snprintf(text, sizeof(text), "{\"title\":\"t\",\"a\":0.10,\"b\":%s}", wrong[i]);
        assert_int_equal(lede_document_parse(text, strlen(text), &(struct lede_document_context){0},
                             &document, &error),
            LEDE_EINPUT);
        assert_true(error.has_position);
        assert_in_range(error.position, strlen("{\"title\":\"t\",\"a\":0.10,\"b\":"), strlen(text));
    }
    struct lede_document *document = NULL;
    const char *key = "{\"title\":\"t\",\"a\":{0.5:1}}";
    assert_int_equal(
        lede_document_parse(key, strlen(key), &(struct lede_document_context){0}, &document, NULL),
        LEDE_EINPUT);
}

static void count_key(void *context, const char *key)
{
    (void)key;
    ++*(size_t *)context;
}

static void unknown_keys_are_visited_and_known_ones_are_not(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse("{\"title\":\"T\",\"titel\":1,\"x\":2,\"tags\":[\"a\"]}");
    size_t count = 0;
    lede_document_visit_unknown_keys(document, count_key, &count);
    assert_int_equal(count, 2);
}

static void an_id_is_made_from_the_url_alone_where_there_is_one(void **state)
{
    (void)state;
    AUTO_DOCUMENT first = parse("{\"title\":\"T\",\"url\":\"https://x/1\"}");
    AUTO_DOCUMENT second = parse("{\"title\":\"other\",\"url\":\" https://x/1 \"}");
    assert_memory_equal(first->id, "u-", 2);
    assert_int_equal(first->id_size, 34);
    assert_string_equal(first->id, second->id);
}

static void an_id_is_made_from_title_body_and_source_where_there_is_no_url(void **state)
{
    (void)state;
    AUTO_DOCUMENT first = parse("{\"title\":\"T\",\"body\":\"B\",\"source\":\"S\"}");
    AUTO_DOCUMENT same = parse("{\"title\":\"T\",\"body\":\"B\",\"source\":\"S\",\"tags\":[\"x\"],"
                               "\"published\":\"2022-01-01\"}");
    AUTO_DOCUMENT other = parse("{\"title\":\"TB\",\"source\":\"S\"}");
    assert_memory_equal(first->id, "t-", 2);
    assert_string_equal(first->id, same->id);
    assert_string_not_equal(first->id, other->id);
}

static void language_tags_become_the_tables_code_or_stay_in_lower_case(void **state)
{
    (void)state;
    static const char *const tags[][2] = {{"en-GB", "\"en\""}, {"DE", "\"de\""},
        {"pt_BR", "\"pt\""}, {"und", "\"und\""}, {"tlh-Latn", "\"tlh-latn\""}};
    for (size_t i = 0; i < LEDE_COUNT_OF(tags); i++) {
        char text[100];
        snprintf(text, sizeof text, "{\"title\":\"T\",\"language\":\"%s\"}", tags[i][0]);
        AUTO_DOCUMENT document = parse(text);
        assert_value(document, "language", tags[i][1]);
    }
    AUTO_DOCUMENT unknown = parse("{\"title\":\"T\",\"language\":\"tlh\"}");
    assert_int_equal(unknown->language, LEDE_LANGUAGE_UND);
}

static void a_language_that_is_not_named_is_detected(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S, .detector = detector};
    static const char text[] =
        "{\"body\":"
        "\"日本の宮城県沖を震源とする大規模な地震があった。気象庁は同日、地震の規模を発表した。\"}";
    AUTO_DOCUMENT document = NULL;
    assert_int_equal(lede_document_parse(text, strlen(text), &context, &document, NULL), LEDE_OK);
    assert_value(document, "language", "\"ja\"");
    assert_int_equal(document->language, lede_language_find("ja", 2));
}

static void a_stored_document_comes_back_the_same(void **state)
{
    (void)state;
    AUTO_DOCUMENT document = parse(
        "{\"id\":\"é\",\"title\":\"“T”\\u0001\",\"tags\":[\"x\",\"y\"],\"expires\":\"2030-01-01\","
        "\"status\":\"withheld\","
        "\"language\":\"fr\",\"x\":[0.1,0.30000000000000004,-0.0,12345678901234567]}");
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    LEDE_CLEANUP(lede_freep) char *again = NULL;
    size_t size = 0;
    size_t again_size = 0;
    assert_int_equal(lede_document_serialize(document, &text, &size), LEDE_OK);
    AUTO_DOCUMENT stored = NULL;
    assert_int_equal(lede_document_from_stored(text, size, &stored, NULL), LEDE_OK);
    assert_int_equal(lede_document_serialize(stored, &again, &again_size), LEDE_OK);
    assert_string_equal(text, again);
    assert_true(json_equal(document->json, stored->json));
    assert_string_equal(stored->id, "é");
    assert_int_equal(stored->published_utc_s, document->published_utc_s);
    assert_int_equal(stored->expires_utc_s, document->expires_utc_s);
    assert_int_equal(stored->language, document->language);
    assert_int_equal(stored->status, LEDE_DOCUMENT_WITHHELD);
}

static void what_was_normalised_once_stays_as_it_is(void **state)
{
    (void)state;
    AUTO_DOCUMENT first = parse("{\"title\":\" T \",\"tags\":[\"a\",\"a\"],\"published\":\"19 Jan "
                                "2022\",\"x\":{\"y\":[]}}");
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    size_t size = 0;
    assert_int_equal(lede_document_serialize(first, &text, &size), LEDE_OK);
    AUTO_DOCUMENT second = parse(text);
    assert_true(json_equal(first->json, second->json));
}

static void damaged_stored_text_is_said_to_be_corrupt(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[]", "{\"published\":\"2022-01-01T00:00:00Z\"}",
        "{\"id\":1,\"published\":\"2022-01-01T00:00:00Z\"}"};
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        struct lede_document *document = (void *)state; /* any marker value */
        assert_int_equal(
            lede_document_from_stored(texts[i], strlen(texts[i]), &document, NULL), LEDE_ECORRUPT);
        assert_ptr_equal(document, state);
    }
}

static void note_key(void *context, const char *key)
{
    lede_buffer_append_format(context, "%s ", key);
}

/* What a key held before it became a field: every shape that JSON has, in every field. */
static void stored_values_that_a_field_cannot_take_stay_those_of_unknown_keys(void **state)
{
    (void)state;
    static const char *const values[] = {
        "1.5", "true", "null", "{\"a\":1}", "[1]", "[[\"x\"]]", "[\"a\\u001Fb\"]", "[null]"};
    for (size_t i = 0; i < LEDE_FIELD_ID; i++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)i);
        for (size_t k = 0; k < LEDE_COUNT_OF(values); k++) {
            char text[120];
            LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
            LEDE_CLEANUP(lede_buffer_done) struct lede_buffer unknown = {0};
            LEDE_CLEANUP(lede_freep) char *written = NULL;
            size_t size = 0;
            snprintf(text, sizeof text, "{\"%s\":%s,\"id\":\"a\",\"x\":1}", field->key, values[k]);
            struct lede_error error = {0};
            if (lede_document_from_stored(text, strlen(text), &document, &error) != LEDE_OK)
                fail_msg("%s: %s", text, error.message);
            assert_null(lede_document_value(document, field->id));
            lede_document_visit_unknown_keys(document, note_key, &unknown);
            char expected[60];
            snprintf(expected, sizeof expected, "%s x ", field->key);
            assert_string_equal(unknown.data, expected);
            assert_int_equal(lede_document_serialize(document, &written, &size), LEDE_OK);
            assert_string_equal(written, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_document_keeps_its_values_in_schema_order),
        cmocka_unit_test(the_struct_says_what_the_json_says),
        cmocka_unit_test(dates_are_taken_in_the_forms_news_uses),
        cmocka_unit_test(a_document_that_names_no_date_says_when_it_was_received),
        cmocka_unit_test(a_single_string_is_taken_for_a_list),
        cmocka_unit_test(lists_lose_blank_items_and_repetitions_and_keep_their_order),
        cmocka_unit_test(what_is_filtered_by_has_no_soft_hyphens),
        cmocka_unit_test(white_space_goes_from_around_a_title_but_not_from_inside),
        cmocka_unit_test(a_body_is_kept_byte_for_byte),
        cmocka_unit_test(null_means_absent_for_every_known_key),
        cmocka_unit_test(unknown_keys_are_kept_verbatim_behind_the_known_ones),
        cmocka_unit_test(numbers_of_unknown_keys_keep_their_digits),
        cmocka_unit_test(a_number_where_a_field_wants_text_is_refused_as_one),
        cmocka_unit_test(what_only_looks_like_a_number_is_refused_at_its_place),
        cmocka_unit_test(unknown_keys_are_visited_and_known_ones_are_not),
        cmocka_unit_test(an_id_is_made_from_the_url_alone_where_there_is_one),
        cmocka_unit_test(an_id_is_made_from_title_body_and_source_where_there_is_no_url),
        cmocka_unit_test(language_tags_become_the_tables_code_or_stay_in_lower_case),
        cmocka_unit_test(a_language_that_is_not_named_is_detected),
        cmocka_unit_test(a_stored_document_comes_back_the_same),
        cmocka_unit_test(what_was_normalised_once_stays_as_it_is),
        cmocka_unit_test(damaged_stored_text_is_said_to_be_corrupt),
        cmocka_unit_test(stored_values_that_a_field_cannot_take_stay_those_of_unknown_keys),
    };
    return cmocka_run_group_tests_name("model: document", tests, NULL, NULL);
}
