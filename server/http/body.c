/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a streaming handler reads: the ring's bytes, unpacked. Nothing here waits. */
#include "lede/time.h"
#include "queue.h"
#include "request.h"
#include "stream.h"

#include <stdlib.h>
#include <string.h>

/* Why there are no more bytes. Call with the lock held. */
static enum lede_status nothing_left(
    const struct lede_http_request *request, struct lede_error *reterr)
{
    const struct lede_http_options *options = &request->server->options;
    if (request->is_late)
        return lede_fail(reterr, LEDE_ETIMEOUT,
            "the body came too slowly: expected %u bytes a second at least, and all of it within "
            "%u s",
            (unsigned)options->upload_bytes_per_s_min, (unsigned)options->upload_timeout_s);
    if (request->gone)
        return lede_fail(reterr, LEDE_ESTOPPED, "the client went away before the end of the body");
    return lede_fail(reterr, LEDE_EAGAIN, "the next bytes of the body have not come yet");
}

/* Call with the lock held. */
static enum lede_status make_ring(struct lede_http_request *request, struct lede_error *reterr)
{
    if (!lede_http_request_charge(request, LEDE_HTTP_RING_BYTES))
        return lede_fail(reterr, LEDE_EBUSY, "too many bodies are under way");
    request->ring = malloc(LEDE_HTTP_RING_BYTES);
    return request->ring ? LEDE_OK : lede_fail_memory(reterr);
}

/* A span of the ring; size 0 at the body's end. */
static enum lede_status next_span(struct lede_http_request *request, const unsigned char **ret_span,
    size_t *ret_size, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    pthread_mutex_lock(&request->lock);
    if (!request->ring && !request->body_ended)
        st = make_ring(request, reterr);
    if (st == LEDE_OK && request->aborted)
        st = lede_fail(reterr, LEDE_ESTOPPED, "the server is stopping");
    else if (st == LEDE_OK && request->ring_used == 0 && !request->body_ended)
        st = nothing_left(request, reterr);
    size_t to_end = LEDE_HTTP_RING_BYTES - request->ring_start;
    *ret_size = request->ring_used < to_end ? request->ring_used : to_end;
    *ret_span = request->ring ? request->ring + request->ring_start : NULL;
    pthread_mutex_unlock(&request->lock);
    return st;
}

static void consume(struct lede_http_request *request, size_t size)
{
    request->turn_bytes += size;
    lede_http_stream_consume(request, size);
}

/* Has it had its turn, and does another request wait for one? */
static bool must_share(struct lede_http_request *request)
{
    return request->turn_bytes >= LEDE_HTTP_TURN_BYTES_MAX &&
           lede_http_queue_waiting(&request->server->queues[request->pool]) > 0;
}

static enum lede_status check_bomb(const struct lede_unpacker *unpacker, struct lede_error *reterr)
{
    uint64_t given = lede_unpacker_given(unpacker);
    if (given > LEDE_HTTP_STREAM_UNPACKED_MAX)
        return lede_fail(reterr, LEDE_ELIMIT, "the body unpacks to more than %llu bytes",
            (unsigned long long)LEDE_HTTP_STREAM_UNPACKED_MAX);
    bool is_free = given <= LEDE_HTTP_STREAM_RATIO_FREE_BYTES;
    if (!is_free && given / LEDE_HTTP_STREAM_RATIO_MAX > lede_unpacker_taken(unpacker))
        return lede_fail(reterr, LEDE_ELIMIT, "the body unpacks to more than %llu times its size",
            (unsigned long long)LEDE_HTTP_STREAM_RATIO_MAX);
    return LEDE_OK;
}

static enum lede_status read_packed(struct lede_http_request *request, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    size_t given = 0;
    if (!request->unpacker) {
        enum lede_status st = lede_unpacker_new(
            request->coding, LEDE_HTTP_ZSTD_WINDOW_LOG_MAX, &request->unpacker, reterr);
        if (st != LEDE_OK)
            return st;
    }
    while (given == 0) {
        const unsigned char *span = NULL;
        size_t span_size = 0, taken = 0;
        enum lede_status st = next_span(request, &span, &span_size, reterr);
        if (st != LEDE_OK)
            return st;
        st = lede_unpacker_step(
            request->unpacker, span, span_size, data, capacity, &taken, &given, reterr);
        if (st != LEDE_OK)
            return st;
        consume(request, taken);
        if (given == 0 && span_size == 0) {
            *ret_size = 0;
            return lede_unpacker_end(request->unpacker, reterr);
        }
    }
    *ret_size = given;
    return check_bomb(request->unpacker, reterr);
}

static enum lede_status read_plain(struct lede_http_request *request, char *data, size_t capacity,
    size_t *ret_size, struct lede_error *reterr)
{
    const unsigned char *span = NULL;
    size_t size = 0;
    enum lede_status st = next_span(request, &span, &size, reterr);
    if (st != LEDE_OK)
        return st;
    size = size < capacity ? size : capacity;
    if (size > 0)
        memcpy(data, span, size);
    consume(request, size);
    *ret_size = size;
    return LEDE_OK;
}

enum lede_status lede_http_request_read(
    void *context, char *data, size_t capacity, size_t *ret_size, struct lede_error *reterr)
{
    struct lede_http_request *request = context;
    if (request->read_status != LEDE_OK)
        return lede_fail(reterr, request->read_status, "an earlier read of this body failed");
    request->wants_bytes = must_share(request);
    if (request->wants_bytes)
        return lede_fail(reterr, LEDE_EAGAIN, "other requests wait");
    if (!request->route->stream_body)
        return lede_fail(reterr, LEDE_EINTERNAL, "this route's body is taken whole");
    enum lede_status st = request->coding != LEDE_CODING_NONE
                              ? read_packed(request, data, capacity, ret_size, reterr)
                              : read_plain(request, data, capacity, ret_size, reterr);
    request->wants_bytes = st == LEDE_EAGAIN;
    if (!request->wants_bytes)
        request->read_status = st;
    return st;
}

enum lede_status lede_http_request_keep(
    struct lede_http_request *request, void *state, size_t bytes, struct lede_error *reterr)
{
    size_t before = request->state_bytes;
    bytes += request->unpacker ? lede_unpacker_held_bytes(request->unpacker) : 0;
    lede_http_request_discharge(request, before);
    bool is_within = lede_http_request_charge(request, bytes);
    request->state_bytes = bytes;
    if (bytes > before && !is_within)
        return lede_fail(reterr, LEDE_EBUSY, "too many large bodies are under way");
    request->state = state;
    return LEDE_OK;
}

void lede_http_request_progress(struct lede_http_request *request)
{
    atomic_store(&request->progressed_ns, lede_time_monotonic_ns());
}

bool lede_http_request_is_quiet(const struct lede_http_request *request)
{
    return request->is_quiet;
}

void *lede_http_request_state(const struct lede_http_request *request)
{
    return request->state;
}
