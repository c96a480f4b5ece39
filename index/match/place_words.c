/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_words.h"

#include "place_nodes.h"

#include <stdlib.h>

static void add_words(struct lede_places *places, const struct lede_query_node *node)
{
    bool is_stem = node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_PHRASE;
    for (size_t i = 0; i < node->word_count; i++)
        places->words[places->word_count++] =
            (struct place_word){.leaf = node, .index = i, .is_stem = is_stem};
    places->needs_text = places->needs_text || (node->word_count > 0 && !is_stem);
    for (size_t i = 0; i < node->child_count; i++)
        add_words(places, node->children[i]);
}

static int compare_words(const void *a, const void *b)
{
    const struct place_word *x = a, *y = b;
    if (x->leaf != y->leaf)
        return x->leaf < y->leaf ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

struct place_word *lede_places_find_word(
    struct lede_places *places, const struct lede_query_node *leaf, size_t index)
{
    struct place_word wanted = {.leaf = leaf, .index = index};
    return bsearch(&wanted, places->words, places->word_count, sizeof(wanted), compare_words);
}

enum lede_status lede_places_open(struct lede_index *index, size_t part,
    const struct lede_query_node *node, lede_field_set fields, struct lede_deadline *deadline,
    struct lede_places **ret_places, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_places_freep) struct lede_places *places = calloc(1, sizeof(*places));
    size_t count = count_words(node);
    if (!places)
        return lede_fail_memory(reterr);
    places->index = index;
    places->part = part;
    places->node = node;
    places->fields = node->fields ? fields & node->fields : fields;
    places->deadline = deadline;
    places->has_lists = lede_index_has_places(index, part);
    places->needs_lead = has_lead(node);
    places->needs_sentences =
        has_kind(node, LEDE_QUERY_SENTENCE) || has_kind(node, LEDE_QUERY_NOT_SENTENCE);
    places->needs_paragraphs =
        has_kind(node, LEDE_QUERY_PARAGRAPH) || has_kind(node, LEDE_QUERY_NOT_PARAGRAPH);
    places->words = calloc(count + 1, sizeof(*places->words));
    places->rarest_first = calloc(count + 1, sizeof(*places->rarest_first));
    if (!places->words || !places->rarest_first)
        return lede_fail_memory(reterr);
    add_words(places, node);
    qsort(places->words, places->word_count, sizeof(*places->words), compare_words);
    *ret_places = LEDE_TAKE(&places);
    return LEDE_OK;
}

static void let_go(struct lede_place_cursor *cursor)
{
    lede_kept_let_go(cursor->list ? &cursor->list->item : NULL);
}

void lede_places_free(struct lede_places *places)
{
    if (!places)
        return;
    for (size_t i = 0; i < places->word_count; i++) {
        for (size_t field = 0; field < LEDE_FIELD_COUNT; field++)
            let_go(&places->words[i].fields[field]);
    }
    for (size_t i = 0; i < LEDE_FIELD_COUNT; i++) {
        struct place_field *field = &places->by_field[i];
        let_go(&field->leads);
        let_go(&field->paragraphs);
        let_go(&field->sentences);
        lede_kept_let_go(field->ends ? &field->ends->item : NULL);
    }
    lede_text_places_free(places->text);
    lede_arena_done(&places->arena);
    free(places->words);
    free(places->rarest_first);
    free(places);
}

void lede_places_freep(struct lede_places **places)
{
    lede_places_free(*places);
    *places = NULL;
}

/* ---- Lists ---- */

enum lede_status lede_places_read_word(
    struct lede_places *places, struct place_word *word, struct lede_error *reterr)
{
    struct lede_place_cursor *cursor = &word->fields[places->field];
    if (cursor->list)
        return LEDE_OK;
    return lede_place_list_of_word(places->index, places->part, places->field,
        &word->leaf->words[word->index], places->by_field[places->field].ends, &cursor->list,
        reterr);
}

static enum lede_status read_marks(struct lede_places *places, enum lede_place_kind kind,
    struct lede_place_cursor *cursor, struct lede_error *reterr)
{
    if (cursor->list)
        return LEDE_OK;
    return lede_place_list_get(places->index, places->part, kind, places->field, NULL,
        places->by_field[places->field].ends, &cursor->list, reterr);
}

enum lede_status lede_places_read_ends(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr)
{
    struct place_field *field = &places->by_field[id];
    if (!places->has_lists || field->ends)
        return LEDE_OK;
    return lede_place_ends_get(places->index, places->part, id, &field->ends, reterr);
}

enum lede_status lede_places_read_field(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr)
{
    struct place_field *field = &places->by_field[id];
    places->field = id;
    enum lede_status status = lede_places_read_ends(places, id, reterr);
    if (!places->has_lists)
        return LEDE_OK;
    if (status == LEDE_OK && places->needs_lead && id == LEDE_FIELD_BODY)
        status = read_marks(places, LEDE_PLACES_LEADS, &field->leads, reterr);
    if (status == LEDE_OK && places->needs_paragraphs)
        status = read_marks(places, LEDE_PLACES_PARAGRAPHS, &field->paragraphs, reterr);
    if (status == LEDE_OK && places->needs_sentences)
        status = read_marks(places, LEDE_PLACES_SENTENCES, &field->sentences, reterr);
    for (size_t i = 0; status == LEDE_OK && i < places->word_count; i++) {
        struct place_word *word = &places->words[i];
        if (word->is_stem && (word->leaf->fields & LEDE_FIELD_BIT(id)))
            status = lede_places_read_word(places, word, reterr);
    }
    return status;
}

bool lede_places_begin_document(
    struct lede_places *places, enum lede_field_id id, uint32_t document)
{
    struct place_field *field = &places->by_field[id];
    places->field = id;
    places->document = document;
    for (size_t i = 0; i < places->word_count; i++)
        places->words[i].is_known = false;
    if (!places->has_lists)
        return true;
    bool has_words = lede_place_stretch_find(field->ends, document, &field->stretch);
    places->stretch = field->stretch;
    return has_words;
}
