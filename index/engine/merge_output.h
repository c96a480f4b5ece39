/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both ways of merging share: asking whether to go on, a directory that goes again, Xapian's
 * compaction. */
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

class Progress : public Xapian::Compactor
{
  public:
    Progress(bool (*may_go_on)(void *context), void *context)
        : may_go_on_(may_go_on), context_(context)
    {
    }

    void set_status(const std::string &, const std::string &) override
    {
        look();
    }
    /* Throws Interrupted. */
    void look() const
    {
        if (may_go_on_ && !may_go_on_(context_))
            throw Interrupted();
    }
    /* The merged segment holds what each source held at its own revision: the newest of them. All
     * else is one for all. */
    std::string resolve_duplicate_metadata(
        const std::string &key, size_t tag_count, const std::string tags[]) override;

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

/* Make one segment of several, in their order. Throws Xapian::Error, FileError, Interrupted. */
void compact(
    const std::vector<Xapian::Database> &sources, const std::string &path, Progress &progress);

} // namespace lede
#endif
