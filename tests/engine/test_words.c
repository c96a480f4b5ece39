/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a word of a query stands for: stems of a language, the word as it is written; in segments of
 * earlier versions, too. */
#include "fixture.h"

static void put_names(struct fixture *f, int segment)
{
    fixture_put(f, segment, "{\"id\":\"en\",\"body\":\"Biden spoke\",\"language\":\"en\"}");
    fixture_put(f, segment, "{\"id\":\"bid\",\"body\":\"a bid in 2024\",\"language\":\"en\"}");
    fixture_put(f, segment, "{\"id\":\"de\",\"body\":\"Biden bat\",\"language\":\"de-AT\"}");
    fixture_put(f, segment, "{\"id\":\"und\",\"title\":\"biden bid\",\"language\":\"und\"}");
    fixture_put(f, segment, "{\"id\":\"ja\",\"title\":\"2024年の東京\",\"language\":\"ja\"}");
    fixture_put(f, segment, "{\"id\":\"kyo\",\"body\":\"spoke of 東京\",\"language\":\"en\"}");
}

static void expect_names(struct fixture *f)
{
    fixture_expect(f, "biden", "de en und");
    fixture_expect(f, "bid", "bid de und");
    fixture_expect(f, "biden spoken", "");
    fixture_expect(f, "\"biden speaks\"", "");
    fixture_expect(f, "\"biden bat\"", "de");
    fixture_expect(f, "title:biden", "und");
    fixture_expect(f, "2024", "bid ja");
    fixture_expect(f, "東京", "ja kyo");
    fixture_expect(f, "=bid", "bid und");
    uint32_t documents = 0;
    assert_int_equal(lede_index_term_documents(f->index, "", ";bid", &documents, NULL), LEDE_OK);
    assert_int_equal(documents, 1);
    assert_int_equal(lede_index_term_documents(f->index, "", ":bid", &documents, NULL), LEDE_OK);
    assert_int_equal(documents, 1);
    assert_int_equal(lede_index_term_documents(f->index, "T", "bid", &documents, NULL), LEDE_OK);
    assert_int_equal(documents, 1);
    assert_int_equal(lede_index_stem_documents(f->index, ":bid", "bid", &documents, NULL), LEDE_OK);
    assert_int_equal(documents, 2);
}

static void a_stem_finds_documents_of_its_own_language(void **state)
{
    struct fixture *f = *state;
    put_names(f, 0);
    fixture_read(f);
    expect_names(f);
}

/* Their terms do not say of which language a stem is; their documents do. */
static void it_does_in_segments_of_older_versions_too(void **state)
{
    struct fixture *f = *state;
    f->is_older[1] = true;
    put_names(f, 1);
    fixture_read(f);
    expect_names(f);
}

static void put_years(struct fixture *f, int segment)
{
    fixture_put(f, segment, "{\"id\":\"n\",\"body\":\"El ano\"}");
    fixture_put(f, segment, "{\"id\":\"ñ\",\"body\":\"Un AÑO\"}");
    fixture_put(f, segment, "{\"id\":\"t\",\"title\":\"año\",\"body\":\"ano\"}");
    fixture_put(f, segment, "{\"id\":\"both\",\"body\":\"ano, an\u0303o\"}");
}

static void an_exact_word_has_the_accents_that_are_written(void **state)
{
    struct fixture *f = *state;
    put_years(f, 0);
    fixture_read(f);
    fixture_expect(f, "=ano", "both n t");
    fixture_expect(f, "=año", "both t ñ");
    fixture_expect(f, "=Año =ano", "both t");
    fixture_expect(f, "title:=ano", "");
    fixture_expect(f, "=äno", "");
    fixture_expect(f, "ano", "both n t ñ");
    fixture_expect(f, "añ*", "both n t ñ");
}

/* They do not know how a word was written. */
static void it_has_any_in_segments_of_older_versions(void **state)
{
    struct fixture *f = *state;
    f->is_older[1] = true;
    put_years(f, 1);
    fixture_read(f);
    fixture_expect(f, "=ano", "both n t ñ");
    fixture_expect(f, "=año", "both n t ñ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stem_finds_documents_of_its_own_language),
        TEST(it_does_in_segments_of_older_versions_too),
        TEST(an_exact_word_has_the_accents_that_are_written),
        TEST(it_has_any_in_segments_of_older_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
