/* SPDX-License-Identifier: GPL-2.0-or-later */
/* config/lede.ini and the table in the code say the same: every setting is there once, with its
 * default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char bare_path[] = "/tmp/lede-ini-XXXXXX"; /* the file with every default switched on */

/* "#key = value" is a setting that is switched off; other lines after # are words. */
static bool is_switched_off(const char *line)
{
    size_t size = 1;
    while (islower((unsigned char)line[size]) || line[size] == '_')
        size++;
    return line[0] == '#' && size > 1 && strncmp(line + size, " = ", 3) == 0;
}

static int switch_on(void **state)
{
    (void)state;
    char line[512];
    int fd = mkstemp(bare_path);
    FILE *from = fopen(LEDE_INI, "r");
    FILE *to = fd < 0 ? NULL : fdopen(fd, "w");
    if (!from || !to)
        return -1;
    while (fgets(line, sizeof(line), from))
        fputs(is_switched_off(line) ? line + 1 : line, to);
    return fclose(from) + fclose(to);
}

static int remove_bare(void **state)
{
    (void)state;
    return unlink(bare_path);
}

/* The value of a key in the file with everything on; NULL if it is not there, or twice. */
static char *value_in_file(const char *section, const char *key, char *buffer, int capacity)
{
    char current[64] = "";
    char line[512];
    size_t found = 0;
    FILE *file = fopen(bare_path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char name[64];
        char value[256];
        if (sscanf(line, "[%63[a-z]]", current) == 1 || line[0] == '#')
            continue;
        if (sscanf(line, "%63[a-z_] = %255[^\n]", name, value) != 2)
            continue;
        if (strcmp(current, section) == 0 && strcmp(name, key) == 0 && ++found == 1)
            snprintf(buffer, (size_t)capacity, "%s", value);
    }
    fclose(file);
    return found == 1 ? buffer : NULL;
}

static void the_file_as_shipped_changes_nothing(void **state)
{
    struct lede_server_settings defaults;
    struct lede_server_settings shipped;
    struct lede_error error = {0};
    (void)state;
    memset(&defaults, 0, sizeof(defaults));
    memset(&shipped, 0, sizeof(shipped));
    assert_int_equal(
        lede_settings_load(lede_server_settings_table, NULL, NULL, &defaults, NULL), LEDE_OK);
    if (lede_settings_load(lede_server_settings_table, LEDE_INI, NULL, &shipped, &error) != LEDE_OK)
        fail_msg("%s", error.message);
    assert_string_equal(defaults.data, shipped.data);
    assert_string_equal(defaults.backups, shipped.backups);
    lede_server_settings_done(&defaults);
    lede_server_settings_done(&shipped);
    assert_memory_equal(&defaults, &shipped, sizeof(defaults));
}

static void every_setting_stands_in_the_file_once_with_its_default(void **state)
{
    (void)state;
    for (const struct lede_setting *row = lede_server_settings_table; row->section; row++) {
        char buffer[256];
        const char *value = value_in_file(row->section, row->key, buffer, sizeof(buffer));
        if (!value)
            fail_msg("[%s] %s is not in lede.ini exactly once", row->section, row->key);
        assert_string_equal(value, row->default_value);
    }
}

static void every_setting_in_the_file_is_known(void **state)
{
    struct lede_server_settings settings = {0};
    struct lede_error error = {0};
    (void)state;
    if (lede_settings_load(lede_server_settings_table, bare_path, NULL, &settings, &error) !=
        LEDE_OK)
        fail_msg("%s", error.message);
    lede_server_settings_done(&settings);
}

static void bounds_are_refused_beyond(void **state)
{
    (void)state;
    for (const struct lede_setting *row = lede_server_settings_table; row->section; row++) {
        struct lede_server_settings settings = {0};
        char text[32];
        if (row->type != LEDE_SETTING_UINT32)
            continue;
        snprintf(text, sizeof(text), "%lld", (long long)row->max + 1);
        assert_int_equal(lede_settings_set(lede_server_settings_table, row->section, row->key, text,
                             "flag", &settings, NULL),
            LEDE_EINPUT);
        snprintf(text, sizeof(text), "%lld", (long long)row->min - 1);
        assert_int_equal(lede_settings_set(lede_server_settings_table, row->section, row->key, text,
                             "flag", &settings, NULL),
            LEDE_EINPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_as_shipped_changes_nothing),
        cmocka_unit_test(every_setting_stands_in_the_file_once_with_its_default),
        cmocka_unit_test(every_setting_in_the_file_is_known),
        cmocka_unit_test(bounds_are_refused_beyond),
    };
    return cmocka_run_group_tests(tests, switch_on, remove_bare);
}
