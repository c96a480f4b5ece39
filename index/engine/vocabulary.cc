/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the archive, from the exact-word terms of its default fields: what a lexicon is
 * filled from, and what says whether a word is one. */
#include "vocabulary.h"

#include "dictionary.h"
#include "older_terms.h"
#include "reading.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace
{

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix
 * stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

std::vector<std::string> prefixes_of(lede_field_set fields)
{
    std::vector<std::string> prefixes;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((fields & LEDE_FIELD_BIT(id)) && field->prefix)
            prefixes.emplace_back(field->prefix);
    }
    return prefixes;
}

/* The words of one field, in order; one that has several forms once. */
class FieldWords
{
  public:
    FieldWords(const Xapian::Database &database, const std::string &lead)
        : lead_(lead), term_(database.allterms_begin(lead)), end_(database.allterms_end(lead))
    {
        next();
    }

    bool at_end() const
    {
        return documents_ == 0;
    }
    const std::string &word() const
    {
        return word_;
    }
    Xapian::doccount documents() const
    {
        return documents_;
    }
    void next()
    {
        documents_ = 0;
        for (std::string name; !(name = here()).empty(); ++term_) {
            if (documents_ > 0 && lede::folded_word(name) != word_)
                return;
            word_ = lede::folded_word(name);
            documents_ += term_.get_termfreq();
        }
    }

  private:
    /* The word at hand as it stands in its term; empty: there is none. */
    std::string here()
    {
        std::string name = term_ == end_ ? std::string() : (*term_).substr(lead_.size());
        if (name.empty() || name[0] < 'A' || name[0] > 'Z')
            return name;
        term_.skip_to(lead_ + BEHIND_CAPITALS);
        return term_ == end_ ? std::string() : (*term_).substr(lead_.size());
    }

    std::string lead_;
    std::string word_;
    Xapian::doccount documents_ = 0; /* 0: there is none */
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

} // namespace

extern "C" enum lede_status lede_index_visit_words(struct lede_index *index,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    struct lede_error *reterr)
{
    return lede::reading(index, reterr, "listing words", [&] {
        if (index->segments.empty())
            return LEDE_OK;
        std::vector<FieldWords> fields;
        for (const std::string &prefix : prefixes_of(LEDE_FIELDS_DEFAULT))
            fields.emplace_back(index->combined, LEDE_TERM_WORD + prefix);
        visit_merged(std::move(fields), visit, context);
        return LEDE_OK;
    });
}

/* That it has no forms, as most, is a fact that is kept: by a name that no term has, for 0xFE is no
 * text. */
std::vector<std::string> lede::word_terms(
    struct lede_index *index, const std::string &prefix, const std::string &word)
{
    std::string plain = LEDE_TERM_WORD + prefix + word;
    std::string lead = plain + LEDE_TERM_WRITTEN, name = "\xfe" + plain;
    uint32_t form_count = 1;
    if (index->facts->known(name, &form_count) && form_count == 0)
        return {plain};
    std::set<std::string> terms;
    for (const Xapian::Database &segment : index->segments) {
        Xapian::TermIterator end = segment.allterms_end(lead);
        terms.insert(segment.allterms_begin(lead), end);
    }
    index->facts->note(name, static_cast<uint32_t>(terms.size()));
    terms.insert(plain);
    return {terms.begin(), terms.end()};
}

extern "C" enum lede_status lede_index_visit_word_terms(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size,
    bool (*visit)(void *context, const char *term, size_t size), void *context,
    struct lede_error *reterr)
{
    return lede::reading(index, reterr, "looking for a word", [&] {
        for (const std::string &prefix : prefixes_of(fields)) {
            for (const std::string &term : lede::word_terms(index, prefix, {word, size})) {
                if (!visit(context, term.data(), term.size()))
                    return LEDE_OK;
            }
        }
        return LEDE_OK;
    });
}

/* Known by the word behind a name that no term has: 0xFF is no text. */
extern "C" enum lede_status lede_index_word_documents(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr)
{
    std::string name;
    enum lede_status status = lede::guarded(reterr, "counting a word", [&] {
        name = "\xff" + std::to_string(fields) + "=" + std::string(word, size);
        return LEDE_OK;
    });
    if (status != LEDE_OK || index->facts->known(name, ret_documents))
        return status;
    return lede::reading(index, reterr, "counting a word", [&] {
        uint32_t most = 0;
        for (const std::string &prefix : prefixes_of(fields)) {
            uint32_t documents = 0;
            for (const std::string &term : lede::word_terms(index, prefix, {word, size}))
                documents += lede::count_documents(index, term);
            most = std::max(most, documents);
        }
        index->facts->note(name, most);
        *ret_documents = most;
        return LEDE_OK;
    });
}
