/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as news writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/time.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void assert_time(const char *text, const char *expected, enum lede_time_precision precision)
{
    int64_t utc_s = 0;
    enum lede_time_precision found = LEDE_TIME_YEAR;
    char formatted[21];
    struct lede_error error = {0};
    if (lede_time_parse(text, strlen(text), &utc_s, &found, &error) != LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    lede_time_format(utc_s, formatted);
    assert_string_equal(formatted, expected);
    assert_int_equal(found, precision);
}

static void assert_no_time(const char *text)
{
    int64_t utc_s = 77;
    struct lede_error error = {0};
    if (lede_time_parse(text, strlen(text), &utc_s, NULL, &error) == LEDE_OK)
        fail_msg("'%s' was taken", text);
    assert_int_equal(error.status, LEDE_EINPUT);
    assert_int_equal(utc_s, 77);
}

static void rfc_3339_is_read(void **state)
{
    (void)state;
    assert_time("2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19T18:04:00.5+02:00", "2022-01-19T16:04:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19t18:04:00z", "2022-01-19T18:04:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19 18:04:00-05:30", "2022-01-19T23:34:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19T18:04", "2022-01-19T18:04:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19T18:04:59.999999Z", "2022-01-19T18:04:59Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19T18:04:00+0200", "2022-01-19T16:04:00Z", LEDE_TIME_SECOND);
    assert_time("2022-01-19T00:30:00+01:00", "2022-01-18T23:30:00Z", LEDE_TIME_SECOND);
    assert_time("  2022-01-19T18:04:00Z ", "2022-01-19T18:04:00Z", LEDE_TIME_SECOND);
}

static void a_leap_second_becomes_the_one_before(void **state)
{
    (void)state;
    assert_time("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", LEDE_TIME_SECOND);
    assert_no_time("2016-12-31T23:59:61Z");
}

static void dates_alone_are_days(void **state)
{
    (void)state;
    assert_time("2022-01-19", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("20220119", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("19 Jan 2022", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("19 January 2022", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("19 JANUARY 2022", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("January 19, 2022", "2022-01-19T00:00:00Z", LEDE_TIME_DAY);
    assert_time("Sept. 3, 2021", "2021-09-03T00:00:00Z", LEDE_TIME_DAY);
}

static void every_month_has_its_names(void **state)
{
    static const char *const names[][2] = {{"Jan", "January"}, {"Feb", "February"},
        {"Mar", "March"}, {"Apr", "April"}, {"May", "May"}, {"Jun", "June"}, {"Jul", "July"},
        {"Aug", "August"}, {"Sep", "September"}, {"Oct", "October"}, {"Nov", "November"},
        {"Dec", "December"}};
    (void)state;
    for (int month = 1; month <= 12; month++) {
        for (int form = 0; form < 2; form++) {
            char text[40];
            char expected[40];
            snprintf(text, sizeof(text), "5 %s 2020", names[month - 1][form]);
            snprintf(expected, sizeof(expected), "2020-%02d-05T00:00:00Z", month);
            assert_time(text, expected, LEDE_TIME_DAY);
        }
    }
}

static void rfc_822_and_5322_are_read_with_their_zones(void **state)
{
    static const struct {
        const char *zone;
        const char *expected;
    } zones[] = {{"+0100", "2022-01-19T17:04:00Z"}, {"-0330", "2022-01-19T21:34:00Z"},
        {"GMT", "2022-01-19T18:04:00Z"}, {"UT", "2022-01-19T18:04:00Z"},
        {"EST", "2022-01-19T23:04:00Z"}, {"EDT", "2022-01-19T22:04:00Z"},
        {"CST", "2022-01-20T00:04:00Z"}, {"CDT", "2022-01-19T23:04:00Z"},
        {"MST", "2022-01-20T01:04:00Z"}, {"MDT", "2022-01-20T00:04:00Z"},
        {"PST", "2022-01-20T02:04:00Z"}, {"PDT", "2022-01-20T01:04:00Z"}};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(zones); i++) {
        char text[60];
        snprintf(text, sizeof(text), "Wed, 19 Jan 2022 18:04:00 %s", zones[i].zone);
        assert_time(text, zones[i].expected, LEDE_TIME_SECOND);
    }
    assert_time("19 Jan 22 18:04 GMT", "2022-01-19T18:04:00Z", LEDE_TIME_SECOND);
    assert_time("19 Jan 87 18:04:00 EST", "1987-01-19T23:04:00Z", LEDE_TIME_SECOND);
    assert_time("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01Z", LEDE_TIME_SECOND);
    assert_no_time("Wed, 19 Jan 2022 18:04:00 XYZ");
}

static void leap_years_have_their_day_and_no_other_does(void **state)
{
    (void)state;
    assert_time("2024-02-29", "2024-02-29T00:00:00Z", LEDE_TIME_DAY);
    assert_time("2000-02-29", "2000-02-29T00:00:00Z", LEDE_TIME_DAY);
    assert_no_time("2023-02-29");
    assert_no_time("1900-02-29");
    assert_no_time("2024-02-30");
}

static void impossible_times_are_refused(void **state)
{
    static const char *const texts[] = {"", " ", "yesterday", "2022-13-01", "2022-00-10",
        "2022-01-00", "2022-01-32", "2022-04-31", "2022-01-19T24:00:00Z", "2022-01-19T12:60:00Z",
        "2022-01-19T", "2022-01-19T12", "2022-1-19", "22-01-19", "2022-01-19X",
        "2022-01-19T18:04:00+24:00", "2022-01-19T18:04:00+02:60", "2022/01/19", "0000-01-01",
        "31 Foo 2022", "2022-01-19T18:04:00.Z", "202201", "12345", "-7d", "now"};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++)
        assert_no_time(texts[i]);
}

static void the_first_and_the_last_second_are_within_and_none_beyond(void **state)
{
    (void)state;
    assert_time("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", LEDE_TIME_SECOND);
    assert_time("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", LEDE_TIME_SECOND);
    assert_no_time("0001-01-01T00:00:00+01:00");
    assert_no_time("9999-12-31T23:59:59-01:00");
    char text[21];
    lede_time_format(LEDE_TIME_MIN_UTC_S, text);
    assert_string_equal(text, "0001-01-01T00:00:00Z");
    lede_time_format(LEDE_TIME_MAX_UTC_S, text);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    lede_time_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59Z");
    char day[11];
    lede_time_format_day(-1, day);
    assert_string_equal(day, "1969-12-31");
}

static void assert_bound_by(
    const struct lede_local_clock *clock, const char *text, const char *first, const char *last)
{
    const int64_t now_utc_s = 1642615440; /* 2022-01-19T18:04:00Z */
    int64_t first_utc_s = 0;
    int64_t last_utc_s = 0;
    char formatted[21];
    struct lede_error error = {0};
    if (lede_time_parse_bound(
            text, strlen(text), now_utc_s, clock, &first_utc_s, &last_utc_s, &error) != LEDE_OK)
        fail_msg("%s: %s", text, error.message);
    lede_time_format(first_utc_s, formatted);
    assert_string_equal(formatted, first);
    lede_time_format(last_utc_s, formatted);
    assert_string_equal(formatted, last);
}

static void assert_bound(const char *text, const char *first, const char *last)
{
    assert_bound_by(NULL, text, first, last);
}

static void bounds_name_whole_days_months_and_years(void **state)
{
    (void)state;
    assert_bound("2022-01-19", "2022-01-19T00:00:00Z", "2022-01-19T23:59:59Z");
    assert_bound("2022-02", "2022-02-01T00:00:00Z", "2022-02-28T23:59:59Z");
    assert_bound("2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z");
    assert_bound("2021-12", "2021-12-01T00:00:00Z", "2021-12-31T23:59:59Z");
    assert_bound("2022", "2022-01-01T00:00:00Z", "2022-12-31T23:59:59Z");
    assert_bound("1969", "1969-01-01T00:00:00Z", "1969-12-31T23:59:59Z");
    assert_bound("9999", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59Z");
    assert_bound("2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z");
}

static void bounds_count_back_from_now(void **state)
{
    int64_t first = 0;
    int64_t last = 0;
    (void)state;
    assert_bound("now", "2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z");
    assert_bound("-7d", "2022-01-12T18:04:00Z", "2022-01-12T18:04:00Z");
    assert_bound("today", "2022-01-19T00:00:00Z", "2022-01-19T23:59:59Z");
    assert_bound("yesterday", "2022-01-18T00:00:00Z", "2022-01-18T23:59:59Z");
    assert_bound("-12h", "2022-01-19T06:04:00Z", "2022-01-19T06:04:00Z");
    assert_bound("-30m", "2022-01-19T17:34:00Z", "2022-01-19T17:34:00Z");
    assert_bound("-2w", "2022-01-05T18:04:00Z", "2022-01-05T18:04:00Z");
    assert_bound("-1y", "2021-01-19T18:04:00Z", "2021-01-19T18:04:00Z");
    assert_int_equal(lede_time_parse_bound("-7", 2, 0, NULL, &first, &last, NULL), LEDE_EINPUT);
    assert_int_equal(
        lede_time_parse_bound("-99999y", 7, 0, NULL, &first, &last, NULL), LEDE_EINPUT);
    assert_int_equal(lede_time_parse_bound("soon", 4, 0, NULL, &first, &last, NULL), LEDE_EINPUT);
}

/* A clock eight hours ahead that skipped the hour from midnight of 20 January on. */
static int64_t ahead_of_utc(const void *calendar, int64_t local_s)
{
    const int64_t skipped = 1642636800; /* 2022-01-20T00:00:00 */
    (void)calendar;
    return local_s < skipped ? local_s - 8 * 3600
                             : (local_s < skipped + 3600 ? skipped : local_s - 3600) - 8 * 3600;
}

static void bounds_without_a_zone_are_by_the_clock(void **state)
{
    const struct lede_local_clock clock = {NULL, ahead_of_utc};
    (void)state;
    assert_bound_by(&clock, "2022-01-19", "2022-01-18T16:00:00Z", "2022-01-19T15:59:59Z");
    assert_bound_by(&clock, "2022-01-20", "2022-01-19T16:00:00Z", "2022-01-20T14:59:59Z");
    assert_bound_by(&clock, "2021", "2020-12-31T16:00:00Z", "2021-12-31T15:59:59Z");
    assert_bound_by(&clock, "2022-01-19T18:04", "2022-01-19T10:04:00Z", "2022-01-19T10:04:00Z");
    assert_bound_by(&clock, "2022-01-19T18:04Z", "2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z");
    assert_bound_by(
        &clock, "19 Jan 2022 18:04 GMT", "2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z");
    assert_bound_by(&clock, "now", "2022-01-19T18:04:00Z", "2022-01-19T18:04:00Z");
    assert_bound_by(&clock, "-7d", "2022-01-12T18:04:00Z", "2022-01-12T18:04:00Z");
    assert_bound_by(&clock, "today", "2022-01-19T16:00:00Z", "2022-01-20T14:59:59Z");
    assert_bound_by(&clock, "yesterday", "2022-01-18T16:00:00Z", "2022-01-19T15:59:59Z");
    assert_bound_by(&clock, "0001", "0001-01-01T00:00:00Z", "0001-12-31T15:59:59Z");
}

static void days_and_dates_are_each_others_inverse(void **state)
{
    (void)state;
    assert_int_equal(lede_days_from_civil((struct lede_civil_date){1970, 1, 1}), 0);
    assert_int_equal(lede_days_from_civil((struct lede_civil_date){2000, 3, 1}), 11017);
    for (int64_t day = LEDE_TIME_MIN_UTC_S / 86400; day <= LEDE_TIME_MAX_UTC_S / 86400; day += 13) {
        struct lede_civil_date date = lede_civil_from_days(day);
        assert_int_equal(lede_days_from_civil(date), day);
        assert_true(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
    }
}

static void what_is_formatted_parses_to_the_same(void **state)
{
    (void)state;
    for (int64_t utc_s = LEDE_TIME_MIN_UTC_S; utc_s <= LEDE_TIME_MAX_UTC_S;
         utc_s += INT64_C(9876543211)) {
        char text[21];
        int64_t again = 0;
        lede_time_format(utc_s, text);
        assert_int_equal(lede_time_parse(text, strlen(text), &again, NULL, NULL), LEDE_OK);
        assert_int_equal(again, utc_s);
    }
}

static void the_clocks_agree_with_each_other_and_do_not_go_back(void **state)
{
    (void)state;
    uint64_t first = lede_time_monotonic_ns();
    assert_true(lede_time_monotonic_ns() >= first);
    int64_t apart_ms = lede_time_now_utc_ms() - lede_time_now_utc_s() * 1000;
    assert_true(apart_ms > -2000 && apart_ms < 2000);
    uint64_t cpu = lede_time_thread_cpu_ns();
    assert_true(lede_time_thread_cpu_ns() >= cpu);
}

static void a_stop_ends_what_has_a_deadline_and_nothing_else(void **state)
{
    (void)state;
    bool cancelled = false;
    struct lede_stop stop = {.cancelled = &cancelled};
    struct lede_deadline late = {.monotonic_ns = UINT64_MAX}, never = {0};
    lede_stop_begin(&stop);
    assert_false(lede_time_has_passed(UINT64_MAX));
    __atomic_store_n(&cancelled, true, __ATOMIC_RELAXED);
    assert_false(lede_stop_was_seen());
    assert_false(lede_time_has_passed(0));
    assert_false(lede_deadline_has_passed_now(&never));
    assert_true(lede_deadline_has_passed_now(&late));
    assert_true(lede_stop_was_seen());
    lede_stop_end();
    assert_false(lede_time_has_passed(UINT64_MAX));
    assert_false(lede_stop_was_seen());
}

static void a_stop_goes_by_the_processor_time_of_its_thread(void **state)
{
    (void)state;
    struct lede_stop stop = {.cpu_ns_max = 5000000};
    lede_stop_begin(&stop);
    uint64_t begun = lede_time_thread_cpu_ns();
    uint64_t bound_ns = lede_time_monotonic_ns() + UINT64_C(10000000000);
    while (!lede_time_has_passed(bound_ns))
        continue;
    assert_true(lede_stop_was_seen());
    assert_true(lede_time_thread_cpu_ns() - begun >= 4000000);
    lede_stop_end();
}

static void *wait_for_a_stop(void *shared)
{
    uint64_t bound_ns = lede_time_monotonic_ns() + UINT64_C(10000000000);
    lede_stop_begin(shared);
    while (!lede_time_has_passed(bound_ns))
        continue;
    lede_stop_end();
    return NULL;
}

static void a_stop_reaches_the_threads_that_help(void **state)
{
    (void)state;
    bool cancelled = false;
    struct lede_stop stop = {.cancelled = &cancelled};
    pthread_t helper;
    struct lede_stop none = lede_stop_share();
    assert_null(none.cancelled);
    lede_stop_begin(&stop);
    struct lede_stop shared = lede_stop_share();
    assert_int_equal(pthread_create(&helper, NULL, wait_for_a_stop, &shared), 0);
    __atomic_store_n(&cancelled, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(helper, NULL), 0);
    assert_false(lede_stop_was_seen());
    lede_stop_join(&none);
    assert_false(lede_stop_was_seen());
    lede_stop_join(&shared);
    assert_true(lede_stop_was_seen());
    lede_stop_end();
    lede_stop_join(&shared);
    assert_false(lede_stop_was_seen());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_3339_is_read),
        cmocka_unit_test(a_leap_second_becomes_the_one_before),
        cmocka_unit_test(dates_alone_are_days),
        cmocka_unit_test(every_month_has_its_names),
        cmocka_unit_test(rfc_822_and_5322_are_read_with_their_zones),
        cmocka_unit_test(leap_years_have_their_day_and_no_other_does),
        cmocka_unit_test(impossible_times_are_refused),
        cmocka_unit_test(the_first_and_the_last_second_are_within_and_none_beyond),
        cmocka_unit_test(bounds_name_whole_days_months_and_years),
        cmocka_unit_test(bounds_count_back_from_now),
        cmocka_unit_test(bounds_without_a_zone_are_by_the_clock),
        cmocka_unit_test(days_and_dates_are_each_others_inverse),
        cmocka_unit_test(what_is_formatted_parses_to_the_same),
        cmocka_unit_test(the_clocks_agree_with_each_other_and_do_not_go_back),
        cmocka_unit_test(a_stop_ends_what_has_a_deadline_and_nothing_else),
        cmocka_unit_test(a_stop_goes_by_the_processor_time_of_its_thread),
        cmocka_unit_test(a_stop_reaches_the_threads_that_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
