/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a segment says of itself, in Xapian's metadata: its format, whose analysis made its terms,
 * the revision it holds. */
#ifndef LEDE_ENGINE_METADATA_H
#define LEDE_ENGINE_METADATA_H

#include "lede/engine.h"

#include <xapian.h>

namespace lede
{

extern const char METADATA_FORMAT[];
extern const char METADATA_ANALYSIS[];
extern const char METADATA_REVISION[];
extern const char FORMAT[];

/* Status: OK; EVERSION where another version of Lede, or another program, made it. path is for the
 * message. */
LEDE_CHECKED enum lede_status check_metadata(
    const Xapian::Database &database, const char *path, struct lede_error *reterr);
/* Of one that check_metadata() takes; else 0. */
uint32_t read_analysis(const Xapian::Database &database);
/* 0 if none was noted. */
uint64_t read_revision(const Xapian::Database &database);

} // namespace lede
#endif
