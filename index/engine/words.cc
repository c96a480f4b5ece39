/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the archive and a document have of a word. */
#include "index.h"
#include "older_terms.h"
#include "reading.h"
#include "vocabulary.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace
{

using Terms = std::vector<std::string>;

/* By field and kind, those of title, summary and body; the word's may be several. */
std::vector<Terms> terms_of(struct lede_index *index, const char *stem, const char *word)
{
    std::vector<Terms> terms;
    for (enum lede_field_id field : {LEDE_FIELD_TITLE, LEDE_FIELD_SUMMARY, LEDE_FIELD_BODY}) {
        std::string prefix = lede_field_at(field)->prefix;
        terms.push_back({prefix + stem});
        terms.push_back(lede::word_terms(index, prefix, word));
    }
    return terms;
}

/* A word that no field has twice may be in one document or in several. */
uint32_t count_lone(struct lede_index *index, const std::vector<Terms> &groups)
{
    Terms terms;
    std::set<std::pair<size_t, Xapian::docid>> documents;
    for (const Terms &group : groups)
        terms.insert(terms.end(), group.begin(), group.end());
    for (const std::string &term : terms) {
        for (size_t i = 0; i < index->segments.size(); i++) {
            lede::TermThere there = lede::term_there(*index->opened[i], index->segments[i], term);
            lede::visit_postings(*index->opened[i], there, [&](uint32_t docid, uint32_t) {
                documents.emplace(i, docid);
                return true;
            });
        }
    }
    return static_cast<uint32_t>(documents.size());
}

} // namespace

Xapian::doccount lede::count_documents(struct lede_index *index, const std::string &term)
{
    Xapian::doccount documents = 0;
    for (size_t i = 0; i < index->segments.size(); i++)
        documents += count_postings(*index->opened[i], index->segments[i], term);
    return documents;
}

extern "C" enum lede_status lede_index_stem_documents(struct lede_index *index, const char *stem,
    const char *word, uint32_t *ret_documents, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "counting a word", [&] {
        uint32_t most = 0;
        std::vector<Terms> terms = terms_of(index, stem, word);
        for (const Terms &group : terms) {
            uint32_t documents = 0;
            for (const std::string &term : group)
                documents += lede::count_documents(index, term);
            most = std::max(most, documents);
        }
        *ret_documents = most == 1 ? count_lone(index, terms) : most;
        return LEDE_OK;
    });
}
