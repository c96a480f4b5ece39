/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shown.h"

#include "deletions.h"

#include <string>

namespace lede
{

namespace
{

bool stands_at(Xapian::PostingIterator *list, Xapian::docid docid)
{
    if (*list == Xapian::PostingIterator())
        return false;
    list->skip_to(docid);
    return *list != Xapian::PostingIterator() && **list == docid;
}

/* LEDE_TIME_NONE: the document has no such moment. */
int64_t moment_of(const Xapian::Document &document, enum lede_slot slot)
{
    std::string value = document.get_value(slot);
    return value.size() == 5
               ? lede_schema_decode_time(reinterpret_cast<const unsigned char *>(value.data()))
               : LEDE_TIME_NONE;
}

} // namespace

Shown::Shown(const struct lede_index *index, size_t number, int64_t now_utc_s)
    : segment_(index->segments[number]), deleted_(index->parts[number].deleted),
      now_utc_s_(now_utc_s), withheld_(segment_.postlist_begin(LEDE_TERM_STATUS_WITHHELD)),
      watched_(segment_.postlist_begin(LEDE_TERM_CLOCK))
{
}

bool Shown::is_hidden_by_clock(Xapian::docid docid) const
{
    Xapian::Document document = segment_.get_document(docid);
    int64_t embargo = moment_of(document, LEDE_SLOT_EMBARGOED_UNTIL);
    int64_t expiry = moment_of(document, LEDE_SLOT_EXPIRES);
    return (embargo != LEDE_TIME_NONE && embargo > now_utc_s_) ||
           (expiry != LEDE_TIME_NONE && expiry <= now_utc_s_);
}

bool Shown::has(Xapian::docid docid)
{
    return !is_deleted(deleted_, docid) && !stands_at(&withheld_, docid) &&
           !(stands_at(&watched_, docid) && is_hidden_by_clock(docid));
}

} // namespace lede
