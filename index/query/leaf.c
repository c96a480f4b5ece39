/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words to leaves.
 *
 * The analyzer decides what a word is: one token is a WORD, several (COVID-19, an address, a run of
 * bigrams) are a PHRASE, since that is how documents hold them. */
#include "internal.h"
#include "lede/encoding.h"

#include <stdlib.h>
#include <string.h>

static enum lede_status words_add(
    struct query_parser *parser, struct query_words *words, const struct lede_token *token)
{
    if (words->count == words->capacity) {
        size_t capacity = words->capacity ? words->capacity * 2 : 4;
        struct query_word *items = lede_arena_calloc(parser->arena, capacity, sizeof(*items));
        if (!items)
            return lede_fail_memory(parser->reterr);
        if (words->count > 0)
            memcpy(items, words->items, words->count * sizeof(*items));
        words->items = items;
        words->capacity = capacity;
    }
    char *word = lede_arena_copy(parser->arena, token->word, token->word_size);
    if (!word)
        return lede_fail_memory(parser->reterr);
    words->items[words->count++] =
        (struct query_word){.word = word, .word_size = token->word_size, .flags = token->flags};
    return LEDE_OK;
}

/* Documents give the last character of a run of bigrams a position of its own, so a phrase that
 * goes on behind a run needs it: 東京2020 is 東京, 京, 2020. Only at the phrase's end must it go, or 東京
 * would not be found in 東京都. */
