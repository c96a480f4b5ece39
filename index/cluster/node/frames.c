/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "frames.h"

#include <string.h>

#define SENT_MAGIC UINT32_C(0x3153464c)    /* "LFS1" */
#define TAKEN_MAGIC UINT32_C(0x3154464c)   /* "LFT1" */
#define REQUEST_MAGIC UINT32_C(0x31524c4c) /* "LLR1" */
#define LOG_MAGIC UINT32_C(0x31414c4c)     /* "LLA1" */

struct place_bytes {
    uint64_t position;
    uint64_t term;
    struct lede_shard_chain chain;
};

struct sent_head {
    uint32_t magic;
    uint32_t shard;
    char cluster_id[LEDE_HISTORY_SIZE - 1];
    uint64_t term;
    uint64_t log_begin;
    uint64_t committed;
    struct place_bytes from;
};
struct taken_head {
    uint32_t magic;
    uint32_t outcome;
    uint64_t position;
    uint64_t applied;
};
struct request_head {
    uint32_t magic;
    uint32_t shard;
    uint64_t from;
};
struct log_head {
    uint32_t magic;
    uint32_t shard;
    struct place_bytes from;
};
_Static_assert(sizeof(struct sent_head) == 96 && sizeof(struct taken_head) == 24 &&
                   sizeof(struct request_head) == 16 && sizeof(struct log_head) == 40,
    "they are sent as they lie in memory");

static struct place_bytes bytes_of(const struct lede_shard_place *place)
{
    return (struct place_bytes){place->position, place->term, place->chain};
}

static struct lede_shard_place place_of(const struct place_bytes *bytes)
{
    return (struct lede_shard_place){bytes->position, bytes->term, bytes->chain};
}

void lede_sent_frames_write(const struct lede_sent_frames *sent, struct lede_buffer *out)
{
    struct sent_head head = {.magic = SENT_MAGIC,
        .shard = sent->shard,
        .term = sent->term,
        .log_begin = sent->log_begin,
        .committed = sent->committed,
        .from = bytes_of(&sent->from)};
    memcpy(head.cluster_id, sent->cluster_id, sizeof(head.cluster_id));
    lede_buffer_append(out, &head, sizeof(head));
    lede_buffer_append(out, sent->frames, sent->size);
}

bool lede_sent_frames_read(const char *bytes, size_t size, struct lede_sent_frames *ret_sent)
{
    struct sent_head head;
    if (size < sizeof(head))
        return false;
    memcpy(&head, bytes, sizeof(head));
    if (head.magic != SENT_MAGIC)
        return false;
    *ret_sent = (struct lede_sent_frames){.shard = head.shard,
        .term = head.term,
        .log_begin = head.log_begin,
        .committed = head.committed,
        .from = place_of(&head.from),
        .frames = bytes + sizeof(head),
        .size = size - sizeof(head)};
    memcpy(ret_sent->cluster_id, head.cluster_id, sizeof(head.cluster_id));
    return true;
}

void lede_frames_answer_write(const struct lede_frames_answer *answer, struct lede_buffer *out)
{
    struct taken_head head = {TAKEN_MAGIC, answer->outcome, answer->position, answer->applied};
    lede_buffer_append(out, &head, sizeof(head));
}

bool lede_frames_answer_read(const char *bytes, size_t size, struct lede_frames_answer *ret_answer)
{
    struct taken_head head;
    if (size != sizeof(head))
        return false;
    memcpy(&head, bytes, sizeof(head));
    *ret_answer = (struct lede_frames_answer){head.outcome, head.position, head.applied};
    return head.magic == TAKEN_MAGIC && head.outcome <= LEDE_FRAMES_STALE;
}

void lede_log_request_write(uint64_t from, struct lede_buffer *out)
{
    struct request_head head = {.magic = REQUEST_MAGIC, .from = from};
    lede_buffer_append(out, &head, sizeof(head));
}

bool lede_log_request_read(const char *bytes, size_t size, uint64_t *ret_from)
{
    struct request_head head;
    if (size != sizeof(head))
        return false;
    memcpy(&head, bytes, sizeof(head));
    *ret_from = head.from;
    return head.magic == REQUEST_MAGIC && head.shard == 0;
}

void lede_log_answer_begin(const struct lede_shard_place *from, struct lede_buffer *out)
{
    struct log_head head = {.magic = LOG_MAGIC, .from = bytes_of(from)};
    lede_buffer_append(out, &head, sizeof(head));
}

bool lede_log_answer_read(const char *bytes, size_t size, struct lede_shard_place *ret_from,
    const char **ret_frames, size_t *ret_size)
{
    struct log_head head;
    if (size < sizeof(head))
        return false;
    memcpy(&head, bytes, sizeof(head));
    *ret_from = place_of(&head.from);
    *ret_frames = bytes + sizeof(head);
    *ret_size = size - sizeof(head);
    return head.magic == LOG_MAGIC;
}
