/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every text: random bytes and random mixtures of awkward pieces, from a printed
 * seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede/encoding.h"
#include "text_test.h"

#define ROUNDS 20000
#define TEXT_BYTES_MAX 200

/* Pieces whose neighbours matter. */
static const char *const pieces[] = {" ", "\n", "\n\n", ".", ",", "'", "’", "&", "-", "_", "·", "!",
    "?", "“", "”", "。", "a", "B", "s", "l", "Mr", "U", "S", "The", "word", "1", "23", "456", "000",
    "ß", "é", "e\u0301", "İ", "ﬁ", "Æ", "й", "и\u0306", "Ё", "م", "\u064E", "ـ", "ש", "\u05B8", "״",
    "東", "京", "の", "ー", "ｶ", "ﾞ", "\u3099", "한", "\u1112", "\u1161", "\u11AB", "ไ", "ท",
    "\u0E35", "\u0E33", "क", "\u094D", "\u00AD", "\u200D", "\u200B", "\u200F", "\uFE0F", "😀", "½",
    "²", "Ⅷ", "ŉ", "ﷺ", "\u0345", "\u20E3", "\u3000", "\xFF", "\xE2\x82", "\xC3", "ǆ", "ϓ", "ﾞ",
    "\u115F", "ᾳ", "ẞ", "ſ", "Ꭰ", "𝟙", "٣"};

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % limit;
}

/* Make a text in memory of exactly its size, so that a sanitizer sees every read behind it. */
static char *random_text(size_t *ret_size)
{
    char text[TEXT_BYTES_MAX];
    size_t size = 0, wanted = random_below(TEXT_BYTES_MAX - 8);
    bool is_bytes = random_below(8) == 0;
    while (size < wanted) {
        const char *piece = pieces[random_below(LEDE_COUNT_OF(pieces))];
        char byte[2] = {(char)random_below(256), '\0'};
        piece = is_bytes ? byte : piece;
        memcpy(text + size, piece, strlen(piece));
        size += strlen(piece);
    }
    char *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    memcpy(exact, text, size);
    *ret_size = size;
    return exact;
}

static int print_seed(void **state)
{
    (void)state;
    const char *given = getenv("LEDE_TEST_SEED");
    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u + 1;
    printf("# LEDE_TEST_SEED=%llu\n", (unsigned long long)random_state);
    return 0;
}

static bool is_boundary(const char *text, size_t size, size_t offset)
{
    /* In invalid text a stray continuation byte may stand anywhere. */
    return !lede_utf8_is_valid(text, size) || lede_utf8_boundary(text, size, offset) == offset;
}

static void check_token(struct lede_analyzer *analyzer, const struct lede_tokens *tokens,
    const struct lede_token *token)
{
    char term[LEDE_TERM_SIZE_MAX + 1];
    char word[LEDE_TERM_SIZE_MAX + 1];
    assert_true(token->word_size > 0 && token->word_size <= LEDE_TERM_SIZE_MAX);
    assert_true(token->term_size > 0 && token->term_size <= LEDE_TERM_SIZE_MAX);
    assert_ptr_equal(lede_term_stem(token->word), token->word); /* begins as no tag does */
    assert_int_equal(strlen(token->word), token->word_size);
    assert_int_equal(strlen(token->term), token->term_size);
    assert_true(lede_utf8_is_valid(token->word, token->word_size));
    assert_true(lede_utf8_is_valid(token->term, token->term_size));
    assert_false(token->term[0] == '=' || (token->term[0] >= 'A' && token->term[0] <= 'Z'));
    assert_true(token->size > 0 && token->start + token->size <= tokens->size);
    assert_true(is_boundary(tokens->text, tokens->size, token->start));
    assert_true(is_boundary(tokens->text, tokens->size, token->start + token->size));
    memcpy(word, token->word, token->word_size + 1);
    memcpy(term, token->term, token->term_size + 1);
    char again[LEDE_TERM_SIZE_MAX + 1];
    if (!(token->flags & LEDE_TOKEN_NGRAM)) {
        assert_int_equal(
            lede_stem(analyzer, tokens->language, word, token->word_size, again), token->term_size);
        assert_string_equal(again, term);
    }
    /* Whether a line break parts a word depends on what is around it. */
    if ((token->flags & LEDE_TOKEN_ADDED) || memchr(tokens->text + token->start, '\n', token->size))
        return;
    /* Cut out alone, the bytes are the same word. */
    struct lede_tokens alone;
    struct lede_token same;
    lede_tokens_init(
        &alone, analyzer, tokens->mode, tokens->language, tokens->text + token->start, token->size);
    assert_true(lede_tokens_next(&alone, &same));
    assert_string_equal(same.word, word);
    assert_int_equal(same.size, token->size);
}

