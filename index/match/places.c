/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A candidate has a node's words somewhere. Field by field its stretch of places is looked at in
 * the list of each word, from where the candidate before has left off: a phrase begins with its
 * rarest word and asks the others for the numbers beside it; what lies farther apart is decided by
 * lede/spans.h, once each operand has a place in the field.
 *
 * Patterns, exact words and capitals have no lists: for those the stored text is read, and only
 * where a field has the node's other words. It is read for all words of a part without places. */
#include "places.h"

#include "matched.h"
#include "place_cursor.h"
#include "place_nodes.h"
#include "place_rows.h"

#include <stdlib.h>
#include <string.h>

/* Looking at a document takes as long as joining so many places of the rarest word. */
#define PLACES_PER_DOCUMENT 8

struct place_word {
    const struct lede_query_node *leaf;
    size_t index; /* of its words */
    bool is_stem; /* else it is seen in texts alone */
    struct lede_place_cursor fields[LEDE_FIELD_COUNT];
    /* In the field that is looked at: */
    bool is_known;
    struct lede_positions known;
};

struct place_field {
    struct lede_place_ends *ends; /* held; NULL: not read yet */
    struct lede_place_stretch stretch;
    struct lede_place_cursor leads;
    struct lede_place_cursor paragraphs;
    struct lede_place_cursor sentences;
};

struct lede_places {
    struct lede_index *index;
    size_t part;
    const struct lede_query_node *node;
    lede_field_set fields;
    struct lede_deadline *deadline;
    bool has_lists;
    bool needs_sentences;
    bool needs_paragraphs;
    bool needs_lead;
    bool needs_text;               /* of some words, whatever the part has */
    struct lede_text_places *text; /* made when first needed */
    struct place_word *words;      /* by address of their query */
    size_t word_count;
    struct place_word **rarest_first; /* of the phrase that is decided */
    struct place_field by_field[LEDE_FIELD_COUNT];
    struct lede_arena arena; /* of what is asked about one field of one document */
    /* What is looked at: */
    enum lede_field_id field;
    uint32_t document;
    struct lede_place_stretch stretch;
    enum lede_status status; /* what went wrong below lede_spans_count() */
    struct lede_error *reterr;
};

/* ---- Opening ---- */

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

