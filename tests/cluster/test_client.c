/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the client does when a member breaks off, says nonsense, or says nothing: against a member
 * that does so at will. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_etcd.h"
#include "lede/etcd.h"
#include "lede/time.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS UINT64_C(1000000)
#define HEADER "\"header\":{\"revision\":\"9\"}"
#define DONE "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}"
#define NO_LEADER "{\"message\":\"etcdserver: no leader\",\"code\":14}"

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static struct lede_etcd *open_client(const char *endpoints, uint32_t timeout_ms)
{
    struct lede_etcd *client = NULL;
    struct lede_etcd_options options = {.endpoints = endpoints,
        .timeout_ms = timeout_ms,
        .silence_ms = 300,
        .answer_bytes_max = (size_t)64 << 10};
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_OK);
    return client;
}

static enum lede_status put(struct lede_etcd *client, struct lede_error *reterr)
{
    const struct lede_etcd_operation then[] = {
        {.kind = LEDE_ETCD_PUT, .key = "k", .key_size = 1, .value = "v", .value_size = 1}};
    struct lede_etcd_result result = {0};
    enum lede_status st = lede_etcd_commit(
        client, &(struct lede_etcd_txn){.then = then, .then_count = 1}, &result, reterr);
    lede_etcd_result_done(&result);
    return st;
}

/* An address at which nobody listens. */
static void free_endpoint(char ret_text[64])
{
    struct fake *fake = fake_start(NULL, NULL);
    snprintf(ret_text, 64, "%s", fake_endpoint(fake));
    fake_stop(fake);
}

/* ---- Addresses ---- */

static void addresses_are_schemes_hosts_and_ports(void **state)
{
    (void)state;
    static const char *const good[] = {"http://127.0.0.1:2379", "https://[::1]:2379/",
        "http://a:1, http://b:2,http://c", " http://a "};
    static const char *const bad[] = {"", "127.0.0.1:2379", "ftp://a", "http://", "http://a/b",
        "http://a?b", "http://u:p@a", "http://a,,http://b", "http://a http://b", "http://a,",
        "http://a:99999"};
    for (size_t i = 0; i < LEDE_COUNT_OF(good) + LEDE_COUNT_OF(bad); i++) {
        LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = NULL;
        bool is_good = i < LEDE_COUNT_OF(good);
        const char *text = is_good ? good[i] : bad[i - LEDE_COUNT_OF(good)];
        enum lede_status st =
            lede_etcd_open(&(struct lede_etcd_options){.endpoints = text}, &client, NULL);
        if (st != (is_good ? LEDE_OK : LEDE_EINPUT))
            fail_msg("'%s': %s", text, lede_status_name(st));
    }
}

static void half_a_certificate_is_refused(void **state)
{
    (void)state;
    struct lede_etcd *client = NULL;
    struct lede_etcd_options options = {.endpoints = "https://a", .cert_file = "c.pem"};
    assert_int_equal(lede_etcd_open(&options, &client, NULL), LEDE_EINPUT);
    assert_null(client);
}

/* ---- What became of a transaction ---- */

static void nobody_there_is_surely_not_done(void **state)
{
    (void)state;
    char endpoint[64];
    struct lede_error error = {0};
    free_endpoint(endpoint);
    LEDE_CLEANUP(lede_etcd_freep) struct lede_etcd *client = open_client(endpoint, 300);
    uint64_t begun_ns = lede_time_monotonic_ns();
    assert_int_equal(put(client, &error), LEDE_EBUSY);
    assert_true(lede_time_monotonic_ns() - begun_ns < 5000 * NS_PER_MS);
}

static bool answer_done(void *context, const struct fake_request *request)
{
    (void)context;
    return fake_answer(request, 200, DONE);
}

static void the_next_member_is_asked_where_one_is_not_there(void **state)
{
    (void)state;
    char nobody[64], endpoints[200];
    free_endpoint(nobody);
    struct fake *fake = fake_start(answer_done, NULL);
    snprintf(endpoints, sizeof(endpoints), "%s,%s", nobody, fake_endpoint(fake));
    struct lede_etcd *client = open_client(endpoints, 2000);
    assert_int_equal(put(client, NULL), LEDE_OK);
    assert_int_equal(put(client, NULL), LEDE_OK);
    assert_int_equal(fake_request_count(fake), 2);
    lede_etcd_free(client);
    fake_stop(fake);
}

static bool answer_no_leader_twice(void *context, const struct fake_request *request)
{
    (void)context;
    return request->number < 2 ? fake_answer(request, 503, NO_LEADER)
                               : fake_answer(request, 200, DONE);
}

