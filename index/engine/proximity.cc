/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deciding what stands where, document by document: phrases, proximity, the lead. The positions of
 * stems decide, and for patterns, exact words and capitals, which have none, the stored text. */
#include "lede/places.h"

#include "index.h"
#include "place_reader.h"
#include "reading.h"

#include <algorithm>
#include <memory>
#include <new>
#include <set>
#include <string>

namespace lede
{

namespace
{

/* Frees what C made. */
struct ArenaGuard {
    struct lede_arena arena = {};
    ArenaGuard() = default;
    ArenaGuard(const ArenaGuard &) = delete;
    ArenaGuard &operator=(const ArenaGuard &) = delete;
    ~ArenaGuard()
    {
        lede_arena_done(&arena);
    }
};

bool has_kind(const struct lede_query_node *node, enum lede_query_kind kind)
{
    return node->kind == kind ||
           std::any_of(node->children, node->children + node->child_count,
               [kind](const struct lede_query_node *child) { return has_kind(child, kind); });
}

bool has_lead(const struct lede_query_node *node)
{
    return node->lead || std::any_of(node->children, node->children + node->child_count, has_lead);
}

/* A word, or words between OR, none of them in the lead alone; its stems are added. Returns whether
 * none was there before and every field counts its words. */
bool collect_counted(const struct lede_query_node *node, std::set<std::string> *stems)
{
    if (node->kind == LEDE_QUERY_OR)
        return std::all_of(node->children, node->children + node->child_count,
            [stems](const struct lede_query_node *child) { return collect_counted(child, stems); });
    if (node->kind != LEDE_QUERY_WORD || node->lead)
        return false;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((node->fields & LEDE_FIELD_BIT(id)) && field->prefix && field->wdf == 0)
            return false;
    }
    const struct lede_query_word &word = node->words[0];
    return std::all_of(word.stems, word.stems + word.stem_count,
        [stems](const char *stem) { return stems->insert(stem).second; });
}

bool is_counted(const struct lede_query_node *node)
{
    std::set<std::string> stems;
    return node->kind == LEDE_QUERY_ATLEAST && collect_counted(node->children[0], &stems);
}

/* Words alone, or two beside each other, of which each may be one of several: no text has more
 * spans of a part than words. */
bool is_flat(const struct lede_query_node *node)
{
    return std::all_of(node->children, node->children + node->child_count,
        [](const struct lede_query_node *child) {
            return lede_query_is_text_leaf(child->kind) ||
                   (child->kind == LEDE_QUERY_OR &&
                       std::all_of(child->children, child->children + child->child_count,
                           [](const struct lede_query_node *word) {
                               return word->kind == LEDE_QUERY_WORD;
                           }));
        });
}

bool has_positions(const struct lede_query_node *node)
{
    if (lede_query_is_text_leaf(node->kind))
        return node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_PHRASE;
    return std::all_of(node->children, node->children + node->child_count, has_positions);
}

/* Asked for documents in ascending order. */
class Proximity
{
  public:
    Proximity(struct lede_index *index, const Xapian::Database &segment,
        const struct lede_query_node *node, lede_field_set fields, struct lede_deadline *deadline)
        : node_(node), fields_(fields & node->fields), deadline_(deadline),
          is_counted_(is_counted(node)), by_positions_(has_positions(node)),
          is_flat_(is_flat(node)), needs_sentences_(has_kind(node, LEDE_QUERY_SENTENCE)),
          has_lead_(has_lead(node)),
          needs_paragraphs_(has_kind(node, LEDE_QUERY_PARAGRAPH) || has_lead_),
          reader_(segment, index->forward_files, node, index->text_analyzer(), deadline)
    {
        is_certain_ = reader_.is_certain() && !has_kind(node, LEDE_QUERY_OR);
    }

    PlaceReader &reader()
    {
        return reader_;
    }

    bool matches(Xapian::docid docid)
    {
        if (asks_positions_first() && places_->has_value(docid) &&
            (is_certain_ || places_->word_count() <= LEDE_SPANS_MAX)) {
            bool may_match = may_match_by_positions(docid);
            if (is_certain_ || !may_match)
                return may_match;
        }
        return matches_by_lists(docid);
    }

  private:
    /* Places that are not there add spans, and take none away where nodes are flat: below others, a
     * span that is not there could take the place of one that is, where there are
     * LEDE_SPANS_MAX. */
    bool asks_positions_first() const
    {
        return by_positions_ && node_->kind != LEDE_QUERY_ATLEAST && !has_lead_ &&
               (is_certain_ || is_flat_);
    }

    bool may_match_by_positions(Xapian::docid docid)
    {
        for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
            auto field = static_cast<enum lede_field_id>(id);
            if (!has_field(id))
                continue;
            bool is_row = node_->kind == LEDE_QUERY_PHRASE && !places_->shares_positions();
            if (is_row ? places_->may_have_phrase(node_, field)
                       : count_in(docid, field, PlaceReader::UNPROVEN) > 0)
                return true;
        }
        return false;
    }

