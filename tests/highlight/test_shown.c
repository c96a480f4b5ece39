/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Documents that are kept are marked as their texts are, however often and by however many
 * threads. */
#include "support.h"

#include "lede/shown.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const queries[] = {"oil", "oil OR (gas AND coal)", "\"crude oil\"",
    "=Oil price*", "oil NEAR/5 gas", "CAPS OPEC", "LEAD:gas", "ATLEAST/2 oil", "pr?ce oyl~",
    "author:smith OR oil", "nothing", "*", "LENGTH:1..20 oil", "oil -coal"};

static const char document_text[] =
    "{\"title\":\"Crude oil: OPEC \\\"prices\\\"\",\"body\":\"Oil and gas rose.\\n\\nThe price of "
    "crude oil, said OPEC, fell.\",\"author\":[\"John Smith\",\"Mary Smith-Jones\"],"
    "\"language\":\"en\",\"published\":\"2020-01-01T00:00:00Z\",\"id\":\"d\"}";

static struct lede_cache *new_cache(size_t bytes)
{
    struct lede_cache *cache = NULL;
    assert_int_equal(lede_cache_new(bytes, &cache), LEDE_OK);
    return cache;
}

static struct lede_shown_document *take(struct lede_cache *cache, const char *text)
{
    struct lede_shown_document *document = NULL;
    assert_int_equal(lede_shown_document_take(cache, text, strlen(text), &document, NULL), LEDE_OK);
    return document;
}

static void assert_same_fragments(
    const struct lede_highlights *found, const struct lede_highlights *expected)
{
    assert_int_equal(found->fragment_count, expected->fragment_count);
    assert_int_equal(found->mark_count, expected->mark_count);
    for (size_t i = 0; i < found->fragment_count; i++) {
        assert_int_equal(found->fragments[i].start, expected->fragments[i].start);
        assert_int_equal(found->fragments[i].size, expected->fragments[i].size);
        assert_string_equal(found->fragments[i].text, expected->fragments[i].text);
    }
}

/* One query over all texts of the document, as kept and as texts. */
static void assert_same_marks(struct lede_shown_document *document, const char *query_text)
{
    struct lede_highlight_options options = {
        .snippets = 1, .snippet_chars = 40, .pre = "[", .post = "]"};
    struct lede_query *query = support_query(query_text);
    const struct lede_stored *stored = lede_shown_document_stored(document);
    struct lede_highlights found = {0}, expected = {0};
    struct lede_match_subject subject = {0};
    struct lede_shown_leaves shown, expected_shown;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    LEDE_CLEANUP(lede_document_freep) struct lede_document *tree = NULL;
    assert_int_equal(lede_document_from_stored(stored->text, stored->size, &tree, NULL), LEDE_OK);
    assert_int_equal(lede_match_subject_init(tree, &arena, &subject), LEDE_OK);
    assert_int_equal(
        lede_query_shown_leaves(query, &subject, support_analyzer(), &expected_shown), LEDE_OK);
    assert_int_equal(
        lede_shown_document_leaves(document, query, support_analyzer(), 0, &shown), LEDE_OK);
    assert_memory_equal(&shown, &expected_shown, sizeof(shown));
    for (enum lede_field_id id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_stored_field *texts = lede_stored_texts(stored, id);
        for (size_t i = 0; texts && lede_field_at(id)->highlightable && i < texts->count; i++) {
            assert_int_equal(lede_shown_document_highlight(document, query, &shown, id, i, &options,
                                 support_analyzer(), &found),
                LEDE_OK);
            assert_int_equal(
                lede_highlight(query, &expected_shown, id, tree->language, texts->texts[i].text,
                    texts->texts[i].size, &options, support_analyzer(), &expected),
                LEDE_OK);
            assert_same_fragments(&found, &expected);
        }
    }
    lede_highlights_done(&found);
    lede_highlights_done(&expected);
    lede_query_free(query);
}

