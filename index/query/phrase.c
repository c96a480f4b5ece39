/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in quotes: a phrase of words, or a chain of leaves where it holds patterns or is exact. */
#include "operands.h"
#include "pattern.h"
#include "proximity.h"

#include <string.h>

enum lede_status lede_query_check_behind(struct query_context *context, size_t end)
{
    char next = end < context->size ? context->text[end] : '\0';
    if ((next != '~' && next != '*') || lede_query_note_at(context, end))
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(
        context, LEDE_EINPUT, end, "'%c' stands behind a single word only", next);
    lede_error_hint(context->reterr,
        "write econ* or zelenski~; for words near each other: prime NEAR/5 minister");
    bool is_slop = next == '~' && context->text[end + 1] >= '0' && context->text[end + 1] <= '9';
    return is_slop ? st : lede_query_or_words(context, end, 1);
}

static enum lede_status write_exact(const struct query_word *word, struct lede_buffer *ret_written)
{
    LEDE_CLEANUP(lede_freep) char *composed = NULL;
    size_t size = 0;
    if (word->accented &&
        lede_compose(word->accented, word->accented_size, &composed, &size) != LEDE_OK)
        return LEDE_ENOMEM;
    lede_buffer_append_format(ret_written, "=%s", composed ? composed : word->word);
    return lede_buffer_status(ret_written);
}

/* `="exact words"`: each word by itself. */
static enum lede_status chain_of_words(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    struct query_words words = {0};
    enum lede_status st = lede_query_analyze(context, context->text + token->inner_start,
        token->inner_size, LEDE_QUERY_CLAUSES_MAX, &words);
    for (size_t i = 0; st == LEDE_OK && i < words.count; i++) {
        struct lede_query_node *leaf = NULL;
        struct query_words one = {.items = &words.items[i], .count = 1, .capacity = 1};
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer written = {0};
        st = write_exact(&words.items[i], &written);
        if (st != LEDE_OK)
            return st;
        one.items[0].overlaps = false;
        st = lede_query_leaf_of_words(context, token, &one, LEDE_QUERY_EXACT, &leaf);
        if (st != LEDE_OK)
            return st;
        leaf->written = lede_arena_copy(context->arena, written.data, written.size);
        if (!leaf->written)
            return LEDE_ENOMEM;
        st = lede_query_chain_add(context, token, leaf, ret_node);
    }
    return st;
}

static enum lede_status fail_star(struct query_context *context, size_t position)
{
    enum lede_status st = lede_query_fail_at(
        context, LEDE_EINPUT, position, "a wildcard alone inside a phrase stands for no word");
    lede_error_hint(context->reterr, "for any word between two others write: prime ADJ/2 minister");
    return st;
}

/* The next run without white space in *at..end; moves behind it. Returns false if there is none. */
static bool next_run(const char *text, size_t end, size_t *at, struct query_token *ret_run)
{
    size_t space = 1;
    while (*at < end && (space = lede_query_space_size(text + *at, end - *at)) > 0)
        *at += space;
    *ret_run = (struct query_token){.kind = QUERY_TOKEN_TEXT, .start = *at};
    while (*at < end && lede_query_space_size(text + *at, end - *at) == 0)
        ++*at;
    ret_run->size = *at - ret_run->start;
    return ret_run->size > 0;
}

static bool holds_pattern(const char *text, size_t size)
{
    struct query_token run;
    for (size_t at = 0; next_run(text, size, &at, &run);) {
        if (lede_query_is_pattern(text + run.start, run.size))
            return true;
    }
    return false;
}

/* What is no pattern in a phrase is plain text there, whatever it would mean outside. */
static enum lede_status leaf_in_phrase(
    struct query_context *context, const struct query_token *run, struct lede_query_node **ret_node)
{
    const char *text = context->text + run->start;
    if (strspn(text, "*?") >= run->size)
        return fail_star(context, run->start);
    if (lede_query_is_pattern(text, run->size))
        return lede_query_leaf_of_run(context, run, ret_node);
    struct query_words words = {0};
    struct query_token quoted = *run;
    quoted.kind = QUERY_TOKEN_QUOTED;
    quoted.inner_start = run->start;
    quoted.inner_size = run->size;
    quoted.literal = true;
    enum lede_status st =
        lede_query_analyze(context, text, run->size, LEDE_QUERY_CLAUSES_MAX, &words);
    if (st != LEDE_OK)
        return st;
    return lede_query_leaf_of_words(context, &quoted, &words, lede_query_kind_of(&words), ret_node);
}

