/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the file of positions (forward_file.h) of a segment that is built, or joined from
 * others. */
#ifndef LEDE_ENGINE_FORWARD_FILE_WRITER_H
#define LEDE_ENGINE_FORWARD_FILE_WRITER_H

#include "output_file.h"

#include <xapian.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lede
{

/* Throws glass::FileError, std::bad_alloc. */
class ForwardFileWriter
{
  public:
    /* directory  of the segment; it has no such file yet */
    explicit ForwardFileWriter(const std::string &directory);
    /* Of the document with the next number, from 1 on. */
    void add(std::string_view bytes);
    Xapian::docid count() const
    {
        return static_cast<Xapian::docid>(ends_.size());
    }
    /* Nothing is synced. Once. */
    void finish();

  private:
    glass::OutputFile file_;
    uint64_t size_ = 0;
    std::vector<uint64_t> ends_;
};

struct ForwardSource {
    std::string directory;
    int64_t shift; /* document d is d + shift in the destination; sources come in that order */
};
/* Make the file of a segment that others were joined to. Throws as the classes above. */
void join_forward_files(const std::vector<ForwardSource> &sources, const std::string &destination);

} // namespace lede
#endif
