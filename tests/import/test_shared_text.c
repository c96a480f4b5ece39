/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real files from end to end: a newspaper article as plain text, and how fast lines are found in a
 * large collection. */
#include "import_test.h"

#include "lede/model.h"

static struct lede_file_source *open_shared(const char *name)
{
    const char *shared = getenv("LEDE_SHARED");
    const char *source_root = getenv("LEDE_SOURCE_ROOT");
    char path[4096];
    if (shared)
        snprintf(path, sizeof path, "%s/data/%s", shared, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", source_root ? source_root : ".", name);
    struct lede_file_source *source = NULL;
    return lede_file_source_open(path, &source, NULL) == LEDE_OK ? source : NULL;
}

static void an_article_as_plain_text_becomes_a_document(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_file_source_freep)
    struct lede_file_source *source = open_shared("000_c2ff69d04b4610b3.txt");
    assert_non_null(source);
    struct lede_splitter_options options = {
        .format = LEDE_IMPORT_TEXT, .read = lede_file_source_read, .context = source};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    struct lede_import_item item;
    bool more = false;
    assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
    assert_true(more && item.status == LEDE_OK);
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    struct lede_document_context context = {.now_utc_s = 1700000000, .detector = detector};
    LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
    assert_int_equal(lede_document_parse(item.text, item.size, &context, &document, NULL), LEDE_OK);
    const char *title = json_string_value(json_object_get(document->json, "title"));
    const char *body = json_string_value(json_object_get(document->json, "body"));
    assert_memory_equal(title, "In the middle of the noise of drums of war", 42);
    assert_non_null(strstr(body, "“peaceful way”"));
    assert_int_equal(document->language, lede_language_find("en", 2));
    assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
    assert_false(more);
}

static void a_large_collection_is_split_into_as_many_items_as_it_has_lines(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_file_source_freep)
    struct lede_file_source *source = open_shared("reuters.ndjson");
    assert_non_null(source);
    struct lede_splitter_options options = {
        .format = LEDE_IMPORT_AUTO, .read = lede_file_source_read, .context = source};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    assert_int_equal(lede_splitter_new(&options, &splitter, NULL), LEDE_OK);
    uint64_t start_ns = lede_time_monotonic_ns();
    uint64_t count = 0;
    struct lede_import_item item;
    for (bool more = true; more; count += more) {
        assert_int_equal(lede_splitter_next(splitter, &item, &more, NULL), LEDE_OK);
        assert_true(!more || (item.status == LEDE_OK && item.line == count + 1));
    }
    uint64_t read_bytes = 0;
    uint64_t all_bytes = 0;
    lede_file_source_progress(source, &read_bytes, &all_bytes);
    double seconds = (double)(lede_time_monotonic_ns() - start_ns) / 1e9;
    print_message("# %d lines, %.0f MB/s\n", (int)count, (double)read_bytes / 1e6 / seconds);
    assert_int_equal(read_bytes, all_bytes);
    assert_int_equal(count, 19043);
}

int main(void)
{
    struct lede_file_source *source = open_shared("README.md");
    if (!source) {
        puts(
            /* cmocka's skip() says "not ok", which Meson takes for a failure */
            "1..0 # SKIP no shared data");
        return 0;
    }
    lede_file_source_free(source);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_article_as_plain_text_becomes_a_document),
        cmocka_unit_test(a_large_collection_is_split_into_as_many_items_as_it_has_lines),
    };
    return cmocka_run_group_tests_name("import: shared data", tests, NULL, NULL);
}
