/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log's thread outlives want of memory, and tells what was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../base/failing_allocations.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the log writes while this runs goes to a pipe; in ret_text, with a NUL. */
static void logged(void (*say)(struct lede_log *log), char *ret_text, size_t room)
{
    struct lede_log *log = NULL;
    struct lede_error error;
    int ends[2];
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    enum lede_status st = lede_log_new(LEDE_LOG_INFO, &log, &error);
    if (st == LEDE_OK)
        say(log);
    lede_log_free(log);
    dup2(before, STDERR_FILENO);
    close(before);
    ssize_t size = read(ends[0], ret_text, room - 1);
    ret_text[size > 0 ? size : 0] = '\0';
    close(ends[0]);
    assert_int_equal(st, LEDE_OK);
}

static void say_without_memory(struct lede_log *log)
{
    lede_log_line(log, LEDE_LOG_INFO, "first");
    allocations_left = 0;
    lede_log_line(log, LEDE_LOG_INFO, "lost");
    usleep(200 * 1000); /* the thread wakes to it without memory */
    allocations_left = -1;
    lede_log_line(log, LEDE_LOG_INFO, "after");
}

static void a_log_goes_on_after_a_failed_allocation(void **state)
{
    char text[4096];
    (void)state;
    logged(say_without_memory, text, sizeof(text));
    assert_non_null(strstr(text, " info first\n"));
    assert_null(strstr(text, "lost"));
    assert_non_null(strstr(text, "1 lines of this log were dropped\n"));
    assert_non_null(strstr(text, " info after\n"));
}

static void say_long_and_odd(struct lede_log *log)
{
    char word[3000];
    memset(word, 'x', sizeof(word));
    word[sizeof(word) - 1] = '\0';
    lede_log_line(log, LEDE_LOG_WARNING, "a\nb\tc %s", word);
}

static void a_line_is_one_line_and_bounded(void **state)
{
    char text[4096];
    (void)state;
    logged(say_long_and_odd, text, sizeof(text));
    assert_non_null(strstr(text, " warning a b c xxx"));
    assert_in_range(strlen(text), 2048, 2100);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void say_what_deceives(struct lede_log *log)
{
    lede_log_line(log, LEDE_LOG_WARNING, "%s",
        "a\xC2\x85"
        "b\xC2\x9B"
        "c\xE2\x80\xAE"
        "d\xE2\x80\xA8"
        "e\xE2\x81\xA6"
        "f\xD8\x9C"
        "g\xFF"
        "h\x1B"
        "i\x7F"
        "j\xEF\xBB\xBF"
        "k\xE2\x80\x8B"
        "l M\xC3\xBCnchen \xE6\x9D\xB1");
    lede_log_line(log, LEDE_LOG_WARNING, "%s",
        "q=lede_0123abcd_00112233445566778899&x lede_0123abcd.999.Zm9v.00ff: lede_0123abcd lede_x");
}

static void nothing_in_a_line_deceives_its_reader(void **state)
{
    char text[4096];
    (void)state;
    logged(say_what_deceives, text, sizeof(text));
    assert_non_null(strstr(text, " warning a b c d e f g h i j k l M\xC3\xBCnchen \xE6\x9D\xB1\n"));
}

static void of_a_key_its_id_is_logged(void **state)
{
    char text[4096];
    (void)state;
    logged(say_what_deceives, text, sizeof(text));
    assert_non_null(
        strstr(text, "q=lede_0123abcd_...&x lede_0123abcd_...: lede_0123abcd lede_x\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_goes_on_after_a_failed_allocation),
        cmocka_unit_test(a_line_is_one_line_and_bounded),
        cmocka_unit_test(nothing_in_a_line_deceives_its_reader),
        cmocka_unit_test(of_a_key_its_id_is_logged),
    };
    return cmocka_run_group_tests_name("cli: log", tests, NULL, NULL);
}