static struct place_word *find_word(
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
    places->needs_sentences = has_kind(node, LEDE_QUERY_SENTENCE);
    places->needs_paragraphs = has_kind(node, LEDE_QUERY_PARAGRAPH);
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

static enum lede_status read_word(
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

static enum lede_status read_ends(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr)
{
    struct place_field *field = &places->by_field[id];
    if (!places->has_lists || field->ends)
        return LEDE_OK;
    return lede_place_ends_get(places->index, places->part, id, &field->ends, reterr);
}

/* All that the node asks of a field. */
static enum lede_status read_field(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr)
{
    struct place_field *field = &places->by_field[id];
    places->field = id;
    enum lede_status status = read_ends(places, id, reterr);
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
            status = read_word(places, word, reterr);
    }
    return status;
}

/* Find the document's stretch of a field. Returns false where it has no words there. */
static bool begin_document(struct lede_places *places, enum lede_field_id id, uint32_t document)
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

/* ---- Phrases and words by their lists ---- */

static bool is_list_empty(const struct lede_places *places, const struct place_word *word)
{
    return word->fields[places->field].list->count == 0;
}

/* Put the words of a leaf into their order; false: one stands nowhere in the field. */
static bool order_words(struct lede_places *places, const struct lede_query_node *leaf)
{
    struct place_word *first = find_word(places, leaf, 0); /* the others follow */
    for (size_t i = 0; i < leaf->word_count; i++) {
        struct place_word *word = &first[i];
        size_t count = word->fields[places->field].list->count, at = i;
        if (is_list_empty(places, word))
            return false;
        for (; at > 0 && places->rarest_first[at - 1]->fields[places->field].list->count > count;
             at--)
            places->rarest_first[at] = places->rarest_first[at - 1];
        places->rarest_first[at] = word;
    }
    return true;
}

/* Where the places end that count for a leaf. */
static uint32_t leaf_end(struct lede_places *places, const struct lede_query_node *leaf)
{
    uint32_t lead;
    bool ends_early =
        leaf->lead && places->field == LEDE_FIELD_BODY &&
        lede_place_cursor_first(&places->by_field[places->field].leads, &places->stretch, &lead);
    return ends_early ? lead : places->stretch.end;
}

/* Do the words of a leaf stand in a row in the document, by order_words()? */
static bool has_row(struct lede_places *places, const struct lede_query_node *leaf)
{
    const struct lede_place_stretch *stretch = &places->stretch;
    uint32_t end = leaf_end(places, leaf), words = (uint32_t)leaf->word_count;
    uint32_t behind = (uint32_t)places->rarest_first[0]->index;
    struct lede_place_cursor *rarest = &places->rarest_first[0]->fields[places->field];
    size_t chunk_end = rarest->list->begins[stretch->chunk + 1];
    if (end - stretch->begin <= words)
        return false;
    for (size_t at = lede_place_cursor_seek(rarest, stretch, stretch->begin + 1 + behind);
         at < chunk_end; at++) {
        uint32_t place = rarest->list->places[at], first = place - behind, matching = 1;
        if (place >= end || end - first < words)
            return false;
        while (matching < words) {
            struct place_word *other = places->rarest_first[matching];
            if (!lede_place_cursor_has(
                    &other->fields[places->field], stretch, first + (uint32_t)other->index))
                break;
            matching++;
        }
        if (matching == words)
            return true;
    }
    return false;
}

/* ---- Everything else, by spans ---- */

static enum lede_status look_at_text(struct lede_places *places, struct lede_error *reterr)
{
    enum lede_status status = LEDE_OK;
    if (!places->text)
        status = lede_text_places_new(
            places->index, places->part, places->node, places->deadline, &places->text, reterr);
    if (status != LEDE_OK)
        return status;
    return lede_text_places_look_at(places->text, places->document, !places->has_lists, reterr);
}

static enum lede_status positions_in(struct lede_places *places, struct lede_place_cursor *cursor,
    struct lede_positions *ret_positions)
{
    return lede_place_cursor_positions(cursor, &places->stretch, &places->arena, ret_positions);
}

static enum lede_status positions_of_word(struct lede_places *places, struct place_word *word,
    struct lede_positions *ret_positions, struct lede_error *reterr)
{
    enum lede_status status = LEDE_OK;
    if (word->is_known) {
        *ret_positions = word->known;
        return LEDE_OK;
    }
    if (places->has_lists && word->is_stem) {
        status = read_word(places, word, reterr);
        if (status == LEDE_OK &&
            positions_in(places, &word->fields[places->field], &word->known) != LEDE_OK)
            return lede_fail_memory(reterr);
    } else {
        status = look_at_text(places, reterr);
        if (status == LEDE_OK)
            status = lede_text_places_of_word(
                places->text, word->leaf, word->index, places->field, &word->known, reterr);
    }
    if (status != LEDE_OK)
        return status;
    word->is_known = true;
    *ret_positions = word->known;
    return LEDE_OK;
}

/* For lede_spans_count(); what went wrong waits in the places. */
static bool give_positions(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions)
{
    struct lede_places *places = context;
    places->status =
        positions_of_word(places, find_word(places, leaf, word), ret_positions, places->reterr);
    return places->status == LEDE_OK;
}

/* Can the node have spans in the field? Each of its parts needs a place there, as far as lists
 * tell. */
static bool may_stand(struct lede_places *places, const struct lede_query_node *node)
{
    uint32_t place;
    if (node->fields && !(node->fields & LEDE_FIELD_BIT(places->field)))
        return false;
    for (size_t i = 0; i < node->word_count; i++) {
        struct place_word *word = find_word(places, node, i);
        if (word->is_stem &&
            !lede_place_cursor_first(&word->fields[places->field], &places->stretch, &place))
            return false;
    }
    bool is_or = node->kind == LEDE_QUERY_OR;
    for (size_t i = 0; i < node->child_count; i++) {
        if (may_stand(places, node->children[i]) == is_or)
            return is_or;
    }
    return !is_or || node->child_count == 0;
}

/* Where sentences and paragraphs begin, as far as the node asks for it. */
static enum lede_status add_starts(
    struct lede_places *places, struct lede_span_text *text, struct lede_error *reterr)
{
    struct place_field *field = &places->by_field[places->field];
    bool needs_lead = places->needs_lead && places->field == LEDE_FIELD_BODY;
    enum lede_status status = LEDE_OK;
    if (places->has_lists) {
        if (places->needs_sentences)
            status = positions_in(places, &field->sentences, &text->sentences);
        if (status == LEDE_OK && (places->needs_paragraphs || needs_lead))
            status = positions_in(places,
                places->needs_paragraphs ? &field->paragraphs : &field->leads, &text->paragraphs);
        return status == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
    }
    if (places->needs_sentences || places->needs_paragraphs || needs_lead)
        status = look_at_text(places, reterr);
    if (status == LEDE_OK && places->needs_sentences)
        status = lede_text_places_of_starts(
            places->text, places->field, false, &text->sentences, reterr);
    if (status == LEDE_OK && (places->needs_paragraphs || needs_lead))
        status = lede_text_places_of_starts(
            places->text, places->field, true, &text->paragraphs, reterr);
    return status;
}

/* The node asks how often one word stands, and its list tells. */
static bool is_counted(const struct lede_places *places)
{
    const struct lede_query_node *node = places->node;
    return places->has_lists && node->kind == LEDE_QUERY_ATLEAST &&
           node->children[0]->kind == LEDE_QUERY_WORD && !node->children[0]->lead;
}

/* Two words alone near each other: lists tell, and no spans have to be made. A text of more words
 * than a node may have spans is left to those, who pass some over. */
static bool is_pair(const struct lede_places *places)
{
    const struct lede_query_node *node = places->node;
    if (!lede_query_is_proximity(node->kind) || node->kind == LEDE_QUERY_ATLEAST)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const struct lede_query_node *child = node->children[i];
        if (child->kind != LEDE_QUERY_WORD || child->lead)
            return false;
    }
    return places->has_lists && places->stretch.end - places->stretch.begin <= LEDE_SPANS_MAX;
}

