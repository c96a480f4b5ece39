/* Terms come in order from the term dictionary; the most frequent are kept by one partial sort. */
#include "expand.h"

#include "lede/engine.h"

#include <algorithm>

namespace lede
{

namespace
{

struct Candidate {
    std::string term;
    Xapian::doccount documents;
};

bool comes_first(const Candidate &a, const Candidate &b)
{
    return a.documents != b.documents ? a.documents > b.documents : a.term < b.term;
}

} // namespace

std::vector<std::string> PrefixExpander::expand(const std::string &start)
{
    std::vector<Candidate> candidates;
    Xapian::TermIterator end = database_.allterms_end(start);
    for (Xapian::TermIterator term = database_.allterms_begin(start); term != end; ++term) {
        if (candidates.size() == LEDE_EXPANSION_SCAN_MAX || deadline_->has_passed()) {
            cut_ = true;
            break;
        }
        candidates.push_back({*term, term.get_termfreq()});
    }
    if (candidates.size() > LEDE_EXPANSION_TERMS_MAX) {
        cut_ = true;
        std::nth_element(
            candidates.begin(), candidates.begin() + LEDE_EXPANSION_TERMS_MAX, candidates.end(), comes_first);
        candidates.resize(LEDE_EXPANSION_TERMS_MAX);
    }
    std::vector<std::string> terms;
    postings_ = 0;
    for (Candidate &candidate : candidates) {
        postings_ += candidate.documents;
        terms.push_back(std::move(candidate.term));
    }
    return terms;
}

} // namespace lede
