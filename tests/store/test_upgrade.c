/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store whose segments an older version has indexed serves, takes writes, and is indexed anew in
 * the background until nothing old is left, whatever ends the process meanwhile. */
#include "fixture.h"

#include "lede/care.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEGMENTS 6
#define DOCUMENTS 40 /* of each */
#define WAIT_MS 20000

static const struct lede_store_options resting = {.merge = {.fan_in = UINT32_MAX}};
/* Nothing is merged but what is old. */
static const struct lede_store_options upgrading = {.merge = {.fan_in = 8, .idle_fan_in = 8}};

/* Say that all segments of the closed store are of the version before. */
static void age(const struct fixture *fixture)
{
    char command[400];
    snprintf(command, sizeof(command),
        "cd '%s' && python3 -c \"import json; m = json.load(open('manifest.json')); "
        "[s.update(analysis=%d) for s in m['segments']]; json.dump(m, open('manifest.json', "
        "'w'))\"",
        fixture->data, LEDE_ANALYSIS_VERSION - 1);
    assert_int_equal(system(command), 0);
}

static void make_old_archive(struct fixture *fixture)
{
    fixture_open_with(fixture, resting);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        char prefix[8];
        snprintf(prefix, sizeof(prefix), "s%u-", i);
        index_many(fixture->store, prefix, DOCUMENTS, "granite");
    }
    assert_int_equal(delete_one(fixture->store, "s0-0"), LEDE_OK);
    fixture_close(fixture);
    age(fixture);
}

static uint64_t count_old(const struct fixture *fixture)
{
    struct lede_store_stats stats;
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    return stats.older_documents;
}

static void wait_until_nothing_is_old(const struct fixture *fixture)
{
    for (unsigned ms = 0; count_old(fixture) > 0; ms += 10) {
        assert_true(ms < WAIT_MS);
        usleep(10000);
    }
}

static void an_older_archive_serves_and_takes_writes_before_it_is_indexed_anew(void **state)
{
    struct fixture *fixture = *state;
    make_old_archive(fixture);
    fixture_open_with(fixture, resting);
    assert_int_equal(count_old(fixture), SEGMENTS * DOCUMENTS - 1);
    assert_int_equal(count_found(fixture, "granite"), SEGMENTS * DOCUMENTS - 1);
    enum lede_write_outcome outcome;
    assert_int_equal(delete_one(fixture->store, "s1-1"), LEDE_OK);
    assert_int_equal(index_one(fixture->store, "s2-2", "basalt", &outcome), LEDE_OK);
    assert_int_equal(count_old(fixture), SEGMENTS * DOCUMENTS - 3);
    fixture_close(fixture);
    fixture_open_with(fixture, resting);
    assert_int_equal(count_old(fixture), SEGMENTS * DOCUMENTS - 3);
    assert_int_equal(count_found(fixture, "granite"), SEGMENTS * DOCUMENTS - 3);
    assert_int_equal(count_found(fixture, "basalt"), 1);
}

static void it_is_indexed_anew_in_the_background_with_every_write_and_deletion(void **state)
{
    struct fixture *fixture = *state;
    make_old_archive(fixture);
    fixture_open_with(fixture, upgrading);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        char id[16];
        enum lede_write_outcome outcome;
        snprintf(id, sizeof(id), "s%u-7", i);
        assert_int_equal(delete_one(fixture->store, id), LEDE_OK);
        snprintf(id, sizeof(id), "s%u-8", i);
        assert_int_equal(index_one(fixture->store, id, "basalt", &outcome), LEDE_OK);
    }
    wait_until_nothing_is_old(fixture);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(count_found(fixture, "granite"), SEGMENTS * (DOCUMENTS - 2) - 1);
        assert_int_equal(count_found(fixture, "basalt"), SEGMENTS);
        assert_false(has_document(fixture, "s3-7"));
        assert_false(has_document(fixture, "s0-0"));
        fixture_close(fixture);
        fixture_check_segments(fixture);
        fixture_open_with(fixture, resting);
        assert_int_equal(count_old(fixture), 0);
    }
}

static void compacting_indexes_anew_what_is_old(void **state)
{
    struct fixture *fixture = *state;
    make_old_archive(fixture);
    fixture_open_with(fixture, (struct lede_store_options){0});
    assert_int_equal(lede_store_compact(fixture->store, NULL, NULL, NULL), LEDE_OK);
    assert_int_equal(count_old(fixture), 0);
    assert_int_equal(count_found(fixture, "granite"), SEGMENTS * DOCUMENTS - 1);
}

/* A process that upgrades, deletes and writes, and tells each number that was answered. */
static void write_until_killed(struct fixture *fixture, unsigned first, int report)
{
    fixture_open_with(fixture, upgrading);
    for (unsigned i = first; i < first + DOCUMENTS; i++) {
        char id[16];
        enum lede_write_outcome outcome;
        snprintf(id, sizeof(id), "s%u-%u", 1 + i % (SEGMENTS - 1), i % DOCUMENTS);
        enum lede_status st = i % 2 ? delete_one(fixture->store, id)
                                    : index_one(fixture->store, id, "basalt", &outcome);
        /* Unanswered, it may have been deleted by the process before. */
        bool done = st == LEDE_OK || (i == first && st == LEDE_ENOTFOUND);
        if (!done || write(report, &i, sizeof(i)) != sizeof(i))
            _exit(1);
    }
    usleep(WAIT_MS * 1000);
    _exit(1);
}