static bool has_pair(struct lede_places *places)
{
    const struct lede_query_node *node = places->node;
    struct place_field *field = &places->by_field[places->field];
    struct lede_place_reach reach = {.before = node->number, .after = node->number};
    struct lede_place_cursor *pair[2];
    for (size_t i = 0; i < 2; i++)
        pair[i] = &find_word(places, node->children[i], 0)->fields[places->field];
    if (node->kind == LEDE_QUERY_ADJACENT)
        reach.before = 0;
    else if (node->kind == LEDE_QUERY_SENTENCE)
        reach.units = &field->sentences;
    else if (node->kind == LEDE_QUERY_PARAGRAPH)
        reach.units = &field->paragraphs;
    bool is_second_rarer = pair[1]->list->count < pair[0]->list->count;
    if (is_second_rarer && node->kind == LEDE_QUERY_ADJACENT)
        reach = (struct lede_place_reach){.before = node->number};
    return lede_place_cursor_has_pair(
        pair[is_second_rarer], pair[!is_second_rarer], &places->stretch, &reach);
}

/* How many spans the node has in the field; but for ATLEAST 1 stands for any. */
static enum lede_status count_spans(
    struct lede_places *places, size_t *ret_count, struct lede_error *reterr)
{
    struct lede_span_text text = {
        .field = places->field, .positions = give_positions, .context = places};
    *ret_count = 0;
    if (places->has_lists && !may_stand(places, places->node))
        return LEDE_OK;
    if (is_counted(places)) {
        struct lede_place_cursor *cursor = &places->words[0].fields[places->field];
        size_t first = lede_place_cursor_seek(cursor, &places->stretch, places->stretch.begin + 1);
        *ret_count = lede_place_cursor_seek(cursor, &places->stretch, places->stretch.end) - first;
        return LEDE_OK;
    }
    if (is_pair(places)) {
        *ret_count = has_pair(places);
        return LEDE_OK;
    }
    lede_arena_reset(&places->arena);
    enum lede_status status = add_starts(places, &text, reterr);
    if (status != LEDE_OK)
        return status;
    places->status = LEDE_OK;
    places->reterr = reterr;
    status = lede_spans_count(places->node, &text, &places->arena, ret_count);
    if (status != LEDE_OK)
        return places->status != LEDE_OK ? places->status : lede_fail_memory(reterr);
    return LEDE_OK;
}

/* ---- Windows ---- */

static bool has_field(const struct lede_places *places, int id)
{
    return (places->fields & LEDE_FIELD_BIT(id)) && lede_field_at((enum lede_field_id)id)->prefix;
}

static uint32_t document_of(uint32_t first_document, size_t word, uint64_t bit)
{
    return first_document + (uint32_t)(word * 64) + (uint32_t)__builtin_ctzll(bit);
}

/* Move the documents of a window that have the row in a field from `bits` to `found`. */
static void find_rows(struct lede_places *places, enum lede_field_id id, uint32_t first_document,
    uint64_t *bits, uint64_t *found, size_t words)
{
    for (size_t i = 0; i < words; i++) {
        for (uint64_t rest = bits[i]; rest; rest &= rest - 1) {
            uint64_t bit = rest & -rest;
            if (lede_deadline_has_passed(places->deadline))
                return;
            if (!begin_document(places, id, document_of(first_document, i, bit)) ||
                !has_row(places, places->node))
                continue;
            bits[i] &= ~bit;
            found[i] |= bit;
        }
    }
}

