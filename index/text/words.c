/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathered in arrays that grow, then packed into one piece of memory. Nothing is stemmed on the
 * way: a term depends on the word alone, so each word is stemmed once, at the end. */
#include "lede/words.h"

#include "analyzer.h"
#include "lede/buffer.h"
#include "lede/number.h"
#include "lede/table.h"
#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_PER_CLOCK_CHECK 4096 /* some tenths of a millisecond */
#define BYTES_PER_TOKEN 5           /* about, of most languages */
#define BYTES_PER_WORD 12           /* about, where words repeat */
#define WORDS_AHEAD 8               /* that are brought near before they are stemmed */
#define KEPT_FLAGS ((unsigned)(LEDE_TOKEN_NGRAM | LEDE_TOKEN_UPPERCASE))

/* The word stands among the strings with its NUL, and behind it, where they are others, the word as
 * written and the term. */
struct lede_words_entry {
    uint32_t word;
    uint8_t word_size;    /* all <= LEDE_TERM_SIZE_MAX */
    uint8_t written_size; /* 0: it is the word */
    uint8_t term_size;    /* likewise */
    uint8_t flags;
};

struct position_array {
    uint32_t *items; /* malloc() */
    size_t count;
    size_t capacity;
};

struct gathering {
    const char *text;
    struct lede_word_token *tokens; /* malloc(), as all here */
    size_t token_count;
    size_t token_capacity;
    struct lede_words_entry *entries; /* their words in the strings */
    size_t entry_count;
    size_t entry_capacity;
    uint64_t *hashes; /* of the entries' words */
    size_t hash_capacity;
    struct lede_table table;    /* of the entries, by hash */
    struct lede_buffer strings; /* all but terms */
    struct lede_buffer terms;   /* of the entries whose term is not the word, in their order */
    struct position_array sentences;
    struct position_array sentence_starts;
    struct position_array paragraphs;
    bool is_cut;
};

static void gathering_done(struct gathering *gathering)
{
    free(gathering->tokens);
    free(gathering->entries);
    free(gathering->hashes);
    free(gathering->sentences.items);
    free(gathering->sentence_starts.items);
    free(gathering->paragraphs.items);
    lede_table_done(&gathering->table);
    lede_buffer_done(&gathering->strings);
    lede_buffer_done(&gathering->terms);
}

static bool append_number(struct position_array *array, uint32_t number)
{
    if (!LEDE_ARRAY_RESERVE(array->items, array->capacity, array->count + 1))
        return false;
    array->items[array->count++] = number;
    return true;
}

static bool reserve_words(struct gathering *gathering, size_t count)
{
    if (count <= gathering->entry_capacity && count <= gathering->hash_capacity)
        return true;
    return LEDE_ARRAY_RESERVE(gathering->entries, gathering->entry_capacity, count) &&
           LEDE_ARRAY_RESERVE(gathering->hashes, gathering->hash_capacity, count) &&
           lede_table_reserve(&gathering->table, gathering->entry_capacity) == LEDE_OK;
}

static bool is_entry(const struct gathering *gathering, const struct lede_words_entry *entry,
    const struct lede_token *token, uint32_t written_size)
{
    const char *word = gathering->strings.data + entry->word;
    return entry->word_size == token->word_size && entry->written_size == written_size &&
           entry->flags == (uint8_t)(token->flags & KEPT_FLAGS) &&
           memcmp(word, token->word, token->word_size) == 0 &&
           memcmp(word + token->word_size + 1, token->written, written_size) == 0;
}

/* The number of the token's word, which is added where it is new. Returns false without memory. */
static bool find_word(
    struct gathering *gathering, const struct lede_token *token, uint32_t *ret_number)
{
    uint64_t hash = lede_hash64(token->word, token->word_size);
    uint32_t written_size = token->flags & LEDE_TOKEN_ACCENTED ? token->written_size : 0;
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&gathering->table, &probe)) {
        if (!is_entry(gathering, &gathering->entries[probe.number], token, written_size))
            continue;
        *ret_number = probe.number;
        return true;
    }
    uint32_t number = (uint32_t)gathering->entry_count;
    if (!reserve_words(gathering, number + (size_t)1))
        return false;
    gathering->hashes[number] = hash;
    gathering->entries[number] =
        (struct lede_words_entry){.word = (uint32_t)gathering->strings.size,
            .word_size = (uint8_t)token->word_size,
            .written_size = (uint8_t)written_size,
            .flags = (uint8_t)(token->flags & KEPT_FLAGS)};
    lede_buffer_append(&gathering->strings, token->word, token->word_size + 1);
    if (written_size > 0)
        lede_buffer_append(&gathering->strings, token->written, written_size + 1);
    gathering->entry_count++;
    lede_table_add(&gathering->table, hash, number);
    *ret_number = number;
    return !gathering->strings.failed;
}

