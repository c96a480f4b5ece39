/* SPDX-License-Identifier: GPL-2.0-or-later */
/* With any one allocation failing: an answer or LEDE_ENOMEM, nothing half made. The linker wraps
 * the allocator. */
#include "support.h"

#include <string.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *piece, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *piece, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static long allocations_left = -1; /* until the one that fails; < 0: none fails */

static bool fails(void)
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *piece, size_t size)
{
    return fails() ? NULL : __real_realloc(piece, size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

static struct lede_buffer make_body(void)
{
    struct lede_buffer body = {0};
    for (int i = 0; i < 500; i++)
        lede_buffer_append_string(&body, "The oil of the north sea is gone. ");
    return body;
}

static void any_failed_allocation_of_a_highlight_is_reported(void **state)
{
    (void)state;
    struct lede_buffer body = make_body();
    struct lede_query *query = support_query(
        "oil \"north sea\" =gone th* (oil NEAR/5 \"north sea\") ATLEAST/3 s?a LEAD:oil");
    struct lede_highlight_options options = {
        .snippets = 20, .snippet_chars = 400, .pre = "<mark>", .post = "</mark>"};
    enum lede_status st = LEDE_ENOMEM;
    long failures = 0;
    for (long n = 0; st != LEDE_OK; n++) {
        struct lede_highlights highlights = {0};
        allocations_left = n;
        st = lede_highlight(query, NULL, LEDE_FIELD_BODY, LEDE_LANGUAGE_UND, body.data, body.size,
            &options, support_analyzer(), &highlights);
        allocations_left = -1;
        assert_true(st == LEDE_OK || st == LEDE_ENOMEM);
        assert_int_equal(highlights.fragment_count > 0, st == LEDE_OK);
        failures += st != LEDE_OK;
        lede_highlights_done(&highlights);
    }
    assert_true(failures >= 4);
    lede_query_free(query);
    lede_buffer_done(&body);
}

static void any_failed_allocation_of_an_evaluation_leaves_its_output_untouched(void **state)
{
    (void)state;
    struct lede_buffer body = make_body();
    struct lede_query *query = support_query(
        "oil \"north sea\" =gone th* (oil NEAR/5 \"north sea\") ATLEAST/3 s?a LEAD:oil");
    struct lede_match_subject subject = {.language = LEDE_LANGUAGE_UND};
    subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){body.data, body.size};
    enum lede_status st = LEDE_ENOMEM;
    bool matches = false;
    for (long n = 0; st != LEDE_OK; n++) {
        allocations_left = n;
        st = lede_query_matches(query, &subject, support_analyzer(), &matches);
        allocations_left = -1;
        assert_true(st == LEDE_OK || st == LEDE_ENOMEM);
        assert_int_equal(matches, st == LEDE_OK);
    }
    lede_query_free(query);
    lede_buffer_done(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_failed_allocation_of_a_highlight_is_reported),
        cmocka_unit_test(any_failed_allocation_of_an_evaluation_leaves_its_output_untouched),
    };
    return cmocka_run_group_tests(tests, support_setup, support_teardown);
}
