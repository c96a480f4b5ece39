/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment made anew from the documents that are stored in others. */
#ifndef LEDE_ENGINE_REWRITE_H
#define LEDE_ENGINE_REWRITE_H

#include "merge_output.h"

namespace lede
{

/* What is made at once, and joined at once: memory, and open files. */
struct RewriteLimits {
    size_t piece_memory_bytes = 48U << 20;
    size_t pieces_joined = 16;
};

/* As lede_segments_merge() with `rewrite`. opened  the sources, in their order. What is in the
 *     scratch directory goes again; the destination stays where it fails. Throws Xapian::Error,
 *     Interrupted, std::bad_alloc, std::filesystem::filesystem_error. */
enum lede_status rewrite_segments(struct lede_merge_source *sources,
    const std::vector<Xapian::Database> &opened, const std::string &destination,
    const char *scratch, const RewriteLimits &limits, Progress &progress,
    struct lede_error *reterr);

} // namespace lede
#endif
