/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of synonyms: read line by line, asked word by word.
 *
 * What a line's left side says are keys, found by the hash of their first word; a word that no line
 * has costs a look-up, and one more for each language that lines name. */
#include "synonyms.h"

#include "lede/encoding.h"
#include "lede/table.h"
#include "written.h"

#include <stdlib.h>
#include <string.h>

/* Bytes at a listed word's end that a form of it may write otherwise: centre, centring. */
#define ENDING_BYTES 2

struct key {
    const struct query_word *words;
    const char **terms; /* of the words: as they are folded, or by stem in the language */
    size_t word_count;
    lede_language language;
    const struct query_synonym *spellings; /* that it stands for; may hold itself */
    size_t spelling_count;
};

struct lede_synonyms {
    unsigned references; /* atomic */
    uint64_t revision;
    struct lede_arena arena;
    struct key *keys;
    size_t key_count;
    size_t key_capacity;
    struct lede_table table; /* of their first terms */
    lede_language_set languages;
    size_t line_count;
};

/* FNV-1a, as the highlighter's keys. */
static uint32_t hash_term(lede_language language, const char *term)
{
    uint32_t hash = UINT32_C(2166136261) ^ language;
    for (; *term; term++)
        hash = (hash ^ (unsigned char)*term) * UINT32_C(16777619);
    return hash;
}

/* ---- Reading ---- */

struct reading {
    struct lede_synonyms *list;
    struct query_context context; /* what folds words */
    const char *name;
    size_t line; /* from 1 on */
    lede_language language;
    struct lede_error *reterr;
};

struct text {
    const char *bytes;
    size_t size;
};

static struct text trim(struct text text)
{
    size_t space;
    while (text.size > 0 && (space = lede_query_space_size(text.bytes, text.size)) > 0) {
        text.bytes += space;
        text.size -= space;
    }
    /* At the end blanks of ASCII: no editor leaves others. */
    while (text.size > 0 && strchr(" \t\r", text.bytes[text.size - 1]))
        text.size--;
    return text;
}

static int shown(struct text text)
{
    return (int)(text.size < 60 ? text.size : lede_utf8_boundary(text.bytes, text.size, 60));
}

static enum lede_status fail_line(
    struct reading *reading, const char *expected, struct text found, const char *hint)
{
    enum lede_status st =
        lede_fail(reading->reterr, LEDE_EINPUT, "%s:%zu: expected %s, found '%.*s'", reading->name,
            reading->line, expected, shown(found), found.bytes);
    lede_error_hint(reading->reterr, "%s", hint);
    return st;
}

/* One spelling, folded, with its words in the list's arena. */
static enum lede_status read_spelling(struct reading *reading, struct text text,
    struct query_synonym *ret_spelling, struct query_words *ret_words)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer folded = {0};
    bool same = false, has_blank = false;
    if (text.size == 0)
        return fail_line(reading, "a word on each side of a comma", text,
            "leave out the comma, or write a word behind it");
    enum lede_status st = lede_query_analyze(
        &reading->context, text.bytes, text.size, LEDE_SYNONYMS_WORDS_MAX + 1, ret_words);
    if (st != LEDE_OK)
        return lede_fail_memory(reading->reterr);
    if (ret_words->count == 0)
        return fail_line(reading, "a word with a letter or a figure in it", text,
            "punctuation alone is not searched");
    if (ret_words->count > LEDE_SYNONYMS_WORDS_MAX)
        return fail_line(reading, "at most 8 words between two commas", text,
            "a comma stands between spellings: european union, eu");
    if (lede_query_fold_words(&reading->context, ret_words, &folded, &same) != LEDE_OK)
        return lede_fail_memory(reading->reterr);
    if (!lede_query_is_spelling(reading->context.analyzer, text.bytes, text.size, &has_blank))
        return fail_line(reading, "words without signs of the query language", text,
            "leave out quotes, brackets and the like");
    same = same && !strpbrk(folded.data, ",{}:");
    struct lede_arena *arena = &reading->list->arena;
    ret_spelling->language = reading->language;
    ret_spelling->folded = lede_arena_copy(arena, folded.data, folded.size);
    ret_spelling->text =
        same ? ret_spelling->folded : lede_arena_copy(arena, text.bytes, text.size);
    return ret_spelling->folded && ret_spelling->text ? LEDE_OK : lede_fail_memory(reading->reterr);
}

