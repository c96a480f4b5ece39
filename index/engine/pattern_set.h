/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The documents of a pattern.
 *
 * A pattern stands for up to a thousand words in each field. Xapian's OR of as many lists opens
 * them all in every segment, and climbs a tree ten storeys high for each posting; nothing but
 * membership is wanted of it. So the lists are read one after the other into a bitmap for each
 * segment, once. */
#ifndef LEDE_ENGINE_PATTERN_SET_H
#define LEDE_ENGINE_PATTERN_SET_H

#include "dictionary.h"
#include "lede/engine.h"

#include <xapian.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace lede
{

/* Of one segment; bit n is document n. */
struct Bitmap {
    std::vector<uint64_t> bits;
    Xapian::doccount count = 0;
};

struct PatternSet {
    std::vector<std::string> terms;
    std::vector<Bitmap> segments;
    uint32_t used = 0; /* words in the field that left out most */
    uint32_t left_out = 0;
    bool scan_ended = false;
    bool is_whole = true; /* false: the deadline came before every list was read */

    Xapian::doccount count() const;
    size_t cost() const; /* bytes, about */
};

/* The sets of the searches before, of one revision; the oldest go first. */
class PatternSets
{
  public:
    /* Expand and read, or find.
     * leaf     PREFIX, WILDCARD, FUZZY   fields  text fields in which words are looked for
     * choices  by field; NULL: none */
    std::shared_ptr<const PatternSet> find(const std::vector<Xapian::Database> &segments,
        Dictionary &dictionary, const struct lede_query_node *leaf, lede_field_set fields,
        const struct lede_pattern_choice *choices, struct lede_deadline *deadline);

  private:
    struct Known {
        std::string key;
        std::shared_ptr<const PatternSet> set;
    };
    std::list<Known> known_; /* last used first */
    size_t bytes_ = 0;
};

} // namespace lede
#endif
