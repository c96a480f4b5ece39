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
 * - A word of more than LEDE_TERM_SIZE_MAX folded bytes is its first bytes, '#' and a hash of the
 * whole. */
#include <string.h>

#include "added_words.h"
#include "analyzer.h"
#include "numbers.h"
#include "paragraphs.h"

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

/* Letters of the word at hand, as written. */
struct case_count {
    size_t upper;
    size_t other;
};

static void count_case(struct case_count *count, uint8_t letter_case)
{
    if (letter_case == CASE_UPPER)
        count->upper++;
    else
        count->other++;
}

static bool is_all_upper(const struct case_count *count)
{
    return count->upper >= 2 && count->other == 0;
}

void lede_tokens_init(struct lede_tokens *tokens, struct lede_analyzer *analyzer,
    enum lede_token_mode mode, lede_language language, const char *text, size_t size)
{
    *tokens = (struct lede_tokens){
        .analyzer = analyzer, .text = text, .size = size, .language = language, .mode = mode};
}

/* Go on to the next letter or digit. Returns CHAR_END if there is none. */
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

/* ---- Words ---- */

/* Where a word may be taken apart: size of what is before it, folded (0: there is no seam) and as
 * letters, and bytes of the text at which the one piece ends and the next begins. */
struct seam {
    size_t size;
    struct case_count letters;
    size_t end;
    size_t next;
};

/* The word at hand. */
struct walk {
    struct lede_tokens *tokens;
    struct word_builder *word;
    struct folder folder;
    struct case_count letters;
    size_t offset;          /* the next character */
    size_t end;             /* behind the last character of the word */
    struct seam apostrophe; /* the first */
    size_t last_apostrophe; /* where it stands; 0: nowhere */
    struct seam line_break; /* the first, behind a hyphen */
};

/* Set the fields one by one: zeroing the folder's marks for each word would cost as much as folding
 * it. */
static void walk_begin(
    struct walk *walk, struct lede_tokens *tokens, struct word_builder *word, bool write_out)
{
    walk->tokens = tokens;
    walk->word = word;
    walk->folder.write_out = write_out;
    walk->folder.has_umlaut = false;
    walk->apostrophe.size = walk->line_break.size = walk->last_apostrophe = 0;
    walk->folder.count = 0;
    walk->folder.base = 0;
    walk->folder.words_only = true;
    walk->letters = (struct case_count){0};
    walk->offset = tokens->offset;
    walk->end = tokens->offset;
    word_begin(walk->word);
}

static struct text_char peek(const struct walk *walk, size_t ahead)
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

static void put_char(struct walk *walk, const struct text_char *c)
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
static void put_held(struct walk *walk)
{
    char out[FOLD_OUT_MAX];
    if (walk->folder.count > 0)
        word_put(walk->word, out, folder_finish(&walk->folder, out));
}

/* Marks may follow the letters of the fast path, so the folder learns the last of them. */
static void put_ascii(struct walk *walk)
{
    put_held(walk);
    put_ascii_run(walk);
    walk->folder.base = (unsigned char)walk->tokens->text[walk->end - 1];
}

static void note_seam(struct walk *walk, struct seam *seam, size_t gap)
{
    put_held(walk);
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
    struct text_char next = peek(walk, c->size + blank);
    bool goes_on = blank > 0 && is_spaced_letter(&next) && next.letter_case == CASE_LOWER &&
                   !is_conjunction_at(tokens->text, tokens->size, walk->offset + c->size + blank);
    return goes_on ? c->size + blank : 0;
}

/* Bytes of the joining character at the offset if what stands before and behind it makes it part of
 * the word,
 * else 0. after  kind of the character before it */
static size_t joiner_size(const struct walk *walk, const struct text_char *c, uint8_t after)
{
    bool is_middle_dot = c->code == 0x00B7;
    if (c->kind != CHAR_APOSTROPHE && c->kind != CHAR_AMPERSAND && !is_middle_dot)
        return 0;
    struct text_char next = peek(walk, c->size);
    if (!is_spaced_letter(&next))
        return 0;
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
    uint8_t kind = CHAR_LETTER;
    if (walk->end > 0 && char_is_ascii_digit(walk->tokens->text[walk->end - 1]))
        kind = CHAR_DIGIT;
    for (;;) {
        struct text_char c = peek(walk, 0);
        size_t joiner = joiner_size(walk, &c, kind);
        size_t hyphenation = joiner > 0 ? 0 : hyphenation_size(walk, &c);
        if (hyphenation > 0) {
            note_seam(walk, &walk->line_break, hyphenation);
            walk->offset += hyphenation;
        } else if (joiner > 0) {
            if (c.kind == CHAR_APOSTROPHE) {
                walk->last_apostrophe = walk->offset;
                if (walk->apostrophe.size == 0)
                    note_seam(walk, &walk->apostrophe, joiner);
            }
            if (c.code != 0x00B7)
                put_code(walk, c.kind == CHAR_AMPERSAND ? '&' : '\'');
            walk->offset += joiner;
        } else if (c.kind == CHAR_IGNORABLE) {
            walk->offset += c.size; /* of the word only if more of it follows */
        } else if ((is_spaced_letter(&c) || c.kind == CHAR_DIGIT) && c.code < 0x80) {
            put_ascii(walk);
            kind =
                char_is_ascii_digit(walk->tokens->text[walk->end - 1]) ? CHAR_DIGIT : CHAR_LETTER;
        } else if (is_spaced_letter(&c) || c.kind == CHAR_DIGIT || c.kind == CHAR_MARK) {
            put_char(walk, &c);
            kind = c.kind == CHAR_MARK ? kind : c.kind;
        } else {
            return;
        }
    }
}

