/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands for one word.
 *
 * Spellings of one word are one WORD with the terms of all: one list, one frequency. Where a
 * spelling has several words they are an OR that is_one_word. Either prints in braces, which say
 * all of it and are read whatever synonyms there are. */
#include "groups.h"

#include "leaf.h"
#include "operands.h"
#include "proximity.h"
#include "written.h"

#include <string.h>

/* A group while it is gathered. */
struct group {
    struct query_context *context;
    const struct query_token *token;
    struct query_words *single; /* spellings of one word */
    size_t single_count;
    size_t single_capacity;
    struct query_nodes phrases;
    struct lede_buffer written;
    bool is_first_counted;
    bool is_only; /* one spelling in braces, which must show no blank */
};

static void group_done(struct group *group)
{
    lede_buffer_done(&group->written);
}

/* Add a spelling. written: what reads back as its words */
static enum lede_status add_spelling(struct group *group, const struct query_words *words,
    lede_language language, const char *written, size_t size)
{
    struct query_context *context = group->context;
    struct query_words own = *words;
    struct lede_query_node *phrase = NULL;
    bool is_first = group->written.size == 0;
    enum lede_status st = LEDE_OK;
    if (!is_first || !group->is_first_counted)
        st = lede_query_count_spelling(context, group->token, words, is_first);
    if (st != LEDE_OK)
        return st;
    own.languages = language == LEDE_LANGUAGE_UND ? 0 : LEDE_LANGUAGE_BIT(language);
    lede_buffer_append_string(&group->written, group->written.size > 0 ? ", " : "{");
    if (language != LEDE_LANGUAGE_UND)
        lede_buffer_append_format(&group->written, "%s: ", lede_language_code(language));
    lede_buffer_append(&group->written, written, size);
    if (lede_query_kind_of(words) == LEDE_QUERY_WORD) {
        if (!LEDE_ARENA_RESERVE(
                context->arena, group->single, group->single_capacity, group->single_count + 1))
            return LEDE_ENOMEM;
        group->single[group->single_count++] = own;
        return LEDE_OK;
    }
    context->is_counted = true;
    st = lede_query_leaf_of_kind(context, group->token, &own, lede_query_kind_of(&own), &phrase);
    context->is_counted = false;
    return st == LEDE_OK ? lede_query_nodes_add(context->arena, &group->phrases, phrase) : st;
}

/* A spelling, and if it is a compound, what it is when it is closed. typed: to be written where
 * folded words do not read back; where it can not, *ret_fits is false, and nothing is added. */
static enum lede_status add_words(struct group *group, const struct query_words *words,
    lede_language language, const char *typed, size_t typed_size, bool *ret_fits)
{
    struct lede_analyzer *analyzer = group->context->analyzer;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer folded = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer joined = {0};
    struct query_words closed = {0};
    bool same = false, is_closed = false, has_blank = false;
    enum lede_status st = lede_query_fold_words(group->context, words, &folded, &same);
    same = same && st == LEDE_OK && !strpbrk(folded.data, group->is_only ? " ,{}:" : ",{}:");
    *ret_fits = same || lede_query_is_spelling(analyzer, typed, typed_size, &has_blank);
    if (st != LEDE_OK || !*ret_fits)
        return st;
    st = add_spelling(
        group, words, language, same ? folded.data : typed, same ? folded.size : typed_size);
    if (st == LEDE_OK && same)
        st = lede_query_close(group->context, words, &closed);
    if (st != LEDE_OK || closed.count == 0)
        return st;
    st = lede_query_fold_words(group->context, &closed, &joined, &is_closed);
    return st == LEDE_OK && is_closed
               ? add_spelling(group, &closed, language, joined.data, joined.size)
               : st;
}

static enum lede_status group_finish(struct group *group, struct lede_query_node **ret_node)
{
    struct query_context *context = group->context;
    struct query_nodes spellings = {0};
    struct lede_query_node *node = NULL;
    enum lede_status st = LEDE_OK;
    lede_buffer_append_char(&group->written, '}');
    char *written = lede_buffer_status(&group->written) == LEDE_OK
                        ? lede_arena_copy(context->arena, group->written.data, group->written.size)
                        : NULL;
    if (!written)
        return LEDE_ENOMEM;
    context->is_counted = true;
    if (group->single_count > 0)
        st = lede_query_leaf_of_spellings(
            context, group->token, group->single, group->single_count, &node);
    context->is_counted = false;
    if (st == LEDE_OK && node) {
        node->written = group->phrases.count > 0 ? node->words[0].word : written;
        st = lede_query_nodes_add(context->arena, &spellings, node);
    }
    for (size_t i = 0; st == LEDE_OK && i < group->phrases.count; i++)
        st = lede_query_nodes_add(context->arena, &spellings, group->phrases.items[i]);
    if (st == LEDE_OK && group->phrases.count > 0)
        st = lede_query_make_one_word(context->arena, &spellings, written, &node);
    if (st == LEDE_OK)
        *ret_node = node;
    return st;
}

