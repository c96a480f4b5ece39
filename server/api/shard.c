/* SPDX-License-Identifier: GPL-2.0-or-later */
/* POST /shard: one round of a search that another server runs over several, of which this is one.
 * Who asks has looked already who may see what; so it is asked for a key that no client has. */
#include "endpoints.h"
#include "negotiation.h"
#include "problem.h"
#include "visible.h"

#include <string.h>

#define IDS_MAX 4096
#define ID_MAX 1024
#define KEYS_MAX 4096
#define KEY_MAX UINT16_MAX

/* Takes as long whatever the keys have in common. */
static bool is_same(const char *a, const char *b)
{
    size_t size = strlen(a), other = strlen(b);
    volatile unsigned differ = size != other;
    for (size_t i = 0; i < other; i++)
        differ |= (unsigned char)(size > 0 ? a[i % size] : 0) ^ (unsigned char)b[i];
    return differ == 0;
}

bool lede_shard_is_allowed(const struct lede_api *api, const struct lede_http_request *request)
{
    const char *key = lede_http_request_header(request, LEDE_SHARD_KEY_HEADER);
    return key && api->settings.shard_key && is_same(key, api->settings.shard_key);
}

static void put_state(
    struct lede_api_worker *worker, enum lede_share_round round, struct lede_buffer *out)
{
    const struct lede_share_state state = {.generation = lede_reader_generation(worker->reader),
        .revision = lede_reader_revision(worker->reader),
        .languages = lede_reader_languages(worker->reader),
        .documents = lede_archive_document_count(worker)};
    lede_share_put_answer(out, round, &state);
}

/* ---- Rounds ---- */

static enum lede_status count(struct lede_api_worker *worker, struct lede_wire_reader *reader,
    struct lede_search_received *received, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_statistics_freep) struct lede_statistics *statistics = NULL;
    enum lede_status st = lede_search_decode(reader, received, reterr);
    if (st == LEDE_OK)
        st = lede_wire_end(reader, "a search", reterr);
    if (st == LEDE_OK)
        st = lede_reader_statistics(worker->reader, &received->search, &statistics, reterr);
    if (st == LEDE_OK)
        lede_statistics_encode(statistics, out);
    return st;
}

static enum lede_status match(struct lede_api_worker *worker, struct lede_wire_reader *reader,
    struct lede_search_received *received, struct lede_buffer *out, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_statistics_freep) struct lede_statistics *statistics = NULL;
    enum lede_status st = lede_search_decode(reader, received, reterr);
    if (st == LEDE_OK)
        st = lede_statistics_decode(reader, &statistics, reterr);
    if (st == LEDE_OK)
        st = lede_wire_end(reader, "a search with statistics", reterr);
    received->search.statistics = statistics;
    received->search.threads_max =
        worker->api->settings.threads_a_search > 0
            ? worker->api->settings.threads_a_search
            : __atomic_load_n(&worker->api->search_workers, __ATOMIC_SEQ_CST);
    if (st == LEDE_OK)
        st = lede_reader_share(worker->reader, &received->search, out, reterr);
    received->search.statistics = NULL;
    return st;
}

static enum lede_status give_texts(struct lede_api_worker *worker, struct lede_wire_reader *reader,
    struct lede_search_received *received, struct lede_buffer *out, struct lede_error *reterr)
{
    size_t count = lede_wire_count(reader, IDS_MAX, 2);
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; i < count && st == LEDE_OK; i++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer stored = {0};
        size_t size = 0;
        const char *id = lede_wire_text(reader, ID_MAX, &received->arena, &size);
        if (!id)
            lede_wire_refuse(reader);
        st = lede_wire_status(reader, "ids", reterr);
        if (st == LEDE_OK)
            st = lede_archive_get(worker, id, size, &stored, reterr);
        lede_wire_put_number(out, st == LEDE_OK);
        if (st == LEDE_OK)
            lede_wire_put_bytes(out, stored.data, stored.size);
        st = st == LEDE_ENOTFOUND ? LEDE_OK : st;
    }
    return st == LEDE_OK ? lede_wire_end(reader, "ids", reterr) : st;
}

