/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests are written and answers read with all allocations failing from the n-th on, for every n:
 * no crash, no leak (under a sanitizer), and the status of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/failing_allocations.h"
#include "answers.h"
#include "requests.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_MAX 2000
#define HEADER "\"header\":{\"revision\":\"9\"}"
/* Tokens of less than 16 bytes: jansson 2.14 does not notice when its buffer of a token cannot
 * grow. A byte that is lost from base64 is noticed by its length. */
#define PAIR "{\"key\":\"YQ==\",\"version\":\"4\",\"value\":\"eAB5\",\"lease\":\"5\"}"

static const struct lede_etcd_operation operations[] = {
    {.kind = LEDE_ETCD_PUT, .key = "k", .key_size = 1, .value = "v", .value_size = 1},
    {.kind = LEDE_ETCD_RANGE, .key = "k", .key_size = 1, .is_prefix = true}};
static const struct lede_etcd_compare compare = {.key = "k", .key_size = 1};
static const struct lede_etcd_txn txn = {
    .compares = &compare, .compare_count = 1, .then = operations, .then_count = 2};

static void *allocate(size_t size)
{
    return malloc(size);
}

static enum lede_status write_txn(void)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer body = {0};
    lede_etcd_write_txn(&body, &txn);
    return lede_buffer_status(&body);
}

static enum lede_status read_txn(void)
{
    static const char text[] = "{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{}}"
                               ",{\"response_range\":{\"kvs\":[" PAIR "," PAIR "]}}]}";
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    return lede_etcd_read_txn(text, strlen(text), &txn, &result, NULL);
}

static enum lede_status read_range(void)
{
    static const char text[] = "{" HEADER ",\"kvs\":[" PAIR "],\"count\":\"1\"}";
    LEDE_CLEANUP(lede_arena_done) struct lede_arena arena = {0};
    struct lede_etcd_pairs pairs = {0};
    int64_t revision = 0;
    return lede_etcd_read_range(text, strlen(text), &arena, &pairs, &revision, NULL);
}

static enum lede_status read_line(void)
{
    static const char text[] = "{\"result\":{" HEADER ",\"events\":[{\"kv\":{\"key\":\"YQ==\","
                               "\"mod_revision\":\"3\"}}]}}";
    LEDE_CLEANUP(lede_etcd_line_done) struct lede_etcd_line line = {0};
    return lede_etcd_read_line(text, strlen(text), &line, NULL);
}

static void a_lack_of_memory_is_told_wherever_it_comes(void **state)
{
    static enum lede_status (*const steps[])(void) = {write_txn, read_txn, read_range, read_line};
    (void)state;
    json_set_alloc_funcs(allocate, free);
    for (size_t i = 0; i < LEDE_COUNT_OF(steps); i++) {
        enum lede_status st = LEDE_ENOMEM;
        long n = 0;
        for (; st != LEDE_OK && n < TRIES_MAX; n++) {
            allocations_left = n;
            st = steps[i]();
            allocations_left = -1;
            /* jansson does not say why it has parsed nothing: damage is told then. */
            assert_true(st == LEDE_OK || st == LEDE_ENOMEM || st == LEDE_ECORRUPT);
        }
        assert_int_equal(st, LEDE_OK);
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lack_of_memory_is_told_wherever_it_comes),
    };
    return cmocka_run_group_tests_name("cluster memory", tests, NULL, NULL);
}