/* ---- In braces ---- */

static enum lede_status add_typed(struct group *group, size_t at, size_t end)
{
    struct query_context *context = group->context;
    struct query_words words = {0};
    lede_language language = LEDE_LANGUAGE_UND;
    size_t space = 0;
    bool fits = false;
    at = lede_query_group_language(context->text, at, end, &language);
    while (at < end && (space = lede_query_space_size(context->text + at, end - at)) > 0)
        at += space;
    while (end > at && context->text[end - 1] == ' ')
        end--;
    enum lede_status st = lede_query_analyze(
        context, context->text + at, end - at, LEDE_QUERY_PHRASE_WORDS_MAX, &words);
    if (st == LEDE_OK && words.count > LEDE_QUERY_PHRASE_WORDS_MAX) {
        st = lede_query_fail_at(context, LEDE_ELIMIT, at, "more than %d words in a spelling",
            LEDE_QUERY_PHRASE_WORDS_MAX);
        lede_error_hint(context->reterr, "a comma stands between spellings");
    }
    return st == LEDE_OK ? add_words(group, &words, language, context->text + at, end - at, &fits)
                         : st;
}

enum lede_status lede_query_leaf_of_group(struct query_context *context,
    const struct query_token *token, struct lede_query_node **ret_node)
{
    LEDE_CLEANUP(group_done) struct group group = {.context = context, .token = token};
    const char *text = context->text;
    size_t close = token->start + token->size - 1, count = 0;
    enum lede_status st = LEDE_OK;
    if (context->caps) {
        (void)lede_query_fail_at(
            context, LEDE_EINPUT, token->start, "CAPS takes one word, as it is written");
        lede_error_hint(context->reterr, "write (CAPS eu OR CAPS ue)");
        return lede_query_or_words(context, context->caps_start, context->caps_size);
    }
    group.is_only = !memchr(text + token->start, ',', token->size);
    for (size_t at = token->start + 1; st == LEDE_OK && at <= close; count++) {
        const char *comma = memchr(text + at, ',', close - at);
        size_t end = comma ? (size_t)(comma - text) : close;
        if (count == LEDE_QUERY_SPELLINGS_MAX) {
            st = lede_query_fail_at(context, LEDE_ELIMIT, at, "more than %d spellings of one word",
                LEDE_QUERY_SPELLINGS_MAX);
            lede_error_hint(context->reterr, "write two groups, with OR between them");
            return st;
        }
        st = add_typed(&group, at, end);
        at = end + 1;
    }
    return st == LEDE_OK ? group_finish(&group, ret_node) : st;
}

/* ---- By synonyms ---- */

static enum lede_status add_found(struct group *group, const struct query_synonyms_found *found)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < found->count; i++) {
        const struct query_synonym *synonym = found->items[i];
        struct query_words words = {0};
        bool fits = false;
        st = lede_query_analyze(
            group->context, synonym->text, strlen(synonym->text), LEDE_SYNONYMS_WORDS_MAX, &words);
        if (st == LEDE_OK && words.count > 0)
            st = add_words(
                group, &words, synonym->language, synonym->text, strlen(synonym->text), &fits);
    }
    return st;
}

static bool has_room(const struct query_context *context, const struct query_synonyms_found *found)
{
    return found->count * LEDE_SYNONYMS_WORDS_MAX <= LEDE_QUERY_CLAUSES_MAX - context->spellings;
}

/* A group of the words, typed so, and what they stand for. ret_node: NULL where the words cannot be
 * written in one, or there is no room. */
static enum lede_status make_group(struct query_context *context, const struct query_token *token,
    const struct query_words *words, const char *typed, const struct query_synonyms_found *found,
    const struct query_synonyms_found *beside, struct lede_query_node **ret_node)
{
    LEDE_CLEANUP(group_done)
    struct group group = {.context = context, .token = token, .is_first_counted = beside != NULL};
    bool fits = false;
    *ret_node = NULL;
    if (!has_room(context, found) || (beside && !has_room(context, beside)))
        return LEDE_OK;
    enum lede_status st = add_words(&group, words, LEDE_LANGUAGE_UND, typed, strlen(typed), &fits);
    if (st != LEDE_OK || !fits)
        return st;
    st = add_found(&group, found);
    if (st == LEDE_OK && beside)
        st = add_found(&group, beside);
    if (st == LEDE_OK)
        st = group_finish(&group, ret_node);
    if (st == LEDE_OK && words->count == 1) {
        words->items[0].written = typed;
        (*ret_node)->typed = &words->items[0];
    }
    return st;
}