/* Is there one letter at `offset`, with no part of a word behind it? */
static bool is_single_letter(const struct walk *walk, size_t ahead, struct text_char *ret_letter)
{
    *ret_letter = peek(walk, ahead);
    if (!is_spaced_letter(ret_letter))
        return false;
    struct text_char next = peek(walk, ahead + ret_letter->size);
    return next.kind != CHAR_LETTER && next.kind != CHAR_DIGIT && next.kind != CHAR_MARK &&
           next.kind != CHAR_IGNORABLE;
}

/* Take an acronym with its full stops. Returns false if there is none at the offset. */
static bool put_acronym(struct walk *walk, const struct text_char *first)
{
    struct text_char letter = *first, next;
    if (!is_spaced_letter(first) || peek(walk, first->size).code != '.' ||
        !is_single_letter(walk, first->size + 1u, &next))
        return false;
    for (;;) {
        put_char(walk, &letter);
        if (peek(walk, 0).code != '.')
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

/* A word begins at the offset. Returns its range's end. */
static void put_word(struct walk *walk, const struct text_char *first)
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
    } else if (put_acronym(walk, first)) {
        /* Behind its last full stop only an apostrophe continues it: the U.S.'s */
        struct text_char next = peek(walk, 0);
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

/* ---- Words that share its position ---- */

/* Pieces of a word that was broken over a line may be words: multi-⏎national. */
static void add_broken_parts(const struct walk *walk, const char *word, size_t size)
{
    const struct seam *seam = &walk->line_break;
    added_word_put(
        walk->tokens, LEDE_TOKEN_PART, walk->tokens->offset, seam->end, word, seam->size);
    added_word_put(
        walk->tokens, LEDE_TOKEN_PART, seam->next, walk->end, word + seam->size, size - seam->size);
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
    unsigned flags = LEDE_TOKEN_PART | (is_all_upper(&behind) ? LEDE_TOKEN_UPPERCASE : 0u);
    added_word_put(tokens, flags, seam->next, walk->end, word + elision, size - elision);
}

static void add_without_possessive(const struct walk *walk, const char *word, size_t size)
{
    struct case_count before = walk->letters;
    if (size < 3 || word[size - 2] != '\'' || word[size - 1] != 's')
        return;
    before.other -= before.other > 0;
    unsigned flags = LEDE_TOKEN_PART | (is_all_upper(&before) ? LEDE_TOKEN_UPPERCASE : 0u);
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
    walk_begin(&again, tokens, &tokens->analyzer->respelt, true);
    put_word(&again, first);
    put_held(&again);
    unsigned flags =
        LEDE_TOKEN_SPELLING | (is_all_upper(&walk->letters) ? LEDE_TOKEN_UPPERCASE : 0u);
    added_word_put(tokens, flags, tokens->offset, walk->end, word_so_far(again.word),
        word_size_so_far(again.word));
}

static void add_words(struct walk *walk, const struct text_char *first)
{
    put_held(walk);
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
}

/* ---- Bigrams ---- */

/* A letter of an unspaced script and its marks, at the offset. */
static void put_element(struct walk *walk)
{
    struct text_char c = peek(walk, 0);
    put_char(walk, &c);
    size_t ahead = 0;
    for (;;) {
        c = peek(walk, ahead);
        if (c.kind == CHAR_MARK || (c.kind == CHAR_LETTER && char_continues_syllable(c.code))) {
            walk->offset += ahead;
            put_char(walk, &c);
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
    struct text_char c = peek(walk, 0);
    while (c.kind == CHAR_IGNORABLE) {
        ahead += c.size;
        c = peek(walk, ahead);
    }
    if (c.kind == CHAR_SPACE && script != SCRIPT_HANGUL) {
        ahead += line_break_size(walk->tokens->text, walk->tokens->size, walk->offset + ahead);
        c = peek(walk, ahead);
    }
    if (c.kind != CHAR_LETTER || c.script != script)
        return false;
    walk->offset += ahead;
    return true;
}

/* Behind something else without white space (100人が) the first letter of a run is a word, too: else
 * 100人 would not be found. */
static void add_first_letter(struct walk *walk)
{
    put_held(walk);
    added_word_put(walk->tokens, LEDE_TOKEN_PART | LEDE_TOKEN_NGRAM, walk->tokens->offset,
        walk->end, word_so_far(walk->word), word_size_so_far(walk->word));
}

/* Returns false if the letter is the last of a run and has been given in a bigram already. Moves
 * tokens->offset. */
static bool put_bigram(struct walk *walk, uint8_t script)
{
    struct lede_tokens *tokens = walk->tokens;
    bool in_run = tokens->state[STATE_IN_RUN] != 0;
    put_element(walk);
    if (find_neighbour(walk, script)) {
        if (!in_run && tokens->state[STATE_IS_NEAR])
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
    if (is_all_upper(letters))
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
        walk_begin(&walk, tokens, &tokens->analyzer->word, false);
        struct lede_token token = {.start = tokens->offset};
        if (first.script == SCRIPT_SPACED) {
            put_word(&walk, &first);
            add_words(&walk, &first);
            tokens->offset = walk.end;
        } else {
            token.flags = LEDE_TOKEN_NGRAM;
            if (!put_bigram(&walk, first.script))
                continue;
        }
        put_held(&walk);
        token.word_size = (uint32_t)word_end(walk.word, &token.word);
        token.size = walk.end - token.start;
        if (token.word_size == 0)
            continue; /* a letter that folds to nothing */
        fill_token(tokens, &gap, &walk.letters, &token);
        *ret_token = token;
        return true;
    }
}