/* The same by joining the lists, where that costs less than looking at each document.
 * Returns whether it was done. */
static bool join_rows(struct lede_places *places, enum lede_field_id id, uint32_t first_document,
    const uint64_t *bits, uint64_t *found, size_t words)
{
    const struct lede_query_node *node = places->node;
    const struct lede_place_ends *ends = places->by_field[id].ends;
    size_t count = node->word_count;
    struct lede_row_word *row = lede_arena_calloc(&places->arena, count, sizeof(*row));
    if (!row || count < 2 || (node->lead && id == LEDE_FIELD_BODY))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct place_word *word = places->rarest_first[i];
        row[i] =
            (struct lede_row_word){.list = word->fields[id].list, .offset = (uint32_t)word->index};
    }
    if (lede_place_rows_cost(ends, row[0].list, first_document, words) >
        PLACES_PER_DOCUMENT * lede_count_bits(bits, words))
        return false;
    lede_place_rows_join(ends, row, count, first_document, bits, found, words);
    return true;
}

static enum lede_status filter_rows(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    lede_arena_reset(&places->arena);
    uint64_t *found = lede_arena_calloc(&places->arena, words, sizeof(*found));
    if (!found)
        return lede_fail_memory(reterr);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        if (!has_field(places, id))
            continue;
        enum lede_status status = read_field(places, (enum lede_field_id)id, reterr);
        if (status != LEDE_OK)
            return status;
        if (order_words(places, places->node) &&
            !join_rows(places, (enum lede_field_id)id, first_document, bits, found, words))
            find_rows(places, (enum lede_field_id)id, first_document, bits, found, words);
    }
    memcpy(bits, found, words * sizeof(*bits));
    return LEDE_OK;
}

static enum lede_status look_at_document(
    struct lede_places *places, uint32_t document, bool *ret_matches, struct lede_error *reterr)
{
    size_t needed = places->node->kind == LEDE_QUERY_ATLEAST ? places->node->number : 1;
    size_t found = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT && found < needed; id++) {
        size_t count = 0;
        if (!has_field(places, id) || !begin_document(places, (enum lede_field_id)id, document))
            continue;
        enum lede_status status = count_spans(places, &count, reterr);
        if (status != LEDE_OK)
            return status;
        found += count;
    }
    *ret_matches = found >= needed && !places->deadline->passed;
    return LEDE_OK;
}

enum lede_status lede_places_filter(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    bool is_row = places->node->kind == LEDE_QUERY_WORD || places->node->kind == LEDE_QUERY_PHRASE;
    enum lede_status status = LEDE_OK;
    if (is_row && places->has_lists)
        return filter_rows(places, first_document, bits, words, reterr);
    for (int id = 0; status == LEDE_OK && id < LEDE_FIELD_COUNT; id++) {
        if (has_field(places, id))
            status = read_field(places, (enum lede_field_id)id, reterr);
    }
    for (size_t i = 0; status == LEDE_OK && i < words; i++) {
        for (uint64_t rest = bits[i]; status == LEDE_OK && rest; rest &= rest - 1) {
            uint64_t bit = rest & -rest;
            bool matches = false;
            bool has_passed = places->needs_text || !places->has_lists
                                  ? lede_deadline_has_passed_now(places->deadline)
                                  : lede_deadline_has_passed(places->deadline);
            if (!has_passed)
                status =
                    look_at_document(places, document_of(first_document, i, bit), &matches, reterr);
            if (!matches)
                bits[i] &= ~bit;
        }
    }
    return status;
}

enum lede_status lede_places_turn_to(struct lede_places *places, enum lede_field_id field,
    uint32_t document, bool *ret_has_words, struct lede_error *reterr)
{
    enum lede_status status = read_ends(places, field, reterr);
    if (status != LEDE_OK)
        return status;
    lede_arena_reset(&places->arena);
    *ret_has_words = begin_document(places, field, document);
    return LEDE_OK;
}

enum lede_status lede_places_of_word(struct lede_places *places, const struct lede_query_node *leaf,
    size_t word, struct lede_positions *ret_positions, struct lede_error *reterr)
{
    *ret_positions = (struct lede_positions){0};
    return leaf->fields & LEDE_FIELD_BIT(places->field)
               ? positions_of_word(places, find_word(places, leaf, word), ret_positions, reterr)
               : LEDE_OK;
}