/* Words of a phrase as a token and a list of their own. */
static void take_piece(const struct query_token *token, const struct query_words *words,
    size_t from, size_t count, struct query_token *ret_token, struct query_words *ret_words)
{
    const struct query_word *first = &words->items[from], *last = &words->items[from + count - 1];
    size_t base = token->kind == QUERY_TOKEN_QUOTED ? token->inner_start : token->start;
    *ret_words = (struct query_words){.items = words->items + from, .count = count};
    *ret_token = (struct query_token){.kind = QUERY_TOKEN_QUOTED,
        .start = token->start,
        .size = token->size,
        .inner_start = base + first->start,
        .inner_size = last->start + last->size - first->start,
        .literal = true};
}

static enum lede_status group_of_piece(struct query_context *context,
    const struct query_token *piece, const struct query_words *words,
    const struct query_synonyms_found *found, struct lede_query_node **ret_node)
{
    const char *typed =
        lede_arena_copy(context->arena, context->text + piece->inner_start, piece->inner_size);
    return typed ? make_group(context, piece, words, typed, found, NULL, ret_node) : LEDE_ENOMEM;
}

/* A group of all words of a token. */
static enum lede_status group_of_token(struct query_context *context,
    const struct query_token *token, const struct query_words *words,
    const struct query_synonyms_found *found, struct lede_query_node **ret_node)
{
    struct query_token piece;
    struct query_words own;
    take_piece(token, words, 0, words->count, &piece, &own);
    return group_of_piece(context, &piece, &own, found, ret_node);
}

/* Bigrams overlap, so a phrase with some in it is taken as a whole or not at all. */
static bool holds_bigrams(const struct query_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (words->items[i].flags & LEDE_TOKEN_NGRAM)
            return true;
    }
    return false;
}

/* The next words of a phrase that have synonyms, from *at on; found->word_count 0: none have. */
static void find_next(struct query_context *context, const struct query_words *words, size_t *at,
    struct query_synonyms_found *found)
{
    for (; *at < words->count; ++*at) {
        lede_query_find_synonyms(context, words->items + *at, words->count - *at, 1, found);
        if (found->word_count > 0)
            return;
    }
}

/* A phrase as a chain of its pieces, of which some are groups. */
static enum lede_status make_chain(struct query_context *context, const struct query_token *token,
    const struct query_words *words, struct lede_query_node **ret_node)
{
    struct query_synonyms_found found = {0};
    struct lede_query_options options = *context->options, without = options;
    struct lede_query_node *chain = NULL;
    enum lede_status st = LEDE_OK;
    without.synonyms = NULL;
    for (size_t done = 0, at = 0; st == LEDE_OK && done < words->count;) {
        struct query_token piece;
        struct query_words own;
        struct lede_query_node *node = NULL;
        find_next(context, words, &at, &found);
        bool is_group = at == done;
        size_t count = is_group ? found.word_count : at - done;
        take_piece(token, words, done, count, &piece, &own);
        if (is_group)
            st = group_of_piece(context, &piece, &own, &found, &node);
        if (st == LEDE_OK && !node) {
            const struct lede_query_options *before = context->options;
            context->options = &without;
            st = lede_query_leaf_of_words(context, &piece, &own, lede_query_kind_of(&own), &node);
            context->options = before;
        }
        if (st == LEDE_OK)
            st = lede_query_chain_add(context, token, node, &chain);
        done += count;
        at = done;
    }
    if (st == LEDE_OK)
        *ret_node = chain;
    return st;
}

/* A group, or of a phrase a chain, of words that have synonyms; NULL where none has any. */
static enum lede_status stand_in(struct query_context *context, const struct query_token *token,
    const struct query_words *words, struct lede_query_node **ret_node)
{
    struct query_synonyms_found found = {0};
    size_t at = 0;
    if (!context->options->synonyms || context->caps || words->count > LEDE_QUERY_PHRASE_WORDS_MAX)
        return LEDE_OK;
    if (holds_bigrams(words)) {
        lede_query_find_synonyms(context, words->items, words->count, words->count, &found);
        return found.word_count > 0 ? group_of_token(context, token, words, &found, ret_node)
                                    : LEDE_OK;
    }
    find_next(context, words, &at, &found);
    if (found.word_count == 0)
        return LEDE_OK;
    if (found.word_count == words->count)
        return group_of_token(context, token, words, &found, ret_node);
    /* It prints as operators, which may need a pair of parentheses that is not in the text. */
    if (context->depth == LEDE_QUERY_DEPTH_MAX)
        return lede_query_fail_depth(context, token->start);
    return make_chain(context, token, words, ret_node);
}

/* ---- Words ---- */

