#include "place_reader.h"

#include <algorithm>
#include <exception>

namespace lede
{

TermList::TermList(Xapian::Database segment, std::string term)
    : segment_(std::move(segment)), term_(std::move(term))
{
}

bool TermList::has(Xapian::docid docid)
{
    if (!is_open_)
        posting_ = segment_.postlist_begin(term_);
    is_open_ = true;
    if (posting_ == Xapian::PostingIterator())
        return false;
    if (*posting_ < docid)
        posting_.skip_to(docid);
    return posting_ != Xapian::PostingIterator() && *posting_ == docid;
}

void TermList::append_positions(std::vector<uint32_t> *positions) const
{
    for (auto at = posting_.positionlist_begin(); at != posting_.positionlist_end(); ++at)
        positions->push_back(*at);
}

uint32_t TermList::first_position() const
{
    auto at = posting_.positionlist_begin();
    return at == posting_.positionlist_end() ? UINT32_MAX : *at;
}

PlaceReader::PlaceReader(const Xapian::Database &segment, const struct lede_query_node *node,
    struct lede_analyzer *analyzer, Deadline *deadline)
    : segment_(segment), written_(segment, node, analyzer, deadline)
{
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (!(node->fields & LEDE_FIELD_BIT(id)) || !field->prefix)
            continue;
        auto place = static_cast<size_t>(id);
        sentences_[place] = list_of(std::string(1, LEDE_TERM_SENTENCE) + field->prefix);
        paragraphs_[place] = list_of(std::string(1, LEDE_TERM_PARAGRAPH) + field->prefix);
    }
    add_leaves(node);
}

TermList *PlaceReader::list_of(const std::string &term)
{
    TermList *&list = by_term_[term];
    if (!list)
        list = &lists_.emplace_back(segment_, term);
    return list;
}

void PlaceReader::add_leaves(const struct lede_query_node *node)
{
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(node->children[i]);
    for (size_t i = 0; i < node->word_count; i++) {
        const struct lede_query_word *word = &node->words[i];
        Word &lists = words_[word];
        lists.written.fill(nullptr);
        for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
            const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
            if (!(node->fields & LEDE_FIELD_BIT(id)) || !field->prefix)
                continue;
            auto place = static_cast<size_t>(id);
            for (size_t k = 0; k < word->stem_count; k++)
                lists.stems[place].push_back(list_of(std::string(field->prefix) + word->stems[k]));
            if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_CAPS)
                lists.written[place] = list_of((node->kind == LEDE_QUERY_CAPS ? LEDE_TERM_CAPS : '=') +
                                               (field->prefix + std::string(word->word)));
        }
    }
}

/* Stems are of different words, so their places are, too. */
uint64_t PlaceReader::most_words(
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field, Xapian::docid docid)
{
    uint64_t counted = lede_field_at(field)->wdf; /* for each place */
    uint64_t sum = 0;
    for (TermList *list : words_[&leaf->words[word]].stems[field]) {
        if (list->has(docid))
            sum += counted > 0 ? list->frequency() / counted : UNKNOWN;
    }
    return std::min(sum, UNKNOWN);
}

uint64_t PlaceReader::most_spans(
    const struct lede_query_node *node, enum lede_field_id field, Xapian::docid docid)
{
    uint64_t most = node->kind == LEDE_QUERY_OR || node->kind == LEDE_QUERY_ATLEAST ? 0 : UNKNOWN;
    if (node->fields && !(node->fields & LEDE_FIELD_BIT(field)))
        return 0;
    if (node->kind == LEDE_QUERY_WORD)
        return most_words(node, 0, field, docid);
    if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_CAPS)
        return words_[&node->words[0]].written[field]->has(docid) ? UNKNOWN : 0;
    for (size_t i = 0; node->kind == LEDE_QUERY_PHRASE && most > 0 && i < node->word_count; i++)
        most = std::min(most, most_words(node, i, field, docid));
    if (node->child_count == 0)
        return most;
    if (most == 0) {
        for (size_t i = 0; i < node->child_count; i++)
            most += most_spans(node->children[i], field, docid);
        return std::min(most, UNKNOWN);
    }
    most = 1;
    for (size_t i = 0; most > 0 && i < node->child_count; i++)
        most = std::min(most * most_spans(node->children[i], field, docid), UNKNOWN);
    return most;
}

bool PlaceReader::lead_ends(Xapian::docid docid)
{
    TermList *paragraphs = paragraphs_[LEDE_FIELD_BODY];
    return paragraphs && paragraphs->has(docid);
}

bool PlaceReader::is_in_lead(const struct lede_query_node *leaf, Xapian::docid docid)
{
    if (!lead_ends(docid))
        return true;
    uint32_t end = paragraphs_[LEDE_FIELD_BODY]->first_position();
    const Lists &stems = words_[&leaf->words[0]].stems[LEDE_FIELD_BODY];
    return std::any_of(stems.begin(), stems.end(),
        [&](TermList *list) { return list->has(docid) && list->first_position() < end; });
}

std::vector<uint32_t> &PlaceReader::empty_list()
{
    if (pool_used_ == pool_.size())
        pool_.emplace_back();
    std::vector<uint32_t> &list = pool_[pool_used_++];
    list.clear();
    return list;
}

struct lede_positions PlaceReader::read(const Lists &lists, Xapian::docid docid)
{
    std::vector<uint32_t> &positions = empty_list();
    for (TermList *list : lists) {
        auto before = static_cast<std::ptrdiff_t>(positions.size());
        if (!list->has(docid))
            continue;
        list->append_positions(&positions);
        std::inplace_merge(positions.begin(), positions.begin() + before, positions.end());
    }
    return {positions.data(), positions.size()};
}

struct lede_span_text PlaceReader::text_of(
    enum lede_field_id field, Xapian::docid docid, bool sentences, bool paragraphs)
{
    struct lede_span_text text = {};
    field_ = field;
    docid_ = docid;
    pool_used_ = 0;
    known_.clear();
    text.field = field;
    text.positions = give_positions;
    text.context = this;
    if (sentences)
        text.sentences = read({sentences_[field]}, docid);
    if (paragraphs)
        text.paragraphs = read({paragraphs_[field]}, docid);
    return text;
}

/* Called from C, which no exception may cross: it waits in failure_. */
bool PlaceReader::give_positions(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions) noexcept
{
    auto *reader = static_cast<PlaceReader *>(context);
    const struct lede_query_word *wanted = &leaf->words[word];
    try {
        auto known = std::find_if(reader->known_.begin(), reader->known_.end(),
            [wanted](const auto &one) { return one.first == wanted; });
        if (known == reader->known_.end()) {
            bool by_stem = leaf->kind == LEDE_QUERY_WORD || leaf->kind == LEDE_QUERY_PHRASE;
            struct lede_positions positions =
                by_stem ? reader->read(reader->words_[wanted].stems[reader->field_], reader->docid_)
                        : reader->written_.positions_of(leaf, reader->field_, reader->docid_);
            known = reader->known_.insert(known, {wanted, positions});
        }
        *ret_positions = known->second;
        return true;
    } catch (...) {
        reader->failure_ = std::current_exception();
        return false;
    }
}

void PlaceReader::rethrow()
{
    if (failure_)
        std::rethrow_exception(std::exchange(failure_, nullptr));
}

} // namespace lede