static enum lede_status add_key(struct reading *reading, const struct query_words *words,
    const struct query_synonym *spellings, size_t spelling_count)
{
    struct lede_synonyms *list = reading->list;
    struct key key = {.words = words->items,
        .word_count = words->count,
        .language = reading->language,
        .spellings = spellings,
        .spelling_count = spelling_count};
    key.terms = lede_arena_calloc(&list->arena, words->count, sizeof(*key.terms));
    if (!key.terms ||
        !LEDE_ARENA_RESERVE(&list->arena, list->keys, list->key_capacity, list->key_count + 1) ||
        lede_table_reserve(&list->table, list->key_count + 1) != LEDE_OK)
        return lede_fail_memory(reading->reterr);
    for (size_t i = 0; i < words->count; i++) {
        char term[LEDE_TERM_SIZE_MAX + 1];
        size_t size = lede_stem(reading->context.analyzer, key.language, words->items[i].word,
            words->items[i].word_size, term);
        key.terms[i] = lede_arena_copy(&list->arena, term, size);
        if (!key.terms[i])
            return lede_fail_memory(reading->reterr);
    }
    lede_table_add(&list->table, hash_term(key.language, key.terms[0]), (uint32_t)list->key_count);
    list->keys[list->key_count++] = key;
    return LEDE_OK;
}

/* Spellings between commas, one or more. */
struct side {
    struct query_synonym items[LEDE_SYNONYMS_SPELLINGS_MAX];
    struct query_words words[LEDE_SYNONYMS_SPELLINGS_MAX];
    size_t count;
};

static enum lede_status read_side(struct reading *reading, struct text text, struct side *side)
{
    for (bool is_last = false; !is_last;) {
        const char *comma = memchr(text.bytes, ',', text.size);
        size_t size = comma ? (size_t)(comma - text.bytes) : text.size;
        is_last = !comma;
        if (side->count == LEDE_SYNONYMS_SPELLINGS_MAX)
            return fail_line(reading, "at most 32 spellings on a line", trim(text),
                "write a line => for what stands for few of them");
        enum lede_status st = read_spelling(reading, trim((struct text){text.bytes, size}),
            &side->items[side->count], &side->words[side->count]);
        if (st != LEDE_OK)
            return st;
        for (size_t i = 0; i < side->count; i++) {
            if (strcmp(side->items[i].folded, side->items[side->count].folded) == 0)
                return fail_line(reading, "each word once", trim((struct text){text.bytes, size}),
                    "capitals and accents make no other word");
        }
        side->count++;
        if (comma) {
            text.size -= size + 1;
            text.bytes += size + 1;
        }
    }
    return LEDE_OK;
}

/* What stands before a colon is the line's language. */
static enum lede_status read_language(struct reading *reading, struct text *line)
{
    const char *colon = memchr(line->bytes, ':', line->size);
    reading->language = LEDE_LANGUAGE_UND;
    if (!colon)
        return LEDE_OK;
    struct text code = trim((struct text){line->bytes, (size_t)(colon - line->bytes)});
    reading->language =
        code.size > 0 ? lede_language_find(code.bytes, code.size) : LEDE_LANGUAGE_UND;
    if (reading->language == LEDE_LANGUAGE_UND ||
        strcmp(lede_language_code(reading->language), "und") == 0 || code.size != 2)
        return fail_line(reading, "the two letters of a language before ':', as en", code,
            "leave out the colon where the line is of all languages");
    reading->list->languages |= LEDE_LANGUAGE_BIT(reading->language);
    line->size -= (size_t)(colon + 1 - line->bytes);
    line->bytes = colon + 1;
    *line = trim(*line);
    return LEDE_OK;
}

static enum lede_status add_line(
    struct reading *reading, const struct side *left, const struct side *right, struct text line)
{
    size_t size = right->count * sizeof(*right->items);
    struct query_synonym *spellings = lede_arena_alloc(&reading->list->arena, size);
    if (!spellings)
        return lede_fail_memory(reading->reterr);
    memcpy(spellings, right->items, size);
    if (left == right && left->count < 2)
        return fail_line(reading, "two spellings or more, as kyiv, kiev, or eu => european union",
            line, "put '#' before a remark");
    for (size_t i = 0; i < left->count; i++) {
        enum lede_status st = add_key(reading, &left->words[i], spellings, right->count);
        if (st != LEDE_OK)
            return st;
    }
    reading->list->line_count++;
    return LEDE_OK;
}