/* A sentence begins with the quotes and brackets that stand before its first word. */
static uint32_t sentence_start(const struct gathering *gathering, uint32_t token_start)
{
    uint32_t offset = token_start, floor = 0;
    if (gathering->token_count > 0)
        floor = gathering->tokens[gathering->token_count - 1].end;
    while (offset > floor && (unsigned char)gathering->text[offset - 1] > ' ')
        offset--;
    return offset;
}

static bool add_token(struct gathering *gathering, const struct lede_token *token)
{
    struct lede_word_token added = {
        (uint32_t)token->start, (uint32_t)(token->start + token->size), 0, token->position};
    if (!LEDE_ARRAY_RESERVE(
            gathering->tokens, gathering->token_capacity, gathering->token_count + 1) ||
        !find_word(gathering, token, &added.word))
        return false;
    if ((token->flags & LEDE_TOKEN_SENTENCE_START) &&
        (!append_number(&gathering->sentences, token->position) ||
            !append_number(&gathering->sentence_starts, sentence_start(gathering, added.start))))
        return false;
    if ((token->flags & LEDE_TOKEN_PARAGRAPH_START) &&
        !append_number(&gathering->paragraphs, token->position))
        return false;
    gathering->tokens[gathering->token_count++] = added;
    return true;
}

static bool gather(struct gathering *gathering, size_t size, lede_language language,
    struct lede_analyzer *analyzer, uint64_t deadline_ns)
{
    struct lede_tokens tokens;
    struct lede_token token;
    if (!LEDE_ARRAY_RESERVE(
            gathering->tokens, gathering->token_capacity, size / BYTES_PER_TOKEN + 1) ||
        !reserve_words(gathering, size / BYTES_PER_WORD + 1) ||
        !lede_buffer_reserve(&gathering->strings, size / 2))
        return false;
    lede_tokens_init(&tokens, analyzer, LEDE_TOKENS_DOCUMENT, language, gathering->text, size);
    tokens.words_only = true;
    while (lede_tokens_next(&tokens, &token)) {
        gathering->is_cut = gathering->token_count % TOKENS_PER_CLOCK_CHECK == 0 &&
                            lede_time_has_passed(deadline_ns);
        if (gathering->is_cut)
            return true;
        if (!add_token(gathering, &token))
            return false;
    }
    return true;
}

static void find_terms(
    struct gathering *gathering, lede_language language, struct lede_analyzer *analyzer)
{
    char term[LEDE_TERM_SIZE_MAX + 1];
    for (size_t i = 0; i < gathering->entry_count; i++) {
        struct lede_words_entry *entry = &gathering->entries[i];
        const char *word = gathering->strings.data + entry->word;
        if (i + WORDS_AHEAD < gathering->entry_count)
            stem_prefetch(analyzer, language, gathering->hashes[i + WORDS_AHEAD]);
        if (entry->flags & LEDE_TOKEN_NGRAM || stem_is_word(language, word, entry->word_size))
            continue;
        size_t size = stem_hashed_word(
            analyzer, language, word, entry->word_size, gathering->hashes[i], term);
        if (size == entry->word_size && memcmp(term, word, size) == 0)
            continue;
        lede_buffer_append(&gathering->terms, term, size + 1);
        entry->term_size = (uint8_t)size;
    }
}

static void *pack(char **at, const void *items, size_t count, size_t item_size)
{
    void *place = *at;
    if (count > 0)
        memcpy(place, items, count * item_size);
    *at += count * item_size;
    return place;
}

static char *pack_string(char *at, const char *text, size_t size)
{
    memcpy(at, text, size + 1);
    return at + size + 1;
}

/* Puts each term behind its word and what that is written as. */
static void pack_strings(const struct gathering *from, struct lede_words_entry *entries, char *ret)
{
    const char *term = from->terms.data;
    char *at = ret;
    for (size_t i = 0; i < from->entry_count; i++) {
        struct lede_words_entry *entry = &entries[i];
        const char *word = from->strings.data + entry->word;
        entry->word = (uint32_t)(at - ret);
        at = pack_string(at, word, entry->word_size);
        if (entry->written_size > 0)
            at = pack_string(at, word + entry->word_size + 1, entry->written_size);
        if (entry->term_size == 0)
            continue;
        at = pack_string(at, term, entry->term_size);
        term += entry->term_size + 1;
    }
}

