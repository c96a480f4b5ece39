/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Postings by today's terms, also of segments of earlier analysis versions.
 *
 * Before version 5 a stem does not say of which language it is; but each document says which it is
 * in, and a document has one. So the postings of a tagged term are those of the bare stem, of
 * documents in the tag's languages, and the postings of a word without a tag are of the languages
 * without a stemmer. Before version 7 no term says how a word was written: one with accents has the
 * postings of the word without. */
#ifndef LEDE_ENGINE_OLDER_TERMS_H
#define LEDE_ENGINE_OLDER_TERMS_H

#include "segment_pool.h"

#include <string>

namespace lede
{

/* The first analysis version whose terms have tags. */
constexpr uint32_t ANALYSIS_TAGGED = 5;
/* The first one whose terms of words say how these are written. */
constexpr uint32_t ANALYSIS_WRITTEN = 7;

/* What a term is in one segment. */
struct TermThere {
    std::string name;
    /* NULL: every document of the list has the term; else those whose language is among
     * `languages` */
    const std::vector<lede_language> *by_document = nullptr;
    lede_language_set languages = 0;

    bool is_of(Xapian::docid docid) const
    {
        return !by_document ||
               (docid < by_document->size() && languages >> (*by_document)[docid] & 1);
    }
};

/* Threads: any, one a handle. Throws Xapian::Error, std::bad_alloc. */
TermThere term_there(Segment &segment, const Xapian::Database &handle, const std::string &term);

/* As glass::ListReader has it: begin(count) of the list that it is read from, visit(document, wdf)
 * of those that have the term. */
template <typename Begin, typename Visit>
void visit_postings(const Segment &segment, const TermThere &there, Begin &&begin, Visit &&visit)
{
    segment.lists->visit_postings(there.name, begin, [&](uint32_t document, uint32_t frequency) {
        return !there.is_of(document) || visit(document, frequency);
    });
}

template <typename Visit>
void visit_postings(const Segment &segment, const TermThere &there, Visit &&visit)
{
    visit_postings(
        segment, there, [](uint32_t) {}, visit);
}

/* How many documents have the term, deleted ones too. As term_there(). */
Xapian::doccount count_postings(
    Segment &segment, const Xapian::Database &handle, const std::string &term);
/* Of all segments of an index that has handles. */
Xapian::doccount count_documents(struct lede_index *index, const std::string &term);

} // namespace lede
#endif
