/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "positions_file.h"

#include <xapian.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lede
{

namespace
{

constexpr size_t MAGIC_BYTES = sizeof(POSITIONS_FILE_MAGIC) - 1;
constexpr size_t FOOT_BYTES = sizeof(uint64_t) + MAGIC_BYTES;
/* of versions before 5: records by document */
constexpr std::string_view EARLIER_MAGIC = "LPOS";

constexpr char DAMAGED[] = "the positions of a segment are damaged";

} // namespace

bool PositionsBlock::next(PositionsEntry *entry)
{
    if (reader_.rest().empty())
        return false;
    uint32_t shared = reader_.get_uint();
    std::string_view behind = reader_.get_bytes(reader_.get_uint());
    entry->list = reader_.get_bytes(reader_.get_uint());
    if (reader_.failed() || shared > entry->key.size() ||
        shared + behind.size() > POSITIONS_KEY_BYTES_MAX)
        throw Xapian::DatabaseCorruptError(DAMAGED);
    entry->key.resize(shared);
    entry->key += behind;
    return true;
}

PositionsFile::~PositionsFile()
{
    (void)::close(fd_);
}

void PositionsFile::throw_damaged()
{
    throw Xapian::DatabaseCorruptError(DAMAGED);
}

std::shared_ptr<const PositionsFile> PositionsFile::open(const std::string &directory)
{
    std::string path = directory + POSITIONS_FILE_NAME;
    struct stat facts = {};
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return nullptr;
    if (fd < 0)
        throw Xapian::DatabaseOpeningError("cannot open '" + path + "'", errno);
    auto opened = std::make_shared<PositionsFile>(fd);
    if (fstat(fd, &facts) != 0)
        throw Xapian::DatabaseOpeningError("cannot read '" + path + "'", errno);
    return opened->read_foot(static_cast<uint64_t>(facts.st_size)) ? opened : nullptr;
}

bool PositionsFile::read_foot(uint64_t size)
{
    char foot[FOOT_BYTES];
    if (size < FOOT_BYTES)
        throw_damaged();
    read(size - FOOT_BYTES, foot, FOOT_BYTES);
    std::string_view magic(foot + sizeof(uint64_t), MAGIC_BYTES);
    if (magic == EARLIER_MAGIC)
        return false;
    uint64_t index_bytes = 0;
    memcpy(&index_bytes, foot, sizeof(index_bytes));
    index_bytes = le64toh(index_bytes);
    if (magic != POSITIONS_FILE_MAGIC || index_bytes > size - FOOT_BYTES)
        throw_damaged();
    index_.resize(index_bytes);
    uint64_t blocks_end = size - FOOT_BYTES - index_bytes;
    read(blocks_end, index_.data(), index_bytes);
    if (!read_index(blocks_end))
        throw_damaged();
    return true;
}

bool PositionsFile::read_index(uint64_t blocks_end)
{
    BytesReader reader(index_);
    uint64_t offset = 0;
    while (!reader.rest().empty()) {
        uint32_t bytes = reader.get_uint();
        std::string_view key = reader.get_bytes(reader.get_uint());
        bool is_right = !reader.failed() && bytes > 0 && bytes <= POSITIONS_BLOCK_BYTES_MAX &&
                        bytes <= blocks_end - offset && key.size() <= POSITIONS_KEY_BYTES_MAX &&
                        (blocks_.empty() || blocks_.back().key <= key);
        if (!is_right)
            return false;
        blocks_.push_back({offset, bytes, key});
        offset += bytes;
    }
    return offset == blocks_end;
}

void PositionsFile::read(uint64_t offset, char *bytes, size_t size) const
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

void PositionsFile::read_block(size_t block, std::string *ret_bytes) const
{
    ret_bytes->resize(blocks_[block].size);
    read(blocks_[block].offset, ret_bytes->data(), ret_bytes->size());
}

size_t PositionsFile::first_block(std::string_view key) const
{
    auto behind = std::lower_bound(blocks_.begin(), blocks_.end(), key,
        [](const Block &block, std::string_view wanted) { return block.key < wanted; });
    return behind == blocks_.begin() ? 0 : static_cast<size_t>(behind - blocks_.begin()) - 1;
}

} // namespace lede
