/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every format is split with its n-th allocation failing, for every n: the status says so, and
 * nothing leaks. */
#include "import_test.h"

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
    if (allocations_left == SIZE_MAX || has_failed || allocations_left-- > 0)
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

/* Split a text of 600,000 bytes in one string, so that the window must grow. */
static enum lede_status split_once(const struct lede_buffer *text, enum lede_import_format format)
{
    struct memory_source source = {.data = text->data, .size = text->size, .chunk = SIZE_MAX};
    struct lede_splitter_options options = {
        .format = format, .read = memory_read, .context = &source};
    LEDE_CLEANUP(lede_splitter_freep) struct lede_splitter *splitter = NULL;
    enum lede_status status = lede_splitter_new(&options, &splitter, NULL);
    struct lede_import_item item;
    for (bool more = true; status == LEDE_OK && more;)
        status = lede_splitter_next(splitter, &item, &more, NULL);
    return status;
}

static void assert_every_failure_is_no_memory(
    const char *before, const char *behind, enum lede_import_format format)
{
    struct lede_buffer text = {0};
    lede_buffer_append_string(&text, before);
    memset(lede_buffer_reserve(&text, 600000), '\xE9', 600000);
    text.size += 600000;
    lede_buffer_append_string(&text, behind);
    has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        has_failed = false;
        allocations_left = n;
        enum lede_status status = split_once(&text, format);
        allocations_left = SIZE_MAX;
        assert_int_equal(status, has_failed ? LEDE_ENOMEM : LEDE_OK);
        assert_true(has_failed || n >= 3);
    }
    lede_buffer_done(&text);
}

static void lines_survive_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory("{}\n\"", "\"\n", LEDE_IMPORT_NDJSON);
}

static void arrays_survive_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory("[{},\"", "\"]\n", LEDE_IMPORT_AUTO);
}

static void texts_survive_each_failed_allocation(void **state)
{
    (void)state;
    assert_every_failure_is_no_memory("title\n", "\n", LEDE_IMPORT_TEXT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_survive_each_failed_allocation),
        cmocka_unit_test(arrays_survive_each_failed_allocation),
        cmocka_unit_test(texts_survive_each_failed_allocation),
    };
    return cmocka_run_group_tests_name("import: memory", tests, NULL, NULL);
}
