/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Against three real members that are well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys.h"
#include "lede/time.h"
#include "members.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct members members;
static struct lede_etcd *client;

/* ---- Transactions ---- */

static void a_key_is_created_once(void **state)
{
    (void)state;
    bool succeeded = false;
    assert_int_equal(create_key(client, "once", "a", 1, 0, &succeeded), LEDE_OK);
    assert_true(succeeded);
    assert_int_equal(create_key(client, "once", "b", 1, 0, &succeeded), LEDE_OK);
    assert_false(succeeded);
    assert_true(key_is(client, "once", "a"));
}

static void a_transaction_does_what_its_compares_choose(void **state)
{
    (void)state;
    bool succeeded = false;
    assert_int_equal(create_key(client, "choice/a", "1", 1, 0, &succeeded), LEDE_OK);
    const struct lede_etcd_compare compares[] = {{.key = "choice/a",
        .key_size = 8,
        .target = LEDE_ETCD_VALUE,
        .relation = LEDE_ETCD_GREATER,
        .value = "5",
        .value_size = 1}};
    const struct lede_etcd_operation operations[] = {
        {.kind = LEDE_ETCD_RANGE, .key = "choice/", .key_size = 7, .is_prefix = true},
        {.kind = LEDE_ETCD_DELETE, .key = "choice/", .key_size = 7, .is_prefix = true},
        {.kind = LEDE_ETCD_RANGE, .key = "choice/", .key_size = 7, .is_prefix = true}};
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    assert_int_equal(lede_etcd_commit(client,
                         &(struct lede_etcd_txn){.compares = compares,
                             .compare_count = 1,
                             .otherwise = operations,
                             .otherwise_count = 3},
                         &result, NULL),
        LEDE_OK);
    assert_false(result.succeeded);
    assert_int_equal(result.count, 3);
    assert_int_equal(result.responses[0].pairs.count, 1);
    assert_string_equal(result.responses[0].pairs.items[0].value, "1");
    assert_int_equal(result.responses[1].deleted, 1);
    assert_int_equal(result.responses[2].pairs.count, 0);
    assert_true(result.revision > 1);
}

static void keys_and_values_are_any_bytes(void **state)
{
    (void)state;
    char all[256];
    for (size_t i = 0; i < sizeof(all); i++)
        all[i] = (char)i;
    const struct lede_etcd_operation then[] = {
        {.kind = LEDE_ETCD_PUT, .key = all, .key_size = 256, .value = all, .value_size = 256},
        {.kind = LEDE_ETCD_RANGE, .key = all, .key_size = 256}};
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    assert_int_equal(lede_etcd_commit(client,
                         &(struct lede_etcd_txn){.then = then, .then_count = 2}, &result, NULL),
        LEDE_OK);
    const struct lede_etcd_pair *pair = &result.responses[1].pairs.items[0];
    assert_int_equal(pair->key_size, 256);
    assert_memory_equal(pair->key, all, 256);
    assert_int_equal(pair->value_size, 256);
    assert_memory_equal(pair->value, all, 256);
}

/* ---- Sizes ---- */

static enum lede_status put_bytes(struct lede_etcd *with, size_t size, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *value = malloc(size);
    bool succeeded = false;
    memset(value, 'x', size);
    static int number;
    char key[32];
    snprintf(key, sizeof(key), "large/%d", number++);
    return create_key_bytes(with, key, value, size, 0, &succeeded, reterr);
}

static void a_mebibyte_passes_and_more_than_etcd_takes_is_refused(void **state)
{
    (void)state;
    struct lede_error error = {0};
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *open_handed = NULL;
    struct lede_etcd_options options = {
        .endpoints = members.endpoints, .request_bytes_max = (size_t)8 << 20};
    assert_int_equal(lede_etcd_open(&options, &open_handed, NULL), LEDE_OK);
    assert_int_equal(put_bytes(client, (size_t)1 << 20, NULL), LEDE_OK);
    assert_int_equal(put_bytes(client, 1677721, &error), LEDE_ELIMIT);
    print_message("# %s\n", error.message);
    /* The same of a client that does not know etcd's limit: etcd says it. */
    assert_int_equal(put_bytes(open_handed, 1677721, &error), LEDE_ELIMIT);
    print_message("# %s\n", error.message);
    assert_int_equal(put_bytes(open_handed, (size_t)3 << 20, &error), LEDE_ELIMIT);
    print_message("# %s\n", error.message);
}

/* ---- Races ---- */

#define RACERS 8
#define ROUNDS 50

static void *count_up(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++)
        while (!add_one(client, "counter"))
            ;
    return NULL;
}

