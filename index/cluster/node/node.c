/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A node's life: it is made, its directory is prepared, it takes part, rests and ends. */
#include "copy.h"
#include "lead.h"
#include "lede/encoding.h"
#include "lede/files.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NS_PER_MS UINT64_C(1000000)
#define RETRY_MS 500
#define NUMBER_FILE "cluster-node"
#define COPIES_DEFAULT 3
#define LEASE_S_DEFAULT 5
#define COMMIT_MS_DEFAULT 10000
#define LOG_BYTES_MIN ((uint64_t)16 << 20) /* more than a journal has that is not synced */

/* ---- Beginning ---- */

static bool is_name(const char *text, size_t most, const char *also)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        if (!strchr(letters, text[i]) && !strchr(also, text[i]))
            return false;
    }
    return size > 0 && size <= most;
}

static enum lede_status draw(char *ret_digits, size_t bytes_size, struct lede_error *reterr)
{
    unsigned char bytes[16];
    if (getrandom(bytes, bytes_size, 0) != (ssize_t)bytes_size)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot get random bytes");
    lede_hex_write(bytes, bytes_size, ret_digits);
    return LEDE_OK;
}

enum lede_status lede_cluster_node_new(const struct lede_cluster_options *options,
    struct lede_cluster_node **ret_node, struct lede_error *reterr)
{
    if (!is_name(options->cluster, LEDE_CLUSTER_NAME_MAX, ""))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a cluster's name of 1 to %d letters, digits, '-', '_' and '.', found '%.80s'",
            LEDE_CLUSTER_NAME_MAX, options->cluster);
    if (!is_name(options->node, LEDE_NODE_NAME_MAX, ":[]") || !strchr(options->node, ':'))
        return lede_fail(reterr, LEDE_EINPUT,
            "expected where other nodes reach this one, HOST:PORT, found '%.80s'", options->node);
    if (options->copies > LEDE_CLUSTER_COPIES_MAX)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected at most %d copies", LEDE_CLUSTER_COPIES_MAX);
    struct lede_cluster_node *node = calloc(1, sizeof(*node));
    if (!node)
        return lede_fail_memory(reterr);
    node->options = *options;
    if (node->options.lease_s == 0)
        node->options.lease_s = LEASE_S_DEFAULT;
    if (node->options.commit_ms == 0)
        node->options.commit_ms = COMMIT_MS_DEFAULT;
    if (node->options.log_bytes < LOG_BYTES_MIN)
        node->options.log_bytes = LOG_BYTES_MIN;
    (void)!pthread_mutex_init(&node->mutex, NULL);
    (void)!lede_condition_init(&node->changed);
    (void)!pthread_mutex_init(&node->shard.taking, NULL);
    node->shard.node = node;
    *ret_node = node;
    return LEDE_OK;
}

/* What the cluster is; it is made by whoever comes first. */
static enum lede_status find_cluster(struct lede_cluster_node *node, struct lede_error *reterr)
{
    struct lede_cluster_facts facts;
    const struct lede_cluster_options *options = &node->options;
    enum lede_status st = lede_facts_ask(node, &facts, reterr);
    if (st == LEDE_ENOTFOUND) {
        facts.copies = options->copies ? options->copies : COPIES_DEFAULT;
        st = draw(facts.id, (sizeof(facts.id) - 1) / 2, reterr);
        if (st == LEDE_OK)
            st = lede_facts_make(node, &facts, reterr);
        if (st == LEDE_OK)
            st = lede_facts_ask(node, &facts, reterr);
    }
    if (st == LEDE_OK && options->copies && options->copies != facts.copies)
        return lede_fail(reterr, LEDE_EPRECONDITION, "cluster '%s' was made with %u copies, not %u",
            options->cluster, (unsigned)facts.copies, (unsigned)options->copies);
    if (st == LEDE_OK)
        node->facts = facts;
    return st;
}

static enum lede_status await_cluster(struct lede_cluster_node *node, struct lede_error *reterr)
{
    struct lede_error error = {0};
    for (;;) {
        enum lede_status st = find_cluster(node, &error);
        bool may_come = st == LEDE_EBUSY || st == LEDE_ETIMEOUT;
        if (!may_come) {
            if (st != LEDE_OK && reterr)
                *reterr = error;
            return st;
        }
        lede_node_note_fault(node, error.message);
        if (node->options.goes_on && !node->options.goes_on(node->options.context))
            return lede_fail(reterr, LEDE_ESTOPPED, "stopped while it waited for etcd");
        pthread_mutex_lock(&node->mutex);
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, lede_time_monotonic_ns() + RETRY_MS * NS_PER_MS);
        pthread_mutex_unlock(&node->mutex);
    }
}

