/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A term as a posting source, for what Xapian 1.4.22 cannot read as a term.
 *
 * It opens a term that indexes every document, and whose weight nobody asks for, as the list of all
 * documents, and does that wrongly where documents were deleted and the list is longer than a
 * chunk: DatabaseCorruptError, "Unexpected end of posting list", from a sound database. Reading the
 * term's own list is right. */
#ifndef LEDE_ENGINE_TERM_SOURCE_H
#define LEDE_ENGINE_TERM_SOURCE_H

#include <xapian.h>

#include <string>

namespace lede
{

/* The documents of a term, without a weight. */
Xapian::Query term_list(const std::string &term);

} // namespace lede
#endif
