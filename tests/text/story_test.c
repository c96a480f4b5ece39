/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sketch promises: edits of a text stay near it, other texts are far, and the same words
 * give the same bytes. Texts are drawn from a vocabulary as uneven as a language's, from a printed
 * seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/story.h"
#include "text_test.h"

#define ROUNDS 300
#define TEXT_WORDS_MAX 1200

struct text {
    uint32_t words[TEXT_WORDS_MAX];
    size_t count;
    uint32_t title;
};

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

/* Low numbers are frequent. */
static uint32_t random_word(void)
{
    return random_below(1 + random_below(20000));
}

static struct text random_text(size_t count)
{
    struct text text = {.count = count, .title = random_word()};
    for (size_t i = 0; i < count; i++)
        text.words[i] = random_word();
    return text;
}

static struct lede_story_sketch sketch_of(const struct text *text, const char *prefix)
{
    struct lede_story story;
    struct lede_story_sketch sketch;
    char word[32];
    lede_story_init(&story);
    lede_story_add_title_word(
        &story, word, (size_t)snprintf(word, sizeof(word), "t%c", 'a' + text->title % 26));
    for (size_t i = 0; i < text->count; i++) {
        /* Letters only: a digit would make a figure of each word. */
        int size = snprintf(word, sizeof(word), "%s", prefix);
        for (uint32_t rest = text->words[i] + 1; rest > 0; rest /= 26)
            word[size++] = (char)('a' + rest % 26);
        lede_story_add_body_word(&story, word, (size_t)size);
    }
    assert_true(lede_story_sketch(&story, &sketch));
    return sketch;
}

static struct lede_story_sketch sketch_of_line(const char *title, const char *body)
{
    struct lede_story story;
    struct lede_story_sketch sketch;
    lede_story_init(&story);
    for (size_t part = 0; part < 2; part++) {
        for (const char *at = part == 0 ? title : body; *at;) {
            size_t size = strcspn(at, " ");
            (part == 0 ? lede_story_add_title_word : lede_story_add_body_word)(&story, at, size);
            at += size + (at[size] == ' ');
        }
    }
    assert_true(lede_story_sketch(&story, &sketch));
    return sketch;
}

static void replace_words(struct text *text, size_t start, size_t count)
{
    for (size_t i = start; i < start + count && i < text->count; i++)
        text->words[i] = 20000 + random_below(20000);
}

static bool are_same(const struct text *a, const struct text *b)
{
    struct lede_story_sketch first = sketch_of(a, "");
    struct lede_story_sketch second = sketch_of(b, "");
    return lede_story_is_same(&first.minima, &second.minima, NULL);
}

static void an_estimate_is_near_the_true_resemblance(void **state)
{
    (void)state;
    double error = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 200 + random_below(800);
        size_t replaced = random_below((uint32_t)count);
        struct text text = random_text(count);
        struct text edited = text;
        replace_words(&edited, 0, replaced);
        struct lede_story_sketch a = sketch_of(&text, "");
        struct lede_story_sketch b = sketch_of(&edited, "");
        double shared = (double)(count - replaced);
        double estimate =
            lede_story_resemblance(&a.minima, &b.minima) - shared / ((double)count * 2 - shared);
        error += estimate * estimate;
    }
    /* The variance of 128 four-bit minima is at most 0.0025; a hundredth of it for repeated
     * shingles and luck. */
    assert_true(error / ROUNDS < 0.0035);
}

static void a_text_less_a_quarter_is_the_same_story(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(200 + random_below(TEXT_WORDS_MAX - 200));
        struct text edited = text;
        edited.count -= text.count / 4;
        assert_true(are_same(&text, &edited));
    }
}

static void a_rewritten_beginning_is_the_same_story(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(200 + random_below(TEXT_WORDS_MAX - 200));
        struct text edited = text;
        replace_words(&edited, 0, text.count / 8);
        assert_true(are_same(&text, &edited));
    }
}

static void another_text_is_another_story(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(60 + random_below(TEXT_WORDS_MAX - 60));
        struct text other = random_text(60 + random_below(TEXT_WORDS_MAX - 60));
        assert_false(are_same(&text, &other));
    }
}

static void a_new_text_with_a_quarter_of_the_old_is_another_story(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(200 + random_below(TEXT_WORDS_MAX - 200));
        struct text edited = text;
        replace_words(&edited, 0, text.count * 3 / 4);
        assert_false(are_same(&text, &edited));
    }
}

static void texts_of_one_story_share_a_band(void **state)
{
    (void)state;
    int missed = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(200 + random_below(TEXT_WORDS_MAX - 200));
        struct text edited = text;
        replace_words(&edited, 0, text.count / 4);
        struct lede_story_sketch a = sketch_of(&text, "");
        struct lede_story_sketch b = sketch_of(&edited, "");
        int shared = 0;
        for (size_t i = 0; i < LEDE_STORY_BANDS; i++)
            shared += a.bands[i] == b.bands[i];
        missed += shared == 0;
    }
    /* At a resemblance of 0.6 sixteen bands of two all differ once in 1,200. */
    assert_true(missed < ROUNDS / 30);
}

static void the_headline_of_a_long_text_does_not_matter(void **state)
{
    (void)state;
    struct text text = random_text(200);
    struct text edited = text;
    edited.title++;
    struct lede_story_sketch a = sketch_of(&text, "");
    struct lede_story_sketch b = sketch_of(&edited, "");
    assert_memory_equal(a.minima.shingles, b.minima.shingles, sizeof(a.minima.shingles));
}