static enum lede_status chain_of_runs(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    const char *text = context->text;
    size_t end = token->inner_start + token->inner_size;
    size_t at = token->inner_start;
    struct query_token run;
    enum lede_status st = LEDE_OK;
    while (st == LEDE_OK && next_run(text, end, &at, &run)) {
        struct lede_query_node *leaf = NULL;
        if (lede_query_token_is_empty(context, &run))
            continue;
        st = leaf_in_phrase(context, &run, &leaf);
        if (st == LEDE_OK)
            st = lede_query_chain_add(context, token, leaf, ret_node);
    }
    return st;
}

static enum lede_status chain_of_phrase(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    if (context->caps) {
        enum lede_status st =
            lede_query_fail_at(context, LEDE_EINPUT, token->start, "CAPS takes single words");
        lede_error_hint(context->reterr, "write CAPS before each word: CAPS world ADJ/1 CAPS bank");
        return st;
    }
    /* It prints as operators, which may need a pair of parentheses that is not in the text. */
    if (context->depth == LEDE_QUERY_DEPTH_MAX)
        return lede_query_fail_depth(context, token->start);
    *ret_node = NULL;
    enum lede_status st = token->exact ? chain_of_words(context, token, ret_node)
                                       : chain_of_runs(context, token, ret_node);
    if (st == LEDE_OK && !*ret_node)
        st = fail_star(context, token->start);
    return st == LEDE_EINPUT ? lede_query_or_words(context, token->start, token->size) : st;
}

static enum lede_status leaf_of_phrase(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    struct query_words words = {0};
    const char *inner = context->text + token->inner_start;
    enum lede_status st = LEDE_OK;
    if (!token->literal)
        st = lede_query_check_behind(context, token->start + token->size);
    bool holds = !token->literal && (token->exact || holds_pattern(inner, token->inner_size));
    if (st == LEDE_OK && holds)
        return chain_of_phrase(context, token, ret_node);
    if (st == LEDE_OK)
        st = lede_query_analyze(context, inner, token->inner_size, LEDE_QUERY_CLAUSES_MAX, &words);
    if (st != LEDE_OK)
        return st;
    return lede_query_leaf_of_words(context, token, &words, lede_query_kind_of(&words), ret_node);
}

/* `=al-Qaida` is ="al-Qaida": a forgiving reading says so, where a strict one asks for quotes. */
static enum lede_status is_exact_phrase(
    struct query_context *context, const struct query_token *token, bool *ret_is_phrase)
{
    struct query_words words = {0};
    const char *run = context->text + token->start;
    *ret_is_phrase = false;
    if (*run != '=' || !context->options->forgiving || lede_query_has_wildcard(run, token->size) ||
        lede_query_fuzzy_size(run, token->size) < token->size)
        return LEDE_OK;
    enum lede_status st =
        lede_query_analyze(context, run, token->size, LEDE_QUERY_CLAUSES_MAX, &words);
    *ret_is_phrase = words.count > 1;
    return st;
}

enum lede_status lede_query_leaf_of_text(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    struct query_token phrase = *token;
    bool is_exact = false;
    if (token->kind == QUERY_TOKEN_QUOTED)
        return leaf_of_phrase(context, token, ret_node);
    enum lede_status st = is_exact_phrase(context, token, &is_exact);
    if (st != LEDE_OK)
        return st;
    if (!is_exact)
        return lede_query_leaf_of_run(context, token, ret_node);
    phrase.kind = QUERY_TOKEN_QUOTED;
    phrase.exact = true;
    phrase.inner_start = token->start + 1;
    phrase.inner_size = token->size - 1;
    return leaf_of_phrase(context, &phrase, ret_node);
}
