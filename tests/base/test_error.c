/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors: filled whole, cut between characters, fit for a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lede/base.h"

#include <errno.h>
#include <string.h>

static void a_failure_fills_every_field_and_returns_its_status(void **state)
{
    struct lede_error error;
    memset(&error, 0x55, sizeof(error));
    (void)state;
    assert_int_equal(
        lede_fail(&error, LEDE_EINVALID, "expected %d, found '%s'", 3, "x"), LEDE_EINVALID);
    assert_int_equal(error.status, LEDE_EINVALID);
    assert_string_equal(error.message, "expected 3, found 'x'");
    assert_string_equal(error.hint, "");
    assert_string_equal(error.param, "");
    assert_string_equal(error.pointer, "");
    assert_false(error.has_position);
}

static void nobody_needs_to_want_the_reason(void **state)
{
    (void)state;
    assert_int_equal(lede_fail(NULL, LEDE_EIO, "x"), LEDE_EIO);
    assert_int_equal(lede_fail_memory(NULL), LEDE_ENOMEM);
    lede_error_hint(NULL, "x");
}

static void a_long_message_is_cut_between_characters(void **state)
{
    char text[600];
    struct lede_error error;
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof(text); i += 4)
            memcpy(text + i, "\xF0\x9F\x98\x80", 5);
        (void)lede_fail(&error, LEDE_EINPUT, "%s", text);
        size_t size = strlen(error.message);
        assert_true(size > sizeof(error.message) - 5);
        assert_int_equal((size - shift) % 4, 0);
        assert_memory_equal(error.message, text, size);
    }
}

static void a_hint_is_cut_between_characters(void **state)
{
    char text[400] = "";
    struct lede_error error;
    (void)state;
    for (size_t i = 0; i < 130; i++)
        strcat(text, "\u20AC");
    (void)lede_fail(&error, LEDE_EINPUT, "x");
    lede_error_hint(&error, "%s", text);
    assert_int_equal(strlen(error.hint) % 3, 0);
    assert_true(strlen(error.hint) > sizeof(error.hint) - 4);
}

static void a_quoted_character_cut_in_the_middle_becomes_a_question_mark(void **state)
{
    struct lede_error error;
    (void)state;
    (void)lede_fail(&error, LEDE_EINPUT, "found '%.2s'", "a\u00E9");
    assert_string_equal(error.message, "found 'a?'");
    (void)lede_fail(&error, LEDE_EINPUT, "found '%s' and '%s'", "\xFF", "\xE2\x82");
    assert_string_equal(error.message, "found '?' and '?'");
}

static void surrogates_overlong_forms_and_what_is_past_unicode_are_no_text(void **state)
{
    static const char *const bad[] = {
        "\xED\xA0\x80", "\xC0\xAF", "\xE0\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"};
    struct lede_error error;
    (void)state;
    for (size_t i = 0; i < LEDE_COUNT_OF(bad); i++) {
        (void)lede_fail(&error, LEDE_EINPUT, "<%s>", bad[i]);
        assert_string_equal(error.message, "<?>");
    }
}

static void a_message_is_one_line(void **state)
{
    struct lede_error error;
    (void)state;
    (void)lede_fail(&error, LEDE_EINPUT, "found '%s'", "a\nb\x1B[31m\x7F");
    assert_string_equal(error.message, "found 'a b [31m '");
}

static void an_error_may_quote_itself(void **state)
{
    struct lede_error error;
    (void)state;
    (void)lede_fail(&error, LEDE_EINPUT, "inner");
    (void)lede_fail(&error, LEDE_EIO, "outer: %s", error.message);
    assert_string_equal(error.message, "outer: inner");
}

static void a_full_disk_and_no_memory_are_told_apart_by_errno(void **state)
{
    struct lede_error error;
    (void)state;
    errno = ENOSPC;
    assert_int_equal(lede_fail_errno(&error, LEDE_EIO, "cannot write"), LEDE_ENOSPC);
    assert_string_equal(error.message, "cannot write: No space left on device");
    errno = EFBIG;
    assert_int_equal(lede_fail_errno(&error, LEDE_EIO, "cannot write"), LEDE_ENOSPC);
    errno = ENOMEM;
    assert_int_equal(lede_fail_errno(NULL, LEDE_EIO, "x"), LEDE_ENOMEM);
    errno = EMFILE;
    assert_int_equal(lede_fail_errno(NULL, LEDE_EIO, "x"), LEDE_EBUSY);
    errno = EACCES;
    assert_int_equal(lede_fail_errno(&error, LEDE_EIO, "cannot open '%s'", "f"), LEDE_EIO);
    assert_string_equal(error.message, "cannot open 'f': Permission denied");
}

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int i = LEDE_OK; i <= LEDE_EINTERNAL; i++) {
        for (int k = LEDE_OK; k < i; k++)
            assert_string_not_equal(
                lede_status_name((enum lede_status)i), lede_status_name((enum lede_status)k));
        assert_string_not_equal(lede_status_name((enum lede_status)i), "unknown");
    }
    assert_string_equal(lede_status_name((enum lede_status)999), "unknown");
}

static void cleanups_accept_nothing(void **state)
{
    char *text = NULL;
    int fd = -1;
    (void)state;
    lede_freep(&text);
    lede_closep(&fd);
    assert_int_equal(fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_fills_every_field_and_returns_its_status),
        cmocka_unit_test(nobody_needs_to_want_the_reason),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_hint_is_cut_between_characters),
        cmocka_unit_test(a_quoted_character_cut_in_the_middle_becomes_a_question_mark),
        cmocka_unit_test(surrogates_overlong_forms_and_what_is_past_unicode_are_no_text),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(an_error_may_quote_itself),
        cmocka_unit_test(a_full_disk_and_no_memory_are_told_apart_by_errno),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(cleanups_accept_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
