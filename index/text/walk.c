/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A word of a script with spaces, letter by letter: what joins them stands in tokens.c's list. */
#include "walk.h"

#include <string.h>

#include "added_words.h"
#include "numbers.h"

static void count_case(struct case_count *count, uint8_t letter_case)
{
    if (letter_case == CASE_UPPER)
        count->upper++;
    else
        count->other++;
}

/* Set the fields one by one: zeroing the folder's marks for each word would cost as much as folding
 * it. */
void walk_begin(
    struct walk *walk, struct lede_tokens *tokens, struct word_builder *word, enum folder_way way)
{
    walk->tokens = tokens;
    walk->word = word;
    walk->folder.way = way;
    walk->folder.has_umlaut = walk->folder.has_accent = false;
    walk->apostrophe.size = walk->line_break.size = walk->fraction.size = 0;
    walk->last_apostrophe = 0;
    walk->folder.count = 0;
    walk->folder.base = 0;
    walk->folder.words_only = true;
    walk->letters = (struct case_count){0};
    walk->offset = tokens->offset;
    walk->end = tokens->offset;
    word_begin(walk->word);
}

struct text_char walk_peek(const struct walk *walk, size_t ahead)
{
    return char_at(walk->tokens->text, walk->tokens->size, walk->offset + ahead);
}

static bool is_spaced_letter(const struct text_char *c)
{
    return c->kind == CHAR_LETTER && c->script == SCRIPT_SPACED;
}

static void put_code(struct walk *walk, int32_t code)
{
    char out[FOLD_OUT_MAX];
    size_t size = folder_push(&walk->folder, code, out);
    word_put(walk->word, out, size);
}

void walk_put_char(struct walk *walk, const struct text_char *c)
{
    put_code(walk, c->code);
    if (c->kind == CHAR_LETTER)
        count_case(&walk->letters, c->letter_case);
    walk->offset += c->size;
    walk->end = walk->offset;
}

/* The fast path: a run of ASCII letters and digits. */
static void put_ascii_run(struct walk *walk)
{
    const char *text = walk->tokens->text + walk->offset;
    size_t left = walk->tokens->size - walk->offset, run = 0, upper = 0, digits = 0;
    if (left > word_room(walk->word))
        left = word_room(walk->word); /* a longer run comes back here */
    char *out = word_tail(walk->word);
    for (; run < left; run++) {
        unsigned char c = (unsigned char)text[run];
        if (c >= 0x80 || (char_ascii_kinds[c] != CHAR_LETTER && char_ascii_kinds[c] != CHAR_DIGIT))
            break;
        bool is_upper = char_is_ascii_upper((char)c);
        upper += is_upper;
        digits += c <= '9';
        out[run] = (char)(is_upper ? c | 0x20 : c);
    }
    walk->word->used += run;
    walk->letters.upper += upper;
    walk->letters.other += run - upper - digits;
    walk->offset += run;
    walk->end = walk->offset;
}

/* What the folder holds back goes into the word. */
void walk_put_held(struct walk *walk)
{
    char out[FOLD_OUT_MAX];
    if (walk->folder.count > 0)
        word_put(walk->word, out, folder_finish(&walk->folder, out));
}

/* Marks may follow the letters of the fast path, so the folder learns the last of them. */
static void put_ascii(struct walk *walk)
{
    walk_put_held(walk);
    put_ascii_run(walk);
    walk->folder.base = (unsigned char)walk->tokens->text[walk->end - 1];
}

static void note_seam(struct walk *walk, struct seam *seam, size_t gap)
{
    walk_put_held(walk);
    *seam =
        (struct seam){word_size_so_far(walk->word), walk->letters, walk->end, walk->offset + gap};
}

/* Bytes from a hyphen at a line's end to the lower-case letter that goes on with the word, else 0.
 * Nobody breaks a word behind its first letter, and in state-of-the-⏎art a compound goes on. */
