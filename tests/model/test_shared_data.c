/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Real news: every line of every collection at hand becomes a document, and survives its stored
 * form. */
#include "model_test.h"

#include <glob.h>
#include <stdio.h>

/* The folder of shared data, or NULL. */
static const char *data_directory(char *path, size_t size)
{
    const char *shared = getenv("LEDE_SHARED");
    const char *source = getenv("LEDE_SOURCE_ROOT");
    if (shared)
        snprintf(path, size, "%s/data", shared);
    else
        snprintf(path, size, "%s/../shared/data", source ? source : ".");
    FILE *file = NULL;
    char readme[4096];
    snprintf(readme, sizeof readme, "%s/README.md", path);
    file = fopen(readme, "r");
    if (!file)
        return NULL;
    fclose(file);
    return path;
}

static void assert_round_trip(const struct lede_document *document)
{
    LEDE_CLEANUP(lede_freep) char *text = NULL;
    LEDE_CLEANUP(lede_document_freep) struct lede_document *stored = NULL;
    size_t size = 0;
    assert_int_equal(lede_document_serialize(document, &text, &size), LEDE_OK);
    assert_int_equal(lede_document_from_stored(text, size, &stored, NULL), LEDE_OK);
    assert_true(json_equal(document->json, stored->json));
}

static size_t read_file(const char *path, const struct lede_document_context *context)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    LEDE_CLEANUP(lede_freep) char *line = NULL;
    size_t capacity = 0;
    size_t lines = 0;
    size_t refused = 0;
    for (ssize_t size = 0; (size = getline(&line, &capacity, file)) > 0; lines++) {
        struct lede_error error = {0};
        LEDE_CLEANUP(lede_document_freep) struct lede_document *document = NULL;
        if (lede_document_parse(line, (size_t)size, context, &document, &error) == LEDE_OK) {
            assert_round_trip(document);
            continue;
        }
        bool has_text = strstr(line, "\"title\"") || strstr(line, "\"body\"");
        /* Cranfield has two entries without any text: those are rightly refused */
        refused += has_text;
        print_message("# %s:%zu: %s\n", path, lines + 1, error.message);
    }
    fclose(file);
    print_message("# %s: %zu documents, %zu wrongly refused\n", path, lines, refused);
    return refused;
}

static void all_shared_collections_become_documents(void **state)
{
    (void)state;
    static const char *const patterns[] = {"*.ndjson", "collections/*/*.ndjson"};
    char path[4000];
    assert_non_null(data_directory(path, sizeof path));
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S, .detector = detector};
    size_t refused = 0;
    size_t files = 0;
    for (size_t i = 0; i < LEDE_COUNT_OF(patterns); i++) {
        char pattern[4096];
        snprintf(pattern, sizeof pattern, "%s/%s", path, patterns[i]);
        glob_t found = {0};
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t j = 0; j < found.gl_pathc; j++, files++)
            refused += read_file(found.gl_pathv[j], &context);
        globfree(&found);
    }
    assert_true(files > 0);
    assert_int_equal(refused, 0);
}

int main(void)
{
    char path[4000];
    if (!data_directory(path, sizeof path)) {
        puts(
            /* cmocka's skip() says "not ok", which Meson takes for a failure */
            "1..0 # SKIP no shared data");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shared_collections_become_documents),
    };
    return cmocka_run_group_tests_name("model: shared data", tests, NULL, NULL);
}
