/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a search's documents spread over time: bars without gaps, an axis, and the ways to other
 * periods. Heights go by the square root of counts, so that 235 beside 19,043 can be seen; the axis
 * says so. They are classes, since the policy lets no element bring its own style. */
#include "lede/time.h"
#include "view.h"

#include <stdio.h>
#include <string.h>

#define BARS_MAX 200    /* the latest ones */
#define HEIGHT_STEPS 40 /* of the tallest bar: classes h0 to h40 */
#define TICKS_MAX 9     /* names below the bars */
#define TICK_BARS_MIN 3 /* bars between two of them */
#define DAY_S INT64_C(86400)

enum step { STEP_HOUR, STEP_DAY, STEP_WEEK, STEP_MONTH, STEP_YEAR };
static const struct {
    const char *name;
    enum step step;
    int64_t span_s_max; /* of a period that has such bars */
} intervals[] = {{"hour", STEP_HOUR, 3 * DAY_S}, {"day", STEP_DAY, 100 * DAY_S},
    {"week", STEP_WEEK, 800 * DAY_S}, {"month", STEP_MONTH, 3700 * DAY_S},
    {"year", STEP_YEAR, INT64_MAX}};

static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December"};

const char *lede_web_interval(struct lede_web_period period)
{
    size_t i = 0;
    while (period.before_utc_s - period.after_utc_s > intervals[i].span_s_max)
        i++;
    return intervals[i].name;
}

static int64_t clamped(int64_t utc_s)
{
    if (utc_s < LEDE_TIME_MIN_UTC_S)
        return LEDE_TIME_MIN_UTC_S;
    return utc_s > LEDE_TIME_MAX_UTC_S ? LEDE_TIME_MAX_UTC_S : utc_s;
}

struct lede_web_period lede_web_period_around(struct lede_web_period chosen)
{
    int64_t half = (chosen.before_utc_s - chosen.after_utc_s + 1) / 2;
    return (struct lede_web_period){
        clamped(chosen.after_utc_s - half), clamped(chosen.before_utc_s + half)};
}

/* ---- Steps ---- */

static struct lede_civil_date civil(int64_t utc_s)
{
    int64_t second = ((utc_s % DAY_S) + DAY_S) % DAY_S;
    return lede_civil_from_days((utc_s - second) / DAY_S);
}

static int64_t first_second(struct lede_civil_date date)
{
    return lede_days_from_civil(date) * DAY_S;
}

/* The start of the bar behind the one that starts here. */
static int64_t next_start(int64_t start, enum step step)
{
    static const int64_t fixed[] = {3600, DAY_S, 7 * DAY_S};
    struct lede_civil_date date = civil(start);
    if (step < STEP_MONTH)
        return start + fixed[step];
    bool is_last = step == STEP_YEAR || date.month == 12;
    return first_second(
        (struct lede_civil_date){date.year + is_last, is_last ? 1 : date.month + 1, 1});
}

/* The start of the bar that a moment is in. */
static int64_t start_of(int64_t utc_s, enum step step)
{
    struct lede_civil_date date = civil(utc_s);
    int64_t day = first_second(date);
    const int64_t thursday = 3; /* 1 January 1970 was one, and weeks begin on Mondays */
    switch (step) {
    case STEP_HOUR:
        return utc_s - (((utc_s % 3600) + 3600) % 3600);
    case STEP_DAY:
        return day;
    case STEP_WEEK:
        return day - ((((day / DAY_S + thursday) % 7) + 7) % 7) * DAY_S;
    case STEP_MONTH:
        return first_second((struct lede_civil_date){date.year, date.month, 1});
    case STEP_YEAR:
        break;
    }
    return first_second((struct lede_civil_date){date.year, 1, 1});
}

/* As `after` and `before` are written: whole days where bars are. */
static void write_bound(int64_t utc_s, enum step step, char ret_text[21])
{
    if (step == STEP_HOUR)
        lede_time_format(clamped(utc_s), ret_text);
    else
        lede_time_format_day(clamped(utc_s), ret_text);
}

static json_t *bar_name(int64_t start, enum step step)
{
    struct lede_civil_date date = civil(start);
    const char *month = months[date.month - 1];
    switch (step) {
    case STEP_HOUR:
        return json_sprintf("%d %s %d, %02d:00", date.day, month, date.year,
            (int)((((start % DAY_S) + DAY_S) % DAY_S) / 3600));
    case STEP_DAY:
        return json_sprintf("%d %s %d", date.day, month, date.year);
    case STEP_WEEK:
        return json_sprintf("Week of %d %s %d", date.day, month, date.year);
    case STEP_MONTH:
        return json_sprintf("%s %d", month, date.year);
    case STEP_YEAR:
        break;
    }
    return json_sprintf("%d", date.year);
}

