/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "added_words.h"

#include <string.h>

#include "chars.h"
#include "lede/encoding.h"
#include "paragraphs.h"

/* A compound is written closed, too, if one of its two parts is as short as that: e-mail,
 * multi-national. */
#define FIRST_CHARACTERS_MAX 6
#define BEHIND_FIGURE_CHARACTERS_MAX 2 /* 3-D, but not 20-year */

void added_word_put(struct lede_tokens *tokens, unsigned flags, size_t start, size_t end,
    const char *word, size_t size)
{
    if (tokens->mode == LEDE_TOKENS_QUERY || tokens->added_count == LEDE_ADDED_WORDS_MAX ||
        size == 0 || size > LEDE_TERM_SIZE_MAX)
        return;
    struct lede_added_word *added = &tokens->added[tokens->added_count++];
    memcpy(added->word, word, size);
    added->word[size] = '\0';
    added->word_size = (uint32_t)size;
    added->flags = flags;
    added->start = start;
    added->size = end - start;
}

size_t line_break_size(const char *text, size_t size, size_t offset)
{
    size_t at = offset, line_break = SIZE_MAX;
    for (;;) {
        struct text_char c = char_at(text, size, at);
        if (c.kind != CHAR_SPACE)
            break;
        if (c.code == '\n' && line_break != SIZE_MAX)
            return 0;
        if (c.code == '\n')
            line_break = at;
        at += c.size;
    }
    bool goes_on = line_break != SIZE_MAX && at < size && !paragraph_begins(text, size, line_break);
    return goes_on ? at - offset : 0;
}

bool added_words_language_is(const struct lede_tokens *tokens, const char *codes)
{
    const char *code = lede_language_code(tokens->language);
    return tokens->mode == LEDE_TOKENS_ANY_LANGUAGE || (!code[2] && strstr(codes, code));
}

bool is_conjunction_at(const char *text, size_t size, size_t offset)
{
    static const char *const words[] = {"und", "oder", "bzw", "sowie", "bis", "and", "or", "to",
        "et", "ou", "y", "o", "e", "en", "of", "och", "eller", "og", "i", "a", "ja", "tai"};
    size_t end = offset;
    while (end < size && char_is_ascii_lower(text[end]))
        end++;
    if (char_at(text, size, end).kind == CHAR_LETTER)
        return false;
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        if (strlen(words[i]) == end - offset && memcmp(text + offset, words[i], end - offset) == 0)
            return true;
    }
    return false;
}

/* ---- Compounds ---- */

/* Bytes of a hyphen at `offset`, and of a line break behind it, if a word follows; else 0. */
static size_t hyphen_size(const char *text, size_t size, size_t offset)
{
    struct text_char c = char_at(text, size, offset);
    if (c.code != '-' && c.code != 0x2010 && c.code != 0x2011)
        return 0;
    size_t end = offset + c.size, blank = line_break_size(text, size, end);
    end += blank;
    if (blank > 0 && is_conjunction_at(text, size, end))
        return 0; /* Haupt-⏎und Nebenfach */
    struct text_char next = char_at(text, size, end);
    bool is_word =
        next.kind == CHAR_DIGIT || (next.kind == CHAR_LETTER && next.script == SCRIPT_SPACED);
    return is_word ? end - offset : 0;
}

/* Romance languages hang pronouns on verbs: dit-il, disse-me. */
static bool is_hung_pronoun(const struct lede_tokens *tokens, const char *word, size_t size)
{
    return tokens->mode == LEDE_TOKENS_DOCUMENT &&
           added_words_language_is(tokens, "fr pt ca ro es it gl") &&
           lede_word_is_function_in(tokens->language, word, size);
}

/* Is the compound of these also written as one word? Figures that a hyphen joins are none: 3-2. */
static bool is_written_closed(const struct lede_tokens *tokens, const char *first,
    size_t first_size, const char *second, size_t size)
{
    bool ends_in_digit = char_is_ascii_digit(first[first_size - 1]);
    size_t characters = lede_utf8_count(first, first_size);
    if (first_size + size > LEDE_TERM_SIZE_MAX)
        return false;
    if (char_is_ascii_digit(second[0]))
        return !ends_in_digit;
    if (ends_in_digit)
        return lede_utf8_count(second, size) <= BEHIND_FIGURE_CHARACTERS_MAX;
    return characters <= FIRST_CHARACTERS_MAX && !is_hung_pronoun(tokens, second, size);
}

void added_words_join(
    struct lede_tokens *tokens, const char *word, size_t size, size_t start, size_t end)
{
    struct lede_added_word *before = &tokens->before_hyphen;
    bool is_behind = start > 0 && start == tokens->hyphen_end;
    size_t hyphen = hyphen_size(tokens->text, tokens->size, end);
    if (is_behind && before->word_size > 0 &&
        is_written_closed(tokens, before->word, before->word_size, word, size)) {
        char closed[LEDE_TERM_SIZE_MAX];
        memcpy(closed, before->word, before->word_size);
        memcpy(closed + before->word_size, word, size);
        added_word_put(
            tokens, LEDE_TOKEN_CLOSED, before->start, end, closed, before->word_size + size);
    }
    before->word_size = 0;
    if (hyphen == 0)
        return;
    tokens->hyphen_end = end + hyphen;
    if (is_behind)
        return; /* of a longer chain only the first two may be one: not of state-of-the-art */
    memcpy(before->word, word, size);
    before->word_size = (uint32_t)size;
    before->start = start;
}
