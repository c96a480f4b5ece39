/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns: how they are read. match.c tells what they match. */
#include "pattern.h"

#include "lede/encoding.h"
#include "lede/names.h"

#include <stdlib.h>
#include <string.h>

#define FUZZY_CHARS_MIN 3 /* of shorter words one letter changes too much */
#define FUZZY_TWO_CHARS_MIN 4

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           (unsigned char)c >= 0x80;
}

/* Punctuation beyond ASCII: ’ ” … · 」 ！ and their like, by their blocks. */
static bool is_mark(const char *text, size_t size)
{
    static const char *const blocks[] = {"\xc2", "\xe2\x80", "\xe3\x80", "\xef\xbc"};
    for (size_t i = 0; i < LEDE_COUNT_OF(blocks); i++) {
        if (size > strlen(blocks[i]) && memcmp(text, blocks[i], strlen(blocks[i])) == 0)
            return true;
    }
    return false;
}

bool lede_query_is_wildcard(const char *run, size_t size, size_t at)
{
    if (run[at] != '?')
        return run[at] == '*';
    while (at < size && run[at] == '?')
        at++;
    return at < size && (is_word_byte(run[at]) || run[at] == '*') && !is_mark(run + at, size - at);
}

/* Words that a wildcard character stands between: `Lehrer*innen`, which speaks of women and men,
 * and a sentence glued to the one before (`watch?This`). */
static bool is_written_so(const char *run, size_t size)
{
    for (size_t i = 1; i + 1 < size; i++) {
        const char *behind = run + i + 1;
        size_t left = size - i - 1;
        if (!is_word_byte(run[i - 1]) || run[i - 1] == '*')
            continue;
        if (run[i] == '?' && *behind >= 'A' && *behind <= 'Z' &&
            !(run[i - 1] >= 'A' && run[i - 1] <= 'Z'))
            return true;
        bool is_ending = left == 2 || (left >= 5 && memcmp(behind, "innen", 5) == 0);
        if (run[i] == '*' && i >= 3 && is_ending && memcmp(behind, "in", 2) == 0)
            return true;
    }
    return false;
}

bool lede_query_has_wildcard(const char *run, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (lede_query_is_wildcard(run, size, i))
            return true;
    }
    return false;
}

bool lede_query_is_pattern(const char *run, size_t size)
{
    /* In an address ? and ~ are no operators; a * still is none of an address. */
    bool is_address = memmem(run, size, "://", 3) && !memchr(run, '*', size);
    return !is_address && lede_query_has_wildcard(run, size);
}

size_t lede_query_fuzzy_size(const char *run, size_t size)
{
    size_t end = size;
    while (end > 0 && ((run[end - 1] >= '0' && run[end - 1] <= '9') || run[end - 1] == '.'))
        end--;
    return end >= 2 && run[end - 1] == '~' && is_word_byte(run[end - 2]) ? end - 1 : size;
}

/* ---- Reading ---- */

static enum lede_status fail_pattern(
    struct query_context *context, const struct query_token *token, const char *message)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, token->start, "%s", message);
    lede_error_hint(context->reterr,
        "wildcards stand in a single word: colo?r, *stan, econ*; put punctuation in quotes");
    return st;
}

static enum lede_status fail_word(struct query_context *context, const struct query_token *token)
{
    (void)fail_pattern(context, token, "expected one word with wildcards in it");
    return lede_query_or_words(context, token->start, token->size);
}

static bool is_apostrophe(const char *text, size_t size)
{
    return (size == 1 && *text == '\'') || (size == 3 && memcmp(text, "\u2019", 3) == 0);
}

/* Append a piece between wildcards, folded: part of one word, of a script with spaces. Punctuation
 * at the pattern's edges is dropped; beside a wildcard there may be an apostrophe, and any other
 * mark (`bold**—and`) makes it no pattern. Status: OK; EINPUT without an error set. */