/* What stands below a bar that begins something larger; NULL: it does not. */
static json_t *tick_name(int64_t start, int64_t before, enum step step)
{
    struct lede_civil_date date = civil(start), last = civil(before);
    bool is_new_year = date.year != last.year, is_new_month = date.month != last.month;
    if (step == STEP_YEAR)
        return date.year % 5 == 0 ? json_sprintf("%d", date.year) : NULL;
    if (step == STEP_MONTH)
        return is_new_year ? json_sprintf("%d", date.year) : NULL;
    if (step == STEP_HOUR)
        return date.day != last.day ? json_sprintf("%d %.3s", date.day, months[date.month - 1])
                                    : NULL;
    if (is_new_year)
        return json_sprintf("%.3s %d", months[date.month - 1], date.year);
    return is_new_month ? json_sprintf("%.3s", months[date.month - 1]) : NULL;
}

/* ---- Bars ---- */

struct bars {
    enum step step;
    struct lede_web_period period; /* of all */
    size_t count;
    json_int_t most;
};

static int64_t bucket_start(const json_t *bucket)
{
    const char *start = view_text(bucket, "start");
    int64_t utc_s = 0;
    return lede_time_parse(start, strlen(start), &utc_s, NULL, NULL) == LEDE_OK ? utc_s : 0;
}

/* Is the search bound to a period? */
static bool is_bound(const struct view *view)
{
    return view->page->chosen.after_utc_s > LEDE_TIME_MIN_UTC_S ||
           view->page->chosen.before_utc_s < LEDE_TIME_MAX_UTC_S;
}

/* From the first document to the last, or the period that is shown. */
static struct bars bars_of(const struct view *view, const json_t *buckets)
{
    struct bars bars = {.step = STEP_MONTH};
    const char *interval = view_text(view->page->histogram, "interval");
    size_t bucket_count = json_array_size(buckets);
    for (size_t i = 0; i < LEDE_COUNT_OF(intervals); i++) {
        if (strcmp(intervals[i].name, interval) == 0)
            bars.step = intervals[i].step;
    }
    for (size_t i = 0; i < bucket_count; i++) {
        json_int_t count = json_integer_value(json_object_get(json_array_get(buckets, i), "count"));
        bars.most = count > bars.most ? count : bars.most;
    }
    if (bucket_count == 0)
        return bars;
    bars.period.after_utc_s = bucket_start(json_array_get(buckets, 0));
    bars.period.before_utc_s = bucket_start(json_array_get(buckets, bucket_count - 1));
    if (is_bound(view)) {
        bars.period.after_utc_s = start_of(view->page->timeline.after_utc_s, bars.step);
        bars.period.before_utc_s = view->page->timeline.before_utc_s;
    }
    for (int64_t at = bars.period.after_utc_s; at <= bars.period.before_utc_s;
         at = next_start(at, bars.step))
        bars.count++;
    for (; bars.count > BARS_MAX; bars.count--)
        bars.period.after_utc_s = next_start(bars.period.after_utc_s, bars.step);
    return bars;
}

static unsigned height_of(json_int_t count, json_int_t most)
{
    unsigned step = 0;
    if (count <= 0 || most <= 0)
        return 0;
    /* The least step whose square is not below the count's share of the most. */
    while (step < HEIGHT_STEPS &&
           (double)step * step * (double)most < (double)count * HEIGHT_STEPS * HEIGHT_STEPS - 0.5)
        step++;
    return step < 2 ? 2 : step;
}

static json_t *bar_object(
    struct view *view, const struct bars *bars, int64_t start, json_int_t count)
{
    char after[21], before[21];
    int64_t last = next_start(start, bars->step) - 1;
    struct lede_web_period chosen = view->page->chosen;
    json_t *bar = json_object();
    write_bound(start, bars->step, after);
    write_bound(last, bars->step, before);
    struct lede_web_state next = lede_state_changed(view->state);
    bool is_exactly = strcmp(lede_web_state_get(&next, "after"), after) == 0 &&
                      strcmp(lede_web_state_get(&next, "before"), before) == 0;
    lede_state_set(&next, "after", is_exactly ? NULL : after);
    lede_state_set(&next, "before", is_exactly ? NULL : before);
    view_put(view, bar, "name", bar_name(start, bars->step));
    view_put(view, bar, "count", json_integer(count));
    view_put(view, bar, "height", json_sprintf("h%u", height_of(count, bars->most)));
    view_put(view, bar, "href", lede_state_address(&next));
    view_put_text(view, bar, "after", after);
    view_put_text(view, bar, "before", before);
    view_put(view, bar, "is_exactly", json_boolean(is_exactly));
    view_put(view, bar, "is_chosen",
        json_boolean(is_bound(view) && start <= chosen.before_utc_s && last >= chosen.after_utc_s));
    return bar;
}

