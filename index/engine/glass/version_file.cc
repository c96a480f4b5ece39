/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "version_file.h"

#include "file_error.h"
#include "packing.h"

#include <cstdio>
#include <cstring>
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

void append_uint(std::string &out, uint64_t number)
{
    char bytes[UINT64_BYTES_MAX];
    out.append(bytes, static_cast<size_t>(put_uint(bytes, number) - bytes));
}

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
    constexpr unsigned IS_SEQUENTIAL = 2;
    constexpr unsigned HAS_NO_ROOT = 1;
    append_uint(out, root.block);
    append_uint(out, root.level << 2 | IS_SEQUENTIAL | (root.exists ? 0U : HAS_NO_ROOT));
    append_uint(out, root.entry_count);
    append_uint(out, BLOCK_BYTES >> 11);
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
    append_uint(bytes, 0);
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

} // namespace lede::glass
