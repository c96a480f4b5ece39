/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which words of the archive does a pattern stand for? */
#ifndef LEDE_ENGINE_EXPAND_H
#define LEDE_ENGINE_EXPAND_H

#include "dictionary.h"
#include "lede/engine.h"

#include <string>
#include <vector>

namespace lede
{

/* The words in one field. */
struct PatternWords {
    std::vector<std::string> terms; /* lead + word, with how it is written */
    /* For each segment, which of the terms it has. */
    std::vector<std::vector<uint32_t>> in_segments;
    uint32_t used = 0;     /* words, in whatever form */
    uint32_t left_out = 0; /* that were seen and not taken */
    bool scan_ended = false;
};

/* The terms of the words of the archive that the leaf (PREFIX, WILDCARD, FUZZY) matches: of at most
 * LEDE_EXPANSION_TERMS_MAX words, those of most documents, of which bytewise first ones.
 * choice  of others, which is taken as it is; NULL: there is none
 * Looks at LEDE_EXPANSION_SCAN_MAX words at most, and stops at the deadline. Xapian's own
 * OP_WILDCARD chooses by each shard's frequencies, knows a star at the end only, and cannot say
 * that it cut. */
PatternWords expand(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf,
    const struct lede_pattern_choice *choice, struct lede_deadline *deadline);

/* All words of the archive that the leaf matches, at most `max`, with their documents, in no order
 * but that those of most documents are there. */
struct PatternCounts {
    std::vector<std::pair<std::string, uint32_t>> words;
    uint32_t left_out = 0;
    bool scan_ended = false;
};
PatternCounts count_words(const std::vector<Xapian::Database> &segments, Dictionary &dictionary,
    const std::string &lead, const struct lede_query_node *leaf, size_t max,
    struct lede_deadline *deadline);

} // namespace lede
#endif
