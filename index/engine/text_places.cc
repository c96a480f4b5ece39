/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text_places.h"

#include "field_walk.h"
#include "index.h"
#include "reading.h"
#include "stored_text.h"

#include <algorithm>
#include <new>
#include <string>

namespace lede
{

namespace
{
constexpr uint32_t WORDS_PER_LOOK = 4096; /* at the clock: some tenths of a millisecond */
}

TextPlaces::TextPlaces(const Xapian::Database &segment, const struct lede_query_node *node,
    struct lede_analyzer *analyzer, struct lede_deadline *deadline)
    : segment_(segment), analyzer_(analyzer), deadline_(deadline)
{
    add_leaves(node);
}

void TextPlaces::add_leaves(const struct lede_query_node *node)
{
    for (size_t i = 0; i < node->word_count; i++)
        words_.push_back({node, i, {}});
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(node->children[i]);
}

void TextPlaces::open(Xapian::docid docid, bool with_stems)
{
    if (docid == docid_ && with_stems == with_stems_)
        return;
    docid_ = docid;
    with_stems_ = with_stems;
    scanned_ = 0;
    document_.reset();
    read();
}

void TextPlaces::read()
{
    std::string stored;
    try {
        stored = text_of_data(
            segment_.get_document(docid_, Xapian::DOC_ASSUME_VALID).get_data(), segment_);
    } catch (const Xapian::DocNotFoundError &) {
        return;
    }
    struct lede_document *document = nullptr;
    enum lede_status status =
        lede_document_from_stored(stored.data(), stored.size(), &document, nullptr);
    if (status == LEDE_ECORRUPT)
        throw Xapian::DatabaseCorruptError("a stored document cannot be read");
    if (status != LEDE_OK)
        throw std::bad_alloc();
    document_.reset(document);
}

void TextPlaces::scan(enum lede_field_id field)
{
    std::vector<Word *> wanted;
    sentences_[field].clear();
    paragraphs_[field].clear();
    for (Word &word : words_) {
        bool is_stem = word.leaf->kind == LEDE_QUERY_WORD || word.leaf->kind == LEDE_QUERY_PHRASE;
        word.fields[field].clear();
        if ((word.leaf->fields & LEDE_FIELD_BIT(field)) && (with_stems_ || !is_stem))
            wanted.push_back(&word);
    }
    if (!document_)
        return;
    uint32_t seen = 0;
    auto look_at = [&](const struct lede_token &token, uint32_t position) {
        if (++seen % WORDS_PER_LOOK == 0 && lede_deadline_has_passed_now(deadline_))
            return false;
        if (position > 1 && (token.flags & LEDE_TOKEN_SENTENCE_START))
            sentences_[field].push_back(position);
        if (position > 1 && (token.flags & LEDE_TOKEN_PARAGRAPH_START))
            paragraphs_[field].push_back(position);
        for (Word *word : wanted) {
            std::vector<uint32_t> &positions = word->fields[field];
            if (lede_query_word_matches(word->leaf, word->word, &token) &&
                (positions.empty() || positions.back() != position))
                positions.push_back(position);
        }
        return true;
    };
    const json_t *value = lede_document_value(document_.get(), field);
    visit_words(analyzer_, document_->language, value, look_at, !with_stems_);
}

struct lede_positions TextPlaces::positions_of(
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field)
{
    scan_once(field);
    auto found = std::find_if(words_.begin(), words_.end(),
        [leaf, word](const Word &one) { return one.leaf == leaf && one.word == word; });
    if (found == words_.end())
        return {nullptr, 0};
    const std::vector<uint32_t> &positions = found->fields[field];
    return {positions.data(), positions.size()};
}

const std::vector<uint32_t> &TextPlaces::starts_of(enum lede_field_id field, bool paragraphs)
{
    scan_once(field);
    return paragraphs ? paragraphs_[field] : sentences_[field];
}

} // namespace lede

struct lede_text_places {
    lede_text_places(struct lede_index *searched, size_t part, const struct lede_query_node *node,
        struct lede_deadline *deadline)
        : index(searched),
          texts(searched->segments[part], node, searched->text_analyzer(), deadline)
    {
    }
    struct lede_index *index;
    lede::TextPlaces texts;
    bool is_well = true;
};

namespace
{
constexpr char LOOKING[] = "looking where words stand";

template <typename Body>
enum lede_status looking(
    struct lede_text_places *text, struct lede_error *reterr, Body &&body) noexcept
{
    enum lede_status status = lede::guarded(reterr, LOOKING, body);
    text->is_well = text->is_well && status == LEDE_OK;
    return status;
}

} // namespace

extern "C" enum lede_status lede_text_places_new(struct lede_index *index, size_t part,
    const struct lede_query_node *node, struct lede_deadline *deadline,
    struct lede_text_places **ret_text, struct lede_error *reterr)
{
    enum lede_status status = lede_index_borrow(index, reterr);
    if (status != LEDE_OK)
        return status;
    status = lede::guarded(reterr, LOOKING, [&] {
        *ret_text = new lede_text_places(index, part, node, deadline);
        return LEDE_OK;
    });
    if (status != LEDE_OK)
        lede_index_give_back(index, false);
    return status;
}

extern "C" void lede_text_places_free(struct lede_text_places *text)
{
    if (!text)
        return;
    struct lede_index *index = text->index;
    bool is_well = text->is_well;
    delete text;
    lede_index_give_back(index, is_well);
}

extern "C" enum lede_status lede_text_places_look_at(
    struct lede_text_places *text, uint32_t document, bool with_stems, struct lede_error *reterr)
{
    return looking(text, reterr, [&] {
        text->texts.open(document, with_stems);
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_text_places_of_word(struct lede_text_places *text,
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field,
    struct lede_positions *ret_positions, struct lede_error *reterr)
{
    return looking(text, reterr, [&] {
        *ret_positions = text->texts.positions_of(leaf, word, field);
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_text_places_of_starts(struct lede_text_places *text,
    enum lede_field_id field, bool paragraphs, struct lede_positions *ret_positions,
    struct lede_error *reterr)
{
    return looking(text, reterr, [&] {
        const std::vector<uint32_t> &found = text->texts.starts_of(field, paragraphs);
        *ret_positions = {found.data(), found.size()};
        return LEDE_OK;
    });
}
