/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The read handle, shared inside this floor only. */
#ifndef LEDE_ENGINE_INDEX_H
#define LEDE_ENGINE_INDEX_H

#include "lede/engine.h"

#include "dictionary.h"
#include "forward_file.h"
#include "pattern_set.h"
#include "segment_pool.h"
#include "stored_text.h"
#include "term_facts.h"

#include <xapian.h>

#include <new>
#include <string>
#include <vector>

namespace lede
{

struct IndexPart {
    std::string uuid;
    struct lede_deleted deleted;                    /* the bits are borrowed */
    const struct lede_value_counts *deleted_values; /* of them, borrowed; NULL: not counted */
};

} // namespace lede

struct lede_index {
    lede_index() = default;
    lede_index(const lede_index &) = delete;
    lede_index &operator=(const lede_index &) = delete;
    ~lede_index()
    {
        lede_analyzer_free(analyzer);
    }
    /* For reading stored texts; made when first needed. Throws std::bad_alloc. */
    struct lede_analyzer *text_analyzer()
    {
        if (!analyzer && lede_analyzer_new(&analyzer, nullptr) != LEDE_OK)
            throw std::bad_alloc();
        return analyzer;
    }

    /* The stored text of a document of `combined`, which knows its number in its segment alone.
     * Throws as lede::text_of_data(). */
    std::string text_of(Xapian::docid docid, const Xapian::Document &document) const
    {
        return lede::text_of_data(document.get_data(), segments[(docid - 1) % segments.size()]);
    }

    /* Valid until another term is asked for. */
    const lede::TermFact &fact(const std::string &term)
    {
        return facts.find(segments, term);
    }

    std::shared_ptr<lede::SegmentPool> pool;
    lede::Segments opened;
    std::vector<lede::IndexPart> parts; /* one a segment, in the same order */
    /* While something is read (reading.h), one handle a segment, and all as one; else none. */
    lede::Handles segments;
    Xapian::Database combined;
    lede::ForwardFiles forward_files;
    uint32_t deleted_count = 0; /* documents of the parts' bitmaps */
    uint64_t revision = 0;
    uint32_t document_count = 0; /* without deleted ones */
    /* with them: checking at least so many makes Xapian sure of a total */
    uint32_t kept_count = 0;
    struct lede_analyzer *analyzer = nullptr;
    /* What searches before have read, of these segments. */
    lede::TermFacts facts;
    lede::Dictionary dictionary;
    lede::PatternSets pattern_sets;
};

namespace lede
{

/* The numbers of the segments that have documents, by how many: who looks for something frequent
 * finds it in the first. */
std::vector<size_t> largest_first(const struct lede_index *index);
/* The number of the segment that Xapian shows a posting source: it knows itself by its UUID. As
 * many as there are parts: none of them. */
size_t number_of_part(const struct lede_index *index, const Xapian::Database &segment);

} // namespace lede

#endif
