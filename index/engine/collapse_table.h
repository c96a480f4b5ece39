/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Collapsing by a field: in one match, the best document of each value, how many it stands for, and
 * from which sources. */
#ifndef LEDE_ENGINE_COLLAPSE_TABLE_H
#define LEDE_ENGINE_COLLAPSE_TABLE_H

#include "best_documents.h"
#include "count_table.h"
#include "lede/engine.h"
#include "ranked.h"

#include <xapian.h>

#include <vector>

namespace lede
{

/* Sees each match with its weight, before anything is left out. Xapian's own collapsing keeps the
 * best only, makes a string of what each is ordered by, and says nothing exact of the others: they
 * would be counted by a second match. */
class CollapseTable : public Xapian::MatchSpy
{
  public:
    /* index, search  outlive this
     * count   hits wanted, from the first one on; 0: count only
     * counts  whether write_copies() is called */
    CollapseTable(const struct lede_index *index, const struct lede_search &search, size_t count,
        bool counts);

    /* What is to be matched for the documents of `query`; this outlives it. */
    Xapian::Query watched(const Xapian::Query &query);

    void operator()(const Xapian::Document &document, double weight) override;

    /* The hits, in the order of BestDocuments::first(). Throws what Xapian throws. */
    std::vector<Ranked> first(Deadline *deadline) const;
    /* Fill in collapse_count and collapse_sources of hits by their collapse_key; memory is the
     * result's arena. */
    void write_copies(struct lede_search_result *result);

  private:
    struct Copies;
    struct SourceCount {
        uint32_t source;
        uint32_t count;
    };

    void count_source(uint32_t value, const Xapian::Document &document);
    std::vector<Copies> copies_of(const struct lede_search_result &result);

    const struct lede_index *index_;
    const struct lede_search &search_;
    Xapian::docid segment_ = 0; /* that is being matched */
    bool finds_;
    bool counts_;
    BestDocuments bests_;
    CountTable values_;
    CountTable sources_;
    /* By number of the value: the source that came first. Most values of some fields have no
     * other. */
    std::vector<SourceCount> first_sources_;
    CountTable pairs_; /* of a value's and any other source's number */
};

} // namespace lede
#endif
