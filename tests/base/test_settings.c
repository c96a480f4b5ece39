/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings: defaults, file, environment, flags; what is wrong is refused with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct values {
    char *name;
    uint32_t count;
    size_t room;
    uint32_t wait_ms;
    bool loud;
    uint32_t level;
    struct lede_listeners listen;
    struct lede_nets nets;
};

static const char *const levels[] = {"low", "high", NULL};
static const struct lede_setting table[] = {
    {"one", "name", LEDE_SETTING_STRING, offsetof(struct values, name), 1, 20, "anna", NULL},
    {"one", "count", LEDE_SETTING_UINT32, offsetof(struct values, count), 1, 99, "5", NULL},
    {"one", "room", LEDE_SETTING_BYTES, offsetof(struct values, room), 1024, 1 << 30, "64KiB",
        NULL},
    {"two", "wait", LEDE_SETTING_DURATION_MS, offsetof(struct values, wait_ms), 100, 60000, "2s",
        NULL},
    {"two", "loud", LEDE_SETTING_BOOL, offsetof(struct values, loud), 0, 0, "false", NULL},
    {"two", "level", LEDE_SETTING_CHOICE, offsetof(struct values, level), 0, 0, "high", levels},
    {"two", "listen", LEDE_SETTING_LISTENERS, offsetof(struct values, listen), 0, 0,
        "127.0.0.1:5333", NULL},
    {"two", "nets", LEDE_SETTING_NETS, offsetof(struct values, nets), 0, 0, "off", NULL},
    {NULL, NULL, LEDE_SETTING_BOOL, 0, 0, 0, NULL, NULL},
};

static char path[] = "/tmp/lede-settings-XXXXXX";

static int make_path(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    (void)state;
    return unlink(path);
}

static enum lede_status load(const char *text, const char *const *environment,
    struct values *values, struct lede_error *reterr)
{
    FILE *file = text ? fopen(path, "w") : NULL;
    if (file) {
        fputs(text, file);
        fclose(file);
    }
    return lede_settings_load(table, text ? path : NULL, environment, values, reterr);
}

/* A file that is refused with "path:" and this. */
static void assert_refused(const char *text, const char *expected)
{
    struct values values = {0};
    struct lede_error error = {0};
    assert_int_equal(load(text, NULL, &values, &error), LEDE_EINPUT);
    assert_memory_equal(error.message, path, strlen(path));
    assert_string_equal(error.message + strlen(path), expected);
    lede_settings_done(table, &values);
}

static void without_a_file_the_defaults_hold(void **state)
{
    struct values values = {0};
    (void)state;
    assert_int_equal(load(NULL, NULL, &values, NULL), LEDE_OK);
    assert_string_equal(values.name, "anna");
    assert_int_equal(values.count, 5);
    assert_int_equal(values.room, 65536);
    assert_int_equal(values.wait_ms, 2000);
    assert_false(values.loud);
    assert_int_equal(values.level, 1);
    assert_string_equal(values.listen.items[0].host, "127.0.0.1");
    assert_int_equal(values.listen.items[0].port, 5333);
    lede_settings_done(table, &values);
    assert_null(values.name);
}

static void a_file_wins_over_the_defaults(void **state)
{
    struct values values = {0};
    (void)state;
    assert_int_equal(
        load("# a comment\n[one]\nname = bert\n  count=7 ; why\n\n[two]\nloud = yes\nlevel = low\n"
             "wait = 500ms\nlisten = [::1]:80\n",
            NULL, &values, NULL),
        LEDE_OK);
    assert_string_equal(values.name, "bert");
    assert_int_equal(values.count, 7);
    assert_int_equal(values.room, 65536);
    assert_true(values.loud);
    assert_int_equal(values.level, 0);
    assert_int_equal(values.wait_ms, 500);
    assert_string_equal(values.listen.items[0].host, "::1");
    assert_int_equal(values.listen.items[0].port, 80);
    lede_settings_done(table, &values);
}

static void the_environment_wins_over_the_file_and_a_flag_over_both(void **state)
{
    static const char *const environment[] = {
        "PATH=/bin", "LEDE_ONE_COUNT=8", "LEDE_TWO_LOUD=1", "LEDE_OTHER=x", NULL};
    struct values values = {0};
    (void)state;
    assert_int_equal(load("[one]\ncount = 7\nname = bert\n", environment, &values, NULL), LEDE_OK);
    assert_int_equal(values.count, 8);
    assert_true(values.loud);
    assert_string_equal(values.name, "bert");
    assert_int_equal(
        lede_settings_set(table, "one", "count", "9", "--count", &values, NULL), LEDE_OK);
    assert_int_equal(values.count, 9);
    lede_settings_done(table, &values);
}

static void an_unknown_key_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused(
        "[one]\nname = x\n\ncolour = red\n", ":4: no setting is called 'colour' in [one]");
    assert_refused("[three]\nname = x\n", ":2: no setting is called 'name' in [three]");
    assert_refused("name = x\n", ":1: no setting is called 'name' in []");
}

static void a_bad_value_is_refused_with_its_line_and_what_was_expected(void **state)
{
    (void)state;
    assert_refused(
        "[one]\ncount = many\n", ":2: count: expected a whole number from 1 to 99, found 'many'");
    assert_refused(
        "[one]\ncount = 100\n", ":2: count: expected a whole number from 1 to 99, found '100'");
    assert_refused("[one]\nroom = 12\n", ":2: room: expected 1024 to 1073741824, found '12'");
    assert_refused("[two]\nloud = perhaps\n", ":2: loud: expected true or false, found 'perhaps'");
    assert_refused(
        "[two]\nlevel = middle\n", ":2: level: expected one of low, high, found 'middle'");
    assert_refused("[two]\n\n\nwait = 2\n",
        ":4: wait: expected a duration such as 500ms, 2s, 12h or 7d, at most 60s, found '2'");
    assert_refused("[one]\nname =\n", ":2: name: expected a text of 1 to 20 bytes, found ''");
}