static enum lede_status fold_piece(struct query_context *context, const char *piece, size_t size,
    bool begins, bool ends, struct lede_buffer *pattern)
{
    struct lede_tokens tokens;
    struct lede_token token, found = {0};
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (!is_word_byte(piece[i]) && piece[i] != '\'' && piece[i] != '&')
            return LEDE_EINPUT;
    }
    lede_tokens_init(&tokens, context->analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, piece, size);
    for (; lede_tokens_next(&tokens, &token); count++) {
        if (count > 0 || (token.flags & LEDE_TOKEN_NGRAM))
            return LEDE_EINPUT;
        found = token;
        lede_buffer_append(pattern, token.word, token.word_size);
    }
    if (count != 1)
        return LEDE_EINPUT;
    size_t end = found.start + found.size;
    bool ends_so = ends || end == size || is_apostrophe(piece + end, size - end);
    if (!ends && end < size && ends_so)
        lede_buffer_append_char(pattern, '\'');
    return ends_so && (begins || found.start == 0 || is_apostrophe(piece, found.start))
               ? LEDE_OK
               : LEDE_EINPUT;
}

/* Fold the pieces between the wildcards into `pattern`; runs of `*` become one. Status: OK; ENOMEM;
 * EINPUT without an error set. */
static enum lede_status fold_pattern(
    struct query_context *context, const char *run, size_t size, struct lede_buffer *pattern)
{
    bool has_piece = false;
    for (size_t at = 0; at < size;) {
        if (lede_query_is_wildcard(run, size, at)) {
            bool again =
                run[at] == '*' && pattern->size > 0 && pattern->data[pattern->size - 1] == '*';
            if (!again)
                lede_buffer_append_char(pattern, run[at]);
            at++;
            continue;
        }
        size_t end = at;
        while (end < size && !lede_query_is_wildcard(run, size, end))
            end++;
        if (fold_piece(context, run + at, end - at, at == 0, end == size, pattern) != LEDE_OK)
            return LEDE_EINPUT;
        has_piece = true;
        at = end;
    }
    return has_piece && pattern->size <= LEDE_TERM_SIZE_MAX ? lede_buffer_status(pattern)
                                                            : LEDE_EINPUT;
}

/* Punctuation around a pattern (`*stan,`) is no part of it. */
static void trim_punctuation(const char **run, size_t *size)
{
    while (*size > 0 && !is_word_byte(**run) && !lede_query_is_wildcard(*run, *size, 0)) {
        (*run)++;
        (*size)--;
    }
    while (*size > 0 && !is_word_byte((*run)[*size - 1]) &&
           !lede_query_is_wildcard(*run, *size, *size - 1))
        (*size)--;
}

static enum lede_status leaf_of_pattern(struct query_context *context,
    const struct query_token *token, const char *pattern, size_t size, enum lede_query_kind kind,
    struct lede_query_node **ret_node)
{
    struct lede_query_node *node = NULL;
    enum lede_status st = lede_query_leaf_new(context, kind, token, &node);
    if (st != LEDE_OK)
        return st;
    struct lede_query_word *word = lede_arena_calloc(context->arena, 1, sizeof(*word));
    const char **stems = lede_arena_calloc(context->arena, 1, sizeof(*stems));
    char *text = lede_arena_copy(context->arena, pattern, size);
    if (!word || !stems || !text)
        return LEDE_ENOMEM;
    stems[0] = text;
    *word =
        (struct lede_query_word){.word = text, .word_size = size, .stems = stems, .stem_count = 1};
    node->words = word;
    node->word_count = 1;
    node->written = text;
    *ret_node = node;
    return LEDE_OK;
}