static enum lede_status read_line(struct reading *reading, struct text whole)
{
    struct text line = trim(whole);
    struct side left = {.count = 0}, right = {.count = 0};
    if (line.size == 0 || line.bytes[0] == '#')
        return LEDE_OK;
    if (line.size > LEDE_SYNONYMS_LINE_BYTES_MAX)
        return fail_line(
            reading, "a line of at most 4096 bytes", line, "write several lines instead");
    if (lede_utf8_find_invalid(line.bytes, line.size, 0) < line.size ||
        memchr(line.bytes, '\0', line.size))
        return lede_fail(reading->reterr, LEDE_EINPUT, "%s:%zu: expected UTF-8 without NUL",
            reading->name, reading->line);
    enum lede_status st = read_language(reading, &line);
    if (st != LEDE_OK)
        return st;
    const char *arrow = memmem(line.bytes, line.size, "=>", 2);
    if (!arrow) {
        st = read_side(reading, line, &left);
        return st == LEDE_OK ? add_line(reading, &left, &left, line) : st;
    }
    struct text before = trim((struct text){line.bytes, (size_t)(arrow - line.bytes)});
    struct text behind = {arrow + 2, (size_t)(line.bytes + line.size - arrow - 2)};
    behind = trim(behind);
    if (before.size == 0 || behind.size == 0 || memmem(behind.bytes, behind.size, "=>", 2))
        return fail_line(
            reading, "words on both sides of one '=>'", line, "as eu => european union");
    st = read_side(reading, before, &left);
    if (st == LEDE_OK)
        st = read_side(reading, behind, &right);
    return st == LEDE_OK ? add_line(reading, &left, &right, line) : st;
}

enum lede_status lede_synonyms_read(const char *text, size_t size, const char *name,
    struct lede_analyzer *analyzer, struct lede_synonyms **ret_synonyms, struct lede_error *reterr)
{
    static uint64_t revisions;
    static const char mark[] = "\xef\xbb\xbf";
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *list = calloc(1, sizeof(*list));
    if (!list)
        return lede_fail_memory(reterr);
    list->references = 1;
    list->revision = __atomic_add_fetch(&revisions, 1, __ATOMIC_RELAXED);
    struct lede_query_options options = {.match_any = false};
    struct reading reading = {.list = list, .name = name, .reterr = reterr};
    reading.context =
        (struct query_context){.options = &options, .analyzer = analyzer, .arena = &list->arena};
    if (size > LEDE_SYNONYMS_BYTES_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "%s: expected at most %zu bytes, found %zu", name,
            LEDE_SYNONYMS_BYTES_MAX, size);
    size_t at = size >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
    while (at < size) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t line = end ? (size_t)(end - text) - at : size - at;
        reading.line++;
        enum lede_status st = read_line(&reading, (struct text){text + at, line});
        if (st != LEDE_OK)
            return st;
        at += line + 1;
    }
    *ret_synonyms = LEDE_TAKE(&list);
    return LEDE_OK;
}

struct lede_synonyms *lede_synonyms_ref(struct lede_synonyms *synonyms)
{
    if (synonyms)
        __atomic_add_fetch(&synonyms->references, 1, __ATOMIC_RELAXED);
    return synonyms;
}

