/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What survives: killed processes, torn journals, two processes at once, other versions, broken
 * directories. */
#include "fixture.h"

#include "lede/number.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Index in a child until it is killed; each finished bulk's number is written to the pipe. */
static void index_until_killed(struct fixture *fixture, int report)
{
    fixture_open(fixture);
    for (unsigned round = 0; round < 10000; round++) {
        char prefix[32];
        snprintf(prefix, sizeof(prefix), "k%u-", round);
        index_many(fixture->store, prefix, 7, "granite");
        if (round % 3 == 2) {
            snprintf(prefix, sizeof(prefix), "k%u-", round - 2);
            index_many(fixture->store, prefix, 7, "basalt");
        }
        if (write(report, &round, sizeof(round)) != sizeof(round))
            _exit(1);
    }
    _exit(0);
}

/* Returns the last round that was answered before the kill. */
static unsigned run_and_kill(struct fixture *fixture, unsigned milliseconds)
{
    int ends[2];
    unsigned last = 0;
    unsigned round = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        index_until_killed(fixture, ends[1]);
    }
    close(ends[1]);
    /* The first answer shows that the child is at work. */
    assert_int_equal(read(ends[0], &last, sizeof(last)), sizeof(last));
    usleep(milliseconds * 1000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &round, sizeof(round)) == sizeof(round))
        last = round;
    close(ends[0]);
    return last;
}

static void check_answered_rounds(struct fixture *fixture, unsigned last)
{
    for (unsigned round = 0; round <= last; round++) {
        bool replaced = round + 2 <= last && round % 3 == 0;
        for (unsigned i = 0; i < 7; i++) {
            char id[48];
            snprintf(id, sizeof(id), "k%u-%u", round, i);
            assert_true(has_document(fixture, id));
            if (replaced)
                assert_true(body_contains(fixture, id, "basalt"));
        }
    }
    /* Each document once: what the query finds is what the store counts. */
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_int_equal(count_found(fixture, "council"), stats.documents);
    assert_true(stats.documents >= 7 * (last + 1) && stats.documents <= 7 * (last + 3));
}

static void answered_writes_survive_sigkill_at_random_moments(void **state)
{
    struct fixture *fixture = *state;
    const char *text = getenv("LEDE_SEED");
    unsigned seed = text ? (unsigned)strtoul(text, NULL, 10) : 20220119u;
    print_message("# seed %u\n", seed);
    for (unsigned kill = 0; kill < 6; kill++) {
        char command[128];
        unsigned last = run_and_kill(fixture, (unsigned)rand_r(&seed) % 150);
        fixture_open(fixture);
        check_answered_rounds(fixture, last);
        fixture_close(fixture);
        snprintf(command, sizeof(command), "rm -rf '%s'", fixture->data);
        assert_int_equal(system(command), 0);
    }
}

static void a_torn_journal_tail_is_ignored(void **state)
{
    struct fixture *fixture = *state;
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    write_file(fixture->data, "journal/00000000000f0000",
        "LDJ2 and then nothing that was ever whole, yet longer than a header");
    fixture_open(fixture);
    assert_int_equal(count_found(fixture, "granite"), 3);
}

static void a_second_opening_is_refused_and_names_the_holder(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    struct lede_store *second = NULL;
    char pid[32];
    fixture_open(fixture);
    struct lede_store_options options = {.directory = fixture->data};
    assert_int_equal(lede_store_open(&options, &second, &error), LEDE_EBUSY);
    snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
    assert_non_null(strstr(error.message, pid));
    assert_null(second);
}

static void a_newer_data_directory_is_refused_and_left_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct lede_error error = {0};
    struct lede_store *store = NULL;
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    write_file(
        fixture->data, "manifest.json", "{\"format\": 99, \"analysis\": 1, \"whatever\": true}");
    struct lede_store_options options = {.directory = fixture->data};
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_EVERSION);
    assert_non_null(strstr(error.message, "newer"));
    struct stat facts;
    char segment[128];
    snprintf(segment, sizeof(segment), "%s/segments/000001", fixture->data);
    assert_int_equal(stat(segment, &facts), 0);
}

#define LEDE_STRINGIFY_AGAIN(value) #value
#define LEDE_STRINGIFY(value) LEDE_STRINGIFY_AGAIN(value)

static void a_damaged_manifest_is_refused_by_name(void **state)
{
#define ANALYSIS LEDE_STRINGIFY(LEDE_ANALYSIS_VERSION)
#define HEAD                                                                                       \
    "{\"format\": 3, \"analysis\": " ANALYSIS ", \"generation\": 1, \"deletions\": 0, \"lanes\": "
    static const char *const texts[] = {"", "{", "[]",
        "{\"format\": 3, \"analysis\": " ANALYSIS "}",
        HEAD "0, \"next_number\": 1, \"segments\": []}",
        HEAD
        "2, \"next_number\": 2, \"segments\": [{\"number\": 1, \"lane\": 7, \"state\": \"live\", "
        "\"documents\": 0, "
        "\"bytes\": 0, \"analysis\": 2}]}",
        HEAD
        "2, \"next_number\": 2, \"segments\": [{\"number\": 1, \"lane\": 0, \"state\": \"odd\", "
        "\"documents\": 0, "
        "\"bytes\": 0, \"analysis\": 2}]}",
        HEAD
        "2, \"next_number\": 1, \"segments\": [{\"number\": 1, \"lane\": 0, \"state\": \"live\", "
        "\"documents\": 0, "
        "\"bytes\": 0, \"analysis\": 2}]}"};
    struct fixture *fixture = *state;
    fixture_open(fixture);
    fixture_close(fixture);
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        struct lede_error error = {0};
        struct lede_store *store = NULL;
        struct lede_store_options options = {.directory = fixture->data};
        write_file(fixture->data, "manifest.json", texts[i]);
        assert_int_equal(lede_store_open(&options, &store, &error), LEDE_ECORRUPT);
        assert_non_null(strstr(error.message, "manifest.json"));
    }
}

static void a_directory_that_cannot_be_made_is_refused_by_name(void **state)
{
    struct lede_error error = {0};
    struct lede_store *store = (struct lede_store *)state;
    struct lede_store_options options = {.directory = "/proc/no-such-place/data"};
    assert_int_equal(lede_store_open(&options, &store, &error), LEDE_EIO);
    assert_non_null(strstr(error.message, "/proc/no-such-place/data"));
    assert_ptr_equal(store, state);
}

static void a_segment_directory_that_no_manifest_lists_is_removed(void **state)
{
    struct fixture *fixture = *state;
    char stray[128];
    struct stat facts;
    fixture_open(fixture);
    index_many(fixture->store, "a", 3, "granite");
    fixture_close(fixture);
    snprintf(stray, sizeof(stray), "%s/segments/000099", fixture->data);
    assert_int_equal(mkdir(stray, 0700), 0);
    fixture_open(fixture);
    assert_int_equal(stat(stray, &facts), -1);
    assert_int_equal(count_found(fixture, "granite"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(answered_writes_survive_sigkill_at_random_moments),
        CASE(a_torn_journal_tail_is_ignored),
        CASE(a_second_opening_is_refused_and_names_the_holder),
        CASE(a_newer_data_directory_is_refused_and_left_as_it_is),
        CASE(a_damaged_manifest_is_refused_by_name),
        CASE(a_directory_that_cannot_be_made_is_refused_by_name),
        CASE(a_segment_directory_that_no_manifest_lists_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
