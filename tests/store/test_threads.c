/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many writers and readers at once: run under ThreadSanitizer too. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITERS 4
#define READERS 3
#define ROUNDS 12
#define DOCUMENTS 20
#define LIST_BYTES 50000 /* some lists of some segments */

struct shared {
    struct fixture *fixture;
    atomic_bool stop;
    atomic_uint problems;
    atomic_uint searches;
};

struct writer {
    struct shared *shared;
    unsigned number;
};

/* cmocka's asserts jump: no place for them in other threads, so problems are counted. */
static void note(struct shared *shared, bool fine)
{
    if (!fine)
        atomic_fetch_add(&shared->problems, 1);
}

static void *write_rounds(void *context)
{
    struct writer *writer = context;
    struct lede_reader *reader = NULL;
    note(
        writer->shared, lede_reader_open(writer->shared->fixture->store, &reader, NULL) == LEDE_OK);
    for (unsigned round = 0; round < ROUNDS; round++) {
        char prefix[32];
        char id[48];
        struct lede_buffer stored = {0};
        snprintf(prefix, sizeof(prefix), "w%u-%u-", writer->number, round % 4);
        index_many(
            writer->shared->fixture->store, prefix, DOCUMENTS, round % 2 ? "basalt" : "granite");
        snprintf(id, sizeof(id), "%s%u", prefix, DOCUMENTS - 1);
        /* What was answered can be read at once. */
        note(writer->shared, lede_reader_refresh(reader, NULL) == LEDE_OK);
        note(writer->shared,
            lede_reader_get(reader, id, strlen(id), &stored, NULL, NULL) == LEDE_OK);
        note(writer->shared, stored.data && strstr(stored.data, round % 2 ? "basalt" : "granite"));
        lede_buffer_done(&stored);
    }
    lede_reader_free(reader);
    return NULL;
}

static void search_once(
    struct shared *shared, struct lede_reader *reader, const struct lede_query *query)
{
    struct lede_search_result result = {0};
    struct lede_search search = {.query = query,
        .after_utc_s = LEDE_TIME_NONE,
        .before_utc_s = LEDE_TIME_NONE,
        .now_utc_s = 1700000000,
        .limit = 1000};
    enum lede_status st = lede_reader_refresh(reader, NULL);
    if (st == LEDE_OK)
        st = lede_reader_search(reader, &search, &result, NULL);
    note(shared, st == LEDE_OK || st == LEDE_EBUSY);
    /* A bulk is seen whole or not at all, and no document twice. */
    note(shared, st != LEDE_OK || result.total <= WRITERS * 4 * DOCUMENTS);
    note(shared, st != LEDE_OK || result.total == result.hit_count);
    lede_search_result_done(&result);
    atomic_fetch_add(&shared->searches, 1);
}

static void *search_until_stopped(void *context)
{
    struct shared *shared = context;
    struct lede_reader *reader = NULL;
    struct lede_analyzer *analyzer = NULL;
    struct lede_query *query = NULL;
    struct lede_query_options options = {.languages = ~UINT64_C(0)};
    note(shared, lede_reader_open(shared->fixture->store, &reader, NULL) == LEDE_OK);
    note(shared, lede_analyzer_new(&analyzer, NULL) == LEDE_OK);
    note(shared, lede_query_parse("council", 7, &options, analyzer, &query, NULL) == LEDE_OK);
    do
        search_once(shared, reader, query);
    while (!atomic_load(&shared->stop));
    lede_query_free(query);
    lede_analyzer_free(analyzer);
    lede_reader_free(reader);
    return NULL;
}

static void write_and_search(struct fixture *fixture, struct lede_store_options options)
{
    struct shared shared = {.fixture = fixture};
    struct writer writers[WRITERS];
    pthread_t writer_threads[WRITERS];
    pthread_t reader_threads[READERS];
    fixture_open_with(fixture, options);
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(
            pthread_create(&reader_threads[i], NULL, search_until_stopped, &shared), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){&shared, i};
        assert_int_equal(pthread_create(&writer_threads[i], NULL, write_rounds, &writers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(writer_threads[i], NULL);
    atomic_store(&shared.stop, true);
    for (unsigned i = 0; i < READERS; i++)
        pthread_join(reader_threads[i], NULL);
    assert_int_equal(atomic_load(&shared.problems), 0);
    assert_true(atomic_load(&shared.searches) > 0);
    assert_int_equal(count_found(fixture, "council"), WRITERS * 4 * DOCUMENTS);
}

static void concurrent_writers_and_readers_see_only_whole_answers(void **state)
{
    write_and_search(*state, (struct lede_store_options){0});
}

/* What searches hold lives on where others take its place. */
static void lists_that_make_room_for_others_are_read_again(void **state)
{
    struct fixture *fixture = *state;
    struct lede_store_stats stats = {0};
    write_and_search(fixture, (struct lede_store_options){.list_cache_bytes = LIST_BYTES});
    assert_int_equal(lede_store_stats(fixture->store, &stats, NULL), LEDE_OK);
    assert_true(stats.lists.evictions > 0);
    assert_true(stats.lists.bytes <= LIST_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            concurrent_writers_and_readers_see_only_whole_answers, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(
            lists_that_make_room_for_others_are_read_again, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
