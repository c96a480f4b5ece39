/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wall clock says what it is set to, in every year that a document may name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/base.h"
#include "lede/time.h"

#include <time.h>

static struct timespec set_to;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_now)
{
    (void)clock;
    *ret_now = set_to;
    return 0;
}

static void the_clock_is_right_in_every_year_of_a_document(void **state)
{
    (void)state;
    static const char *const moments[] = {"0001-01-01T00:00:00Z", "1677-09-21T00:12:43Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2262-04-11T23:47:17Z",
        "2554-07-21T23:34:33Z", "2554-07-21T23:34:34Z", "9999-12-31T23:59:59Z"};
    for (size_t i = 0; i < LEDE_COUNT_OF(moments); i++) {
        int64_t utc_s = 0;
        char shown[21];
        assert_int_equal(lede_time_parse(moments[i], 20, &utc_s, NULL, NULL), LEDE_OK);
        set_to = (struct timespec){.tv_sec = utc_s, .tv_nsec = 999999999};
        lede_time_format(lede_time_now_utc_s(), shown);
        assert_string_equal(shown, moments[i]);
        assert_true(lede_time_now_utc_ms() == utc_s * 1000 + 999);
    }
}

static void a_clock_outside_of_these_years_stays_at_their_edge(void **state)
{
    (void)state;
    set_to = (struct timespec){.tv_sec = LEDE_TIME_MIN_UTC_S - 1, .tv_nsec = 5};
    assert_true(lede_time_now_utc_s() == LEDE_TIME_MIN_UTC_S);
    assert_true(lede_time_now_utc_ms() == LEDE_TIME_MIN_UTC_S * 1000);
    set_to = (struct timespec){.tv_sec = INT64_MAX, .tv_nsec = 5};
    assert_true(lede_time_now_utc_s() == LEDE_TIME_MAX_UTC_S);
    assert_true(lede_time_now_utc_ms() == LEDE_TIME_MAX_UTC_S * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_is_right_in_every_year_of_a_document),
        cmocka_unit_test(a_clock_outside_of_these_years_stays_at_their_edge),
    };
    return cmocka_run_group_tests_name("base: clock", tests, NULL, NULL);
}
