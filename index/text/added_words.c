/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "added_words.h"

#include <string.h>

#include "chars.h"
#include "lede/encoding.h"
#include "paragraphs.h"

/* A compound is written closed, too, if one of its two parts is as short as that: e-mail,
 * multi-national. */
#define FIRST_CHARACTERS_MAX 6
#define ZERO_WIDTH_NON_JOINER 0x200C
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

/* ---- Figures ---- */

/* Languages that part groups of three by full stops, and those that do so by blanks. */
#define DOT_LANGUAGES "de es it nl pt da no tr id ro el hr sr bs sl ca eu gl vi is mk sq az ms"
#define BLANK_LANGUAGES "fr ru uk be bg pl cs sk sv no da fi hu et lv lt"

const char *added_fraction_decimals(int32_t code)
{
    switch (code) {
    case 0x00BC:
        return "25";
    case 0x00BD:
        return "5";
    case 0x00BE:
        return "75";
    case 0x215B:
        return "125";
    case 0x215C:
        return "375";
    case 0x215D:
        return "625";
    case 0x215E:
        return "875";
    default:
        return NULL;
    }
}

static size_t digits_at(const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && char_is_ascii_digit(text[count]))
        count++;
    return count;
}

/* Put the word's digits without the full stops between groups of three. Returns the size; 0: there
 * are no such groups. */
static size_t without_dots(const char *word, size_t size, char ret_figure[LEDE_TERM_SIZE_MAX])
{
    size_t at = digits_at(word, size), used = at;
    if (at == 0 || at > 3)
        return 0;
    memcpy(ret_figure, word, at);
    while (at < size && word[at] == '.') {
        if (digits_at(word + at + 1, size - at - 1) != 3)
            return 0;
        memcpy(ret_figure + used, word + at + 1, 3);
        used += 3;
        at += 4;
    }
    if (used == at || (at < size && word[at] != ','))
        return 0;
    memcpy(ret_figure + used, word + at, size - at);
    return used + size - at;
}

void added_words_of_figure(struct lede_tokens *tokens, const char *word, size_t size, size_t start,
    size_t end, bool has_fraction)
{
    char figure[LEDE_TERM_SIZE_MAX];
    if (has_fraction) {
        memcpy(figure, word, size);
        *(char *)memchr(figure, '.', size) = ',';
        added_word_put(tokens, LEDE_TOKEN_SPELLING, start, end, figure, size);
        return;
    }
    size_t without = memchr(word, '.', size) && added_words_language_is(tokens, DOT_LANGUAGES)
                         ? without_dots(word, size, figure)
                         : 0;
    added_word_put(tokens, LEDE_TOKEN_SPELLING, start, end, figure, without);
}

/* Does a blank between two groups of three digits stand at `offset`? A thin or a no-break one means
 * it everywhere. */
static size_t figure_blank_size(const struct lede_tokens *tokens, size_t offset)
{
    struct text_char c = char_at(tokens->text, tokens->size, offset);
    bool is_narrow = c.code == 0x00A0 || c.code == 0x202F || c.code == 0x2009 || c.code == 0x2007;
    bool is_blank = c.code == ' ' && tokens->mode == LEDE_TOKENS_DOCUMENT &&
                    added_words_language_is(tokens, BLANK_LANGUAGES);
    size_t behind = offset + c.size;
    return (is_narrow || is_blank) && digits_at(tokens->text + behind, tokens->size - behind) == 3
               ? c.size
               : 0;
}

/* ---- Compounds ---- */

static bool is_arabic_letter(const struct text_char *c)
{
    return c->kind == CHAR_LETTER && c->code >= 0x0620 && c->code <= 0x06FF;
}

bool is_persian_joint(const char *text, size_t size, size_t offset)
{
    struct text_char joint = char_at(text, size, offset);
    if (joint.code != ZERO_WIDTH_NON_JOINER || offset < 2)
        return false;
    struct text_char before = char_at(text, size, offset - 2);
    struct text_char behind = char_at(text, size, offset + joint.size);
    return is_arabic_letter(&before) && is_arabic_letter(&behind);
}

