/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The proleptic Gregorian calendar in whole numbers.
 *
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so
 * that the leap day is the last of its year, and 400 years (an era) have 146,097 days. */
#include "lede/time.h"

#include <stdio.h>

#define DAYS_PER_ERA 146097
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */
#define SECONDS_PER_DAY 86400

int64_t lede_days_from_civil(struct lede_civil_date date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

struct lede_civil_date lede_civil_from_days(int64_t days)
{
    days += DAYS_BEFORE_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct lede_civil_date){
        .year = (int32_t)(year_of_era + era * 400 + (month <= 2)),
        .month = (int32_t)month,
        .day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

/* The day of a second, rounded down before 1970 too. */
static int64_t day_of(int64_t utc_s)
{
    return (utc_s >= 0 ? utc_s : utc_s - (SECONDS_PER_DAY - 1)) / SECONDS_PER_DAY;
}

void lede_time_format(int64_t utc_s, char ret_text[21])
{
    struct lede_civil_date date = lede_civil_from_days(day_of(utc_s));
    unsigned second = (unsigned)(utc_s - day_of(utc_s) * SECONDS_PER_DAY);
    char text[64];
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02u:%02u:%02uZ", date.year, date.month, date.day,
        second / 3600, second / 60 % 60, second % 60);
    snprintf(ret_text, 21, "%.20s", text);
}

void lede_time_format_day(int64_t utc_s, char ret_text[11])
{
    char text[21];
    lede_time_format(utc_s, text);
    snprintf(ret_text, 11, "%.10s", text);
}

void lede_time_format_mail(int64_t utc_s, const char *zone, char ret_text[LEDE_MAIL_TIME_SIZE])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char iso[21];
    int64_t day = day_of(utc_s);
    struct lede_civil_date date = lede_civil_from_days(day);
    lede_time_format(utc_s, iso);
    snprintf(ret_text, LEDE_MAIL_TIME_SIZE, "%s, %02d %s %04d %.8s %.5s", days[((day % 7) + 7) % 7],
        date.day, months[date.month - 1], date.year, iso + 11, zone);
}