enum lede_status lede_cluster_node_prepare(
    struct lede_cluster_node *node, struct lede_error *reterr)
{
    const char *directory = node->options.directory;
    struct lede_copy_place place;
    enum lede_status st = lede_copy_look(directory, &place, reterr);
    if (st != LEDE_OK)
        return st;
    if (place.is_copy) {
        memcpy(node->facts.id, place.history, sizeof(node->facts.id));
        return LEDE_OK;
    }
    if (!place.is_empty) {
        st = lede_fail(reterr, LEDE_EEXISTS,
            "'%.200s' has an archive of its own, which is no part of a cluster", directory);
        lede_error_hint(reterr, "name an empty directory, and import what GET /export.ndjson of "
                                "the other gives");
        return st;
    }
    st = await_cluster(node, reterr);
    return st == LEDE_OK ? lede_copy_make(directory, node->facts.id, node->options.lanes, reterr)
                         : st;
}

/* ---- Writes of this node's clients ---- */

/* Who leads, and a turn to wait for somebody who does. With the mutex. */
static bool find_leader(const struct lede_cluster_node *node, char ret_url[256])
{
    if (!node->shard.leader[0] || node->rests)
        return false;
    bool is_own = strcmp(node->shard.leader, node->options.node) == 0;
    if (is_own && !node->shard.leads)
        return false; /* it is about to */
    lede_node_url(node, node->shard.leader, ret_url);
    return true;
}

static bool await_leader(struct lede_cluster_node *node, uint64_t until_ns, char ret_url[256])
{
    pthread_mutex_lock(&node->mutex);
    bool is_found = find_leader(node, ret_url);
    while (!is_found && !node->rests && lede_time_monotonic_ns() < until_ns) {
        (void)lede_condition_wait_until(&node->changed, &node->mutex, until_ns);
        is_found = find_leader(node, ret_url);
    }
    pthread_mutex_unlock(&node->mutex);
    return is_found;
}

/* What was written can be found here, too, before it is answered, unless this node is far
 * behind. */
static void await_own_store(struct lede_cluster_node *node, const struct lede_buffer *answer)
{
    uint64_t revision = 0, shown = 0;
    uint64_t until_ns = lede_time_monotonic_ns() + node->options.commit_ms * NS_PER_MS;
    if (answer->size < 16)
        return;
    memcpy(&revision, answer->data + 8, sizeof(revision)); /* of lede_store_take_forwarded() */
    (void)lede_shard_applied(&node->shard, &shown);
    while (shown < revision && !node->rests && lede_time_monotonic_ns() < until_ns) {
        pthread_mutex_lock(&node->mutex);
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, lede_time_monotonic_ns() + 5 * NS_PER_MS);
        pthread_mutex_unlock(&node->mutex);
        (void)lede_shard_applied(&node->shard, &shown);
    }
}

/* Ask who leads; where another does before it has answered, it is not waited for. */
static enum lede_status ask_leader(struct lede_shard *shard, const char *url,
    const struct lede_buffer *request, struct lede_buffer *ret_answer, bool *ret_is_sent,
    struct lede_error *reterr)
{
    struct lede_cluster_node *node = shard->node;
    const struct lede_peer_transport *transport = &node->options.transport;
    atomic_bool is_over = false;
    void *peer = transport->open(transport->context, url, &is_over);
    if (!peer)
        return lede_fail_memory(reterr);
    pthread_mutex_lock(&node->mutex);
    shard->forwarded = &is_over;
    pthread_mutex_unlock(&node->mutex);
    enum lede_status st = transport->ask(transport->context, peer, "/cluster/writes", request,
        3 * node->options.commit_ms, false, ret_answer, ret_is_sent, reterr);
    pthread_mutex_lock(&node->mutex);
    shard->forwarded = NULL;
    pthread_mutex_unlock(&node->mutex);
    transport->close(transport->context, peer);
    return st;
}