void lede_synonyms_unref(struct lede_synonyms *synonyms)
{
    if (!synonyms || __atomic_sub_fetch(&synonyms->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    lede_table_done(&synonyms->table);
    lede_arena_done(&synonyms->arena);
    free(synonyms);
}

void lede_synonyms_unrefp(struct lede_synonyms **synonyms)
{
    lede_synonyms_unref(*synonyms);
    *synonyms = NULL;
}

uint64_t lede_synonyms_revision(const struct lede_synonyms *synonyms)
{
    return synonyms ? synonyms->revision : 0;
}

size_t lede_synonyms_line_count(const struct lede_synonyms *synonyms)
{
    return synonyms ? synonyms->line_count : 0;
}

/* ---- Asking ---- */

static size_t common_size(const char *a, const char *b)
{
    size_t size = 0;
    while (a[size] && a[size] == b[size])
        size++;
    return size;
}

/* The key's term of a word, in one of its spellings; ret_term has room for LEDE_TERM_SIZE_MAX + 1
 * bytes. */
static void term_of(struct query_context *context, lede_language language, const char *word,
    size_t size, char *ret_term)
{
    ret_term[lede_stem(context->analyzer, language, word, size, ret_term)] = '\0';
}

static bool is_form(struct query_context *context, const struct key *key, size_t number,
    const char *word, size_t size)
{
    char term[LEDE_TERM_SIZE_MAX + 1];
    const struct query_word *listed = &key->words[number];
    term_of(context, key->language, word, size, term);
    return strcmp(term, key->terms[number]) == 0 &&
           (key->language == LEDE_LANGUAGE_UND ||
               common_size(word, listed->word) + ENDING_BYTES >= listed->word_size);
}

static bool has_words(struct query_context *context, const struct key *key,
    const struct query_word *words, size_t count)
{
    if (key->word_count > count)
        return false;
    for (size_t i = 0; i < key->word_count; i++) {
        const struct query_word *word = &words[i];
        if (!is_form(context, key, i, word->word, word->word_size) &&
            !(word->spelling && is_form(context, key, i, word->spelling, word->spelling_size)))
            return false;
    }
    return true;
}

/* Is the spelling the words that stand there, or one that was found? */
static bool is_there(const struct query_synonyms_found *found, const struct key *key,
    const struct query_synonym *spelling, const struct query_word *words)
{
    const char *rest = spelling->folded;
    for (size_t i = 0; i < key->word_count; i++) {
        size_t size = words[i].word_size;
        if (strncmp(rest, words[i].word, size) != 0)
            break;
        rest += size;
        if (i + 1 == key->word_count && *rest == '\0')
            return true;
        rest += *rest == ' ';
    }
    for (size_t i = 0; i < found->count; i++) {
        if (strcmp(found->items[i]->folded, spelling->folded) == 0)
            return true;
    }
    return false;
}

static void take_key(struct query_synonyms_found *found, const struct key *key,
    const struct query_word *words, struct query_context *context)
{
    if (key->word_count > found->word_count)
        found->count = 0;
    found->word_count = key->word_count;
    for (size_t i = 0; i < key->spelling_count && found->count < QUERY_SYNONYMS_FOUND_MAX; i++) {
        const struct query_synonym *spelling = &key->spellings[i];
        char term[LEDE_TERM_SIZE_MAX + 1];
        term_of(context, key->language, spelling->folded, strlen(spelling->folded), term);
        /* `labours` is a form of labour, and needs no other. */
        bool is_itself = key->word_count == 1 && strcmp(term, key->terms[0]) == 0;
        if (!is_itself && !is_there(found, key, spelling, words))
            found->items[found->count++] = spelling;
    }
}

static void find_by(struct query_context *context, lede_language language, const char *word,
    size_t size, const struct query_word *words, size_t count, size_t least,
    struct query_synonyms_found *found)
{
    const struct lede_synonyms *list = context->options->synonyms;
    char term[LEDE_TERM_SIZE_MAX + 1];
    term_of(context, language, word, size, term);
    struct lede_probe probe = lede_table_probe(hash_term(language, term));
    while (lede_table_next(&list->table, &probe)) {
        const struct key *key = &list->keys[probe.number];
        if (key->language == language && key->word_count >= least &&
            key->word_count >= found->word_count && has_words(context, key, words, count))
            take_key(found, key, words, context);
    }
}

void lede_query_find_synonyms(struct query_context *context, const struct query_word *words,
    size_t count, size_t least, struct query_synonyms_found *ret_found)
{
    const struct lede_synonyms *list = context->options->synonyms;
    ret_found->word_count = ret_found->count = 0;
    if (!list || count < least)
        return;
    lede_language_set languages =
        (list->languages & context->options->languages) | LEDE_LANGUAGE_BIT(LEDE_LANGUAGE_UND);
    for (size_t i = 0; languages >> i; i++) {
        if (!(languages >> i & 1))
            continue;
        find_by(context, (lede_language)i, words->word, words->word_size, words, count, least,
            ret_found);
        if (words->spelling)
            find_by(context, (lede_language)i, words->spelling, words->spelling_size, words, count,
                least, ret_found);
    }
    if (ret_found->count == 0)
        ret_found->word_count = 0;
}
