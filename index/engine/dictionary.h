/* The words of the archive's dictionary, in memory where they were walked before.
 *
 * A pattern that begins with no letter, or with one, walks all words that begin so, segment by segment; Xapian's dictionary gives some five million a
 * second. What such a walk saw of a segment is kept until the segment changes. */
#ifndef LEDE_ENGINE_DICTIONARY_H
#define LEDE_ENGINE_DICTIONARY_H

#include "clock_source.h"

#include <xapian.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* Kept by one reader, in bytes; a walk that would exceed it keeps nothing. */
constexpr size_t DICTIONARY_BYTES_MAX = 32 << 20;

class Dictionary
{
  public:
    /* Returns whether to go on. */
    using Visit = std::function<bool(std::string_view word, Xapian::doccount documents)>;

    /* Forget what is known of segments whose revision is another than before. */
    void refresh(const std::vector<uint64_t> &revisions);

    /* Visit the words of one segment that begin with `literal`, bytewise ascending.
     * number   of the segment, as in the revisions
     * lead     what stands before a word in its terms: "=", "=T"
     * Returns false where the visit or the deadline ended it. */
    bool visit(size_t number, const Xapian::Database &segment, const std::string &lead,
        const std::string &literal, Deadline *deadline, const Visit &visit);

  private:
    struct Word {
        uint32_t end; /* in the group's bytes; it starts where the one before ends */
        Xapian::doccount documents;
    };
    struct Group {
        std::string bytes;
        std::vector<Word> words;
        std::string_view at(size_t index) const;
        size_t cost() const;
    };
    /* By lead and first character; "" holds all. */
    using Groups = std::map<std::pair<std::string, std::string>, Group>;

    static bool visit_group(const Group &group, const std::string &literal, const Visit &visit);
    static bool walk(const Xapian::Database &segment, const std::string &lead, const std::string &literal,
        Deadline *deadline, const Visit &visit);

    std::vector<uint64_t> revisions_;
    std::vector<Groups> segments_;
    size_t bytes_ = 0;
};

} // namespace lede
#endif
