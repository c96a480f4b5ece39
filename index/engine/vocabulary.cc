/* The words of the archive, from the exact-word terms of its default fields: what a lexicon is filled from, and what says whether a word is one. */
#include "compile.h"
#include "guard.h"
#include "index.h"

#include <algorithm>
#include <string>
#include <vector>

namespace
{

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

std::vector<std::string> leads_of_default_fields()
{
    std::vector<std::string> leads;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((LEDE_FIELDS_DEFAULT & LEDE_FIELD_BIT(id)) && field->prefix)
            leads.push_back(std::string("=") + field->prefix);
    }
    return leads;
}

/* The words of one field, in order. */
class FieldWords
{
  public:
    FieldWords(const Xapian::Database &database, const std::string &lead)
        : lead_(lead), term_(database.allterms_begin(lead)), end_(database.allterms_end(lead))
    {
        read();
    }

    bool at_end() const
    {
        return term_ == end_;
    }
    const std::string &word() const
    {
        return word_;
    }
    Xapian::doccount documents() const
    {
        return term_.get_termfreq();
    }
    void next()
    {
        ++term_;
        read();
    }

  private:
    void read()
    {
        if (at_end())
            return;
        word_ = (*term_).substr(lead_.size());
        if (word_.empty() || word_[0] < 'A' || word_[0] > 'Z')
            return;
        term_.skip_to(lead_ + BEHIND_CAPITALS);
        if (!at_end())
            word_ = (*term_).substr(lead_.size());
    }

    std::string lead_;
    std::string word_;
    Xapian::TermIterator term_;
    Xapian::TermIterator end_;
};

void visit_merged(std::vector<FieldWords> fields,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context)
{
    for (;;) {
        const std::string *first = nullptr;
        for (const FieldWords &field : fields) {
            if (!field.at_end() && (!first || field.word() < *first))
                first = &field.word();
        }
        if (!first)
            return;
        std::string word = *first;
        Xapian::doccount documents = 0;
        for (FieldWords &field : fields) {
            if (field.at_end() || field.word() != word)
                continue;
            documents = std::max(documents, field.documents());
            field.next();
        }
        if (!visit(context, word.data(), word.size(), documents))
            return;
    }
}

/* Counts matches, and ends the match when there are enough or time is up. Without it Xapian walks every posting of a boolean query, however few
 * documents are wanted; a posting source in the query, as the deadline's, is asked before what excludes. */
class MatchCounter : public Xapian::MatchDecider
{
  public:
    MatchCounter(uint32_t enough, lede::Deadline *deadline) : enough_(enough), deadline_(deadline)
    {
    }

    bool operator()(const Xapian::Document &) const override
    {
        if (++count_ >= enough_ || deadline_->has_passed())
            throw Enough();
        return true;
    }

    /* Run the match. Returns whether it saw all. */
    bool run(Xapian::Enquire &enquire)
    {
        try {
            enquire.get_mset(0, 1, enough_, nullptr, this);
            return true;
        } catch (const Enough &) {
            return false;
        }
    }

    uint32_t count() const
    {
        return count_;
    }

  private:
    struct Enough {
    };

    mutable uint32_t count_ = 0;
    uint32_t enough_;
    lede::Deadline *deadline_;
};

} // namespace

extern "C" enum lede_status lede_index_visit_words(struct lede_index *index,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    struct lede_error *reterr)
{
    return lede::guarded(reterr, "listing words", [&] {
        if (index->segments.empty())
            return LEDE_OK;
        std::vector<FieldWords> fields;
        for (const std::string &lead : leads_of_default_fields())
            fields.emplace_back(index->combined, lead);
        visit_merged(std::move(fields), visit, context);
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_word_documents(struct lede_index *index, const char *word, size_t size,
    uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede::guarded(reterr, "counting a word", [&] {
        Xapian::doccount documents = 0;
        for (const std::string &lead : leads_of_default_fields()) {
            if (index->segments.empty() || lead.size() + size > LEDE_SCHEMA_TERM_MAX)
                break;
            documents = std::max(documents, index->combined.get_termfreq(lead + std::string(word, size)));
        }
        *ret_documents = documents;
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_word_is_shown(struct lede_index *index, const char *word, size_t size,
    int64_t now_utc_s, bool *ret_shown, struct lede_error *reterr)
{
    return lede::guarded(reterr, "looking for a word", [&] {
        std::vector<std::string> terms;
        for (const std::string &lead : leads_of_default_fields()) {
            if (lead.size() + size <= LEDE_SCHEMA_TERM_MAX)
                terms.push_back(lead + std::string(word, size));
        }
        bool shown = false;
        if (!index->segments.empty() && !terms.empty()) {
            Xapian::Enquire enquire(index->combined);
            enquire.set_weighting_scheme(Xapian::BoolWeight());
            enquire.set_query(lede::compile_shown_terms(index, terms, now_utc_s));
            lede::Deadline none;
            MatchCounter one(1, &none);
            one.run(enquire);
            shown = one.count() > 0;
        }
        *ret_shown = shown;
        return LEDE_OK;
    });
}

extern "C" enum lede_status lede_index_estimate(struct lede_index *index, const struct lede_search *search,
    uint32_t count_to, uint32_t *ret_count, bool *ret_exact, struct lede_error *reterr)
{
    return lede::guarded(reterr, "estimating a count", [&] {
        *ret_count = 0;
        *ret_exact = true;
        if (index->segments.empty())
            return LEDE_OK;
        lede::Deadline deadline;
        deadline.monotonic_ns = search->deadline_monotonic_ns;
        lede::CompiledSearch compiled = lede::compile_search(index, *search, &deadline);
        Xapian::Enquire enquire(index->combined);
        if (!compiled.needs_weights)
            enquire.set_weighting_scheme(Xapian::BoolWeight());
        enquire.set_query(compiled.query);
        lede::Deadline limit;
        limit.monotonic_ns = search->deadline_monotonic_ns;
        MatchCounter counter(std::max<uint32_t>(count_to, 1), &limit);
        bool all = counter.run(enquire);
        *ret_exact = all && !deadline.passed;
        /* Without looking at any, Xapian estimates from the frequencies of terms. */
        *ret_count =
            all ? counter.count() : std::max(counter.count(), enquire.get_mset(0, 0).get_matches_estimated());
        return LEDE_OK;
    });
}
