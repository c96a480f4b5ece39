/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A directory that cannot be read to its end is an error: never one with fewer files. */
#include "fixture.h"

#include "disk/checksums.h"
#include "disk/files.h"

#include <errno.h>
#include <stdio.h>

static int entries_left = -1; /* then reading fails; below 0: never */

struct dirent *__real_readdir64(DIR *stream);
struct dirent *__wrap_readdir64(DIR *stream);
struct dirent *__real_readdir(DIR *stream);
struct dirent *__wrap_readdir(DIR *stream);

static bool must_fail(void)
{
    if (entries_left < 0 || entries_left-- > 0)
        return false;
    entries_left = 0;
    errno = EIO;
    return true;
}

struct dirent *__wrap_readdir64(DIR *stream)
{
    return must_fail() ? NULL : __real_readdir64(stream);
}

struct dirent *__wrap_readdir(DIR *stream)
{
    return must_fail() ? NULL : __real_readdir(stream);
}

static void each_use_fails_wherever_reading_does(void **state)
{
    struct fixture *fixture = *state;
    char copy[160];
    uint64_t copied = 0, linked = 0;
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    for (int after = 0; after < 3; after++) {
        snprintf(copy, sizeof(copy), "%s-copy%d", fixture->data, after);
        entries_left = after;
        assert_int_equal(lede_directory_sync_files(fixture->data, NULL), LEDE_EIO);
        entries_left = after;
        assert_int_equal(
            lede_directory_copy(fixture->data, copy, false, &copied, &linked, NULL), LEDE_EIO);
        entries_left = after;
        assert_false(lede_directory_is_empty(fixture->data));
        entries_left = after;
        assert_int_equal(lede_checksums_write(fixture->data, NULL), LEDE_EIO);
    }
    entries_left = -1;
}

static void a_store_does_not_open_on_a_directory_that_it_cannot_read(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store_options options = {.directory = fixture->data};
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    struct lede_store *store = NULL;
    entries_left = 0;
    enum lede_status st = lede_store_open(&options, &store, NULL);
    entries_left = -1;
    assert_int_equal(st, LEDE_EIO);
    fixture_open(fixture);
    assert_true(has_document(fixture, "a1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            each_use_fails_wherever_reading_does, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_store_does_not_open_on_a_directory_that_it_cannot_read,
            fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests_name("store: directories", tests, NULL, NULL);
}
