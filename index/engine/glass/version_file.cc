/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "version_file.h"

#include "bits.h"
#include "file_error.h"
#include "packing.h"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/random.h>

namespace lede::glass
{

/* The version is a date: years since 2014 << 9 | month << 5 | day; this is 2016-03-14. */
const char VERSION_FILE_HEAD[] = "\x0F\x0DXapian Glass\x04\x6E";

namespace
{

/* Tags longer than this are compressed; 0: none is. */
constexpr uint32_t COMPRESSED_ABOVE[TABLE_COUNT] = {0, 18, 18, 0, 18, 18};
constexpr size_t UUID_BYTES = 16;
constexpr unsigned IS_SEQUENTIAL = 2;
constexpr unsigned HAS_NO_ROOT = 1;
constexpr unsigned LEVEL_MAX = 9; /* Xapian's own: branches of four items part more keys */
constexpr unsigned LEVEL_SHIFT = 2;
constexpr unsigned BLOCK_SIZE_SHIFT = 11;

/* RFC 4122, version 4: random. */
void append_uuid(std::string &out)
{
    unsigned char uuid[UUID_BYTES];
    if (getrandom(uuid, sizeof(uuid), 0) != static_cast<ssize_t>(sizeof(uuid)))
        throw FileError("read", "the system's random numbers");
    uuid[6] = static_cast<unsigned char>((uuid[6] & 0x0F) | 0x40);
    uuid[8] = static_cast<unsigned char>((uuid[8] & 0x3F) | 0x80);
    out.append(reinterpret_cast<const char *>(uuid), sizeof(uuid));
}

void append_root(std::string &out, const TableRoot &root, uint32_t compressed_above)
{
    append_uint(out, root.block);
    append_uint(out, root.level << LEVEL_SHIFT | IS_SEQUENTIAL | (root.exists ? 0U : HAS_NO_ROOT));
    append_uint(out, root.entry_count);
    append_uint(out, BLOCK_BYTES >> BLOCK_SIZE_SHIFT);
    append_uint(out, compressed_above);
    std::string free_list;
    if (root.exists) {
        append_uint(free_list, REVISION);
        append_uint(free_list, root.block_count);
        free_list.append(4, '\0');
    }
    append_uint(out, free_list.size());
    out += free_list;
}

} // namespace

void write_version_file(const std::string &directory, const TableRoot (&roots)[TABLE_COUNT],
    const DatabaseStatistics &statistics)
{
    std::string bytes(VERSION_FILE_HEAD, VERSION_FILE_HEAD_BYTES);
    append_uuid(bytes);
    append_uint(bytes, REVISION);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        append_root(bytes, roots[i], COMPRESSED_ABOVE[i]);
    append_uint(bytes, statistics.document_count);
    append_uint(bytes, statistics.last_document - statistics.document_count);
    append_uint(bytes, statistics.length_least);
    append_uint(bytes, statistics.wdf_greatest);
    append_uint(bytes, statistics.length_greatest - statistics.wdf_greatest);
    append_uint(bytes, 0);
    append_uint(bytes, statistics.length_sum);
    append_uint(bytes, 0);

    OutputFile file(directory + "/v.tmp");
    file.write(bytes.data(), bytes.size());
    file.close();
    if (rename(file.path().c_str(), (directory + "/iamglass").c_str()) != 0)
        throw FileError("rename", file.path());
}

VersionFile read_version_file(const std::string &directory)
{
    std::string path = directory + "/iamglass";
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw FileError("open", path);
    std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (bytes.compare(0, VERSION_FILE_HEAD_BYTES, VERSION_FILE_HEAD, VERSION_FILE_HEAD_BYTES) != 0)
        throw DamagedError("'" + path + "' is of another format");
    VersionFile read;
    BytesReader reader(std::string_view(bytes).substr(VERSION_FILE_HEAD_BYTES));
    reader.get_bytes(UUID_BYTES);
    reader.get_uint(); /* the revision */
    for (TableRoot &root : read.roots) {
        root.block = reader.get_uint();
        uint32_t flags = reader.get_uint();
        root.level = flags >> LEVEL_SHIFT;
        root.entry_count = reader.get_uint64();
        root.exists = (flags & HAS_NO_ROOT) == 0 && root.entry_count > 0;
        if (root.level > LEVEL_MAX)
            throw DamagedError("'" + path + "' has a table of too many levels");
        if (reader.get_uint() != BLOCK_BYTES >> BLOCK_SIZE_SHIFT && root.exists)
            throw DamagedError("'" + path + "' has blocks of another size");
        reader.get_uint(); /* what is compressed */
        reader.get_bytes(reader.get_uint());
    }
    DatabaseStatistics &statistics = read.statistics;
    statistics.document_count = reader.get_uint();
    statistics.last_document = statistics.document_count + reader.get_uint();
    statistics.length_least = reader.get_uint();
    statistics.wdf_greatest = reader.get_uint();
    statistics.length_greatest = statistics.wdf_greatest + reader.get_uint();
    reader.get_uint();
    statistics.length_sum = reader.get_uint64();
    if (reader.failed())
        throw DamagedError("'" + path + "' is damaged");
    return read;
}

} // namespace lede::glass
