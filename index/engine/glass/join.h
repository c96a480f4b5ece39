/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several glass databases become one, in one pass over their tables.
 *
 * Lists of documents are put together, not side by side: what many small segments have of a term
 * fills chunks as if it had been written at once. Xapian's own compaction leaves each source's
 * chunks as they are, which makes three times the bytes of what came in a few documents at a
 * time. */
#ifndef LEDE_ENGINE_GLASS_JOIN_H
#define LEDE_ENGINE_GLASS_JOIN_H

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lede::glass
{

struct JoinSource {
    std::string directory;
    int64_t shift; /* document d becomes d + shift: all behind those of the sources before */
};

/* Write the tables of all sources to an empty directory; nothing is synced. Tables but those of
 * postings and of stored texts are left out.
 * metadata  what becomes of a key that several have: true if `value` stands, not `before`
 * look      called now and then; what it throws ends the work
 * Throws FileError, DamagedError, std::bad_alloc. */
void join_databases(const std::vector<JoinSource> &sources, const std::string &directory,
    const std::function<bool(std::string_view key, std::string_view before, std::string_view value)>
        &metadata,
    const std::function<void()> &look);

} // namespace lede::glass
#endif
