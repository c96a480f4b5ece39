/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a builder writes through: our own writer of Xapian's files, or Xapian's own where it has
 * another format. */
#ifndef LEDE_ENGINE_BUILDER_SINK_H
#define LEDE_ENGINE_BUILDER_SINK_H

#include "entry.h"

#include <cstdint>
#include <memory>
#include <string>

namespace lede
{

/* All throw std::bad_alloc, FileError, Xapian::Error; after that a sink is of no use any more. */
class BuilderSink
{
  public:
    virtual ~BuilderSink() = default;
    virtual void add(const struct lede_entry &entry) = 0;
    virtual size_t memory_bytes() const = 0;
    /* Write all, with the metadata of a segment of this revision, unsynced. */
    virtual void finish(uint64_t revision) = 0;
};

enum class SinkKind { GLASS, XAPIAN };

/* Is its format the one that we write? All of 1.4 has it; what comes after has not been held
 * against it.
 * version  "1.4.22" */
bool writes_our_format(const char *version);
/* What the linked library allows. */
SinkKind sink_kind();
/* directory  exists and is empty */
std::unique_ptr<BuilderSink> make_sink(SinkKind kind, const std::string &directory);

} // namespace lede

/* lede_builder_new() with the kind chosen by the caller: for tests. */
enum lede_status lede_builder_new_of_kind(const char *path, lede::SinkKind kind,
    struct lede_builder **ret_builder, struct lede_error *reterr);

#endif
