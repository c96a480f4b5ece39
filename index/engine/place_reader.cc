/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "place_reader.h"

#include <algorithm>
#include <exception>

namespace lede
{

namespace
{
constexpr char DAMAGED[] = "the positions of a document's words are damaged";
}

TermList::TermList(Xapian::Database segment, std::string term, uint64_t stem_hash)
    : segment_(std::move(segment)), term_(std::move(term)), stem_hash_(stem_hash)
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

namespace
{

std::shared_ptr<const ForwardFile> file_of(
    const ForwardFiles &files, const Xapian::Database &segment)
{
    auto found = files.find(segment.get_uuid());
    return found == files.end() ? nullptr : found->second;
}

} // namespace

PlaceReader::PlaceReader(const Xapian::Database &segment, const ForwardFiles &files,
    const struct lede_query_node *node, struct lede_analyzer *analyzer,
    struct lede_deadline *deadline)
    : segment_(segment), file_(file_of(files, segment)), text_(segment, node, analyzer, deadline)
{
    add_leaves(node);
    std::sort(words_.begin(), words_.end(),
        [](const Word &a, const Word &b) { return a.query < b.query; });
}

PlaceReader::Word &PlaceReader::word_of(const struct lede_query_word *query)
{
    return *std::lower_bound(words_.begin(), words_.end(), query,
        [](const Word &word, const struct lede_query_word *wanted) { return word.query < wanted; });
}

bool PlaceReader::is_certain() const
{
    return std::all_of(
        words_.begin(), words_.end(), [](const Word &word) { return word.hashes.size() == 1; });
}

TermList *PlaceReader::list_of(const std::string &term, uint64_t stem_hash)
{
    TermList *&list = by_term_[term];
    if (!list)
        list = &lists_.emplace_back(segment_, term, stem_hash);
    return list;
}

void PlaceReader::open(Xapian::docid docid)
{
    if (docid == open_docid_)
        return;
    std::string_view bytes = file_.find(docid);
    has_value_ = !bytes.empty();
    if (has_value_ && !forward_.open(bytes))
        throw Xapian::DatabaseCorruptError(DAMAGED);
    if (!has_value_)
        text_.open(docid, true);
    open_docid_ = docid;
}

void PlaceReader::add_leaves(const struct lede_query_node *node)
{
    for (size_t i = 0; i < node->child_count; i++)
        add_leaves(node->children[i]);
    for (size_t i = 0; i < node->word_count; i++)
        add_word(node, &node->words[i]);
}

void PlaceReader::add_word(const struct lede_query_node *node, const struct lede_query_word *query)
{
    Word word;
    word.query = query;
    word.written.fill(nullptr);
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if (!(node->fields & LEDE_FIELD_BIT(id)) || !field->prefix)
            continue;
        auto place = static_cast<size_t>(id);
        for (size_t i = 0; i < query->stem_count; i++) {
            std::string term = std::string(field->prefix) + query->stems[i];
            Xapian::doccount documents = segment_.get_termfreq(term);
            if (documents == 0)
                continue;
            uint64_t hash = stem_hash(query->stems[i]);
            word.stems[place].push_back(list_of(term, hash));
            word.documents += documents;
            if (std::find(word.hashes.begin(), word.hashes.end(), hash) == word.hashes.end())
                word.hashes.push_back(hash);
        }
        if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_CAPS)
            word.written[place] = list_of((node->kind == LEDE_QUERY_CAPS ? LEDE_TERM_CAPS : '=') +
                                              (field->prefix + std::string(query->word)),
                0);
    }
    words_.push_back(std::move(word));
}

