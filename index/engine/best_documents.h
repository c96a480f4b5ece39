/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The best documents of a match, one for each value of a slot, and those without a value. */
#ifndef LEDE_ENGINE_BEST_DOCUMENTS_H
#define LEDE_ENGINE_BEST_DOCUMENTS_H

#include "clock_source.h"
#include "index.h"
#include "lede/engine.h"

#include <xapian.h>

#include <cstdint>
#include <vector>

namespace lede
{

constexpr uint32_t VALUE_NONE = UINT32_MAX;

/* moment  published, the greater the better in the order asked for; 0 while nothing asks for it
 * value   VALUE_NONE: it has none, and stands for itself */
struct BestDocument {
    double score; /* 0 in date orders */
    uint64_t moment;
    Xapian::docid docid;
    uint32_t value;
};

/* Which is better is asked of every match, so that values are read only where they decide: moments
 * of equal scores, and ids when the match is over, of those alone that a page may show. */
class BestDocuments
{
  public:
    /* search  its query says whether to expect equal scores count that are wanted, from the best
     *         one on */
    BestDocuments(const struct lede_search &search, size_t count);

    /* docid  as in index->combined value VALUE_NONE, or the number of the value: they are given out
     *        from 0 on, as they come */
    void add(uint32_t value, Xapian::docid docid, const Xapian::Document &document, double score);
    /* The best, at most `count`: by score, then newest, then by id; in date orders by moment, then
     * by id. What is equal stays as it comes once the deadline has passed. Throws what Xapian
     * throws. */
    std::vector<BestDocument> first(const struct lede_index *index, Deadline *deadline) const;

  private:
    static constexpr uint32_t TIED_NONE = UINT32_MAX;
    struct Group {
        BestDocument best = {};
        uint32_t tied = TIED_NONE; /* the last one of those tied with the best */
    };
    struct Tied {
        Xapian::docid docid;
        uint32_t before; /* TIED_NONE: none */
    };
    struct Place;

    bool comes_first(const BestDocument &a, const BestDocument &b) const;
    bool place_comes_first(const Place &a, const Place &b) const;
    uint64_t moment_of(const std::string &published) const;
    void add_to_group(const BestDocument &one);
    void add_tied(Group *group, Xapian::docid docid);
    void forget_tied(Group *group);
    void add_single(const BestDocument &one);
    void drop_singles();
    std::vector<Place> candidates() const;
    void read_tied(
        std::vector<Place> *places, const struct lede_index *index, Deadline *deadline) const;

    enum lede_sort sort_;
    bool reads_moments_; /* of each that may be better */
    size_t count_;
    std::vector<Group> groups_; /* by number of the value */
    std::vector<Tied> tied_;
    uint32_t free_tied_ = TIED_NONE;
    std::vector<BestDocument> singles_; /* with all that equal the last one wanted */
    /* so many, and those behind the last one wanted are dropped */
    size_t singles_max_;
    /* the last one wanted when that was done; docid 0: it was not yet */
    BestDocument last_single_ = {};
};

} // namespace lede
#endif
