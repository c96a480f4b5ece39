/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Terms by language, the table of languages, and analyzers without memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text_test.h"

/* calloc() fails when this many more calls have been made; negative: never. */
static int calls_until_failure = -1;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    if (calls_until_failure == 0)
        return NULL;
    if (calls_until_failure > 0)
        calls_until_failure--;
    return __real_calloc(count, size);
}

static void words_are_stemmed_by_language(void **state)
{
    (void)state;
    assert_tokens(SHOW_TERMS, "en", "elections elected", "elect|elect");
    assert_tokens(SHOW_TERMS, "de", "Wahlen", "wahl");
    assert_tokens(SHOW_TERMS, "es", "elecciones", "eleccion");
    assert_tokens(SHOW_TERMS, "ru", "выборы", "выбор");
    assert_tokens(SHOW_TERMS, "und", "elections", "elections");
    assert_tokens(SHOW_TERMS, "pl", "Wybory", "wybory");
}

static bool is_function_in(const char *language, const char *word)
{
    return lede_word_is_function_in(
        lede_language_find(language, strlen(language)), word, strlen(word));
}

static void function_words_are_those_of_a_language(void **state)
{
    (void)state;
    static const char *const english[] = {"the", "which", "were", "each", "may", "without"};
    for (size_t i = 0; i < LEDE_COUNT_OF(english); i++)
        assert_true(is_function_in("en", english[i]));
    assert_false(is_function_in("en", "war"));
    assert_false(is_function_in("en", "minister"));
    assert_false(is_function_in("en", ""));
    assert_true(is_function_in("de", "war"));
    assert_true(is_function_in("de", "fur")); /* für, folded */
    assert_true(is_function_in("fr", "etait"));
    assert_false(is_function_in("fr", "were"));
    /* Where the language has no list, what is one in any. */
    assert_true(is_function_in("und", "the"));
    assert_true(is_function_in("ja", "the"));
    assert_false(is_function_in("und", "war"));
}

static void accents_make_no_difference_to_a_term(void **state)
{
    (void)state;
    assert_tokens(SHOW_TERMS, "fr", "élection election", "elect|elect");
    assert_tokens(SHOW_TERMS, "de", "Häuser Hauser", "haus|haus");
}

static void accented_endings_meet_their_inflections(void **state)
{
    (void)state;
    assert_tokens(SHOW_TERMS, "es", "asociación asociacion asociaciones", "asoci|asoci|asoci");
    assert_tokens(SHOW_TERMS, "fr", "dernière derniere dernier", "derni|derni|derni");
    assert_tokens(SHOW_TERMS, "pt", "informação informacao informações", "inform|inform|inform");
}

static void elided_articles_go_from_the_term_where_the_language_has_them(void **state)
{
    (void)state;
    assert_tokens(SHOW_WORDS, "fr", "l’homme qu'elle", "l'homme|qu'elle");
    assert_tokens(SHOW_TERMS, "fr", "l’homme homme aujourd'hui", "homm|homm|aujourd'hui");
    assert_tokens(SHOW_TERMS, "it", "dell'arte l'arte arte", "arte|arte|arte");
    assert_tokens(SHOW_TERMS, "ca", "l'home home", "hom|hom");
    assert_tokens(SHOW_TERMS, "und", "l’homme", "l'homme");
}

static void turkish_names_lose_the_suffix_behind_their_apostrophe(void **state)
{
    (void)state;
    assert_tokens(SHOW_TERMS, "tr", "Ankara'da Ankara", "ankar|ankar");
}

static void a_term_is_the_stem_of_the_folded_word(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    char term[LEDE_TERM_SIZE_MAX + 1];
    size_t size = lede_stem(analyzer, language_named("en"), "o'brien's", 9, term);
    assert_int_equal(size, 8);
    assert_string_equal(term, ":o'brien");
}

static void assert_term(const char *language, const char *word, const char *expected)
{
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    char term[LEDE_TERM_SIZE_MAX + 1];
    size_t size = lede_stem(analyzer, language_named(language), word, strlen(word), term);
    assert_int_equal(size, strlen(term));
    assert_string_equal(term, expected);
}

