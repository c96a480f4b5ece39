/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A walk as one line of text, so that a failing test shows all of it. */
#include "text_test.h"

#include <stdio.h>
#include <string.h>

#include "lede/buffer.h"

lede_language language_named(const char *code)
{
    return lede_language_find(code, strlen(code));
}

struct lede_analyzer *make_analyzer(void)
{
    struct lede_analyzer *analyzer = NULL;
    assert_int_equal(lede_analyzer_new(&analyzer, NULL), LEDE_OK);
    return analyzer;
}

static void show_written(struct lede_buffer *line, const struct lede_token *token)
{
    LEDE_CLEANUP(lede_freep) char *composed = NULL;
    size_t size = 0;
    assert_int_equal(lede_compose(token->written, token->written_size, &composed, &size), LEDE_OK);
    lede_buffer_append(line, composed, size);
    bool is_word = strcmp(token->written, token->word) == 0;
    assert_int_equal(!is_word, !!(token->flags & LEDE_TOKEN_ACCENTED));
}

static void show(
    struct lede_buffer *line, enum shown shown, const char *text, const struct lede_token *token)
{
    static const char letters[] = "SPNJUpsc";
    if (line->size > 0)
        lede_buffer_append_char(line, '|');
    if (shown == SHOW_WRITTEN)
        show_written(line, token);
    else if (shown == SHOW_TERMS)
        lede_buffer_append_string(line, lede_term_stem(token->term));
    else if (shown == SHOW_RANGES)
        lede_buffer_append(line, text + token->start, token->size);
    else
        lede_buffer_append(line, token->word, token->word_size);
    for (int i = 0; shown == SHOW_FLAGS && letters[i]; i++)
        if (token->flags & 1u << i)
            lede_buffer_append_format(line, "+%c", letters[i]);
}

static void assert_walk(enum lede_token_mode mode, enum shown shown, const char *language,
    const char *text, const char *expected)
{
    LEDE_CLEANUP(lede_analyzer_freep) struct lede_analyzer *analyzer = make_analyzer();
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    struct lede_tokens tokens;
    struct lede_token token;
    uint32_t position = 0;
    lede_tokens_init(&tokens, analyzer, mode, language_named(language), text, strlen(text));
    while (lede_tokens_next(&tokens, &token)) {
        position += !(token.flags & LEDE_TOKEN_ADDED);
        assert_int_equal(token.position, position);
        assert_int_equal(strlen(token.word), token.word_size);
        assert_int_equal(strlen(token.term), token.term_size);
        assert_int_equal(strlen(token.written), token.written_size);
        if (shown == SHOW_FLAGS || shown == SHOW_ALL || shown == SHOW_WRITTEN ||
            !(token.flags & LEDE_TOKEN_ADDED))
            show(&line, shown, text, &token);
    }
    assert_string_equal(line.size > 0 ? line.data : "", expected);
}

void assert_tokens(enum shown shown, const char *language, const char *text, const char *expected)
{
    assert_walk(LEDE_TOKENS_DOCUMENT, shown, language, text, expected);
}

void assert_query_tokens(
    enum shown shown, const char *language, const char *text, const char *expected)
{
    assert_walk(LEDE_TOKENS_QUERY, shown, language, text, expected);
}

void assert_sentences(const char *text, const char *expected)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    size_t size = strlen(text);
    for (size_t start = 0, end; start < size; start = end) {
        end = lede_sentence_end(text, size, start);
        assert_true(end > start && end <= size);
        if (start > 0)
            lede_buffer_append_char(&line, '|');
        lede_buffer_append(&line, text + start, end - start);
    }
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] == '\n')
            line.data[i] = '~';
    assert_string_equal(line.data, expected);
}
