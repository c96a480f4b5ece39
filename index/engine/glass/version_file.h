/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The version file, `iamglass`: the roots of all tables and the statistics of the whole; a database
 * is what this file says.
 *
 * 0F 0D "Xapian Glass" · format version (2) · UUID (16) · revision · of each table (postlist,
 * docdata, termlist, position, spelling, synonym): root block · level << 2 | sequential << 1 | has
 * no root · entries · block size >> 11 · least size of what is compressed · size · free list
 * (revision · blocks · 0 · 0 · 0 · 0: none is free) · then documents · last document less that ·
 * least length of a document · greatest wdf · greatest length less that · 0 · sum of lengths · 0.
 * Facts: Xapian 1.4, glass_version.cc, glass_freelist.h. */
#ifndef LEDE_ENGINE_GLASS_VERSION_FILE_H
#define LEDE_ENGINE_GLASS_VERSION_FILE_H

#include "table_writer.h"

#include <cstdint>
#include <string>

namespace lede::glass
{

/* In the version file's order. */
enum TableKind {
    TABLE_POSTLIST,
    TABLE_DOCDATA,
    TABLE_TERMLIST,
    TABLE_POSITION,
    TABLE_SPELLING,
    TABLE_SYNONYM,
    TABLE_COUNT
};

struct DatabaseStatistics {
    uint32_t document_count = 0;
    uint32_t last_document = 0; /* the highest number */
    uint64_t length_sum = 0;
    uint32_t length_least = 0; /* of the documents that have one; 0 if none has */
    uint32_t length_greatest = 0;
    uint32_t wdf_greatest = 0;
};

/* The magic and the format version that a version file of ours begins with, 16 bytes. */
extern const char VERSION_FILE_HEAD[];
constexpr size_t VERSION_FILE_HEAD_BYTES = 16;

/* Write it beside its final name, and rename it: from then on there is a database. Throws
 * FileError. */
void write_version_file(const std::string &directory, const TableRoot (&roots)[TABLE_COUNT],
    const DatabaseStatistics &statistics);

struct VersionFile {
    TableRoot roots[TABLE_COUNT];
    DatabaseStatistics statistics;
};
/* Throws FileError, DamagedError. */
VersionFile read_version_file(const std::string &directory);

} // namespace lede::glass
#endif
