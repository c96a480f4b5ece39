/* Terms come in order from the term dictionary, from the pattern's literal beginning on; the most frequent are kept by one partial sort. */
#include "expand.h"

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

/* Fields' prefixes are capitals, and words have none: among the words of the field without a prefix stand those of all others. */
constexpr char BEHIND_CAPITALS = 'Z' + 1;

bool is_of_other_field(const std::string &term, const std::string &lead)
{
    return term.size() > lead.size() && term[lead.size()] >= 'A' && term[lead.size()] <= 'Z';
}

/* What every word that matches begins with. */
std::string literal_beginning(const struct lede_query_node *leaf)
{
    std::string word(leaf->words[0].word, leaf->words[0].word_size);
    if (leaf->kind == LEDE_QUERY_PREFIX)
        return word;
    if (leaf->kind == LEDE_QUERY_WILDCARD)
        return word.substr(0, word.find_first_of("*?"));
    size_t first = 1;
    while (first < word.size() && (static_cast<unsigned char>(word[first]) & 0xC0) == 0x80)
        first++;
    return word.substr(0, first);
}

} // namespace

std::vector<std::string> PatternExpander::expand(const std::string &lead, const struct lede_query_node *leaf)
{
    std::vector<Candidate> candidates;
    std::string start = lead + literal_beginning(leaf);
    size_t scanned = 0;
    bool scan_ended = false;
    Xapian::TermIterator end = database_.allterms_end(start);
    Xapian::TermIterator term = database_.allterms_begin(start);
    while (term != end) {
        std::string name = *term;
        if (is_of_other_field(name, lead)) {
            term.skip_to(lead + BEHIND_CAPITALS);
            continue;
        }
        if (scanned++ == LEDE_EXPANSION_SCAN_MAX || deadline_->has_passed()) {
            scan_ended = true;
            break;
        }
        if (lede_query_pattern_matches(leaf, name.data() + lead.size(), name.size() - lead.size()))
            candidates.push_back({name, term.get_termfreq()});
        ++term;
    }
    size_t left_out = 0;
    if (candidates.size() > LEDE_EXPANSION_TERMS_MAX) {
        left_out = candidates.size() - LEDE_EXPANSION_TERMS_MAX;
        std::nth_element(
            candidates.begin(), candidates.begin() + LEDE_EXPANSION_TERMS_MAX, candidates.end(), comes_first);
        candidates.resize(LEDE_EXPANSION_TERMS_MAX);
    }
    if (left_out > 0 || scan_ended)
        note_cut(leaf, candidates.size(), left_out, scan_ended);
    std::vector<std::string> terms;
    postings_ = 0;
    for (Candidate &candidate : candidates) {
        postings_ += candidate.documents;
        terms.push_back(std::move(candidate.term));
    }
    return terms;
}

/* A leaf is expanded once for each field; the field that left out most is told. */
void PatternExpander::note_cut(
    const struct lede_query_node *leaf, size_t used, size_t left_out, bool scan_ended)
{
    for (struct lede_expansion_cut &cut : cuts_) {
        if (cut.leaf != leaf)
            continue;
        cut.scan_ended = cut.scan_ended || scan_ended;
        if (left_out > cut.left_out) {
            cut.used = static_cast<uint32_t>(used);
            cut.left_out = static_cast<uint32_t>(left_out);
        }
        return;
    }
    cuts_.push_back({leaf, static_cast<uint32_t>(used), static_cast<uint32_t>(left_out), scan_ended});
}

} // namespace lede
