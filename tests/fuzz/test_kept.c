/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every input that ever broke a promise keeps it now. An input is a line of kept.txt: the target,
 * a blank, and its bytes with \xHH for what is no printable ASCII. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lede/base.h"
#include "promise.h"

#define LINE_BYTES_MAX 65536

static const char *kept_path;

static int digit(char c)
{
    return c >= 'a' ? c - 'a' + 10 : c - '0';
}

static size_t decode(const char *line, uint8_t *ret_data)
{
    size_t size = 0;
    for (; *line && *line != '\n'; line++) {
        bool is_escaped = line[0] == '\\' && line[1] == 'x' && line[2] && line[3];
        ret_data[size++] = (uint8_t)(is_escaped ? digit(line[2]) * 16 + digit(line[3]) : *line);
        line += is_escaped ? 3 : 0;
    }
    return size;
}

static void kept_inputs_keep_their_promise(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*function)(const uint8_t *data, size_t size);
    } targets[] = {
        {"query ", promise_of_query}, {"text ", promise_of_text}, {"marks ", promise_of_marks}};
    char *line = malloc(LINE_BYTES_MAX);
    uint8_t *data = malloc(LINE_BYTES_MAX);
    FILE *file = fopen(kept_path, "r");
    assert_true(line && data && file);
    size_t count = 0;
    while (fgets(line, LINE_BYTES_MAX, file)) {
        for (size_t i = 0; i < LEDE_COUNT_OF(targets); i++) {
            size_t skipped = strlen(targets[i].name);
            if (strncmp(line, targets[i].name, skipped) != 0)
                continue;
            targets[i].function(data, decode(line + skipped, data));
            count++;
        }
    }
    fclose(file);
    free(data);
    free(line);
    assert_true(count > 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_inputs_keep_their_promise)};
    kept_path = argc > 1 ? argv[1] : "";
    return cmocka_run_group_tests_name("fuzz kept", tests, NULL, NULL);
}