static size_t hyphenation_size(const struct walk *walk, const struct text_char *c)
{
    const struct lede_tokens *tokens = walk->tokens;
    bool is_hyphen = c->code == '-' || c->code == 0x2010 || c->code == 0x00AD;
    bool is_compound = tokens->hyphen_end == tokens->offset && tokens->offset > 0;
    if (!is_hyphen || is_compound || walk->line_break.size > 0 ||
        walk->letters.upper + walk->letters.other < 2)
        return 0;
    size_t blank = line_break_size(tokens->text, tokens->size, walk->offset + c->size);
    struct text_char next = walk_peek(walk, c->size + blank);
    bool goes_on = blank > 0 && is_spaced_letter(&next) && next.letter_case == CASE_LOWER &&
                   !is_conjunction_at(tokens->text, tokens->size, walk->offset + c->size + blank);
    return goes_on ? c->size + blank : 0;
}

static bool is_hebrew_letter(int32_t code)
{
    return code >= 0x05D0 && code <= 0x05EA;
}

/* Typed for gershayim: צה"ל. */
static bool is_hebrew_quote(int32_t code)
{
    return code == '"' || code == 0x201C || code == 0x201D;
}

/* Does an apostrophe at the offset part a figure into groups of three: 12'500? */
static bool groups_figures(const struct walk *walk, size_t apostrophe)
{
    const char *text = walk->tokens->text;
    size_t behind = walk->offset + apostrophe, before = walk->offset, digits = 0;
    while (before > walk->tokens->offset && char_is_ascii_digit(text[before - 1]))
        before--;
    while (digits < 4 && behind + digits < walk->tokens->size &&
           char_is_ascii_digit(text[behind + digits]))
        digits++;
    return digits == 3 && walk->offset - before <= 3;
}

/* Bytes of the joining character at the offset if what stands before and behind it makes it part of
 * the word,
 * else 0. after  kind of the character before it */
static size_t joiner_size(const struct walk *walk, const struct text_char *c, uint8_t after)
{
    bool is_middle_dot = c->code == 0x00B7;
    bool is_quote = is_hebrew_quote(c->code) && is_hebrew_letter(walk->folder.base);
    if (c->kind != CHAR_APOSTROPHE && c->kind != CHAR_AMPERSAND && !is_middle_dot && !is_quote)
        return 0;
    struct text_char next = walk_peek(walk, c->size);
    if (c->kind == CHAR_APOSTROPHE && after == CHAR_DIGIT && next.kind == CHAR_DIGIT)
        return groups_figures(walk, c->size) ? c->size : 0;
    if (!is_spaced_letter(&next))
        return 0;
    if (is_quote)
        return is_hebrew_letter(next.code) ? c->size : 0;
    if (c->kind == CHAR_APOSTROPHE)
        return c->size;
    if (c->kind == CHAR_AMPERSAND)
        return after == CHAR_LETTER || after == CHAR_MARK ? c->size : 0;
    char before = walk->tokens->text[walk->offset - 1];
    return (before | 0x20) == 'l' && (next.code | 0x20) == 'l' ? c->size : 0;
}

/* The rest of a word: letters, digits, marks, and what may join them. */
static void put_rest(struct walk *walk)
{
    const struct lede_tokens *tokens = walk->tokens;
    uint8_t kind = CHAR_LETTER;
    if (walk->end > 0 && char_is_ascii_digit(walk->tokens->text[walk->end - 1]))
        kind = CHAR_DIGIT;
    for (;;) {
        struct text_char c = walk_peek(walk, 0);
        size_t joiner = joiner_size(walk, &c, kind);
        size_t hyphenation = joiner > 0 ? 0 : hyphenation_size(walk, &c);
        if (hyphenation > 0) {
            note_seam(walk, &walk->line_break, hyphenation);
            walk->offset += hyphenation;
        } else if (joiner > 0) {
            struct text_char next = walk_peek(walk, joiner);
            if (c.kind == CHAR_APOSTROPHE && next.kind != CHAR_DIGIT) {
                walk->last_apostrophe = walk->offset;
                if (walk->apostrophe.size == 0)
                    note_seam(walk, &walk->apostrophe, joiner);
            }
            bool is_kept = next.kind != CHAR_DIGIT && c.code != 0x00B7 && !is_hebrew_quote(c.code);
            if (is_kept)
                put_code(walk, c.kind == CHAR_AMPERSAND ? '&' : '\'');
            walk->offset += joiner;
        } else if (is_persian_joint(tokens->text, tokens->size, walk->offset)) {
            return;
        } else if (c.kind == CHAR_IGNORABLE) {
            walk->offset += c.size; /* of the word only if more of it follows */
        } else if ((is_spaced_letter(&c) || c.kind == CHAR_DIGIT) && c.code < 0x80) {
            put_ascii(walk);
            kind =
                char_is_ascii_digit(walk->tokens->text[walk->end - 1]) ? CHAR_DIGIT : CHAR_LETTER;
        } else if (is_spaced_letter(&c) || c.kind == CHAR_DIGIT || c.kind == CHAR_MARK) {
            walk_put_char(walk, &c);
            kind = c.kind == CHAR_MARK ? kind : c.kind;
        } else {
            return;
        }
    }
}

