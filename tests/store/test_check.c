/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checking finds what is damaged, mending loses no document that can be read and brings none back
 * that was deleted. */
#include "fixture.h"

#include "lede/care.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each body is a segment. */
static const struct lede_store_options unmerged = {.lanes = 1, .merge = {.fan_in = UINT32_MAX}};

struct findings {
    unsigned counts[LEDE_FINDING_LOST + 1];
    char all[16384];
};

static void take_finding(void *context, const struct lede_finding *finding)
{
    struct findings *findings = context;
    findings->counts[finding->kind]++;
    size_t used = strlen(findings->all);
    snprintf(findings->all + used, sizeof(findings->all) - used, "%s: %s\n", finding->place,
        finding->what);
}

static struct lede_check_stats check(
    const struct fixture *fixture, bool repair, struct findings *findings)
{
    struct lede_check_stats stats = {0};
    struct lede_error error = {0};
    memset(findings, 0, sizeof(*findings));
    struct lede_check_options options = {
        .directory = fixture->data, .repair = repair, .tell = take_finding, .context = findings};
    enum lede_status st = lede_store_check(&options, &stats, &error);
    if (st != LEDE_OK)
        print_message("%s\n", error.message);
    assert_int_equal(st, LEDE_OK);
    return stats;
}

/* Four segments of twenty; a5 is deleted; the store is closed. */
static void build(struct fixture *fixture)
{
    fixture_open_with(fixture, unmerged);
    for (unsigned i = 0; i < 4; i++) {
        char prefix[] = {(char)('a' + i), '\0'};
        index_many(fixture->store, prefix, 20, "ferry");
    }
    assert_int_equal(delete_one(fixture->store, "a5"), LEDE_OK);
    fixture_close(fixture);
}

/* The path of a file of the lowest segment. */
static void path_of(const struct fixture *fixture, const char *file, char path[256])
{
    unsigned lowest = UINT32_MAX;
    snprintf(path, 256, "%s/segments", fixture->data);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
        unsigned number = (unsigned)strtoul(entry->d_name, NULL, 10);
        if (number > 0 && number < lowest)
            lowest = number;
    }
    closedir(directory);
    snprintf(path, 256, "%s/segments/%06u/%s", fixture->data, lowest, file);
}

/* Change bytes that are not zero, from a place on, since blocks are full of unused ones; from the
 * beginning where no others follow. */
static void flip(const char *path, off_t from, unsigned count)
{
    unsigned wanted = count;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    unsigned char byte;
    for (off_t at = from; count > 0 && pread(fd, &byte, 1, at) == 1; at++) {
        if (byte == 0)
            continue;
        byte ^= 0x5a;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        count--;
    }
    close(fd);
    if (count == wanted && from > 0)
        flip(path, 0, count);
}

static void a_whole_archive_has_no_problem(void **state)
{
    struct fixture *fixture = *state;
    struct findings findings;
    build(fixture);
    struct lede_check_stats stats = check(fixture, false, &findings);
    assert_int_equal(stats.problems, 0);
    assert_int_equal(stats.documents, 79);
    assert_int_equal(stats.lost, 0);
    assert_true(stats.segments >= 4);
}

static void checking_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct findings findings;
    char path[256];
    build(fixture);
    path_of(fixture, "postlist.glass", path);
    flip(path, 0, 6000);
    assert_true(check(fixture, false, &findings).problems > 0);
    assert_true(check(fixture, false, &findings).problems > 0);
}

