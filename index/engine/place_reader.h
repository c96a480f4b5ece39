/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where do the words of a proximity node stand in the documents of one segment?
 *
 * A candidate's positions are looked at first (forward_positions.h): most of what has the words has
 * them not together. They answer for stems that the document has. A word of which a segment has one
 * stem alone is surely one of those, for all candidates have the words; of several stems posting
 * lists have to tell which, and so what the positions seem to have is looked at again with them.
 * They tell, too, how often a word stands in a field at most.
 *
 * Patterns, exact words and capitals have no positions: the stored text is read (text_places.h),
 * and only where a field has the node's other words. It is read for all words of a document without
 * such a value. */
#ifndef LEDE_ENGINE_PLACE_READER_H
#define LEDE_ENGINE_PLACE_READER_H

#include "forward_file.h"
#include "forward_positions.h"
#include "lede/query.h"
#include "lede/spans.h"
#include "lede/text.h"
#include "text_places.h"

#include <xapian.h>

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lede
{

/* The postings of one term, read forwards. */
class TermList
{
  public:
    /* stem_hash  what the term's stem is known by; of other terms 0 */
    TermList(Xapian::Database segment, std::string term, uint64_t stem_hash);
    /* docid  not below that of the call before */
    bool has(Xapian::docid docid);
    /* Of the document that has() found. */
    uint64_t frequency() const
    {
        return posting_.get_wdf();
    }
    uint64_t stem_hash() const
    {
        return stem_hash_;
    }

  private:
    Xapian::Database segment_;
    std::string term_;
    uint64_t stem_hash_;
    Xapian::PostingIterator posting_;
    bool is_open_ = false;
};

/* Asked for documents in ascending order. */
class PlaceReader
{
  public:
    /* so often at most; sums and products of it fit */
    static constexpr uint64_t UNKNOWN = UINT32_MAX;

    /* files  with the segment's node, analyzer, deadline borrowed; the last two are for stored
     *        texts. Once the deadline has passed, places may be missing */
    PlaceReader(const Xapian::Database &segment, const ForwardFiles &files,
        const struct lede_query_node *node, struct lede_analyzer *analyzer,
        struct lede_deadline *deadline);
    PlaceReader(const PlaceReader &) = delete;
    PlaceReader &operator=(const PlaceReader &) = delete;

    /* The node has no more spans than that in the field; 0: none. Exact for words and ORs of them,
     * where the field counts its words. */
    uint64_t most_spans(
        const struct lede_query_node *node, enum lede_field_id field, Xapian::docid docid);
    /* Does the field have the word of a leaf of one, by its stem? */
    bool has_word(
        const struct lede_query_node *leaf, enum lede_field_id field, Xapian::docid docid);
    /* Whether the document has a second paragraph in the body: the lead ends there. */
    bool lead_ends(Xapian::docid docid);
    /* The first place of a leaf of one word in the body is before the lead ends. */
    bool is_in_lead(const struct lede_query_node *leaf, Xapian::docid docid);

    /* Are there positions of the document in the file? */
    bool has_value(Xapian::docid docid)
    {
        open(docid);
        return has_value_;
    }
    /* Words of the document that has_value() found, however many. */
    uint32_t word_count() const
    {
        return forward_.word_count();
    }
    /* It has words that share positions: may_have_phrase() says nothing of them. */
    bool shares_positions() const
    {
        return forward_.shares_positions();
    }
    /* Each word of the node has one stem in the segment: where a document has all words, what
     * may_have_phrase() and unproven places say of it is so. */
    bool is_certain() const;
    /* Are the words of a phrase side by side in the field of a document that has_value(), by their
     * unproven places? False is certain. */
    bool may_have_phrase(const struct lede_query_node *phrase, enum lede_field_id field);

    enum Proof {
        /* places of a word's stems whether or not the document has them: more than there are */
        UNPROVEN,
        PROVEN
    };
    /* What lede_spans_count() looks at; valid until the next call. */
    struct lede_span_text text_of(enum lede_field_id field, Xapian::docid docid, enum Proof proof);
    /* Can the node have spans there? Each of its parts needs a place in the text. */
    bool has_operands(const struct lede_query_node *node);
    /* Add where sentences and paragraphs begin to what text_of() gave. */
    void add_starts(struct lede_span_text *text, bool sentences, bool paragraphs);
    /* Where a leaf's word stands, as lede_spans_count() asks; valid as long as what text_of()
     * gave. */
    struct lede_positions positions_of(const struct lede_query_node *leaf, size_t word);
    /* Throw what went wrong in a call of lede_spans_count(). */
    void rethrow();

  private:
    using Lists = std::vector<TermList *>;
    struct Word {
        const struct lede_query_word *query = nullptr;
        std::array<Lists, LEDE_FIELD_COUNT> stems;
        std::array<TermList *, LEDE_FIELD_COUNT>
            written; /* the term of an exact word or of capitals; NULL: none */
        /* of the stems that the segment has in some of the fields */
        std::vector<uint64_t> hashes;
        Xapian::doccount documents = 0; /* that have them */
        std::vector<uint32_t> slots;    /* of `hashes` in the document `slots_of` */
        Xapian::docid slots_of = 0;
    };

    void add_leaves(const struct lede_query_node *node);
    void add_word(const struct lede_query_node *node, const struct lede_query_word *query);
    Word &word_of(const struct lede_query_word *query);
    const std::vector<uint32_t> &slots_of(Word &word);
    TermList *list_of(const std::string &term, uint64_t stem_hash);
    void open(Xapian::docid docid);
    uint64_t most_words(const struct lede_query_node *leaf, size_t word, enum lede_field_id field,
        Xapian::docid docid);
    std::vector<uint32_t> &empty_list();
    struct lede_positions read(Word &word);
    struct lede_positions starts(enum ForwardMark kind, size_t most = SIZE_MAX);
    static bool give_positions(void *context, const struct lede_query_node *leaf, size_t word,
        struct lede_positions *ret_positions) noexcept;

    Xapian::Database segment_;
    std::deque<TermList> lists_; /* elements never move */
    std::map<std::string, TermList *> by_term_;
    std::vector<Word> words_; /* by address of their query */
    /* Of the text that is looked at. */
    enum lede_field_id field_ = LEDE_FIELD_COUNT;
    Xapian::docid docid_ = 0;
    enum Proof proof_ = PROVEN;
    std::vector<std::vector<uint32_t>> pool_;
    size_t pool_used_ = 0;
    std::vector<std::pair<const struct lede_query_word *, struct lede_positions>> known_;
    std::exception_ptr failure_;
    /* Of the document that is looked at. */
    Xapian::docid open_docid_ = 0;
    bool has_value_ = false; /* its positions are in forward_ */
    ForwardFileReader file_;
    ForwardReader forward_;
    std::vector<std::vector<uint32_t>> phrase_; /* slots by word */
    std::vector<uint32_t> slots_;
    TextPlaces text_;
};

} // namespace lede
#endif
