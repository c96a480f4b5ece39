/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frozen result sets: what they keep, and that nobody waits while one is made. */
#include "frozen_results.h"
#include "lede/time.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HITS 1000000
#define TRIES 5

struct archive {
    struct lede_frozen_results *results;
    struct lede_hit *hits;
    char (*ids)[16];
    uint64_t set;
    int is_freezing; /* atomic */
};

static int setup(void **state)
{
    struct archive *archive = calloc(1, sizeof(*archive));
    archive->hits = calloc(HITS, sizeof(*archive->hits));
    archive->ids = calloc(HITS, sizeof(*archive->ids));
    for (unsigned i = 0; i < HITS; i++) {
        snprintf(archive->ids[i], sizeof(archive->ids[i]), "hit-%u", i);
        archive->hits[i].id = archive->ids[i];
    }
    *state = archive;
    return lede_frozen_results_new(&archive->results) == LEDE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    struct archive *archive = *state;
    lede_frozen_results_free(archive->results);
    free(archive->hits);
    free(archive->ids);
    free(archive);
    return 0;
}

static uint64_t note_page(struct archive *archive, uint64_t search, size_t count, uint32_t skipped)
{
    uint64_t set = 0;
    assert_int_equal(lede_frozen_results_note(
                         archive->results, search, archive->hits + skipped, count, skipped, &set),
        LEDE_OK);
    return set;
}

static void a_set_has_all_hits_but_those_before_and_on_its_first_page(void **state)
{
    struct archive *archive = *state;
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    const char **ids = NULL;
    size_t count = 0;
    uint32_t size = 0;
    bool frozen = true;
    uint64_t set = note_page(archive, 1, 10, 5);
    assert_int_equal(lede_frozen_results_find(archive->results, set, &frozen), LEDE_OK);
    assert_false(frozen);
    assert_int_equal(
        lede_frozen_results_freeze(archive->results, set, archive->hits, 100), LEDE_OK);
    assert_int_equal(lede_frozen_results_freeze(archive->results, set, archive->hits, 50), LEDE_OK);
    assert_int_equal(
        lede_frozen_results_copy(archive->results, set, 80, 10, &arena, &ids, &count, &size),
        LEDE_OK);
    assert_int_equal(size, 85);
    assert_int_equal(count, 5);
    assert_string_equal(ids[0], "hit-95");
    assert_int_equal(
        lede_frozen_results_freeze(archive->results, set + 1, archive->hits, 1), LEDE_ENOTFOUND);
}

static void *freeze(void *context)
{
    struct archive *archive = context;
    enum lede_status st =
        lede_frozen_results_freeze(archive->results, archive->set, archive->hits, HITS);
    __atomic_store_n(&archive->is_freezing, 0, __ATOMIC_SEQ_CST);
    return st == LEDE_OK ? archive : NULL;
}

/* Look another set up again and again while one is frozen. Returns whether no look-up took half as
 * long as that did. */
static bool nobody_waits(struct archive *archive, uint64_t other)
{
    pthread_t thread;
    void *done = NULL;
    bool frozen = false;
    uint64_t longest_ns = 0, begun_ns = lede_time_monotonic_ns();
    __atomic_store_n(&archive->is_freezing, 1, __ATOMIC_SEQ_CST);
    assert_int_equal(pthread_create(&thread, NULL, freeze, archive), 0);
    while (__atomic_load_n(&archive->is_freezing, __ATOMIC_SEQ_CST) == 1) {
        struct timespec pause = {.tv_nsec = 100000};
        nanosleep(&pause, NULL);
        uint64_t asked_ns = lede_time_monotonic_ns();
        enum lede_status st = lede_frozen_results_find(archive->results, other, &frozen);
        uint64_t took_ns = lede_time_monotonic_ns() - asked_ns;
        assert_int_equal(st, LEDE_OK);
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
    }
    assert_int_equal(pthread_join(thread, &done), 0);
    assert_non_null(done);
    return longest_ns < (lede_time_monotonic_ns() - begun_ns) / 2;
}

/* A look-up takes less than a thousandth of the time that freezing a million hits does; where a
 * busy machine gave this thread none meanwhile, it is tried again. */
static void other_sets_are_found_while_a_large_one_is_frozen(void **state)
{
    struct archive *archive = *state;
    uint64_t other = note_page(archive, 1, 10, 0);
    bool passed = false;
    for (uint64_t i = 0; i < TRIES && !passed; i++) {
        archive->set = note_page(archive, 2 + i, 1000, 0);
        passed = nobody_waits(archive, other);
    }
    assert_true(passed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_set_has_all_hits_but_those_before_and_on_its_first_page),
        TEST(other_sets_are_found_while_a_large_one_is_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
