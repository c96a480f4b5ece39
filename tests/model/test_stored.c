/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stored document as slices says what it says as a tree; damage is told, and harms nobody. */
#include "lede/stored.h"
#include "model_test.h"

static const char *const documents[] = {
    "{\"id\":\"a\",\"title\":\"Tabs\\tand \\\"quotes\\\" \\\\ "
    "back\\u0001slash\\u001f\\b\\f\\r\\n\","
    "\"body\":\"One.\\n\\nTwo \\u00e9\\u4e2d\\ud83d\\ude00\",\"author\":[\"A \\\"B\\\"\",\"C\"],"
    "\"tags\":[],\"x\\u0008y\":1.5,\"zz\\\"q\":\"v\\u0002\",\"num\":[0.1,1e-7,12345678901234,"
    "3.0000000000000004,-0.0,1e300,-7,0],\"deep\":{\"a\":{\"b\":[1,[],{},{\"cc\":null,\"dd\":true,"
    "\"ee\":false}]}},\"other\":0.1}",
    "{\"id\":\"b \\\"q\\\" \\\\\",\"title\":\"\xE4\xB8\xAD\xE6\x96\x87\",\"language\":\"ja\","
    "\"places\":[\"\xE6\x9D\xB1\xE4\xBA\xAC\"],\"updated\":\"2022-01-19T18:04:00+02:00\"}",
    "{\"body\":\"no id, no "
    "title\",\"published\":\"2020\",\"status\":\"withheld\",\"source\":\"AP\"}",
    "{\"id\":\"c\",\"title\":\"t\",\"o\":{},\"l\":[],\"s\":\"\",\"n\":null,\"\":1}",
};

/* What versions before, or other writers, may have left: known keys with values that they cannot
 * take. */
static const char *const misfits[] = {
    "{\"title\":1,\"body\":[\"x\"],\"tags\":\"one\",\"published\":\"never\",\"language\":{\"a\":1},"
    "\"id\":\"m\"}",
    "{\"source\":\"a\\u001Fb\",\"author\":[\"a\\u001Fb\"],\"people\":[\"a\",1],\"places\":[[]],"
    "\"updated\":7,\"id\":\"m\"}",
    "{\"id\":\"m\",\"organisations\":[{\"a\":\"b\"}],\"section\":null,\"expires\":\"2020-01-01\"}",
};

static char *stored_text(const char *text, size_t *ret_size)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = parse(text);
    char *stored = NULL;
    assert_int_equal(lede_document_serialize(document, &stored, ret_size), LEDE_OK);
    return stored;
}

static void assert_same_member(
    const struct lede_stored_member *member, const char *key, const json_t *value)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer expected = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer found = {0};
    char *decoded = malloc(member->key.size + 1);
    assert_non_null(decoded);
    decoded[lede_stored_decode(member->key, decoded)] = '\0';
    assert_string_equal(decoded, key);
    free(decoded);
    json_auto_t *given = json_loadb(member->value.text, member->value.size, JSON_DECODE_ANY, NULL);
    if (member->field < LEDE_FIELD_COUNT) { /* a number that is no misfit keeps its digits */
        assert_true(json_equal(given, value));
        return;
    }
    assert_int_equal(lede_json_append(value, &expected), LEDE_OK);
    lede_buffer_append(&found, member->value.text, member->value.size);
    assert_int_equal(lede_buffer_status(&found), LEDE_OK);
    assert_string_equal(found.data, expected.data);
}

static void assert_same_texts(const struct lede_stored_field *field, const json_t *value)
{
    bool is_list = json_is_array(value);
    assert_int_equal(field != NULL, value != NULL);
    if (!field)
        return;
    assert_int_equal(field->is_list, is_list);
    assert_int_equal(field->count, is_list ? json_array_size(value) : 1);
    for (size_t i = 0; i < field->count; i++) {
        const json_t *item = is_list ? json_array_get(value, i) : value;
        assert_int_equal(field->texts[i].size, json_string_length(item));
        assert_memory_equal(
            field->texts[i].text, json_string_value(item), json_string_length(item));
    }
}

static void assert_same(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *tree = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_error error = {0};
    const char *key = NULL;
    json_t *value = NULL;
    size_t number = 0;
    assert_int_equal(lede_document_from_stored(text, size, &tree, NULL), LEDE_OK);
    if (lede_stored_read(text, size, &stored, &error) != LEDE_OK)
        fail_msg("%s: %.*s", error.message, (int)size, text);
    assert_int_equal(stored->size, size);
    assert_memory_equal(stored->text, text, size);
    assert_string_equal(stored->id, tree->id);
    assert_int_equal(stored->id_size, tree->id_size);
    assert_int_equal(stored->misfits, tree->misfits);
    assert_int_equal(stored->published_utc_s, tree->published_utc_s);
    assert_int_equal(stored->updated_utc_s, tree->updated_utc_s);
    assert_int_equal(stored->language, tree->language);
    assert_int_equal(stored->member_count, json_object_size(tree->json));
    json_object_foreach (tree->json, key, value)
        assert_same_member(&stored->members[number++], key, value);
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++)
        assert_same_texts(lede_stored_texts(stored, id), lede_document_value(tree, id));
}

