/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_spans.h"

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

enum lede_status lede_places_positions(struct lede_places *places,
    const struct lede_query_node *leaf, size_t index, struct lede_positions *ret_positions,
    struct lede_error *reterr)
{
    struct place_word *word = lede_places_find_word(places, leaf, index);
    enum lede_status status = LEDE_OK;
    if (word->is_known) {
        *ret_positions = word->known;
        return LEDE_OK;
    }
    if (places->has_lists && word->is_stem) {
        status = lede_places_read_word(places, word, reterr);
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
    places->status = lede_places_positions(places, leaf, word, ret_positions, places->reterr);
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
        struct place_word *word = lede_places_find_word(places, node, i);
        if (word->is_stem &&
            !lede_place_cursor_first(&word->fields[places->field], &places->stretch, &place))
            return false;
    }
    bool is_or = node->kind == LEDE_QUERY_OR;
    if (lede_query_is_apart(node->kind))
        return may_stand(places, node->children[0]);
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

bool lede_places_are_pair(const struct lede_places *places)
{
    const struct lede_query_node *node = places->node;
    if (!places->has_lists || !lede_query_is_proximity(node->kind) ||
        node->kind == LEDE_QUERY_ATLEAST || lede_query_is_apart(node->kind))
        return false;
    for (size_t i = 0; i < 2; i++) {
        const struct lede_query_node *child = node->children[i];
        if (child->kind != LEDE_QUERY_WORD || child->lead)
            return false;
    }
    return true;
}

static bool has_pair(struct lede_places *places)
{
    const struct lede_query_node *node = places->node;
    struct place_field *field = &places->by_field[places->field];
    struct lede_place_reach reach = {.before = node->number, .after = node->number};
    struct lede_place_cursor *pair[2];
    for (size_t i = 0; i < 2; i++)
        pair[i] = &lede_places_find_word(places, node->children[i], 0)->fields[places->field];
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
        *ret_count = lede_place_cursor_count(cursor, &places->stretch);
        return LEDE_OK;
    }
    /* Spans pass over some of a text of more words than a node may have spans. */
    if (lede_places_are_pair(places) &&
        places->stretch.end - places->stretch.begin <= LEDE_SPANS_MAX) {
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

enum lede_status lede_places_look_at(
    struct lede_places *places, uint32_t document, bool *ret_matches, struct lede_error *reterr)
{
    size_t needed = places->node->kind == LEDE_QUERY_ATLEAST ? places->node->number : 1;
    size_t found = 0;
    for (int id = 0; id < LEDE_FIELD_COUNT && found < needed; id++) {
        size_t count = 0;
        if (!lede_places_have_field(places, id) ||
            !lede_places_begin_document(places, (enum lede_field_id)id, document))
            continue;
        enum lede_status status = count_spans(places, &count, reterr);
        if (status != LEDE_OK)
            return status;
        found += count;
    }
    *ret_matches = found >= needed && !places->deadline->passed;
    return LEDE_OK;
}
