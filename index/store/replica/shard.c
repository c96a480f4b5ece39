/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store as a node of a cluster has it: its writes go out before they come in. */
#include "lede/shard.h"

#include "bulk.h"
#include "forward_format.h"
#include "forwarder.h"
#include "open_store.h"

enum lede_status lede_store_set_outlet(
    struct lede_store *store, const struct lede_shard_outlet *outlet, struct lede_error *reterr)
{
    if (outlet && !lede_store_is_copy(store))
        return lede_fail(reterr, LEDE_EUNSUPPORTED, "this archive is no part of a cluster");
    if (!outlet)
        lede_forwarder_stop(&store->writer);
    store->writer.outlet = outlet;
    return outlet ? lede_forwarder_start(&store->writer, reterr) : LEDE_OK;
}

struct forwarded {
    struct lede_bulk *bulk;
    struct lede_store *store;
    struct lede_bulk_options options;
    struct lede_buffer results;
    uint64_t count;
};

static void add_result(void *context, const struct lede_write_result *result)
{
    struct forwarded *forwarded = context;
    lede_forward_answer_add(&forwarded->results, result);
}

/* One that has no writes, too: where a bulk ends so, it is told the revision. */
static enum lede_status ensure_bulk(struct forwarded *forwarded, struct lede_error *reterr)
{
    if (forwarded->bulk)
        return LEDE_OK;
    enum lede_status st =
        lede_bulk_new(forwarded->store, &forwarded->options, &forwarded->bulk, reterr);
    if (st == LEDE_OK)
        lede_bulk_stay(forwarded->bulk);
    return st;
}

static enum lede_status add_write(
    void *context, struct lede_write *write, struct lede_error *reterr)
{
    struct forwarded *forwarded = context;
    enum lede_status st = ensure_bulk(forwarded, reterr);
    if (st != LEDE_OK) {
        lede_write_done(write);
        return st;
    }
    return lede_bulk_add(forwarded->bulk, write, reterr);
}

static void forwarded_done(struct forwarded *forwarded)
{
    lede_bulk_free(forwarded->bulk);
    lede_buffer_done(&forwarded->results);
}

enum lede_status lede_store_take_forwarded(struct lede_store *store, const char *request,
    size_t size, struct lede_buffer *answer, struct lede_error *reterr)
{
    const struct lede_shard_outlet *outlet = store->writer.outlet;
    LEDE_CLEANUP(forwarded_done) struct forwarded forwarded = {.store = store};
    struct lede_error error = {0};
    uint64_t revision = 0;
    if (!outlet || !outlet->leads(outlet->context))
        return lede_fail(reterr, LEDE_EBUSY, "this node does not lead");
    forwarded.options.on_result = add_result;
    forwarded.options.context = &forwarded;
    enum lede_status st =
        lede_forward_read(request, size, &forwarded.options.atomic, add_write, &forwarded, &error);
    if (st == LEDE_OK)
        st = ensure_bulk(&forwarded, &error);
    if (st == LEDE_OK)
        st = lede_bulk_finish(forwarded.bulk, &revision, &error);
    if (!forwarded.bulk && st != LEDE_OK) {
        if (reterr)
            *reterr = error;
        return st;
    }
    /* Results are told where all have one. */
    bool has_results = st == LEDE_OK || (forwarded.options.atomic && st == LEDE_EINVALID);
    lede_forward_answer_begin(answer, st, &error, revision);
    if (has_results)
        lede_buffer_append(answer, forwarded.results.data, forwarded.results.size);
    return lede_buffer_status(&forwarded.results) == LEDE_OK &&
                   lede_buffer_status(answer) == LEDE_OK
               ? LEDE_OK
               : lede_fail_memory(reterr);
}