    bool matches_by_lists(Xapian::docid docid)
    {
        size_t needed = node_->kind == LEDE_QUERY_ATLEAST ? node_->number : 1;
        uint64_t most = 0;
        for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
            most_[id] = has_field(id)
                            ? places_->most_spans(node_, static_cast<enum lede_field_id>(id), docid)
                            : 0;
            most += most_[id];
        }
        if (most < needed || is_counted_)
            return most >= needed;
        if (node_->lead && is_surely_in_lead(most, docid))
            return true;
        return matches_by_positions(docid, needed) && !deadline_->passed;
    }

    /* The candidates were found by the leaf itself: outside the body, and where the lead is the
     * whole body, nothing is left to look at but the order of a phrase's words. */
    bool is_surely_in_lead(uint64_t most, Xapian::docid docid)
    {
        bool is_word = node_->kind == LEDE_QUERY_WORD || node_->kind == LEDE_QUERY_EXACT ||
                       node_->kind == LEDE_QUERY_CAPS;
        if (is_word && most > most_[LEDE_FIELD_BODY])
            return true;
        return (is_word || !by_positions_) && !places_->lead_ends(docid);
    }

    bool has_field(int id) const
    {
        return (fields_ & LEDE_FIELD_BIT(id)) &&
               lede_field_at(static_cast<enum lede_field_id>(id))->prefix;
    }

    bool matches_by_positions(Xapian::docid docid, size_t needed)
    {
        size_t found = 0;
        if (node_->lead && node_->kind == LEDE_QUERY_WORD)
            return places_->is_in_lead(node_, docid);
        for (int id = 0; id < LEDE_FIELD_COUNT && found < needed; id++) {
            if (most_[id] > 0)
                found += count_in(docid, static_cast<enum lede_field_id>(id), PlaceReader::PROVEN);
        }
        return found >= needed;
    }

    size_t count_in(Xapian::docid docid, enum lede_field_id field, enum PlaceReader::Proof proof)
    {
        struct lede_span_text text = places_->text_of(field, docid, proof);
        size_t count = 0;
        if ((needs_sentences_ || needs_paragraphs_) && !places_->has_operands(node_))
            return 0;
        places_->add_starts(&text, needs_sentences_, needs_paragraphs_);
        lede_arena_reset(&spans_.arena);
        enum lede_status status = lede_spans_count(node_, &text, &spans_.arena, &count);
        places_->rethrow();
        if (status != LEDE_OK)
            throw std::bad_alloc();
        return count;
    }

    const struct lede_query_node *node_;
    lede_field_set fields_;
    struct lede_deadline *deadline_;
    bool is_counted_; /* frequencies decide */
    bool by_positions_;
    bool is_flat_;
    bool is_certain_ = false;
    bool needs_sentences_;
    bool has_lead_;
    bool needs_paragraphs_;
    PlaceReader reader_;
    PlaceReader *places_ = &reader_;
    uint64_t most_[LEDE_FIELD_COUNT] =
        {}; /* spans of the node in each field of the document that is looked at */
    ArenaGuard spans_;
};

} // namespace

} // namespace lede

struct lede_places {
    lede_places(struct lede_index *searched, const Xapian::Database &segment,
        const struct lede_query_node *node, lede_field_set fields, struct lede_deadline *until)
        : index(searched), deadline(until), proximity(searched, segment, node, fields, until)
    {
    }
    struct lede_index *index;
    struct lede_deadline *deadline;
    lede::Proximity proximity;
    bool is_well = true;
};

namespace
{

template <typename Body>
enum lede_status looking(
    struct lede_places *places, struct lede_error *reterr, Body &&body) noexcept
{
    enum lede_status status = lede::guarded(reterr, "looking where words stand", body);
    places->is_well = places->is_well && status == LEDE_OK;
    return status;
}

} // namespace

extern "C" enum lede_status lede_places_open(struct lede_index *index, size_t part,
    const struct lede_query_node *node, lede_field_set fields, struct lede_deadline *deadline,
    struct lede_places **ret_places, struct lede_error *reterr)
{
    enum lede_status status = lede_index_borrow(index, reterr);
    if (status != LEDE_OK)
        return status;
    status = lede::guarded(reterr, "looking where words stand", [&] {
        *ret_places = new lede_places(index, index->segments[part], node, fields, deadline);
        return LEDE_OK;
    });
    if (status != LEDE_OK)
        lede_index_give_back(index, false);
    return status;
}

extern "C" void lede_places_free(struct lede_places *places)
{
    if (!places)
        return;
    struct lede_index *index = places->index;
    bool is_well = places->is_well;
    delete places;
    lede_index_give_back(index, is_well);
}

extern "C" void lede_places_freep(struct lede_places **places)
{
    lede_places_free(*places);
    *places = nullptr;
}

extern "C" enum lede_status lede_places_filter(struct lede_places *places, uint32_t first_document,
    uint64_t *bits, size_t words, struct lede_error *reterr)
{
    return looking(places, reterr, [&] {
        for (size_t i = 0; i < words; i++) {
            for (uint64_t rest = bits[i]; rest; rest &= rest - 1) {
                auto bit = static_cast<unsigned>(__builtin_ctzll(rest));
                auto document = static_cast<uint32_t>(first_document + i * 64 + bit);
                if (lede_deadline_has_passed_now(places->deadline) ||
                    !places->proximity.matches(document))
                    bits[i] &= ~(UINT64_C(1) << bit);
            }
        }
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_places_of_word(struct lede_places *places,
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field, uint32_t document,
    struct lede_positions *ret_positions, struct lede_error *reterr)
{
    return looking(places, reterr, [&] {
        lede::PlaceReader &reader = places->proximity.reader();
        *ret_positions = {nullptr, 0};
        if (!reader.has_word(leaf, field, document))
            return LEDE_OK;
        (void)reader.text_of(field, document, lede::PlaceReader::PROVEN);
        *ret_positions = reader.positions_of(leaf, word);
        return LEDE_OK;
    });
}