static void put_bars(
    struct view *view, json_t *timeline, const struct bars *bars, const json_t *buckets)
{
    json_t *list = view_put_list(view, timeline, "bars");
    size_t bucket = 0, stop = bars->count - 1, since_tick = BARS_MAX;
    int64_t at = bars->period.after_utc_s, before = at - 1;
    for (size_t i = 0; i < bars->count; i++) {
        json_int_t count = 0;
        int64_t next = next_start(at, bars->step);
        for (const json_t *entry; (entry = json_array_get(buckets, bucket)); bucket++) {
            int64_t start = bucket_start(entry);
            if (start >= next)
                break;
            count += start >= at ? json_integer_value(json_object_get(entry, "count")) : 0;
        }
        json_t *bar = bar_object(view, bars, at, count);
        json_t *tick = since_tick >= TICK_BARS_MIN ? tick_name(at, before, bars->step) : NULL;
        /* A year is said wherever one begins, other names where there is room. */
        if (tick && since_tick * TICKS_MAX < bars->count && json_string_length(tick) < 8) {
            json_decref(tick);
            tick = NULL;
        }
        if (tick)
            view_put(view, bar, "tick", tick);
        since_tick = tick ? 1 : since_tick + 1;
        if (stop == bars->count - 1 && json_is_true(json_object_get(bar, "is_chosen")))
            stop = i;
        view_add(view, list, bar);
        before = at;
        at = next;
    }
    view_put(view, json_array_get(list, stop), "is_stop", json_true());
}

/* ---- Other periods ---- */

static void put_way(
    struct view *view, json_t *timeline, const char *key, int64_t after_utc_s, int64_t before_utc_s)
{
    char after[21], before[21];
    bool is_short = before_utc_s - after_utc_s < 2 * DAY_S;
    struct lede_web_state next = lede_state_changed(view->state);
    write_bound(after_utc_s, is_short ? STEP_HOUR : STEP_DAY, after);
    write_bound(before_utc_s, is_short ? STEP_HOUR : STEP_DAY, before);
    lede_state_set(&next, "after", after);
    lede_state_set(&next, "before", before);
    view_put(view, timeline, key, lede_state_address(&next));
}

static void put_ways(struct view *view, json_t *timeline)
{
    struct lede_web_period chosen = view->page->chosen;
    int64_t span = chosen.before_utc_s - chosen.after_utc_s + 1;
    bool is_bound =
        chosen.after_utc_s > LEDE_TIME_MIN_UTC_S || chosen.before_utc_s < LEDE_TIME_MAX_UTC_S;
    if (!is_bound)
        return;
    struct lede_web_state next = lede_state_changed(view->state);
    lede_state_set(&next, "after", NULL);
    lede_state_set(&next, "before", NULL);
    view_put(view, timeline, "all", lede_state_address(&next));
    if (chosen.after_utc_s == LEDE_TIME_MIN_UTC_S || chosen.before_utc_s == LEDE_TIME_MAX_UTC_S)
        return;
    put_way(view, timeline, "earlier", chosen.after_utc_s - span, chosen.after_utc_s - 1);
    put_way(view, timeline, "later", chosen.before_utc_s + 1, chosen.before_utc_s + span);
    put_way(view, timeline, "out", chosen.after_utc_s - span, chosen.before_utc_s + span);
}

void view_put_timeline(struct view *view, json_t *root)
{
    const json_t *buckets = json_object_get(view->page->histogram, "buckets");
    struct bars bars = bars_of(view, buckets);
    json_t *timeline = json_object();
    put_ways(view, timeline);
    if (bars.count > 1) {
        put_bars(view, timeline, &bars, buckets);
        view_put(view, timeline, "most", json_integer(bars.most));
        if (bars.most >= 4)
            view_put(view, timeline, "quarter", json_integer((bars.most + 2) / 4));
        view_put_text(view, timeline, "interval", view_text(view->page->histogram, "interval"));
    }
    if (json_object_size(timeline) > 0)
        view_put(view, root, "timeline", timeline);
    else
        json_decref(timeline);
}
