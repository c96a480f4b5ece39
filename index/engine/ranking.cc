/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One set of settings for every collection. */
#include "ranking.h"

#include "lede/time.h"

#include <cmath>
#include <string>

namespace lede
{

namespace
{

/* About what a rare word gives to a match: enough to bring yesterday's story before last year's of
 * the same relevance, not enough to bring a story that lacks the words' weight. */
constexpr double RECENCY_SCORE = 6.0;
/* Behind so many half-lives nothing is left to prefer (less than a thousandth). */
constexpr double HALF_LIVES_MAX = 10;
/* Half-lives shorter than this are told apart by quarters of an hour, longer ones by days. */
constexpr double QUARTERS_UNTIL_S = 4 * 86400.0;
/* of one source; a half-life over five years is as good as that */
constexpr int64_t STEPS_MAX = 20000;
constexpr int64_t QUARTER_S = 900;
constexpr int64_t DAY_S = 86400;

std::string quarter_value(int64_t utc_s)
{
    unsigned char bytes[4];
    lede_schema_encode_quarter_hour(utc_s, bytes);
    return std::string(reinterpret_cast<const char *>(bytes), sizeof(bytes));
}

std::string day_value(int64_t utc_s)
{
    unsigned char bytes[3];
    lede_schema_encode_day(utc_s, bytes);
    return std::string(reinterpret_cast<const char *>(bytes), sizeof(bytes));
}

} // namespace

/* Robertson and others, "Okapi at TREC-3", 1995. k2 is off; a word counts once however often it is
 * asked for. The least normalised length is no more than a guard: short items are as short as they
 * are. */
Xapian::BM25Weight ranking()
{
    return Xapian::BM25Weight(2.2, 0, 1, 0.6, 0.01);
}

Xapian::Query prefer_recent(const Xapian::Query &query, double half_life_s, int64_t now_utc_s)
{
    bool by_quarters = half_life_s < QUARTERS_UNTIL_S;
    int64_t step_s = by_quarters ? QUARTER_S : DAY_S;
    auto steps = static_cast<int64_t>(
        std::fmin(HALF_LIVES_MAX * half_life_s / static_cast<double>(step_s), STEPS_MAX));
    auto *source =
        new Xapian::ValueMapPostingSource(by_quarters ? LEDE_SLOT_QUARTER_HOUR : LEDE_SLOT_DAY);
    Xapian::Query preferred(source->release());
    for (int64_t i = 0; i <= steps; i++) {
        int64_t utc_s = now_utc_s - i * step_s;
        if (utc_s < LEDE_TIME_MIN_UTC_S)
            break;
        double score = RECENCY_SCORE * std::exp2(-static_cast<double>(i * step_s) / half_life_s);
        source->add_mapping(by_quarters ? quarter_value(utc_s) : day_value(utc_s), score);
    }
    std::string latest =
        by_quarters ? quarter_value(now_utc_s + step_s) : day_value(now_utc_s + step_s);
    Xapian::Query future(
        Xapian::Query::OP_VALUE_GE, by_quarters ? LEDE_SLOT_QUARTER_HOUR : LEDE_SLOT_DAY, latest);
    Xapian::Query full((new Xapian::FixedWeightPostingSource(RECENCY_SCORE))->release());
    Xapian::Query early(Xapian::Query::OP_AND, Xapian::Query(0.0, future), full);
    if (query.empty())
        return query;
    return Xapian::Query(
        Xapian::Query::OP_AND_MAYBE, query, Xapian::Query(Xapian::Query::OP_OR, preferred, early));
}

} // namespace lede
