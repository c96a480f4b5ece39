/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where do words stand in a stored text?
 *
 * What a pattern, an exact word or capitals stand for is not in the index: it is seen in the text,
 * word by word. A document is read once, a field of it once, for all leaves of a node. Words are
 * stemmed only where the index does not know where they stand: in segments that an earlier version
 * wrote. */
#ifndef LEDE_ENGINE_TEXT_PLACES_H
#define LEDE_ENGINE_TEXT_PLACES_H

#include "lede/model.h"
#include "lede/query.h"
#include "lede/spans.h"

#include <xapian.h>

#include <memory>
#include <vector>

namespace lede
{

class TextPlaces
{
  public:
    /* deadline  once it has passed what is found is not all
     * All borrowed as long as this lives. */
    TextPlaces(const Xapian::Database &segment, const struct lede_query_node *node,
        struct lede_analyzer *analyzer, struct lede_deadline *deadline);

    /* The document that is asked about from here on; one that is there no more has no words.
     * with_stems  words and phrases will be asked for, too. Throws Xapian::DatabaseCorruptError,
     *             std::bad_alloc. */
    void open(Xapian::docid docid, bool with_stems);
    /* Both valid until another document is opened. */
    struct lede_positions positions_of(
        const struct lede_query_node *leaf, size_t word, enum lede_field_id field);
    /* Where sentences or paragraphs begin, but the field's first. */
    const std::vector<uint32_t> &starts_of(enum lede_field_id field, bool paragraphs);

  private:
    struct FreeDocument {
        void operator()(struct lede_document *document) const
        {
            lede_document_free(document);
        }
    };
    struct Word {
        const struct lede_query_node *leaf;
        size_t word;
        std::vector<uint32_t> fields[LEDE_FIELD_COUNT];
    };

    void add_leaves(const struct lede_query_node *node);
    void read();
    void scan(enum lede_field_id field);
    void scan_once(enum lede_field_id field)
    {
        if (!(scanned_ & LEDE_FIELD_BIT(field)))
            scan(field);
        scanned_ |= LEDE_FIELD_BIT(field);
    }

    Xapian::Database segment_;
    struct lede_analyzer *analyzer_;
    struct lede_deadline *deadline_;
    std::vector<Word> words_;
    std::vector<uint32_t> sentences_[LEDE_FIELD_COUNT];
    std::vector<uint32_t> paragraphs_[LEDE_FIELD_COUNT];
    Xapian::docid docid_ = 0;
    bool with_stems_ = false;
    /* of docid_; NULL: there is none */
    std::unique_ptr<struct lede_document, FreeDocument> document_;
    lede_field_set scanned_ = 0;
};

} // namespace lede
#endif