static void a_short_text_is_a_story_only_with_the_same_words(void **state)
{
    (void)state;
    struct text text = random_text(LEDE_STORY_WORDS_MIN - 1);
    struct text edited = text;
    replace_words(&edited, 10, 1);
    assert_true(are_same(&text, &text));
    assert_false(are_same(&text, &edited));
}

static void a_very_short_text_needs_the_same_headline_too(void **state)
{
    (void)state;
    const char *dividend = "qtly div 20 cts vs 20 cts prior pay april 10 record march 27";
    struct lede_story_sketch one = sketch_of_line("harbour bank sets quarterly", dividend);
    struct lede_story_sketch again = sketch_of_line("harbour bank sets quarterly", dividend);
    struct lede_story_sketch other = sketch_of_line("river bank sets quarterly", dividend);
    assert_true(lede_story_is_same(&one.minima, &again.minima, NULL));
    assert_false(lede_story_is_same(&one.minima, &other.minima, NULL));
}

/* A weekly table: its words stay, each figure changes. */
static void write_table(char *text, size_t size, uint32_t seed)
{
    static const char *const words[] = {"stocks", "of", "this", "good", "at", "the", "end", "were",
        "given", "by", "all", "ports", "as", "tonnes", "namely"};
    size_t used = 0;
    for (uint32_t row = 0; row < 20; row++) {
        for (size_t i = 0; i < LEDE_COUNT_OF(words); i++)
            used += (size_t)snprintf(text + used, size - used, "%s%c ", words[i], 'a' + row);
        used += (size_t)snprintf(
            text + used, size - used, "%u ", 1000 + (seed * 977 + row * 131) % 90000);
    }
}

static void a_form_filled_in_anew_is_another_story(void **state)
{
    (void)state;
    char first[4096], second[4096];
    write_table(first, sizeof(first), 1);
    write_table(second, sizeof(second), 2);
    struct lede_story_sketch a = sketch_of_line("stocks", first);
    struct lede_story_sketch b = sketch_of_line("stocks", second);
    assert_true(lede_story_resemblance(&a.minima, &b.minima) > LEDE_STORY_SHORT_RESEMBLANCE_MIN);
    assert_false(lede_story_is_same(&a.minima, &b.minima, NULL));
}

static void a_document_without_words_has_no_sketch(void **state)
{
    (void)state;
    struct lede_story story;
    struct lede_story_sketch untouched = {.minima.words = 7};
    lede_story_init(&story);
    assert_false(lede_story_sketch(&story, &untouched));
    assert_int_equal(untouched.minima.words, 7);
}

static void an_encoded_sketch_is_read_back(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct text text = random_text(1 + random_below(TEXT_WORDS_MAX));
        struct lede_story_sketch sketch = sketch_of(&text, round % 2 ? "7" : "");
        struct lede_story_sketch decoded;
        unsigned char bytes[LEDE_STORY_SKETCH_BYTES];
        lede_story_encode(&sketch, bytes);
        assert_true(lede_story_decode(bytes, sizeof(bytes), &decoded));
        assert_memory_equal(
            decoded.minima.shingles, sketch.minima.shingles, sizeof(sketch.minima.shingles));
        assert_memory_equal(decoded.bands, sketch.bands, sizeof(sketch.bands));
        assert_int_equal(decoded.minima.figures, sketch.minima.figures);
        assert_int_equal(decoded.minima.figure_count, sketch.minima.figure_count);
        assert_int_equal(decoded.minima.words, sketch.minima.words);
    }
}

static void bytes_of_another_version_or_size_are_no_sketch(void **state)
{
    (void)state;
    struct lede_story_sketch sketch;
    unsigned char bytes[LEDE_STORY_SKETCH_BYTES] = {99};
    assert_false(lede_story_decode(bytes, sizeof(bytes), &sketch));
    bytes[0] = 1;
    assert_true(lede_story_decode(bytes, sizeof(bytes), &sketch));
    assert_false(lede_story_decode(bytes, sizeof(bytes) - 1, &sketch));
}

/* Stored sketches are compared with new ones for years: these bytes may only change with the
 * version byte. */
static void a_sketch_is_the_same_for_ever(void **state)
{
    (void)state;
    char table[4096];
    unsigned char bytes[LEDE_STORY_SKETCH_BYTES];
    write_table(table, sizeof(table), 3);
    struct lede_story_sketch sketch = sketch_of_line("stocks", table);
    lede_story_encode(&sketch, bytes);
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        sum = sum * 31 + bytes[i];
    assert_int_equal(sum, UINT64_C(0xfd1c81b7627e74f3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_estimate_is_near_the_true_resemblance),
        cmocka_unit_test(a_text_less_a_quarter_is_the_same_story),
        cmocka_unit_test(a_rewritten_beginning_is_the_same_story),
        cmocka_unit_test(another_text_is_another_story),
        cmocka_unit_test(a_new_text_with_a_quarter_of_the_old_is_another_story),
        cmocka_unit_test(texts_of_one_story_share_a_band),
        cmocka_unit_test(the_headline_of_a_long_text_does_not_matter),
        cmocka_unit_test(a_short_text_is_a_story_only_with_the_same_words),
        cmocka_unit_test(a_very_short_text_needs_the_same_headline_too),
        cmocka_unit_test(a_form_filled_in_anew_is_another_story),
        cmocka_unit_test(a_document_without_words_has_no_sketch),
        cmocka_unit_test(an_encoded_sketch_is_read_back),
        cmocka_unit_test(bytes_of_another_version_or_size_are_no_sketch),
        cmocka_unit_test(a_sketch_is_the_same_for_ever),
    };
    return cmocka_run_group_tests(tests, print_seed, NULL);
}
