/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "promise.h"

#include <stdlib.h>
#include <string.h>

#include "lede/encoding.h"
#include "lede/highlight.h"
#include "lede/story.h"
#include "lede/words.h"

static struct lede_analyzer *analyzer;
static struct lede_language_detector *detector;

static void make_tools(void)
{
    if (analyzer)
        return;
    PROMISE(lede_analyzer_new(&analyzer, NULL) == LEDE_OK);
    PROMISE(lede_language_detector_new(&detector, NULL) == LEDE_OK);
}

static void check_word(const struct lede_tokens *tokens, const struct lede_token *token)
{
    char term[LEDE_TERM_SIZE_MAX + 1], word[LEDE_TERM_SIZE_MAX + 1], again[LEDE_TERM_SIZE_MAX + 1];
    PROMISE(token->word_size > 0 && token->word_size <= LEDE_TERM_SIZE_MAX);
    PROMISE(token->term_size > 0 && token->term_size <= LEDE_TERM_SIZE_MAX);
    PROMISE(lede_term_stem(token->word) == token->word);
    PROMISE(strlen(token->word) == token->word_size && strlen(token->term) == token->term_size);
    PROMISE(lede_utf8_is_valid(token->word, token->word_size));
    PROMISE(token->written_size > 0 && token->written_size <= LEDE_TERM_SIZE_MAX);
    PROMISE(strlen(token->written) == token->written_size);
    PROMISE(lede_utf8_is_valid(token->written, token->written_size));
    PROMISE(!(token->flags & LEDE_TOKEN_ACCENTED) == !strcmp(token->written, token->word));
    PROMISE(lede_utf8_is_valid(token->term, token->term_size));
    PROMISE(token->size > 0 && token->start + token->size <= tokens->size);
    memcpy(word, token->word, token->word_size + 1);
    memcpy(term, token->term, token->term_size + 1);
    if (token->flags & LEDE_TOKEN_NGRAM)
        return;
    size_t size = lede_stem(analyzer, tokens->language, word, strlen(word), again);
    PROMISE(size == strlen(term) && memcmp(again, term, size) == 0);
}

static void check_tokens(
    const char *text, size_t size, lede_language language, enum lede_token_mode mode)
{
    struct lede_tokens tokens;
    struct lede_token token, last = {0};
    lede_tokens_init(&tokens, analyzer, mode, language, text, size);
    while (lede_tokens_next(&tokens, &token)) {
        check_word(&tokens, &token);
        if (token.flags & LEDE_TOKEN_ADDED) {
            PROMISE(mode != LEDE_TOKENS_QUERY && token.position == last.position);
            PROMISE(token.start + token.size <= last.start + last.size);
            continue;
        }
        bool overlaps = token.start < last.start + last.size;
        PROMISE(token.position == last.position + 1);
        PROMISE(!overlaps || (token.flags & last.flags & LEDE_TOKEN_NGRAM));
        PROMISE(last.position == 0 || token.start > last.start);
        last = token;
    }
}

/* The words that are kept are those of the walk. */
static void check_kept_words(const char *text, size_t size, lede_language language)
{
    LEDE_CLEANUP(lede_freep) struct lede_words *words = NULL;
    struct lede_tokens tokens;
    struct lede_token token;
    uint32_t count = 0;
    PROMISE(lede_words_new(text, size, language, analyzer, 0, &words) == LEDE_OK);
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, text, size);
    for (; lede_tokens_next(&tokens, &token); count++) {
        PROMISE(count < words->token_count);
        struct lede_word_token at = lede_words_token(words, count);
        struct lede_token word = lede_words_at(words, at.word);
        PROMISE(at.start == token.start && at.end == token.start + token.size);
        PROMISE(at.position == token.position && strcmp(word.word, token.word) == 0);
        PROMISE(strcmp(word.term, token.term) == 0);
    }
    PROMISE(count == words->token_count);
}

static void check_folding(const char *text, size_t size)
{
    LEDE_CLEANUP(lede_freep) char *once = NULL;
    LEDE_CLEANUP(lede_freep) char *twice = NULL;
    size_t once_size, twice_size;
    PROMISE(lede_fold(text, size, &once, &once_size) == LEDE_OK);
    PROMISE(lede_utf8_is_valid(once, once_size));
    PROMISE(lede_fold(once, once_size, &twice, &twice_size) == LEDE_OK);
    PROMISE(once_size == twice_size && memcmp(once, twice, once_size) == 0);
}

