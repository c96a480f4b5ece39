/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "copy.h"

#include "frames.h"
#include "lede/thread.h"
#include "lede/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES ((size_t)1 << 20) /* of frames that are applied together */
#define LOG_ANSWER_BYTES ((size_t)4 << 20)
#define ASK_MS 5000
#define RETRY_NS (UINT64_C(200) * 1000000)

/* ---- Words ---- */

void lede_node_say(const struct lede_cluster_node *node, bool is_warning, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (!node->options.say)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    node->options.say(node->options.context, is_warning, text);
}

void lede_node_note_fault(struct lede_cluster_node *node, const char *fault)
{
    pthread_mutex_lock(&node->mutex);
    bool is_new = fault[0] && strncmp(node->fault, fault, sizeof(node->fault) - 1) != 0;
    snprintf(node->fault, sizeof(node->fault), "%s", fault);
    pthread_mutex_unlock(&node->mutex);
    if (is_new)
        lede_node_say(node, true, "%s", fault);
}

void lede_node_url(const struct lede_cluster_node *node, const char *name, char ret_url[256])
{
    for (size_t i = 0; i < node->node_count; i++) {
        if (strcmp(node->nodes[i].name, name) == 0) {
            snprintf(ret_url, 256, "%s", node->nodes[i].url);
            return;
        }
    }
    bool is_secure = strncmp(node->options.url, "https:", 6) == 0;
    snprintf(ret_url, 256, "%s://%s", is_secure ? "https" : "http", name);
}

/* ---- Places ---- */

uint64_t lede_shard_applied(const struct lede_shard *shard, uint64_t *ret_revision)
{
    char history[LEDE_HISTORY_SIZE];
    uint64_t position = 0, revision = 0;
    lede_store_copied_to(shard->store, history, &position, &revision);
    if (ret_revision)
        *ret_revision = revision;
    return position;
}

bool lede_shard_has(struct lede_shard *shard, const struct lede_head *head)
{
    struct lede_shard_place place;
    bool has_it = false;
    pthread_mutex_lock(&shard->taking);
    if (shard->lacks_place && head->place.position == lede_shard_applied(shard, NULL) &&
        lede_shard_log_reset(shard->log, &head->place, NULL) == LEDE_OK)
        shard->lacks_place = false;
    if (!shard->lacks_place)
        has_it = lede_shard_log_place(shard->log, head->place.position, &place, NULL) == LEDE_OK &&
                 lede_shard_place_is_same(&place, &head->place);
    pthread_mutex_unlock(&shard->taking);
    return has_it;
}

/* ---- Taking frames ---- */

/* Of these frames the first that is not in the log; *at is moved to it. */
static enum lede_status skip_same(struct lede_shard *shard, const char *frames, size_t size,
    size_t *at, struct lede_shard_place *place, struct lede_error *reterr)
{
    struct lede_shard_frame frame;
    struct lede_shard_place mine;
    while (*at < size) {
        if (!lede_shard_frame_read(frames + *at, size - *at, &frame) ||
            !lede_shard_place_is_same(&frame.before, place))
            return lede_fail(reterr, LEDE_EINPUT, "what came is no frame at position %llu",
                (unsigned long long)place->position);
        if (lede_shard_log_place(shard->log, frame.after.position, &mine, NULL) != LEDE_OK ||
            !lede_shard_place_is_same(&mine, &frame.after))
            return LEDE_OK;
        *place = frame.after;
        *at += frame.size;
    }
    return LEDE_OK;
}

