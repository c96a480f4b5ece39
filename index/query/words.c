/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <string.h>

static enum lede_status words_add(
    struct query_context *context, struct query_words *words, const struct lede_token *token)
{
    if (!LEDE_ARENA_RESERVE(context->arena, words->items, words->capacity, words->count + 1))
        return LEDE_ENOMEM;
    char *word = lede_arena_copy(context->arena, token->word, token->word_size);
    if (!word)
        return LEDE_ENOMEM;
    char *accented = NULL;
    if (token->flags & LEDE_TOKEN_ACCENTED) {
        accented = lede_arena_copy(context->arena, token->written, token->written_size);
        if (!accented)
            return LEDE_ENOMEM;
    }
    words->items[words->count++] = (struct query_word){.word = word,
        .word_size = token->word_size,
        .accented = accented,
        .accented_size = token->written_size,
        .flags = token->flags,
        .start = token->start,
        .size = token->size};
    return LEDE_OK;
}

/* What is added to the word at hand. Who asks for the whole does not ask for its pieces. */
static enum lede_status take_added(
    struct query_context *context, struct query_words *words, const struct lede_token *token)
{
    struct query_word *word = &words->items[words->count - 1];
    if (token->flags & LEDE_TOKEN_PART)
        return LEDE_OK;
    char *text = lede_arena_copy(context->arena, token->word, token->word_size);
    if (!text)
        return LEDE_ENOMEM;
    if (token->flags & LEDE_TOKEN_CLOSED) {
        word->closed = text;
        word->closed_size = token->word_size;
    } else {
        word->spelling = text;
        word->spelling_size = token->word_size;
    }
    return LEDE_OK;
}

enum lede_status lede_query_close_compounds(
    struct query_context *context, const struct query_words *words, struct query_words *ret_closed)
{
    struct query_words closed = {0};
    bool any = false;
    for (size_t i = 0; i < words->count; i++) {
        const struct query_word *word = &words->items[i];
        if (!LEDE_ARENA_RESERVE(context->arena, closed.items, closed.capacity, closed.count + 1))
            return LEDE_ENOMEM;
        if (word->closed && closed.count > 0) {
            closed.items[closed.count - 1] =
                (struct query_word){.word = word->closed, .word_size = word->closed_size};
            any = true;
            continue;
        }
        closed.items[closed.count++] = *word;
    }
    *ret_closed = any ? closed : (struct query_words){0};
    return LEDE_OK;
}

/* Documents give the last character of a run of bigrams a position of its own, so a phrase that
 * goes on behind a run needs it: 東京2020 is 東京, 京, 2020. Only at the phrase's end must it go, or 東京
 * would not be found in 東京都. */
enum lede_status lede_query_analyze(struct query_context *context, const char *text, size_t size,
    size_t maximum, struct query_words *ret_words)
{
    struct query_words words = {0};
    struct lede_tokens tokens;
    struct lede_token token;
    size_t end = 0;
    lede_tokens_init(
        &tokens, context->analyzer, LEDE_TOKENS_ANY_LANGUAGE, LEDE_LANGUAGE_UND, text, size);
    while (words.count <= maximum && lede_tokens_next(&tokens, &token)) {
        bool is_added = token.flags & LEDE_TOKEN_ADDED;
        enum lede_status st =
            is_added ? take_added(context, &words, &token) : words_add(context, &words, &token);
        if (st != LEDE_OK)
            return st;
        if (is_added)
            continue;
        words.items[words.count - 1].overlaps = token.start < end;
        end = token.start + token.size;
    }
    if (words.count > 0 && words.count <= maximum) {
        const struct query_word *last = &words.items[words.count - 1];
        words.lone_character = words.count == 1 && last->flags & LEDE_TOKEN_NGRAM;
        words.count -= last->overlaps;
    }
    *ret_words = words;
    return LEDE_OK;
}

bool lede_query_token_is_empty(const struct query_context *context, const struct query_token *token)
{
    const char *text = context->text + token->start;
    if (token->kind != QUERY_TOKEN_TEXT && token->kind != QUERY_TOKEN_QUOTED)
        return false;
    struct lede_tokens tokens;
    struct lede_token found;
    lede_tokens_init(
        &tokens, context->analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, text, token->size);
    return !lede_tokens_next(&tokens, &found) &&
           (token->literal || !memchr(text, '*', token->size));
}
