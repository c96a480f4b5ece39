/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value_counts.h"

#include "guard.h"

#include <algorithm>

namespace lede
{

namespace
{

constexpr Xapian::docid WORD_BITS = 64;

uint32_t count_among(const Xapian::Database &segment, const std::string &term,
    const std::vector<Xapian::docid> &documents)
{
    uint32_t found = 0;
    Xapian::PostingIterator posting = segment.postlist_begin(term);
    Xapian::PostingIterator end = segment.postlist_end(term);
    for (auto wanted = documents.begin(); wanted != documents.end() && posting != end;) {
        posting.skip_to(*wanted);
        if (posting == end)
            break;
        found += *posting == *wanted ? 1 : 0;
        wanted =
            *posting == *wanted ? wanted + 1 : std::lower_bound(wanted, documents.end(), *posting);
    }
    return found;
}

} // namespace

std::string value_prefix(const struct lede_field *field)
{
    std::string prefix = "F";
    prefix += field ? field->filter_letter : 'U';
    return prefix;
}

bool is_counted(const struct lede_field *field)
{
    return !field || field->id == LEDE_FIELD_LANGUAGE;
}

std::vector<Xapian::docid> deleted_since(
    const struct lede_deleted &deleted, const struct lede_deleted &before)
{
    std::vector<Xapian::docid> documents;
    documents.reserve(deleted.count - std::min(deleted.count, before.count));
    for (Xapian::docid first = 0; deleted.count > 0 && first < deleted.bit_count;
         first += WORD_BITS) {
        uint64_t word = deleted.bits[first / WORD_BITS];
        if (before.count > 0 && first < before.bit_count)
            word &= ~before.bits[first / WORD_BITS];
        for (; word != 0; word &= word - 1)
            documents.push_back(first + static_cast<Xapian::docid>(__builtin_ctzll(word)));
    }
    return documents;
}

void count_terms(const Xapian::Database &segment, const std::string &prefix, size_t max,
    const std::vector<Xapian::docid> &documents, TermCounts *counts)
{
    Xapian::TermIterator end = segment.allterms_end(prefix);
    if (documents.empty())
        return;
    for (Xapian::TermIterator term = segment.allterms_begin(prefix); term != end && max > 0;
         max--) {
        std::string name = *term;
        uint32_t found = count_among(segment, name, documents);
        if (found > 0)
            (*counts)[name] += found;
        next_term(term, name);
    }
}

} // namespace lede

extern "C" void lede_value_counts_free(struct lede_value_counts *counts)
{
    delete counts;
}
