/* The matcher asks `check` for each candidate that the query's other parts left over; next() and skip_to(), which look at document after
 * document, are there for queries whose candidates are all documents. */
#include "proximity.h"

#include "lede/highlight.h"
#include "lede/spans.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <vector>

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

class ProximitySource : public Xapian::PostingSource
{
  public:
    ProximitySource(const struct lede_query_node *node, Deadline *deadline, struct lede_analyzer *analyzer)
        : node_(node), deadline_(deadline), analyzer_(analyzer), by_positions_(has_positions(node)),
          needs_sentences_(has_kind(node, LEDE_QUERY_SENTENCE)),
          needs_paragraphs_(has_kind(node, LEDE_QUERY_PARAGRAPH) || has_lead(node))
    {
    }

    Xapian::doccount get_termfreq_min() const override
    {
        return 0;
    }
    Xapian::doccount get_termfreq_est() const override
    {
        return database_.get_doccount();
    }
    Xapian::doccount get_termfreq_max() const override
    {
        return database_.get_doccount();
    }
    Xapian::docid get_docid() const override
    {
        return docid_;
    }
    void next(double) override
    {
        move_to(docid_ + 1);
    }
    void skip_to(Xapian::docid docid, double) override
    {
        if (docid > docid_ || !is_match_)
            move_to(docid);
    }
    bool check(Xapian::docid docid, double) override
    {
        if (docid <= docid_ && is_match_)
            return true;
        docid_ = deadline_->has_passed_now() ? last_ + 1 : docid;
        is_match_ = at_end() || matches(docid);
        return is_match_;
    }
    bool at_end() const override
    {
        return docid_ > last_;
    }
    ProximitySource *clone() const override
    {
        return new ProximitySource(node_, deadline_, analyzer_);
    }
    void init(const Xapian::Database &database) override
    {
        database_ = database;
        last_ = database.get_lastdocid();
        docid_ = 0;
        is_match_ = false;
    }

  private:
    /* To the first match at `docid` or behind it; numbers of deleted documents have no positions and no text. */
    void move_to(Xapian::docid docid)
    {
        for (docid_ = docid; docid_ <= last_; docid_++) {
            if (deadline_->has_passed_now())
                docid_ = last_;
            else if (matches(docid_))
                break;
        }
        is_match_ = true;
    }

    bool matches(Xapian::docid docid)
    {
        return by_positions_ ? matches_by_positions(docid) : matches_by_text(docid);
    }

    bool matches_by_positions(Xapian::docid docid)
    {
        size_t needed = node_->kind == LEDE_QUERY_ATLEAST ? node_->number : 1;
        size_t found = 0;
        for (int id = 0; id < LEDE_FIELD_COUNT && found < needed; id++) {
            if ((node_->fields & LEDE_FIELD_BIT(id)) &&
                lede_field_at(static_cast<enum lede_field_id>(id))->prefix)
                found += count_in(docid, static_cast<enum lede_field_id>(id));
        }
        return found >= needed;
    }

    size_t count_in(Xapian::docid docid, enum lede_field_id field)
    {
        Reading reading = {this, docid, lede_field_at(field)->prefix, {}};
        struct lede_span_text text = {};
        text.field = field;
        if (needs_sentences_)
            text.sentences = read_positions(reading, {std::string(1, LEDE_TERM_SENTENCE) + reading.prefix});
        if (needs_paragraphs_)
            text.paragraphs = read_positions(reading, {std::string(1, LEDE_TERM_PARAGRAPH) + reading.prefix});
        text.positions = give_positions;
        text.context = &reading;
        ArenaGuard guard;
        size_t count = 0;
        enum lede_status status = lede_spans_count(node_, &text, &guard.arena, &count);
        if (failure_)
            std::rethrow_exception(std::exchange(failure_, nullptr));
        if (status != LEDE_OK)
            throw std::bad_alloc();
        return count;
    }

    struct Reading {
        ProximitySource *source;
        Xapian::docid docid;
        std::string prefix;
        std::deque<std::vector<uint32_t>> lists; /* live as long as the evaluation */
    };

