/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tokenizer. Where words begin and end never depends on the language; only their terms do.
 *
 * The rules, each with a test:
 * - A word is a run of letters, digits and marks. Everything else ends it, except between the
 * characters named here.
 * - An apostrophe (' ’ ‘ ʼ ＇ ´) between a letter or digit and a letter stays, as ': O’Brien is
 * "o'brien". The term drops a final 's; in French, Italian and Catalan it drops an elided article
 * (l'homme has the term of homme), in Turkish the suffix behind the apostrophe of a name.
 * - & between letters stays: "at&t". U+00B7 between two l (Catalan) stays inside and is dropped.
 * - Single letters with full stops between are an acronym, the last full stop belongs to it: U.S.
 * is "us", a.m. "am". Any other full stop between letters parts words.
 * - Numbers stay as written (3.5, 3,5, 1.2.3, 1.234,56), but commas between groups of three go:
 * 1,200.50 is "1200.50". Commas of a list (1,2,3) part.
 * - Everything else parts, and what follows without white space is JOINED: COVID-19, al-Qaida,
 * addresses, URLs, a_b.
 * - Soft hyphens, joiners, bidi marks, variation selectors and tatweel are no part of the word, but
 * of its range.
 * - Runs of scripts without spaces become bigrams of letters with their marks.
 * - An emoji is a word by itself, whatever stands beside it (emoji.h).
 * - A word of more than LEDE_TERM_SIZE_MAX folded bytes is its first bytes, '#' and a hash of the
 * whole. */
#include <string.h>

#include "added_words.h"
#include "emoji.h"
#include "paragraphs.h"
#include "walk.h"

/* What the walk remembers in lede_tokens.state. */
enum state_slot {
    STATE_SENTENCE_END_LOW, /* offset at which the next sentence begins */
    STATE_SENTENCE_END_HIGH,
    STATE_IN_RUN,  /* the token before was a bigram whose second letter begins at the offset */
    STATE_IS_NEAR, /* no white space stands before the word at hand, and it is not the first */
};

/* What stands between two words. */
struct gap {
    bool space;
    bool paragraph; /* one begins */
};

void lede_tokens_init(struct lede_tokens *tokens, struct lede_analyzer *analyzer,
    enum lede_token_mode mode, lede_language language, const char *text, size_t size)
{
    *tokens = (struct lede_tokens){
        .analyzer = analyzer, .text = text, .size = size, .language = language, .mode = mode};
}

/* Go on to the next letter, digit or emoji. Returns CHAR_END if there is none. */
static struct text_char skip_gap(struct lede_tokens *tokens, struct gap *gap)
{
    bool line_empty = false; /* a line break, and only spaces since */
    for (;;) {
        /* Most gaps are one space. */
        if (tokens->offset < tokens->size && tokens->text[tokens->offset] == ' ') {
            gap->space = true;
            tokens->offset++;
            continue;
        }
        struct text_char c = char_at(tokens->text, tokens->size, tokens->offset);
        if (c.kind == CHAR_LETTER || c.kind == CHAR_DIGIT || c.kind == CHAR_END)
            return c;
        if (c.kind == CHAR_OTHER && emoji_size(tokens->text, tokens->size, tokens->offset) > 0) {
            c.script = SCRIPT_EMOJI;
            return c;
        }
        if (c.kind == CHAR_INVALID)
            tokens->invalid_bytes += c.size;
        if (c.kind == CHAR_SPACE) {
            gap->space = true;
            gap->paragraph |= c.code == '\n' && (line_empty || paragraph_begins(tokens->text,
                                                                   tokens->size, tokens->offset));
            line_empty |= c.code == '\n';
        } else {
            line_empty = false;
        }
        tokens->offset += c.size;
    }
}

/* Read the token's range again for the word as it is written, where it has accents. */
static void find_written(struct lede_tokens *tokens, struct lede_token *token)
{
    struct walk again;
    size_t offset = tokens->offset, size = tokens->size;
    token->written = token->word;
    token->written_size = token->word_size;
    if (!(token->flags & LEDE_TOKEN_ACCENTED))
        return;
    tokens->offset = token->start;
    tokens->size = token->start + token->size;
    struct text_char first = char_at(tokens->text, tokens->size, tokens->offset);
    walk_begin(&again, tokens, &tokens->analyzer->respelt, FOLD_WITH_ACCENTS);
    walk_put_word(&again, &first);
    walk_put_held(&again);
    token->written_size = (uint32_t)word_end(again.word, &token->written);
    tokens->offset = offset;
    tokens->size = size;
    bool is_word = token->written_size == token->word_size &&
                   memcmp(token->written, token->word, token->word_size) == 0;
    token->flags &= is_word ? ~(unsigned)LEDE_TOKEN_ACCENTED : ~0u;
}

/* ---- Words that share its position ---- */

static unsigned flags_of_piece(
    const struct walk *walk, unsigned flags, const struct case_count *letters)
{
    flags |= case_is_all_upper(letters) ? LEDE_TOKEN_UPPERCASE : 0u;
    return flags | (walk->folder.has_accent ? LEDE_TOKEN_ACCENTED : 0u);
}

/* Pieces of a word that was broken over a line may be words: multi-⏎national. */
static void add_broken_parts(const struct walk *walk, const char *word, size_t size)
{
    const struct seam *seam = &walk->line_break;
    unsigned flags = flags_of_piece(walk, LEDE_TOKEN_PART, &(struct case_count){0});
    added_word_put(walk->tokens, flags, walk->tokens->offset, seam->end, word, seam->size);
    added_word_put(
        walk->tokens, flags, seam->next, walk->end, word + seam->size, size - seam->size);
}

/* What stands behind an elided article or pronoun: l’Élysée. In languages that have none the word
 * behind begins with a capital: d’Orsay, but not d'you. */
static void add_elided(const struct walk *walk, const char *word, size_t size)
{
    struct lede_tokens *tokens = walk->tokens;
    const struct seam *seam = &walk->apostrophe;
    struct text_char first = char_at(tokens->text, tokens->size, seam->next);
    struct case_count behind = {
        walk->letters.upper - seam->letters.upper, walk->letters.other - seam->letters.other};
    size_t elision = stem_elision_size(tokens->language, word, size);
    if (elision == 0 && first.letter_case == CASE_UPPER)
        elision = stem_elision_size(LEDE_LANGUAGE_UND, word, size);
    if (elision != seam->size + 1)
        return;
    unsigned flags = flags_of_piece(walk, LEDE_TOKEN_PART, &behind);
    added_word_put(tokens, flags, seam->next, walk->end, word + elision, size - elision);
}

static void add_without_possessive(const struct walk *walk, const char *word, size_t size)
{
    struct case_count before = walk->letters;
    if (size < 3 || word[size - 2] != '\'' || word[size - 1] != 's')
        return;
    before.other -= before.other > 0;
    unsigned flags = flags_of_piece(walk, LEDE_TOKEN_PART, &before);
    added_word_put(
        walk->tokens, flags, walk->tokens->offset, walk->last_apostrophe, word, size - 2);
}

/* Schröder is written Schroeder, too: in names everywhere, else where the language does so. */
static void add_written_out(const struct walk *walk, const struct text_char *first)
{
    struct lede_tokens *tokens = walk->tokens;
    struct walk again;
    if (first->letter_case != CASE_UPPER && !added_words_language_is(tokens, "de da no"))
        return;
    walk_begin(&again, tokens, &tokens->analyzer->respelt, FOLD_WRITTEN_OUT);
    walk_put_word(&again, first);
    walk_put_held(&again);
    unsigned flags = flags_of_piece(walk, LEDE_TOKEN_SPELLING, &walk->letters);
    added_word_put(tokens, flags, tokens->offset, walk->end, word_so_far(again.word),
        word_size_so_far(again.word));
}

static void add_words(struct walk *walk, const struct text_char *first)
{
    walk_put_held(walk);
    const char *word = word_so_far(walk->word);
    size_t size = word_size_so_far(walk->word);
    if (walk->tokens->mode == LEDE_TOKENS_QUERY || size == 0)
        return;
    added_words_join(walk->tokens, word, size, walk->tokens->offset, walk->end);
    if (walk->line_break.size > 0)
        add_broken_parts(walk, word, size);
    if (walk->apostrophe.size > 0) {
        add_elided(walk, word, size);
        add_without_possessive(walk, word, size);
    }
    if (walk->folder.has_umlaut)
        add_written_out(walk, first);
    if (walk->fraction.size > 0)
        added_word_put(walk->tokens, LEDE_TOKEN_PART, walk->tokens->offset, walk->fraction.end,
            word, walk->fraction.size);
    if (char_is_ascii_digit(word[0]))
        added_words_of_figure(
            walk->tokens, word, size, walk->tokens->offset, walk->end, walk->fraction.size > 0);
}

/* A picture is a word by itself. Moves tokens->offset. */
static void put_emoji(struct walk *walk)
{
    struct lede_tokens *tokens = walk->tokens;
    walk->end = tokens->offset + emoji_size(tokens->text, tokens->size, tokens->offset);
    for (size_t at = tokens->offset; at < walk->end;) {
        struct text_char c = char_at(tokens->text, tokens->size, at);
        if (!emoji_is_folded(c.code))
            word_put(walk->word, tokens->text + at, c.size);
        at += c.size;
    }
    tokens->offset = walk->end;
}

/* ---- Bigrams ---- */

/* A letter of an unspaced script and its marks, at the offset. */
static void put_element(struct walk *walk)
{
    struct text_char c = walk_peek(walk, 0);
    walk_put_char(walk, &c);
    size_t ahead = 0;
    for (;;) {
        c = walk_peek(walk, ahead);
        if (c.kind == CHAR_MARK || (c.kind == CHAR_LETTER && char_continues_syllable(c.code))) {
            walk->offset += ahead;
            walk_put_char(walk, &c);
            ahead = 0;
        } else if (c.kind == CHAR_IGNORABLE) {
            ahead += c.size;
        } else {
            return;
        }
    }
}

/* Is there a letter of the run's script behind the element? Moves the offset to it. A line break
 * within a sentence means nothing to a script without spaces; Korean has them. */
static bool find_neighbour(struct walk *walk, uint8_t script)
{
    size_t ahead = 0;
    struct text_char c = walk_peek(walk, 0);
    while (c.kind == CHAR_IGNORABLE) {
        ahead += c.size;
        c = walk_peek(walk, ahead);
    }
    if (c.kind == CHAR_SPACE && script != SCRIPT_HANGUL) {
        ahead += line_break_size(walk->tokens->text, walk->tokens->size, walk->offset + ahead);
        c = walk_peek(walk, ahead);
    }
    if (c.kind != CHAR_LETTER || c.script != script)
        return false;
    walk->offset += ahead;
    return true;
}

/* Behind something else (100人が) the first letter of a run is a word, too: else 100人 would not be
 * found, nor a phrase that ends there. Behind white space Korean, which has it between words, has
 * none. */
static void add_first_letter(const struct walk *walk)
{
    struct lede_tokens *tokens = walk->tokens;
    struct walk letter;
    if (tokens->mode == LEDE_TOKENS_QUERY)
        return;
    walk_begin(&letter, tokens, &tokens->analyzer->respelt, FOLD_PLAIN);
    put_element(&letter);
    walk_put_held(&letter);
    added_word_put(tokens, LEDE_TOKEN_PART | LEDE_TOKEN_NGRAM, tokens->offset, letter.end,
        word_so_far(letter.word), word_size_so_far(letter.word));
}

/* Returns false if the letter is the last of a run and has been given in a bigram already. Moves
 * tokens->offset. */
static bool put_bigram(struct walk *walk, uint8_t script)
{
    struct lede_tokens *tokens = walk->tokens;
    bool in_run = tokens->state[STATE_IN_RUN] != 0;
    put_element(walk);
    if (find_neighbour(walk, script)) {
        bool is_behind =
            script == SCRIPT_HANGUL ? tokens->state[STATE_IS_NEAR] != 0 : tokens->position > 0;
        if (!in_run && is_behind)
            add_first_letter(walk);
        tokens->offset = walk->offset;
        tokens->state[STATE_IN_RUN] = 1;
        put_element(walk);
        return true;
    }
    tokens->offset = walk->end;
    tokens->state[STATE_IN_RUN] = 0;
    return !in_run || tokens->mode != LEDE_TOKENS_QUERY;
}

/* ---- Tokens ---- */

/* Does a sentence begin at or before `start` that no token has begun yet? */
static bool starts_sentence(struct lede_tokens *tokens, size_t start)
{
    size_t end = tokens->state[STATE_SENTENCE_END_LOW] |
                 (uint64_t)tokens->state[STATE_SENTENCE_END_HIGH] << 32;
    if (start < end)
        return false;
    while (end <= start)
        end = lede_sentence_end(tokens->text, tokens->size, end);
    tokens->state[STATE_SENTENCE_END_LOW] = (uint32_t)end;
    tokens->state[STATE_SENTENCE_END_HIGH] = (uint32_t)((uint64_t)end >> 32);
    return true;
}

static void find_term(struct lede_tokens *tokens, struct lede_token *token)
{
    struct lede_analyzer *analyzer = tokens->analyzer;
    token->term_size = token->word_size;
    token->term = token->word;
    if (!tokens->words_only && !(token->flags & LEDE_TOKEN_NGRAM) &&
        !stem_is_word(tokens->language, token->word, token->word_size)) {
        token->term_size = (uint32_t)stem_word(
            analyzer, tokens->language, token->word, token->word_size, analyzer->term);
        token->term = analyzer->term;
    }
}

static void fill_token(struct lede_tokens *tokens, const struct gap *gap,
    const struct case_count *letters, struct lede_token *token)
{
    bool first = tokens->position == 0;
    if (!gap->space && !first)
        token->flags |= LEDE_TOKEN_JOINED;
    if (gap->paragraph || first)
        token->flags |= LEDE_TOKEN_PARAGRAPH_START;
    if (starts_sentence(tokens, token->start))
        token->flags |= LEDE_TOKEN_SENTENCE_START;
    if (case_is_all_upper(letters))
        token->flags |= LEDE_TOKEN_UPPERCASE;
    token->position = ++tokens->position;
    find_term(tokens, token);
}

/* A word that was added to the token before. */
static bool take_added(struct lede_tokens *tokens, struct lede_token *ret_token)
{
    if (tokens->added_next == tokens->added_count)
        return false;
    const struct lede_added_word *added = &tokens->added[tokens->added_next++];
    *ret_token = (struct lede_token){.word = added->word,
        .word_size = added->word_size,
        .position = tokens->position,
        .flags = added->flags | LEDE_TOKEN_JOINED,
        .start = added->start,
        .size = added->size};
    find_written(tokens, ret_token);
    find_term(tokens, ret_token);
    return true;
}

bool lede_tokens_next(struct lede_tokens *tokens, struct lede_token *ret_token)
{
    struct gap gap = {0};
    if (take_added(tokens, ret_token))
        return true;
    for (;;) {
        struct text_char first = skip_gap(tokens, &gap);
        if (first.kind == CHAR_END)
            return false;
        struct walk walk;
        tokens->added_count = tokens->added_next = 0;
        tokens->state[STATE_IS_NEAR] = !gap.space && tokens->position > 0;
        walk_begin(&walk, tokens, &tokens->analyzer->word, FOLD_PLAIN);
        struct lede_token token = {.start = tokens->offset};
        if (first.script == SCRIPT_SPACED) {
            walk_put_word(&walk, &first);
            add_words(&walk, &first);
            tokens->offset = walk.end;
            token.flags = walk.folder.has_accent ? LEDE_TOKEN_ACCENTED : 0;
        } else if (first.script == SCRIPT_EMOJI) {
            put_emoji(&walk);
        } else {
            token.flags = LEDE_TOKEN_NGRAM;
            if (!put_bigram(&walk, first.script))
                continue;
        }
        walk_put_held(&walk);
        token.word_size = (uint32_t)word_end(walk.word, &token.word);
        token.size = walk.end - token.start;
        if (token.word_size == 0)
            continue; /* a letter that folds to nothing */
        find_written(tokens, &token);
        fill_token(tokens, &gap, &walk.letters, &token);
        *ret_token = token;
        return true;
    }
}
