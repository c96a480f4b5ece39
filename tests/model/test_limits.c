/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every limit and every wrong type of a document has an answer that points at it. */
#include "lede/encoding.h"
#include "model_test.h"

struct refusal {
    const char *text;
    const char *pointer;
    const char *message; /* its beginning */
};

static void assert_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lede_error error = {0};
        assert_int_equal(refuse(refusals[i].text, strlen(refusals[i].text), &error), LEDE_EINVALID);
        assert_int_equal(error.status, LEDE_EINVALID);
        assert_string_equal(error.pointer, refusals[i].pointer);
        if (strncmp(error.message, refusals[i].message, strlen(refusals[i].message)) != 0)
            fail_msg("expected '%s', found '%s'", refusals[i].message, error.message);
    }
}

static void a_wrong_type_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\"title\":1}", "/title", "title: expected a string, found a number"},
        {"{\"title\":\"T\",\"summary\":true}", "/summary",
            "summary: expected a string, found a boolean"},
        {"{\"body\":[\"x\"]}", "/body", "body: expected a string, found an array"},
        {"{\"title\":\"T\",\"url\":{}}", "/url", "url: expected a string, found an object"},
        {"{\"title\":\"T\",\"source\":2.5}", "/source",
            "source: expected a string, found a number"},
        {"{\"title\":\"T\",\"section\":[]}", "/section",
            "section: expected a string, found an array"},
        {"{\"title\":\"T\",\"author\":1}", "/author",
            "author: expected an array of strings, found a number"},
        {"{\"title\":\"T\",\"tags\":{\"a\":1}}", "/tags",
            "tags: expected an array of strings, found an object"},
        {"{\"title\":\"T\",\"tags\":[\"a\",\"b\",\"c\",4]}", "/tags/3",
            "tags: expected a string, found a number"},
        {"{\"title\":\"T\",\"places\":[null]}", "/places/0",
            "places: expected a string, found null"},
        {"{\"title\":\"T\",\"people\":[[\"a\"]]}", "/people/0",
            "people: expected a string, found an array"},
        {"{\"title\":\"T\",\"organisations\":false}", "/organisations",
            "organisations: expected an array of strings"},
        {"{\"title\":\"T\",\"language\":1}", "/language", "language: expected a language tag"},
        {"{\"title\":\"T\",\"published\":1642615440}", "/published",
            "published: expected RFC 3339"},
        {"{\"title\":\"T\",\"status\":0}", "/status", "status: expected 'usable'"},
        {"{\"title\":\"T\",\"id\":17}", "/id", "id: expected 1 to 180 bytes"},
    };
    assert_refusals(refusals, LEDE_COUNT_OF(refusals));
}

static void a_wrong_value_is_refused_with_its_place_and_shown(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{\"title\":\"T\",\"published\":\"yesterday\"}", "/published",
            "published: expected RFC 3339 (2022-01-19T18:04:00Z), a date (2022-01-19, 19 Jan 2022) "
            "or RFC "
            "5322, found "
            "'yesterday'"},
        {"{\"title\":\"T\",\"updated\":\"2022-02-30\"}", "/updated", "updated: expected RFC 3339"},
        {"{\"title\":\"T\",\"embargoed_until\":\"soon\"}", "/embargoed_until",
            "embargoed_until: expected RFC 3339"},
        {"{\"title\":\"T\",\"expires\":\"never\"}", "/expires", "expires: expected RFC 3339"},
        {"{\"title\":\"T\",\"status\":\"Usable\"}", "/status",
            "status: expected 'usable', 'withheld' or 'canceled', found 'Usable'"},
        {"{\"title\":\"T\",\"language\":\"english please\"}", "/language",
            "language: expected a language tag"},
        {"{\"title\":\"T\",\"language\":\"e\"}", "/language", "language: expected a language tag"},
        {"{\"title\":\"T\",\"language\":\"en--US\"}", "/language",
            "language: expected a language tag"},
        {"{\"title\":\"T\",\"language\":\"en-\"}", "/language",
            "language: expected a language tag"},
        {"{\"title\":\"T\",\"language\":\"12\"}", "/language", "language: expected a language tag"},
    };
    assert_refusals(refusals, LEDE_COUNT_OF(refusals));
}

static void a_long_wrong_value_is_shown_cut_between_characters(void **state)
{
    (void)state;
    char text[400] = "{\"title\":\"T\",\"published\":\"x";
    for (size_t i = 0; i < 50; i++)
        strcat(text, "é");
    strcat(text, "\"}");
    struct lede_error error = {0};
    assert_int_equal(refuse(text, strlen(text), &error), LEDE_EINVALID);
    assert_true(lede_utf8_is_valid(error.message, strlen(error.message)));
    assert_non_null(strstr(error.message, "é…'"));
}

