/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What searches remember of the archive's words, and whether they notice that it changed. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_body(struct fixture *f, int segment, const char *id, const char *body)
{
    char json[400];
    snprintf(json, sizeof(json),
        "{\"id\":\"%s\",\"body\":\"%s\",\"language\":\"en\",\"published\":\"2022-01-01T00:00:"
        "00Z\"}",
        id, body);
    fixture_put(f, segment, json);
}

/* Patterns that walk all words, those of one letter, and a few. */
static const char *const patterns[] = {"*ade*", "t*", "trad*", "tradr~", "t?ade*"};

static void expect_all(struct fixture *f, const char *ids)
{
    for (size_t i = 0; i < LEDE_COUNT_OF(patterns); i++) {
        fixture_expect(f, patterns[i], ids);
        fixture_expect(f, patterns[i], ids); /* from what the first one read */
    }
}

static void a_pattern_sees_what_was_stored_and_deleted_since(void **state)
{
    struct fixture *f = *state;
    put_body(f, 0, "a", "A trade was made.");
    put_body(f, 1, "b", "No word of it.");
    fixture_read(f);
    expect_all(f, "a");
    put_body(f, 1, "c", "The trader came.");
    put_body(f, 0, "d", "Trades were trade.");
    fixture_read(f);
    expect_all(f, "a c d");
    fixture_delete(f, 0, "a");
    fixture_read(f);
    expect_all(f, "c d");
}

/* A segment and its copy cannot be told apart by what Xapian calls them. */
static void a_pattern_finds_the_documents_of_a_copied_segment_too(void **state)
{
    struct fixture *f = *state;
    put_body(f, 0, "a", "A trade was made.");
    put_body(f, 0, "b", "The trader came.");
    put_body(f, 0, "c", "No word of it.");
    fixture_read(f);
    lede_index_free(f->index);
    const char *paths[] = {f->paths[0], f->paths[0], f->paths[1]};
    assert_int_equal(lede_index_open(paths, LEDE_COUNT_OF(paths), &f->index, NULL), LEDE_OK);
    expect_all(f, "a a b b");
}

static void a_letter_of_several_bytes_is_one_character_of_a_pattern(void **state)
{
    struct fixture *f = *state;
    put_body(f, 0, "a", "\xD0\x96\xD0\xB8\xD0\xB7\xD0\xBD\xD1\x8C");       /* Жизнь */
    put_body(f, 1, "b", "\xD0\xAF\xD0\xB7\xD1\x8B\xD0\xBA \xD0\xB8 zinc"); /* Язык и */
    fixture_read(f);
    for (int again = 0; again < 2; again++) {
        fixture_expect(f, "\xD0\xB6*", "a");
        fixture_expect(f, "\xD1\x8F*", "b");
        fixture_expect(f, "*\xD0\xB7*", "a b");
        fixture_expect(f, "z*", "b");
    }
}

static void a_pattern_excludes_and_combines_as_words_do(void **state)
{
    struct fixture *f = *state;
    put_body(f, 0, "a", "A trade in gold.");
    put_body(f, 1, "b", "The trader of silver came.");
    put_body(f, 0, "c", "Gold and silver.");
    fixture_read(f);
    fixture_expect(f, "gold -trad*", "c");
    fixture_expect(f, "trad* gold", "a");
    fixture_expect(f, "trad* OR gol*", "a b c");
    fixture_expect(f, "NOT *ade*", "c");
    fixture_expect(f, "title:trad*", "");
}

static struct lede_index *open_sealed(struct fixture *f, int segment)
{
    struct lede_index_segment sealed = {.path = f->paths[segment]};
    struct lede_index *index = NULL;
    assert_int_equal(lede_index_open_segments(NULL, &sealed, 1, NULL, &index, NULL), LEDE_OK);
    return index;
}

static void expect_in(
    struct fixture *f, struct lede_index *index, const char *query, const char *ids)
{
    struct lede_index *own = f->index;
    f->index = index;
    fixture_expect(f, query, ids);
    fixture_expect(f, query, ids);
    f->index = own;
}

/* Readers share the words of sealed segments: those of each segment and field, and also when the
 * reader that read them is gone. */
static void readers_of_sealed_segments_share_their_words_and_no_others(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, 0,
        "{\"id\":\"a\",\"title\":\"Arcade\",\"body\":\"A trade was made.\",\"language\":\"en\"}");
    put_body(f, 1, "b", "The lemonade came.");
    fixture_read(f);
    struct lede_index *first = open_sealed(f, 0), *other = open_sealed(f, 1);
    expect_in(f, first, "body:*ade*", "a");
    expect_in(f, other, "body:*ade*", "b");
    expect_in(f, other, "title:*ade*", "");
    expect_in(f, first, "title:*ade*", "a");
    struct lede_index *second = open_sealed(f, 0);
    lede_index_free(first);
    expect_in(f, second, "body:*trade*", "a");
    expect_in(f, second, "body:t*", "a");
    expect_in(f, second, "body:*lemon*", "");
    lede_index_free(second);
    lede_index_free(other);
    struct lede_index *later = open_sealed(f, 1);
    expect_in(f, later, "*emon*", "b");
    lede_index_free(later);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(readers_of_sealed_segments_share_their_words_and_no_others),
        TEST(a_pattern_sees_what_was_stored_and_deleted_since),
        TEST(a_pattern_finds_the_documents_of_a_copied_segment_too),
        TEST(a_letter_of_several_bytes_is_one_character_of_a_pattern),
        TEST(a_pattern_excludes_and_combines_as_words_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
