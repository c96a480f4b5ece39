/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recency.h"

#include <math.h>

/* About what a rare word gives to a match: enough to bring yesterday's story before last year's of
 * the same relevance, not enough to bring a story that lacks the words' weight. */
#define RECENCY_POINTS 6.0
/* Behind so many half-lives nothing is left to prefer (less than a thousandth). */
#define HALF_LIVES_MAX 10
/* Half-lives shorter than this are told apart by quarters of an hour, longer ones by days. */
#define QUARTERS_UNTIL_S (4 * 86400.0)
/* a half-life over five years is as good as that */
#define STEPS_MAX 20000
#define QUARTER_S 900
#define DAY_S 86400

void lede_recency_init(struct lede_recency *recency, const struct lede_search *search)
{
    if (search->recency_half_life_s <= 0 || search->sort != LEDE_SORT_RELEVANCE)
        return;
    bool by_quarters = search->recency_half_life_s < QUARTERS_UNTIL_S;
    unsigned char bytes[4];
    recency->most = RECENCY_POINTS;
    recency->half_life_s = search->recency_half_life_s;
    recency->slot = by_quarters ? LEDE_SLOT_QUARTER_HOUR : LEDE_SLOT_DAY;
    recency->step_s = by_quarters ? QUARTER_S : DAY_S;
    recency->steps =
        (int64_t)fmin(HALF_LIVES_MAX * recency->half_life_s / (double)recency->step_s, STEPS_MAX);
    if (by_quarters) {
        lede_schema_encode_quarter_hour(search->now_utc_s, bytes);
        recency->newest_s = lede_schema_decode_quarter_hour(bytes);
    } else {
        lede_schema_encode_day(search->now_utc_s, bytes);
        recency->newest_s = lede_schema_decode_day(bytes);
    }
}

enum lede_status lede_recency_open_part(
    struct lede_recency *recency, struct lede_index *index, size_t part, struct lede_error *reterr)
{
    return recency->most > 0
               ? lede_number_column_get(index, part, recency->slot, &recency->column, reterr)
               : LEDE_OK;
}

void lede_recency_close_part(struct lede_recency *recency)
{
    lede_kept_let_go(recency->column ? &recency->column->item : NULL);
    recency->column = NULL;
}

double lede_recency_of(const struct lede_recency *recency, uint32_t document)
{
    int64_t published = recency->column->numbers[document];
    if (published == LEDE_TIME_NONE)
        return 0;
    int64_t steps = (recency->newest_s - published) / recency->step_s;
    if (published > recency->newest_s)
        steps = 0;
    if (steps > recency->steps)
        return 0;
    return RECENCY_POINTS * exp2(-(double)(steps * recency->step_s) / recency->half_life_s);
}

void lede_recency_add(
    const struct lede_recency *recency, const struct lede_window *window, const uint64_t *bits)
{
    uint32_t first = window->number << LEDE_WINDOW_BITS;
    for (uint32_t w = 0; recency->column && w < window->words; w++) {
        for (uint64_t rest = bits[w]; rest; rest &= rest - 1) {
            uint32_t number = w * 64 + (uint32_t)__builtin_ctzll(rest);
            double points = lede_recency_of(recency, first + number);
            window->scores[number] += (uint32_t)(points * window->scale + 0.5);
        }
    }
}
