/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as news writes them, to seconds since 1970 UTC.
 *
 * One cursor walks the text; each form is a short list of parts. A text that fits no form whole is
 * refused with the forms that would do. Sources: RFC 3339; RFC 5322 section 3.3, with the obsolete
 * zones of section 4.3. */
#include "lede/number.h"
#include "lede/time.h"

#include <string.h>
#include <strings.h>

#define SECONDS_PER_DAY 86400

struct cursor {
    const char *at;
    const char *end;
};

struct parts {
    struct lede_civil_date date;
    int32_t hour, minute, second;
    int32_t zone_s; /* east of Greenwich */
    bool has_zone;
    enum lede_time_precision precision;
};

static bool take_char(struct cursor *cursor, char c)
{
    if (cursor->at < cursor->end && *cursor->at == c) {
        cursor->at++;
        return true;
    }
    return false;
}

static bool skip_spaces(struct cursor *cursor)
{
    const char *before = cursor->at;
    while (cursor->at < cursor->end && (*cursor->at == ' ' || *cursor->at == '\t'))
        cursor->at++;
    return cursor->at > before;
}

static bool at_digit(const struct cursor *cursor)
{
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

/* A number of min_digits to max_digits digits. */
static bool take_number(struct cursor *cursor, int min_digits, int max_digits, int32_t *ret_value)
{
    int32_t value = 0;
    int digits = 0;
    for (; digits < max_digits && at_digit(cursor); digits++)
        value = value * 10 + (*cursor->at++ - '0');
    *ret_value = value;
    return digits >= min_digits;
}

/* Letters of a word, compared with the first three of each name; full names are taken too. Returns
 * the index or -1. */
static int take_name(struct cursor *cursor, const char *const *names, int count)
{
    size_t size = 0;
    while (cursor->at + size < cursor->end &&
           ((cursor->at[size] | 32) >= 'a' && (cursor->at[size] | 32) <= 'z'))
        size++;
    for (int i = 0; i < count; i++) {
        bool whole = size == strlen(names[i]);
        if ((size == 3 || whole || (size == 4 && strncasecmp(cursor->at, "sept", 4) == 0)) &&
            strncasecmp(cursor->at, names[i], whole ? size : 3) == 0) {
            cursor->at += size;
            take_char(cursor, '.');
            return i;
        }
    }
    return -1;
}

static int take_month(struct cursor *cursor)
{
    static const char *const months[] = {"january", "february", "march", "april", "may", "june",
        "july", "august", "september", "october", "november", "december"};
    return take_name(cursor, months, 12) + 1;
}

/* +02:00, +0200, +02, Z, or a name of RFC 5322. */
static bool take_zone(struct cursor *cursor, int32_t *ret_zone_s)
{
    static const struct {
        const char *name;
        int32_t hours;
    } zones[] = {{"GMT", 0}, {"UTC", 0}, {"UT", 0}, {"Z", 0}, {"EST", -5}, {"EDT", -4}, {"CST", -6},
        {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
    int sign = take_char(cursor, '+') ? 1 : take_char(cursor, '-') ? -1 : 0;
    if (sign != 0) {
        int32_t hours = 0;
        int32_t minutes = 0;
        if (!take_number(cursor, 2, 2, &hours))
            return false;
        bool colon = take_char(cursor, ':');
        if ((colon || at_digit(cursor)) && !take_number(cursor, 2, 2, &minutes))
            return false;
        *ret_zone_s = sign * (hours * 3600 + minutes * 60);
        return hours <= 23 && minutes <= 59;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(zones); i++) {
        size_t size = strlen(zones[i].name);
        if ((size_t)(cursor->end - cursor->at) == size &&
            strncasecmp(cursor->at, zones[i].name, size) == 0) {
            cursor->at += size;
            *ret_zone_s = zones[i].hours * 3600;
            return true;
        }
    }
    return false;
}

/* 18:04, 18:04:00, 18:04:00.5 and then a zone or nothing. */
static bool take_clock(struct cursor *cursor, struct parts *parts)
{
    if (!take_number(cursor, 1, 2, &parts->hour) || !take_char(cursor, ':') ||
        !take_number(cursor, 2, 2, &parts->minute))
        return false;
    if (take_char(cursor, ':')) {
        if (!take_number(cursor, 2, 2, &parts->second))
            return false;
        if (take_char(cursor, '.') || take_char(cursor, ',')) {
            if (!at_digit(cursor))
                return false;
            while (at_digit(cursor))
                cursor->at++;
        }
    }
    parts->precision = LEDE_TIME_SECOND;
    skip_spaces(cursor);
    parts->has_zone = cursor->at < cursor->end;
    return !parts->has_zone || take_zone(cursor, &parts->zone_s);
}

/* 2022-01-19T18:04:00Z, 2022-01-19, 20220119, 2022-01, 2022. */
static bool parse_iso(struct cursor *cursor, struct parts *parts)
{
    if (!take_number(cursor, 4, 4, &parts->date.year))
        return false;
    parts->precision = LEDE_TIME_YEAR;
    if (cursor->at == cursor->end)
        return true;
    bool dashes = take_char(cursor, '-');
    parts->precision = LEDE_TIME_MONTH;
    if (!take_number(cursor, 2, 2, &parts->date.month))
        return false;
    if (cursor->at == cursor->end)
        return dashes;
    parts->precision = LEDE_TIME_DAY;
    if ((dashes && !take_char(cursor, '-')) || !take_number(cursor, 2, 2, &parts->date.day))
        return false;
    if (cursor->at == cursor->end)
        return true;
    if (!take_char(cursor, 'T') && !take_char(cursor, 't') && !skip_spaces(cursor))
        return false;
    return take_clock(cursor, parts);
}

/* A year of four digits, or of two as RFC 5322 4.3 reads them. */
static bool take_year(struct cursor *cursor, int32_t *ret_year)
{
    const char *before = cursor->at;
    if (!take_number(cursor, 2, 4, ret_year))
        return false;
    long digits = cursor->at - before;
    if (digits == 2)
        *ret_year += *ret_year < 50 ? 2000 : 1900;
    return digits != 3;
}

/* Wed, 19 Jan 2022 18:04:00 +0100; 19 January 2022; 19-JAN-2022. */
static bool parse_day_first(struct cursor *cursor, struct parts *parts)
{
    static const char *const days[] = {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    if (take_name(cursor, days, 7) >= 0) {
        take_char(cursor, ',');
        skip_spaces(cursor);
    }
    parts->precision = LEDE_TIME_DAY;
    if (!take_number(cursor, 1, 2, &parts->date.day))
        return false;
    take_char(cursor, '.');
    if (!skip_spaces(cursor) && !take_char(cursor, '-'))
        return false;
    parts->date.month = take_month(cursor);
    if (parts->date.month == 0)
        return false;
    take_char(cursor, ',');
    if (!skip_spaces(cursor) && !take_char(cursor, '-'))
        return false;
    if (!take_year(cursor, &parts->date.year))
        return false;
    take_char(cursor, ',');
    return cursor->at == cursor->end || (skip_spaces(cursor) && take_clock(cursor, parts));
}

/* January 19, 2022 and the like. */
static bool parse_month_first(struct cursor *cursor, struct parts *parts)
{
    parts->date.month = take_month(cursor);
    parts->precision = LEDE_TIME_DAY;
    if (parts->date.month == 0 || !skip_spaces(cursor) ||
        !take_number(cursor, 1, 2, &parts->date.day))
        return false;
    take_char(cursor, ',');
    if (!skip_spaces(cursor) || !take_number(cursor, 4, 4, &parts->date.year))
        return false;
    take_char(cursor, ',');
    return cursor->at == cursor->end || (skip_spaces(cursor) && take_clock(cursor, parts));
}

static bool is_possible(const struct parts *parts)
{
    static const int32_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const struct lede_civil_date *date = &parts->date;
    if (date->year < 1 || date->month < 1 || date->month > 12 || date->day < 1)
        return false;
    bool leap = date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0);
    int32_t length = lengths[date->month - 1] + (date->month == 2 && leap);
    return date->day <= length && parts->hour <= 23 && parts->minute <= 59 && parts->second <= 60;
}

static int64_t to_utc_s(const struct parts *parts)
{
    int32_t second = parts->second == 60 ? 59 : parts->second;
    return lede_days_from_civil(parts->date) * SECONDS_PER_DAY + parts->hour * 3600 +
           parts->minute * 60 + second - parts->zone_s;
}

static void trim(struct cursor *cursor)
{
    skip_spaces(cursor);
    while (cursor->end > cursor->at && (cursor->end[-1] == ' ' || cursor->end[-1] == '\t'))
        cursor->end--;
}

static bool parse_any(const char *text, size_t size, struct parts *ret_parts)
{
    static bool (*const forms[])(struct cursor *, struct parts *) = {
        parse_iso, parse_day_first, parse_month_first};
    for (size_t i = 0; i < LEDE_COUNT_OF(forms); i++) {
        struct cursor cursor = {text, text + size};
        trim(&cursor);
        struct parts parts = {.date = {.month = 1, .day = 1}};
        if (forms[i](&cursor, &parts) && cursor.at == cursor.end && is_possible(&parts)) {
            *ret_parts = parts;
            return true;
        }
    }
    return false;
}

static enum lede_status fail_time(const char *text, size_t size, struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_EINPUT,
        "expected RFC 3339 (2022-01-19T18:04:00Z), a date (2022-01-19, 19 Jan 2022) or RFC 5322, "
        "found "
        "'%.*s'",
        (int)(size < 60 ? size : 60), text);
}

enum lede_status lede_time_parse(const char *text, size_t size, int64_t *ret_utc_s,
    enum lede_time_precision *ret_precision, struct lede_error *reterr)
{
    struct parts parts;
    if (!parse_any(text, size, &parts))
        return fail_time(text, size, reterr);
    int64_t utc_s = to_utc_s(&parts);
    if (utc_s < LEDE_TIME_MIN_UTC_S || utc_s > LEDE_TIME_MAX_UTC_S)
        return fail_time(text, size, reterr);
    *ret_utc_s = utc_s;
    if (ret_precision)
        *ret_precision = parts.precision;
    return LEDE_OK;
}

/* The second behind the day, month or year that begins at first. */
static int64_t end_of(int64_t first, enum lede_time_precision precision)
{
    struct lede_civil_date date =
        lede_civil_from_days(first / SECONDS_PER_DAY - (first % SECONDS_PER_DAY < 0));
    if (precision == LEDE_TIME_DAY)
        return first + SECONDS_PER_DAY;
    date.year += precision == LEDE_TIME_YEAR || date.month == 12;
    if (precision == LEDE_TIME_MONTH)
        date.month = date.month % 12 + 1;
    return lede_days_from_civil(date) * SECONDS_PER_DAY;
}

static int64_t clamp(int64_t utc_s)
{
    if (utc_s < LEDE_TIME_MIN_UTC_S)
        return LEDE_TIME_MIN_UTC_S;
    return utc_s > LEDE_TIME_MAX_UTC_S ? LEDE_TIME_MAX_UTC_S : utc_s;
}

static int64_t utc_of(const struct lede_local_clock *clock, int64_t local_s)
{
    return clock && clock->utc_of ? clock->utc_of(clock->calendar, local_s) : local_s;
}

/* The days that the clock shows now and showed before: 0, 1 … back. */
static bool is_day_word(const char *text, size_t size, int64_t *ret_back)
{
    static const char *const words[] = {"today", "yesterday"};
    for (size_t i = 0; i < LEDE_COUNT_OF(words); i++) {
        *ret_back = (int64_t)i;
        if (strlen(words[i]) == size && memcmp(text, words[i], size) == 0)
            return true;
    }
    return false;
}

/* The first second of the day that the clock shows, as the clock shows it: no zone is a day off. */
static int64_t local_day(const struct lede_local_clock *clock, int64_t now_utc_s)
{
    int64_t day = now_utc_s - ((now_utc_s % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
    int64_t local = day + SECONDS_PER_DAY;
    while (utc_of(clock, local) > now_utc_s)
        local -= SECONDS_PER_DAY;
    return local;
}

enum lede_status lede_time_parse_bound(const char *text, size_t size, int64_t now_utc_s,
    const struct lede_local_clock *clock, int64_t *ret_first_utc_s, int64_t *ret_last_utc_s,
    struct lede_error *reterr)
{
    struct parts parts;
    int64_t local = 0;
    if (size > 0 && text[0] == '-') {
        int64_t back_ms = 0;
        enum lede_status st = lede_parse_duration_ms(
            text + 1, size - 1, INT64_C(4000000000) * 1000, &back_ms, reterr);
        if (st == LEDE_OK)
            *ret_first_utc_s = *ret_last_utc_s = clamp(now_utc_s - back_ms / 1000);
        return st;
    }
    if (size == 3 && memcmp(text, "now", 3) == 0) {
        *ret_first_utc_s = *ret_last_utc_s = now_utc_s;
        return LEDE_OK;
    }
    int64_t back = 0;
    if (is_day_word(text, size, &back)) {
        local = local_day(clock, now_utc_s) - back * SECONDS_PER_DAY;
        *ret_first_utc_s = clamp(utc_of(clock, local));
        *ret_last_utc_s = clamp(utc_of(clock, local + SECONDS_PER_DAY) - 1);
        return LEDE_OK;
    }
    enum lede_status st = lede_time_parse(text, size, &local, NULL, reterr);
    if (st != LEDE_OK || !parse_any(text, size, &parts))
        return st;
    *ret_first_utc_s = *ret_last_utc_s = clamp(parts.has_zone ? local : utc_of(clock, local));
    if (parts.precision != LEDE_TIME_SECOND)
        *ret_last_utc_s = clamp(utc_of(clock, end_of(local, parts.precision)) - 1);
    return LEDE_OK;
}
