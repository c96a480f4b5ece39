/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of deletions, bitmaps and fingerprints. */
#include "deletions.h"
#include "fingerprints.h"
#include "lede/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int make_directory(void **state)
{
    char *directory = strdup("/tmp/lede-test-deletions-XXXXXX");
    *state = directory;
    return directory && mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    lede_deletion_log_remove(*state, 7);
    int status = rmdir(*state);
    free(*state);
    return status;
}

static enum lede_status note(
    void *context, const struct lede_deletion *deletion, struct lede_error *reterr)
{
    (void)reterr;
    return lede_deletion_list_add(context, deletion->segment, deletion->docid);
}

/* Segment 3 document 1; then segment 4 documents 2 and 5. */
static void write_log(const char *directory)
{
    struct lede_deletion_list list = {0};
    assert_int_equal(lede_deletion_list_add(&list, 3, 1), LEDE_OK);
    assert_int_equal(lede_deletion_list_add(&list, 4, 2), LEDE_OK);
    assert_int_equal(lede_deletion_list_add(&list, 4, 5), LEDE_OK);
    assert_int_equal(lede_deletion_log_write(directory, 7, 11, &list, NULL), LEDE_OK);
    lede_deletion_list_done(&list);
}

/* Format 3 appended to it: two frames, of one pair and of three. */
static void write_two_frames(const char *directory)
{
    char command[256];
    struct lede_deletion_list list = {0};
    write_log(directory);
    snprintf(command, sizeof(command), "cd '%s' && mv deletions-000007 second", directory);
    assert_int_equal(system(command), 0);
    assert_int_equal(lede_deletion_list_add(&list, 2, 9), LEDE_OK);
    assert_int_equal(lede_deletion_log_write(directory, 7, 10, &list, NULL), LEDE_OK);
    lede_deletion_list_done(&list);
    snprintf(command, sizeof(command), "cd '%s' && cat second >> deletions-000007 && rm second",
        directory);
    assert_int_equal(system(command), 0);
}

static enum lede_status read_log(const char *directory, size_t *ret_count, uint64_t *ret_revision)
{
    struct lede_deletion_list list = {0};
    enum lede_status st = lede_deletion_log_read(directory, 7, note, &list, ret_revision, NULL);
    *ret_count = list.count;
    lede_deletion_list_done(&list);
    return st;
}

static void what_was_logged_is_read_with_its_revision(void **state)
{
    size_t count = 0;
    uint64_t revision = 0;
    write_log(*state);
    assert_int_equal(read_log(*state, &count, &revision), LEDE_OK);
    assert_int_equal(count, 3);
    assert_int_equal(revision, 11);
}

static void a_last_frame_torn_anywhere_is_left_out(void **state)
{
    char path[128];
    struct stat facts;
    snprintf(path, sizeof(path), "%s/deletions-000007", (char *)*state);
    write_two_frames(*state);
    assert_int_equal(stat(path, &facts), 0);
    off_t first = 24 + 8;
    for (off_t size = facts.st_size; size >= first; size--) {
        size_t count = 0;
        uint64_t revision = 0;
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(read_log(*state, &count, &revision), LEDE_OK);
        assert_int_equal(count, size == facts.st_size ? 4 : 1);
        assert_int_equal(revision, size == facts.st_size ? 11 : 10);
    }
}

static void damage_before_the_last_frame_is_told(void **state)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/deletions-000007", (char *)*state);
    for (long at = 0; at < 32; at++) {
        size_t count = 0;
        uint64_t revision = 0;
        write_two_frames(*state);
        FILE *file = fopen(path, "r+");
        assert_non_null(file);
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x10, file);
        fclose(file);
        assert_int_equal(read_log(*state, &count, &revision), LEDE_ECORRUPT);
    }
}

static void a_log_that_is_not_there_is_told(void **state)
{
    size_t count = 0;
    uint64_t revision = 0;
    assert_int_equal(read_log(*state, &count, &revision), LEDE_ECORRUPT);
}

static void bitmaps_agree_with_arrays(void **state)
{
    (void)state;
    unsigned seed = 20220119;
    bool there[1000] = {false};
    struct lede_bitmap bitmap = {.bit_count = 1000};
    struct lede_bitmap copy = {0};
    uint32_t count = 0;
    assert_int_equal(lede_bitmap_next(&bitmap, 0), 1000);
    for (unsigned i = 0; i < 300; i++) {
        unsigned bit = (unsigned)rand_r(&seed) % 1000;
        count += !there[bit];
        there[bit] = true;
        assert_int_equal(lede_bitmap_set(&bitmap, bit, NULL), LEDE_OK);
    }
    assert_int_equal(bitmap.count, count);
    assert_int_equal(lede_bitmap_set(&bitmap, 1000, NULL), LEDE_ECORRUPT);
    assert_int_equal(lede_bitmap_copy(&bitmap, &copy), LEDE_OK);
    uint32_t next = lede_bitmap_next(&copy, 0);
    for (uint32_t bit = 0; bit < 1000; bit++) {
        assert_int_equal(lede_bitmap_has(&copy, bit), there[bit]);
        if (there[bit]) {
            assert_int_equal(next, bit);
            next = lede_bitmap_next(&copy, bit + 1);
        }
    }
    assert_int_equal(next, 1000);
    lede_bitmap_done(&bitmap);
    lede_bitmap_done(&copy);
}

static uint64_t hash_of(unsigned number)
{
    return lede_hash64(&number, sizeof(number));
}

static void fingerprints_miss_nothing_and_seldom_take_the_absent_for_present(void **state)
{
    (void)state;
    unsigned taken = 0;
    struct lede_fingerprints *fingerprints = lede_fingerprints_new(20000);
    assert_non_null(fingerprints);
    for (unsigned i = 0; i < 20000; i++)
        lede_fingerprints_add(fingerprints, hash_of(i));
    for (unsigned i = 0; i < 20000; i++)
        assert_true(lede_fingerprints_may_have(fingerprints, hash_of(i)));
    for (unsigned i = 20000; i < 120000; i++)
        taken += lede_fingerprints_may_have(fingerprints, hash_of(i));
    assert_true(taken < 2000);
    lede_fingerprints_free(fingerprints);
    assert_null(lede_fingerprints_new(LEDE_FINGERPRINT_IDS_MAX + 1));
    assert_true(lede_fingerprints_may_have(NULL, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)
        CASE(what_was_logged_is_read_with_its_revision),
        CASE(a_last_frame_torn_anywhere_is_left_out),
        CASE(damage_before_the_last_frame_is_told),
        CASE(a_log_that_is_not_there_is_told),
        cmocka_unit_test(bitmaps_agree_with_arrays),
        cmocka_unit_test(fingerprints_miss_nothing_and_seldom_take_the_absent_for_present),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
