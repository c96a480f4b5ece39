/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "top_figures.h"

#include <string.h>

#define SERIES(status, small, medium, all)                                                         \
    "lede_http_request_duration_seconds_bucket{route=\"/search\",method=\"GET\",status=\"" status  \
    "\",le=\"0.1\"} " small "\n"                                                                   \
    "lede_http_request_duration_seconds_bucket{route=\"/search\",method=\"GET\",status=\"" status  \
    "\",le=\"1\"} " medium "\n"                                                                    \
    "lede_http_request_duration_seconds_bucket{route=\"/search\",method=\"GET\",status=\"" status  \
    "\",le=\"+Inf\"} " all "\n"                                                                    \
    "lede_http_request_duration_seconds_sum{route=\"/search\",method=\"GET\",status=\"" status     \
    "\"} 12.5\n"                                                                                   \
    "lede_http_request_duration_seconds_count{route=\"/search\",method=\"GET\",status=\"" status   \
    "\"} " all "\n"

static const char earlier_text[] =
    "# HELP lede_documents Documents.\n# TYPE lede_documents gauge\n"
    "lede_documents 7\nlede_uptime_seconds 10\n"
    "lede_http_queued{pool=\"read\"} 3\n"
    "lede_http_queued{pool=\"long\"} 1\n"
    "process_cpu_seconds_total 1.5\n" SERIES("2xx", "60", "100", "100");
static const char later_text[] =
    "lede_documents 8\nlede_uptime_seconds 12\nprocess_cpu_seconds_total 2.25\n"
    "lede_http_stage_duration_seconds_sum{stage=\"match\"} 3\n"
    "lede_http_stage_duration_seconds_count{stage=\"match\"} 4\n" SERIES("2xx", "110", "190", "190")
        SERIES("4xx", "0", "0", "10");

static void series_of_a_route_are_one(void **state)
{
    struct lede_top_figures figures;
    (void)state;
    lede_top_figures_read(later_text, &figures);
    assert_int_equal(figures.route_count, 1);
    assert_string_equal(figures.routes[0].name, "GET /search");
    assert_int_equal((int)figures.routes[0].durations.count, 200);
    assert_int_equal((int)figures.routes[0].durations.counts[2], 200);
    assert_int_equal((int)figures.routes[0].refused, 10);
    assert_int_equal((int)figures.figures[LEDE_TOP_DOCUMENTS], 8);
    assert_int_equal((int)figures.stages[0].count, 4);
}

static void what_happened_between_two_looks_is_told(void **state)
{
    struct lede_top_figures earlier, later;
    (void)state;
    lede_top_figures_read(earlier_text, &earlier);
    lede_top_figures_read(later_text, &later);
    lede_top_figures_subtract(&later, &earlier);
    const struct lede_top_durations *durations = &later.routes[0].durations;
    assert_int_equal((int)durations->count, 100);
    assert_int_equal((int)durations->counts[0], 50);
    assert_int_equal((int)durations->counts[1], 90);
    assert_int_equal((int)(later.figures[LEDE_TOP_CPU_S] * 100 + 0.5), 75);
    assert_int_equal((int)later.figures[LEDE_TOP_DOCUMENTS], 8); /* a gauge */
    assert_int_equal((int)earlier.figures[LEDE_TOP_WAITING_READ], 3);
    assert_int_equal((int)earlier.figures[LEDE_TOP_WAITING_LONG], 1);
}

static void a_server_that_began_anew_has_nothing_before(void **state)
{
    struct lede_top_figures earlier, later;
    (void)state;
    lede_top_figures_read(later_text, &earlier);
    lede_top_figures_read(earlier_text, &later);
    lede_top_figures_subtract(&later, &earlier);
    assert_int_equal((int)later.routes[0].durations.count, 100);
}

static void shares_lie_evenly_within_their_bucket(void **state)
{
    struct lede_top_durations durations = {.bounds_s = {0.1, 1, __builtin_inf()},
        .counts = {50, 90, 100},
        .bucket_count = 3,
        .count = 100};
    (void)state;
    assert_int_equal((int)(lede_top_quantile(&durations, 0.25) * 1000 + 0.5), 50);
    assert_int_equal((int)(lede_top_quantile(&durations, 0.5) * 1000 + 0.5), 100);
    assert_int_equal((int)(lede_top_quantile(&durations, 0.7) * 1000 + 0.5), 550);
    assert_int_equal((int)(lede_top_quantile(&durations, 0.9) * 1000 + 0.5), 1000);
    /* Of what took longer than the last bound nothing else is known. */
    assert_int_equal((int)(lede_top_quantile(&durations, 0.99) * 1000 + 0.5), 1000);
    assert_int_equal((int)lede_top_quantile(&(struct lede_top_durations){0}, 0.5), 0);
}

static void what_is_no_sample_is_passed_over(void **state)
{
    struct lede_top_figures figures;
    static const char *const texts[] = {"", "\n\n", "lede_documents", "lede_documents x\n",
        "lede_documents{a=\"b\" 3\n", "lede_documents{a=b} 3\n", "lede_documents{a=\"b\\\"} 3\n",
        "{} 3\n", "# lede_documents 3\n", "lede_documents{a=\"\\"};
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        lede_top_figures_read(texts[i], &figures);
        assert_int_equal((int)figures.figures[LEDE_TOP_DOCUMENTS], 0);
    }
    lede_top_figures_read(
        "lede_documents{a=\"q\\\"}\",b=\"c\",} 3 1700000000\nlede_segments 4", &figures);
    assert_int_equal((int)figures.figures[LEDE_TOP_DOCUMENTS], 3);
    assert_int_equal((int)figures.figures[LEDE_TOP_SEGMENTS], 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_of_a_route_are_one),
        cmocka_unit_test(what_happened_between_two_looks_is_told),
        cmocka_unit_test(a_server_that_began_anew_has_nothing_before),
        cmocka_unit_test(shares_lie_evenly_within_their_bucket),
        cmocka_unit_test(what_is_no_sample_is_passed_over),
    };
    return cmocka_run_group_tests_name("cli: top figures", tests, NULL, NULL);
}