enum lede_status lede_query_analyze(struct query_parser *parser, const char *text, size_t size,
    size_t maximum, struct query_words *ret_words)
{
    struct query_words words = {0};
    struct lede_tokens tokens;
    struct lede_token token;
    size_t end = 0;
    lede_tokens_init(
        &tokens, parser->analyzer, LEDE_TOKENS_DOCUMENT, LEDE_LANGUAGE_UND, text, size);
    while (words.count <= maximum && lede_tokens_next(&tokens, &token)) {
        enum lede_status st = words_add(parser, &words, &token);
        if (st != LEDE_OK)
            return st;
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

bool lede_query_token_is_empty(const struct query_parser *parser, const struct query_token *token)
{
    const char *text = parser->lexer.text + token->start;
    if (token->kind != QUERY_TOKEN_TEXT && token->kind != QUERY_TOKEN_QUOTED)
        return false;
    struct lede_tokens tokens;
    struct lede_token found;
    lede_tokens_init(
        &tokens, parser->analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND, text, token->size);
    return !lede_tokens_next(&tokens, &found) && !memchr(text, '*', token->size);
}

/* ---- Stems ---- */

struct stem {
    const char *text;
    size_t size;
};

static bool has_stem(const struct stem *stems, size_t count, const char *text, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (stems[i].size == size && memcmp(stems[i].text, text, size) == 0)
            return true;
    }
    return false;
}

static int compare_stems(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The word's terms in each language of the archive, once each. */
static enum lede_status find_stems(
    struct query_parser *parser, const struct query_word *word, struct lede_query_word *ret_word)
{
    struct stem stems[LEDE_LANGUAGE_COUNT_MAX];
    size_t count = 0;
    lede_language_set languages = parser->options->languages | LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (size_t i = 0; i < lede_language_count(); i++) {
        char term[LEDE_TERM_SIZE_MAX + 1];
        bool stemmed = i == 0 || !(word->flags & LEDE_TOKEN_NGRAM); /* bigrams have no stems */
        if (!(languages & LEDE_LANGUAGE_BIT(i)) || !stemmed)
            continue;
        size_t size = word->word_size;
        const char *text = word->word;
        if (!(word->flags & LEDE_TOKEN_NGRAM)) {
            size = lede_stem(parser->analyzer, (lede_language)i, word->word, word->word_size, term);
            text = term;
        }
        if (has_stem(stems, count, text, size))
            continue;
        stems[count] = (struct stem){lede_arena_copy(parser->arena, text, size), size};
        if (!stems[count++].text)
            return lede_fail_memory(parser->reterr);
    }
    const char **list = lede_arena_calloc(parser->arena, count, sizeof(*list));
    if (!list)
        return lede_fail_memory(parser->reterr);
    for (size_t i = 0; i < count; i++)
        list[i] = stems[i].text;
    qsort(list, count, sizeof(*list), compare_stems);
    *ret_word = (struct lede_query_word){
        .word = word->word, .word_size = word->word_size, .stems = list, .stem_count = count};
    return LEDE_OK;
}

/* ---- Leaves ---- */

static enum lede_status count_clauses(
    struct query_parser *parser, const struct query_token *token, size_t count)
{
    parser->clauses += count;
    if (parser->clauses <= LEDE_QUERY_CLAUSES_MAX)
        return LEDE_OK;
    enum lede_status st = lede_query_fail_at(
        parser, LEDE_ELIMIT, token->start, "more than %d words", LEDE_QUERY_CLAUSES_MAX);
    lede_error_hint(parser->reterr, "shorten the query; each word of a phrase counts");
    return st;
}

enum lede_status lede_query_leaf_new(struct query_parser *parser, enum lede_query_kind kind,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    enum lede_status st = count_clauses(parser, token, 1);
    if (st != LEDE_OK)
        return st;
    struct lede_query_node *node = lede_arena_calloc(parser->arena, 1, sizeof(*node));
    if (!node)
        return lede_fail_memory(parser->reterr);
    node->kind = kind;
    node->weight = 1;
    node->start = token->start;
    node->size = token->size;
    if (kind != LEDE_QUERY_ALL) {
        node->fields = parser->fields;
        node->field_named = parser->field_named;
        /* A headline is lead as a whole. */
        node->lead = parser->lead && (parser->fields & LEDE_FIELD_BIT(LEDE_FIELD_BODY));
    }
    *ret_node = node;
    return LEDE_OK;
}

static enum lede_status fill_words(
    struct query_parser *parser, struct lede_query_node *node, const struct query_words *words)
{
    struct lede_query_word *list = lede_arena_calloc(parser->arena, words->count, sizeof(*list));
    if (!list)
        return lede_fail_memory(parser->reterr);
    for (size_t i = 0; i < words->count; i++) {
        enum lede_status st = find_stems(parser, &words->items[i], &list[i]);
        if (st != LEDE_OK)
            return st;
    }
    node->words = list;
    node->word_count = words->count;
    return LEDE_OK;
}

/* A lone character of an unspaced script is a PREFIX: documents hold it as the first half of a
 * bigram, or alone only where it ends a run, so by term it would hardly be found. */
static enum lede_query_kind kind_of(const struct query_words *words)
{
    if (words->count > 1)
        return LEDE_QUERY_PHRASE;
    return words->lone_character ? LEDE_QUERY_PREFIX : LEDE_QUERY_WORD;
}

static enum lede_status fail_several(struct query_parser *parser, const struct query_token *token,
    const struct query_words *words, const char *taker)
{
    const char *text = parser->lexer.text + token->start;
    size_t size = token->size < 80 ? token->size : lede_utf8_boundary(text, token->size, 80);
    enum lede_status st;
    if (words->count == 0)
        st =
            lede_query_fail_at(parser, LEDE_EINPUT, token->start, "expected a word with %s", taker);
    else
        st = lede_query_fail_at(parser, LEDE_EINPUT, token->start,
            "%s takes one word, '%.*s' is searched as %zu", taker, (int)size, text, words->count);
    lede_error_hint(
        parser->reterr, "leave out %s, or put the text in quotes: =\"exact words\"", taker);
    return st;
}

enum lede_status lede_query_leaf_of_words(struct query_parser *parser,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node)
{
    struct lede_query_node *node = NULL;
    bool caps = parser->caps && kind != LEDE_QUERY_EXACT;
    if (caps && kind != LEDE_QUERY_WORD)
        return fail_several(parser, token, words, "CAPS");
    enum lede_status st = lede_query_leaf_new(parser, caps ? LEDE_QUERY_CAPS : kind, token, &node);
    if (st == LEDE_OK)
        st = count_clauses(parser, token, words->count - 1);
    if (st == LEDE_OK)
        st = fill_words(parser, node, words);
    if (st == LEDE_OK)
        st = lede_query_write_leaf(parser, token, words, kind, &node->written);
    if (st == LEDE_OK)
        *ret_node = node;
    return st;
}

/* No wildcard but stars at the end: such a pattern goes for unspaced scripts too. */
static bool is_prefix(const char *run, size_t size)
{
    size_t stem = size;
    while (stem > 0 && run[stem - 1] == '*')
        stem--;
    for (size_t i = 0; i < stem; i++) {
        if (lede_query_is_wildcard(run, size, i))
            return false;
    }
    return stem > 0 && stem < size;
}

enum lede_status lede_query_leaf_of_run(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    const char *run = parser->lexer.text + token->start;
    /* In an address ? and ~ are no operators; a * still is none of an address. */
    bool is_address = memmem(run, token->size, "://", 3) && !memchr(run, '*', token->size);
    if (!is_address && lede_query_fuzzy_size(run, token->size) < token->size)
        return lede_query_fuzzy(parser, token, ret_node);
    bool exact = *run == '=';
    bool prefix = !exact && is_prefix(run, token->size);
    if (!prefix && lede_query_is_pattern(run, token->size))
        return lede_query_wildcard(parser, token, ret_node);
    struct query_words words = {0};
    enum lede_status st =
        lede_query_analyze(parser, run, token->size, LEDE_QUERY_CLAUSES_MAX, &words);
    if (st == LEDE_OK && (exact || prefix) && words.count != 1)
        st = fail_several(parser, token, &words, exact ? "'='" : "'*'");
    if (st == LEDE_OK && exact && parser->caps) {
        st = lede_query_fail_at(
            parser, LEDE_EINPUT, token->start, "CAPS and '=' exclude each other");
        lede_error_hint(parser->reterr, "write CAPS word: it is taken as it is written");
    }
    if (st != LEDE_OK)
        return st;
    enum lede_query_kind kind = exact    ? LEDE_QUERY_EXACT
                                : prefix ? LEDE_QUERY_PREFIX
                                         : kind_of(&words);
    return lede_query_leaf_of_words(parser, token, &words, kind, ret_node);
}

enum lede_status lede_query_check_behind(const struct query_parser *parser, size_t end)
{
    char next = end < parser->lexer.size ? parser->lexer.text[end] : '\0';
    if (next != '~' && next != '*')
        return LEDE_OK;
    enum lede_status st =
        lede_query_fail_at(parser, LEDE_EINPUT, end, "'%c' stands behind a single word only", next);
    lede_error_hint(parser->reterr,
        "write econ* or zelenski~; for words near each other: prime NEAR/5 minister");
    return st;
}

enum lede_status lede_query_leaf(
    struct query_parser *parser, const struct query_token *token, struct lede_query_node **ret_node)
{
    if (token->kind != QUERY_TOKEN_QUOTED)
        return lede_query_leaf_of_run(parser, token, ret_node);
    struct query_words words = {0};
    const char *inner = parser->lexer.text + token->inner_start;
    enum lede_status st = lede_query_check_behind(parser, token->start + token->size);
    if (st == LEDE_OK && (token->exact || lede_query_holds_pattern(inner, token->inner_size)))
        return lede_query_phrase_chain(parser, token, ret_node);
    if (st == LEDE_OK)
        st = lede_query_analyze(parser, inner, token->inner_size, LEDE_QUERY_CLAUSES_MAX, &words);
    if (st != LEDE_OK)
        return st;
    return lede_query_leaf_of_words(parser, token, &words, kind_of(&words), ret_node);
}
