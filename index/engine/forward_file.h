/* The positions of a segment's documents (forward_positions.h), in a file of its own beside Xapian's tables: `positions`.
 *
 * A phrase looks at thousands of documents. Xapian fetches a value by way of a B-tree, block by block; here it is one read of what
 * stands together, and the next documents come with it.
 *
 *   the documents' bytes, one behind the other · where each document's begin, 5 bytes, of numbers 1 … count, and where the last one's end
 *   · count (4 bytes) · "LPOS"
 *
 * little endian. A document without positions has no bytes. The file never changes; it is read, not mapped, so that a disk that fails is an
 * error and not the end of the process. */
#ifndef LEDE_ENGINE_FORWARD_FILE_H
#define LEDE_ENGINE_FORWARD_FILE_H

#include <xapian.h>

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

/* Threads: any. */
class ForwardFile
{
  public:
    /* NULL: the segment has none. Throws Xapian::DatabaseCorruptError, DatabaseOpeningError; std::bad_alloc. */
    static std::shared_ptr<const ForwardFile> open(const std::string &directory);
    ForwardFile(int fd, uint64_t table, Xapian::docid count) : fd_(fd), table_(table), count_(count)
    {
    }
    ~ForwardFile();
    ForwardFile(const ForwardFile &) = delete;
    ForwardFile &operator=(const ForwardFile &) = delete;

    Xapian::docid count() const
    {
        return count_;
    }
    /* Where the places of documents begin. */
    uint64_t table() const
    {
        return table_;
    }
    /* All of it, or Xapian::DatabaseError is thrown. */
    void read(uint64_t offset, char *bytes, size_t size) const;

  private:
    int fd_;
    uint64_t table_;
    Xapian::docid count_;
};

/* Documents are cheapest in ascending order. One thread at a time. */
class ForwardFileReader
{
  public:
    /* file  NULL: no document has positions */
    explicit ForwardFileReader(std::shared_ptr<const ForwardFile> file) : file_(std::move(file))
    {
    }
    /* Empty: it has none. Valid until the next call. Throws as ForwardFile. */
    std::string_view find(Xapian::docid docid);

  private:
    struct Window {
        std::vector<char> bytes;
        uint64_t offset = 0;
        uint64_t size = 0;
    };
    const char *look(Window &window, size_t at_once, uint64_t offset, uint64_t size, uint64_t end);

    std::shared_ptr<const ForwardFile> file_;
    Window places_;
    Window documents_;
};

/* Those of an index, by the UUID of their segment. */
using ForwardFiles = std::unordered_map<std::string, std::shared_ptr<const ForwardFile>>;

} // namespace lede
#endif
