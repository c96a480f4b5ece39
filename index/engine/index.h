/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The read handle, shared inside this floor only. */
#ifndef LEDE_ENGINE_INDEX_H
#define LEDE_ENGINE_INDEX_H

#include "lede/engine.h"

#include "dictionary.h"
#include "pattern_set.h"
#include "segment_pool.h"
#include "stored_text.h"

#include <xapian.h>

#include <memory>
#include <new>
#include <string>
#include <vector>

namespace lede
{

class IndexLoan;

struct IndexPart {
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

    std::shared_ptr<lede::SegmentPool> pool;
    lede::Segments opened;
    std::vector<lede::IndexPart> parts; /* one a segment, in the same order */
    /* While something is read (reading.h), one handle a segment, and all as one; else none. */
    lede::Handles segments;
    Xapian::Database combined;
    std::shared_ptr<lede::IndexLoan> loan; /* of lede_index_borrow() */
    size_t borrowed = 0;                   /* how often, and not given back */
    bool is_loan_well = true;
    uint32_t deleted_count = 0; /* documents of the parts' bitmaps */
    uint64_t revision = 0;
    uint32_t document_count = 0; /* without deleted ones */
    struct lede_analyzer *analyzer = nullptr;
    /* What searches before have read, of these segments. */
    std::shared_ptr<lede::TermFacts> facts;
    lede::Dictionary dictionary;
    lede::PatternSets pattern_sets;
};

#endif