static unsigned run_and_kill(struct fixture *fixture, unsigned first, unsigned answers)
{
    int ends[2];
    unsigned number = first;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(fixture, first, ends[1]);
    }
    close(ends[1]);
    for (unsigned i = 0; i < answers; i++)
        assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &number, sizeof(number)) == sizeof(number))
        ;
    close(ends[0]);
    return number + 1;
}

static void killed_in_the_middle_it_goes_on_after_the_next_start(void **state)
{
    struct fixture *fixture = *state;
    make_old_archive(fixture);
    unsigned next = 0;
    for (unsigned round = 0; round < 5; round++)
        next = run_and_kill(fixture, next, 1 + round);
    fixture_open_with(fixture, upgrading);
    wait_until_nothing_is_old(fixture);
    for (unsigned i = 0; i < next; i++) {
        char id[16];
        snprintf(id, sizeof(id), "s%u-%u", 1 + i % (SEGMENTS - 1), i % DOCUMENTS);
        if (i % 2)
            assert_false(has_document(fixture, id));
        else
            assert_true(body_contains(fixture, id, "basalt"));
    }
    /* The write after the last answer may have been done. */
    uint32_t all = count_found(fixture, "granite") + count_found(fixture, "basalt");
    assert_in_range(
        all, SEGMENTS * DOCUMENTS - 1 - next / 2 - 1, SEGMENTS * DOCUMENTS - 1 - next / 2);
    fixture_close(fixture);
    fixture_check_segments(fixture);
}

static void a_backup_of_an_older_archive_says_so(void **state)
{
    struct fixture *fixture = *state;
    struct lede_backup_stats stats;
    char backup[100];
    make_old_archive(fixture);
    fixture_open_with(fixture, resting);
    snprintf(backup, sizeof(backup), "%s/backup", fixture->directory);
    assert_int_equal(lede_store_backup(fixture->store, backup, false, &stats, NULL), LEDE_OK);
    fixture_close(fixture);
    snprintf(fixture->data, sizeof(fixture->data), "%s/restored", fixture->directory);
    assert_int_equal(lede_backup_restore(backup, fixture->data, &stats, NULL), LEDE_OK);
    fixture_open_with(fixture, resting);
    assert_int_equal(count_old(fixture), SEGMENTS * DOCUMENTS - 1);
}

/* What was an unknown key when it was stored, and is a field now, may hold anything. */
static void values_that_a_field_cannot_take_stop_neither_merges_nor_reads(void **state)
{
    struct fixture *fixture = *state;
    static const char *const shapes[] = {"\"tags\":5", "\"source\":[\"a\",\"b\"]",
        "\"places\":{\"name\":\"x\"}", "\"updated\":\"soon\"", "\"people\":[1,[2]]",
        "\"section\":\"a\\u001Fb\""};
    fixture_open_with(fixture, resting);
    for (size_t i = 0; i < LEDE_COUNT_OF(shapes); i++) {
        char text[200];
        struct lede_write write = {.kind = LEDE_WRITE_INDEX};
        enum lede_write_outcome outcome = LEDE_FAILED;
        unsigned char digest[16];
        snprintf(text, sizeof(text),
            "{\"body\":\"granite\",%s,\"published\":\"2022-01-01T00:00:00Z\",\"id\":\"shape%zu\"}",
            shapes[i], i);
        assert_int_equal(
            lede_document_from_stored(text, strlen(text), &write.document, NULL), LEDE_OK);
        assert_int_equal(
            lede_store_write(fixture->store, &write, &outcome, digest, NULL, NULL), LEDE_OK);
        index_many(fixture->store, i % 2 ? "x" : "y", 4, "basalt");
    }
    fixture_close(fixture);
    age(fixture);
    fixture_open_with(fixture, upgrading);
    wait_until_nothing_is_old(fixture);
    assert_int_equal(lede_store_compact(fixture->store, NULL, NULL, NULL), LEDE_OK);
    assert_int_equal(count_found(fixture, "granite"), LEDE_COUNT_OF(shapes));
    for (size_t i = 0; i < LEDE_COUNT_OF(shapes); i++) {
        char id[16];
        snprintf(id, sizeof(id), "shape%zu", i);
        assert_true(body_contains(fixture, id, shapes[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        CASE(an_older_archive_serves_and_takes_writes_before_it_is_indexed_anew),
        CASE(it_is_indexed_anew_in_the_background_with_every_write_and_deletion),
        CASE(compacting_indexes_anew_what_is_old),
        CASE(killed_in_the_middle_it_goes_on_after_the_next_start),
        CASE(values_that_a_field_cannot_take_stop_neither_merges_nor_reads),
        CASE(a_backup_of_an_older_archive_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
