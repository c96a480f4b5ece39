/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Against three real members of which one is killed, stopped or started again. */
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
#include <string.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)

static struct members members;

static struct lede_etcd *open_client(uint32_t timeout_ms)
{
    struct lede_etcd *client = NULL;
    assert_int_equal(lede_etcd_open(&(struct lede_etcd_options){.endpoints = members.endpoints,
                                        .timeout_ms = timeout_ms,
                                        .silence_ms = 1000},
                         &client, NULL),
        LEDE_OK);
    return client;
}

/* One that asks this member alone. */
static struct lede_etcd *open_client_of(size_t at)
{
    struct lede_etcd *client = NULL;
    char endpoint[64];
    snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u", members.items[at].client_port);
    struct lede_etcd_options options = {.endpoints = endpoint, .timeout_ms = 1000};
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    return client;
}

static double seconds_since(uint64_t begun_ns)
{
    return (double)(lede_time_monotonic_ns() - begun_ns) / 1e9;
}

/* Write until a write goes through. Returns how many did not. */
static size_t write_until_it_goes(struct lede_etcd *client, const char *what)
{
    uint64_t begun_ns = lede_time_monotonic_ns();
    struct lede_error error = {0};
    size_t failed = 0, unknown = 0;
    while (seconds_since(begun_ns) < 60) {
        enum lede_status st = put_key(client, "tried", "x", &error);
        if (st == LEDE_OK) {
            print_message(
                "# %s: the next write went through after %.2f s; before it %zu were surely "
                "not done, of %zu it is not known\n",
                what, seconds_since(begun_ns), failed - unknown, unknown);
            return failed;
        }
        assert_true(st == LEDE_EBUSY || st == LEDE_ETIMEOUT);
        failed++;
        unknown += st == LEDE_ETIMEOUT;
    }
    fail_msg("no write goes through: %s", error.message);
    return failed;
}

static void writes_go_on_after_the_leader_is_killed(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(1000);
    size_t leader = members_leader(&members);
    assert_int_equal(put_key(client, "before", "x", NULL), LEDE_OK);
    member_signal(&members, leader, SIGKILL);
    (void)write_until_it_goes(client, "leader killed");
    member_start(&members, leader);
    member_wait(&members, leader);
}

static void writes_go_on_beside_a_leader_that_is_stopped(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(1000);
    size_t leader = members_leader(&members);
    member_signal(&members, leader, SIGSTOP);
    (void)write_until_it_goes(client, "leader stopped");
    member_signal(&members, leader, SIGCONT);
    member_wait(&members, leader);
}

static void without_a_majority_nothing_is_told_as_done(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(2000);
    struct lede_error error = {0};
    assert_int_equal(put_key(client, "majority", "yes", NULL), LEDE_OK);
    member_signal(&members, 0, SIGKILL);
    member_signal(&members, 1, SIGKILL);
    uint64_t begun_ns = lede_time_monotonic_ns();
    enum lede_status st = put_key(client, "majority", "no", &error);
    print_message(
        "# after %.2f s: %s: %s\n", seconds_since(begun_ns), lede_status_name(st), error.message);
    assert_true(st == LEDE_EBUSY || st == LEDE_ETIMEOUT);
    assert_true(seconds_since(begun_ns) < 10);
    sleep(3); /* an election's time: then it is known that there is no leader */
    st = put_key(client, "majority", "never", &error);
    print_message("# later: %s: %s\n", lede_status_name(st), error.message);
    assert_int_equal(st, LEDE_EBUSY);
    member_start(&members, 0);
    member_start(&members, 1);
    for (size_t i = 0; i < 3; i++)
        member_wait(&members, i);
    assert_false(key_is(client, "majority", "never"));
}

/* The member has the request, or its kernel has: when it goes on it may do it, or see that nobody
 * waits for it any more. */
static void what_a_stopped_member_took_is_unknown(void **state)
{
    (void)state;
    struct lede_error error = {0};
    size_t leader = members_leader(&members), at = (leader + 1) % 3;
    struct lede_etcd *client = open_client_of(at);
    for (int i = 0; i < 30 && put_key(client, "taken", "0", NULL) != LEDE_OK; i++)
        usleep(100000);
    assert_true(key_is(client, "taken", "0"));
    member_signal(&members, at, SIGSTOP);
    uint64_t begun_ns = lede_time_monotonic_ns();
    assert_int_equal(put_key(client, "taken", "1", &error), LEDE_ETIMEOUT);
    assert_true(seconds_since(begun_ns) < 5);
    assert_non_null(strstr(error.message, "not known"));
    print_message("# %s\n", error.message);
    member_signal(&members, at, SIGCONT);
    member_wait(&members, at);
    sleep(2);
    print_message("# it was %s\n", key_is(client, "taken", "1") ? "done, later" : "not done");
    lede_etcd_free(client);
}

static void a_lease_outlives_the_leader(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(2000);
    LEDE_CLEANUP(lede_etcd_lease_freep) struct lede_etcd_lease *lease = NULL;
    bool succeeded = false;
    struct lede_etcd_lease_options options = {.ttl_s = 10};
    assert_int_equal(lede_etcd_lease_open(client, &options, &lease, NULL), LEDE_OK);
    assert_int_equal(
        create_key(client, "outlives", "", 0, lede_etcd_lease_id(lease), &succeeded), LEDE_OK);
    int64_t term = create_revision(client, "outlives");
    size_t leader = members_leader(&members);
    member_signal(&members, leader, SIGKILL);
    sleep(12);
    assert_true(lede_etcd_lease_is_held(lease));
    assert_int_equal(commit_fenced(client, "outlives", term, "still", &succeeded), LEDE_OK);
    assert_true(succeeded);
    member_start(&members, leader);
    member_wait(&members, leader);
}

