/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each part counts the words that it has; of all together the most frequent are chosen, as one
 * index chooses of its own. */
#include "pattern_words.h"

#include "lede/number.h"

#include <stdlib.h>
#include <string.h>

/* Of one part and field: beyond it the rarest are left out. */
#define WORDS_MAX 100000

static void name_pattern(
    struct lede_buffer *name, const struct lede_query_node *leaf, enum lede_field_id field)
{
    lede_buffer_append_format(name, "%d %u %d ", (int)leaf->kind, leaf->number, (int)field);
    lede_buffer_append(name, leaf->words[0].word, leaf->words[0].word_size);
}

static struct lede_pattern_words *find(
    const struct lede_pattern_list *list, const char *name, size_t size)
{
    for (size_t i = 0; i < list->count; i++) {
        struct lede_pattern_words *words = &list->items[i];
        if (words->size == size && memcmp(words->name, name, size) == 0)
            return words;
    }
    return NULL;
}

/* NULL: no memory. */
static struct lede_pattern_words *find_or_add(
    struct lede_pattern_list *list, const char *name, size_t size)
{
    struct lede_pattern_words *known = find(list, name, size);
    if (known)
        return known;
    const char *copy = lede_arena_copy(&list->arena, name, size);
    if (!copy || !LEDE_ARRAY_RESERVE(list->items, list->capacity, list->count + 1))
        return NULL;
    list->items[list->count] = (struct lede_pattern_words){.name = copy, .size = size};
    return &list->items[list->count++];
}

void lede_pattern_list_done(struct lede_pattern_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        lede_table_done(&list->items[i].table);
    free(list->items);
    lede_arena_done(&list->arena);
    *list = (struct lede_pattern_list){0};
}

/* Status: OK; ENOMEM. */
static enum lede_status add_word(struct lede_pattern_list *list, struct lede_pattern_words *words,
    const char *word, size_t size, uint64_t documents)
{
    uint64_t hash = lede_hash64(word, size);
    struct lede_probe probe = lede_table_probe(hash);
    while (lede_table_next(&words->table, &probe)) {
        struct lede_named_count *known = &words->words[probe.number];
        if (known->size != size || memcmp(known->name, word, size) != 0)
            continue;
        known->documents += documents;
        return LEDE_OK;
    }
    char *copy = lede_arena_copy(&list->arena, word, size);
    if (!copy || lede_table_reserve(&words->table, words->count + 1) != LEDE_OK ||
        !LEDE_ARENA_RESERVE(&list->arena, words->words, words->capacity, words->count + 1))
        return LEDE_ENOMEM;
    lede_table_add(&words->table, hash, (uint32_t)words->count);
    words->words[words->count++] = (struct lede_named_count){copy, size, documents};
    return LEDE_OK;
}

struct noting {
    struct lede_pattern_list *list;
    struct lede_pattern_words *words;
    bool failed;
};

static bool note(void *context, const char *word, size_t size, uint32_t documents)
{
    struct noting *noting = context;
    noting->failed = add_word(noting->list, noting->words, word, size, documents) != LEDE_OK;
    return !noting->failed;
}

static enum lede_status note_field(struct lede_pattern_list *list, struct lede_index *index,
    const struct lede_query_node *leaf, const struct lede_field *field,
    struct lede_deadline *deadline, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    name_pattern(&name, leaf, field->id);
    if (name.failed)
        return lede_fail_memory(reterr);
    if (find(list, name.data, name.size))
        return LEDE_OK;
    struct noting noting = {list, find_or_add(list, name.data, name.size), false};
    if (!noting.words)
        return lede_fail_memory(reterr);
    uint32_t left_out = 0;
    enum lede_status st = lede_index_visit_pattern(index, leaf, field, WORDS_MAX, deadline, note,
        &noting, &left_out, &noting.words->scan_ended, reterr);
    noting.words->left_out = left_out;
    return st == LEDE_OK && noting.failed ? lede_fail_memory(reterr) : st;
}

enum lede_status lede_pattern_list_note(struct lede_pattern_list *list, struct lede_index *index,
    const struct lede_query_node *leaf, lede_field_set fields, struct lede_deadline *deadline,
    struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    for (int id = 0; st == LEDE_OK && id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at((enum lede_field_id)id);
        if (fields & LEDE_FIELD_BIT(id) && field->prefix)
            st = note_field(list, index, leaf, field, deadline, reterr);
    }
    return st;
}

static enum lede_status add_words(
    struct lede_pattern_list *list, const struct lede_pattern_words *more)
{
    struct lede_pattern_words *words = find_or_add(list, more->name, more->size);
    if (!words)
        return LEDE_ENOMEM;
    for (size_t i = 0; i < more->count; i++) {
        const struct lede_named_count *word = &more->words[i];
        if (add_word(list, words, word->name, word->size, word->documents) != LEDE_OK)
            return LEDE_ENOMEM;
    }
    words->left_out += more->left_out;
    words->scan_ended = words->scan_ended || more->scan_ended;
    words->is_chosen = words->is_chosen || more->is_chosen;
    return LEDE_OK;
}

enum lede_status lede_pattern_list_add(
    struct lede_pattern_list *list, const struct lede_pattern_list *more)
{
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < more->count; i++)
        st = add_words(list, &more->items[i]);
    return st;
}

/* ---- Choosing ---- */