static void a_transaction_is_sent_again_while_there_is_no_leader(void **state)
{
    (void)state;
    struct fake *fake = fake_start(answer_no_leader_twice, NULL);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 2000);
    assert_int_equal(put(client, NULL), LEDE_OK);
    assert_int_equal(fake_request_count(fake), 3);
    lede_etcd_free(client);
    fake_stop(fake);
}

static bool answer_once_then_close(void *context, const struct fake_request *request)
{
    (void)context;
    return request->number == 0 && fake_answer(request, 200, DONE);
}

/* libcurl sends again what broke on a connection that it had kept. */
static void a_transaction_whose_connection_breaks_is_unknown_and_sent_once(void **state)
{
    (void)state;
    struct lede_error error = {0};
    struct fake *fake = fake_start(answer_once_then_close, NULL);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 2000);
    assert_int_equal(put(client, NULL), LEDE_OK);
    assert_int_equal(put(client, &error), LEDE_ETIMEOUT);
    assert_non_null(strstr(error.message, "not known"));
    sleep_ms(100);
    assert_int_equal(fake_request_count(fake), 2);
    lede_etcd_free(client);
    fake_stop(fake);
}

static bool say_nothing(void *context, const struct fake_request *request)
{
    (void)context;
    fake_wait_for_end(request);
    return false;
}

static void a_silent_member_makes_a_transaction_unknown_in_its_time(void **state)
{
    (void)state;
    struct fake *fake = fake_start(say_nothing, NULL);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 300);
    uint64_t begun_ns = lede_time_monotonic_ns();
    assert_int_equal(put(client, NULL), LEDE_ETIMEOUT);
    assert_in_range((lede_time_monotonic_ns() - begun_ns) / NS_PER_MS, 290, 4000);
    assert_int_equal(fake_request_count(fake), 1);
    lede_etcd_free(client);
    fake_stop(fake);
}

static bool answer_text(void *context, const struct fake_request *request)
{
    return fake_answer(request, 200, context);
}

static void nonsense_makes_a_transaction_unknown(void **state)
{
    (void)state;
    static char huge[80 << 10];
    memset(huge, ' ', sizeof(huge) - 1);
    static char empty[] = "", html[] = "<html>", nothing[] = "{}";
    static char short_of[] = "{" HEADER ",\"succeeded\":true}";
    char *texts[] = {empty, html, nothing, short_of, huge};
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        struct fake *fake = fake_start(answer_text, texts[i]);
        struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
        assert_int_equal(put(client, NULL), LEDE_ETIMEOUT);
        lede_etcd_free(client);
        fake_stop(fake);
    }
}

static void what_is_too_large_is_refused_before_it_is_sent(void **state)
{
    (void)state;
    static const char value[1] = "";
    struct lede_error error = {0};
    struct lede_etcd_result result = {0};
    struct fake *fake = fake_start(answer_done, NULL);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
    const struct lede_etcd_operation then[] = {{.kind = LEDE_ETCD_PUT,
        .key = "k",
        .key_size = 1,
        .value = value,
        .value_size = LEDE_ETCD_REQUEST_BYTES_MAX}};
    assert_int_equal(lede_etcd_commit(client,
                         &(struct lede_etcd_txn){.then = then, .then_count = 1}, &result, &error),
        LEDE_ELIMIT);
    assert_non_null(strstr(error.message, "1572864"));
    assert_int_equal(fake_request_count(fake), 0);
    lede_etcd_free(client);
    fake_stop(fake);
}

/* ---- Ranges ---- */

static bool answer_small_pages(void *context, const struct fake_request *request)
{
    char huge[80 << 10] = "";
    (void)context;
    if (!strstr(request->body, "\"limit\":\"1\"")) {
        memset(huge, ' ', sizeof(huge) - 1);
        return fake_answer(request, 200, huge);
    }
    if (strstr(request->body, "\"key\":\"YQ==\"")) /* a; the second page begins with a, NUL */
        return fake_answer(request, 200,
            "{" HEADER ",\"more\":true,\"count\":\"2\",\"kvs\":[{\"key\":\"YQ==\","
            "\"mod_revision\":\"3\"}]}");
    if (!strstr(request->body, "\"key\":\"YQA=\"") || !strstr(request->body, "\"revision\":\"9\""))
        return false;
    return fake_answer(request, 200,
        "{\"header\":{\"revision\":\"11\"},\"count\":\"1\",\"kvs\":[{\"key\":\"YWI=\","
        "\"mod_revision\":\"4\"}]}");
}

