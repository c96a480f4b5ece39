/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The body of every extern "C" function that reads an index: one call of lede::reading(). It has
 * handles on the segments as long as it runs, and no copy of one outlives it. */
#ifndef LEDE_ENGINE_READING_H
#define LEDE_ENGINE_READING_H

#include "guard.h"
#include "index.h"

#include <utility>

namespace lede
{

/* Handles for an index, until it goes. Throws what SegmentPool::lend() throws. */
class IndexLoan
{
  public:
    /* index  one that has handles already keeps those: a visit may read, too */
    explicit IndexLoan(struct lede_index *index);
    ~IndexLoan();
    IndexLoan(const IndexLoan &) = delete;
    IndexLoan &operator=(const IndexLoan &) = delete;
    /* Nothing went wrong: the handles are kept. */
    void end_well()
    {
        ended_well_ = true;
    }

  private:
    void give_back(bool keeps);

    struct lede_index *index_; /* NULL: the handles are somebody else's */
    bool ended_well_ = false;
};

/* Run a body that returns a status; an exception becomes one. */
template <typename Body>
enum lede_status reading(
    struct lede_index *index, struct lede_error *reterr, const char *what, Body &&body) noexcept
{
    return guarded(reterr, what, [&] {
        IndexLoan loan(index);
        enum lede_status status = std::forward<Body>(body)();
        if (status == LEDE_OK || status == LEDE_ENOTFOUND || status == LEDE_ELIMIT)
            loan.end_well();
        return status;
    });
}

} // namespace lede
#endif
