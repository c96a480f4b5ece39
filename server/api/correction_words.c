/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "correction_words.h"
#include "lede/encoding.h"

#include <string.h>

#define ABBREVIATION_CHARACTERS_MAX 4 /* an unknown word in capitals this short is left alone */
#define SPLIT_PART_MIN 2              /* bytes */

struct reading {
    const struct lede_search_run *run;
    struct lede_analyzer *analyzer;
    bool with_phrases;
    struct lede_arena *arena;
    struct correction_words *words;
    bool failed;
};

static bool has_digit(const char *word, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (word[i] >= '0' && word[i] <= '9')
            return true;
    }
    return false;
}

static bool is_blank(const char *text, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return end > start;
}

static bool may_be_corrected(const struct lede_token *token)
{
    size_t characters = lede_utf8_count(token->word, token->word_size);
    bool is_abbreviation =
        (token->flags & LEDE_TOKEN_UPPERCASE) && characters <= ABBREVIATION_CHARACTERS_MAX;
    return !(token->flags & LEDE_TOKEN_NGRAM) && characters > 1 &&
           !has_digit(token->word, token->word_size) && !is_abbreviation;
}

static void take_token(struct reading *reading, const struct lede_query_node *leaf,
    const struct lede_query_word *word, const struct lede_token *token, size_t start)
{
    struct correction_words *words = reading->words;
    const char *text = reading->run->search.q;
    if (words->count == LEDE_CORRECTION_WORDS_MAX || !may_be_corrected(token))
        return;
    struct correction_word *item = &words->items[words->count];
    const struct correction_word *before = words->count > 0 ? item - 1 : NULL;
    *item = (struct correction_word){.stems = word,
        .folded = lede_arena_copy(reading->arena, token->word, token->word_size),
        .folded_size = token->word_size,
        .characters = lede_utf8_count(token->word, token->word_size),
        .start = start,
        .size = token->size,
        .is_capitalised = lede_begins_with_capital(text + start, token->size),
        .is_uppercase = (token->flags & LEDE_TOKEN_UPPERCASE) != 0,
        .in_phrase = leaf->kind == LEDE_QUERY_PHRASE,
        .follows_blank = before && is_blank(text, before->start + before->size, start)};
    reading->failed = reading->failed || !item->folded;
    words->count++;
}

/* The leaf's words in its own part of the text; a field's name before them is no word of its. */
static void read_leaf(struct reading *reading, const struct lede_query_node *leaf)
{
    struct lede_tokens tokens;
    struct lede_token token;
    size_t next = 0;
    lede_tokens_init(&tokens, reading->analyzer, LEDE_TOKENS_QUERY, LEDE_LANGUAGE_UND,
        reading->run->search.q + leaf->start, leaf->size);
    while (next < leaf->word_count && lede_tokens_next(&tokens, &token)) {
        const struct lede_query_word *word = &leaf->words[next];
        if (word->word_size != token.word_size ||
            memcmp(word->word, token.word, token.word_size) != 0)
            continue;
        take_token(reading, leaf, word, &token, leaf->start + token.start);
        next++;
    }
}

static void read_node(struct reading *reading, const struct lede_query_node *node)
{
    if (node->kind == LEDE_QUERY_NOT)
        return;
    bool is_wanted =
        node->kind == LEDE_QUERY_WORD || (node->kind == LEDE_QUERY_PHRASE && reading->with_phrases);
    if (is_wanted && (node->fields & LEDE_FIELDS_DEFAULT))
        read_leaf(reading, node);
    size_t count = lede_query_is_apart(node->kind) ? 1 : node->child_count;
    for (size_t i = 0; i < count; i++)
        read_node(reading, node->children[i]);
}

static void sort_by_start(struct correction_words *words)
{
    for (size_t i = 1; i < words->count; i++) {
        struct correction_word word = words->items[i];
        size_t place = i;
        for (; place > 0 && words->items[place - 1].start > word.start; place--)
            words->items[place] = words->items[place - 1];
        words->items[place] = word;
    }
}

enum lede_status correction_words_read(const struct lede_search_run *run,
    struct lede_analyzer *analyzer, bool with_phrases, struct lede_arena *arena,
    struct correction_words *ret_words, struct lede_error *reterr)
{
    struct reading reading = {.run = run,
        .analyzer = analyzer,
        .with_phrases = with_phrases,
        .arena = arena,
        .words = ret_words};
    ret_words->count = 0;
    read_node(&reading, lede_query_root(run->query));
    sort_by_start(ret_words);
    return reading.failed ? lede_fail_memory(reterr) : LEDE_OK;
}

static bool is_stem(const struct lede_query_word *word, const char *stem, size_t size)
{
    for (size_t i = 0; i < word->stem_count; i++) {
        if (strlen(word->stems[i]) == size && memcmp(word->stems[i], stem, size) == 0)
            return true;
    }
    return false;
}

bool correction_shares_stem(struct lede_analyzer *analyzer, lede_language_set languages,
    const struct correction_word *word, const char *candidate, size_t size)
{
    char stem[LEDE_TERM_SIZE_MAX + 1];
    for (size_t i = 0; i < lede_language_count(); i++) {
        lede_language language = (lede_language)i;
        if (!(languages & LEDE_LANGUAGE_BIT(language)))
            continue;
        size_t stem_size = lede_stem(analyzer, language, candidate, size, stem);
        if (is_stem(word->stems, stem, stem_size))
            return true;
    }
    return false;
}

size_t correction_splits(const struct lede_lexicon *lexicon, const struct correction_word *word,
    uint32_t documents_min, struct correction_split *ret_splits, size_t limit)
{
    size_t count = 0;
    for (size_t at = SPLIT_PART_MIN; at + SPLIT_PART_MIN <= word->folded_size; at++) {
        if (lede_utf8_continues(word->folded[at]))
            continue;
        uint32_t first = lede_lexicon_documents(lexicon, word->folded, at);
        uint32_t second = first >= documents_min ? lede_lexicon_documents(lexicon,
                                                       word->folded + at, word->folded_size - at)
                                                 : 0;
        struct correction_split split = {
            .first_size = at, .documents = first < second ? first : second};
        if (split.documents < documents_min ||
            (count == limit && split.documents <= ret_splits[count - 1].documents))
            continue;
        size_t place = count < limit ? count++ : count - 1;
        for (; place > 0 && ret_splits[place - 1].documents < split.documents; place--)
            ret_splits[place] = ret_splits[place - 1];
        ret_splits[place] = split;
    }
    return count;
}

void correction_apply(const struct lede_search_params *search,
    const struct correction_change *changes, size_t count, struct lede_buffer *out)
{
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        const struct correction_change *change = &changes[i];
        lede_buffer_append(out, search->q + done, change->start - done);
        if (change->is_uppercase || change->is_capitalised)
            lede_append_in_capitals(change->text, change->text_size, !change->is_uppercase, out);
        else
            lede_buffer_append(out, change->text, change->text_size);
        done = change->start + change->size;
    }
    lede_buffer_append(out, search->q + done, search->q_size - done);
}
