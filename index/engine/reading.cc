/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reading.h"

#include <utility>

namespace lede
{

IndexLoan::IndexLoan(struct lede_index *index) : index_(index->segments.empty() ? index : nullptr)
{
    if (!index_)
        return;
    index_->segments = index_->pool->lend(index_->opened);
    try {
        for (const Xapian::Database &segment : index_->segments)
            index_->combined.add_database(segment);
    } catch (...) {
        give_back(false);
        throw;
    }
}

void IndexLoan::give_back(bool keeps)
{
    index_->combined = Xapian::Database();
    index_->pool->give_back(index_->opened, std::exchange(index_->segments, {}), keeps);
}

IndexLoan::~IndexLoan()
{
    if (index_)
        give_back(ended_well_);
}

} // namespace lede
