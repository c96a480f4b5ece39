/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The positions of a segment's documents (forward_positions.h), in a file of its own beside
 * Xapian's tables: `positions`.
 *
 * A phrase looks at thousands of documents. Xapian fetches a value by way of a B-tree, block by
 * block; here it is one read of what stands together, and the next documents come with it.
 *
 *   the documents' bytes, one behind the other · where each document's begin, 5 bytes, of numbers 1
 *   … count, and where the last one's end · count (4 bytes) · "LPOS"
 *
 * little endian. A document without positions has no bytes. The file never changes; it is read, not
 * mapped, so that a disk that fails is an error and not the end of the process. */
#ifndef LEDE_ENGINE_FORWARD_FILE_H
#define LEDE_ENGINE_FORWARD_FILE_H

#include "lede/model.h"

#include <xapian.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lede
{

constexpr char FORWARD_FILE_NAME[] = "/positions";
constexpr char FORWARD_FILE_MAGIC[] = "LPOS";
constexpr size_t FORWARD_PLACE_BYTES = 5;
/* of one document: a word takes two bytes of its text or more, and a few of these */
constexpr uint64_t FORWARD_RECORD_BYTES_MAX = 4 * LEDE_DOCUMENT_BYTES_MAX;
constexpr uint64_t FORWARD_KEPT_BYTES_MAX = UINT64_C(256)
                                            << 20; /* the positions of some 600,000 news items */

/* Searches of all threads share one of each segment, and the blocks that they have read: asking the
 * system for each document takes as long as deciding it. Blocks are kept up to
 * FORWARD_KEPT_BYTES_MAX of all files together, as long as the file is open.
 * Threads: any. */
class ForwardFile
{
  public:
    /* NULL: the segment has none. Throws Xapian::DatabaseCorruptError, DatabaseOpeningError;
     * std::bad_alloc. */
    static std::shared_ptr<const ForwardFile> open(const std::string &directory);
    ForwardFile(int fd, uint64_t size);
    ~ForwardFile();
    ForwardFile(const ForwardFile &) = delete;
    ForwardFile &operator=(const ForwardFile &) = delete;

    Xapian::docid count() const
    {
        return count_;
    }
    /* last  of the segment. Throws Xapian::DatabaseCorruptError where there is any behind it. */
    void check_count(Xapian::docid last) const;
    /* Where the places of documents begin. */
    uint64_t table() const
    {
        return table_;
    }
    /* All of it, or Xapian::DatabaseError is thrown. */
    void read(uint64_t offset, char *bytes, size_t size) const;
    /* The same, of the blocks that are kept; NULL where it is not in one of them, and none may be
     * added. */
    const char *find(uint64_t offset, uint64_t size) const;

  private:
    bool read_foot();
    const char *keep(size_t block) const;

    int fd_;
    uint64_t size_;
    uint64_t table_ = 0;
    Xapian::docid count_ = 0;
    mutable std::vector<std::atomic<char *>> blocks_; /* NULL: not read yet */
};

/* Documents are cheapest in ascending order. One thread at a time. */
class ForwardFileReader
{
  public:
    /* file         NULL: no document has positions
     * keeps_blocks  others will ask for them, too */
    explicit ForwardFileReader(std::shared_ptr<const ForwardFile> file, bool keeps_blocks = true)
        : file_(std::move(file)), keeps_blocks_(keeps_blocks)
    {
    }
    /* Empty: it has none. Valid until the next call. Throws as ForwardFile. */
    std::string_view find(Xapian::docid docid);

  private:
    /* What was read last. */
    struct Window {
        std::vector<char> bytes;
        uint64_t offset = 0;
        uint64_t size = 0;
        uint64_t at_once = 0; /* bytes of a read */
    };
    const char *look(Window &window, uint64_t offset, uint64_t size, uint64_t end);

    std::shared_ptr<const ForwardFile> file_;
    bool keeps_blocks_;
    Window places_;
    Window documents_;
};

/* Those of an index, by the UUID of their segment. */
using ForwardFiles = std::unordered_map<std::string, std::shared_ptr<const ForwardFile>>;

} // namespace lede
#endif
