/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked and what is answered, as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "answers.h"
#include "refusals.h"
#include "requests.h"

/* ---- Requests ---- */

static void a_transaction_is_written_as_etcd_reads_it(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    const struct lede_etcd_compare compares[] = {
        {.key = "a", .key_size = 1, .target = LEDE_ETCD_CREATE_REVISION, .number = 7},
        {.key = "b",
            .key_size = 1,
            .target = LEDE_ETCD_VALUE,
            .relation = LEDE_ETCD_NOT_EQUAL,
            .value = "x\0y",
            .value_size = 3}};
    const struct lede_etcd_operation then[] = {{.kind = LEDE_ETCD_PUT,
                                                   .key = "k",
                                                   .key_size = 1,
                                                   .value = "v",
                                                   .value_size = 1,
                                                   .lease = INT64_C(7587868094121484033)},
        {.kind = LEDE_ETCD_DELETE, .key = "p/", .key_size = 2, .is_prefix = true}};
    const struct lede_etcd_operation otherwise[] = {
        {.kind = LEDE_ETCD_RANGE, .key = "k", .key_size = 1, .limit = 3}};
    lede_etcd_write_txn(&body, &(struct lede_etcd_txn){.compares = compares,
                                   .compare_count = 2,
                                   .then = then,
                                   .then_count = 2,
                                   .otherwise = otherwise,
                                   .otherwise_count = 1});
    assert_string_equal(body.data,
        "{\"compare\":[{\"key\":\"YQ==\",\"target\":\"CREATE\",\"result\":\"EQUAL\","
        "\"create_revision\":\"7\"},{\"key\":\"Yg==\",\"target\":\"VALUE\",\"result\":\"NOT_EQUAL\""
        ",\"value\":\"eAB5\"}],\"success\":[{\"request_put\":{\"key\":\"aw==\",\"value\":\"dg==\","
        "\"lease\":\"7587868094121484033\"}},{\"request_delete_range\":{\"key\":\"cC8=\","
        "\"range_end\":\"cDA=\"}}],\"failure\":[{\"request_range\":{\"key\":\"aw==\",\"limit\":"
        "\"3\",\"keys_only\":false}}]}");
}

static void a_prefix_ends_before_the_next_key_that_does_not_begin_with_it(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *written;
    } cases[] = {{"a", "\"key\":\"YQ==\",\"range_end\":\"Yg==\""},
        {"a\xff\xff", "\"key\":\"Yf//\",\"range_end\":\"Yg==\""},
        {"\xff", "\"key\":\"/w==\",\"range_end\":\"AA==\""},
        {"", "\"key\":\"AA==\",\"range_end\":\"AA==\""}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
        lede_etcd_write_watch(&body, cases[i].prefix, strlen(cases[i].prefix), 5);
        if (!strstr(body.data, cases[i].written))
            fail_msg("expected %s in %s", cases[i].written, body.data);
    }
}

/* ---- Answers ---- */

#define HEADER "\"header\":{\"cluster_id\":\"3\",\"member_id\":\"4\",\"revision\":\"9\"}"
#define PAIR                                                                                       \
    "{\"key\":\"YQ==\",\"create_revision\":\"2\",\"mod_revision\":\"3\",\"version\":\"4\","        \
    "\"value\":\"eAB5\",\"lease\":\"5\"}"

static void a_transactions_answer_is_read(void **state)
{
    (void)state;
    static const char text[] =
        "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{" HEADER "}},"
        "{\"response_range\":{\"kvs\":[" PAIR "],\"more\":true,\"count\":\"12\"}},"
        "{\"response_delete_range\":{\"deleted\":\"6\"}}]}";
    const struct lede_etcd_operation then[] = {
        {.kind = LEDE_ETCD_PUT}, {.kind = LEDE_ETCD_RANGE}, {.kind = LEDE_ETCD_DELETE}};
    const struct lede_etcd_txn txn = {.then = then, .then_count = 3};
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    assert_int_equal(lede_etcd_read_txn(text, strlen(text), &txn, &result, NULL), LEDE_OK);
    assert_true(result.succeeded);
    assert_int_equal(result.revision, 9);
    assert_int_equal(result.count, 3);
    assert_int_equal(result.responses[2].deleted, 6);
    const struct lede_etcd_pairs *pairs = &result.responses[1].pairs;
    assert_int_equal(pairs->count, 1);
    assert_int_equal(pairs->total, 12);
    assert_true(pairs->has_more);
    assert_string_equal(pairs->items[0].key, "a");
    assert_int_equal(pairs->items[0].value_size, 3);
    assert_memory_equal(pairs->items[0].value, "x\0y", 4);
    assert_int_equal(pairs->items[0].create_revision, 2);
    assert_int_equal(pairs->items[0].mod_revision, 3);
    assert_int_equal(pairs->items[0].version, 4);
    assert_int_equal(pairs->items[0].lease, 5);
}

static void an_answer_that_does_not_fit_what_was_asked_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "[]", "{}", "{" HEADER ",\"succeeded\":true}",
        "{" HEADER ",\"succeeded\":\"true\",\"responses\":[{\"response_put\":{}}]}",
        "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_range\":{}}]}",
        "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{}},7]}",
        "{\"header\":{\"revision\":\"-1\"},\"succeeded\":true,\"responses\":[{\"response_put\":{}}]"
        "}",
        "{\"header\":{\"revision\":\"1e3\"},\"succeeded\":true,"
        "\"responses\":[{\"response_put\":{}}]}"};
    const struct lede_etcd_operation then[] = {{.kind = LEDE_ETCD_PUT}};
    const struct lede_etcd_txn txn = {.then = then, .then_count = 1};
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
        if (lede_etcd_read_txn(texts[i], strlen(texts[i]), &txn, &result, NULL) != LEDE_ECORRUPT)
            fail_msg("taken: %s", texts[i]);
    }
}