static void a_kept_document_is_marked_as_its_texts_are(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(1 << 20);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < LEDE_COUNT_OF(queries); i++) {
            struct lede_shown_document *document = take(cache, document_text);
            assert_same_marks(document, queries[i]);
            lede_shown_document_release(document);
        }
    }
    struct lede_cache_stats stats;
    lede_cache_stats(cache, &stats);
    assert_int_equal(stats.items, 1);
    assert_int_equal(stats.misses, 1);
    assert_int_equal(stats.hits, 2 * LEDE_COUNT_OF(queries) - 1);
    lede_cache_free(cache);
}

static void words_are_found_once_and_counted(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(1 << 20);
    struct lede_shown_document *document = take(cache, document_text);
    struct lede_cache_stats before, after;
    const struct lede_words *first = NULL, *second = NULL;
    struct lede_words *owned = NULL;
    lede_cache_stats(cache, &before);
    assert_int_equal(lede_shown_document_words(
                         document, LEDE_FIELD_BODY, 0, support_analyzer(), 0, &first, &owned),
        LEDE_OK);
    assert_null(owned);
    assert_int_equal(lede_shown_document_words(
                         document, LEDE_FIELD_BODY, 0, support_analyzer(), 0, &second, &owned),
        LEDE_OK);
    assert_ptr_equal(first, second);
    lede_cache_stats(cache, &after);
    assert_int_equal(after.bytes, before.bytes + first->bytes);
    lede_shown_document_release(document);
    lede_cache_free(cache);
}

static void words_that_the_deadline_cut_are_not_kept(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(1 << 20);
    struct lede_shown_document *document = take(cache, document_text);
    const struct lede_words *words = NULL;
    struct lede_words *owned = NULL;
    assert_int_equal(lede_shown_document_words(
                         document, LEDE_FIELD_BODY, 0, support_analyzer(), 1, &words, &owned),
        LEDE_OK);
    assert_ptr_equal(words, owned);
    assert_true(words->is_cut);
    free(owned);
    assert_same_marks(document, "oil");
    lede_shown_document_release(document);
    lede_cache_free(cache);
}

static void a_damaged_document_is_not_kept(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(1 << 20);
    struct lede_shown_document *document = NULL;
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            lede_shown_document_take(cache, document_text, 50, &document, NULL), LEDE_ECORRUPT);
    assert_null(document);
    struct lede_cache_stats stats;
    lede_cache_stats(cache, &stats);
    assert_int_equal(stats.items, 0);
    lede_cache_free(cache);
}

static void *find_words(void *context)
{
    struct lede_analyzer *analyzer = NULL;
    struct lede_cache *cache = context;
    bool failed = lede_analyzer_new(&analyzer, NULL) != LEDE_OK;
    for (unsigned i = 0; !failed && i < 500; i++) {
        char text[200];
        struct lede_shown_document *document = NULL;
        const struct lede_words *words = NULL;
        struct lede_words *owned = NULL;
        int size =
            snprintf(text, sizeof(text), "{\"body\":\"word number %u\",\"id\":\"d\"}", i / 2);
        failed = lede_shown_document_take(cache, text, (size_t)size, &document, NULL) != LEDE_OK ||
                 lede_shown_document_words(
                     document, LEDE_FIELD_BODY, 0, analyzer, 0, &words, &owned) != LEDE_OK ||
                 words->token_count != 3;
        lede_shown_document_release(document);
    }
    lede_analyzer_free(analyzer);
    return failed ? cache : NULL;
}

static void threads_share_documents(void **state)
{
    (void)state;
    struct lede_cache *cache = new_cache(20000);
    pthread_t threads[4];
    for (size_t i = 0; i < LEDE_COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_words, cache), 0);
    for (size_t i = 0; i < LEDE_COUNT_OF(threads); i++) {
        void *failed = cache;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    lede_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_document_is_marked_as_its_texts_are),
        cmocka_unit_test(words_are_found_once_and_counted),
        cmocka_unit_test(words_that_the_deadline_cut_are_not_kept),
        cmocka_unit_test(a_damaged_document_is_not_kept),
        cmocka_unit_test(threads_share_documents),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