static void a_counter_by_compare_and_set_loses_nothing(void **state)
{
    (void)state;
    pthread_t threads[RACERS];
    char expected[32];
    bool succeeded = false;
    assert_int_equal(create_key(client, "counter", "0", 1, 0, &succeeded), LEDE_OK);
    for (size_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (size_t i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
    snprintf(expected, sizeof(expected), "%d", RACERS * ROUNDS);
    assert_true(key_is(client, "counter", expected));
}

/* ---- Ranges ---- */

struct counted {
    size_t count, bytes;
    char last[64];
};

static enum lede_status count_pair(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    struct counted *counted = context;
    if (counted->count > 0 && strcmp(pair->key, counted->last) <= 0)
        return lede_fail(reterr, LEDE_EINTERNAL, "keys are not in order");
    snprintf(counted->last, sizeof(counted->last), "%s", pair->key);
    counted->bytes += pair->value_size;
    counted->count++;
    if (counted->count == 5) { /* what is written while pages are read is not in them */
        bool succeeded = false;
        (void)!create_key(client, "pages/zzz", "", 0, 0, &succeeded);
    }
    return LEDE_OK;
}

static void pages_are_of_one_revision(void **state)
{
    (void)state;
    struct counted counted = {0}, again = {0}, old = {0};
    int64_t revision = 0, later = 0;
    for (int i = 0; i < 50; i++) {
        char key[32];
        bool succeeded = false;
        snprintf(key, sizeof(key), "pages/%02d", i);
        assert_int_equal(create_key(client, key, "abc", 3, 0, &succeeded), LEDE_OK);
    }
    struct lede_etcd_range range = {.key = "pages/", .key_size = 6, .is_prefix = true, .page = 7};
    assert_int_equal(
        lede_etcd_read(client, &range, count_pair, &counted, &revision, NULL), LEDE_OK);
    assert_int_equal(counted.count, 50);
    assert_int_equal(counted.bytes, 150);
    range.keys_only = true;
    range.is_serializable = true;
    member_wait(&members, 0);
    assert_int_equal(lede_etcd_read(client, &range, count_pair, &again, &later, NULL), LEDE_OK);
    assert_int_equal(again.count, 51);
    assert_int_equal(again.bytes, 0);
    assert_true(later > revision);
    range.revision = revision;
    assert_int_equal(lede_etcd_read(client, &range, count_pair, &old, NULL, NULL), LEDE_OK);
    assert_int_equal(old.count, 50);
}

static void many_large_values_come_in_smaller_pages(void **state)
{
    (void)state;
    struct counted counted = {0};
    for (int i = 0; i < 20; i++)
        assert_int_equal(put_bytes(client, (size_t)1 << 20, NULL), LEDE_OK);
    struct lede_etcd_range range = {.key = "large/", .key_size = 6, .is_prefix = true};
    assert_int_equal(lede_etcd_read(client, &range, count_pair, &counted, NULL, NULL), LEDE_OK);
    assert_int_equal(counted.count, 21);
    assert_int_equal(counted.bytes, (size_t)21 << 20);
}

/* ---- Leases ---- */

static void a_leases_keys_go_with_it_and_what_is_fenced_by_them_fails(void **state)
{
    (void)state;
    struct lede_etcd_lease *lease = NULL;
    bool succeeded = false;
    struct lede_etcd_lease_options options = {.ttl_s = 2};
    assert_int_equal(lede_etcd_lease_open(client, &options, &lease, NULL), LEDE_OK);
    int64_t id = lede_etcd_lease_id(lease);
    assert_int_equal(create_key(client, "leader", "me", 2, id, &succeeded), LEDE_OK);
    int64_t term = create_revision(client, "leader");
    sleep(5);
    assert_true(lede_etcd_lease_is_held(lease));
    assert_int_equal(commit_fenced(client, "leader", term, "log/1", &succeeded), LEDE_OK);
    assert_true(succeeded);
    lede_etcd_lease_free(lease); /* nobody keeps it alive any more */
    uint64_t begun_ns = lede_time_monotonic_ns();
    while (create_revision(client, "leader") != 0) {
        assert_true(lede_time_monotonic_ns() - begun_ns < UINT64_C(20000000000));
        usleep(20000);
    }
    print_message("# the key went %.1f s after its lease was left\n",
        (double)(lede_time_monotonic_ns() - begun_ns) / 1e9);
    assert_int_equal(commit_fenced(client, "leader", term, "log/2", &succeeded), LEDE_OK);
    assert_false(succeeded);
    assert_int_equal(create_revision(client, "log/2"), 0);
    assert_int_equal(create_key(client, "late", "", 0, id, &succeeded), LEDE_ENOTFOUND);
}

static void a_lease_that_is_given_back_takes_its_keys_at_once(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_etcd_lease_freep) struct lede_etcd_lease *lease = NULL;
    bool succeeded = false;
    struct lede_etcd_lease_options options = {.ttl_s = 60};
    assert_int_equal(lede_etcd_lease_open(client, &options, &lease, NULL), LEDE_OK);
    assert_int_equal(
        create_key(client, "given", "", 0, lede_etcd_lease_id(lease), &succeeded), LEDE_OK);
    assert_int_equal(lede_etcd_lease_revoke(lease, NULL), LEDE_OK);
    assert_int_equal(create_revision(client, "given"), 0);
    assert_int_equal(lede_etcd_lease_revoke(lease, NULL), LEDE_OK); /* once more does no harm */
}

/* ---- Compaction ---- */

static void what_is_compacted_is_told_to_readers_and_watches(void **state)
{
    (void)state;
    struct watched watched = {0};
    struct lede_etcd_watch *watch = NULL;
    struct counted counted = {0};
    assert_true(add_one(client, "counter"));
    int64_t old = 2, now = store_revision(client);
    assert_int_equal(lede_etcd_compact(client, now, NULL), LEDE_OK);
    assert_int_equal(lede_etcd_compact(client, now, NULL), LEDE_OK);
    struct lede_etcd_range range = {.key = "a", .key_size = 1, .revision = old};
    assert_int_equal(
        lede_etcd_read(client, &range, count_pair, &counted, NULL, NULL), LEDE_ENOTFOUND);
    range.revision = now + 1000;
    assert_int_equal(lede_etcd_read(client, &range, count_pair, &counted, NULL, NULL), LEDE_EINPUT);
    watched_init(&watched);
    assert_int_equal(
        lede_etcd_watch_open(client, "counter", 7, old, watched_take, &watched, &watch, NULL),
        LEDE_OK);
    watched_wait(&watched, 1);
    assert_int_equal(watched.last_kind, LEDE_ETCD_EVENT_COMPACTED);
    assert_int_equal(watched.last_revision, now);
    lede_etcd_watch_free(watch);
}

/* ---- Watches ---- */

/* One transaction writes 100 keys of 14 KiB, more than etcd puts into one part. */
static void a_large_revision_is_told_whole_and_its_end_is_marked(void **state)
{
    (void)state;
    enum { KEYS = 100, BYTES = 14 << 10 };
    struct lede_etcd_operation then[KEYS];
    static char keys[KEYS][16], value[BYTES];
    struct watched watched = {0};
    struct lede_etcd_watch *watch = NULL;
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    memset(value, 'v', sizeof(value));
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof(keys[i]), "whole/%02zu", i);
        then[i] = (struct lede_etcd_operation){.kind = LEDE_ETCD_PUT,
            .key = keys[i],
            .key_size = strlen(keys[i]),
            .value = value,
            .value_size = BYTES};
    }
    int64_t from = store_revision(client) + 1;
    const struct lede_etcd_txn txn = {.then = then, .then_count = KEYS};
    assert_int_equal(lede_etcd_commit(client, &txn, &result, NULL), LEDE_OK);
    lede_etcd_result_done(&result);
    assert_int_equal(lede_etcd_commit(client, &txn, &result, NULL), LEDE_OK);
    watched_init(&watched);
    assert_int_equal(
        lede_etcd_watch_open(client, "whole/", 6, from, watched_take, &watched, &watch, NULL),
        LEDE_OK);
    watched_wait(&watched, (size_t)2 * KEYS);
    assert_int_equal(watched.ends, 2);
    assert_int_equal(watched.faults, 0);
    lede_etcd_watch_free(watch);
}

