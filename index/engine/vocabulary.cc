/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the archive, from the exact-word terms of its default fields: what a lexicon is
 * filled from, and what says whether a word is one. */
#include "index.h"
#include "reading.h"

#include <algorithm>
#include <string>
#include <vector>

namespace
{

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix
 * stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

std::vector<std::string> leads_of(lede_field_set fields)
{
    std::vector<std::string> leads;
    for (int id = 0; id < LEDE_FIELD_COUNT; id++) {
        const struct lede_field *field = lede_field_at(static_cast<enum lede_field_id>(id));
        if ((fields & LEDE_FIELD_BIT(id)) && field->prefix)
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

} // namespace

extern "C" enum lede_status lede_index_visit_words(struct lede_index *index,
    bool (*visit)(void *context, const char *word, size_t size, uint32_t documents), void *context,
    struct lede_error *reterr)
{
    return lede::reading(index, reterr, "listing words", [&] {
        if (index->segments.empty())
            return LEDE_OK;
        std::vector<FieldWords> fields;
        for (const std::string &lead : leads_of(LEDE_FIELDS_DEFAULT))
            fields.emplace_back(index->combined, lead);
        visit_merged(std::move(fields), visit, context);
        return LEDE_OK;
    });
}

/* Known by the word behind a name that no term has: 0xFF is no text. */
extern "C" enum lede_status lede_index_word_documents(struct lede_index *index,
    lede_field_set fields, const char *word, size_t size, uint32_t *ret_documents,
    struct lede_error *reterr)
{
    return lede::guarded(reterr, "counting a word", [&] {
        std::string text(word, size);
        std::string name = "\xff" + std::to_string(fields) + "=" + text;
        uint32_t most = 0;
        if (index->facts->known(name, ret_documents))
            return LEDE_OK;
        for (const std::string &lead : leads_of(fields)) {
            uint32_t documents = 0;
            enum lede_status status =
                lede_index_term_documents(index, lead.c_str(), text.c_str(), &documents, reterr);
            if (status != LEDE_OK)
                return status;
            most = std::max(most, documents);
        }
        index->facts->note(name, most);
        *ret_documents = most;
        return LEDE_OK;
    });
}
