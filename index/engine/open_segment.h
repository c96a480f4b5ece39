/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a segment, and believes of its figures only what its files can hold.
 *
 * Bitmaps, lists and loops are as long as the highest document's number says; a checksum says that
 * this is what was written, not that it is right. Every document takes a byte of the tables or
 * more, and a builder numbers them without holes; segments of earlier versions have some. */
#ifndef LEDE_ENGINE_OPEN_SEGMENT_H
#define LEDE_ENGINE_OPEN_SEGMENT_H

#include <xapian.h>

#include <string>

namespace lede
{

/* Numbers that no document has, up to a segment's last one. */
constexpr Xapian::docid HOLES_MAX = 1 << 20;

/* The highest number that a document of a segment in that directory can have. */
Xapian::docid last_document_at_most(const std::string &path);
/* Throws Xapian::Error; DatabaseCorruptError where its figures cannot be. */
Xapian::Database open_segment(const std::string &path);

} // namespace lede
#endif