/* Bytes of a hyphen at `offset`, and of a line break behind it, if a word follows; else 0. */
static size_t hyphen_size(const char *text, size_t size, size_t offset)
{
    struct text_char c = char_at(text, size, offset);
    if (is_persian_joint(text, size, offset))
        return c.size;
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
    if ((unsigned char)second[0] >= 0xD8 && (unsigned char)second[0] <= 0xDB)
        return true; /* Arabic letters */
    if (char_is_ascii_digit(second[0]))
        return !ends_in_digit;
    if (ends_in_digit)
        return lede_utf8_count(second, size) <= BEHIND_FIGURE_CHARACTERS_MAX;
    return characters <= FIRST_CHARACTERS_MAX && !is_hung_pronoun(tokens, second, size);
}

/* Is the word a figure's first group, or all groups so far, and another stands behind it? */
static size_t figure_joint(
    const struct lede_tokens *tokens, const char *word, size_t size, size_t end, bool is_first)
{
    bool is_group = digits_at(word, size) == size && (is_first ? size <= 3 : size == 3);
    return is_group ? figure_blank_size(tokens, end) : 0;
}

/* Write what stands before the joint and the word as one. Returns the size. */
static size_t join(const struct lede_added_word *before, const char *word, size_t size,
    char ret_closed[LEDE_TERM_SIZE_MAX])
{
    memcpy(ret_closed, before->word, before->word_size);
    memcpy(ret_closed + before->word_size, word, size);
    return before->word_size + size;
}

static void keep(
    struct lede_tokens *tokens, const char *word, size_t size, size_t start, size_t next)
{
    struct lede_added_word *before = &tokens->before_hyphen;
    memcpy(before->word, word, size);
    before->word_size = (uint32_t)size;
    before->start = start;
    tokens->hyphen_end = next;
}

/* 12 500: returns whether the word is a group of a figure. */
static bool join_figure(
    struct lede_tokens *tokens, const char *word, size_t size, size_t start, size_t end)
{
    struct lede_added_word *before = &tokens->before_hyphen;
    bool is_behind = tokens->is_figure && start > 0 && start == tokens->hyphen_end;
    size_t blank = figure_joint(tokens, word, size, end, !is_behind);
    char closed[LEDE_TERM_SIZE_MAX];
    if (!is_behind && blank == 0)
        return false;
    size_t first = is_behind ? before->start : start;
    bool fits = !is_behind || before->word_size + size <= LEDE_TERM_SIZE_MAX;
    if (is_behind && fits) {
        size = join(before, word, size, closed);
        word = closed;
    }
    tokens->is_figure = blank > 0 && fits;
    if (tokens->is_figure)
        keep(tokens, word, size, first, end + blank);
    else if (fits)
        added_word_put(tokens, LEDE_TOKEN_CLOSED, first, end, word, size);
    return true;
}

void added_words_join(
    struct lede_tokens *tokens, const char *word, size_t size, size_t start, size_t end)
{
    struct lede_added_word *before = &tokens->before_hyphen;
    if (join_figure(tokens, word, size, start, end))
        return;
    bool is_behind = start > 0 && start == tokens->hyphen_end;
    size_t hyphen = hyphen_size(tokens->text, tokens->size, end);
    if (is_behind && before->word_size > 0 &&
        is_written_closed(tokens, before->word, before->word_size, word, size)) {
        char closed[LEDE_TERM_SIZE_MAX];
        added_word_put(tokens, LEDE_TOKEN_CLOSED, before->start, end, closed,
            join(before, word, size, closed));
    }
    before->word_size = 0;
    tokens->is_figure = false;
    if (hyphen == 0)
        return;
    tokens->hyphen_end = end + hyphen;
    if (!is_behind) /* of a longer chain only the first two may be one: not of state-of-the-art */
        keep(tokens, word, size, start, end + hyphen);
}
