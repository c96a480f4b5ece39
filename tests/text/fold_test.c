/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How words are folded. */
#include <stdlib.h>
#include <string.h>

#include "text_test.h"

static void assert_folds(const char *text, const char *expected)
{
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t size = 0;
    assert_int_equal(lede_fold(text, strlen(text), &folded, &size), LEDE_OK);
    assert_string_equal(folded, expected);
    assert_int_equal(size, strlen(expected));
}

static void case_is_folded(void **state)
{
    (void)state;
    assert_folds("ABC xyz Straße ΣΊΣΥΦΟΣ İstanbul ısı", "abc xyz strasse σισυφοσ istanbul isi");
}

static void latin_accents_are_removed(void **state)
{
    (void)state;
    assert_folds("Müller naïve Ångström Łódź København Ærø œuvre Đoković þing",
        "muller naive angstrom lodz kobenhavn aero oeuvre dokovic thing");
    assert_folds("Việt Nam Ţepeş Țepeș", "viet nam tepes tepes");
}

static void greek_accents_are_removed(void **state)
{
    (void)state;
    assert_folds("Αθήνα ϊΐ", "αθηνα ιι");
}

static void cyrillic_yo_becomes_ye_and_short_i_stays(void **state)
{
    (void)state;
    assert_folds("Ёлка йод Київ Ўзбек", "елка йод київ ўзбек");
    assert_folds("и\u0306од за\u0301мок", "йод замок");
}

static void compatibility_forms_become_plain(void **state)
{
    (void)state;
    assert_folds("ﬁne ＦＵＬＬ Ⅷ 𝐁old", "fine full viii bold");
}

static void arabic_variants_are_unified(void **state)
{
    (void)state;
    assert_folds("مُحَمَّد عـلـي آمال أحمد إلى مدرسة مستشفى", "محمد علي امال احمد الي مدرسه مستشفي");
    assert_folds("ایران کتاب مسئول مسؤول", "ايران كتاب مسئول مسئول");
    assert_folds("خانۀ خانهٔ ہے ھے کہا کھا", "خانه خانه هے هے كها كھا");
    assert_folds("ന\u0D4D\u200D ൻ ґ น้ำ นํ้า", "ന\u0D4D ന\u0D4D г นํ้า นํ้า");
}

static void hebrew_points_are_dropped(void **state)
{
    (void)state;
    assert_folds("שָׁלוֹם", "שלום");
}

static void marks_that_make_letters_stay(void **state)
{
    (void)state;
    assert_folds("が か\u3099 हिन्दी தமிழ்", "が が हिंदी தமிழ்");
    assert_folds("हिंदी गङ्गा जन्म अन्न चाँद क़लम", "हिंदी गंगा जन्म अन्न चांद कलम");
}

static void decomposed_hangul_is_composed(void **state)
{
    (void)state;
    assert_folds("\u1112\u1161\u11AB\u1100\u116E\u11A8", "한국");
}

static void quotes_become_plain(void **state)
{
    (void)state;
    assert_folds("O’Brien “x”", "o'brien \"x\"");
}

static void a_thousand_marks_are_bounded(void **state)
{
    (void)state;
    char text[3002] = "\u0915";
    for (size_t i = 3; i + 2 < sizeof(text); i += 3)
        memcpy(text + i, "\u093C", 4);
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t size = 0;
    assert_int_equal(lede_fold(text, strlen(text), &folded, &size), LEDE_OK);
    assert_true(size < 100);
}

static void an_empty_text_folds_to_an_empty_text(void **state)
{
    (void)state;
    assert_folds("", "");
}

static void case_alone_is_folded_where_accents_stay(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_freep) char *folded = NULL;
    size_t size = 0;
    const char *text = "MÜNCHEN Sen\u0303or Πρωθυπουργός";
    assert_int_equal(lede_fold_case(text, strlen(text), &folded, &size, NULL), LEDE_OK);
    assert_string_equal(folded, "münchen señor πρωθυπουργόσ");
    assert_int_equal(size, strlen(folded));
    assert_int_equal(lede_fold_case("a\xFF", 2, &folded, &size, NULL), LEDE_EINPUT);
}

static void assert_capitals(const char *text, bool first_only, const char *expected)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer capitals = {0};
    lede_append_in_capitals(text, strlen(text), first_only, &capitals);
    assert_string_equal(capitals.data, expected);
}

static void small_letters_become_capitals_of_any_script(void **state)
{
    (void)state;
    assert_capitals("élysée l’été", false, "ÉLYSÉE L’ÉTÉ");
    assert_capitals("élysée", true, "Élysée");
    assert_capitals("москва 東京", false, "МОСКВА 東京");
    assert_true(lede_begins_with_capital("Élysée", 8));
    assert_false(lede_begins_with_capital("élysée", 8));
    assert_false(lede_begins_with_capital("東", 3));
    assert_false(lede_begins_with_capital("", 0));
}

static void forms_of_a_word_share_a_stem_in_its_language(void **state)
{
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = NULL;
    lede_language_set english = LEDE_LANGUAGE_BIT(lede_language_find("en", 2));
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_true(lede_share_stem(analyzer, english, "minister", 8, "ministers", 9));
    assert_false(lede_share_stem(analyzer, english, "minister", 8, "ministry", 8));
    assert_false(lede_share_stem(analyzer, 1, "minister", 8, "ministers", 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_is_folded),
        cmocka_unit_test(latin_accents_are_removed),
        cmocka_unit_test(greek_accents_are_removed),
        cmocka_unit_test(cyrillic_yo_becomes_ye_and_short_i_stays),
        cmocka_unit_test(compatibility_forms_become_plain),
        cmocka_unit_test(arabic_variants_are_unified),
        cmocka_unit_test(hebrew_points_are_dropped),
        cmocka_unit_test(marks_that_make_letters_stay),
        cmocka_unit_test(decomposed_hangul_is_composed),
        cmocka_unit_test(quotes_become_plain),
        cmocka_unit_test(a_thousand_marks_are_bounded),
        cmocka_unit_test(an_empty_text_folds_to_an_empty_text),
        cmocka_unit_test(case_alone_is_folded_where_accents_stay),
        cmocka_unit_test(small_letters_become_capitals_of_any_script),
        cmocka_unit_test(forms_of_a_word_share_a_stem_in_its_language),
    };
    return cmocka_run_group_tests_name("text fold", tests, NULL, NULL);
}
