/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A caller's stream of writes, in batches; and the single write, a bulk of one. */
#include "bulk.h"

#include "lede/time.h"

#include <stdlib.h>
#include <string.h>

#ifndef BATCH_BYTES_MAX
#define BATCH_BYTES_MAX ((size_t)1 << 20) /* a bulk hands over its batch at this size … */
#endif
#define BATCH_WRITES_MAX 1024  /* … or this many writes */
#define EXPRESS_WRITES_MAX 128 /* so many, by a caller with no others under way, go first */
#define BATCHES_UNDER_WAY_MAX 8

struct lede_bulk {
    struct lede_writer *writer;
    struct lede_bulk_options options;
    struct lede_batch *filling;                          /* the caller's, not queued yet */
    uint64_t filling_since_ns;                           /* when its first write was added */
    struct lede_batch *under_way[BATCHES_UNDER_WAY_MAX]; /* in the order of the adds */
    size_t first;
    size_t count;
    bool is_express; /* they are in the express line */
    bool stays;      /* they came from another node of a cluster, and go to none */
    bool goes_out;   /* they go to another node */
    size_t bytes;    /* handed over */
    uint64_t revision, position;
    enum lede_status status; /* of the first batch that failed whole */
    struct lede_error error;
};

enum lede_status lede_writer_bulk_new(struct lede_writer *writer,
    const struct lede_bulk_options *options, struct lede_bulk **ret_bulk, struct lede_error *reterr)
{
    struct lede_bulk *bulk = calloc(1, sizeof(*bulk));
    if (!bulk)
        return lede_fail_memory(reterr);
    bulk->writer = writer;
    bulk->options = *options;
    *ret_bulk = bulk;
    return LEDE_OK;
}

void lede_bulk_stay(struct lede_bulk *bulk)
{
    bulk->stays = true;
}

const struct lede_bulk_options *lede_bulk_options_of(const struct lede_bulk *bulk)
{
    return &bulk->options;
}

/* About what a document takes in the journal; jansson does not say, so text fields are added up. */
static size_t write_bytes(const struct lede_write *write)
{
    size_t bytes = 128;
    const json_t *json = write->document ? write->document->json : write->patch;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)json, key, value)
        bytes += 64 + json_string_length(value);
    return bytes;
}

static void report(struct lede_bulk *bulk, const struct lede_batch *batch)
{
    if (batch->status != LEDE_OK && bulk->status == LEDE_OK) {
        bulk->status = batch->status;
        bulk->error = batch->error;
    }
    bulk->revision = batch->revision;
    bulk->position = batch->position;
    /* A group that failed whole came to nothing, so its writes have no outcome; an atomic refusal
     * has: which writes failed. */
    bool has_outcomes =
        batch->status == LEDE_OK || (batch->atomic && batch->status == LEDE_EINVALID);
    for (size_t i = 0; has_outcomes && bulk->options.on_result && i < batch->count; i++) {
        const struct lede_operation *operation = &batch->operations[i];
        struct lede_write_result result = {.tag = operation->write.tag,
            .outcome = operation->outcome,
            .id = operation->id,
            .error = operation->error};
        memcpy(result.digest, operation->digest, sizeof(result.digest));
        bulk->options.on_result(bulk->options.context, &result);
    }
}

/* Wait for the oldest batch under way and report it. */
static void settle_first(struct lede_bulk *bulk)
{
    struct lede_batch *batch = bulk->under_way[bulk->first];
    lede_writer_await(bulk->writer, batch);
    report(bulk, batch);
    lede_batch_free(batch);
    bulk->first = (bulk->first + 1) % BATCHES_UNDER_WAY_MAX;
    bulk->count--;
}

/* A short whole body need not wait for long ones, nor what a slow one has; a long one's batches
 * keep their order, so all that are under way are in one line. */
static bool is_express(const struct lede_bulk *bulk, const struct lede_batch *batch)
{
    bool may_be = bulk->count == 0 || bulk->is_express;
    return may_be && batch->last && batch->count <= EXPRESS_WRITES_MAX;
}

static void queue(struct lede_bulk *bulk, struct lede_batch *batch)
{
    bool express = is_express(bulk, batch);
    size_t most = express == bulk->is_express ? BATCHES_UNDER_WAY_MAX - 1 : 0;
    while (bulk->count > most)
        settle_first(bulk);
    bulk->is_express = express;
    /* All that are under way go one way, so that they keep their order when another node leads. */
    if (bulk->count == 0)
        bulk->goes_out = !bulk->stays && lede_writer_sends_out(bulk->writer);
    batch->goes_out = bulk->goes_out;
    bulk->bytes += batch->bytes;
    /* An atomic body is to be seen whole: it is committed with its group. */
    batch->builds = !batch->atomic && bulk->bytes >= bulk->writer->build_after_bytes;
    bulk->under_way[(bulk->first + bulk->count++) % BATCHES_UNDER_WAY_MAX] = batch;
    lede_writer_queue(bulk->writer, batch, express);
}