static void tokens_of_any_text_keep_their_promises(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "und", "en", "fr", "de", "tr", "ja", "ru", "ar", "ca", "yi", "sr"};
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    for (int round = 0; round < ROUNDS; round++) {
        size_t size;
        LEDE_CLEANUP(lede_freep) char *text = random_text(&size);
        struct lede_tokens tokens;
        struct lede_token token, last = {0};
        lede_tokens_init(&tokens, analyzer, round % 2 ? LEDE_TOKENS_QUERY : LEDE_TOKENS_DOCUMENT,
            language_named(codes[random_below(LEDE_COUNT_OF(codes))]), text, size);
        while (lede_tokens_next(&tokens, &token)) {
            if (token.flags & LEDE_TOKEN_ADDED) {
                assert_int_equal(token.position, last.position);
                assert_true(token.start + token.size <= last.start + last.size);
                check_token(analyzer, &tokens, &token);
                continue;
            }
            assert_int_equal(token.position, last.position + 1);
            bool overlaps = token.start < last.start + last.size;
            assert_true(!overlaps || (token.flags & last.flags & LEDE_TOKEN_NGRAM &&
                                         token.flags & LEDE_TOKEN_JOINED));
            assert_true(last.position == 0 || token.start > last.start);
            check_token(analyzer, &tokens, &token);
            last = token;
        }
    }
}

static void sentences_of_any_text_tile_it_and_agree_with_the_tokens(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    for (int round = 0; round < ROUNDS; round++) {
        size_t size, start = 0, sentence = 0;
        LEDE_CLEANUP(lede_freep) char *text = random_text(&size);
        struct lede_tokens tokens;
        struct lede_token token;
        lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, LEDE_LANGUAGE_UND, text, size);
        for (bool first = true; lede_tokens_next(&tokens, &token); first = false) {
            size_t before = sentence;
            while (start <= token.start) {
                size_t end = lede_sentence_end(text, size, start);
                assert_true(end > start && end <= size);
                start = end;
                sentence++;
            }
            if (token.flags & LEDE_TOKEN_ADDED)
                continue;
            bool flagged = token.flags & LEDE_TOKEN_SENTENCE_START;
            assert_int_equal(flagged, first || sentence != before);
            assert_true(flagged || !(token.flags & LEDE_TOKEN_PARAGRAPH_START));
        }
    }
}

static void folding_twice_changes_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t size, once_size, twice_size;
        LEDE_CLEANUP(lede_freep) char *text = random_text(&size);
        LEDE_CLEANUP(lede_freep) char *once = NULL;
        LEDE_CLEANUP(lede_freep) char *twice = NULL;
        assert_int_equal(lede_fold(text, size, &once, &once_size), LEDE_OK);
        assert_true(lede_utf8_is_valid(once, once_size));
        assert_int_equal(lede_fold(once, once_size, &twice, &twice_size), LEDE_OK);
        assert_int_equal(once_size, twice_size);
        assert_memory_equal(once, twice, once_size);
    }
}

static void repaired_text_is_valid_and_valid_text_is_kept(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        size_t size, repaired_size, replaced;
        LEDE_CLEANUP(lede_freep) char *text = random_text(&size);
        LEDE_CLEANUP(lede_freep) char *repaired = NULL;
        assert_int_equal(
            lede_utf8_repair(text, size, &repaired, &repaired_size, &replaced), LEDE_OK);
        assert_true(lede_utf8_is_valid(repaired, repaired_size));
        assert_int_equal(replaced == 0, lede_utf8_is_valid(text, size));
    }
}

static void detection_accepts_any_bytes(void **state)
{
    (void)state;
    LEDE_CLEANUP(lede_language_detector_freep) struct lede_language_detector *detector = NULL;
    assert_int_equal(lede_language_detector_new(&detector, NULL), LEDE_OK);
    for (int round = 0; round < ROUNDS / 10; round++) {
        size_t size;
        LEDE_CLEANUP(lede_freep) char *text = random_text(&size);
        assert_true(lede_language_detect(detector, text, size) < lede_language_count());
    }
}

/* Awkward megabytes take time in proportion to their size: quadratic ones would take minutes. */
static void long_runs_of_anything_are_walked_in_linear_time(void **state)
{
    (void)state;
    static const char *const runs[] = {"a", "1", "1,", "1.", "a.", ".", ". ", ".\n", "\n", " ", "'",
        "a'", "a&", "\u00AD", "a\u00AD", "e\u0301", "\u0301", "東", "東\u3099", "\u3099",
        "\u200D東", "!", "\"", "。", "\xFF", "Mr. ", "111,", "“", "\n.", "?\n", "-", "\u1161",
        "\u00B7l"};
    size_t size = 1 << 20;
    LEDE_CLEANUP(lede_freep) char *text = malloc(size);
    assert_non_null(text);
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    clock_t begin = clock();
    for (size_t i = 0; i < LEDE_COUNT_OF(runs); i++) {
        size_t piece = strlen(runs[i]);
        for (size_t at = 0; at < size; at++)
            text[at] = runs[i][at % piece];
        struct lede_tokens tokens;
        struct lede_token token;
        lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, language_named("en"), text, size);
        while (lede_tokens_next(&tokens, &token))
            assert_true(token.word_size <= LEDE_TERM_SIZE_MAX);
    }
    assert_true((clock() - begin) / CLOCKS_PER_SEC < 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_any_text_keep_their_promises),
        cmocka_unit_test(sentences_of_any_text_tile_it_and_agree_with_the_tokens),
        cmocka_unit_test(folding_twice_changes_nothing),
        cmocka_unit_test(repaired_text_is_valid_and_valid_text_is_kept),
        cmocka_unit_test(detection_accepts_any_bytes),
        cmocka_unit_test(long_runs_of_anything_are_walked_in_linear_time),
    };
    return cmocka_run_group_tests_name("text properties", tests, print_seed, NULL);
}