static void a_document_without_title_and_body_is_refused(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"{}", "", "expected a 'title' or a 'body'"},
        {"{\"summary\":\"S\"}", "", "expected a 'title' or a 'body'"},
        {"{\"title\":\" \",\"body\":\"\\n\\u3000\"}", "", "expected a 'title' or a 'body'"},
        {"[]", "", "expected a document as an object, found an array"},
    };
    assert_refusals(refusals, LEDE_COUNT_OF(refusals));
}

static enum lede_status parse_id(const char *id, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S};
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    json_auto_t *json = json_pack("{s:s, s:s}", "title", "T", "id", id);
    assert_non_null(json);
    return lede_document_from_json(json, &context, &document, reterr);
}

static void an_id_of_180_bytes_is_taken_and_one_of_181_refused(void **state)
{
    (void)state;
    char id[182];
    memset(id, 'x', sizeof id);
    id[180] = '\0';
    assert_int_equal(parse_id(id, NULL), LEDE_OK);
    id[180] = 'x';
    id[181] = '\0';
    struct lede_error error = {0};
    assert_int_equal(parse_id(id, &error), LEDE_EINVALID);
    assert_string_equal(error.pointer, "/id");
    assert_non_null(strstr(error.message, "found 181 bytes"));
}

static void an_id_that_is_not_printable_is_refused(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "", " a", "a ", "a\nb", "\x7f", "a\xC2\x85z", "a\xE2\x80\xA8z", "\xC2\xA0z"};
    for (size_t i = 0; i < LEDE_COUNT_OF(ids); i++)
        assert_int_equal(parse_id(ids[i], NULL), LEDE_EINVALID);
    assert_int_equal(parse_id("a b/é?#%", NULL), LEDE_OK);
}

static enum lede_status parse_tags(size_t count, struct lede_error *reterr)
{
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S};
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    json_auto_t *json = json_pack("{s:s, s:[]}", "title", "T", "tags");
    for (size_t i = 0; i < count; i++)
        json_array_append_new(json_object_get(json, "tags"), json_sprintf("tag %zu", i));
    return lede_document_from_json(json, &context, &document, reterr);
}

static void a_list_of_256_is_taken_and_one_of_257_refused(void **state)
{
    (void)state;
    struct lede_error error = {0};
    assert_int_equal(parse_tags(256, NULL), LEDE_OK);
    assert_int_equal(parse_tags(257, &error), LEDE_EINVALID);
    assert_string_equal(error.pointer, "/tags");
    assert_string_equal(error.message, "tags: expected at most 256 items, found 257");
}

/* A document whose stored form has so many bytes. Owner: the caller. */
static char *text_of_size(size_t size)
{
    static const char head[] = "{\"body\":\"";
    static const char tail[] =
        "\",\"language\":\"en\",\"published\":\"2022-01-01T00:00:00Z\",\"id\":\"a\"}";
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, head, strlen(head));
    memcpy(text + size - strlen(tail), tail, sizeof tail);
    return text;
}

static void a_document_of_8_mib_is_taken_and_one_byte_more_refused(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_freep) char *fits = text_of_size(LEDE_DOCUMENT_BYTES_MAX);
    LEDE_CLEANUP(lede_freep) char *over = text_of_size(LEDE_DOCUMENT_BYTES_MAX + 1);
    lede_document_free(parse_sized(fits, LEDE_DOCUMENT_BYTES_MAX));
    struct lede_error error = {0};
    assert_int_equal(refuse(over, LEDE_DOCUMENT_BYTES_MAX + 1, &error), LEDE_ELIMIT);
    assert_string_equal(error.message, "document: expected at most 8388608 bytes, found 8388609");
}

static void a_document_that_grows_past_8_mib_in_its_stored_form_is_refused(void **state)
{
    (void)state;
    size_t size = LEDE_DOCUMENT_BYTES_MAX - 100;
    LEDE_CLEANUP(lede_freep) char *text = text_of_size(size);
    memset(text + 9, '\xFF', size / 2); /* each byte becomes the three of U+FFFD */
    struct lede_error error = {0};
    assert_int_equal(refuse(text, size, &error), LEDE_ELIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_type_is_refused_with_its_place),
        cmocka_unit_test(a_wrong_value_is_refused_with_its_place_and_shown),
        cmocka_unit_test(a_long_wrong_value_is_shown_cut_between_characters),
        cmocka_unit_test(a_document_without_title_and_body_is_refused),
        cmocka_unit_test(an_id_of_180_bytes_is_taken_and_one_of_181_refused),
        cmocka_unit_test(an_id_that_is_not_printable_is_refused),
        cmocka_unit_test(a_list_of_256_is_taken_and_one_of_257_refused),
        cmocka_unit_test(a_document_of_8_mib_is_taken_and_one_byte_more_refused),
        cmocka_unit_test(a_document_that_grows_past_8_mib_in_its_stored_form_is_refused),
    };
    return cmocka_run_group_tests_name("model: limits", tests, NULL, NULL);
}
