/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Backups are whole and cost only what is new; restoring gives the archive back; compacting leaves
 * one segment a lane. */
#include "fixture.h"

#include "lede/care.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each body is a segment a lane. */
static const struct lede_store_options unmerged = {.merge = {.fan_in = UINT32_MAX}};

static const char *path_in(const struct fixture *fixture, const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, 160, "%s/%s", fixture->directory, name);
    return path;
}

static struct lede_backup_stats back_up(struct fixture *fixture, const char *name, bool may_link)
{
    struct lede_backup_stats stats = {0};
    struct lede_error error = {0};
    enum lede_status st =
        lede_store_backup(fixture->store, path_in(fixture, name), may_link, &stats, &error);
    if (st != LEDE_OK)
        print_message("%s\n", error.message);
    assert_int_equal(st, LEDE_OK);
    return stats;
}

/* Close the fixture's store and open another directory of the test in its place. */
static void open_instead(struct fixture *fixture, const char *name)
{
    fixture_close(fixture);
    snprintf(fixture->data, sizeof(fixture->data), "%s/%s", fixture->directory, name);
    fixture_open_with(fixture, unmerged);
}

static void a_backup_can_be_served_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 100, "ferry");
    assert_int_equal(delete_one(fixture->store, "a7"), LEDE_OK);
    struct lede_backup_stats stats = back_up(fixture, "backup", true);
    assert_int_equal(stats.documents, 99);
    assert_true(stats.bytes_linked > 0);
    /* What comes later is not in it. */
    index_many(fixture->store, "b", 30, "harbour");
    assert_int_equal(delete_one(fixture->store, "a8"), LEDE_OK);
    open_instead(fixture, "backup");
    assert_int_equal(count_found(fixture, "ferry"), 99);
    assert_int_equal(count_found(fixture, "harbour"), 0);
    assert_false(has_document(fixture, "a7"));
    assert_true(has_document(fixture, "a8"));
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

static void a_second_backup_writes_only_what_is_new(void **state)
{
    struct fixture *fixture = *state;
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 200, "ferry");
    struct lede_backup_stats first = back_up(fixture, "backup", false);
    assert_int_equal(first.segments_kept, 0);
    assert_true(first.bytes_copied > 0 && first.bytes_linked == 0);
    index_many(fixture->store, "b", 5, "harbour");
    assert_int_equal(delete_one(fixture->store, "a0"), LEDE_OK);
    struct lede_backup_stats second = back_up(fixture, "backup", false);
    assert_int_equal(second.segments_kept, first.segments);
    assert_true(second.segments > first.segments);
    assert_true(second.bytes_copied < first.bytes_copied);
    assert_int_equal(second.documents, 204);
    open_instead(fixture, "backup");
    assert_int_equal(count_found(fixture, "ferry"), 199);
    assert_int_equal(count_found(fixture, "harbour"), 5);
}

static void a_backup_of_nothing_can_be_served(void **state)
{
    struct fixture *fixture = *state;
    fixture_open_with(fixture, unmerged);
    assert_int_equal(back_up(fixture, "backup", true).segments, 0);
    open_instead(fixture, "backup");
    index_many(fixture->store, "a", 10, "ferry");
    assert_int_equal(count_found(fixture, "ferry"), 10);
}

static void restoring_gives_the_archive_back(void **state)
{
    struct fixture *fixture = *state;
    struct lede_backup_stats stats = {0};
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 90, "ferry");
    assert_int_equal(delete_one(fixture->store, "a1"), LEDE_OK);
    back_up(fixture, "backup", true);
    index_many(fixture->store, "a", 90, "strike");
    assert_int_equal(
        lede_backup_restore(path_in(fixture, "backup"), path_in(fixture, "again"), &stats, NULL),
        LEDE_OK);
    assert_int_equal(stats.documents, 89);
    open_instead(fixture, "again");
    assert_int_equal(count_found(fixture, "ferry"), 89);
    assert_int_equal(count_found(fixture, "strike"), 0);
    /* It is an archive like any other: written to, and no part of the backup. */
    index_many(fixture->store, "a", 90, "strike");
    assert_int_equal(count_found(fixture, "ferry"), 0);
    open_instead(fixture, "backup");
    assert_int_equal(count_found(fixture, "ferry"), 89);
}

