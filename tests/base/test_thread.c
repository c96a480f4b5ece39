/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting by the monotonic clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/thread.h"
#include "lede/time.h"

struct signalled {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    bool is_set;
};

static void *set(void *context)
{
    struct signalled *signalled = context;
    pthread_mutex_lock(&signalled->mutex);
    signalled->is_set = true;
    pthread_cond_signal(&signalled->condition);
    pthread_mutex_unlock(&signalled->mutex);
    return NULL;
}

static void a_wait_ends_no_sooner_than_its_time(void **state)
{
    (void)state;
    struct signalled signalled = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    uint64_t until_ns = lede_time_monotonic_ns() + 20000000;
    assert_int_equal(lede_condition_init(&signalled.condition), LEDE_OK);
    pthread_mutex_lock(&signalled.mutex);
    while (lede_condition_wait_until(&signalled.condition, &signalled.mutex, until_ns))
        continue;
    assert_true(lede_time_monotonic_ns() >= until_ns);
    assert_false(lede_condition_wait_until(&signalled.condition, &signalled.mutex, 1));
    pthread_mutex_unlock(&signalled.mutex);
    pthread_cond_destroy(&signalled.condition);
}

static void a_signal_ends_a_wait(void **state)
{
    (void)state;
    for (uint64_t wait_ns = 0; wait_ns <= UINT64_C(60000000000); wait_ns += UINT64_C(60000000000)) {
        struct signalled signalled = {.mutex = PTHREAD_MUTEX_INITIALIZER};
        pthread_t thread;
        bool in_time = true;
        assert_int_equal(lede_condition_init(&signalled.condition), LEDE_OK);
        pthread_mutex_lock(&signalled.mutex);
        assert_int_equal(pthread_create(&thread, NULL, set, &signalled), 0);
        uint64_t until_ns = wait_ns ? lede_time_monotonic_ns() + wait_ns : 0;
        while (!signalled.is_set && in_time)
            in_time = lede_condition_wait_until(&signalled.condition, &signalled.mutex, until_ns);
        pthread_mutex_unlock(&signalled.mutex);
        assert_true(in_time);
        pthread_join(thread, NULL);
        pthread_cond_destroy(&signalled.condition);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_ends_no_sooner_than_its_time),
        cmocka_unit_test(a_signal_ends_a_wait),
    };
    return cmocka_run_group_tests_name("base thread", tests, NULL, NULL);
}
