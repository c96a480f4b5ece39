/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of the archive's dictionary, in memory where they were walked before.
 *
 * A pattern that begins with no letter, or with one, walks all words that begin so, segment by
 * segment; Xapian's dictionary gives some five million a second. Segments never change: what such a
 * walk saw of one is kept, and shared by all readers of the process, so that one of them walks for
 * all. */
#ifndef LEDE_ENGINE_DICTIONARY_H
#define LEDE_ENGINE_DICTIONARY_H

#include "lede/schema.h"
#include "lede/time.h"

#include <xapian.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* Known to one reader, in bytes, shared or not; a walk that would exceed it keeps nothing. */
constexpr size_t DICTIONARY_BYTES_MAX = 32 << 20;

/* The words of a segment that a pattern's beginning leads to; never changed once made. A word with
 * accents has how it is written behind it (LEDE_TERM_WRITTEN). */
struct WordGroup {
    struct Word {
        uint32_t end; /* in `bytes`; it starts where the one before ends */
        Xapian::doccount documents;
    };
    std::string bytes;
    std::vector<Word> words;

    std::string_view at(size_t index) const;
    size_t cost() const;
};

/* A word without what may stand behind it. */
inline std::string_view folded_word(std::string_view word)
{
    return word.substr(0, word.find(LEDE_TERM_WRITTEN));
}

/* What a segment is known by, for what is kept of it. */
struct SegmentState {
    std::string uuid;
    uint64_t revision;
};

/* Threads: each reader has its own. */
class Dictionary
{
  public:
    /* word  as it stands in terms. Returns whether to go on. */
    using Visit = std::function<bool(std::string_view word, Xapian::doccount documents)>;

    /* Say which segments it is of; once, before anything else. */
    void open(std::vector<SegmentState> segments);
    /* Take over what the dictionary of the view before knows of the same segments; open() comes
     * first. */
    void inherit(const Dictionary &earlier);
    /* The segments, for what is kept of all of them. */
    const std::string &sealed_name() const
    {
        return sealed_name_;
    }

    /* Visit the words of one segment that begin with `literal`, bytewise ascending.
     * number   of the segment, as in open()
     * lead     what stands before a word in its terms: "=", "=T"
     * Returns false where the visit or the deadline ended it. */
    bool visit(size_t number, const Xapian::Database &segment, const std::string &lead,
        const std::string &literal, struct lede_deadline *deadline, const Visit &visit);

  private:
    /* Of a segment, by lead and first character; "" holds all. */
    using Groups = std::map<std::pair<std::string, std::string>, std::shared_ptr<const WordGroup>>;

    const WordGroup *find(size_t number, const std::string &lead, const std::string &first);
    void keep(size_t number, const std::string &lead, const std::string &first,
        std::shared_ptr<const WordGroup> group);
    static bool visit_group(const WordGroup &group, const std::string &literal, const Visit &visit);
    static bool walk(const Xapian::Database &segment, const std::string &lead,
        const std::string &literal, struct lede_deadline *deadline, const Visit &visit);

    std::vector<SegmentState> segments_;
    std::vector<Groups> groups_; /* one a segment */
    std::string sealed_name_;
    size_t bytes_ = 0;
};

} // namespace lede
#endif