static enum lede_status count_copies(struct lede_api_worker *worker,
    struct lede_wire_reader *reader, struct lede_search_received *received, struct lede_buffer *out,
    struct lede_error *reterr)
{
    enum lede_status st = lede_search_decode(reader, received, reterr);
    if (st != LEDE_OK)
        return st;
    size_t count = lede_wire_count(reader, KEYS_MAX, 2);
    const char **keys = lede_wire_array(reader, count, sizeof(*keys), &received->arena);
    for (size_t i = 0; keys && i < count; i++) {
        keys[i] = lede_wire_text(reader, KEY_MAX, &received->arena, NULL);
        if (!keys[i] || !keys[i][0])
            lede_wire_refuse(reader);
    }
    bool is_collapsed = received->search.collapse_slot != LEDE_SLOT_NONE &&
                        received->search.collapse_slot != LEDE_SLOT_PUBLISHED;
    if (!is_collapsed)
        lede_wire_refuse(reader);
    st = lede_wire_end(reader, "a search with values", reterr);
    return st == LEDE_OK ? lede_reader_share_copies(
                               worker->reader, &received->search, keys, count, out, reterr)
                         : st;
}

static enum lede_status look(struct lede_api_worker *worker, struct lede_wire_reader *reader,
    struct lede_search_received *received, struct lede_buffer *out, struct lede_error *reterr)
{
    (void)worker;
    (void)received;
    (void)out;
    return lede_wire_end(reader, "nothing more", reterr);
}

static enum lede_status answer(struct lede_api_worker *worker, const char *body, size_t size,
    struct lede_buffer *out, struct lede_error *reterr)
{
    static enum lede_status (*const rounds[])(struct lede_api_worker * worker,
        struct lede_wire_reader * reader, struct lede_search_received * received,
        struct lede_buffer * out, struct lede_error * reterr) = {
        [LEDE_SHARE_LOOK] = look,
        [LEDE_SHARE_STATISTICS] = count,
        [LEDE_SHARE_MATCH] = match,
        [LEDE_SHARE_TEXTS] = give_texts,
        [LEDE_SHARE_COPIES] = count_copies,
    };
    LEDE_CLEANUP(lede_search_received_done) struct lede_search_received received = {0};
    struct lede_wire_reader reader = lede_wire_reader_of(body, size);
    enum lede_share_round round = LEDE_SHARE_LOOK;
    enum lede_status st = lede_share_take_question(&reader, &round, reterr);
    if (st == LEDE_OK)
        st = lede_reader_refresh(worker->reader, reterr);
    if (st != LEDE_OK)
        return st;
    put_state(worker, round, out);
    st = rounds[round](worker, &reader, &received, out, reterr);
    lede_share_seal(out);
    return st == LEDE_OK && out->failed ? lede_fail_memory(reterr) : st;
}

void lede_endpoint_shard(
    void *context, struct lede_http_request *request, struct lede_http_reply *reply)
{
    struct lede_api_worker *worker = context;
    struct lede_error error = {0};
    size_t size = 0;
    const char *body = lede_http_request_body(request, &size);
    if (lede_refuse_parameters(request, reply))
        return;
    if (!lede_shard_is_allowed(worker->api, request)) {
        (void)lede_fail(&error, LEDE_EINPUT, "expected the key of the shards");
        lede_reply_problem(reply, request, lede_problem_named("forbidden"), &error);
        return;
    }
    (void)lede_api_worker_enter(worker, LEDE_STAGE_MATCH);
    enum lede_status st = answer(worker, body, size, &reply->body, &error);
    if (st == LEDE_OK)
        st = lede_api_worker_go_on(worker, &error);
    if (st != LEDE_OK) {
        lede_buffer_clear(&reply->body);
        if (st == LEDE_EVERSION)
            lede_reply_problem(reply, request, lede_problem_named("other-peer"), &error);
        else
            lede_reply_error(reply, request, &error);
        return;
    }
    reply->status = 200;
    reply->media_type = "application/octet-stream";
}
