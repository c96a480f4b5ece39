/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builders: a segment made at once is a segment as any other. */
#include "fixture.h"

#include "lede/model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The path of the segment to build; valid until the next call. */
static const char *path_of(const struct fixture *f)
{
    static char path[80];
    snprintf(path, sizeof(path), "%.60s/built", f->directory);
    return path;
}

static struct lede_builder *new_builder(const struct fixture *f)
{
    struct lede_builder *builder = NULL;
    struct lede_error error = {0};
    if (lede_builder_new(path_of(f), &builder, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    return builder;
}

static enum lede_status add(struct fixture *f, struct lede_builder *builder, const char *json)
{
    struct lede_document_context context = {.now_utc_s = FIXTURE_NOW};
    struct lede_document *document = NULL;
    struct lede_entry *entry = NULL;
    assert_int_equal(lede_document_parse(json, strlen(json), &context, &document, NULL), LEDE_OK);
    assert_int_equal(lede_entry_new(document, f->analyzer, &entry, NULL), LEDE_OK);
    enum lede_status status = lede_builder_add(builder, entry, NULL);
    lede_entry_free(entry);
    lede_document_free(document);
    return status;
}

/* Let the fixture search the built segment. */
static void read_built(struct fixture *f)
{
    const char *path = path_of(f);
    struct lede_error error = {0};
    if (lede_index_open(&path, 1, &f->index, &error) != LEDE_OK)
        fail_msg("%s", error.message);
}

static void a_built_segment_is_found_in(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(
        add(f, builder, "{\"id\":\"a\",\"title\":\"Early words\",\"body\":\"one two. three\"}"),
        LEDE_OK);
    assert_int_equal(
        add(f, builder,
            "{\"id\":\"b\",\"title\":\"Late words\",\"body\":\"two three\",\"tags\":[\"t\"]}"),
        LEDE_OK);
    assert_int_equal(lede_builder_document_count(builder), 2);
    assert_true(lede_builder_memory_bytes(builder) > 0);
    assert_int_equal(lede_builder_finish(builder, 7, NULL), LEDE_OK);
    lede_builder_free(builder);
    read_built(f);
    assert_int_equal(lede_index_revision(f->index), 7);
    fixture_expect(f, "words", "a b");
    fixture_expect(f, "\"two three\"", "a b");
    fixture_expect(f, "title:early", "a");
    fixture_expect(f, "tag:t", "b");
}

static void versions_of_one_id_stand_side_by_side(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(add(f, builder, "{\"id\":\"a\",\"title\":\"first\"}"), LEDE_OK);
    assert_int_equal(add(f, builder, "{\"id\":\"a\",\"title\":\"second\"}"), LEDE_OK);
    assert_int_equal(add(f, builder, "{\"id\":\"b\",\"title\":\"first\"}"), LEDE_OK);
    assert_int_equal(lede_builder_finish(builder, 1, NULL), LEDE_OK);
    lede_builder_free(builder);
    read_built(f);
    fixture_expect(f, "first", "a b");
    fixture_expect(f, "second", "a");
    /* The first is deleted beside it. */
    uint64_t bits = 1 << 1;
    struct lede_deleted deleted = {&bits, 4, 1};
    struct lede_sealed *sealed = NULL;
    unsigned char digest[16];
    uint32_t docid = 0;
    assert_int_equal(lede_sealed_open(NULL, path_of(f), &sealed, NULL), LEDE_OK);
    assert_int_equal(lede_sealed_find(sealed, "a", 1, &deleted, &docid, digest, NULL), LEDE_OK);
    assert_int_equal(docid, 2);
    lede_sealed_free(sealed);
}

static void an_empty_builder_makes_an_empty_segment(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(lede_builder_finish(builder, 3, NULL), LEDE_OK);
    lede_builder_free(builder);
    read_built(f);
    assert_int_equal(lede_index_document_count(f->index), 0);
    assert_int_equal(lede_index_revision(f->index), 3);
    fixture_expect(f, "first", "");
}

static void a_builder_that_is_not_finished_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(add(f, builder, "{\"id\":\"a\",\"title\":\"first\"}"), LEDE_OK);
    lede_builder_free(builder);
    assert_int_equal(access(path_of(f), F_OK), -1);
}

static void a_builder_creates_only_where_nothing_is(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = NULL;
    assert_int_equal(lede_builder_new(f->directory, &builder, NULL), LEDE_EEXISTS);
    assert_int_equal(lede_builder_new("/nonexistent/segment", &builder, NULL), LEDE_EIO);
    assert_null(builder);
    lede_builder_free(builder);
}

static void a_finished_builder_takes_no_more(void **state)
{
    struct fixture *f = *state;
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(lede_builder_finish(builder, 1, NULL), LEDE_OK);
    assert_int_equal(add(f, builder, "{\"id\":\"a\",\"title\":\"first\"}"), LEDE_EIO);
    assert_int_equal(lede_builder_finish(builder, 2, NULL), LEDE_EIO);
    lede_builder_free(builder);
    assert_int_equal(access(path_of(f), F_OK), 0);
}

static void values_and_terms_can_be_added_to_an_entry(void **state)
{
    struct fixture *f = *state;
    struct lede_document_context context = {.now_utc_s = FIXTURE_NOW};
    struct lede_document *document = NULL;
    struct lede_entry *entry = NULL;
    const char *json = "{\"id\":\"a\",\"title\":\"first\"}";
    assert_int_equal(lede_document_parse(json, strlen(json), &context, &document, NULL), LEDE_OK);
    assert_int_equal(lede_entry_new(document, f->analyzer, &entry, NULL), LEDE_OK);
    assert_int_equal(lede_entry_add_term(entry, "Gplain", 6, NULL), LEDE_OK);
    assert_int_equal(lede_entry_add_term(entry, "Gplain", 6, NULL), LEDE_OK);
    assert_int_equal(lede_entry_add_term(entry, "", 0, NULL), LEDE_ELIMIT);
    assert_int_equal(lede_entry_set_value(entry, LEDE_SLOT_TAGS, "first", 5, NULL), LEDE_OK);
    assert_int_equal(lede_entry_set_value(entry, LEDE_SLOT_TAGS, "added", 5, NULL), LEDE_OK);
    assert_int_equal(lede_entry_set_value(entry, LEDE_SLOT_LANGUAGE, NULL, 0, NULL), LEDE_OK);
    struct lede_builder *builder = new_builder(f);
    assert_int_equal(lede_builder_add(builder, entry, NULL), LEDE_OK);
    assert_int_equal(lede_builder_finish(builder, 1, NULL), LEDE_OK);
    lede_builder_free(builder);
    lede_entry_free(entry);
    lede_document_free(document);
    read_built(f);
    fixture_expect(f, "tag:plain", "a");
    struct lede_query *query = fixture_parse(f, "first");
    struct lede_search search = fixture_search(query);
    search.facets = LEDE_FIELD_BIT(LEDE_FIELD_TAGS) | LEDE_FIELD_BIT(LEDE_FIELD_LANGUAGE);
    struct lede_search_result result = fixture_run(f, &search);
    assert_int_equal(result.facets[0].count, 1);
    assert_string_equal(result.facets[0].values[0].value, "added");
    assert_int_equal(result.facets[1].count, 0);
    lede_search_result_done(&result);
    lede_query_free(query);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_built_segment_is_found_in),
        TEST(versions_of_one_id_stand_side_by_side),
        TEST(an_empty_builder_makes_an_empty_segment),
        TEST(a_builder_that_is_not_finished_leaves_nothing),
        TEST(a_builder_creates_only_where_nothing_is),
        TEST(a_finished_builder_takes_no_more),
        TEST(values_and_terms_can_be_added_to_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
