/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Syncs whose failure Xapian passes over.
 *
 * Its compaction drops the result of each. After a failed one the kernel takes for written what was
 * not, and a later sync of the file, by another descriptor, succeeds: power that is lost then takes
 * the tables of a segment that is listed. So fdatasync() of this floor stands before libc's, for
 * Xapian's library too, and notes what failed. */
#ifndef LEDE_ENGINE_NOTED_SYNCS_H
#define LEDE_ENGINE_NOTED_SYNCS_H

#include <string>

namespace lede
{

/* Threads: that which made it, and which has one at a time. */
class NotedSyncs
{
  public:
    NotedSyncs();
    /* Did all syncs of this thread since then succeed? Throws FileError, with the errno of the
     * first that failed.
     * path  what was synced, for the message */
    void expect_all(const std::string &path) const;
};

} // namespace lede

/* What fdatasync() calls: the system. Tests have it fail by one of their own, which stands before
 * it. */
extern "C" int lede_system_fdatasync(int fd);

#endif
