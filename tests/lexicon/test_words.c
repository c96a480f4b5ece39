/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completing and correcting from a small archive's words. */
#include "lede/lexicon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct known {
    const char *word;
    uint32_t documents;
};

/* Bytewise ascending. */
static const struct known words[] = {{"19", 50}, {"1987", 40}, {"able", 30}, {"accommodation", 12},
    {"believe", 90}, {"from", 900}, {"form", 300}, {"minister", 400}, {"ministers", 150},
    {"ministry", 350}, {"phone", 60}, {"separate", 45}, {"the", 1000}, {"zurich", 20}, {"жизнь", 5},
    {"東京", 70}, {"東大", 9}};

static int by_word(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->word, ((const struct known *)b)->word);
}

static int make_lexicon(void **state)
{
    struct known sorted[LEDE_COUNT_OF(words)];
    struct lede_lexicon_builder *builder = NULL;
    struct lede_lexicon *lexicon = NULL;
    memcpy(sorted, words, sizeof(words));
    qsort(sorted, LEDE_COUNT_OF(sorted), sizeof(sorted[0]), by_word);
    assert_int_equal(lede_lexicon_builder_new(&builder, NULL), LEDE_OK);
    for (size_t i = 0; i < LEDE_COUNT_OF(sorted); i++)
        assert_int_equal(lede_lexicon_builder_add(builder, sorted[i].word, strlen(sorted[i].word),
                             sorted[i].documents, NULL),
            LEDE_OK);
    assert_int_equal(lede_lexicon_builder_finish(builder, 7, &lexicon, NULL), LEDE_OK);
    lede_lexicon_builder_free(builder);
    *state = lexicon;
    return 0;
}

static int free_lexicon(void **state)
{
    lede_lexicon_unref(*state);
    return 0;
}

/* The answers, joined by blanks. */
static const char *joined(const struct lede_lexicon_word *found, size_t count)
{
    static char text[1024];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.*s", i > 0 ? " " : "",
            (int)found[i].size, found[i].word);
    return text;
}

static const char *completed(void *lexicon, const char *prefix, size_t limit)
{
    struct lede_lexicon_word found[LEDE_LEXICON_ANSWERS_MAX];
    return joined(found, lede_lexicon_complete(lexicon, prefix, strlen(prefix), limit, found));
}

static const char *corrected(void *lexicon, const char *word, size_t limit)
{
    struct lede_lexicon_word found[LEDE_LEXICON_ANSWERS_MAX];
    size_t count = 0;
    assert_int_equal(
        lede_lexicon_correct(lexicon, word, strlen(word), limit, found, &count, NULL), LEDE_OK);
    for (size_t i = 1; i < count; i++)
        assert_true(found[i - 1].cost <= found[i].cost);
    return joined(found, count);
}

static void a_word_is_known_with_its_documents(void **state)
{
    assert_int_equal(lede_lexicon_documents(*state, "minister", 8), 400);
    assert_int_equal(lede_lexicon_documents(*state, "minist", 6), 0);
    assert_int_equal(lede_lexicon_documents(*state, "zzz", 3), 0);
    assert_int_equal(lede_lexicon_documents(*state, "", 0), 0);
    assert_int_equal(lede_lexicon_word_count(*state), LEDE_COUNT_OF(words));
    assert_int_equal(lede_lexicon_revision(*state), 7);
}

static void a_prefix_is_completed_by_the_most_frequent_words(void **state)
{
    assert_string_equal(completed(*state, "minist", 10), "minister ministry ministers");
    assert_string_equal(completed(*state, "minist", 2), "minister ministry");
    assert_string_equal(completed(*state, "", 2), "the from");
    assert_string_equal(completed(*state, "東", 5), "東京 東大");
    assert_string_equal(completed(*state, "19", 5), "19 1987");
    assert_string_equal(completed(*state, "x", 5), "");
    assert_string_equal(completed(*state, "minist", 0), "");
}

static void slips_of_every_kind_are_corrected(void **state)
{
    static const char *const pairs[][2] = {{"beleive", "believe"},
        {"acommodation", "accommodation"}, {"accomodation", "accommodation"},
        {"seperate", "separate"}, {"fone", "phone"}, {"minster", "minister"},
        {"ministwr", "minister"}, {"mminister", "minister"}, {"teh", "the"}, {"жизнъ", "жизнь"},
        {"abel", "able"}, {"inister", "minister"}};
    for (size_t i = 0; i < LEDE_COUNT_OF(pairs); i++)
        assert_string_equal(corrected(*state, pairs[i][0], 1), pairs[i][1]);
}

static void the_word_itself_is_no_candidate(void **state)
{
    assert_null(strstr(corrected(*state, "form", 8), "form"));
    assert_string_equal(corrected(*state, "form", 1), "from");
}

static void figures_single_characters_and_long_words_are_left_alone(void **state)
{
    assert_string_equal(corrected(*state, "1978", 3), "");
    assert_string_equal(corrected(*state, "a", 3), "");
    assert_string_equal(corrected(*state, "", 3), "");
    assert_string_equal(corrected(*state, "accommodationaccommodationaccommodation", 3), "");
    assert_string_equal(corrected(*state, "qqqqqqqq", 3), "");
}

