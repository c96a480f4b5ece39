/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forward_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lede
{

namespace
{

constexpr size_t FOOT_BYTES = 8;
constexpr uint64_t BLOCK_BYTES = 32768; /* kept */
constexpr uint64_t AT_ONCE_MIN =
    /* bytes of a read where blocks are not kept: some documents, or the places of four hundred */
    2048;
constexpr uint64_t AT_ONCE_MAX = 32768;

uint64_t place_at(const char *bytes)
{
    uint64_t place = 0;
    memcpy(&place, bytes, FORWARD_PLACE_BYTES);
    return le64toh(place);
}

[[noreturn]] void throw_damaged(const std::string &path)
{
    throw Xapian::DatabaseCorruptError("'" + path + "' is damaged");
}

/* The last one of a file is as long as what is left. */
uint64_t bytes_of_block(size_t block, uint64_t file_size)
{
    return std::min(BLOCK_BYTES, file_size - block * BLOCK_BYTES);
}

std::atomic<uint64_t> kept_bytes{0}; /* in the blocks of all files */

/* -1: there is none. */
int open_file(const std::string &path, struct stat *ret_facts)
{
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return -1;
    if (fd < 0 || fstat(fd, ret_facts) != 0) {
        int reason = errno;
        if (fd >= 0)
            (void)::close(fd);
        throw Xapian::DatabaseOpeningError("cannot open '" + path + "'", reason);
    }
    return fd;
}

} // namespace

ForwardFile::ForwardFile(int fd, uint64_t size)
    : fd_(fd), size_(size), blocks_((size + BLOCK_BYTES - 1) / BLOCK_BYTES)
{
}

ForwardFile::~ForwardFile()
{
    (void)::close(fd_);
    for (size_t block = 0; block < blocks_.size(); block++) {
        if (char *bytes = blocks_[block].load(std::memory_order_relaxed)) {
            delete[] bytes;
            kept_bytes -= bytes_of_block(block, size_);
        }
    }
}

bool ForwardFile::read_foot()
{
    char foot[FOOT_BYTES];
    if (size_ < FOOT_BYTES + FORWARD_PLACE_BYTES)
        return false;
    read(size_ - FOOT_BYTES, foot, FOOT_BYTES);
    uint32_t count = 0;
    memcpy(&count, foot, sizeof(count));
    count_ = le32toh(count);
    uint64_t table_bytes = (static_cast<uint64_t>(count_) + 1) * FORWARD_PLACE_BYTES;
    if (memcmp(foot + sizeof(count), FORWARD_FILE_MAGIC, sizeof(FORWARD_FILE_MAGIC) - 1) != 0 ||
        table_bytes > size_ - FOOT_BYTES)
        return false;
    table_ = size_ - FOOT_BYTES - table_bytes;
    return true;
}

std::shared_ptr<const ForwardFile> ForwardFile::open(const std::string &directory)
{
    std::string path = directory + FORWARD_FILE_NAME;
    struct stat facts = {};
    int fd = open_file(path, &facts);
    if (fd < 0)
        return nullptr;
    auto opened = std::make_shared<ForwardFile>(fd, static_cast<uint64_t>(facts.st_size));
    if (!opened->read_foot())
        throw_damaged(path);
    return opened;
}

void ForwardFile::check_count(Xapian::docid last) const
{
    if (count_ > last)
        throw Xapian::DatabaseCorruptError("there are positions of documents behind the last");
}

/* Two threads may read one block; the second one's is given back. */
const char *ForwardFile::keep(size_t block) const
{
    uint64_t size = bytes_of_block(block, size_);
    if (kept_bytes.fetch_add(size) + size > FORWARD_KEPT_BYTES_MAX) {
        kept_bytes -= size;
        return nullptr;
    }
    char *known = nullptr;
    try {
        std::unique_ptr<char[]> bytes(new char[size]);
        read(block * BLOCK_BYTES, bytes.get(), size);
        if (blocks_[block].compare_exchange_strong(known, bytes.get(), std::memory_order_acq_rel))
            return bytes.release();
    } catch (...) {
        kept_bytes -= size;
        throw;
    }
    kept_bytes -= size;
    return known;
}

const char *ForwardFile::find(uint64_t offset, uint64_t size) const
{
    size_t block = offset / BLOCK_BYTES;
    if (size == 0 || (offset + size - 1) / BLOCK_BYTES != block)
        return nullptr;
    const char *bytes = blocks_[block].load(std::memory_order_acquire);
    if (!bytes)
        bytes = keep(block);
    return bytes ? bytes + offset % BLOCK_BYTES : nullptr;
}

void ForwardFile::read(uint64_t offset, char *bytes, size_t size) const
{
    while (size > 0) {
        ssize_t got = pread(fd_, bytes, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            throw Xapian::DatabaseError("cannot read the positions of a segment", errno);
        if (got == 0)
            throw Xapian::DatabaseCorruptError("the positions of a segment end too early");
        offset += static_cast<uint64_t>(got);
        bytes += got;
        size -= static_cast<size_t>(got);
    }
}

/* `size` bytes from `offset` on, which lie before `end`. Reads grow as long as what is asked for
 * lies close behind them, and shrink where it does not: of a common word's documents many come with
 * a read, of a rare one's none would. */
const char *ForwardFileReader::look(Window &window, uint64_t offset, uint64_t size, uint64_t end)
{
    if (keeps_blocks_) {
        if (const char *kept = file_->find(offset, size))
            return kept;
    }
    if (offset < window.offset || offset + size > window.offset + window.size) {
        bool is_close =
            offset >= window.offset && offset - window.offset <= window.size + AT_ONCE_MIN;
        window.at_once = std::min(
            std::max(is_close ? window.at_once * 2 : window.at_once / 2, AT_ONCE_MIN), AT_ONCE_MAX);
        window.size = 0; /* should the read fail */
        uint64_t wanted = std::min(std::max(size, window.at_once), end - offset);
        if (window.bytes.size() < wanted)
            window.bytes.resize(wanted);
        file_->read(offset, window.bytes.data(), wanted);
        window.offset = offset;
        window.size = wanted;
    }
    return window.bytes.data() + (offset - window.offset);
}

std::string_view ForwardFileReader::find(Xapian::docid docid)
{
    if (!file_ || docid == 0 || docid > file_->count())
        return {};
    uint64_t table = file_->table();
    uint64_t table_end = table + (static_cast<uint64_t>(file_->count()) + 1) * FORWARD_PLACE_BYTES;
    uint64_t entry = table + static_cast<uint64_t>(docid - 1) * FORWARD_PLACE_BYTES;
    const char *places = look(places_, entry, 2 * FORWARD_PLACE_BYTES, table_end);
    uint64_t begin = place_at(places), end = place_at(places + FORWARD_PLACE_BYTES);
    if (begin > end || end > table || end - begin > FORWARD_RECORD_BYTES_MAX)
        throw Xapian::DatabaseCorruptError("the places of a segment's positions are damaged");
    if (begin == end)
        return {};
    return {look(documents_, begin, end - begin, table), end - begin};
}

} // namespace lede
