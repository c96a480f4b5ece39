/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "open_segment.h"

#include <algorithm>
#include <cstdint>
#include <sys/stat.h>

namespace lede
{

Xapian::docid last_document_at_most(const std::string &path)
{
    uint64_t bytes = HOLES_MAX;
    for (const char *table : {"/postlist.glass", "/docdata.glass"}) {
        struct stat facts = {};
        if (stat((path + table).c_str(), &facts) == 0)
            bytes += static_cast<uint64_t>(facts.st_size);
    }
    /* one less than the greatest: who walks the numbers can count beyond the last */
    return static_cast<Xapian::docid>(std::min<uint64_t>(bytes, UINT32_MAX - 1));
}

Xapian::Database open_segment(const std::string &path)
{
    Xapian::Database segment(path, Xapian::DB_BACKEND_GLASS);
    Xapian::docid last = segment.get_lastdocid();
    if (segment.get_doccount() > last || last > last_document_at_most(path))
        throw Xapian::DatabaseCorruptError("segment '" + path + "' says that it has " +
                                           std::to_string(segment.get_doccount()) +
                                           " documents up to number " + std::to_string(last));
    return segment;
}

} // namespace lede