static void progress_is_told_where_nothing_happens(void **state)
{
    (void)state;
    struct watched watched = {0};
    struct lede_etcd_watch *watch = NULL;
    bool succeeded = false;
    watched_init(&watched);
    int64_t from = store_revision(client) + 1;
    assert_int_equal(
        lede_etcd_watch_open(client, "quiet/", 6, from, watched_take, &watched, &watch, NULL),
        LEDE_OK);
    assert_int_equal(create_key(client, "loud", "", 0, 0, &succeeded), LEDE_OK);
    int64_t now = store_revision(client);
    for (int i = 0; i < 500 && watched_progress(&watched) < now; i++)
        usleep(20000);
    assert_true(watched_progress(&watched) >= now);
    assert_int_equal(watched.count, 0);
    lede_etcd_watch_free(watch);
}

static int start(void **state)
{
    (void)state;
    members_start(&members, 3);
    return lede_etcd_open(&(struct lede_etcd_options){.endpoints = members.endpoints}, &client,
               NULL) != LEDE_OK;
}

static int stop(void **state)
{
    (void)state;
    lede_etcd_free(client);
    members_stop(&members);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_created_once),
        cmocka_unit_test(a_transaction_does_what_its_compares_choose),
        cmocka_unit_test(keys_and_values_are_any_bytes),
        cmocka_unit_test(a_mebibyte_passes_and_more_than_etcd_takes_is_refused),
        cmocka_unit_test(a_counter_by_compare_and_set_loses_nothing),
        cmocka_unit_test(pages_are_of_one_revision),
        cmocka_unit_test(many_large_values_come_in_smaller_pages),
        cmocka_unit_test(a_leases_keys_go_with_it_and_what_is_fenced_by_them_fails),
        cmocka_unit_test(a_lease_that_is_given_back_takes_its_keys_at_once),
        cmocka_unit_test(what_is_compacted_is_told_to_readers_and_watches),
        cmocka_unit_test(a_large_revision_is_told_whole_and_its_end_is_marked),
        cmocka_unit_test(progress_is_told_where_nothing_happens),
    };
    if (!members_are_there())
        return 0;
    return cmocka_run_group_tests_name("cluster etcd", tests, start, stop);
}