static void a_stem_carries_its_language(void **state)
{
    (void)state;
    assert_term("en", "bid", ":bid");
    assert_term("de", "biden", ";bid");
    assert_term("de-AT", "biden", ";bid");
    assert_term("und", "biden", "biden");
    assert_term("pl", "biden", "biden"); /* has no stemmer */
    assert_term("hr", "vlada", "`vlad");
    assert_term("sr", "vlada", "`vlad");
    assert_term("ms", "makanan", "{makan");
    assert_string_equal(lede_term_stem(";bid"), "bid");
    assert_string_equal(lede_term_stem("biden"), "biden");
}

static void what_no_stemmer_touches_is_one_term_in_every_language(void **state)
{
    (void)state;
    static const char *const words[] = {"2024", "3.5", "1.234,56", "東京", "京", "น้ำ", "대통"};
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        for (size_t k = 0; k < lede_language_count(); k++)
            assert_term(lede_language_code((lede_language)k), words[i], words[i]);
        assert_true(lede_term_is_of_all_languages(words[i], strlen(words[i])));
    }
    assert_term("en", "1990's", "1990");
    assert_term("en", "f16", ":f16");
    assert_false(lede_term_is_of_all_languages("f16", 3));
    assert_false(lede_term_is_of_all_languages("выбор", strlen("выбор")));
}

static void a_word_of_any_length_has_a_term_that_fits(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    char word[LEDE_TERM_SIZE_MAX + 2], term[LEDE_TERM_SIZE_MAX + 1];
    memset(word, 'q', sizeof(word));
    for (size_t size = 1; size <= sizeof(word); size++) {
        for (size_t k = 0; k < lede_language_count(); k++) {
            size_t got = lede_stem(analyzer, (lede_language)k, word, size, term);
            assert_true(got > 0 && got <= LEDE_TERM_SIZE_MAX && strlen(term) == got);
            bool has_tag = lede_term_stem(term) != term;
            assert_int_equal(has_tag, lede_language_has_stemmer((lede_language)k) &&
                                          size + LEDE_TAG_SIZE <= LEDE_TERM_SIZE_MAX);
        }
    }
}

static void languages_share_a_tag_where_they_share_a_stemmer(void **state)
{
    (void)state;
    size_t shared = 0;
    for (size_t i = 0; i < lede_language_count(); i++) {
        const char *tag = lede_language_tag((lede_language)i);
        bool has_stemmer = lede_language_has_stemmer((lede_language)i);
        assert_int_equal(strlen(tag), has_stemmer ? LEDE_TAG_SIZE : 0);
        for (size_t k = 0; has_stemmer && k < i; k++)
            shared += strcmp(tag, lede_language_tag((lede_language)k)) == 0;
    }
    assert_int_equal(shared, 4); /* each two of bs, hr, sr; id with ms */
    assert_string_equal(lede_language_tag(language_named("bs")), "`");
    assert_string_equal(lede_language_tag(language_named("hr")), "`");
    assert_string_equal(lede_language_tag(language_named("ms")), "{");
    assert_string_equal(lede_language_tag(200), "");
}

static void a_full_cache_changes_no_term(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    lede_language english = language_named("en");
    char word[32], term[LEDE_TERM_SIZE_MAX + 1], expected[32];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 200000; i++) {
            int size = snprintf(word, sizeof(word), "x%dqings", i);
            snprintf(expected, sizeof(expected), ":x%dqing", i);
            lede_stem(analyzer, english, word, (size_t)size, term);
            if (strcmp(term, expected) != 0)
                fail_msg("%s became %s", word, term);
        }
}

static void what_is_kept_of_a_word_is_its_term_in_one_language(void **state)
{
    static const char *const words[] = {
        "nationales", "rapidement", "elections", "governo", "casas"};
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *shared = make_analyzer();
    char term[LEDE_TERM_SIZE_MAX + 1], expected[LEDE_TERM_SIZE_MAX + 1];
    (void)state;
    for (size_t turn = 0; turn < 2 * LEDE_COUNT_OF(words); turn++) {
        const char *word = words[turn % LEDE_COUNT_OF(words)];
        for (size_t i = 0; i < lede_language_count(); i++) {
            LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *own = make_analyzer();
            lede_stem(own, (lede_language)i, word, strlen(word), expected);
            lede_stem(shared, (lede_language)i, word, strlen(word), term);
            assert_string_equal(term, expected);
        }
    }
}

