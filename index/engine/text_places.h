/* Where do words stand in a stored text?
 *
 * What a pattern, an exact word or capitals stand for is not in the index: it is seen in the text, word by word. A document is read once, a field of it once,
 * for all leaves of a node; its words are not stemmed. */
#ifndef LEDE_ENGINE_TEXT_PLACES_H
#define LEDE_ENGINE_TEXT_PLACES_H

#include "clock_source.h"
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
    /* node      its leaves are looked for that are decided by words as written
     * deadline  once it has passed what is found is not all
     * All borrowed as long as this lives. */
    TextPlaces(const Xapian::Database &segment, const struct lede_query_node *node,
        struct lede_analyzer *analyzer, Deadline *deadline);

    /* A document that is there no more has no words. Valid until another document is asked for. Throws Xapian::DatabaseCorruptError, std::bad_alloc. */
    struct lede_positions positions_of(
        const struct lede_query_node *leaf, enum lede_field_id field, Xapian::docid docid);

  private:
    struct FreeDocument {
        void operator()(struct lede_document *document) const
        {
            lede_document_free(document);
        }
    };
    struct Leaf {
        const struct lede_query_node *node;
        std::vector<uint32_t> fields[LEDE_FIELD_COUNT];
    };

    void add_leaves(const struct lede_query_node *node);
    void open(Xapian::docid docid);
    void scan(enum lede_field_id field);

    Xapian::Database segment_;
    struct lede_analyzer *analyzer_;
    Deadline *deadline_;
    std::vector<Leaf> leaves_;
    Xapian::docid docid_ = 0;
    std::unique_ptr<struct lede_document, FreeDocument> document_; /* of docid_; NULL: there is none */
    lede_field_set scanned_ = 0;
};

} // namespace lede
#endif