static void damaged_postings_are_made_anew_from_the_documents(void **state)
{
    struct fixture *fixture = *state;
    struct findings findings;
    char path[256];
    build(fixture);
    path_of(fixture, "postlist.glass", path);
    flip(path, 4000, 20); /* of terms; the digests, by which documents are proved, lie elsewhere */
    struct lede_check_stats stats = check(fixture, true, &findings);
    assert_int_equal(stats.repaired, 1);
    assert_int_equal(stats.problems, 0);
    assert_int_equal(stats.documents, 79);
    assert_int_equal(check(fixture, false, &findings).problems, 0);
    fixture_open_with(fixture, unmerged);
    assert_int_equal(count_found(fixture, "ferry"), 79);
    assert_int_equal(count_found(fixture, "\"a3 ferry\" OR \"ferry a3\" OR a3"), 1);
    assert_false(has_document(fixture, "a5"));
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

static void documents_that_cannot_be_read_are_named_and_the_others_kept(void **state)
{
    struct fixture *fixture = *state;
    struct findings findings;
    struct stat info;
    char path[256];
    build(fixture);
    path_of(fixture, "docdata.glass", path);
    assert_int_equal(stat(path, &info), 0);
    flip(path, info.st_size / 2, 900);
    struct lede_check_stats found = check(fixture, false, &findings);
    assert_true(found.problems > 0);
    struct lede_check_stats stats = check(fixture, true, &findings);
    assert_true(stats.lost > 0);
    assert_true(findings.counts[LEDE_FINDING_LOST] > 0);
    assert_int_equal(stats.documents + stats.lost, 79);
    fixture_open_with(fixture, unmerged);
    assert_int_equal(count_found(fixture, "ferry"), stats.documents);
    assert_false(has_document(fixture, "a5"));
    assert_true(has_document(fixture, "b0"));
}

static void a_segment_of_which_nothing_is_left_does_not_take_the_others_with_it(void **state)
{
    struct fixture *fixture = *state;
    struct findings findings;
    char path[256];
    build(fixture);
    path_of(fixture, "iamglass", path);
    assert_int_equal(truncate(path, 10), 0);
    struct lede_check_stats stats = check(fixture, true, &findings);
    assert_int_equal(stats.lost, 19);
    assert_int_equal(stats.documents, 60);
    fixture_open_with(fixture, unmerged);
    assert_int_equal(count_found(fixture, "ferry"), 60);
    fixture_close(fixture);
    /* The damaged files are there for whoever can do more with them. */
    assert_int_equal(access(path, F_OK), 0);
    assert_true(check(fixture, false, &findings).problems > 0);
}

static void an_archive_in_use_is_not_looked_at(void **state)
{
    struct fixture *fixture = *state;
    struct lede_check_stats stats;
    struct lede_error error;
    fixture_open_with(fixture, unmerged);
    struct lede_check_options options = {.directory = fixture->data};
    assert_int_equal(lede_store_check(&options, &stats, &error), LEDE_EBUSY);
    options.directory = "/nonexistent";
    assert_int_equal(lede_store_check(&options, &stats, &error), LEDE_ENOTFOUND);
    options.directory = fixture->directory;
    assert_int_equal(lede_store_check(&options, &stats, &error), LEDE_ENOTFOUND);
}

/* Bytes flipped anywhere: checking always ends, and what it says is whole can be found. */
static void damage_anywhere_is_survived(void **state)
{
    static const char *const files[] = {"postlist.glass", "docdata.glass", "iamglass"};
    (void)state;
    const char *count = getenv("LEDE_TEST_CASES");
    const char *given = getenv("LEDE_TEST_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : 20261125;
    unsigned cases = count ? (unsigned)strtoul(count, NULL, 10) : 8;
    print_message("# seed %u, %u cases\n", seed, cases);
    for (unsigned i = 0; i < cases; i++) {
        void *own = NULL;
        struct findings findings;
        struct stat info;
        char path[256];
        assert_int_equal(fixture_setup(&own), 0);
        struct fixture *fixture = own;
        build(fixture);
        path_of(fixture, files[rand_r(&seed) % LEDE_COUNT_OF(files)], path);
        assert_int_equal(stat(path, &info), 0);
        off_t from = rand_r(&seed) % info.st_size;
        flip(path, from, 1 + rand_r(&seed) % 64);
        assert_true(check(fixture, false, &findings).problems > 0);
        struct lede_check_stats stats = check(fixture, true, &findings);
        assert_true(stats.documents >= 60);
        fixture_open_with(fixture, unmerged);
        assert_int_equal(count_found(fixture, "ferry"), stats.documents);
        assert_int_equal(fixture_teardown(&own), 0);
    }
}

/* How many files may be open, at first what the test has and so many more. */
static void limit_files(rlim_t more)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int lowest = open("/dev/null", O_RDONLY);
    limit.rlim_cur = more == RLIM_INFINITY ? limit.rlim_max : (rlim_t)lowest + more;
    close(lowest);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void want_of_descriptors_is_no_damage_and_mends_nothing(void **state)
{
    struct fixture *fixture = *state;
#ifdef __SANITIZE_ADDRESS__
    print_message("# not run: UndefinedBehaviorSanitizer needs descriptors of its own\n");
    return;
#endif
    unsigned unable = 0;
    build(fixture);
    for (rlim_t i = 2; i < 32; i++) {
        rlim_t more = i / 2;
        struct findings findings = {0};
        struct lede_check_stats stats = {0};
        struct lede_check_options options = {.directory = fixture->data,
            .repair = i % 2,
            .tell = take_finding,
            .context = &findings};
        limit_files(more);
        enum lede_status st = lede_store_check(&options, &stats, NULL);
        limit_files(RLIM_INFINITY);
        unable += st != LEDE_OK;
        if (stats.problems + stats.repaired + stats.lost > 0)
            print_message("# %u more: %s", (unsigned)more, findings.all);
        assert_int_equal(stats.problems + stats.repaired + stats.lost, 0);
    }
    assert_true(unable > 0 && unable < 30);
    struct findings findings;
    assert_int_equal(check(fixture, false, &findings).documents, 79);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_whole_archive_has_no_problem, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(checking_changes_nothing, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            damaged_postings_are_made_anew_from_the_documents, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(documents_that_cannot_be_read_are_named_and_the_others_kept,
            fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            a_segment_of_which_nothing_is_left_does_not_take_the_others_with_it, fixture_setup,
            fixture_teardown),
        cmocka_unit_test_setup_teardown(
            an_archive_in_use_is_not_looked_at, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            want_of_descriptors_is_no_damage_and_mends_nothing, fixture_setup, fixture_teardown),
        cmocka_unit_test(damage_anywhere_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
