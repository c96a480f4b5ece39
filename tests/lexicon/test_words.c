/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Completing and correcting from a small archive's words. */
#include "../../index/lexicon/misspelling.h"

#include <pthread.h>
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
    return joined(
        found, lede_lexicon_complete(lexicon, prefix, strlen(prefix), NULL, limit, found));
}

static const char *corrected(void *lexicon, const char *word, size_t limit)
{
    struct lede_lexicon_word found[LEDE_LEXICON_ANSWERS_MAX];
    size_t count = 0;
    assert_int_equal(
        lede_lexicon_correct(lexicon, word, strlen(word), NULL, limit, found, &count, NULL),
        LEDE_OK);
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
        assert_int_equal(lede_lexicon_correct(*state, slip, size, NULL, LEDE_LEXICON_ANSWERS_MAX,
                             found, &count, NULL),
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

/* A word of common letters, and the same with some confusions made in it. Returns its size. */
static size_t make_slip(unsigned *seed, char *meant, char *written)
{
    static const char letters[] = "aeioustlnrcmphgk'";
    size_t size = 3 + (size_t)rand_r(seed) % 8;
    for (size_t i = 0; i < size; i++)
        meant[i] = letters[(size_t)rand_r(seed) % (sizeof(letters) - 1)];
    meant[size] = '\0';
    strcpy(written, meant);
    for (int tries = 0; tries < 400 && strlen(written) < 28; tries++) {
        const struct confusion *confusion = &confusions[(size_t)rand_r(seed) % confusion_count];
        char *at = confusion->meant[0] ? strstr(written, confusion->meant) : written + 1;
        size_t gone = strlen(confusion->meant), came = strlen(confusion->written);
        if (!at || strpbrk(confusion->meant, "^$") || strpbrk(confusion->written, "^$") ||
            strlen(written) + came < gone + 2)
            continue;
        memmove(at + came, at + gone, strlen(at + gone) + 1);
        memcpy(at, confusion->written, came);
        tries += 100;
    }
    return size;
}

static void the_least_cost_by_letters_exceeds_no_cost(void **state)
{
    unsigned seed = 20220119;
    size_t useful = 0;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char texts[2][64];
        uint32_t meant[LEDE_LEXICON_CHARS_MAX], written[LEDE_LEXICON_CHARS_MAX];
        struct misspelling misspelling;
        size_t meant_size = make_slip(&seed, texts[0], texts[1]);
        size_t size = lexicon_characters(texts[1], strlen(texts[1]), written);
        assert_int_equal(lexicon_characters(texts[0], meant_size, meant), meant_size);
        assert_int_equal(misspelling_init(&misspelling, written, size, NULL), LEDE_OK);
        int cost = misspelling_cost(&misspelling, meant, meant_size, MISSPELLING_IMPOSSIBLE);
        int least = misspelling_cost_least(
            &misspelling, lexicon_letters(meant, meant_size), lexicon_letters(written, size));
        if (least > cost)
            print_message("# %s written %s: %d, at least %d\n", texts[0], texts[1], cost, least);
        assert_true(least <= cost);
        useful += least * 2 > cost;
        misspelling_done(&misspelling);
    }
    assert_true(useful > 1000);
}

static void a_word_is_found_at_once_the_second_time_and_by_what_is_needed(void **state)
{
    struct lede_lexicon_word first[4], again[4];
    struct lede_cache_stats before, after;
    size_t count = 0, count_again = 0;
    const struct lede_lexicon_need unlikely = {.misspelling_cost_max = 0.1};
    const struct lede_lexicon_need frequent = {
        .misspelling_cost_max = 20, .documents_min = UINT32_MAX};
    assert_int_equal(
        lede_lexicon_correct(*state, "minitser", 8, NULL, 4, first, &count, NULL), LEDE_OK);
    lede_lexicon_correction_stats(*state, &before);
    assert_int_equal(
        lede_lexicon_correct(*state, "minitser", 8, NULL, 4, again, &count_again, NULL), LEDE_OK);
    lede_lexicon_correction_stats(*state, &after);
    assert_int_equal(after.hits, before.hits + 1);
    assert_int_equal(after.misses, before.misses);
    assert_true(count > 0);
    assert_int_equal(count, count_again);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(first[i].word, again[i].word);
        assert_true(first[i].cost <= again[i].cost && first[i].cost >= again[i].cost);
    }
    assert_int_equal(
        lede_lexicon_correct(*state, "minitser", 8, &unlikely, 4, again, &count_again, NULL),
        LEDE_OK);
    assert_int_equal(count_again, 0);
    assert_int_equal(
        lede_lexicon_correct(*state, "minitser", 8, &frequent, 4, again, &count_again, NULL),
        LEDE_OK);
    assert_int_equal(count_again, 0);
    /* A need that one word meets changes nothing of what is found. */
    const struct lede_lexicon_need met = {
        .misspelling_cost_max = first[0].misspelling_cost, .documents_min = first[0].documents};
    assert_int_equal(
        lede_lexicon_correct(*state, "minitser", 8, &met, 4, again, &count_again, NULL), LEDE_OK);
    assert_int_equal(count_again, count);
    assert_ptr_equal(again[0].word, first[0].word);
}