/* It is sent once. What was surely not taken is sent to whoever leads next, while there is time. */
static enum lede_status forward(void *context, const struct lede_buffer *request,
    struct lede_buffer *ret_answer, struct lede_error *reterr)
{
    struct lede_shard *shard = context;
    struct lede_cluster_node *node = shard->node;
    uint64_t until_ns = lede_time_monotonic_ns() + node->options.commit_ms * NS_PER_MS;
    char url[256];
    if (request->size > LEDE_SHARD_FRAME_BYTES_MAX)
        return lede_fail_frame(reterr);
    while (lede_time_monotonic_ns() < until_ns && await_leader(node, until_ns, url)) {
        struct lede_error error = {0};
        bool is_sent = false;
        enum lede_status st = ask_leader(shard, url, request, ret_answer, &is_sent, &error);
        if (st == LEDE_OK) {
            await_own_store(node, ret_answer);
            return st;
        }
        if (is_sent && st != LEDE_EBUSY) {
            st = lede_fail(reterr, LEDE_ETIMEOUT,
                "the end of this write is not known: the node that leads was asked, and %.200s",
                error.message);
            lede_error_hint(reterr, "look for it, or write it again");
            return st;
        }
        lede_buffer_clear(ret_answer);
        pthread_mutex_lock(&node->mutex);
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, lede_time_monotonic_ns() + 200 * NS_PER_MS);
        pthread_mutex_unlock(&node->mutex);
    }
    enum lede_status st =
        lede_fail(reterr, LEDE_EBUSY, "no node leads just now: nothing was written");
    lede_error_hint(reterr, "write it again; GET /cluster says how the cluster is");
    return st;
}

enum lede_status lede_cluster_take_writes(struct lede_cluster_node *node, const char *request,
    size_t size, struct lede_buffer *answer, struct lede_error *reterr)
{
    return lede_store_take_forwarded(node->shard.store, request, size, answer, reterr);
}

/* ---- Taking part ---- */

static void *node_main(void *context)
{
    struct lede_cluster_node *node = context;
    while (!node->stops && !node->rests) {
        struct lede_error error = {0};
        if (lede_session_run(node, &error) != LEDE_OK)
            lede_node_note_fault(node, error.message);
        pthread_mutex_lock(&node->mutex);
        if (!node->stops && !node->rests)
            (void)lede_condition_wait_until(
                &node->changed, &node->mutex, lede_time_monotonic_ns() + RETRY_MS * NS_PER_MS);
        pthread_mutex_unlock(&node->mutex);
    }
    return NULL;
}

/* A number of the directory, which its next process has again. */
static enum lede_status number_directory(struct lede_cluster_node *node, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    const char *directory = node->options.directory;
    unsigned char unused[8];
    char path[4096];
    if (snprintf(path, sizeof(path), "%s/" NUMBER_FILE, directory) >= (int)sizeof(path))
        return lede_fail(reterr, LEDE_ELIMIT, "the path is too long");
    enum lede_status st = lede_file_read(path, &text, reterr);
    if (st == LEDE_OK && text.size >= 16 && lede_hex_read(text.data, 16, unused)) {
        memcpy(node->directory_id, text.data, 16);
        return LEDE_OK;
    }
    if (st != LEDE_OK && st != LEDE_ENOTFOUND)
        return st;
    st = draw(node->directory_id, 8, reterr);
    return st == LEDE_OK
               ? lede_file_replace_private(directory, NUMBER_FILE, node->directory_id, 16, reterr)
               : st;
}

static enum lede_status open_log(struct lede_shard *shard, struct lede_error *reterr)
{
    struct lede_cluster_node *node = shard->node;
    struct lede_shard_place place;
    char path[4096];
    uint64_t applied = lede_shard_applied(shard, NULL);
    if (snprintf(path, sizeof(path), "%s/shard-log", node->options.directory) >= (int)sizeof(path))
        return lede_fail(reterr, LEDE_ELIMIT, "the path is too long");
    enum lede_status st = lede_shard_log_open(path, &shard->log, reterr);
    if (st == LEDE_OK)
        shard->lacks_place = lede_shard_log_place(shard->log, applied, &place, NULL) != LEDE_OK;
    return st;
}

static const struct lede_shard_outlet outlet_of_shard = {
    .commit = lede_shard_commit, .leads = lede_shard_leads, .forward = forward};

