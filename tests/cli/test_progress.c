/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress bar of an import: how far, how fast, how long it will go on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/time.h"
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)

/* What is drawn after so many seconds, with so many bytes of `total_bytes` read. */
static void draw(uint64_t seconds, uint64_t total_bytes, uint64_t file_bytes, char ret_drawn[256])
{
    struct lede_progress progress = {.is_shown = true,
        .total_bytes = total_bytes,
        .started_ns = lede_time_monotonic_ns() - seconds * SECOND_NS};
    int screen = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_true(screen >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    lede_progress_show(&progress, 10, 2000000, file_bytes);
    fflush(stderr);
    dup2(screen, STDERR_FILENO);
    close(screen);
    rewind(file);
    size_t size = fread(ret_drawn, 1, 255, file);
    ret_drawn[size] = '\0';
    fclose(file);
}

static void the_time_left_is_told_from_what_is_done(void **state)
{
    (void)state;
    char drawn[256];
    draw(100, 1000, 250, drawn);
    assert_non_null(strstr(drawn, " 25%  10 documents, 2.0 MB, 0/s, 0.0 MB/s, 5:00 left"));
    draw(7200, 1000, 500, drawn);
    assert_non_null(strstr(drawn, ", 2:00:00 left"));
}

static void no_time_is_told_while_it_would_be_a_guess(void **state)
{
    (void)state;
    char drawn[256];
    draw(100, 1000, 5, drawn);
    assert_null(strstr(drawn, "left"));
    draw(0, 1000, 500, drawn);
    assert_null(strstr(drawn, "left"));
}

static void of_standard_input_neither_share_nor_time_is_told(void **state)
{
    (void)state;
    char drawn[256];
    draw(100, 0, 500, drawn);
    assert_non_null(strstr(drawn, "10 documents"));
    assert_null(strstr(drawn, "left"));
    assert_null(strchr(drawn, '%'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_left_is_told_from_what_is_done),
        cmocka_unit_test(no_time_is_told_while_it_would_be_a_guess),
        cmocka_unit_test(of_standard_input_neither_share_nor_time_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