enum lede_status lede_shard_absorb(struct lede_shard *shard, const struct lede_shard_place *from,
    const char *frames, size_t size, uint64_t *ret_end, struct lede_error *reterr)
{
    struct lede_shard_place place = *from, mine;
    uint64_t applied = lede_shard_applied(shard, NULL);
    size_t at = 0;
    if (shard->lacks_place && from->position == applied) {
        enum lede_status st = lede_shard_log_reset(shard->log, from, reterr);
        if (st != LEDE_OK)
            return st;
        shard->lacks_place = false;
    }
    if (shard->lacks_place ||
        lede_shard_log_place(shard->log, from->position, &mine, NULL) != LEDE_OK ||
        !lede_shard_place_is_same(&mine, from))
        return lede_fail(reterr, LEDE_EPRECONDITION, "the log does not go on from position %llu",
            (unsigned long long)from->position);
    enum lede_status st = skip_same(shard, frames, size, &at, &place, reterr);
    if (st != LEDE_OK)
        return st;
    if (at < size && place.position < applied)
        return lede_fail(reterr, LEDE_EPRECONDITION,
            "other frames than those that were applied came for position %llu",
            (unsigned long long)place.position);
    if (at < size)
        st = lede_shard_log_cut(shard->log, place.position, reterr);
    if (st == LEDE_OK)
        st = lede_shard_log_append(shard->log, frames + at, size - at, reterr);
    if (st == LEDE_OK)
        st = lede_shard_log_sync(shard->log, reterr);
    if (st == LEDE_OK && at < size)
        place = lede_shard_log_end(shard->log);
    *ret_end = place.position;
    return st;
}

/* Frames of an older term than any that is here, or was heard of, come of one who leads no more. */
static bool is_stale(struct lede_shard *shard, uint64_t term)
{
    struct lede_shard_place end = lede_shard_log_end(shard->log);
    pthread_mutex_lock(&shard->node->mutex);
    bool is_stale = term < shard->term_seen || term < end.term || shard->leads;
    if (!is_stale)
        shard->term_seen = term;
    pthread_mutex_unlock(&shard->node->mutex);
    return is_stale;
}

/* What lacks is not kept where it came from: a copy has to be fetched. */
static void note_gap(struct lede_shard *shard, const struct lede_sent_frames *sent)
{
    struct lede_cluster_node *node = shard->node;
    uint64_t applied = lede_shard_applied(shard, NULL);
    pthread_mutex_lock(&node->mutex);
    if (sent->log_begin > applied && shard->leader[0] && !shard->wants_copy) {
        shard->wants_copy = true;
        lede_node_url(node, shard->leader, shard->copy_from);
        pthread_cond_broadcast(&node->changed);
    }
    pthread_mutex_unlock(&node->mutex);
}

