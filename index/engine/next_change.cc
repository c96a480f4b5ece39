/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the clock changes next what may be shown. Deleted documents are looked at, too: they make a
 * change come early, never late. */
#include "lede/time.h"
#include "reading.h"

#include <algorithm>
#include <string>

namespace
{

/* The moment of one slot, if it is to come and is before `next`; else `next`. */
int64_t earlier(Xapian::ValueIterator *values, Xapian::docid docid,
    const Xapian::ValueIterator &end, int64_t now_utc_s, int64_t next)
{
    if (*values == end)
        return next;
    values->skip_to(docid);
    if (*values == end || values->get_docid() != docid)
        return next;
    std::string bytes = **values;
    if (bytes.size() != 5)
        throw Xapian::DatabaseCorruptError("a moment has another size");
    unsigned char moment[5];
    std::copy(bytes.begin(), bytes.end(), moment);
    int64_t utc_s = lede_schema_decode_time(moment);
    return utc_s > now_utc_s ? std::min(utc_s, next) : next;
}

int64_t next_of_segment(const Xapian::Database &segment, int64_t now_utc_s, int64_t next)
{
    Xapian::ValueIterator embargoes = segment.valuestream_begin(LEDE_SLOT_EMBARGOED_UNTIL);
    Xapian::ValueIterator embargoes_end = segment.valuestream_end(LEDE_SLOT_EMBARGOED_UNTIL);
    Xapian::ValueIterator expiries = segment.valuestream_begin(LEDE_SLOT_EXPIRES);
    Xapian::ValueIterator expiries_end = segment.valuestream_end(LEDE_SLOT_EXPIRES);
    Xapian::PostingIterator end = segment.postlist_end(LEDE_TERM_CLOCK);
    for (Xapian::PostingIterator posting = segment.postlist_begin(LEDE_TERM_CLOCK); posting != end;
         ++posting) {
        next = earlier(&embargoes, *posting, embargoes_end, now_utc_s, next);
        next = earlier(&expiries, *posting, expiries_end, now_utc_s, next);
    }
    return next;
}

} // namespace

extern "C" enum lede_status lede_index_next_change(struct lede_index *index, int64_t now_utc_s,
    uint32_t documents_max, int64_t *ret_utc_s, struct lede_error *reterr)
{
    return lede::reading(index, reterr, "looking at the clock", [&] {
        int64_t next = LEDE_TIME_MAX_UTC_S + 1;
        uint64_t count = 0;
        for (const Xapian::Database &segment : index->segments)
            count += segment.get_termfreq(LEDE_TERM_CLOCK);
        for (const Xapian::Database &segment : index->segments) {
            if (count <= documents_max)
                next = next_of_segment(segment, now_utc_s, next);
        }
        *ret_utc_s = count <= documents_max ? next : now_utc_s + 1;
        return LEDE_OK;
    });
}