static int compare_text(const struct lede_named_count *a, const struct lede_named_count *b)
{
    size_t size = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->name, b->name, size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

static int by_text(const void *left, const void *right)
{
    return compare_text(left, right);
}

static int by_documents(const void *left, const void *right)
{
    const struct lede_named_count *a = left, *b = right;
    if (a->documents != b->documents)
        return a->documents > b->documents ? -1 : 1;
    return compare_text(a, b);
}

void lede_pattern_list_choose(struct lede_pattern_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct lede_pattern_words *words = &list->items[i];
        if (words->is_chosen)
            continue;
        words->is_chosen = true;
        lede_table_done(&words->table);
        if (words->count + words->left_out <= LEDE_EXPANSION_TERMS_MAX) {
            words->count = 0;
            continue;
        }
        qsort(words->words, words->count, sizeof(*words->words), by_documents);
        if (words->count > LEDE_EXPANSION_TERMS_MAX) {
            words->left_out += words->count - LEDE_EXPANSION_TERMS_MAX;
            words->count = LEDE_EXPANSION_TERMS_MAX;
        }
        qsort(words->words, words->count, sizeof(*words->words), by_text);
    }
}

static enum lede_status look_up(const struct lede_pattern_list *list,
    const struct lede_query_node *leaf, enum lede_field_id field, struct lede_arena *arena,
    struct lede_pattern_choice *ret_choice)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
    *ret_choice = (struct lede_pattern_choice){0};
    name_pattern(&name, leaf, field);
    if (name.failed)
        return LEDE_ENOMEM;
    const struct lede_pattern_words *words = find(list, name.data, name.size);
    if (!words || !words->is_chosen || words->count == 0)
        return LEDE_OK;
    const char **texts = lede_arena_calloc(arena, words->count, sizeof(*texts));
    for (size_t i = 0; texts && i < words->count; i++)
        texts[i] = words->words[i].name;
    *ret_choice = (struct lede_pattern_choice){texts, words->count};
    return texts ? LEDE_OK : LEDE_ENOMEM;
}

enum lede_status lede_pattern_list_read(const struct lede_pattern_list *list,
    struct lede_index *index, const struct lede_query_node *leaf, lede_field_set fields,
    struct lede_arena *arena, struct lede_deadline *deadline, struct lede_pattern *ret_pattern,
    struct lede_error *reterr)
{
    struct lede_pattern_choice choices[LEDE_FIELD_COUNT];
    for (int id = 0; list && id < LEDE_FIELD_COUNT; id++) {
        if (look_up(list, leaf, (enum lede_field_id)id, arena, &choices[id]) != LEDE_OK)
            return lede_fail_memory(reterr);
    }
    return lede_index_read_pattern(
        index, leaf, fields, list ? choices : NULL, deadline, ret_pattern, reterr);
}

/* ---- What was cut ---- */

static bool is_pattern(const struct lede_query_node *node)
{
    return node->kind == LEDE_QUERY_PREFIX || node->kind == LEDE_QUERY_WILDCARD ||
           node->kind == LEDE_QUERY_FUZZY;
}

struct cutting {
    const struct lede_pattern_list *list;
    struct lede_search_result *result;
    size_t capacity;
    bool failed;
};

/* Of several fields that which left out most. */
static void cut_leaf(struct cutting *cutting, const struct lede_query_node *leaf)
{
    struct lede_expansion_cut cut = {.leaf = leaf};
    struct lede_search_result *result = cutting->result;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer name = {0};
        if (!(leaf->fields & LEDE_FIELD_BIT(id)))
            continue;
        name_pattern(&name, leaf, (enum lede_field_id)id);
        const struct lede_pattern_words *words =
            name.failed ? NULL : find(cutting->list, name.data, name.size);
        cutting->failed = cutting->failed || name.failed;
        if (!words)
            continue;
        cut.scan_ended = cut.scan_ended || words->scan_ended;
        if (words->left_out > cut.left_out || cut.used == 0) {
            cut.used = (uint32_t)words->count;
            cut.left_out = (uint32_t)words->left_out;
        }
    }
    if (cut.left_out == 0 && !cut.scan_ended)
        return;
    if (!LEDE_ARENA_RESERVE(
            &result->arena, result->cuts, cutting->capacity, result->cut_count + 1)) {
        cutting->failed = true;
        return;
    }
    result->cuts[result->cut_count++] = cut;
}

/* In the order in which a plan is made: what is excluded comes last, and what must not be near is
 * in none. */
static void cut_node(struct cutting *cutting, const struct lede_query_node *node)
{
    if (is_pattern(node))
        cut_leaf(cutting, node);
    size_t count = lede_query_is_apart(node->kind) ? 1 : node->child_count;
    for (int excludes = 0; excludes < 2; excludes++) {
        for (size_t i = 0; i < count; i++) {
            bool is_last =
                node->kind == LEDE_QUERY_AND && node->children[i]->kind == LEDE_QUERY_NOT;
            if (is_last == (excludes == 1))
                cut_node(cutting, node->children[i]);
        }
    }
}

enum lede_status lede_pattern_list_cuts(const struct lede_pattern_list *list,
    const struct lede_query_node *root, struct lede_search_result *result,
    struct lede_error *reterr)
{
    struct cutting cutting = {.list = list, .result = result};
    cut_node(&cutting, root);
    return cutting.failed ? lede_fail_memory(reterr) : LEDE_OK;
}
