#include "text_places.h"

#include "field_walk.h"

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
    struct lede_analyzer *analyzer, Deadline *deadline)
    : segment_(segment), analyzer_(analyzer), deadline_(deadline)
{
    add_leaves(node);
}

void TextPlaces::add_leaves(const struct lede_query_node *node)
{
    bool is_stemmed = node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_PHRASE;
    if (lede_query_is_text_leaf(node->kind) && !is_stemmed)
        leaves_.push_back({node, {}});
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(node->children[i]);
}

void TextPlaces::open(Xapian::docid docid)
{
    docid_ = docid;
    scanned_ = 0;
    document_.reset();
    std::string stored;
    try {
        stored = segment_.get_document(docid, Xapian::DOC_ASSUME_VALID).get_data();
    } catch (const Xapian::DocNotFoundError &) {
        return;
    }
    struct lede_document *document = nullptr;
    enum lede_status status = lede_document_from_stored(stored.data(), stored.size(), &document, nullptr);
    if (status == LEDE_ECORRUPT)
        throw Xapian::DatabaseCorruptError("a stored document cannot be read");
    if (status != LEDE_OK)
        throw std::bad_alloc();
    document_.reset(document);
}

void TextPlaces::scan(enum lede_field_id field)
{
    std::vector<Leaf *> wanted;
    scanned_ |= LEDE_FIELD_BIT(field);
    for (Leaf &leaf : leaves_) {
        leaf.fields[field].clear();
        if (leaf.node->fields & LEDE_FIELD_BIT(field))
            wanted.push_back(&leaf);
    }
    if (!document_)
        return;
    uint32_t seen = 0;
    auto look_at = [&](const struct lede_token &token, uint32_t position) {
        if (++seen % WORDS_PER_LOOK == 0 && deadline_->has_passed_now())
            return false;
        for (Leaf *leaf : wanted) {
            if (lede_query_word_matches(leaf->node, 0, &token))
                leaf->fields[field].push_back(position);
        }
        return true;
    };
    visit_words(
        analyzer_, LEDE_LANGUAGE_UND, json_object_get(document_->json, lede_field_at(field)->key), look_at);
}

struct lede_positions TextPlaces::positions_of(
    const struct lede_query_node *leaf, enum lede_field_id field, Xapian::docid docid)
{
    if (docid != docid_)
        open(docid);
    if (!(scanned_ & LEDE_FIELD_BIT(field)))
        scan(field);
    auto found =
        std::find_if(leaves_.begin(), leaves_.end(), [leaf](const Leaf &one) { return one.node == leaf; });
    if (found == leaves_.end())
        return {nullptr, 0};
    const std::vector<uint32_t> &positions = found->fields[field];
    return {positions.data(), positions.size()};
}

} // namespace lede