static void only_a_new_directory_is_restored_into(void **state)
{
    struct fixture *fixture = *state;
    struct lede_backup_stats stats = {0};
    struct lede_error error;
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 10, "ferry");
    back_up(fixture, "backup", true);
    fixture_close(fixture);
    assert_int_equal(lede_backup_restore(path_in(fixture, "backup"), fixture->data, &stats, &error),
        LEDE_EEXISTS);
    assert_int_equal(lede_backup_restore(fixture->data, path_in(fixture, "again"), &stats, &error),
        LEDE_ENOTFOUND);
    assert_int_equal(
        lede_backup_restore(path_in(fixture, "nothing"), path_in(fixture, "again"), &stats, &error),
        LEDE_ENOTFOUND);
}

static void a_backup_overwrites_nothing_else(void **state)
{
    struct fixture *fixture = *state;
    struct lede_backup_stats stats = {0};
    struct lede_error error;
    fixture_open_with(fixture, unmerged);
    index_many(fixture->store, "a", 10, "ferry");
    assert_int_equal(mkdir(path_in(fixture, "home"), 0755), 0);
    FILE *file = fopen(path_in(fixture, "home/letter.txt"), "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(
        lede_store_backup(fixture->store, path_in(fixture, "home"), true, &stats, &error),
        LEDE_EEXISTS);
    assert_int_equal(access(path_in(fixture, "home/letter.txt"), F_OK), 0);
    /* Its own directory is held by itself. */
    assert_int_equal(
        lede_store_backup(fixture->store, fixture->data, true, &stats, &error), LEDE_EBUSY);
    /* Another archive's backup, whose segments have the same numbers. */
    back_up(fixture, "backup", true);
    open_instead(fixture, "other");
    index_many(fixture->store, "z", 10, "harbour");
    assert_int_equal(
        lede_store_backup(fixture->store, path_in(fixture, "backup"), true, &stats, &error),
        LEDE_EEXISTS);
    open_instead(fixture, "backup");
    assert_int_equal(count_found(fixture, "ferry"), 10);
}

struct writing {
    struct fixture *fixture;
    unsigned rounds;
};

static void *write_on(void *context)
{
    struct writing *writing = context;
    for (unsigned i = 0; i < writing->rounds; i++) {
        char prefix[16];
        snprintf(prefix, sizeof(prefix), "w%u-", i);
        index_many(writing->fixture->store, prefix, 7, "ferry");
    }
    return NULL;
}

static void a_backup_while_others_write_is_one_moment(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store_options merging = {.merge = {.fan_in = 3, .idle_fan_in = 2}};
    fixture_open_with(fixture, merging);
    struct writing writing = {fixture, 40};
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_on, &writing), 0);
    struct lede_backup_stats stats[6];
    for (unsigned i = 0; i < 6; i++)
        stats[i] = back_up(fixture, "backup", i % 2 == 0);
    pthread_join(writer, NULL);
    for (unsigned i = 1; i < 6; i++)
        assert_true(stats[i].documents >= stats[i - 1].documents);
    /* Bulks of seven: a commit has all of one or none. */
    assert_int_equal(stats[5].documents % 7, 0);
    open_instead(fixture, "backup");
    assert_int_equal(count_found(fixture, "ferry"), stats[5].documents);
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

static void compacting_leaves_one_segment_a_lane_and_nothing_deleted(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store_stats stats;
    fixture_open_with(fixture, unmerged);
    for (unsigned i = 0; i < 5; i++) {
        const char *prefixes[] = {"a", "b", "c", "d", "e"};
        index_many(fixture->store, prefixes[i], 60, "ferry");
    }
    index_many(fixture->store, "a", 50, "harbour");
    index_many(fixture->store, "b", 40, "harbour");
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_true(stats.segments > 6 && stats.deleted_documents == 90);
    assert_int_equal(lede_store_compact(fixture->store, NULL, NULL, NULL), LEDE_OK);
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    /* Two lanes. */
    assert_int_equal(stats.segments, 2);
    assert_int_equal(stats.deleted_documents, 0);
    assert_int_equal(count_found(fixture, "ferry"), 210);
    assert_int_equal(count_found(fixture, "harbour"), 90);
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_backup_can_be_served_as_it_is, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_second_backup_writes_only_what_is_new, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_backup_of_nothing_can_be_served, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            restoring_gives_the_archive_back, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            only_a_new_directory_is_restored_into, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_backup_overwrites_nothing_else, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_backup_while_others_write_is_one_moment, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(compacting_leaves_one_segment_a_lane_and_nothing_deleted,
            fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
