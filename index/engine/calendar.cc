/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Civil time by cctz, from the system's tzdata.
 *
 * A day that begins in a gap of the clock begins where the gap ends; one whose midnight comes twice
 * begins at the first. An hour begins at the clock's full hour, so that the day of a change has 23
 * or 25 of them. */
#include "calendar.h"

#include "guard.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>

namespace lede
{

namespace
{

using Seconds = cctz::time_point<cctz::seconds>;

constexpr size_t NAME_SIZE_MAX = 64;
constexpr int64_t SECONDS_PER_HOUR = 3600;
constexpr int OFFSET_HOURS_MAX = 18; /* no zone ever had more than 16 */

Seconds moment(int64_t utc_s)
{
    return Seconds(cctz::seconds(utc_s));
}

int two_digits(const char *text)
{
    bool digits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return digits ? (text[0] - '0') * 10 + (text[1] - '0') : -1;
}

/* `+05:30`. */
bool read_offset(const char *name, cctz::time_zone *ret_zone)
{
    if (strlen(name) != 6 || name[3] != ':')
        return false;
    int hours = two_digits(name + 1);
    int minutes = two_digits(name + 4);
    if (hours < 0 || hours > OFFSET_HOURS_MAX || minutes < 0 || minutes > 59)
        return false;
    int seconds = (hours * 60 + minutes) * 60;
    *ret_zone = cctz::fixed_time_zone(cctz::seconds(name[0] == '-' ? -seconds : seconds));
    return true;
}

/* cctz takes any path for a name, and keeps every name that it was ever asked for: it sees only
 * files of the database. */
bool is_in_database(const char *name)
{
    size_t size = strlen(name);
    bool is_letter = (name[0] >= 'A' && name[0] <= 'Z') || (name[0] >= 'a' && name[0] <= 'z');
    if (!is_letter || size > NAME_SIZE_MAX || name[size - 1] == '/')
        return false;
    if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") != size)
        return false;
    const char *directory = getenv("TZDIR");
    std::string path = std::string(directory ? directory : "/usr/share/zoneinfo") + "/" + name;
    return access(path.c_str(), R_OK) == 0;
}

bool find_zone(const char *name, cctz::time_zone *ret_zone)
{
    if (name[0] == '+' || name[0] == '-')
        return read_offset(name, ret_zone);
    if (strcmp(name, "UTC") == 0) {
        *ret_zone = cctz::utc_time_zone();
        return true;
    }
    return is_in_database(name) && cctz::load_time_zone(name, ret_zone);
}

} // namespace

Calendar::Calendar(const char *name) : zone_(cctz::utc_time_zone())
{
    if (name && !find_zone(name, &zone_))
        zone_ = cctz::utc_time_zone();
}

int64_t Calendar::utc_of(const cctz::civil_second &local) const
{
    return cctz::convert(local, zone_).time_since_epoch().count();
}

/* Where the clock was changed within the hour (by half an hour, say), the bucket begins there:
 * before it was another hour, or another offset's. */
int64_t Calendar::hour_start(int64_t utc_s, int64_t full_hour_utc_s) const
{
    int32_t offset_s = utc_offset_s(utc_s);
    int64_t before = full_hour_utc_s, here = utc_s;
    if (utc_offset_s(full_hour_utc_s) == offset_s)
        return full_hour_utc_s;
    while (here - before > 1) {
        int64_t middle = before + (here - before) / 2;
        if (utc_offset_s(middle) == offset_s)
            here = middle;
        else
            before = middle;
    }
    return here;
}

int64_t Calendar::bucket_start(enum lede_histogram interval, int64_t utc_s) const
{
    cctz::civil_second local = cctz::convert(moment(utc_s), zone_);
    cctz::civil_day day(local);
    switch (interval) {
    case LEDE_HISTOGRAM_HOUR:
        return hour_start(utc_s, utc_s - local.minute() * 60 - local.second());
    case LEDE_HISTOGRAM_WEEK:
        /* Monday is 0 */
        return utc_of(cctz::civil_second(day - static_cast<int>(cctz::get_weekday(day))));
    case LEDE_HISTOGRAM_MONTH:
        return utc_of(cctz::civil_second(cctz::civil_month(local)));
    case LEDE_HISTOGRAM_YEAR:
        return utc_of(cctz::civil_second(cctz::civil_year(local)));
    default:
        return utc_of(cctz::civil_second(day));
    }
}

int64_t Calendar::next_bucket(enum lede_histogram interval, int64_t start_utc_s) const
{
    cctz::civil_second local = cctz::convert(moment(start_utc_s), zone_);
    switch (interval) {
    case LEDE_HISTOGRAM_HOUR: {
        /* Some clocks change by half an hour. */
        int64_t hour_later = start_utc_s + SECONDS_PER_HOUR;
        int64_t full_hour = bucket_start(interval, hour_later);
        return full_hour > start_utc_s ? full_hour : hour_later;
    }
    case LEDE_HISTOGRAM_WEEK:
        return utc_of(cctz::civil_second(cctz::civil_day(local) + 7));
    case LEDE_HISTOGRAM_MONTH:
        return utc_of(cctz::civil_second(cctz::civil_month(local) + 1));
    case LEDE_HISTOGRAM_YEAR:
        return utc_of(cctz::civil_second(cctz::civil_year(local) + 1));
    default:
        return utc_of(cctz::civil_second(cctz::civil_day(local) + 1));
    }
}

int32_t Calendar::utc_offset_s(int64_t utc_s) const
{
    return zone_.lookup(moment(utc_s)).offset;
}

} // namespace lede

extern "C" bool lede_time_zone_is_known(const char *name)
{
    try {
        cctz::time_zone zone;
        return lede::find_zone(name, &zone);
    } catch (...) {
        return false;
    }
}

struct lede_calendar {
    lede::Calendar calendar;
};

extern "C" enum lede_status lede_calendar_new(
    const char *name, struct lede_calendar **ret_calendar, struct lede_error *reterr)
{
    return lede::guarded(reterr, "reading a time zone", [&] {
        *ret_calendar = new lede_calendar{lede::Calendar(name)};
        return LEDE_OK;
    });
}

extern "C" void lede_calendar_free(struct lede_calendar *calendar)
{
    delete calendar;
}

extern "C" void lede_calendar_freep(struct lede_calendar **calendar)
{
    lede_calendar_free(*calendar);
    *calendar = nullptr;
}

extern "C" bool lede_calendar_is_utc(const struct lede_calendar *calendar)
{
    return calendar->calendar.is_utc();
}

extern "C" int64_t lede_calendar_bucket_start(
    const struct lede_calendar *calendar, enum lede_histogram interval, int64_t utc_s)
{
    return calendar->calendar.bucket_start(interval, utc_s);
}

extern "C" int64_t lede_calendar_next_bucket(
    const struct lede_calendar *calendar, enum lede_histogram interval, int64_t start_utc_s)
{
    return calendar->calendar.next_bucket(interval, start_utc_s);
}

extern "C" int32_t lede_calendar_utc_offset_s(const struct lede_calendar *calendar, int64_t utc_s)
{
    return calendar->calendar.utc_offset_s(utc_s);
}

namespace
{

int64_t clock_utc_of(const void *calendar, int64_t local_s)
{
    const cctz::civil_second local = cctz::civil_second(1970) + local_s;
    return static_cast<const lede_calendar *>(calendar)->calendar.utc_of(local);
}

} // namespace

extern "C" struct lede_local_clock lede_calendar_clock(const struct lede_calendar *calendar)
{
    return {calendar, clock_utc_of};
}
