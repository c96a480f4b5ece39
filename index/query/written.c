/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the canonical form writes a leaf.
 *
 * Folded words read best and make equal trees look equal, but not every folded word reads back as
 * itself (a cut word with its hash does not, nor does a phrase whose bigrams stand apart). So the
 * folded form is tried on the analyzer once, here, and where it fails the text as it was typed is
 * kept: that reads back by construction. */
#include "written.h"

#include "lede/encoding.h"

#include <string.h>

static bool same_spelling(const struct query_word *a, const struct query_word *b)
{
    if (!a->spelling || !b->spelling)
        return a->spelling == b->spelling;
    return strcmp(a->spelling, b->spelling) == 0;
}

static bool same_words(const struct query_words *a, const struct query_words *b)
{
    if (a->count != b->count || a->lone_character != b->lone_character)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct query_word *x = &a->items[i];
        const struct query_word *y = &b->items[i];
        if (x->word_size != y->word_size || memcmp(x->word, y->word, x->word_size) != 0 ||
            ((x->flags ^ y->flags) & LEDE_TOKEN_NGRAM) || !same_spelling(x, y))
            return false;
    }
    return true;
}

/* May the text stand without quotes and be read as one run of plain text? */
static bool is_plain_run(const char *text, size_t size)
{
    if (size == 0 || text[0] == '+' || text[0] == '-')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (strchr("()^|*?~:=\\!", text[i]) || lede_query_space_size(text + i, size - i) ||
            lede_query_quote_size(text + i, size - i))
            return false;
    }
    return true;
}

/* A run of bigrams is written as the run it came from: AB BC C is ABC. */
static size_t shared_size(const struct query_word *word)
{
    return word->overlaps ? lede_utf8_size(word->word, word->word_size) : 0;
}

static void join_words(const struct query_words *words, struct lede_buffer *ret_text)
{
    for (size_t i = 0; i < words->count; i++) {
        const struct query_word *word = &words->items[i];
        size_t shared = shared_size(word);
        if (i > 0 && !word->overlaps)
            lede_buffer_append_char(ret_text, ' ');
        lede_buffer_append(ret_text, word->word + shared, word->word_size - shared);
    }
}

/* The phrase's text in straight quotes. Straight quotes inside (of a phrase in curly ones) get a
 * backslash; where it was read as words, what would be an operator is white space. */
static void quote_text(const char *text, size_t size, bool is_literal, struct lede_buffer *ret_text)
{
    lede_buffer_append_char(ret_text, '"');
    for (size_t i = 0; i < size; i++) {
        bool escaped = !is_literal && i > 0 && text[i - 1] == '\\';
        if (!escaped && lede_query_quote_size(text + i, size - i) > 0)
            lede_buffer_append_char(ret_text, '\\');
        bool is_operator = is_literal && strchr("*?\\", text[i]);
        lede_buffer_append_char(ret_text, is_operator ? ' ' : text[i]);
    }
    lede_buffer_append_char(ret_text, '"');
}

static void write_typed(const struct query_context *context, const struct query_token *token,
    enum lede_query_kind kind, struct lede_buffer *ret_text)
{
    const char *text = context->text;
    if (token->kind == QUERY_TOKEN_QUOTED)
        quote_text(text + token->inner_start, token->inner_size, token->literal, ret_text);
    else if (kind == LEDE_QUERY_PHRASE) /* without quotes it would be taken apart */
        quote_text(text + token->start, token->size, true, ret_text);
    else
        lede_buffer_append(ret_text, text + token->start, token->size);
}

/* Append the folded form. Returns false if it would not read back.
 * is_run  of a PHRASE: it needs no quotes */
static bool write_folded(const char *folded, size_t size, bool is_run, enum lede_query_kind kind,
    struct lede_buffer *ret_text)
{
    bool plain = is_plain_run(folded, size);
    if (kind == LEDE_QUERY_EXACT || kind == LEDE_QUERY_PREFIX) {
        if (kind == LEDE_QUERY_EXACT)
            lede_buffer_append_char(ret_text, '=');
        lede_buffer_append(ret_text, folded, size);
        if (kind == LEDE_QUERY_PREFIX)
            lede_buffer_append_char(ret_text, '*');
        return plain;
    }
    if ((kind == LEDE_QUERY_WORD || is_run) && plain && !lede_query_is_operator(folded, size))
        lede_buffer_append(ret_text, folded, size);
    else
        quote_text(folded, size, false, ret_text);
    return !memchr(folded, '*', size);
}

enum lede_status lede_query_fold_words(struct query_context *context,
    const struct query_words *words, struct lede_buffer *folded, bool *ret_same)
{
    struct query_words again = {0};
    join_words(words, folded);
    enum lede_status st = lede_buffer_status(folded);
    if (st == LEDE_OK)
        st = lede_query_analyze(context, folded->data, folded->size, words->count + 1, &again);
    *ret_same = st == LEDE_OK && same_words(words, &again);
    return st;
}

enum lede_status lede_query_read_back(struct query_context *context, const struct query_words *a,
    const struct query_words *b, bool *ret_same)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer first = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer second = {0};
    enum lede_status st = lede_query_fold_words(context, a, &first, ret_same);
    return st == LEDE_OK && *ret_same ? lede_query_fold_words(context, b, &second, ret_same) : st;
}

enum lede_status lede_query_write_leaf(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    const char **ret_written)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer folded = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
    bool same = false;
    /* A short run of an unspaced script that was typed without quotes reads back without them. */
    bool is_run = token->kind == QUERY_TOKEN_TEXT && !context->options->match_any &&
                  words->count <= QUERY_RUN_WORDS_MAX;
    for (size_t i = 1; i < words->count; i++)
        is_run = is_run && words->items[i].overlaps;
    if (lede_query_fold_words(context, words, &folded, &same) != LEDE_OK)
        return LEDE_ENOMEM;
    bool has_accent = kind == LEDE_QUERY_EXACT && words->items[0].accented;
    if (!same || has_accent || !write_folded(folded.data, folded.size, is_run, kind, &written)) {
        lede_buffer_clear(&written);
        write_typed(context, token, kind, &written);
    }
    if (lede_buffer_status(&written) != LEDE_OK)
        return LEDE_ENOMEM;
    *ret_written = lede_arena_copy(context->arena, written.data, written.size);
    return *ret_written ? LEDE_OK : LEDE_ENOMEM;
}
