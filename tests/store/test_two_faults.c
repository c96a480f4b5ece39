/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two faults in a row: a call that fails, and what comes next ends in a kill. What was answered is
 * there.
 *
 * fsync() and fdatasync() of this file stand before libc's, so that one of them can be made to
 * fail. */
#include "fixture.h"

#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 20000

static char failing_path[128];   /* what fails has this at the end of its path */
static atomic_int passing_syncs; /* of it, before the one that fails */
static atomic_int failing_syncs;

static bool fails(int fd)
{
    char link[64];
    char path[256] = "";
    if (atomic_load(&failing_syncs) == 0)
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof(path) - 1);
    size_t wanted = strlen(failing_path);
    if (size < (ssize_t)wanted || !strstr(path, failing_path))
        return false;
    bool is_at_end = strcmp(path + strlen(path) - wanted, failing_path) == 0;
    bool is_below = failing_path[wanted - 1] == '/';
    if ((!is_at_end && !is_below) || atomic_fetch_sub(&passing_syncs, 1) > 0)
        return false;
    atomic_fetch_sub(&failing_syncs, 1);
    errno = EIO;
    return true;
}

int fsync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

/* The next sync but so many of a path that ends so, or is below it where it ends in '/', fails. */
static void fail_next_sync(const char *path, int passing)
{
    atomic_store(&passing_syncs, passing);
    snprintf(failing_path, sizeof(failing_path), "%s", path);
    atomic_store(&failing_syncs, 1);
}

static void wait_until_it_failed(void)
{
    for (int i = 0; i < WAIT_MS && atomic_load(&failing_syncs) > 0; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&failing_syncs), 0);
}

/* Run in a child that ends as by kill -9; an assertion in it that fails is seen by its status. */
static void in_a_killed_process(struct fixture *fixture, void (*run)(struct fixture *fixture))
{
    pid_t child = fork();
    int status = 0;
    assert_true(child >= 0);
    if (child == 0) {
        run(fixture);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* ---- A failed sync of a group in which nothing changed ---- */

static void wait_for_created(struct lede_store *store, uint64_t count)
{
    struct lede_store_stats stats = {0};
    for (int i = 0; i < WAIT_MS && stats.writes_created < count; i++) {
        assert_int_equal(lede_store_stats(store, &stats, NULL), LEDE_OK);
        usleep(1000);
    }
    assert_int_equal(stats.writes_created, count);
}

static void add(struct lede_bulk *bulk, unsigned number)
{
    char id[32];
    snprintf(id, sizeof(id), "b%u", number);
    struct lede_write write = {
        .kind = LEDE_WRITE_INDEX, .document = document_of(id, "The council heard about granite.")};
    assert_int_equal(lede_bulk_add(bulk, &write, NULL), LEDE_OK);
}

static void bulk_around_a_failed_sync(struct fixture *fixture)
{
    struct lede_bulk_options options = {0};
    struct lede_bulk *bulk = NULL;
    enum lede_write_outcome outcome;
    fixture_open(fixture);
    assert_int_equal(index_one(fixture->store, "one", "granite", &outcome), LEDE_OK);
    assert_int_equal(lede_bulk_new(fixture->store, &options, &bulk, NULL), LEDE_OK);
    /* As many as are handed over together: they are journalled, and nobody waits for the sync. */
    for (unsigned i = 0; i < 1024; i++)
        add(bulk, i);
    wait_for_created(fixture->store, 1025);
    fail_next_sync("/data/journal/", 0);
    (void)!index_one(fixture->store, "one", "granite", &outcome);
    wait_until_it_failed();
    add(bulk, 1024);
    assert_int_equal(lede_bulk_finish(bulk, NULL, NULL), LEDE_OK);
    lede_bulk_free(bulk);
    assert_int_equal(count_found(fixture, "granite"), 1026);
}

static void a_failed_sync_of_a_group_without_changes_takes_no_other_groups_frame_back(void **state)
{
    struct fixture *fixture = *state;
    in_a_killed_process(fixture, bulk_around_a_failed_sync);
    fixture_open(fixture);
    assert_int_equal(count_found(fixture, "granite"), 1026);
}

/* ---- A list that is there, and a failed sync of its directory ---- */

static void index_numbered(struct fixture *fixture, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++) {
        char id[32];
        enum lede_write_outcome outcome;
        snprintf(id, sizeof(id), "n%u", i);
        assert_int_equal(index_one(fixture->store, id, "granite", &outcome), LEDE_OK);
    }
}

static uint64_t merges_of(struct lede_store *store)
{
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(store, &stats, NULL), LEDE_OK);
    return stats.merges;
}

static void merges_behind_a_failed_sync(struct fixture *fixture)
{
    fixture_open(fixture);
    index_numbered(fixture, 0, 6);
    /* The first is that of the new log of deletions, the second that of the new list. */
    fail_next_sync("/data", 1);
    wait_until_it_failed();
    uint64_t merges = merges_of(fixture->store);
    /* Without a pause, so that no list is written: what a merge has joined is still listed. */
    for (unsigned i = 6; i < 2000 && merges_of(fixture->store) < merges + 3; i++)
        index_numbered(fixture, i, i + 1);
    assert_true(merges_of(fixture->store) >= merges + 3);
    lede_reader_free(fixture->reader);
    fixture->reader = NULL;
    index_numbered(fixture, 2000, 2002);
    usleep(20000); /* the mergers sweep */
}

static void assert_listed_segments_exist(const struct fixture *fixture)
{
    char path[160];
    size_t index;
    json_t *entry;
    snprintf(path, sizeof(path), "%s/manifest.json", fixture->data);
    json_t *manifest = json_load_file(path, 0, NULL);
    assert_non_null(manifest);
    json_array_foreach (json_object_get(manifest, "segments"), index, entry) {
        struct stat facts;
        snprintf(path, sizeof(path), "%s/segments/%06d", fixture->data,
            (int)json_integer_value(json_object_get(entry, "number")));
        if (stat(path, &facts) != 0)
            print_message("# %s is listed and gone\n", path);
        assert_int_equal(stat(path, &facts), 0);
    }
    json_decref(manifest);
}

static void what_the_disks_list_names_stays_though_its_sync_failed(void **state)
{
    struct fixture *fixture = *state;
    in_a_killed_process(fixture, merges_behind_a_failed_sync);
    assert_listed_segments_exist(fixture);
    fixture_open(fixture);
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_int_equal(stats.quarantined_count, 0);
    assert_true(has_document(fixture, "n0"));
    assert_int_equal(count_found(fixture, "granite"), stats.documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(a_failed_sync_of_a_group_without_changes_takes_no_other_groups_frame_back),
        CASE(what_the_disks_list_names_stays_though_its_sync_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
