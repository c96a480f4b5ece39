/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a node in one segment, and their lists of places as they are asked for. */
#ifndef LEDE_MATCH_PLACE_WORDS_H
#define LEDE_MATCH_PLACE_WORDS_H

#include "place_cursor.h"

#include "lede/engine.h"

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

/* Look at a node's words in a part.
 * node         a text leaf, a proximity node, or a node of words side by side; outlives the places
 * fields       of the node's, in which it is looked for
 * deadline     borrowed; once it has passed, nothing matches
 * ret_places   owner: the caller, lede_places_free(), before the index goes
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_places_open(struct lede_index *index, size_t part,
    const struct lede_query_node *node, lede_field_set fields, struct lede_deadline *deadline,
    struct lede_places **ret_places, struct lede_error *reterr);
void lede_places_free(struct lede_places *places);
void lede_places_freep(struct lede_places **places);

static inline bool lede_places_have_field(const struct lede_places *places, int id)
{
    return (places->fields & LEDE_FIELD_BIT(id)) && lede_field_at((enum lede_field_id)id)->prefix;
}
struct place_word *lede_places_find_word(
    struct lede_places *places, const struct lede_query_node *leaf, size_t index);

/* Hold a word's list of the field that is looked at. Status: as above. */
LEDE_CHECKED enum lede_status lede_places_read_word(
    struct lede_places *places, struct place_word *word, struct lede_error *reterr);
/* Hold where a field's documents end. */
LEDE_CHECKED enum lede_status lede_places_read_ends(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr);
/* Hold all that the node asks of a field, which is looked at from now on. */
LEDE_CHECKED enum lede_status lede_places_read_field(
    struct lede_places *places, enum lede_field_id id, struct lede_error *reterr);
/* Find the document's stretch of a field. Returns false where it has no words there. */
bool lede_places_begin_document(
    struct lede_places *places, enum lede_field_id id, uint32_t document);

#endif
