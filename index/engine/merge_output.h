/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ways of merging share: asking whether to go on, a directory that goes again, joining
 * whole segments. */
#ifndef LEDE_ENGINE_MERGE_OUTPUT_H
#define LEDE_ENGINE_MERGE_OUTPUT_H

#include "lede/engine.h"

#include <xapian.h>

#include <string>
#include <vector>

namespace lede
{

/* Thrown where the caller wants no more. */
class Interrupted
{
};

class Progress
{
  public:
    Progress(bool (*may_go_on)(void *context), void *context)
        : may_go_on_(may_go_on), context_(context)
    {
    }

    /* Throws Interrupted. */
    void look() const
    {
        if (may_go_on_ && !may_go_on_(context_))
            throw Interrupted();
    }

  private:
    bool (*may_go_on_)(void *context);
    void *context_;
};

/* A directory that goes again unless it is kept. */
class Output
{
  public:
    explicit Output(const char *path) : path_(path)
    {
    }
    ~Output();
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;
    const std::string &path() const
    {
        return path_;
    }
    void keep()
    {
        kept_ = true;
    }

  private:
    std::string path_;
    bool kept_ = false;
};

/* Make one segment of several, in their order, with their positions. destination  does not exist
 * ret_shifts  by source: what is added to its documents' numbers
 * Throws Xapian::Error, FileError, DamagedError, Interrupted, std::bad_alloc. */
void join_segments(const std::vector<std::string> &sources, const std::string &destination,
    const Progress &progress, std::vector<int64_t> *ret_shifts);

} // namespace lede
#endif
