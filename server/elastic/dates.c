/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dates.h"

#include "lede/number.h"

#include <string.h>

#define AMOUNT_MAX 1000000
#define DAY_S 86400

static int64_t clamp(int64_t utc_s)
{
    if (utc_s < LEDE_TIME_MIN_UTC_S)
        return LEDE_TIME_MIN_UTC_S;
    return utc_s > LEDE_TIME_MAX_UTC_S ? LEDE_TIME_MAX_UTC_S : utc_s;
}

static int64_t day_of(int64_t utc_s)
{
    return utc_s / DAY_S - (utc_s % DAY_S < 0);
}

/* Months are counted from the year 0; days behind a month's end become its last. */
static int64_t add_months(int64_t utc_s, int64_t months)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct lede_civil_date date = lede_civil_from_days(day_of(utc_s));
    int64_t seconds = utc_s - day_of(utc_s) * DAY_S;
    int64_t all = (int64_t)date.year * 12 + date.month - 1 + months;
    if (all < 12)
        return LEDE_TIME_MIN_UTC_S;
    if (all / 12 > 9999)
        return LEDE_TIME_MAX_UTC_S;
    date.year = (int32_t)(all / 12);
    date.month = (int32_t)(all % 12) + 1;
    bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    int length = lengths[date.month - 1] + (date.month == 2 && is_leap);
    date.day = date.day > length ? length : date.day;
    return lede_days_from_civil(date) * DAY_S + seconds;
}

/* Seconds of a unit of fixed length; 0: it is a month or a year. */
static int64_t unit_s(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
    case 'H':
        return 3600;
    case 'd':
        return DAY_S;
    case 'w':
        return 7 * (int64_t)DAY_S;
    default:
        return 0;
    }
}

static int64_t step(int64_t utc_s, char unit, int64_t amount)
{
    if (unit_s(unit) > 0)
        return clamp(utc_s + amount * unit_s(unit));
    return clamp(add_months(utc_s, unit == 'y' ? 12 * amount : amount));
}

/* The first second of the unit that a moment is in; weeks begin on Monday. */
static int64_t round_down(int64_t utc_s, char unit)
{
    struct lede_civil_date date = lede_civil_from_days(day_of(utc_s));
    int64_t size = unit_s(unit);
    if (unit == 'w')
        return (day_of(utc_s) - ((day_of(utc_s) + 3) % 7 + 7) % 7) * DAY_S;
    if (size > 0)
        return (utc_s / size - (utc_s % size < 0)) * size;
    date.day = 1;
    date.month = unit == 'y' ? 1 : date.month;
    return lede_days_from_civil(date) * DAY_S;
}

static enum lede_status refuse(const char *what, const char *text, struct lede_error *reterr)
{
    (void)lede_fail(reterr, LEDE_EINPUT, "%s: failed to parse date field [%.60s]", what, text);
    lede_error_hint(reterr, "as 2022-01-19, 2022-01-19T18:04:00Z, milliseconds since 1970, "
                            "now-7d/d, 2022-01-19||+1M/M");
    return LEDE_EINPUT;
}

/* `-7d/d` */
static enum lede_status read_math(
    const char *math, const char *what, bool round_up, int64_t *utc_s, struct lede_error *reterr)
{
    for (const char *at = math; *at;) {
        char operation = *at++;
        int64_t amount = 1;
        size_t digits = strspn(at, "0123456789");
        if (operation != '/' && digits > 0 &&
            lede_parse_int64(at, digits, 0, AMOUNT_MAX, &amount, NULL) != LEDE_OK)
            return refuse(what, math, reterr);
        at += operation != '/' ? digits : 0;
        char unit = *at;
        if (!strchr("+-/", operation) || unit == '\0' || !strchr("yMwdhHms", unit))
            return refuse(what, math, reterr);
        at++;
        if (operation == '/') {
            *utc_s = clamp(round_down(*utc_s, unit));
            if (round_up)
                *utc_s = clamp(step(*utc_s, unit, 1) - 1);
        } else {
            *utc_s = step(*utc_s, unit, operation == '-' ? -amount : amount);
        }
    }
    return LEDE_OK;
}

static enum lede_status read_number(int64_t number, const char *what,
    const struct elastic_date_options *options, int64_t *ret_utc_s, struct lede_error *reterr)
{
    bool is_seconds = options->format && strcmp(options->format, "epoch_second") == 0;
    int64_t utc_s = is_seconds ? number : number / 1000 - (number % 1000 < 0);
    if (utc_s < LEDE_TIME_MIN_UTC_S || utc_s > LEDE_TIME_MAX_UTC_S)
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected a moment of the years 1 to 9999", what);
    *ret_utc_s = utc_s;
    return LEDE_OK;
}

enum lede_status lede_elastic_date(const json_t *value, const char *what,
    const struct elastic_date_options *options, int64_t *ret_utc_s, struct lede_error *reterr)
{
    const char *text = json_string_value(value);
    int64_t number = 0, first = 0, last = 0;
    if (json_is_number(value))
        return read_number((int64_t)json_number_value(value), what, options, ret_utc_s, reterr);
    if (!text)
        return lede_fail(reterr, LEDE_EINPUT, "%s: expected a date", what);
    size_t size = strlen(text);
    if (options->format && strstr(options->format, "epoch_") &&
        lede_parse_int64(text, size, INT64_MIN, INT64_MAX, &number, NULL) == LEDE_OK)
        return read_number(number, what, options, ret_utc_s, reterr);
    const char *math = strstr(text, "||");
    bool is_now = strncmp(text, "now", 3) == 0;
    size_t base = is_now ? 3 : math ? (size_t)(math - text) : size;
    math = is_now ? text + 3 : math ? math + 2 : "";
    if (is_now)
        first = last = options->now_utc_s;
    else if (lede_time_parse_bound(text, base, options->now_utc_s, NULL, &first, &last, NULL) !=
             LEDE_OK)
        return refuse(what, text, reterr);
    *ret_utc_s = options->round_up && !*math ? last : first;
    return read_math(math, what, options->round_up, ret_utc_s, reterr);
}
