/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments that are open, for all threads of an engine.
 *
 * What never changes of a segment is read once and shared. Xapian's handles are lent: no two
 * threads may use one at a time, and each takes two descriptors and its caches. A search borrows
 * one of each of its segments, all or none, and gives them back; who comes while as many are lent
 * as there may be waits for the next that comes back. Those that nobody has stay open, and those
 * of the segment that was not asked for longest are closed first. */
#ifndef LEDE_ENGINE_SEGMENT_POOL_H
#define LEDE_ENGINE_SEGMENT_POOL_H

#include "lede/engine.h"
#include "list_reader.h"
#include "positions_file.h"
#include "term_facts.h"

#include <xapian.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace lede
{

struct Segment {
    std::string path;
    uint64_t number = 0; /* that no other one of the pool ever has */
    std::string uuid;
    uint64_t revision = 0;
    uint32_t analysis = 0;
    uint32_t documents = 0;
    uint32_t last_document = 0;
    double total_length = 0; /* words of all documents */
    std::unique_ptr<const glass::ListReader> lists;
    std::shared_ptr<const PositionsFile> positions; /* NULL: it has none */
    std::mutex kept_mutex;
    std::shared_ptr<void> kept; /* by the floor above */
    /* By number of the document, where terms have no tags (older_terms.h). */
    std::once_flag languages_read;
    std::vector<lede_language> languages;

  private:
    friend class SegmentPool;
    struct stat version_file = {}; /* by which a directory of the same name is told from another */
    /* With the pool's mutex: */
    std::vector<Xapian::Database> idle;
    uint64_t lent_at = 0;
};

using Segments = std::vector<std::shared_ptr<Segment>>;
using Handles = std::vector<Xapian::Database>;

/* Threads: any. */
class SegmentPool : public std::enable_shared_from_this<SegmentPool>
{
  public:
    explicit SegmentPool(size_t handles_max) : handles_max_(handles_max)
    {
    }

    /* The segment that somebody has open already, or open it. Throws Xapian::Error.
     * Status: OK; EVERSION. */
    LEDE_CHECKED enum lede_status open(
        const char *path, std::shared_ptr<Segment> *ret_segment, struct lede_error *reterr);
    /* One handle a segment, in their order. Who has some may not ask for more. Throws
     * Xapian::Error. */
    Handles lend(const Segments &segments);
    /* No copy of a handle is left anywhere. keeps  false: something went wrong with one, so that
     * they are closed. */
    void give_back(const Segments &segments, Handles handles, bool keeps) noexcept;

    /* What is known of terms of these segments, by all that read the same. */
    std::shared_ptr<TermFacts> facts_of(const Segments &segments);

    size_t kept_bytes = 0; /* what it may take; 0: a default */
    std::mutex kept_mutex;
    std::shared_ptr<void> kept; /* by the floor above; goes after that of the segments */

  private:
    struct stat status_of(const std::string &path) const;
    void forget(Segment *segment) noexcept;
    Handles take_idle(const Segments &segments, std::vector<size_t> *ret_missing);
    void close_idle();
    void close_oldest();
    void open_missing(
        const Segments &segments, const std::vector<size_t> &missing, Handles *handles);

    const size_t handles_max_;
    std::mutex opening_mutex_; /* who comes while a segment is opened gets that one; taken first */
    std::mutex mutex_;
    std::condition_variable given_back_;
    std::map<std::string, std::weak_ptr<Segment>> by_path_;
    std::set<Segment *> open_;             /* all that somebody has */
    std::vector<uint64_t> facts_segments_; /* numbers of those that were asked for last */
    std::weak_ptr<TermFacts> facts_;
    uint64_t opened_ = 0;
    size_t lent_ = 0;
    size_t idle_ = 0;
    uint64_t loans_ = 0;
};

/* The pool of an engine; of NULL a new one, for the caller alone. Throws std::bad_alloc. */
std::shared_ptr<SegmentPool> pool_of(const struct lede_engine *engine);

} // namespace lede
#endif