static enum lede_status note_key(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    (void)reterr;
    strcat(context, pair->key);
    strcat(context, " ");
    return LEDE_OK;
}

static void a_page_that_is_too_large_is_asked_for_in_smaller_ones(void **state)
{
    (void)state;
    char keys[32] = "";
    int64_t revision = 0;
    struct fake *fake = fake_start(answer_small_pages, NULL);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 2000);
    struct lede_etcd_range range = {.key = "a", .key_size = 1, .is_prefix = true, .page = 4};
    assert_int_equal(lede_etcd_read(client, &range, note_key, keys, &revision, NULL), LEDE_OK);
    assert_string_equal(keys, "a ab ");
    assert_int_equal(revision, 9);
    lede_etcd_free(client);
    fake_stop(fake);
}

static void a_read_goes_to_the_next_member_where_one_is_silent(void **state)
{
    (void)state;
    char endpoints[200], keys[32] = "";
    struct fake *silent = fake_start(say_nothing, NULL);
    static char pair[] = "{" HEADER ",\"kvs\":[{\"key\":\"YQ==\",\"mod_revision\":\"3\"}]}";
    struct fake *other = fake_start(answer_text, pair);
    snprintf(endpoints, sizeof(endpoints), "%s,%s", fake_endpoint(silent), fake_endpoint(other));
    struct lede_etcd *client = open_client(endpoints, 1000);
    struct lede_etcd_range range = {.key = "a", .key_size = 1};
    assert_int_equal(lede_etcd_read(client, &range, note_key, keys, NULL, NULL), LEDE_OK);
    assert_string_equal(keys, "a ");
    lede_etcd_free(client);
    fake_stop(silent);
    fake_stop(other);
}

/* ---- Leases ---- */

struct lease_script {
    atomic_bool is_mute;              /* keepalives are not answered */
    atomic_bool is_gone;              /* etcd has ended it */
    atomic_int delay_ms;              /* of an answer */
    atomic_int keepalives;            /* that were asked for */
    atomic_uint_fast64_t received_ns; /* when the last one came that will be answered */
    atomic_int losses;                /* that were told */
};

static bool answer_leases(void *context, const struct fake_request *request)
{
    struct lease_script *script = context;
    if (strstr(request->path, "grant")) {
        atomic_store(&script->received_ns, lede_time_monotonic_ns());
        return fake_answer(request, 200, "{" HEADER ",\"ID\":\"77\",\"TTL\":\"2\"}");
    }
    if (strstr(request->path, "revoke"))
        return fake_answer(request, 200, "{" HEADER "}");
    atomic_fetch_add(&script->keepalives, 1);
    if (atomic_load(&script->is_mute)) {
        fake_wait_for_end(request);
        return false;
    }
    atomic_store(&script->received_ns, lede_time_monotonic_ns());
    sleep_ms(atomic_load(&script->delay_ms));
    return fake_answer(request, 200,
        atomic_load(&script->is_gone) ? "{\"result\":{\"ID\":\"77\"}}"
                                      : "{\"result\":{\"ID\":\"77\",\"TTL\":\"2\"}}");
}

static void note_loss(void *context)
{
    struct lease_script *script = context;
    atomic_fetch_add(&script->losses, 1);
}

static struct lede_etcd_lease *open_lease(struct lede_etcd *client, struct lease_script *script)
{
    struct lede_etcd_lease *lease = NULL;
    struct lede_etcd_lease_options options = {
        .ttl_s = 2, .margin_ms = 500, .on_lost = note_loss, .context = script};
    assert_int_equal(lede_etcd_lease_open(client, &options, &lease, NULL), LEDE_OK);
    assert_int_equal(lede_etcd_lease_id(lease), 77);
    assert_true(lede_etcd_lease_is_held(lease));
    return lease;
}

/* What is left is never more than what follows from the moment at which etcd got the last
 * keepalive: it was sent before that. */
static void check_left(struct lede_etcd_lease *lease, struct lease_script *script)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    uint64_t left_ms = lede_etcd_lease_left_ms(lease);
    uint64_t until_ns = atomic_load(&script->received_ns) + (2000 - 500) * NS_PER_MS;
    assert_true(now_ns + left_ms * NS_PER_MS <= until_ns || left_ms == 0);
}