/* While its holder hears nothing, it counts the lease as lost before etcd has ended it. */
static void a_lease_is_lost_here_before_etcd_ends_it(void **state)
{
    (void)state;
    struct lede_etcd_lease *lease = NULL;
    bool succeeded = false;
    size_t leader = members_leader(&members), at = (leader + 1) % 3;
    struct lede_etcd *own = open_client_of(at), *client = open_client_of(leader);
    struct lede_etcd_lease_options options = {.ttl_s = 5};
    assert_int_equal(lede_etcd_lease_open(own, &options, &lease, NULL), LEDE_OK);
    assert_int_equal(
        create_key(own, "mine", "", 0, lede_etcd_lease_id(lease), &succeeded), LEDE_OK);
    sleep(2);
    member_signal(&members, at, SIGSTOP); /* its own only way to etcd; the others go on */
    uint64_t begun_ns = lede_time_monotonic_ns();
    while (lede_etcd_lease_is_held(lease))
        usleep(5000);
    double lost_s = seconds_since(begun_ns);
    bool was_there = create_revision(client, "mine") != 0;
    while (create_revision(client, "mine") != 0 && seconds_since(begun_ns) < 30)
        usleep(10000);
    print_message(
        "# lost here after %.2f s, ended by etcd after %.2f s\n", lost_s, seconds_since(begun_ns));
    assert_true(was_there);
    member_signal(&members, at, SIGCONT);
    member_wait(&members, at);
    lede_etcd_lease_free(lease);
    lede_etcd_free(own);
    lede_etcd_free(client);
}

/* ---- A watch while members are killed ---- */

#define KILLS 6

struct writer {
    struct lede_etcd *client;
    atomic_bool stops;
    long number;
};

/* Puts 1, 2, 3 … each once, whatever is answered: an end that is not known is looked up. */
static void *write_numbers(void *context)
{
    struct writer *writer = context;
    while (!atomic_load(&writer->stops)) {
        char text[32];
        snprintf(text, sizeof(text), "%ld", writer->number + 1);
        enum lede_status st = put_key(writer->client, "numbers/n", text, NULL);
        if (st == LEDE_OK) {
            writer->number++;
            usleep(2000);
        } else if (st == LEDE_ETIMEOUT) {
            sleep(8); /* longer than etcd keeps what it has not decided */
            writer->number += key_is(writer->client, "numbers/n", text);
        }
    }
    return NULL;
}

static void a_watch_has_no_gap_and_no_duplicate_while_members_are_killed(void **state)
{
    (void)state;
    struct writer writer = {.client = open_client(20000)};
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(5000);
    struct watched watched;
    struct lede_etcd_watch *watch = NULL;
    pthread_t thread;
    watched_init(&watched);
    watched.is_counter = true;
    int64_t from = store_revision(client) + 1;
    assert_int_equal(
        lede_etcd_watch_open(client, "numbers/", 8, from, watched_take, &watched, &watch, NULL),
        LEDE_OK);
    assert_int_equal(pthread_create(&thread, NULL, write_numbers, &writer), 0);
    for (size_t i = 0; i < KILLS; i++) {
        sleep(1);
        size_t at = i % 2 == 0 ? members_leader(&members) : i % 3;
        member_signal(&members, at, i % 3 == 2 ? SIGSTOP : SIGKILL);
        sleep(2);
        if (i % 3 == 2)
            member_signal(&members, at, SIGCONT);
        else
            member_start(&members, at);
        member_wait(&members, at);
    }
    sleep(1);
    atomic_store(&writer.stops, true);
    pthread_join(thread, NULL);
    watched_wait(&watched, (size_t)writer.number);
    usleep(500000);
    print_message("# %ld numbers written, %zu told, %d members killed or stopped\n", writer.number,
        watched_count(&watched), KILLS);
    assert_int_equal(watched_count(&watched), writer.number);
    assert_int_equal(watched.faults, 0);
    assert_int_equal(watched.ends, writer.number);
    assert_true(writer.number > 100);
    lede_etcd_watch_free(watch);
    lede_etcd_free(writer.client);
}

static int start(void **state)
{
    (void)state;
    members_start(&members, 3);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    members_stop(&members);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_go_on_after_the_leader_is_killed),
        cmocka_unit_test(writes_go_on_beside_a_leader_that_is_stopped),
        cmocka_unit_test(without_a_majority_nothing_is_told_as_done),
        cmocka_unit_test(what_a_stopped_member_took_is_unknown),
        cmocka_unit_test(a_lease_outlives_the_leader),
        cmocka_unit_test(a_lease_is_lost_here_before_etcd_ends_it),
        cmocka_unit_test(a_watch_has_no_gap_and_no_duplicate_while_members_are_killed),
    };
    if (!members_are_there())
        return 0;
    return cmocka_run_group_tests_name("cluster etcd faults", tests, start, stop);
}
