/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers of searches that may be asked for again.
 *
 * An answer is what its parameters, its path, the filter that the request is bound to, the segments
 * that are read, the lexicon and the clock make of it. All but the last two are its key. The
 * parameters stand there as they were given, in their order, since `q`, `next` and the clinic's
 * addresses repeat them. Not kept: what time cut short, and what continues a cursor. */
#ifndef LEDE_API_ANSWERS_H
#define LEDE_API_ANSWERS_H

#include "search_run.h"

struct lede_answers;

/* bytes_max  0: no answer is kept   Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_answers_new(size_t bytes_max, struct lede_answers **ret_answers);
void lede_answers_free(struct lede_answers *answers);
void lede_answers_stats(const struct lede_answers *answers, struct lede_cache_stats *ret_stats);

/* Answer from what is kept: the reply is written, with the time that this took.
 * run  with its parameters and path alone; its total and whether it was corrected are set
 * key  for lede_answers_keep(); empty where the answer is not to be kept (`cache=0`)
 * Returns false where there is no answer. Threads: any. */
bool lede_answers_find(struct lede_api_worker *worker, struct lede_search_run *run,
    struct lede_buffer *key, struct lede_http_reply *reply);

/* Keep an answer, if it may be kept.
 * took  of the reply's body, the bytes that tell the time it took
 * etag  of the reply */
void lede_answers_keep(struct lede_api_worker *worker, const struct lede_search_run *run,
    struct lede_buffer *key, const struct lede_http_reply *reply, struct lede_mark took,
    const char *etag);

#endif
