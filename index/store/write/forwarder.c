/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "forwarder.h"

#include "forward_format.h"
#include "lede/thread.h"

static const struct lede_write_turns all_turns = {.bulk = true, .express = true};

static enum lede_status forward(
    struct lede_writer *writer, struct lede_batch *first, struct lede_error *reterr)
{
    const struct lede_shard_outlet *outlet = writer->outlet;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer request = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer answer = {0};
    if (!outlet)
        return lede_fail(reterr, LEDE_EBUSY, "the node is stopping");
    lede_forward_write(&request, first, first->atomic);
    if (lede_buffer_status(&request) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = outlet->forward(outlet->context, &request, &answer, reterr);
    if (st != LEDE_OK)
        return st;
    st = lede_forward_answer_read(answer.data, answer.size, first, reterr);
    return st == LEDE_OK ? st
                         : lede_fail(reterr, LEDE_ETIMEOUT,
                               "the end of this write is not known: the leading node answered "
                               "with something that is no answer");
}

static void forward_group(struct lede_writer *writer, struct lede_batch *first)
{
    struct lede_error error = {0};
    enum lede_status st = forward(writer, first, &error);
    pthread_mutex_lock(&writer->monitor->mutex);
    for (struct lede_batch *batch = first, *next = NULL; batch; batch = next) {
        next = batch->next;
        batch->next = NULL;
        if (st != LEDE_OK) {
            batch->status = st;
            batch->error = error;
        }
        batch->state = LEDE_BATCH_DONE;
    }
    pthread_cond_broadcast(&writer->monitor->progressed);
    pthread_mutex_unlock(&writer->monitor->mutex);
}

static void *forwarder_main(void *context)
{
    struct lede_writer *writer = context;
    for (;;) {
        pthread_mutex_lock(&writer->monitor->mutex);
        while (writer->has_forwarder && !lede_write_queue_has(&writer->forwarded, all_turns))
            pthread_cond_wait(&writer->forwards, &writer->monitor->mutex);
        bool has_work = lede_write_queue_has(&writer->forwarded, all_turns);
        struct lede_write_group group = {0};
        if (has_work)
            group = lede_write_queue_take(&writer->forwarded, all_turns);
        pthread_mutex_unlock(&writer->monitor->mutex);
        if (!has_work)
            return NULL;
        forward_group(writer, group.first);
    }
}

enum lede_status lede_forwarder_start(struct lede_writer *writer, struct lede_error *reterr)
{
    enum lede_status st = lede_condition_init(&writer->forwards);
    if (st != LEDE_OK)
        return lede_fail_memory(reterr);
    writer->has_forwarder = true;
    if (pthread_create(&writer->forwarder, NULL, forwarder_main, writer) == 0)
        return LEDE_OK;
    writer->has_forwarder = false;
    pthread_cond_destroy(&writer->forwards);
    return lede_fail(reterr, LEDE_EBUSY, "cannot start a thread");
}

void lede_forwarder_stop(struct lede_writer *writer)
{
    pthread_mutex_lock(&writer->monitor->mutex);
    bool has_one = writer->has_forwarder;
    writer->has_forwarder = false;
    if (has_one)
        pthread_cond_broadcast(&writer->forwards);
    pthread_mutex_unlock(&writer->monitor->mutex);
    if (!has_one)
        return;
    pthread_join(writer->forwarder, NULL);
    pthread_cond_destroy(&writer->forwards);
}