static void a_line_of_a_watch_is_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"result\":{" HEADER ",\"fragment\":true,\"events\":[{\"kv\":" PAIR "},"
        "{\"type\":\"DELETE\",\"kv\":{\"key\":\"Yg==\",\"mod_revision\":\"3\"}}]}}";
    struct lede_etcd_line line = {0};
    assert_int_equal(lede_etcd_read_line(text, strlen(text), &line, NULL), LEDE_OK);
    assert_int_equal(line.revision, 9);
    assert_true(line.goes_on);
    assert_false(line.was_created || line.was_cancelled);
    assert_int_equal(line.count, 2);
    assert_int_equal(line.events[0].kind, LEDE_ETCD_EVENT_PUT);
    assert_int_equal(line.events[0].revision, 3);
    assert_int_equal(line.events[1].kind, LEDE_ETCD_EVENT_DELETE);
    assert_string_equal(line.events[1].pair.key, "b");
    assert_int_equal(line.events[1].pair.value_size, 0);
    lede_etcd_line_done(&line);
}

static void events_out_of_order_are_refused(void **state)
{
    (void)state;
    static const char text[] =
        "{\"result\":{\"events\":[{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"3\"}},"
        "{\"kv\":{\"key\":\"YQ==\",\"mod_revision\":\"2\"}}]}}";
    struct lede_etcd_line line = {0};
    assert_int_equal(lede_etcd_read_line(text, strlen(text), &line, NULL), LEDE_ECORRUPT);
    lede_etcd_line_done(&line);
}

static void a_lease_is_read_from_a_grant_and_from_a_stream(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t id, ttl_s;
    } cases[] = {{"{" HEADER ",\"ID\":\"12\",\"TTL\":\"3\"}", 12, 3},
        {"{\"result\":{" HEADER ",\"ID\":\"12\",\"TTL\":\"3\"}}\n", 12, 3},
        {"{\"result\":{\"ID\":\"12\"}}", 12, 0},
        {"{\"result\":{\"ID\":\"12\",\"TTL\":\"-1\"}}", 12, 0}};
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        int64_t id = 0, ttl_s = 0;
        assert_int_equal(
            lede_etcd_read_lease(cases[i].text, strlen(cases[i].text), &id, &ttl_s, NULL), LEDE_OK);
        assert_int_equal(id, cases[i].id);
        assert_int_equal(ttl_s, cases[i].ttl_s);
    }
}

/* ---- Refusals ---- */

static void only_what_is_surely_not_done_is_told_so(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lede_status status;
    } cases[] = {
        {"{\"error\":\"x\",\"message\":\"etcdserver: request is too large\",\"code\":3}",
            LEDE_ELIMIT},
        {"{\"message\":\"etcdserver: duplicate key given in txn request\",\"code\":3}",
            LEDE_EINPUT},
        {"{\"message\":\"etcdserver: requested lease not found\",\"code\":5}", LEDE_ENOTFOUND},
        {"{\"message\":\"etcdserver: no leader\",\"code\":14}", LEDE_EBUSY},
        {"{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"etcdserver: no leader\"}}",
            LEDE_EBUSY},
        {"{\"message\":\"etcdserver: too many requests\",\"code\":8}", LEDE_EBUSY},
        {"{\"message\":\"etcdserver: request timed out\",\"code\":14}", LEDE_ETIMEOUT},
        {"{\"message\":\"etcdserver: request timed out, possibly due to previous leader failure\","
         "\"code\":14}",
            LEDE_ETIMEOUT},
        {"{\"message\":\"etcdserver: leader changed\",\"code\":14}", LEDE_ETIMEOUT},
        {"{\"message\":\"etcdserver: server stopped\",\"code\":14}", LEDE_ETIMEOUT},
        {"{\"message\":\"etcdserver: mvcc: database space exceeded\",\"code\":8}", LEDE_ETIMEOUT},
        {"{\"message\":\"something new\",\"code\":2}", LEDE_ETIMEOUT},
        {"{\"message\":\"it has no number\"}", LEDE_ETIMEOUT},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(cases); i++) {
        struct lede_etcd_refusal refusal = {0};
        struct lede_error error = {0};
        assert_true(lede_etcd_read_refusal(cases[i].text, strlen(cases[i].text), &refusal));
        if (lede_etcd_judge(&refusal, &error) != cases[i].status)
            fail_msg("%s is judged as %s", cases[i].text, lede_status_name(error.status));
        assert_non_null(strstr(error.message, refusal.message));
    }
}

static void an_answer_is_no_refusal(void **state)
{
    (void)state;
    static const char text[] = "{" HEADER ",\"succeeded\":true}";
    struct lede_etcd_refusal refusal = {0};
    assert_false(lede_etcd_read_refusal(text, strlen(text), &refusal));
    assert_false(lede_etcd_read_refusal("<html>", 6, &refusal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_is_written_as_etcd_reads_it),
        cmocka_unit_test(a_prefix_ends_before_the_next_key_that_does_not_begin_with_it),
        cmocka_unit_test(a_transactions_answer_is_read),
        cmocka_unit_test(an_answer_that_does_not_fit_what_was_asked_is_refused),
        cmocka_unit_test(a_line_of_a_watch_is_read),
        cmocka_unit_test(events_out_of_order_are_refused),
        cmocka_unit_test(a_lease_is_read_from_a_grant_and_from_a_stream),
        cmocka_unit_test(only_what_is_surely_not_done_is_told_so),
        cmocka_unit_test(an_answer_is_no_refusal),
    };
    return cmocka_run_group_tests_name("cluster messages", tests, NULL, NULL);
}
