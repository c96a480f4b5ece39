/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as news writes them, and clocks.
 *
 * A moment is int64_t seconds since 1970 UTC, from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
 * Source of the forms: RFC 3339, RFC 5322 section 3.3 (with the obsolete zones of 4.3). */
#ifndef LEDE_TIME_H
#define LEDE_TIME_H

#include "lede/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_TIME_MIN_UTC_S INT64_C(-62135596800)
#define LEDE_TIME_MAX_UTC_S INT64_C(253402300799)
#define LEDE_TIME_NONE INT64_MIN

enum lede_time_precision {
    LEDE_TIME_SECOND, /* a date and a time */
    LEDE_TIME_DAY,    /* a date alone: that whole day */
    LEDE_TIME_MONTH,  /* 2022-01 */
    LEDE_TIME_YEAR,   /* 2022 */
};

/* Parse a moment: RFC 3339 (`2022-01-19T18:04:00.5+02:00`, a space or t for the T, seconds
 * optional, no zone means UTC), a date (`2022-01-19`, `20220119`), `19 Jan 2022`, `19 January
 * 2022`, `January 19, 2022`, RFC 822 and 5322 (`Wed, 19 Jan 2022 18:04:00 +0100`, `GMT`, `EST` …).
 * Fractions of a second are cut, a leap second becomes :59.
 * ret_utc_s      the first second it names
 * ret_precision  how much it names; may be NULL
 * Status: OK; EINPUT with what was expected. Threads: any. */
LEDE_CHECKED enum lede_status lede_time_parse(const char *text, size_t size, int64_t *ret_utc_s,
    enum lede_time_precision *ret_precision, struct lede_error *reterr);

/* The clock of a place: what it shows, as seconds since 1970 by the same clock. Zeroed: UTC. */
struct lede_local_clock {
    const void *calendar;
    /* When does it show this for the first time? Where it never does, when it skips it. */
    int64_t (*utc_of)(const void *calendar, int64_t local_s);
};

/* Parse a bound of a search: all of lede_time_parse(), `2022-01`, `2022`, `now`, `today`,
 * `yesterday`, and `-7d` `-12h` `-30m` `-2w` `-1y` before now. A day, month or year gives its first
 * and last second, everything else the same second twice.
 * clock  what is written without a zone is its time; NULL: UTC */
LEDE_CHECKED enum lede_status lede_time_parse_bound(const char *text, size_t size,
    int64_t now_utc_s, const struct lede_local_clock *clock, int64_t *ret_first_utc_s,
    int64_t *ret_last_utc_s, struct lede_error *reterr);

/* Write `2022-01-19T18:04:00Z` and a NUL. utc_s is within MIN..MAX. */
void lede_time_format(int64_t utc_s, char ret_text[21]);
/* Write `Wed, 19 Jan 2022 18:04:00 GMT` and a NUL, as mail (RFC 5322) and HTTP (RFC 9110, 5.6.7)
 * have it. zone  what UTC is called there: `GMT`, `+0000`. utc_s as above. */
#define LEDE_MAIL_TIME_SIZE 40
void lede_time_format_mail(int64_t utc_s, const char *zone, char ret_text[LEDE_MAIL_TIME_SIZE]);
/* Write `2022-01-19` and a NUL. */
void lede_time_format_day(int64_t utc_s, char ret_text[11]);

struct lede_civil_date {
    int32_t year;  /* 1..9999 */
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};
/* Proleptic Gregorian calendar, days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms". */
int64_t lede_days_from_civil(struct lede_civil_date date);
struct lede_civil_date lede_civil_from_days(int64_t days);

/* The wall clock, in seconds or milliseconds; within MIN..MAX whatever it is set to. */
int64_t lede_time_now_utc_s(void);
int64_t lede_time_now_utc_ms(void);
uint64_t lede_time_monotonic_ns(void);  /* never goes back */
uint64_t lede_time_thread_cpu_ns(void); /* processor time of the calling thread */

/* What beside a deadline ends all that has one, in the thread that it was given to. */
struct lede_stop {
    const bool *cancelled;       /* changed atomically: nobody wants it any more; NULL: never */
    uint64_t cpu_ns_max;         /* of this thread, from lede_stop_begin() on; 0: any */
    uint64_t begun_monotonic_ns; /* of lede_stop_begin(), as the next */
    uint64_t begun_cpu_ns;
    bool was_seen; /* it has ended something */
};
/* Give the calling thread a stop, until lede_stop_end(). stop  its first two members are set;
 * borrowed until then. Deadlines of 0 are not ended by it either. */
void lede_stop_begin(struct lede_stop *stop);
void lede_stop_end(void);
/* What the calling thread's stop goes by, for a thread that helps it; {0} where it has none. */
struct lede_stop lede_stop_share(void);
/* The helper has ended; what its stop has ended, counts as ended by the calling thread's. */
void lede_stop_join(const struct lede_stop *shared);
/* Has the thread's stop ended something? What was found then is not all. */
bool lede_stop_was_seen(void);

/* Is it time to end, by the clock or by the thread's stop? 0: never. */
bool lede_time_has_passed(uint64_t monotonic_ns);

/* When something has to end; one thread. */
struct lede_deadline {
    uint64_t monotonic_ns; /* 0: never */
    uint32_t calls;
    bool passed; /* somebody has seen it pass; stays so */
};
/* Looks at the clock every so often only: for steps of less than a microsecond. */
bool lede_deadline_has_passed(struct lede_deadline *deadline);
/* Looks at the clock now. */
bool lede_deadline_has_passed_now(struct lede_deadline *deadline);

#ifdef __cplusplus
}
#endif
#endif
