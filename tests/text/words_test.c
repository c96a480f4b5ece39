/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that are kept are those of a walk, in every language. */
#include "text_test.h"

#include "lede/buffer.h"
#include "lede/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {"", " ", "One",
    "Oil's price. \"Oil\" rose; the U.S. said so.\n\n"
    "L'homme de l'\xC3\xA9t\xC3\xA9, COVID-19 and AT&T (oil OIL Oil).",
    "\xE4\xB8\xAD\xE6\x96\x87\xE7\x9F\xB3\xE6\xB2\xB9 oil "
    "\xE7\x9F\xB3\xE6\xB2\xB9\xE3\x80\x82\xE4\xB8\xAD",
    "Istanbul'un evleri evlerinden \xFF\xFE houses running \xC2\xAD ran",
    "supercalifragilisticexpialidocious-supercalifragilisticexpialidocious_"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aa"};

static void assert_same_as_walk(
    struct lede_analyzer *analyzer, const char *text, lede_language language)
{
    const unsigned flags = LEDE_TOKEN_NGRAM | LEDE_TOKEN_UPPERCASE;
    LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
    struct lede_tokens tokens;
    struct lede_token token;
    uint32_t count = 0, position = 0, sentences = 0, paragraphs = 0;
    assert_int_equal(lede_words_new(text, strlen(text), language, analyzer, 0, &words), LEDE_OK);
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, text, strlen(text));
    while (lede_tokens_next(&tokens, &token)) {
        assert_true(count < words->token_count);
        struct lede_word_token kept = lede_words_token(words, count++);
        struct lede_token word = lede_words_at(words, kept.word);
        position += !(token.flags & LEDE_TOKEN_ADDED);
        assert_int_equal(token.position, position);
        assert_int_equal(kept.position, position);
        assert_true(
            lede_words_token(words, lede_words_token_of(words, position)).position == position);
        assert_int_equal(kept.start, token.start);
        assert_int_equal(kept.end, token.start + token.size);
        assert_int_equal(word.flags, token.flags & flags);
        assert_int_equal(word.word_size, token.word_size);
        assert_int_equal(word.term_size, token.term_size);
        assert_string_equal(word.word, token.word);
        assert_string_equal(word.term, token.term);
        if (token.flags & LEDE_TOKEN_SENTENCE_START)
            assert_int_equal(words->sentences[sentences++], position);
        if (token.flags & LEDE_TOKEN_PARAGRAPH_START)
            assert_int_equal(words->paragraphs[paragraphs++], position);
        assert_true(lede_words_sentence(words, position) <= kept.start);
    }
    assert_int_equal(words->token_count, count);
    assert_int_equal(words->length, position);
    assert_int_equal(words->sentence_count, sentences);
    assert_int_equal(words->paragraph_count, paragraphs);
    assert_false(words->is_cut);
}

static void they_are_the_words_of_a_walk(void **state)
{
    struct lede_analyzer *analyzer = NULL;
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    for (size_t i = 0; i < LEDE_COUNT_OF(texts); i++) {
        for (size_t language = 0; language < lede_language_count(); language++)
            assert_same_as_walk(analyzer, texts[i], (lede_language)language);
    }
    lede_analyzer_free(analyzer);
}

/* Tokens of a text of 64 KiB are kept in another form. */
static void a_long_text_has_the_words_of_a_walk_too(void **state)
{
    static const size_t sizes[] = {UINT16_MAX - 1, UINT16_MAX, UINT16_MAX + 1, 300000};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct lede_analyzer *analyzer = NULL;
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    for (size_t i = 0; i < LEDE_COUNT_OF(sizes); i++) {
        while (text.size + 1 < sizes[i])
            lede_buffer_append_string(&text, text.size % 70 < 10 ? "prices. " : "of oil-fields ");
        text.size = sizes[i];
        text.data[text.size] = '\0';
        assert_same_as_walk(analyzer, text.data, 0);
    }
    lede_analyzer_free(analyzer);
}

static void each_word_is_there_once_for_each_way_it_is_written(void **state)
{
    static const char text[] = "Oil and oil and OIL";
    struct lede_analyzer *analyzer = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_int_equal(lede_words_new(text, strlen(text), 0, analyzer, 0, &words), LEDE_OK);
    assert_int_equal(words->word_count, 3);
    lede_analyzer_free(analyzer);
}

static void a_sentence_begins_with_its_quote(void **state)
{
    static const char text[] = "It rose. \"(Oil fell.)\" He went.";
    struct lede_analyzer *analyzer = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_int_equal(lede_words_new(text, strlen(text), 0, analyzer, 0, &words), LEDE_OK);
    assert_int_equal(lede_words_sentence(words, 2), 0);
    assert_int_equal(lede_words_sentence(words, 3), strstr(text, "\"(Oil") - text);
    assert_int_equal(lede_words_sentence(words, 4), strstr(text, "\"(Oil") - text);
    assert_int_equal(lede_words_sentence(words, 5), strstr(text, "He") - text);
    lede_analyzer_free(analyzer);
}

static void what_is_late_is_cut(void **state)
{
    struct lede_analyzer *analyzer = NULL;
    LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
    (void)state;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    assert_int_equal(lede_words_new("some words", 10, 0, analyzer, 1, &words), LEDE_OK);
    assert_true(words->is_cut);
    assert_int_equal(words->token_count, 0);
    lede_analyzer_free(analyzer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_the_words_of_a_walk),
        cmocka_unit_test(a_long_text_has_the_words_of_a_walk_too),
        cmocka_unit_test(each_word_is_there_once_for_each_way_it_is_written),
        cmocka_unit_test(a_sentence_begins_with_its_quote),
        cmocka_unit_test(what_is_late_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