enum lede_status lede_cluster_take_frames(struct lede_cluster_node *node, const char *request,
    size_t size, struct lede_buffer *answer, struct lede_error *reterr)
{
    struct lede_shard *shard = &node->shard;
    struct lede_sent_frames sent;
    struct lede_frames_answer told = {.outcome = LEDE_FRAMES_TAKEN};
    enum lede_status st = LEDE_OK;
    if (!lede_sent_frames_read(request, size, &sent) || sent.shard != 0 ||
        strcmp(sent.cluster_id, node->facts.id) != 0)
        return lede_fail(reterr, LEDE_EINPUT, "expected frames of this cluster");
    pthread_mutex_lock(&shard->taking);
    if (is_stale(shard, sent.term))
        told.outcome = LEDE_FRAMES_STALE;
    else
        st = lede_shard_absorb(shard, &sent.from, sent.frames, sent.size, &told.position, reterr);
    told.applied = lede_shard_applied(shard, NULL);
    if (st == LEDE_EPRECONDITION) {
        struct lede_shard_place end = lede_shard_log_end(shard->log);
        told.outcome = LEDE_FRAMES_BACK;
        told.position =
            shard->lacks_place || sent.from.position <= end.position ? told.applied : end.position;
        st = LEDE_OK;
        note_gap(shard, &sent);
    }
    pthread_mutex_unlock(&shard->taking);
    if (st != LEDE_OK)
        return st;
    /* What is the same as there up to here, and committed there, is committed. */
    uint64_t committed = sent.committed < told.position ? sent.committed : told.position;
    pthread_mutex_lock(&node->mutex);
    if (told.outcome == LEDE_FRAMES_TAKEN && committed > shard->committed)
        shard->committed = committed;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    lede_frames_answer_write(&told, answer);
    return lede_buffer_status(answer) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* ---- Giving and fetching ---- */

enum lede_status lede_cluster_read_log(struct lede_cluster_node *node, const char *request,
    size_t size, struct lede_buffer *answer, struct lede_error *reterr)
{
    struct lede_shard *shard = &node->shard;
    struct lede_shard_place place;
    uint64_t from = 0;
    if (!lede_log_request_read(request, size, &from))
        return lede_fail(reterr, LEDE_EINPUT, "expected a position in the log");
    pthread_mutex_lock(&shard->taking);
    enum lede_status st = shard->lacks_place
                              ? lede_fail(reterr, LEDE_ENOTFOUND, "this node has no log yet")
                              : lede_shard_log_place(shard->log, from, &place, reterr);
    if (st == LEDE_OK)
        lede_log_answer_begin(&place, answer);
    if (st == LEDE_OK)
        st = lede_shard_log_read(shard->log, from, UINT64_MAX, LOG_ANSWER_BYTES, answer, reterr);
    pthread_mutex_unlock(&shard->taking);
    return st == LEDE_OK && lede_buffer_status(answer) != LEDE_OK ? lede_fail_memory(reterr) : st;
}

/* One request for frames from a position on; ret_more: some came. */
static enum lede_status fetch_piece(
    struct lede_shard *shard, void *peer, uint64_t from, bool *ret_more, struct lede_error *reterr)
{
    const struct lede_peer_transport *transport = &shard->node->options.transport;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer request = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer answer = {0};
    struct lede_shard_place place;
    const char *frames = NULL;
    size_t size = 0;
    uint64_t end = 0;
    bool is_sent = false;
    lede_log_request_write(from, &request);
    enum lede_status st = transport->ask(transport->context, peer, "/cluster/log", &request, ASK_MS,
        true, &answer, &is_sent, reterr);
    if (st == LEDE_OK && !lede_log_answer_read(answer.data, answer.size, &place, &frames, &size))
        st = lede_fail(reterr, LEDE_EINPUT, "another node answered with something that is no log");
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&shard->taking);
    st = lede_shard_absorb(shard, &place, frames, size, &end, reterr);
    pthread_mutex_unlock(&shard->taking);
    *ret_more = st == LEDE_OK && size > 0;
    return st;
}

static enum lede_status fetch_from(struct lede_shard *shard, const char *name,
    const struct lede_head *head, struct lede_error *reterr)
{
    struct lede_cluster_node *node = shard->node;
    const struct lede_peer_transport *transport = &node->options.transport;
    char url[256];
    pthread_mutex_lock(&node->mutex);
    lede_node_url(node, name, url);
    pthread_mutex_unlock(&node->mutex);
    void *peer = transport->open(transport->context, url, &node->stops);
    bool has_more = peer != NULL, goes_back = false;
    enum lede_status st = LEDE_OK;
    uint64_t applied = lede_shard_applied(shard, NULL);
    pthread_mutex_lock(&shard->taking);
    uint64_t from = lede_shard_log_end(shard->log).position;
    from = shard->lacks_place || from > head->place.position ? applied : from;
    pthread_mutex_unlock(&shard->taking);
    while (has_more && !node->stops && !lede_shard_has(shard, head)) {
        st = fetch_piece(shard, peer, from, &has_more, reterr);
        if (st != LEDE_OK && !goes_back) {
            goes_back = has_more = true; /* it has something else there: from what is sure */
            from = applied;
            continue;
        }
        from = lede_shard_log_end(shard->log).position;
        has_more = has_more && st == LEDE_OK;
    }
    if (peer)
        transport->close(transport->context, peer);
    return lede_shard_has(shard, head) ? LEDE_OK : LEDE_ENOTFOUND;
}