/* Is there one letter at `offset`, with no part of a word behind it? */
static bool is_single_letter(const struct walk *walk, size_t ahead, struct text_char *ret_letter)
{
    *ret_letter = walk_peek(walk, ahead);
    if (!is_spaced_letter(ret_letter))
        return false;
    struct text_char next = walk_peek(walk, ahead + ret_letter->size);
    return next.kind != CHAR_LETTER && next.kind != CHAR_DIGIT && next.kind != CHAR_MARK &&
           next.kind != CHAR_IGNORABLE;
}

/* Take an acronym with its full stops. Returns false if there is none at the offset. */
static bool put_acronym(struct walk *walk, const struct text_char *first)
{
    struct text_char letter = *first, next;
    if (!is_spaced_letter(first) || walk_peek(walk, first->size).code != '.' ||
        !is_single_letter(walk, first->size + 1u, &next))
        return false;
    for (;;) {
        walk_put_char(walk, &letter);
        if (walk_peek(walk, 0).code != '.')
            return true;
        if (!is_single_letter(walk, 1, &next))
            break;
        walk->offset++;
        letter = next;
    }
    walk->offset++; /* the last full stop */
    walk->end = walk->offset;
    return true;
}

/* 3½ is 3.5. */
static void put_fraction(struct walk *walk)
{
    struct text_char c = walk_peek(walk, 0);
    const char *decimals = added_fraction_decimals(c.code);
    if (!decimals || memchr(word_so_far(walk->word), '.', word_size_so_far(walk->word)))
        return;
    walk->fraction = (struct seam){word_size_so_far(walk->word), walk->letters, walk->end, 0};
    word_put(walk->word, ".", 1);
    word_put(walk->word, decimals, strlen(decimals));
    walk->offset += c.size;
    walk->end = walk->offset;
}

/* A word begins at the offset. Returns its range's end. */
void walk_put_word(struct walk *walk, const struct text_char *first)
{
    const char *text = walk->tokens->text;
    size_t size = walk->tokens->size;
    if (char_is_ascii_digit(text[walk->offset])) {
        struct number_span number = number_at(text, size, walk->offset);
        for (size_t i = 0; i < number.size; i++)
            if (text[walk->offset + i] != ',' || !number.drop_commas)
                word_put(walk->word, text + walk->offset + i, 1);
        walk->offset += number.size;
        walk->end = walk->offset;
        walk->folder.base = '0';
        put_fraction(walk);
    } else if (put_acronym(walk, first)) {
        /* Behind its last full stop only an apostrophe continues it: the U.S.'s */
        struct text_char next = walk_peek(walk, 0);
        if (text[walk->end - 1] == '.' && joiner_size(walk, &next, CHAR_OTHER) == 0)
            return;
    } else if (first->code < 0x80) {
        put_ascii(walk);
        /* Most words end here. */
        unsigned char next = walk->offset < size ? (unsigned char)text[walk->offset] : ' ';
        if (next < 0x80 && next != '-' && char_ascii_kinds[next] < CHAR_LETTER)
            return;
    }
    put_rest(walk);
}
