/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was asked: most often, in vain, slowest, hour by hour over a day.
 *
 * Memory is bounded: of each hour LEDE_QUERIES_COUNTED questions are counted by Space-Saving
 * (Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data
 * streams", 2005), and the LEDE_QUERIES_SLOWEST slowest are kept. Where more are asked, the rarest
 * one gives way to a new one, which takes its count over: no count is too low, each may be too high
 * by `over`, and whatever was asked more often than one in LEDE_QUERIES_COUNTED times is there. */
#ifndef LEDE_API_QUERIES_H
#define LEDE_API_QUERIES_H

#include "lede/api.h"

#define LEDE_QUERIES_HOURS 24
#define LEDE_QUERIES_COUNTED 256
#define LEDE_QUERIES_SLOWEST 64
#define LEDE_QUERIES_TEXT_BYTES_MAX 200 /* of a question; a longer one is cut */

struct lede_queries;

/* NULL: no memory. Owner: the caller, lede_queries_free(). */
LEDE_CHECKED struct lede_queries *lede_queries_new(void);
void lede_queries_free(struct lede_queries *queries);

/* Something that was asked. */
struct lede_asked {
    const char *text; /* UTF-8, as it was typed; NULL: it is not to be told */
    size_t size;
    uint32_t hits;
    bool in_vain; /* nothing was found for it as it was typed */
    uint64_t took_ns;
    const char *request_id;
};
/* Threads: any. */
void lede_queries_note(
    struct lede_queries *queries, const struct lede_asked *asked, int64_t now_utc_s);

enum lede_query_ranking {
    LEDE_QUERIES_BY_COUNT,
    LEDE_QUERIES_BY_VAIN,
    LEDE_QUERIES_BY_TIME,
    LEDE_QUERY_RANKINGS,
};
/* One of a ranking, over a window. What is not told of a ranking is 0. */
struct lede_question {
    char text[LEDE_QUERIES_TEXT_BYTES_MAX + 1];
    bool has_text;
    bool is_cut;
    uint64_t weight;  /* how often; by time: nanoseconds of the slowest */
    uint64_t over;    /* by which a count may be too high */
    uint32_t hits;    /* the last time; by time: of the slowest */
    int64_t at_utc_s; /* likewise */
    char request_id[LEDE_HTTP_REQUEST_ID_MAX + 1]; /* likewise */
};
struct lede_questions {
    struct lede_question *items; /* the first ones first */
    size_t count;
    uint64_t asked, in_vain; /* in all; whatever the ranking */
};
/* Put those of the last `hours` in order, at most `limit` of them; the hour that runs counts as
 * one.
 * ret_questions  owner: the caller, lede_questions_done()
 * Status: OK; ENOMEM. Threads: any. */
LEDE_CHECKED enum lede_status lede_queries_rank(struct lede_queries *queries,
    enum lede_query_ranking ranking, uint32_t hours, size_t limit, int64_t now_utc_s,
    struct lede_questions *ret_questions);
void lede_questions_done(struct lede_questions *questions);

#endif
