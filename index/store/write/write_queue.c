/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "write_queue.h"

void lede_write_queue_init(struct lede_write_queue *queue)
{
    *queue = (struct lede_write_queue){0};
    queue->bulk_end = &queue->bulk_first;
    queue->express_end = &queue->express_first;
}

void lede_write_queue_push(
    struct lede_write_queue *queue, struct lede_batch *batch, bool is_express)
{
    struct lede_batch ***end = is_express ? &queue->express_end : &queue->bulk_end;
    **end = batch;
    *end = &batch->next;
    queue->writes += batch->count;
}

bool lede_write_queue_has(const struct lede_write_queue *queue, struct lede_write_turns turns)
{
    return (queue->express_first && turns.express) || (queue->bulk_first && turns.bulk);
}

struct lede_write_group lede_write_queue_take(
    struct lede_write_queue *queue, struct lede_write_turns turns)
{
    bool has_bulk = queue->bulk_first && turns.bulk;
    bool has_express = queue->express_first && turns.express;
    bool express = has_express && !(has_bulk && queue->express_had_turn);
    struct lede_batch **first = express ? &queue->express_first : &queue->bulk_first;
    struct lede_write_group group = {0};
    struct lede_batch **end = &group.first;
    size_t bytes = 0;
    queue->express_had_turn = express;
    while (*first && bytes < LEDE_GROUP_BYTES_MAX) {
        struct lede_batch *batch = *first;
        bool is_alone = batch->atomic || batch->is_copied;
        if (is_alone && group.first)
            break;
        *first = batch->next;
        batch->next = NULL;
        *end = batch;
        end = &batch->next;
        bytes += batch->bytes;
        queue->writes -= batch->count;
        group.wants_sync = group.wants_sync || batch->last;
        group.wants_commit = group.wants_commit || (batch->last && !batch->durable);
        group.builds = group.builds || batch->builds;
        group.ends_bulk = group.ends_bulk || (batch->builds && batch->last && !batch->durable);
        if (is_alone)
            break;
    }
    if (!*first && express)
        queue->express_end = first;
    else if (!*first)
        queue->bulk_end = first;
    return group;
}