/* Does each number of each token fit in sixteen bits? Positions ascend, and words are fewer than
 * tokens. */
static bool is_narrow(const struct gathering *from, size_t size)
{
    size_t count = from->token_count;
    return size <= UINT16_MAX && count <= UINT16_MAX &&
           (count == 0 || from->tokens[count - 1].position <= UINT16_MAX);
}

static void *pack_narrow(char **at, const struct lede_word_token *tokens, size_t count)
{
    struct lede_word_token_narrow *narrow = (struct lede_word_token_narrow *)*at;
    for (size_t i = 0; i < count; i++)
        narrow[i] = (struct lede_word_token_narrow){(uint16_t)tokens[i].start,
            (uint16_t)tokens[i].end, (uint16_t)tokens[i].word, (uint16_t)tokens[i].position};
    *at += count * sizeof(*narrow);
    return narrow;
}

static struct lede_words *pack_words(const struct gathering *from, size_t size)
{
    const size_t number = sizeof(uint32_t);
    bool narrow = is_narrow(from, size);
    size_t token_bytes = narrow ? sizeof(struct lede_word_token_narrow) : sizeof(*from->tokens);
    size_t bytes = sizeof(struct lede_words) + from->token_count * token_bytes +
                   from->entry_count * sizeof(*from->entries) +
                   (2 * from->sentences.count + from->paragraphs.count) * number +
                   from->strings.size + from->terms.size;
    struct lede_words *words = malloc(bytes);
    if (!words)
        return NULL;
    char *at = (char *)(words + 1);
    *words = (struct lede_words){.bytes = bytes,
        .token_count = (uint32_t)from->token_count,
        .length = from->token_count > 0 ? from->tokens[from->token_count - 1].position : 0,
        .word_count = (uint32_t)from->entry_count,
        .sentence_count = (uint32_t)from->sentences.count,
        .paragraph_count = (uint32_t)from->paragraphs.count,
        .is_cut = from->is_cut};
    if (narrow)
        words->narrow = pack_narrow(&at, from->tokens, from->token_count);
    else
        words->wide = pack(&at, from->tokens, from->token_count, sizeof(*from->tokens));
    struct lede_words_entry *entries =
        pack(&at, from->entries, from->entry_count, sizeof(*from->entries));
    words->entries = entries;
    words->sentences = pack(&at, from->sentences.items, from->sentences.count, number);
    words->sentence_starts = pack(&at, from->sentence_starts.items, from->sentences.count, number);
    words->paragraphs = pack(&at, from->paragraphs.items, from->paragraphs.count, number);
    words->strings = at;
    pack_strings(from, entries, at);
    return words;
}

enum lede_status lede_words_new(const char *text, size_t size, lede_language language,
    struct lede_analyzer *analyzer, uint64_t deadline_monotonic_ns, struct lede_words **ret_words)
{
    LEDE_CLEANUP(gathering_done) struct gathering gathering = {.text = text};
    if (!gather(&gathering, size, language, analyzer, deadline_monotonic_ns))
        return LEDE_ENOMEM;
    find_terms(&gathering, language, analyzer);
    struct lede_words *words = NULL;
    if (!gathering.strings.failed && !gathering.terms.failed)
        words = pack_words(&gathering, size);
    if (!words)
        return LEDE_ENOMEM;
    *ret_words = words;
    return LEDE_OK;
}

struct lede_token lede_words_at(const struct lede_words *words, uint32_t number)
{
    const struct lede_words_entry *entry = &words->entries[number];
    const char *word = words->strings + entry->word, *behind = word + entry->word_size + 1;
    struct lede_token token = {.term = word,
        .word = word,
        .written = word,
        .term_size = entry->word_size,
        .word_size = entry->word_size,
        .written_size = entry->word_size,
        .flags = entry->flags};
    if (entry->written_size > 0) {
        token.written = behind;
        token.written_size = entry->written_size;
        behind += entry->written_size + 1;
    }
    if (entry->term_size > 0) {
        token.term = behind;
        token.term_size = entry->term_size;
    }
    return token;
}

uint32_t lede_words_token_of(const struct lede_words *words, uint32_t position)
{
    uint32_t low = 0, high = words->token_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lede_words_token(words, middle).position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t lede_words_sentence(const struct lede_words *words, uint32_t position)
{
    uint32_t low = 0, count = words->sentence_count;
    while (count > 0) {
        uint32_t half = count / 2;
        if (words->sentences[low + half] <= position) {
            low += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return low > 0 ? words->sentence_starts[low - 1] : 0;
}
