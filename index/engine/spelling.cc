/* Words of the archive near a misspelt one, from the exact-word terms of body and title: no dictionary of its
 * own to keep in step.
 *
 * Bounded: a candidate begins with the same character, at most SCAN_MAX terms are looked at, and the distance
 * is at most 2. */
#include "guard.h"
#include "index.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace
{

constexpr size_t SCAN_MAX = 200000;
/* A longer word's distance would cost more than it tells. */
constexpr size_t WORD_CHARS_MAX = 64;
constexpr size_t ONE_EDIT_CHARS_MAX =
    4; /* words up to this long may differ in one character, longer ones in two */

using Characters = std::vector<uint32_t>;

/* The term's bytes are valid UTF-8: the analyzer made them. */
Characters decode(std::string_view text)
{
    Characters characters;
    for (unsigned char byte : text) {
        if (byte < 0x80 || byte >= 0xC0)
            characters.push_back(byte);
        else if (!characters.empty())
            characters.back() = characters.back() << 8 | byte;
    }
    return characters;
}

/* Optimal string alignment: insertions, deletions, replacements and swaps of neighbours; more than `limit` is
 * limit + 1. Source of the recurrence: Damerau 1964 as restricted by Boytsov, "Indexing methods for
 * approximate dictionary searching", 2011. */
size_t edit_distance(const Characters &a, const Characters &b, size_t limit)
{
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit)
        return limit + 1;
    std::vector<size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (size_t j = 0; j <= b.size(); j++)
        above[j] = j;
    for (size_t i = 1; i <= a.size(); i++) {
        row[0] = i;
        size_t best = i;
        for (size_t j = 1; j <= b.size(); j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
            best = std::min(best, row[j]);
        }
        if (best > limit)
            return limit + 1;
        before.swap(above);
        above.swap(row);
    }
    return std::min(above[b.size()], limit + 1);
}

struct Suggestion {
    std::string word;
    size_t distance = SIZE_MAX;
    Xapian::doccount documents = 0;
};

class Speller
{
  public:
    Speller(const Xapian::Database &database, std::string_view word)
        : database_(database), word_(word), characters_(decode(word)),
          limit_(characters_.size() <= ONE_EDIT_CHARS_MAX ? 1 : 2)
    {
    }

    /* Documents with the word in title or body: the more frequent of the two places, so that none is counted
     * twice. */
    Xapian::doccount count() const
    {
        return std::max(database_.get_termfreq(lead(LEDE_FIELD_BODY) + word_),
            database_.get_termfreq(lead(LEDE_FIELD_TITLE) + word_));
    }

    std::string suggest()
    {
        if (characters_.size() < 2 || characters_.size() > WORD_CHARS_MAX)
            return {};
        scan(lead(LEDE_FIELD_BODY));
        scan(lead(LEDE_FIELD_TITLE));
        return best_.word;
    }

  private:
    static std::string lead(enum lede_field_id id)
    {
        return std::string("=") + lede_field_at(id)->prefix;
    }

    /* Size of the first character. */
    size_t first_size() const
    {
        size_t size = 1;
        while (size < word_.size() && (static_cast<unsigned char>(word_[size]) & 0xC0) == 0x80)
            size++;
        return size;
    }

    void scan(const std::string &lead)
    {
        std::string start = lead + word_.substr(0, first_size());
        Xapian::TermIterator end = database_.allterms_end(start);
        size_t seen = 0;
        for (Xapian::TermIterator term = database_.allterms_begin(start); term != end && seen < SCAN_MAX;
             ++term, ++seen)
            consider((*term).substr(lead.size()), term);
    }

    void consider(const std::string &word, const Xapian::TermIterator &term)
    {
        if (word == word_ || word.size() > LEDE_TERM_SIZE_MAX)
            return;
        size_t distance = edit_distance(characters_, decode(word), limit_);
        if (distance > limit_ || distance > best_.distance)
            return;
        Xapian::doccount documents = term.get_termfreq();
        if (distance < best_.distance || documents > best_.documents)
            best_ = {word, distance, documents};
    }

    const Xapian::Database &database_;
    std::string word_;
    Characters characters_;
    size_t limit_;
    Suggestion best_;
};

} // namespace

extern "C" enum lede_status lede_index_spelling(struct lede_index *index, const char *word,
    uint32_t *ret_count, char ret_suggestion[LEDE_TERM_SIZE_MAX + 1], struct lede_error *reterr)
{
    return lede::guarded(reterr, "looking for a spelling", [&] {
        Xapian::doccount count = 0;
        std::string suggestion;
        if (!index->segments.empty()) {
            Speller speller(index->combined, word);
            count = speller.count();
            suggestion = speller.suggest();
        }
        *ret_count = count;
        memcpy(ret_suggestion, suggestion.c_str(), suggestion.size() + 1);
        return LEDE_OK;
    });
}