static void places_and_nets_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("[two]\nlisten = 127.0.0.1:80, example.org:80\n",
        ":2: listen: expected an address and a port such as 127.0.0.1:5333 or [::1]:5333, tls or "
        "redirect behind it, or unix:/path and a mode such as 0660; found 'example.org:80'");
    assert_refused("[two]\nnets = 10.1.2.3/8\n",
        ":2: nets: expected addresses, nets (10.0.0.0/8: no bits behind those that count) or unix, "
        "with commas between, found '10.1.2.3/8'");
}

static void the_first_of_several_mistakes_is_told(void **state)
{
    (void)state;
    assert_refused("[one]\ncount = x\nname = ok\nroom = y\n",
        ":2: count: expected a whole number from 1 to 99, found 'x'");
    assert_refused("[one]\nnonsense\ncount = x\n", ":2: expected [section] or key = value");
    assert_refused("[one]\ncount = x\nnonsense\n",
        ":2: count: expected a whole number from 1 to 99, found 'x'");
}

static void a_line_that_is_no_setting_is_refused(void **state)
{
    (void)state;
    assert_refused("[one]\ncount = 7\nhello\n", ":3: expected [section] or key = value");
    assert_refused("[one\n", ":1: expected [section] or key = value");
}

static void an_indented_key_is_a_key_and_not_more_of_the_value_above(void **state)
{
    struct values values = {0};
    (void)state;
    assert_int_equal(load("[one]\nname = bert\n    count = 7\n", NULL, &values, NULL), LEDE_OK);
    assert_string_equal(values.name, "bert");
    assert_int_equal(values.count, 7);
    lede_settings_done(table, &values);
}

static void a_line_too_long_is_refused_and_not_cut(void **state)
{
    char text[600] = "[one]\nname = ";
    (void)state;
    memset(text + strlen(text), 'x', 400);
    assert_refused(text, ":2: expected a line of at most 199 bytes");
    memcpy(text + 410, "\nnonsense\n", 11);
    assert_refused(text, ":2: expected a line of at most 199 bytes");
}

static void a_wrong_variable_is_refused_by_name(void **state)
{
    static const char *const bad[] = {"LEDE_ONE_COUNT=red", NULL};
    struct values values = {0};
    struct lede_error error;
    (void)state;
    assert_int_equal(load(NULL, bad, &values, &error), LEDE_EINPUT);
    assert_string_equal(
        error.message, "LEDE_ONE_COUNT: expected a whole number from 1 to 99, found 'red'");
    lede_settings_done(table, &values);
}

static void an_unknown_variable_is_left_alone_and_known_as_such(void **state)
{
    static const char *const unknown[] = {"LEDE_ONE_COLOUR=red", "LEDE_ELSE=1", NULL};
    struct values values = {0};
    (void)state;
    assert_int_equal(load(NULL, unknown, &values, NULL), LEDE_OK);
    assert_true(lede_settings_is_unknown(table, unknown[0]));
    assert_true(lede_settings_is_unknown(table, "LEDE_ONE_"));
    assert_false(lede_settings_is_unknown(table, unknown[1]));
    assert_false(lede_settings_is_unknown(table, "LEDE_ONE_COUNT=1"));
    assert_false(lede_settings_is_unknown(table, "HOME=/"));
    lede_settings_done(table, &values);
}

static void a_wrong_flag_is_refused_by_name_and_changes_nothing(void **state)
{
    struct values values = {0};
    struct lede_error error;
    (void)state;
    assert_int_equal(load(NULL, NULL, &values, NULL), LEDE_OK);
    assert_int_equal(
        lede_settings_set(table, "one", "count", "0", "--count", &values, &error), LEDE_EINPUT);
    assert_string_equal(error.message, "--count: expected a whole number from 1 to 99, found '0'");
    assert_int_equal(values.count, 5);
    lede_settings_done(table, &values);
}

static void a_file_that_is_not_there_is_said(void **state)
{
    struct values values = {0};
    struct lede_error error;
    (void)state;
    assert_int_equal(
        lede_settings_load(table, "/nonexistent.ini", NULL, &values, &error), LEDE_ENOTFOUND);
    assert_string_equal(
        error.message, "cannot read settings '/nonexistent.ini': No such file or directory");
    assert_int_equal(lede_settings_load(table, "/tmp", NULL, &values, &error), LEDE_EIO);
    lede_settings_done(table, &values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_the_defaults_hold),
        cmocka_unit_test(a_file_wins_over_the_defaults),
        cmocka_unit_test(the_environment_wins_over_the_file_and_a_flag_over_both),
        cmocka_unit_test(an_unknown_key_is_refused_with_its_line),
        cmocka_unit_test(a_bad_value_is_refused_with_its_line_and_what_was_expected),
        cmocka_unit_test(places_and_nets_are_refused_with_their_line),
        cmocka_unit_test(the_first_of_several_mistakes_is_told),
        cmocka_unit_test(a_line_that_is_no_setting_is_refused),
        cmocka_unit_test(an_indented_key_is_a_key_and_not_more_of_the_value_above),
        cmocka_unit_test(a_line_too_long_is_refused_and_not_cut),
        cmocka_unit_test(a_wrong_variable_is_refused_by_name),
        cmocka_unit_test(an_unknown_variable_is_left_alone_and_known_as_such),
        cmocka_unit_test(a_wrong_flag_is_refused_by_name_and_changes_nothing),
        cmocka_unit_test(a_file_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
