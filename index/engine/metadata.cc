/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metadata are plain decimal text, so that `xapian-metadata get` shows them. */
#include "metadata.h"

#include "lede/number.h"

#include <string>

namespace lede
{

const char METADATA_FORMAT[] = "format";
const char METADATA_ANALYSIS[] = "analysis";
const char METADATA_REVISION[] = "revision";
const char FORMAT[] = "lede-segment-1";

enum lede_status check_metadata(
    const Xapian::Database &database, const char *path, struct lede_error *reterr)
{
    std::string format = database.get_metadata(METADATA_FORMAT);
    if (format != FORMAT)
        return lede_fail(reterr, LEDE_EVERSION, "segment '%s' has format '%s', expected '%s'", path,
            format.c_str(), FORMAT);
    if (read_analysis(database) == 0)
        return lede_fail(reterr, LEDE_EVERSION,
            "segment '%s' was indexed with analysis version '%s', expected %d to %d: index its "
            "documents "
            "anew",
            path, database.get_metadata(METADATA_ANALYSIS).c_str(), LEDE_ANALYSIS_VERSION_OLDEST,
            LEDE_ANALYSIS_VERSION);
    return LEDE_OK;
}

uint32_t read_analysis(const Xapian::Database &database)
{
    std::string text = database.get_metadata(METADATA_ANALYSIS);
    int64_t version = 0;
    if (lede_parse_int64(text.data(), text.size(), LEDE_ANALYSIS_VERSION_OLDEST,
            LEDE_ANALYSIS_VERSION, &version, nullptr) != LEDE_OK)
        return 0;
    return static_cast<uint32_t>(version);
}

uint64_t read_revision(const Xapian::Database &database)
{
    std::string text = database.get_metadata(METADATA_REVISION);
    int64_t revision = 0;
    if (text.empty() ||
        lede_parse_int64(text.data(), text.size(), 0, INT64_MAX, &revision, nullptr) != LEDE_OK)
        return 0;
    return static_cast<uint64_t>(revision);
}

} // namespace lede
