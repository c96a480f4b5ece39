/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a word gives to a document. One set of settings for every collection.
 *
 * Robertson and others, "Okapi at TREC-3", 1995. A word counts once however often it is asked for.
 * The least normalised length is no more than a guard: short items are as short as they are. */
#ifndef LEDE_MATCH_BM25_H
#define LEDE_MATCH_BM25_H

#include "lede/match.h"

#include <math.h>

#define LEDE_BM25_K1 2.2
#define LEDE_BM25_B 0.6
#define LEDE_BM25_LENGTH_MIN 0.01

/* Of all that is searched, deleted and hidden documents among it: scores stay while a merge takes
 * them out. */
struct lede_bm25 {
    double documents;
    double length_min; /* K = length_factor * max(length, length_min) + length_base */
    double length_factor;
    double length_base;
};

static inline struct lede_bm25 lede_bm25_of(double documents, double total_length)
{
    double mean = documents > 0 && total_length > 0 ? total_length / documents : 1;
    return (struct lede_bm25){documents, LEDE_BM25_LENGTH_MIN * mean,
        LEDE_BM25_K1 * LEDE_BM25_B / mean, LEDE_BM25_K1 * (1 - LEDE_BM25_B)};
}

/* Of a word that so many documents have; never negative. The logarithm of what more than a third
 * of the documents have would be, so it is taken of a value that nears 1 from there on. */
static inline double lede_bm25_weight(const struct lede_bm25 *statistics, uint64_t documents)
{
    double odds = (statistics->documents - (double)documents + 0.5) / ((double)documents + 0.5);
    if (odds < 2)
        odds = odds * 0.5 + 1;
    return log(odds) * (LEDE_BM25_K1 + 1);
}

/* frequency > 0 */
static inline double lede_bm25_share(
    const struct lede_bm25 *statistics, uint32_t frequency, uint32_t length)
{
    double words =
        (double)length > statistics->length_min ? (double)length : statistics->length_min;
    double k = statistics->length_factor * words + statistics->length_base;
    return (double)frequency / ((double)frequency + k);
}

#endif
