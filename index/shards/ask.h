/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One question to each of several shards, all at the same time. All transfers of libcurl are behind
 * this. */
#ifndef LEDE_SHARDS_ASK_H
#define LEDE_SHARDS_ASK_H

#include "lede/shards.h"

/* How shards are asked; borrowed by each line. */
struct lede_shards_wire {
    char *key_header; /* "Lede-Shard-Key: …" */
    char *ca_file;    /* NULL: the system's */
    uint32_t hedge_ms;
    uint32_t connect_ms;
};

/* Connections that are kept. Threads: one at a time. */
struct lede_shards_line;
/* wire  outlives it. Status: OK; ENOMEM. */
LEDE_CHECKED enum lede_status lede_shards_line_new(const struct lede_shards_wire *wire,
    struct lede_shards_line **ret_line, struct lede_error *reterr);
void lede_shards_line_free(struct lede_shards_line *line);

struct lede_shard_question {
    size_t shard;
    const struct lede_buffer *body; /* borrowed */
    size_t copy;                    /* that is asked first; afterwards that which has answered */
    /* What became of it. */
    bool is_answered;
    struct lede_buffer answer; /* owner: the question, lede_shard_question_done() */
    struct lede_error why;     /* where it is not answered */
    uint64_t sent_bytes;       /* to whichever copies */
};
void lede_shard_question_done(struct lede_shard_question *question);

/* Ask, until all have answered or it is time. A copy that fails is followed by the next at once,
 * one that takes long after a while; the first answer counts. Of a shard one copy at a time gets
 * each question once. It ends when the calling thread's stop does, too (lede/time.h). */
void lede_shards_line_ask(struct lede_shards_line *line, const struct lede_shard_map *map,
    struct lede_shard_question *questions, size_t count, uint64_t until_ns);

#endif