static void a_likelier_slip_costs_less(void **state)
{
    (void)state;
    double doubled = lede_lexicon_misspelling_cost("accommodation", 13, "accomodation", 12);
    double other = lede_lexicon_misspelling_cost("accommodation", 13, "accommodatizn", 13);
    double neighbour = lede_lexicon_misspelling_cost("bank", 4, "bamk", 4);
    double far = lede_lexicon_misspelling_cost("bank", 4, "bapk", 4);
    double first = lede_lexicon_misspelling_cost("bank", 4, "zank", 4);
    assert_true(doubled < other);
    assert_true(neighbour < far);
    assert_true(far < first);
    assert_true(lede_lexicon_misspelling_cost("bank", 4, "bank", 4) == 0);
}

static void words_out_of_order_are_refused(void **state)
{
    struct lede_lexicon_builder *builder = NULL;
    struct lede_error error = {0};
    (void)state;
    assert_int_equal(lede_lexicon_builder_new(&builder, NULL), LEDE_OK);
    assert_int_equal(lede_lexicon_builder_add(builder, "b", 1, 1, NULL), LEDE_OK);
    assert_int_equal(lede_lexicon_builder_add(builder, "b", 1, 1, &error), LEDE_EINPUT);
    assert_int_equal(lede_lexicon_builder_add(builder, "a", 1, 1, &error), LEDE_EINPUT);
    assert_string_equal(error.message, "expected a word behind 'b', found 'a'");
    lede_lexicon_builder_free(builder);
}

static void an_empty_lexicon_knows_nothing(void **state)
{
    struct lede_lexicon_builder *builder = NULL;
    struct lede_lexicon *lexicon = NULL;
    (void)state;
    assert_int_equal(lede_lexicon_builder_new(&builder, NULL), LEDE_OK);
    assert_int_equal(lede_lexicon_builder_finish(builder, 0, &lexicon, NULL), LEDE_OK);
    assert_string_equal(completed(lexicon, "", 5), "");
    assert_string_equal(corrected(lexicon, "teh", 5), "");
    assert_int_equal(lede_lexicon_documents(lexicon, "the", 3), 0);
    lede_lexicon_unref(lexicon);
    lede_lexicon_builder_free(builder);
}

/* Two words of a hundred documents among more words of one than a lexicon holds. */
static void over_the_limit_the_rarest_words_are_left_out(void **state)
{
    struct lede_lexicon_builder *builder = NULL;
    struct lede_lexicon *lexicon = NULL;
    char word[16];
    (void)state;
    assert_int_equal(lede_lexicon_builder_new(&builder, NULL), LEDE_OK);
    for (uint32_t i = 0; i <= LEDE_LEXICON_WORDS_MAX; i++) {
        int size = snprintf(word, sizeof(word), "w%07u", i);
        uint32_t documents = i == 3 || i == LEDE_LEXICON_WORDS_MAX ? 100 : 1;
        assert_int_equal(
            lede_lexicon_builder_add(builder, word, (size_t)size, documents, NULL), LEDE_OK);
    }
    assert_int_equal(lede_lexicon_builder_finish(builder, 0, &lexicon, NULL), LEDE_OK);
    assert_string_equal(completed(lexicon, "w", 5), "w0000003 w2000000");
    assert_int_equal(lede_lexicon_left_out(lexicon), LEDE_LEXICON_WORDS_MAX - 1);
    lede_lexicon_unref(lexicon);
    lede_lexicon_builder_free(builder);
}

/* What is corrected is asked for by a brute-force walk over all words, too: the filter loses none
 * that is two letters away. */
static void the_filter_loses_no_near_word(void **state)
{
    struct lede_lexicon_word found[LEDE_LEXICON_ANSWERS_MAX];
    unsigned seed = 20220119;
    print_message("# seed %u\n", seed);
    for (int round = 0; round < 2000; round++) {
        const struct known *known = &words[(size_t)rand_r(&seed) % LEDE_COUNT_OF(words)];
        char slip[64];
        size_t size = strlen(known->word), count = 0;
        if ((unsigned char)known->word[0] >= 0x80 || known->word[0] < 'a' || size < 4)
            continue;
        memcpy(slip, known->word, size);
        for (int edit = 0; edit < 2; edit++)
            slip[1 + (size_t)rand_r(&seed) % (size - 1)] = (char)('a' + rand_r(&seed) % 26);
        if (lede_lexicon_documents(*state, slip, size) > 0)
            continue;
        assert_int_equal(
            lede_lexicon_correct(*state, slip, size, LEDE_LEXICON_ANSWERS_MAX, found, &count, NULL),
            LEDE_OK);
        bool seen = false;
        for (size_t i = 0; i < count; i++)
            seen = seen || (found[i].size == size && memcmp(found[i].word, known->word, size) == 0);
        double cost = lede_lexicon_misspelling_cost(known->word, size, slip, size);
        if (!seen && cost < 8.0)
            print_message("# %.*s for %s, cost %.2f\n", (int)size, slip, known->word, cost);
        assert_true(seen || cost >= 8.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_known_with_its_documents),
        cmocka_unit_test(a_prefix_is_completed_by_the_most_frequent_words),
        cmocka_unit_test(slips_of_every_kind_are_corrected),
        cmocka_unit_test(the_word_itself_is_no_candidate),
        cmocka_unit_test(figures_single_characters_and_long_words_are_left_alone),
        cmocka_unit_test(a_likelier_slip_costs_less),
        cmocka_unit_test(words_out_of_order_are_refused),
        cmocka_unit_test(an_empty_lexicon_knows_nothing),
        cmocka_unit_test(over_the_limit_the_rarest_words_are_left_out),
        cmocka_unit_test(the_filter_loses_no_near_word),
    };
    return cmocka_run_group_tests_name("lexicon words", tests, make_lexicon, free_lexicon);
}
