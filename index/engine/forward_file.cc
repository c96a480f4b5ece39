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
constexpr size_t PLACES_AT_ONCE = 4096;     /* bytes of a read: some hundreds of documents */
constexpr size_t DOCUMENTS_AT_ONCE = 16384; /* some tens */

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

} // namespace

std::shared_ptr<const ForwardFile> ForwardFile::open(const std::string &directory)
{
    std::string path = directory + FORWARD_FILE_NAME;
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return nullptr;
    if (fd < 0)
        throw Xapian::DatabaseOpeningError("cannot open '" + path + "'", errno);
    auto opened = std::make_shared<ForwardFile>(fd, 0, 0);
    struct stat facts;
    char foot[FOOT_BYTES];
    if (fstat(fd, &facts) != 0 || facts.st_size < static_cast<off_t>(FOOT_BYTES + FORWARD_PLACE_BYTES))
        throw_damaged(path);
    auto size = static_cast<uint64_t>(facts.st_size);
    opened->read(size - FOOT_BYTES, foot, FOOT_BYTES);
    uint32_t count = 0;
    memcpy(&count, foot, sizeof(count));
    opened->count_ = le32toh(count);
    uint64_t table_bytes = (static_cast<uint64_t>(opened->count_) + 1) * FORWARD_PLACE_BYTES;
    if (memcmp(foot + sizeof(count), FORWARD_FILE_MAGIC, sizeof(FORWARD_FILE_MAGIC) - 1) != 0 ||
        table_bytes > size - FOOT_BYTES)
        throw_damaged(path);
    opened->table_ = size - FOOT_BYTES - table_bytes;
    return opened;
}

ForwardFile::~ForwardFile()
{
    (void)::close(fd_);
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

/* `size` bytes from `offset` on, which lie before `end`. */
const char *ForwardFileReader::look(
    Window &window, size_t at_once, uint64_t offset, uint64_t size, uint64_t end)
{
    if (offset < window.offset || offset + size > window.offset + window.size) {
        window.size = 0; /* should the read fail */
        uint64_t wanted = std::min(std::max<uint64_t>(size, at_once), end - offset);
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
    const char *places = look(places_, PLACES_AT_ONCE, entry, 2 * FORWARD_PLACE_BYTES, table_end);
    uint64_t begin = place_at(places), end = place_at(places + FORWARD_PLACE_BYTES);
    if (begin > end || end > table)
        throw Xapian::DatabaseCorruptError("the places of a segment's positions are damaged");
    if (begin == end)
        return {};
    return {look(documents_, DOCUMENTS_AT_ONCE, begin, end - begin, table), end - begin};
}

} // namespace lede
