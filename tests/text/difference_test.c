/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What two versions have in common and what not: by words, bounded, and nothing is lost. Random
 * texts are drawn from a printed seed. */
#include "lede/difference.h"

#include "text_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 400

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % limit;
}

static int print_seed(void **state)
{
    (void)state;
    const char *given = getenv("LEDE_TEST_SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    printf("# LEDE_TEST_SEED=%llu\n", (unsigned long long)random_state);
    return 0;
}

static struct lede_difference differ(const char *older, const char *newer)
{
    struct lede_difference difference;
    assert_int_equal(
        lede_text_differ(older, strlen(older), newer, strlen(newer), &difference, NULL), LEDE_OK);
    return difference;
}

/* Both texts, "[-deleted-]" and "{+inserted+}". */
static void assert_difference(const char *older, const char *newer, const char *expected)
{
    static const char *const before[] = {"", "[-", "{+"}, *const behind[] = {"", "-]", "+}"};
    struct lede_difference difference = differ(older, newer);
    struct lede_buffer shown = {0};
    for (size_t i = 0; i < difference.count; i++) {
        const struct lede_changed_run *run = &difference.runs[i];
        const char *text = run->change == LEDE_CHANGE_DELETED ? older : newer;
        lede_buffer_append_format(&shown, "%s%.*s%s", before[run->change], (int)run->size,
            text + run->start, behind[run->change]);
    }
    assert_string_equal(shown.data ? shown.data : "", expected);
    lede_buffer_done(&shown);
    lede_difference_done(&difference);
}

static void words_that_differ_are_told(void **state)
{
    (void)state;
    assert_difference(
        "The old ferry sank.", "The new ferry sank.", "The [-old -]{+new +}ferry sank.");
    assert_difference("The ferry sank.", "The ferry sank. Nobody was hurt.",
        "The ferry sank. {+Nobody was hurt.+}");
    assert_difference("One. Two. Three.", "One. Three.", "One. [-Two. -]Three.");
    assert_difference("Don't", "Do not", "[-Don't-]{+Do not+}");
    assert_difference("at 9.30", "at 9.45", "at [-9.30-]{+9.45+}");
}

static void what_is_the_same_or_empty_has_no_changes(void **state)
{
    (void)state;
    assert_difference("", "", "");
    assert_difference("  \n", "", "");
    assert_difference("The ferry.", "The ferry.", "The ferry.");
    assert_difference("", "New.", "{+New.+}");
    assert_difference("Old.", "", "[-Old.-]");
}

static void white_space_is_no_difference(void **state)
{
    (void)state;
    assert_difference("The  ferry\nsank.\n\n", "The ferry sank.", "The ferry sank.");
}

static void scripts_without_spaces_differ_by_characters(void **state)
{
    (void)state;
    assert_difference("渡し船が運航", "渡し船は運航", "渡し船[-が-]{+は+}運航");
}

static void accents_and_bytes_that_are_no_text_are_compared_as_they_are(void **state)
{
    (void)state;
    assert_difference("ano \xFF x", "año \xFE x", "[-ano \xFF -]{+año \xFE +}x");
}

static void a_word_between_changes_is_not_left_alone(void **state)
{
    (void)state;
    assert_difference("x a b c the d e f y", "x g h i the j k l y",
        "x [-a b c the d e f -]{+g h i the j k l +}y");
}

/* ---- Bounds ---- */

/* `count` words of their own. */
static char *words(const char *prefix, size_t count, const char *between)
{
    struct lede_buffer text = {0};
    for (size_t i = 0; i < count; i++)
        lede_buffer_append_format(&text, "%s%zu%s", prefix, i, between);
    char *taken = lede_buffer_take(&text);
    assert_non_null(taken);
    return taken;
}

/* The runs that are not `left_out` are the whole text, whatever the white space. */
static void assert_complete(const struct lede_difference *difference, const char *text,
    const char *of_kept, enum lede_change left_out)
{
    const char *at = text;
    for (size_t i = 0; i < difference->count; i++) {
        const struct lede_changed_run *run = &difference->runs[i];
        const char *from = run->change == LEDE_CHANGE_NONE ? of_kept : text;
        for (size_t k = 0; run->change != left_out && k < run->size; k++) {
            if (strchr(" \n", from[run->start + k]))
                continue;
            at += strspn(at, " \n");
            assert_int_equal(*at, from[run->start + k]);
            at++;
        }
    }
    at += strspn(at, " \n");
    assert_int_equal(*at, '\0');
}

static void assert_nothing_lost(
    const char *older, const char *newer, enum lede_difference_unit unit)
{
    struct lede_difference difference = differ(older, newer);
    assert_int_equal(difference.unit, unit);
    assert_complete(&difference, newer, newer, LEDE_CHANGE_DELETED);
    assert_complete(&difference, older, newer, LEDE_CHANGE_INSERTED);
    lede_difference_done(&difference);
}

static void texts_that_share_little_are_compared_by_paragraphs(void **state)
{
    (void)state;
    char *older = words("old", LEDE_DIFFERENCE_EDITS_MAX, " word\n");
    char *newer = words("new", 40, " word and another\n");
    assert_nothing_lost(older, newer, LEDE_DIFFERENCE_WHOLE);
    free(older);
    older = words("old", LEDE_DIFFERENCE_EDITS_MAX, " ");
    assert_nothing_lost(older, newer, LEDE_DIFFERENCE_PARAGRAPHS);
    free(older);
    free(newer);
}

static void texts_of_too_many_words_are_compared_by_paragraphs_or_as_wholes(void **state)
{
    (void)state;
    char *older = words("a ", LEDE_DIFFERENCE_UNITS_MAX, " ");
    char *newer = words("a ", LEDE_DIFFERENCE_UNITS_MAX, " ");
    newer[0] = 'b';
    assert_nothing_lost(older, newer, LEDE_DIFFERENCE_PARAGRAPHS);
    free(older);
    free(newer);
    older = words("a", LEDE_DIFFERENCE_UNITS_MAX + 1, "\n");
    newer = words("b", LEDE_DIFFERENCE_UNITS_MAX + 1, "\n");
    assert_nothing_lost(older, newer, LEDE_DIFFERENCE_WHOLE);
    free(older);
    free(newer);
}

static void a_long_text_that_is_added_is_no_reason_to_give_up(void **state)
{
    (void)state;
    char *older = words("a", 2000, " "), *newer = words("a", 9000, " ");
    assert_nothing_lost(older, newer, LEDE_DIFFERENCE_WORDS);
    free(older);
    free(newer);
}

/* ---- Any texts ---- */

static void append_random_words(struct lede_buffer *text, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        lede_buffer_append_format(text, "%c%s", 'a' + (char)random_below(6),
            random_below(9) == 0   ? ".\n"
            : random_below(9) == 0 ? ""
                                   : " ");
}

static void of_any_two_texts_nothing_is_lost(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lede_buffer older = {0}, newer = {0};
        append_random_words(&older, random_below(60));
        if (random_below(2) == 0 && older.data)
            lede_buffer_append(&newer, older.data, random_below((uint32_t)older.size + 1));
        append_random_words(&newer, random_below(60));
        assert_nothing_lost(
            older.data ? older.data : "", newer.data ? newer.data : "", LEDE_DIFFERENCE_WORDS);
        lede_buffer_done(&older);
        lede_buffer_done(&newer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_differ_are_told),
        cmocka_unit_test(what_is_the_same_or_empty_has_no_changes),
        cmocka_unit_test(white_space_is_no_difference),
        cmocka_unit_test(scripts_without_spaces_differ_by_characters),
        cmocka_unit_test(accents_and_bytes_that_are_no_text_are_compared_as_they_are),
        cmocka_unit_test(a_word_between_changes_is_not_left_alone),
        cmocka_unit_test(texts_that_share_little_are_compared_by_paragraphs),
        cmocka_unit_test(texts_of_too_many_words_are_compared_by_paragraphs_or_as_wholes),
        cmocka_unit_test(a_long_text_that_is_added_is_no_reason_to_give_up),
        cmocka_unit_test(of_any_two_texts_nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, print_seed, NULL);
}
