/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where do the hours, days, weeks, months and years of a time zone begin? */
#ifndef LEDE_ENGINE_CALENDAR_H
#define LEDE_ENGINE_CALENDAR_H

#include "lede/engine.h"

#include <cctz/time_zone.h>

namespace lede
{

class Calendar
{
  public:
    /* name  as in lede_search.time_zone; NULL or unknown: UTC */
    explicit Calendar(const char *name);

    /* The first second of the bucket that holds a moment. */
    int64_t bucket_start(enum lede_histogram interval, int64_t utc_s) const;
    /* Where the next one begins; later than start_utc_s. */
    int64_t next_bucket(enum lede_histogram interval, int64_t start_utc_s) const;
    bool is_utc() const
    {
        return zone_ == cctz::utc_time_zone();
    }
    int64_t utc_of(const cctz::civil_second &local) const;
    /* Local time less UTC. */
    int32_t utc_offset_s(int64_t utc_s) const;

  private:
    int64_t hour_start(int64_t utc_s, int64_t full_hour_utc_s) const;

    cctz::time_zone zone_;
};

} // namespace lede
#endif