    static struct lede_positions read_positions(Reading &reading, const std::vector<std::string> &terms)
    {
        std::vector<uint32_t> positions;
        const Xapian::Database &database = reading.source->database_;
        for (const std::string &term : terms) {
            size_t before = positions.size();
            for (auto at = database.positionlist_begin(reading.docid, term);
                 at != database.positionlist_end(reading.docid, term); ++at)
                positions.push_back(*at);
            if (before > 0 && positions.size() > before)
                std::inplace_merge(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(before),
                    positions.end());
        }
        reading.lists.push_back(std::move(positions));
        return {reading.lists.back().data(), reading.lists.back().size()};
    }

    /* Called from C, which no exception may cross: it waits in failure_. */
    static bool give_positions(void *context, const struct lede_query_node *leaf, size_t word,
        struct lede_positions *ret_positions) noexcept
    {
        auto *reading = static_cast<Reading *>(context);
        try {
            std::vector<std::string> terms;
            for (size_t i = 0; i < leaf->words[word].stem_count; i++)
                terms.push_back(reading->prefix + leaf->words[word].stems[i]);
            *ret_positions = read_positions(*reading, terms);
            return true;
        } catch (...) {
            reading->source->failure_ = std::current_exception();
            return false;
        }
    }

    struct FreeDocument {
        void operator()(struct lede_document *document) const
        {
            lede_document_free(document);
        }
    };

    bool matches_by_text(Xapian::docid docid)
    {
        std::string stored;
        try {
            stored = database_.get_document(docid).get_data();
        } catch (const Xapian::DocNotFoundError &) {
            return false;
        }
        ArenaGuard guard;
        struct lede_document *document = nullptr;
        struct lede_match_subject subject;
        bool is_match = false;
        enum lede_status status = lede_document_from_stored(stored.data(), stored.size(), &document, nullptr);
        std::unique_ptr<struct lede_document, FreeDocument> owner(document);
        if (status == LEDE_OK)
            status = lede_match_subject_init(document, &guard.arena, &subject);
        if (status == LEDE_OK)
            status = lede_node_matches(node_, &subject, analyzer_, &is_match);
        if (status == LEDE_ECORRUPT)
            throw Xapian::DatabaseCorruptError("a stored document cannot be read");
        if (status != LEDE_OK)
            throw std::bad_alloc();
        return is_match;
    }

    const struct lede_query_node *node_;
    Deadline *deadline_;
    struct lede_analyzer *analyzer_;
    bool by_positions_;
    bool needs_sentences_;
    bool needs_paragraphs_;
    std::exception_ptr failure_;
    Xapian::Database database_;
    Xapian::docid last_ = 0;
    Xapian::docid docid_ = 0;
    bool is_match_ = false;
};

/* A word, or words between OR, with their terms. */
bool collect_plain(const struct lede_query_node *operand, lede_field_set fields, std::set<std::string> *terms)
{
    if (operand->weight != 1)
        return false;
    if (operand->kind == LEDE_QUERY_OR)
        return std::all_of(operand->children, operand->children + operand->child_count,
            [&](const struct lede_query_node *child) { return collect_plain(child, fields, terms); });
    if (operand->kind != LEDE_QUERY_WORD || operand->lead || (operand->fields & fields) != fields)
        return false;
    for (size_t i = 0; i < operand->words[0].stem_count; i++)
        terms->insert(operand->words[0].stems[i]);
    return true;
}

} // namespace

bool has_positions(const struct lede_query_node *node)
{
    if (lede_query_is_text_leaf(node->kind))
        return node->kind == LEDE_QUERY_WORD || node->kind == LEDE_QUERY_PHRASE;
    return std::all_of(node->children, node->children + node->child_count, has_positions);
}

bool is_native_proximity(const struct lede_query_node *node)
{
    std::set<std::string> left, right, both;
    if (node->kind != LEDE_QUERY_NEAR && node->kind != LEDE_QUERY_ADJACENT)
        return false;
    if (!collect_plain(node->children[0], node->fields, &left) ||
        !collect_plain(node->children[1], node->fields, &right))
        return false;
    both = left;
    both.insert(right.begin(), right.end());
    return both.size() == left.size() + right.size();
}

Xapian::Query verified(const Xapian::Query &candidates, const struct lede_query_node *node,
    Deadline *deadline, struct lede_analyzer *analyzer)
{
    if (candidates.empty())
        return candidates;
    Xapian::Query source((new ProximitySource(node, deadline, analyzer))->release());
    return Xapian::Query(Xapian::Query::OP_FILTER, candidates, source);
}

} // namespace lede