enum lede_status lede_query_wildcard(struct query_context *context, const struct query_token *token,
    struct lede_query_node **ret_node)
{
    const char *run = context->text + token->start;
    size_t size = token->size;
    if (strspn(run, "*") >= size && !context->caps)
        return lede_query_leaf_new(context, LEDE_QUERY_ALL, token, ret_node);
    if (context->caps)
        return fail_pattern(context, token, "CAPS takes words without wildcards");
    if (*run == '=')
        return fail_pattern(context, token, "'=' and wildcards exclude each other");
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer pattern = {0};
    trim_punctuation(&run, &size);
    enum lede_status st = fold_pattern(context, run, size, &pattern);
    if (st != LEDE_OK && st != LEDE_EINPUT)
        return LEDE_ENOMEM;
    /* Folded, too: it is printed so. */
    bool is_words = st == LEDE_EINPUT ||
                    (context->options->forgiving &&
                        (is_written_so(run, size) || is_written_so(pattern.data, pattern.size)));
    if (is_words)
        return fail_word(context, token);
    const char *first = memchr(pattern.data, '*', pattern.size);
    bool is_prefix =
        first == pattern.data + pattern.size - 1 && !memchr(pattern.data, '?', pattern.size);
    if (!is_prefix)
        return leaf_of_pattern(
            context, token, pattern.data, pattern.size, LEDE_QUERY_WILDCARD, ret_node);
    struct query_words words = {0};
    st = lede_query_analyze(context, pattern.data, pattern.size - 1, 2, &words);
    if (st == LEDE_OK && words.count != 1)
        return fail_word(context, token);
    return st == LEDE_OK
               ? lede_query_leaf_of_words(context, token, &words, LEDE_QUERY_PREFIX, ret_node)
               : st;
}

static enum lede_status fail_fuzzy(
    struct query_context *context, size_t position, const char *message)
{
    enum lede_status st = lede_query_fail_at(context, LEDE_EINPUT, position, "%s", message);
    lede_error_hint(context->reterr, "write zelenski~ for one letter's difference, zelenski~2 for "
                                     "two; or put the text in quotes");
    return st;
}

enum lede_status lede_query_fuzzy(struct query_context *context, const struct query_token *token,
    struct lede_query_node **ret_node)
{
    const char *run = context->text + token->start;
    size_t size = lede_query_fuzzy_size(run, token->size);
    size_t digits = token->size - size - 1;
    size_t tilde = token->start + size;
    struct query_words words = {0};
    uint32_t edits = digits == 0 ? 1 : (uint32_t)(run[size + 1] - '0');
    if (digits > 1 || edits < 1 || edits > LEDE_QUERY_EDITS_MAX)
        return fail_fuzzy(context, tilde, "expected '~', '~1' or '~2' behind the word");
    if (context->caps || *run == '=' || lede_query_has_wildcard(run, size))
        return fail_fuzzy(context, tilde, "'~' goes with no '=', wildcard or CAPS");
    enum lede_status st = lede_query_analyze(context, run, size, 2, &words);
    if (st != LEDE_OK)
        return st;
    if (words.count != 1 || words.lone_character || words.items[0].flags & LEDE_TOKEN_NGRAM)
        st = fail_fuzzy(context, token->start, "'~' takes one word of letters");
    if (st == LEDE_EINPUT)
        return digits > 0 ? st : lede_query_or_words(context, token->start, token->size);
    size_t characters = lede_utf8_count(words.items[0].word, words.items[0].word_size);
    if (characters < (edits == 1 ? FUZZY_CHARS_MIN : FUZZY_TWO_CHARS_MIN)) {
        st = fail_fuzzy(context, tilde, "the word is too short to be found by similar ones");
        return digits > 0 ? st : lede_query_or_words(context, token->start, token->size);
    }
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
    st = leaf_of_pattern(
        context, token, words.items[0].word, words.items[0].word_size, LEDE_QUERY_FUZZY, ret_node);
    if (st != LEDE_OK)
        return st;
    (*ret_node)->number = edits;
    char fold[LEDE_NAME_FOLD_MAX + 1];
    size_t fold_size = lede_name_fold(words.items[0].word, words.items[0].word_size, fold);
    if (fold_size > 0 &&
        !((*ret_node)->name_fold = lede_arena_copy(context->arena, fold, fold_size)))
        return LEDE_ENOMEM;
    lede_buffer_append_format(&written, "%s~%s", words.items[0].word, edits == 2 ? "2" : "");
    (*ret_node)->written = lede_arena_copy(context->arena, written.data, written.size);
    return written.failed || !(*ret_node)->written ? LEDE_ENOMEM : LEDE_OK;
}