static void an_analyzer_without_memory_says_so(void **state)
{
    struct lede_analyzer *analyzer = (void *)state;
    calls_until_failure = 0;
    enum lede_status st = lede_analyzer_new(&analyzer, NULL);
    calls_until_failure = -1;
    assert_int_equal(st, LEDE_ENOMEM);
    assert_ptr_equal(analyzer, state);
    lede_analyzer_free(NULL);
}

static void a_detector_without_memory_says_so(void **state)
{
    struct lede_language_detector *detector = (void *)state;
    calls_until_failure = 0;
    enum lede_status st = lede_language_detector_new(&detector, NULL);
    calls_until_failure = -1;
    assert_int_equal(st, LEDE_ENOMEM);
    assert_ptr_equal(detector, state);
    lede_language_detector_free(NULL);
}

static void a_walk_without_memory_for_its_cache_gives_the_same_terms(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    char term[LEDE_TERM_SIZE_MAX + 1];
    calls_until_failure = 0;
    lede_stem(analyzer, language_named("en"), "elections", 9, term);
    calls_until_failure = -1;
    assert_string_equal(term, ":elect");
}

static void languages_are_found_by_tag(void **state)
{
    (void)state;
    assert_string_equal(lede_language_code(language_named("EN-gb")), "en");
    assert_string_equal(lede_language_code(language_named("ger")), "de");
    assert_string_equal(lede_language_code(language_named("deu")), "de");
    assert_string_equal(lede_language_code(language_named("nb")), "no");
    assert_string_equal(lede_language_code(language_named("zh-Hant-TW")), "zh");
    assert_string_equal(lede_language_code(language_named("pt_BR")), "pt");
    static const char *const unknown[] = {"", "x", "-", "xx", "english", "und", "-en"};
    for (size_t i = 0; i < LEDE_COUNT_OF(unknown); i++)
        assert_int_equal(language_named(unknown[i]), LEDE_LANGUAGE_UND);
}

static void every_language_is_found_by_its_code_and_stems(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    char term[LEDE_TERM_SIZE_MAX + 1];
    size_t stemmers = 0;
    assert_true(lede_language_count() <= LEDE_LANGUAGE_COUNT_MAX);
    for (size_t i = 0; i < lede_language_count(); i++) {
        assert_int_equal(language_named(lede_language_code((lede_language)i)), i);
        assert_true(lede_stem(analyzer, (lede_language)i, "paris", 5, term) > 0);
        stemmers += lede_language_has_stemmer((lede_language)i);
    }
    assert_int_equal(stemmers, 31);
    assert_string_equal(lede_language_code(200), "und");
    assert_false(lede_language_has_stemmer(200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_stemmed_by_language),
        cmocka_unit_test(function_words_are_those_of_a_language),
        cmocka_unit_test(accents_make_no_difference_to_a_term),
        cmocka_unit_test(accented_endings_meet_their_inflections),
        cmocka_unit_test(elided_articles_go_from_the_term_where_the_language_has_them),
        cmocka_unit_test(turkish_names_lose_the_suffix_behind_their_apostrophe),
        cmocka_unit_test(a_term_is_the_stem_of_the_folded_word),
        cmocka_unit_test(a_stem_carries_its_language),
        cmocka_unit_test(what_no_stemmer_touches_is_one_term_in_every_language),
        cmocka_unit_test(a_word_of_any_length_has_a_term_that_fits),
        cmocka_unit_test(languages_share_a_tag_where_they_share_a_stemmer),
        cmocka_unit_test(a_full_cache_changes_no_term),
        cmocka_unit_test(what_is_kept_of_a_word_is_its_term_in_one_language),
        cmocka_unit_test(an_analyzer_without_memory_says_so),
        cmocka_unit_test(a_detector_without_memory_says_so),
        cmocka_unit_test(a_walk_without_memory_for_its_cache_gives_the_same_terms),
        cmocka_unit_test(languages_are_found_by_tag),
        cmocka_unit_test(every_language_is_found_by_its_code_and_stems),
    };
    return cmocka_run_group_tests_name("text stem", tests, NULL, NULL);
}
