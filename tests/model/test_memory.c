/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A document is parsed, merged and written with its n-th allocation failing, for every n: no crash,
 * no leak (under a sanitizer), no output, and the status of it. */
#include "lede/stored.h"
#include "model_test.h"

static size_t allocations_left = SIZE_MAX; /* then one fails, and those after it do not */
static bool has_failed;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static bool must_fail(void)
{
    if (allocations_left == SIZE_MAX || has_failed)
        return false;
    if (allocations_left-- > 0)
        return false;
    has_failed = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return must_fail() ? NULL : __real_realloc(memory, size);
}

static void *allocate(size_t size)
{
    return __wrap_malloc(size);
}

/* Tokens of less than 16 bytes: jansson 2.14 does not notice when its token buffer cannot grow, and
 * would lose a byte. */
static const char document_text[] =
    "{\"title\":\" T\xFF \",\"body\":\"B\\u0000\",\"tags\":[\"a\",\" "
    "b\",\"a\"],\"author\":\"x\",\"published\":\"19 Jan 2022\","
    "\"status\":\"usable\",\"language\":\"en\",\"odd\":[0.1,{\"k\":\"v\"}]}";

static enum lede_status parse_once(void)
{
    struct lede_document_context context = {.now_utc_s = NOW_UTC_S};
    struct lede_document *document = NULL;
    enum lede_status status =
        lede_document_parse(document_text, strlen(document_text), &context, &document, NULL);
    if (status != LEDE_OK && document)
        return LEDE_EINTERNAL;
    lede_document_free(document);
    return status;
}

static enum lede_status write_and_read_once(void)
{
    LEDE_CLEANUP(lede_document_freep) struct lede_document *stored = NULL;
    static const char text[] =
        "{\"title\":\"T\",\"tags\":[\"a\"],\"published\":\"2022-01-19\",\"id\":\"i\",\"x\":0.1}";
    LEDE_CLEANUP(lede_freep) struct lede_stored *slices = NULL;
    enum lede_status status = lede_document_from_stored(text, strlen(text), &stored, NULL);
    if (status == LEDE_OK)
        status = lede_stored_read(text, strlen(text), &slices, NULL);
    if (status != LEDE_OK)
        return status;
    LEDE_CLEANUP(lede_freep) char *written = NULL;
    size_t size = 0;
    return lede_document_serialize(stored, &written, &size);
}

static enum lede_status merge_once(void)
{
    json_auto_t *target = NULL;
    json_auto_t *patch = NULL;
    static const char target_text[] = "{\"a\":{\"b\":[1,2]},\"c\":3}";
    static const char patch_text[] = "{\"a\":{\"b\":null,\"d\":{\"e\":\"f\"}},\"g\":[4]}";
    if (lede_json_parse(target_text, strlen(target_text), &target, NULL) != LEDE_OK)
        return LEDE_ENOMEM;
    if (lede_json_parse(patch_text, strlen(patch_text), &patch, NULL) != LEDE_OK)
        return LEDE_ENOMEM;
    json_auto_t *merged = lede_json_merge_patch(target, patch);
    return merged ? LEDE_OK : LEDE_ENOMEM;
}

static void assert_every_failure_is_no_memory(enum lede_status (*once)(void))
{
    json_set_alloc_funcs(allocate, free);
    assert_int_equal(once(), LEDE_OK);
    for (size_t n = 0;; n++) {
        has_failed = false;
        allocations_left = n;
        enum lede_status status = once();
        allocations_left = SIZE_MAX;
        if (!has_failed) {
            assert_int_equal(status, LEDE_OK);
            assert_true(n > 5);
            break;
        }
        assert_int_equal(status, LEDE_ENOMEM);
    }
    json_set_alloc_funcs(malloc, free);
}

static void parsing_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory(parse_once);
}

static void the_stored_form_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory(write_and_read_once);
}

static void merging_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory(merge_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing_survives_each_failed_allocation),
        cmocka_unit_test(the_stored_form_survives_each_failed_allocation),
        cmocka_unit_test(merging_survives_each_failed_allocation),
    };
    return cmocka_run_group_tests_name("model: memory", tests, NULL, NULL);
}
