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

std::shared_ptr<const ForwardFile> file_of(const ForwardFiles &files, const Xapian::Database &segment)
{
    auto found = files.find(segment.get_uuid());
    return found == files.end() ? nullptr : found->second;
}

} // namespace

PlaceReader::PlaceReader(const Xapian::Database &segment, const ForwardFiles &files,
    const struct lede_query_node *node, struct lede_analyzer *analyzer, Deadline *deadline)
    : segment_(segment), file_(file_of(files, segment)), text_(segment, node, analyzer, deadline)
{
    add_leaves(node);
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
                lists.stems[place].push_back(
                    list_of(std::string(field->prefix) + word->stems[k], stem_hash(word->stems[k])));
            if (node->kind == LEDE_QUERY_EXACT || node->kind == LEDE_QUERY_CAPS)
                lists.written[place] = list_of((node->kind == LEDE_QUERY_CAPS ? LEDE_TERM_CAPS : '=') +
                                                   (field->prefix + std::string(word->word)),
                    0);
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

bool PlaceReader::has_word(const struct lede_query_node *leaf, enum lede_field_id field, Xapian::docid docid)
{
    const Lists &lists = words_[&leaf->words[0]].stems[field];
    return std::any_of(lists.begin(), lists.end(), [docid](TermList *list) { return list->has(docid); });
}

bool PlaceReader::lead_ends(Xapian::docid docid)
{
    return text_of(LEDE_FIELD_BODY, docid, false, true).paragraphs.count > 0;
}

bool PlaceReader::is_in_lead(const struct lede_query_node *leaf, Xapian::docid docid)
{
    struct lede_span_text text = text_of(LEDE_FIELD_BODY, docid, false, true);
    struct lede_positions positions = positions_of(leaf, 0);
    return positions.count > 0 &&
           (text.paragraphs.count == 0 || positions.items[0] < text.paragraphs.items[0]);
}

std::vector<uint32_t> &PlaceReader::empty_list()
{
    if (pool_used_ == pool_.size())
        pool_.emplace_back();
    std::vector<uint32_t> &list = pool_[pool_used_++];
    list.clear();
    return list;
}

/* Only of stems that the posting lists give the field. */
struct lede_positions PlaceReader::read(const Lists &lists)
{
    std::vector<uint32_t> &positions = empty_list();
    hashes_.clear();
    for (TermList *list : lists) {
        if (list->has(docid_))
            hashes_.push_back(list->stem_hash());
    }
    if (!hashes_.empty() && !forward_.find(field_, hashes_.data(), hashes_.size(), &positions))
        throw Xapian::DatabaseCorruptError(DAMAGED);
    return {positions.data(), positions.size()};
}

struct lede_positions PlaceReader::starts(enum ForwardMark kind)
{
    if (!has_value_) {
        const std::vector<uint32_t> &found = text_.starts_of(field_, kind);
        return {found.data(), found.size()};
    }
    std::vector<uint32_t> &positions = empty_list();
    if (!forward_.starts(field_, kind, &positions))
        throw Xapian::DatabaseCorruptError(DAMAGED);
    return {positions.data(), positions.size()};
}

struct lede_positions PlaceReader::positions_of(const struct lede_query_node *leaf, size_t word)
{
    const struct lede_query_word *wanted = &leaf->words[word];
    auto known =
        std::find_if(known_.begin(), known_.end(), [wanted](const auto &one) { return one.first == wanted; });
    if (known != known_.end())
        return known->second;
    struct lede_positions positions = {};
    bool is_stem = leaf->kind == LEDE_QUERY_WORD || leaf->kind == LEDE_QUERY_PHRASE;
    if (has_value_ && is_stem) {
        positions = read(words_[wanted].stems[field_]);
    } else {
        text_.open(docid_, !has_value_);
        positions = text_.positions_of(leaf, word, field_);
    }
    known_.push_back({wanted, positions});
    return positions;
}

struct lede_span_text PlaceReader::text_of(
    enum lede_field_id field, Xapian::docid docid, bool sentences, bool paragraphs)
{
    struct lede_span_text text = {};
    field_ = field;
    docid_ = docid;
    pool_used_ = 0;
    known_.clear();
    open(docid);
    text.field = field;
    text.positions = give_positions;
    text.context = this;
    if (sentences)
        text.sentences = starts(FORWARD_SENTENCE);
    if (paragraphs)
        text.paragraphs = starts(FORWARD_PARAGRAPH);
    return text;
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
