/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/durations.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define ADDED 10000

static void each_bucket_takes_what_its_bound_says(void **state)
{
    struct lede_durations durations = {0};
    (void)state;
    for (size_t i = 0; i + 1 < LEDE_DURATION_BUCKETS; i++) {
        uint64_t bound_ns = (uint64_t)(strtod(lede_duration_bound(i), NULL) * 1e9 + 0.5);
        assert_int_equal(lede_durations_add(&durations, bound_ns), i);
        assert_int_equal(lede_durations_add(&durations, bound_ns + 1), i + 1);
    }
    assert_int_equal(lede_durations_add(&durations, 0), 0);
    assert_int_equal(lede_durations_add(&durations, UINT64_MAX), LEDE_DURATION_BUCKETS - 1);
    assert_string_equal(lede_duration_bound(LEDE_DURATION_BUCKETS - 1), "+Inf");
    assert_int_equal(lede_durations_count(&durations), 2 * LEDE_DURATION_BUCKETS);
}

static void *add_many(void *context)
{
    for (uint64_t i = 0; i < ADDED; i++)
        (void)lede_durations_add(context, i * 1000);
    return NULL;
}

static void nothing_is_lost_among_threads(void **state)
{
    struct lede_durations durations = {0}, read = {0};
    pthread_t threads[THREADS];
    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &durations), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    lede_durations_read(&durations, &read);
    assert_int_equal(lede_durations_count(&read), THREADS * ADDED);
    assert_int_equal(read.sum_ns, (uint64_t)THREADS * 1000 * ADDED * (ADDED - 1) / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bucket_takes_what_its_bound_says),
        cmocka_unit_test(nothing_is_lost_among_threads),
    };
    return cmocka_run_group_tests_name("base: durations", tests, NULL, NULL);
}
