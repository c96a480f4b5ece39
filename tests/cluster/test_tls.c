/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members that show certificates, and want to see one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys.h"
#include "members.h"

#include <stdio.h>
#include <string.h>

static struct members members;

static void a_client_and_members_that_know_each_other_speak_tls(void **state)
{
    (void)state;
    struct lede_etcd_options options = members_options(&members);
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = NULL;
    LEDE_CLEANUP(lede_etcd_lease_freep) struct lede_etcd_lease *lease = NULL;
    struct lede_etcd_watch *watch = NULL;
    struct watched watched;
    bool succeeded = false;
    assert_int_equal(strncmp(members.endpoints, "https://", 8), 0);
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    watched_init(&watched);
    assert_int_equal(
        lede_etcd_watch_open(client, "k", 1, 1, watched_take, &watched, &watch, NULL), LEDE_OK);
    assert_int_equal(
        lede_etcd_lease_open(client, &(struct lede_etcd_lease_options){.ttl_s = 30}, &lease, NULL),
        LEDE_OK);
    assert_int_equal(
        create_key(client, "k", "v", 1, lede_etcd_lease_id(lease), &succeeded), LEDE_OK);
    watched_wait(&watched, 1);
    assert_true(key_is(client, "k", "v"));
    lede_etcd_watch_free(watch);
}

static void a_member_that_somebody_else_vouches_for_is_sent_nothing(void **state)
{
    (void)state;
    struct lede_etcd_options options = members_options(&members);
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = NULL;
    struct lede_error error = {0};
    options.ca_file = members_file(&members, "other.pem");
    options.timeout_ms = 500;
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    assert_int_equal(put_key(client, "stranger", "x", &error), LEDE_EBUSY);
    print_message("# %s\n", error.message);
    assert_non_null(strstr(error.message, "certificate"));
}

static void a_client_without_a_certificate_writes_nothing(void **state)
{
    (void)state;
    struct lede_etcd_options options = members_options(&members);
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *stranger = NULL;
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = NULL;
    struct lede_error error = {0};
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    options.cert_file = options.key_file = NULL;
    options.timeout_ms = 500;
    assert_int_equal(lede_etcd_open(&options, &stranger, NULL), LEDE_OK);
    enum lede_status st = put_key(stranger, "stranger", "x", &error);
    print_message("# %s: %s\n", lede_status_name(st), error.message);
    assert_int_not_equal(st, LEDE_OK);
    assert_int_equal(create_revision(client, "stranger"), 0);
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
        cmocka_unit_test(a_client_and_members_that_know_each_other_speak_tls),
        cmocka_unit_test(a_member_that_somebody_else_vouches_for_is_sent_nothing),
        cmocka_unit_test(a_client_without_a_certificate_writes_nothing),
    };
    if (!members_are_there() || !members_start_tls(&members, 1))
        return 0;
    return cmocka_run_group_tests_name("cluster tls", tests, NULL, stop);
}