/* A compound that is also written closed stands for either form: e-mail for "e mail" OR email. */
static enum lede_status leaf_of_compound(struct query_context *context,
    const struct query_token *token, const struct query_words *words,
    const struct query_words *closed, struct lede_query_node **ret_node)
{
    struct query_nodes forms = {0};
    struct lede_query_node *apart = NULL, *joined = NULL;
    enum lede_status st = lede_query_leaf_of_kind(context, token, words, LEDE_QUERY_PHRASE, &apart);
    if (st == LEDE_OK)
        st = lede_query_leaf_of_kind(context, token, closed, lede_query_kind_of(closed), &joined);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(context->arena, &forms, apart);
    if (st == LEDE_OK)
        st = lede_query_nodes_add(context->arena, &forms, joined);
    return st == LEDE_OK ? lede_query_make_or(context->arena, &forms, ret_node) : st;
}

enum lede_status lede_query_leaf_of_words(struct query_context *context,
    const struct query_token *token, const struct query_words *words, enum lede_query_kind kind,
    struct lede_query_node **ret_node)
{
    struct query_words closed = {0};
    enum lede_status st = LEDE_OK;
    *ret_node = NULL;
    if (kind == LEDE_QUERY_WORD || kind == LEDE_QUERY_PHRASE)
        st = stand_in(context, token, words, ret_node);
    if (st != LEDE_OK || *ret_node)
        return st;
    if (kind == LEDE_QUERY_PHRASE)
        st = lede_query_close(context, words, &closed);
    if (st == LEDE_OK && closed.count > 0)
        return leaf_of_compound(context, token, words, &closed, ret_node);
    if (st == LEDE_OK)
        st = lede_query_leaf_of_kind(context, token, words, kind, ret_node);
    if (st == LEDE_OK && (*ret_node)->kind == LEDE_QUERY_WORD) {
        words->items[0].written = (*ret_node)->written;
        (*ret_node)->typed = &words->items[0];
    }
    return st;
}

/* ---- Side by side ---- */

/* Put a word's node in its place again, with what the words beside it stand for with it. */
static enum lede_status regroup(struct query_context *context,
    const struct query_synonyms_found *beside, struct lede_query_node **node)
{
    struct query_context outer = *context;
    struct query_synonyms_found found = {0};
    struct query_word word = *(*node)->typed;
    struct query_word *copy = lede_arena_alloc(context->arena, sizeof(*copy));
    struct query_token token = {
        .kind = QUERY_TOKEN_TEXT, .start = (*node)->start, .size = (*node)->size};
    struct lede_query_node *group = NULL;
    if (!copy)
        return LEDE_ENOMEM;
    *copy = word;
    struct query_words words = {.items = copy, .count = 1};
    context->fields = (*node)->fields;
    context->field_named = (*node)->field_named;
    context->lead = (*node)->lead;
    lede_query_find_synonyms(context, copy, 1, 1, &found);
    enum lede_status st = make_group(context, &token, &words, word.written, &found, beside, &group);
    context->fields = outer.fields;
    context->field_named = outer.field_named;
    context->lead = outer.lead;
    if (st == LEDE_OK && group)
        *node = group;
    return st;
}

/* How many of the nodes from `from` on are words that were typed in one place. */
static size_t count_typed(
    const struct query_nodes *nodes, size_t from, struct query_word *ret_words)
{
    size_t count = 0;
    const struct lede_query_node *first = nodes->items[from];
    while (from + count < nodes->count && count < LEDE_SYNONYMS_WORDS_MAX) {
        const struct lede_query_node *node = nodes->items[from + count];
        if (!node->typed || node->weight != 1 || node->fields != first->fields ||
            node->lead != first->lead || node->field_named != first->field_named)
            break;
        ret_words[count++] = *node->typed;
    }
    return count;
}

enum lede_status lede_query_stand_in_beside(
    struct query_context *context, struct query_nodes *nodes)
{
    enum lede_status st = LEDE_OK;
    if (!context->options->synonyms)
        return LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i + 1 < nodes->count; i++) {
        struct query_word words[LEDE_SYNONYMS_WORDS_MAX];
        struct query_synonyms_found found = {0};
        size_t count = count_typed(nodes, i, words);
        if (count < 2)
            continue;
        lede_query_find_synonyms(context, words, count, 2, &found);
        if (found.word_count == 0)
            continue;
        for (size_t k = 0; st == LEDE_OK && k < found.word_count; k++)
            st = regroup(context, &found, &nodes->items[i + k]);
        i += found.word_count - 1;
    }
    return st;
}

enum lede_status lede_query_stand_in_any(
    struct query_context *context, const struct lede_query_node *any)
{
    struct query_nodes words = {
        .items = (struct lede_query_node **)(uintptr_t)any->children, .count = any->child_count};
    bool is_list = context->options->match_any && any->kind == LEDE_QUERY_OR && !any->is_one_word;
    return is_list ? lede_query_stand_in_beside(context, &words) : LEDE_OK;
}