static struct lede_batch *filling(struct lede_bulk *bulk)
{
    if (!bulk->filling)
        bulk->filling = calloc(1, sizeof(*bulk->filling));
    return bulk->filling;
}

enum lede_status lede_bulk_add(
    struct lede_bulk *bulk, struct lede_write *write, struct lede_error *reterr)
{
    size_t bytes = write_bytes(write);
    struct lede_batch *batch = filling(bulk);
    enum lede_status st = batch ? bulk->status : LEDE_ENOMEM;
    if (st == LEDE_OK && bulk->options.atomic && batch->bytes + bytes > LEDE_ATOMIC_BYTES_MAX)
        st = lede_fail(&bulk->error, LEDE_ELIMIT,
            "expected at most %zu MiB in a body with atomic=true", LEDE_ATOMIC_BYTES_MAX >> 20);
    if (st != LEDE_OK) {
        lede_write_done(write);
        if (reterr && batch)
            *reterr = bulk->error;
        return batch ? st : lede_fail_memory(reterr);
    }
    if (batch->count == 0)
        bulk->filling_since_ns = lede_time_monotonic_ns();
    st = lede_batch_add(batch, write, bytes, reterr);
    bool full = batch->bytes >= BATCH_BYTES_MAX || batch->count >= BATCH_WRITES_MAX;
    if (st == LEDE_OK && full && !bulk->options.atomic)
        queue(bulk, LEDE_TAKE(&bulk->filling));
    return st;
}

void lede_bulk_flush(struct lede_bulk *bulk, uint32_t age_ms)
{
    while (bulk->count > 0 && lede_writer_has_done(bulk->writer, bulk->under_way[bulk->first]))
        settle_first(bulk);
    bool is_empty = !bulk->filling || bulk->filling->count == 0;
    uint64_t until_ns = bulk->filling_since_ns + age_ms * UINT64_C(1000000);
    if (is_empty || bulk->options.atomic || lede_time_monotonic_ns() < until_ns)
        return;
    bulk->filling->last = true;
    queue(bulk, LEDE_TAKE(&bulk->filling));
}

enum lede_status lede_bulk_finish(
    struct lede_bulk *bulk, uint64_t *ret_revision, struct lede_error *reterr)
{
    struct lede_batch *batch = filling(bulk);
    if (!batch)
        return lede_fail_memory(reterr);
    batch->last = true;
    batch->durable = bulk->options.durable;
    batch->atomic = bulk->options.atomic;
    queue(bulk, LEDE_TAKE(&bulk->filling));
    while (bulk->count > 0)
        settle_first(bulk);
    if (bulk->status != LEDE_OK) {
        if (reterr)
            *reterr = bulk->error;
        return bulk->status;
    }
    if (ret_revision)
        *ret_revision = bulk->revision;
    return lede_writer_await_copies(bulk->writer, bulk->position, reterr);
}

size_t lede_bulk_held_bytes(const struct lede_bulk *bulk)
{
    size_t bytes = bulk->filling ? bulk->filling->bytes : 0;
    for (size_t i = 0; i < bulk->count; i++)
        bytes += bulk->under_way[(bulk->first + i) % BATCHES_UNDER_WAY_MAX]->bytes;
    return bytes;
}

void lede_bulk_free(struct lede_bulk *bulk)
{
    if (!bulk)
        return;
    bulk->options.on_result = NULL;
    while (bulk->count > 0)
        settle_first(bulk);
    lede_batch_free(bulk->filling);
    free(bulk);
}

void lede_bulk_freep(struct lede_bulk **bulk)
{
    lede_bulk_free(*bulk);
    *bulk = NULL;
}

struct single {
    struct lede_write_result result;
    struct lede_error error;
};

static void keep_single(void *context, const struct lede_write_result *result)
{
    struct single *single = context;
    single->result = *result;
    if (result->error)
        single->error = *result->error;
}

enum lede_status lede_writer_write(struct lede_writer *writer, struct lede_write *write,
    enum lede_write_outcome *ret_outcome, unsigned char ret_digest[16], uint64_t *ret_revision,
    struct lede_error *reterr)
{
    struct single single = {0};
    struct lede_bulk_options options = {.on_result = keep_single, .context = &single};
    LEDE_CLEANUP(lede_bulk_freep) struct lede_bulk *bulk = NULL;
    enum lede_status st = lede_writer_bulk_new(writer, &options, &bulk, reterr);
    if (st != LEDE_OK) {
        lede_write_done(write);
        return st;
    }
    st = lede_bulk_add(bulk, write, reterr);
    if (st == LEDE_OK)
        st = lede_bulk_finish(bulk, ret_revision, reterr);
    if (st != LEDE_OK)
        return st;
    if (single.result.outcome == LEDE_FAILED) {
        if (reterr)
            *reterr = single.error;
        return single.error.status;
    }
    *ret_outcome = single.result.outcome;
    memcpy(ret_digest, single.result.digest, 16);
    return LEDE_OK;
}