enum lede_status lede_cluster_node_start(
    struct lede_cluster_node *node, struct lede_store *store, struct lede_error *reterr)
{
    struct lede_shard *shard = &node->shard;
    shard->store = store;
    enum lede_status st = number_directory(node, reterr);
    if (st == LEDE_OK)
        st = open_log(shard, reterr);
    if (st != LEDE_OK)
        return st;
    shard->outlet = outlet_of_shard;
    shard->outlet.context = shard;
    st = lede_store_set_outlet(store, &shard->outlet, reterr);
    if (st == LEDE_OK)
        st = lede_applier_start(shard, reterr);
    if (st == LEDE_OK && pthread_create(&node->thread, NULL, node_main, node) != 0)
        st = lede_fail(reterr, LEDE_EBUSY, "cannot start a thread");
    node->has_thread = st == LEDE_OK;
    return st;
}

void lede_cluster_node_rest(struct lede_cluster_node *node)
{
    if (!node)
        return;
    pthread_mutex_lock(&node->mutex);
    node->rests = true;
    node->shard.leads = false;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    if (node->has_thread)
        pthread_join(node->thread, NULL);
    node->has_thread = false;
}

void lede_cluster_node_free(struct lede_cluster_node *node)
{
    if (!node)
        return;
    lede_cluster_node_rest(node);
    pthread_mutex_lock(&node->mutex);
    node->stops = true;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    if (node->shard.store)
        (void)!lede_store_set_outlet(node->shard.store, NULL, NULL);
    lede_applier_join(&node->shard);
    lede_shard_join_peers(&node->shard);
    lede_shard_log_free(node->shard.log);
    lede_buffer_done(&node->shard.pending);
    pthread_mutex_destroy(&node->shard.taking);
    pthread_cond_destroy(&node->changed);
    pthread_mutex_destroy(&node->mutex);
    free(node);
}

/* ---- What is told ---- */

const char *lede_cluster_name(const struct lede_cluster_node *node)
{
    return node->options.cluster;
}

const char *lede_cluster_node_name(const struct lede_cluster_node *node)
{
    return node->options.node;
}

const char *lede_node_role_name(enum lede_node_role role)
{
    static const char *const names[] = {
        [LEDE_NODE_JOINING] = "joining", [LEDE_NODE_COPY] = "copy", [LEDE_NODE_LEADER] = "leader"};
    return names[role];
}

/* With the mutex. */
static void tell_copies(const struct lede_cluster_node *node, struct lede_cluster_state *state)
{
    const struct lede_shard *shard = &node->shard;
    state->copy_count = (uint32_t)shard->copies.count;
    for (size_t i = 0; i < shard->copies.count; i++) {
        struct lede_copy_state *copy = &state->copies[i];
        strcpy(copy->name, shard->copies.items[i]);
        for (size_t k = 0; k < node->node_count; k++)
            copy->is_live = copy->is_live || strcmp(node->nodes[k].name, copy->name) == 0;
        for (size_t k = 0; shard->leads && k < shard->peer_count; k++) {
            const struct lede_peer *peer = &shard->peers[k];
            if (strcmp(peer->name, copy->name) != 0 || peer->heard_ns == 0)
                continue;
            copy->is_known = true;
            copy->behind_bytes = shard->end.position - peer->confirmed;
        }
    }
}

void lede_cluster_state(struct lede_cluster_node *node, struct lede_cluster_state *ret_state)
{
    struct lede_cluster_state state = {0};
    const struct lede_shard *shard = &node->shard;
    state.position = lede_shard_log_position(shard->log);
    state.applied = lede_shard_applied(shard, NULL);
    pthread_mutex_lock(&node->mutex);
    state.role = shard->leads                  ? LEDE_NODE_LEADER
                 : node->lease && node->joined ? LEDE_NODE_COPY
                                               : LEDE_NODE_JOINING;
    strcpy(state.leader, shard->leader);
    state.term = shard->leader_term;
    state.committed = shard->head.place.position;
    state.revision = shard->head.revision;
    state.copies_wanted = node->facts.copies;
    state.may_write = shard->leads ? lede_shard_has_majority(shard)
                                   : node->lease && shard->leader[0] &&
                                         strcmp(shard->leader, node->options.node) != 0;
    strcpy(state.fault, node->fault);
    tell_copies(node, &state);
    pthread_mutex_unlock(&node->mutex);
    *ret_state = state;
}