/* Stems are of different words, so their places are, too. */
uint64_t PlaceReader::most_words(
    const struct lede_query_node *leaf, size_t word, enum lede_field_id field, Xapian::docid docid)
{
    uint64_t counted = lede_field_at(field)->wdf; /* for each place */
    uint64_t sum = 0;
    for (TermList *list : word_of(&leaf->words[word]).stems[field]) {
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
        return word_of(&node->words[0]).written[field]->has(docid) ? UNKNOWN : 0;
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

bool PlaceReader::has_word(
    const struct lede_query_node *leaf, enum lede_field_id field, Xapian::docid docid)
{
    const Lists &lists = word_of(&leaf->words[0]).stems[field];
    return std::any_of(
        lists.begin(), lists.end(), [docid](TermList *list) { return list->has(docid); });
}

bool PlaceReader::lead_ends(Xapian::docid docid)
{
    (void)text_of(LEDE_FIELD_BODY, docid, PROVEN);
    return starts(FORWARD_PARAGRAPH, 1).count > 0;
}

bool PlaceReader::is_in_lead(const struct lede_query_node *leaf, Xapian::docid docid)
{
    (void)text_of(LEDE_FIELD_BODY, docid, PROVEN);
    struct lede_positions positions = positions_of(leaf, 0);
    if (positions.count == 0)
        return false;
    struct lede_positions paragraphs = starts(FORWARD_PARAGRAPH, 1);
    return paragraphs.count == 0 || positions.items[0] < paragraphs.items[0];
}

std::vector<uint32_t> &PlaceReader::empty_list()
{
    if (pool_used_ == pool_.size())
        pool_.emplace_back();
    std::vector<uint32_t> &list = pool_[pool_used_++];
    list.clear();
    return list;
}

const std::vector<uint32_t> &PlaceReader::slots_of(Word &word)
{
    if (word.slots_of == open_docid_)
        return word.slots;
    word.slots.resize(word.hashes.size());
    for (size_t i = 0; i < word.hashes.size(); i++) {
        if (!forward_.find_slot(word.hashes[i], &word.slots[i]))
            throw Xapian::DatabaseCorruptError(DAMAGED);
    }
    word.slots_of = open_docid_;
    return word.slots;
}

/* Proven: only of stems that the posting lists give the field. */
struct lede_positions PlaceReader::read(Word &word)
{
    std::vector<uint32_t> &positions = empty_list();
    const std::vector<uint32_t> *slots = &slots_of(word);
    if (proof_ == PROVEN) {
        slots_.clear();
        for (TermList *list : word.stems[field_]) {
            auto hash = std::find(word.hashes.begin(), word.hashes.end(), list->stem_hash());
            if (list->has(docid_))
                slots_.push_back(word.slots[static_cast<size_t>(hash - word.hashes.begin())]);
        }
        slots = &slots_;
    }
    if (!forward_.find(field_, *slots, &positions))
        throw Xapian::DatabaseCorruptError(DAMAGED);
    return {positions.data(), positions.size()};
}

bool PlaceReader::may_have_phrase(const struct lede_query_node *phrase, enum lede_field_id field)
{
    size_t anchor = 0;
    Xapian::doccount fewest = 0;
    phrase_.resize(phrase->word_count);
    for (size_t i = 0; i < phrase->word_count; i++) {
        Word &word = word_of(&phrase->words[i]);
        phrase_[i] = slots_of(word);
        if (i == 0 || word.documents < fewest) {
            anchor = i;
            fewest = word.documents;
        }
    }
    return forward_.has_phrase(field, phrase_, anchor);
}

struct lede_positions PlaceReader::starts(enum ForwardMark kind, size_t most)
{
    if (!has_value_) {
        const std::vector<uint32_t> &found = text_.starts_of(field_, kind);
        return {found.data(), found.size()};
    }
    std::vector<uint32_t> &positions = empty_list();
    if (!forward_.starts(field_, kind, &positions, most))
        throw Xapian::DatabaseCorruptError(DAMAGED);
    return {positions.data(), positions.size()};
}

struct lede_positions PlaceReader::positions_of(const struct lede_query_node *leaf, size_t word)
{
    const struct lede_query_word *wanted = &leaf->words[word];
    auto known = std::find_if(
        known_.begin(), known_.end(), [wanted](const auto &one) { return one.first == wanted; });
    if (known != known_.end())
        return known->second;
    struct lede_positions positions = {};
    bool is_stem = leaf->kind == LEDE_QUERY_WORD || leaf->kind == LEDE_QUERY_PHRASE;
    if (has_value_ && is_stem) {
        positions = read(word_of(wanted));
    } else {
        text_.open(docid_, !has_value_);
        positions = text_.positions_of(leaf, word, field_);
    }
    known_.push_back({wanted, positions});
    return positions;
}

struct lede_span_text PlaceReader::text_of(
    enum lede_field_id field, Xapian::docid docid, enum Proof proof)
{
    struct lede_span_text text = {};
    field_ = field;
    docid_ = docid;
    proof_ = proof;
    pool_used_ = 0;
    known_.clear();
    open(docid);
    text.field = field;
    text.positions = give_positions;
    text.context = this;
    return text;
}

bool PlaceReader::has_operands(const struct lede_query_node *node)
{
    if (node->fields && !(node->fields & LEDE_FIELD_BIT(field_)))
        return false;
    for (size_t i = 0; i < node->word_count; i++) {
        if (positions_of(node, i).count == 0)
            return false;
    }
    auto has = [this](const struct lede_query_node *child) { return has_operands(child); };
    const auto *end = node->children + node->child_count;
    return node->kind == LEDE_QUERY_OR ? std::any_of(node->children, end, has)
                                       : std::all_of(node->children, end, has);
}

void PlaceReader::add_starts(struct lede_span_text *text, bool sentences, bool paragraphs)
{
    if (sentences)
        text->sentences = starts(FORWARD_SENTENCE);
    if (paragraphs)
        text->paragraphs = starts(FORWARD_PARAGRAPH);
}

/* Called from C, which no exception may cross: it waits in failure_. */
bool PlaceReader::give_positions(void *context, const struct lede_query_node *leaf, size_t word,
    struct lede_positions *ret_positions) noexcept
{
    auto *reader = static_cast<PlaceReader *>(context);
    try {
        *ret_positions = reader->positions_of(leaf, word);
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
