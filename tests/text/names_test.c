/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names written by the rules of several languages. */
#include "text_test.h"

#include "lede/names.h"

#include <string.h>

static bool is_one_name(const char *word, const char *other)
{
    char a[LEDE_NAME_FOLD_MAX + 1], b[LEDE_NAME_FOLD_MAX + 1];
    if (lede_name_fold(word, strlen(word), a) == 0 || lede_name_fold(other, strlen(other), b) == 0)
        return false;
    bool same = lede_name_is_same(a, b);
    assert_int_equal(same, lede_name_is_same(b, a));
    /* An index by key finds it, and a walk over the letters that it can begin with. */
    assert_true(!same || lede_name_key(a) == lede_name_key(b));
    assert_true(!same || strchr(lede_name_initials(a), other[0]));
    return same;
}

static void one_name_in_several_languages_is_one(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"zelensky", "selenskyj"}, {"zelenskiy", "zelenskyy"},
        {"gaddafi", "qaddafi"}, {"gaddafi", "kadhafi"}, {"mohammed", "muhammad"},
        {"tchaikovsky", "chaykovskiy"}, {"tschaikowski", "chaikovsky"},
        {"khrushchev", "chruschtschow"}, {"yeltsin", "jelzin"}, {"brezhnev", "brejnev"},
        {"prigozhin", "prigojine"}, {"rachmaninoff", "rakhmaninov"}, {"osama", "oussama"},
        {"kazakhstan", "kasachstan"}, {"azerbaijan", "aserbaidschan"}, {"milosevic", "milosevich"},
        {"quatar", "katar"}, {"xerxes", "kserkses"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (!is_one_name(names[i][0], names[i][1]))
            fail_msg("%s is not %s", names[i][0], names[i][1]);
    }
}

static void other_names_are_others(void **state)
{
    (void)state;
    assert_false(is_one_name("putin", "patten"));
    assert_false(is_one_name("saddam", "sodium"));
    assert_false(is_one_name("hussein", "hassan"));
    assert_false(is_one_name("gorbachev", "gorbach"));
    assert_false(is_one_name("yeltsin", "altson"));
}

static void what_is_no_name_has_no_fold(void **state)
{
    (void)state;
    char fold[LEDE_NAME_FOLD_MAX + 1];
    const char *long_word = "abcdefghijklmnopqrstuvwxyzabcdefghijk";
    assert_int_equal(lede_name_fold("", 0, fold), 0);
    assert_int_equal(lede_name_fold("ali", 3, fold), 0);
    assert_int_equal(lede_name_fold("b52s4", 5, fold), 0);
    assert_int_equal(lede_name_fold("\xd0\xbf\xd1\x83\xd1\x82", 6, fold), 0);
    assert_int_equal(lede_name_fold(long_word, strlen(long_word), fold), 0);
    assert_int_equal(lede_name_fold("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 32, fold), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_in_several_languages_is_one),
        cmocka_unit_test(other_names_are_others),
        cmocka_unit_test(what_is_no_name_has_no_fold),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