/* More words than there is room for, by several threads at a time: all get what one alone gets. */
struct asking {
    struct lede_lexicon *lexicon;
    unsigned seed;
    bool failed;
};

static void *ask_many(void *context)
{
    struct asking *asking = context;
    for (int i = 0; i < 15000 && !asking->failed; i++) {
        struct lede_lexicon_word found[LEDE_LEXICON_ANSWERS_MAX];
        char slip[32] = "ministerpresident";
        size_t count = 0;
        for (int k = 0; k < 5; k++)
            slip[rand_r(&asking->seed) % 17] = (char)('a' + rand_r(&asking->seed) % 26);
        asking->failed = lede_lexicon_correct(asking->lexicon, slip, strlen(slip), NULL,
                             LEDE_LEXICON_ANSWERS_MAX, found, &count, NULL) != LEDE_OK;
        for (size_t n = 0; n < count; n++)
            asking->failed = asking->failed || found[n].size == 0 || found[n].documents == 0;
    }
    return NULL;
}

static void what_is_remembered_has_its_bound_whoever_asks(void **state)
{
    struct asking asking[3];
    pthread_t threads[LEDE_COUNT_OF(asking)];
    struct lede_cache_stats stats;
    for (size_t i = 0; i < LEDE_COUNT_OF(asking); i++) {
        asking[i] = (struct asking){.lexicon = *state, .seed = (unsigned)i + 1};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_many, &asking[i]), 0);
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(asking); i++) {
        pthread_join(threads[i], NULL);
        assert_false(asking[i].failed);
    }
    lede_lexicon_correction_stats(*state, &stats);
    assert_true(stats.misses > 3 * 14000);
    assert_true(stats.evictions > 0);
    assert_true(stats.bytes <= LEDE_LEXICON_CORRECTIONS_BYTES);
    print_message("# %llu words, %llu bytes, %llu evicted\n", (unsigned long long)stats.items,
        (unsigned long long)stats.bytes, (unsigned long long)stats.evictions);
}

/* Lengths that differ by more than the table's band have no cell to be told. */
static void words_of_other_lengths_are_no_misspellings(void **state)
{
    (void)state;
    assert_true(lede_lexicon_misspelling_cost("minister", 8, "administrations", 15) >=
                MISSPELLING_IMPOSSIBLE / MISSPELLING_COST_UNIT);
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
        cmocka_unit_test(the_least_cost_by_letters_exceeds_no_cost),
        cmocka_unit_test(words_of_other_lengths_are_no_misspellings),
        cmocka_unit_test(a_word_is_found_at_once_the_second_time_and_by_what_is_needed),
        cmocka_unit_test(what_is_remembered_has_its_bound_whoever_asks),
    };
    return cmocka_run_group_tests_name("lexicon words", tests, make_lexicon, free_lexicon);
}
