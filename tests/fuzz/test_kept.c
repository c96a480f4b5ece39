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
#define CHANCE_INPUTS 200
#define CHANCE_BYTES_MAX 100

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

static const struct promise *find(const char *line, size_t name_size)
{
    for (const struct promise *promise = promises; promise->name; promise++) {
        if (strlen(promise->name) == name_size && strncmp(promise->name, line, name_size) == 0)
            return promise;
    }
    return NULL;
}

static void kept_inputs_keep_their_promise(void **state)
{
    (void)state;
    char *line = malloc(LINE_BYTES_MAX);
    uint8_t *data = malloc(LINE_BYTES_MAX);
    FILE *file = fopen(kept_path, "r");
    assert_true(line && data && file);
    size_t count = 0;
    while (fgets(line, LINE_BYTES_MAX, file)) {
        size_t name_size = strcspn(line, " \n");
        const struct promise *promise = find(line, name_size);
        assert_true(promise || line[0] == '#');
        if (!promise)
            continue;
        promise->function(data, decode(line + name_size + 1, data));
        count++;
    }
    fclose(file);
    free(data);
    free(line);
    assert_true(count > 0);
}

/* Inputs of no meaning at all, and the same again: chance finds what nobody wrote down. */
static void inputs_of_chance_keep_every_promise(void **state)
{
    (void)state;
    const char *seed = getenv("LEDE_TEST_SEED");
    uint64_t chance = seed ? strtoull(seed, NULL, 10) : 20220119;
    uint8_t data[CHANCE_BYTES_MAX];
    print_message("# seed %llu\n", (unsigned long long)chance);
    for (const struct promise *promise = promises; promise->name; promise++) {
        for (unsigned i = 0; i < CHANCE_INPUTS; i++) {
            size_t size = i % CHANCE_BYTES_MAX;
            for (size_t at = 0; at < size; at++) {
                chance = chance * 6364136223846793005U + 1442695040888963407U;
                data[at] = (uint8_t)(chance >> 56);
            }
            promise->function(data, size);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_inputs_keep_their_promise),
        cmocka_unit_test(inputs_of_chance_keep_every_promise)};
    kept_path = argc > 1 ? argv[1] : "";
    return cmocka_run_group_tests_name("fuzz kept", tests, NULL, NULL);
}