static void slices_say_what_the_tree_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(documents); i++) {
        size_t size = 0;
        LEDE_CLEANUP(lede_freep) char *text = stored_text(documents[i], &size);
        assert_same(text, size);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(misfits); i++)
        assert_same(misfits[i], strlen(misfits[i]));
}

static void the_deepest_document_is_read_and_no_deeper_one(void **state)
{
    (void)state;
    for (size_t depth = LEDE_JSON_DEPTH_MAX - 1; depth <= LEDE_JSON_DEPTH_MAX; depth++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
        LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
        lede_buffer_append_string(&text, "{\"id\":\"x\",\"d\":");
        for (size_t i = 0; i < depth; i++)
            lede_buffer_append_string(&text, "[");
        for (size_t i = 0; i < depth; i++)
            lede_buffer_append_string(&text, "]");
        lede_buffer_append_string(&text, "}");
        enum lede_status st = lede_stored_read(text.data, text.size, &stored, NULL);
        assert_int_equal(st, depth < LEDE_JSON_DEPTH_MAX ? LEDE_OK : LEDE_ECORRUPT);
    }
}

/* Read damaged bytes, in memory that ends with them. What passes is JSON, and the same as a tree.
 * Returns whether it passed. */
static bool read_damaged(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *copy = malloc(size + 1);
    LEDE_CLEANUP(lede_freep) struct lede_stored *stored = NULL;
    struct lede_error error = {0};
    assert_non_null(copy);
    memcpy(copy + 1, text, size);
    enum lede_status st = lede_stored_read(copy + 1, size, &stored, &error);
    if (st != LEDE_OK) {
        assert_int_equal(st, LEDE_ECORRUPT);
        assert_null(stored);
        return false;
    }
    LEDE_CLEANUP(lede_document_freep) struct lede_document *tree = NULL;
    if (lede_document_from_stored(text, size, &tree, NULL) == LEDE_OK &&
        json_object_size(tree->json) == stored->member_count)
        assert_same(text, size);
    return true;
}

static void every_truncation_is_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(documents); i++) {
        size_t size = 0;
        LEDE_CLEANUP(lede_freep) char *text = stored_text(documents[i], &size);
        for (size_t cut = 0; cut < size; cut++)
            assert_false(read_damaged(text, cut));
    }
}

static void any_changed_byte_is_damage_or_another_document(void **state)
{
    (void)state;
    size_t passed = 0;
    for (size_t i = 0; i < LEDE_COUNT_OF(documents); i++) {
        size_t size = 0;
        LEDE_CLEANUP(lede_freep) char *text = stored_text(documents[i], &size);
        for (size_t at = 0; at < size; at++) {
            char before = text[at];
            for (int byte = 0; byte < 256; byte++) {
                text[at] = (char)byte;
                passed += read_damaged(text, size);
            }
            text[at] = before;
        }
    }
    assert_true(passed > 1000); /* letters became others */
}

static void what_is_not_written_is_damage(void **state)
{
    static const char *const texts[] = {"", "{}", "[]", "null", "{\"id\":1}", "{\"id\":\"a\"} ",
        "{ \"id\":\"a\"}", "{\"id\":\"a\",}", "{\"id\":\"a\",\"id\":\"b\"}", "{\"id\":\"\\/\"}",
        "{\"id\":\"\\u0041\"}", "{\"id\":\"\\u0000\"}", "{\"id\":\"a\nb\"}", "{\"id\":\"\xFF\"}",
        "{\"id\":\"a\",\"n\":01}", "{\"id\":\"a\",\"n\":+1}", "{\"id\":\"a\",\"n\":1.}",
        "{\"id\":\"a\",\"n\":.5}", "{\"id\":\"a\",\"n\":1e}", "{\"id\":\"a\",\"n\":-}",
        "{\"id\":\"a\",\"n\":tru}", "{\"id\":\"a\",\"n\":[1,]}", "{\"id\":\"a\",\"n\":{\"a\"}}",
        "{\"id\":\"a\",n:1}", "{\"id\":[\"a\"]}"};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        if (read_damaged(texts[i], strlen(texts[i])))
            fail_msg("%s", texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_say_what_the_tree_says),
        cmocka_unit_test(the_deepest_document_is_read_and_no_deeper_one),
        cmocka_unit_test(every_truncation_is_damage),
        cmocka_unit_test(any_changed_byte_is_damage_or_another_document),
        cmocka_unit_test(what_is_not_written_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