enum lede_status lede_shard_fetch(
    struct lede_shard *shard, const struct lede_head *head, struct lede_error *reterr)
{
    const char *own = shard->node->options.node;
    struct lede_error unused;
    for (size_t i = 0; i < head->holder_count; i++) {
        if (strcmp(head->holders[i], own) != 0 &&
            fetch_from(shard, head->holders[i], head, &unused) == LEDE_OK)
            return LEDE_OK;
    }
    pthread_mutex_lock(&shard->node->mutex);
    struct lede_names copies = shard->copies;
    pthread_mutex_unlock(&shard->node->mutex);
    for (size_t i = 0; i < copies.count; i++) {
        if (strcmp(copies.items[i], own) != 0 &&
            fetch_from(shard, copies.items[i], head, &unused) == LEDE_OK)
            return LEDE_OK;
    }
    return lede_fail(reterr, LEDE_ENOTFOUND,
        "nobody who answers has the log up to position %llu, which is committed",
        (unsigned long long)head->place.position);
}

/* ---- Applying ---- */

/* Apply a piece of what is committed. */
static enum lede_status apply_piece(
    struct lede_shard *shard, uint64_t to, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frames = {0};
    uint64_t from = lede_shard_applied(shard, NULL);
    enum lede_status st = lede_shard_log_read(shard->log, from, to, PIECE_BYTES, &frames, reterr);
    if (st == LEDE_OK)
        st = lede_store_apply_frames(
            shard->store, frames.data ? frames.data : "", frames.size, reterr);
    if (st == LEDE_OK)
        lede_shard_log_forget(
            shard->log, lede_shard_applied(shard, NULL), shard->node->options.log_bytes);
    return st;
}

/* How far may the store go? Where the log has not come to the head yet, as far as who leads has
 * said. */
static uint64_t find_committed(struct lede_shard *shard, struct lede_head *head, bool *ret_leads)
{
    pthread_mutex_lock(&shard->node->mutex);
    *head = shard->head;
    uint64_t committed = shard->committed;
    *ret_leads = shard->leads;
    pthread_mutex_unlock(&shard->node->mutex);
    bool is_ahead = head->place.position > lede_shard_applied(shard, NULL);
    return is_ahead && lede_shard_has(shard, head) ? head->place.position : committed;
}

/* Wait until something is committed that the store lacks; false: it ends. Who leads applies by
 * itself. */
static bool await_committed(struct lede_shard *shard, uint64_t *ret_to)
{
    struct lede_cluster_node *node = shard->node;
    while (!node->stops) {
        struct lede_head head;
        bool leads = false;
        *ret_to = find_committed(shard, &head, &leads);
        if (!leads && *ret_to > lede_shard_applied(shard, NULL))
            return true;
        pthread_mutex_lock(&node->mutex);
        bool has_news = shard->leads != leads || shard->committed > *ret_to ||
                        shard->head.place.position != head.place.position;
        if (!node->stops && !has_news)
            (void)lede_condition_wait_until(
                &node->changed, &node->mutex, lede_time_monotonic_ns() + RETRY_NS);
        pthread_mutex_unlock(&node->mutex);
    }
    return false;
}

static void *applier_main(void *context)
{
    struct lede_shard *shard = context;
    struct lede_cluster_node *node = shard->node;
    uint64_t to = 0;
    while (await_committed(shard, &to)) {
        struct lede_error error = {0};
        enum lede_status st = apply_piece(shard, to, &error);
        pthread_mutex_lock(&node->mutex);
        if (st == LEDE_OK)
            pthread_cond_broadcast(&node->changed);
        else
            (void)lede_condition_wait_until(
                &node->changed, &node->mutex, lede_time_monotonic_ns() + RETRY_NS);
        pthread_mutex_unlock(&node->mutex);
        /* What it led with a moment ago may have come into the store meanwhile. */
        if (st != LEDE_OK && st != LEDE_EPRECONDITION)
            lede_node_note_fault(node, error.message);
    }
    return NULL;
}

enum lede_status lede_applier_start(struct lede_shard *shard, struct lede_error *reterr)
{
    if (pthread_create(&shard->applier, NULL, applier_main, shard) != 0)
        return lede_fail(reterr, LEDE_EBUSY, "cannot start a thread");
    shard->has_applier = true;
    return LEDE_OK;
}

void lede_applier_join(struct lede_shard *shard)
{
    if (shard->has_applier)
        pthread_join(shard->applier, NULL);
    shard->has_applier = false;
}