static void a_lease_is_lost_a_margin_before_its_time_counted_from_the_sending(void **state)
{
    (void)state;
    struct lease_script script = {.delay_ms = 250}; /* less than a member has time for */
    struct fake *fake = fake_start(answer_leases, &script);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
    struct lede_etcd_lease *lease = open_lease(client, &script);
    uint64_t begun_ns = lede_time_monotonic_ns();
    while (atomic_load(&script.keepalives) < 4) {
        check_left(lease, &script);
        sleep_ms(5);
    }
    assert_true(lede_time_monotonic_ns() - begun_ns > 1600 * NS_PER_MS); /* it was prolonged */
    atomic_store(&script.is_mute, true);
    while (lede_etcd_lease_is_held(lease)) {
        check_left(lease, &script);
        sleep_ms(5);
    }
    for (int i = 0; i < 500 && atomic_load(&script.losses) == 0; i++)
        sleep_ms(10);
    assert_int_equal(atomic_load(&script.losses), 1);
    assert_false(lede_etcd_lease_is_held(lease));
    lede_etcd_lease_free(lease);
    lede_etcd_free(client);
    fake_stop(fake);
}

static void a_lease_that_etcd_has_ended_is_lost_at_once(void **state)
{
    (void)state;
    struct lease_script script = {.is_gone = true};
    struct fake *fake = fake_start(answer_leases, &script);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
    struct lede_etcd_lease *lease = open_lease(client, &script);
    for (int i = 0; i < 1000 && atomic_load(&script.losses) == 0; i++)
        sleep_ms(10);
    assert_int_equal(atomic_load(&script.losses), 1);
    assert_int_equal(atomic_load(&script.keepalives), 1); /* by its time it would be asked again */
    assert_false(lede_etcd_lease_is_held(lease));
    assert_int_equal(lede_etcd_lease_left_ms(lease), 0);
    lede_etcd_lease_free(lease);
    lede_etcd_free(client);
    fake_stop(fake);
}

static void a_lease_that_was_given_back_is_not_held_and_not_told_as_lost(void **state)
{
    (void)state;
    struct lease_script script = {0};
    struct fake *fake = fake_start(answer_leases, &script);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
    struct lede_etcd_lease *lease = open_lease(client, &script);
    assert_int_equal(lede_etcd_lease_revoke(lease, NULL), LEDE_OK);
    assert_false(lede_etcd_lease_is_held(lease));
    sleep_ms(1000);
    assert_int_equal(atomic_load(&script.losses), 0);
    lede_etcd_lease_free(lease);
    lede_etcd_free(client);
    fake_stop(fake);
}

static void what_waits_for_a_mute_member_ends_at_once_when_it_is_freed(void **state)
{
    (void)state;
    struct lease_script script = {.is_mute = true};
    struct fake *fake = fake_start(answer_leases, &script);
    struct lede_etcd *client = open_client(fake_endpoint(fake), 1000);
    struct lede_etcd_lease *lease = open_lease(client, &script);
    while (atomic_load(&script.keepalives) < 1)
        sleep_ms(2);
    uint64_t begun_ns = lede_time_monotonic_ns();
    lede_etcd_lease_free(lease);
    assert_true(lede_time_monotonic_ns() - begun_ns < 1000 * NS_PER_MS);
    assert_int_equal(atomic_load(&script.losses), 0);
    lede_etcd_free(client);
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_schemes_hosts_and_ports),
        cmocka_unit_test(half_a_certificate_is_refused),
        cmocka_unit_test(nobody_there_is_surely_not_done),
        cmocka_unit_test(the_next_member_is_asked_where_one_is_not_there),
        cmocka_unit_test(a_transaction_is_sent_again_while_there_is_no_leader),
        cmocka_unit_test(a_transaction_whose_connection_breaks_is_unknown_and_sent_once),
        cmocka_unit_test(a_silent_member_makes_a_transaction_unknown_in_its_time),
        cmocka_unit_test(nonsense_makes_a_transaction_unknown),
        cmocka_unit_test(what_is_too_large_is_refused_before_it_is_sent),
        cmocka_unit_test(a_page_that_is_too_large_is_asked_for_in_smaller_ones),
        cmocka_unit_test(a_read_goes_to_the_next_member_where_one_is_silent),
        cmocka_unit_test(a_lease_is_lost_a_margin_before_its_time_counted_from_the_sending),
        cmocka_unit_test(a_lease_that_etcd_has_ended_is_lost_at_once),
        cmocka_unit_test(a_lease_that_was_given_back_is_not_held_and_not_told_as_lost),
        cmocka_unit_test(what_waits_for_a_mute_member_ends_at_once_when_it_is_freed),
    };
    return cmocka_run_group_tests_name("cluster client", tests, NULL, NULL);
}