void promise_of_text(const uint8_t *data, size_t size)
{
    make_tools();
    if (size < 2)
        return;
    lede_language language = (lede_language)(data[0] % lede_language_count());
    static const enum lede_token_mode modes[] = {
        LEDE_TOKENS_DOCUMENT, LEDE_TOKENS_QUERY, LEDE_TOKENS_ANY_LANGUAGE, LEDE_TOKENS_DOCUMENT};
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(data + 2, size - 2);
    size -= 2;
    check_tokens(text, size, language, modes[data[1] & 3]);
    check_kept_words(text, size, language);
    check_folding(text, size);
    for (size_t start = 0; start < size;) {
        size_t end = lede_sentence_end(text, size, start);
        PROMISE(end > start && end <= size);
        start = end;
    }
    PROMISE(lede_language_detect(detector, text, size) < lede_language_count());
}

static void check_fragments(const struct lede_highlights *shown, const char *text, size_t size,
    enum lede_highlight_format format)
{
    size_t marks = 0, end = 0;
    for (size_t i = 0; i < shown->fragment_count; i++) {
        const struct lede_fragment *fragment = &shown->fragments[i];
        PROMISE(fragment->start >= end && fragment->size <= size - fragment->start);
        PROMISE(strlen(fragment->text) <= fragment->text_size);
        PROMISE(format != LEDE_HIGHLIGHT_RANGES ||
                memcmp(fragment->text, text + fragment->start, fragment->size) == 0);
        end = fragment->start + fragment->size;
        size_t mark_end = fragment->start;
        for (size_t m = 0; m < fragment->mark_count; m++) {
            const struct lede_mark *mark = &fragment->marks[m];
            PROMISE(mark->start >= mark_end && mark->size > 0 && mark->start + mark->size <= end);
            mark_end = mark->start + mark->size;
        }
        marks += fragment->mark_count;
    }
    PROMISE(marks == shown->mark_count);
}

void promise_of_marks(const uint8_t *data, size_t size)
{
    make_tools();
    const uint8_t *line_break = size > 2 ? memchr(data + 2, '\n', size - 2) : NULL;
    if (!line_break)
        return;
    size_t query_size = (size_t)(line_break - data) - 2;
    size_t text_size = size - query_size - 3;
    lede_language language = (lede_language)(data[0] % lede_language_count());
    LEDE_CLEANUP(lede_freep) char *query_text = promise_copy(data + 2, query_size);
    LEDE_CLEANUP(lede_freep) char *text = promise_copy(line_break + 1, text_size);
    LEDE_CLEANUP(lede_query_freep) struct lede_query *query = NULL;
    struct lede_query_options options = {.match_any = data[1] & 1,
        .forgiving = true,
        .fields = LEDE_FIELD_BIT(LEDE_FIELD_BODY),
        .languages = LEDE_LANGUAGE_BIT(language)};
    if (lede_query_parse(query_text, query_size, &options, analyzer, &query, NULL) != LEDE_OK)
        return;
    struct lede_match_subject subject = {.language = language, .updated_utc_s = LEDE_TIME_NONE};
    subject.texts[LEDE_FIELD_BODY] = (struct lede_field_text){text, text_size};
    struct lede_shown_leaves shown;
    struct lede_highlights highlights = {0};
    enum lede_highlight_format format = (enum lede_highlight_format)((data[1] >> 1) % 3);
    struct lede_highlight_options how = {.format = format,
        .snippets = (data[1] >> 3) & 3,
        .snippet_chars = 20 + data[1],
        .pre = "[",
        .post = "]"};
    bool matches;
    PROMISE(lede_query_matches(query, &subject, analyzer, &matches) == LEDE_OK);
    PROMISE(lede_query_shown_leaves(query, &subject, analyzer, &shown) == LEDE_OK);
    PROMISE(lede_highlight(query, &shown, LEDE_FIELD_BODY, language, text, text_size, &how,
                analyzer, &highlights) == LEDE_OK);
    check_fragments(&highlights, text, text_size, format);
    const struct lede_query_node *root = lede_query_root(query);
    if (lede_query_is_text_leaf(root->kind) && root->fields == options.fields)
        PROMISE(matches == (highlights.mark_count > 0));
    lede_highlights_done(&highlights);
}
