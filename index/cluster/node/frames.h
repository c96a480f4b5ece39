/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nodes say to each other, as bytes: little endian, each with a magic number. */
#ifndef LEDE_CLUSTER_FRAMES_H
#define LEDE_CLUSTER_FRAMES_H

#include "lede/cluster.h"

/* From who leads: frames that join `from`. */
struct lede_sent_frames {
    char cluster_id[LEDE_HISTORY_SIZE];
    uint32_t shard;
    uint64_t term;
    uint64_t log_begin; /* nothing before it is kept */
    uint64_t committed; /* all before it is */
    struct lede_shard_place from;
    const char *frames; /* borrowed */
    size_t size;
};
void lede_sent_frames_write(const struct lede_sent_frames *sent, struct lede_buffer *out);
bool lede_sent_frames_read(const char *bytes, size_t size, struct lede_sent_frames *ret_sent);

enum lede_frames_outcome {
    LEDE_FRAMES_TAKEN, /* all up to `position` is on the disk, and the same */
    LEDE_FRAMES_BACK,  /* they do not join; try from `position`, else from `applied` */
    LEDE_FRAMES_STALE, /* there is a newer term */
};
struct lede_frames_answer {
    uint32_t outcome;
    uint64_t position;
    uint64_t applied;
};
void lede_frames_answer_write(const struct lede_frames_answer *answer, struct lede_buffer *out);
bool lede_frames_answer_read(const char *bytes, size_t size, struct lede_frames_answer *ret_answer);

/* A request for the log from a position on, and what comes: the place, and frames behind it. */
void lede_log_request_write(uint64_t from, struct lede_buffer *out);
bool lede_log_request_read(const char *bytes, size_t size, uint64_t *ret_from);
void lede_log_answer_begin(const struct lede_shard_place *from, struct lede_buffer *out);
bool lede_log_answer_read(const char *bytes, size_t size, struct lede_shard_place *ret_from,
    const char **ret_frames, size_t *ret_size);

#endif
