/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lead.h"

#include "copy.h"
#include "frames.h"
#include "lede/thread.h"
#include "lede/time.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define SENT_BYTES ((size_t)4 << 20) /* frames in one request, but for one that is larger */
#define SEND_MS 5000
#define SIGN_NS (300 * NS_PER_MS)    /* so often a copy is asked whether it is there … */
#define SILENT_NS (2000 * NS_PER_MS) /* … and taken for away when it has not answered for so long */
#define RETRY_NS (100 * NS_PER_MS)
#define UNKNOWN UINT64_MAX

/* ---- Who leads ---- */

bool lede_shard_leads(void *context)
{
    struct lede_shard *shard = context;
    pthread_mutex_lock(&shard->node->mutex);
    bool leads = shard->leads;
    pthread_mutex_unlock(&shard->node->mutex);
    return leads;
}

void lede_shard_lead(struct lede_shard *shard, int64_t term)
{
    struct lede_shard_place end = lede_shard_log_end(shard->log);
    pthread_mutex_lock(&shard->node->mutex);
    shard->term = term;
    shard->term_seen = (uint64_t)term;
    shard->end = end;
    shard->led_ns = lede_time_monotonic_ns();
    lede_buffer_clear(&shard->pending);
    for (size_t i = 0; i < shard->peer_count; i++) {
        shard->peers[i].next = UNKNOWN;
        shard->peers[i].confirmed = 0;
        shard->peers[i].heard_ns = 0;
    }
    shard->leads = true;
    pthread_cond_broadcast(&shard->node->changed);
    pthread_mutex_unlock(&shard->node->mutex);
}

bool lede_shard_step_down(struct lede_shard *shard)
{
    pthread_mutex_lock(&shard->node->mutex);
    bool led = shard->leads;
    shard->leads = false;
    pthread_cond_broadcast(&shard->node->changed);
    pthread_mutex_unlock(&shard->node->mutex);
    return led;
}

bool lede_shard_has_majority(const struct lede_shard *shard)
{
    uint64_t now = lede_time_monotonic_ns();
    uint32_t count = 1;
    for (size_t i = 0; i < shard->peer_count; i++)
        count += shard->peers[i].heard_ns + SILENT_NS > now && shard->peers[i].heard_ns > 0;
    return count >= lede_majority_of(shard->node->facts.copies) ||
           now < shard->led_ns + SILENT_NS; /* they may not have been asked yet */
}

/* Of this term, this node still, and its lease not known to be lost. With the mutex. */
static bool still_leads(const struct lede_shard *shard, int64_t term)
{
    const struct lede_cluster_node *node = shard->node;
    return shard->leads && shard->term == term && !node->rests && node->lease &&
           lede_etcd_lease_is_held(node->lease);
}

/* ---- Sending ---- */

struct sending {
    int64_t term;
    uint64_t next, end, committed;
    bool has_pending;
    struct lede_buffer frames;
    struct lede_sent_frames sent;
};

static void sending_done(struct sending *sending)
{
    lede_buffer_done(&sending->frames);
}

/* Wait until there is something to send, or a sign of life is due; false: it ends. */
static bool await_turn(struct lede_peer *peer, uint64_t not_before_ns, struct sending *sending)
{
    struct lede_shard *shard = peer->shard;
    struct lede_cluster_node *node = shard->node;
    pthread_mutex_lock(&node->mutex);
    for (;;) {
        uint64_t now = lede_time_monotonic_ns();
        bool has_news = peer->next == UNKNOWN || peer->next < shard->end.position;
        uint64_t due_ns = has_news ? not_before_ns : peer->heard_ns + SIGN_NS;
        if (node->stops || (shard->leads && now >= due_ns && now >= not_before_ns))
            break;
        due_ns = due_ns > not_before_ns ? due_ns : not_before_ns;
        (void)lede_condition_wait_until(&node->changed, &node->mutex, shard->leads ? due_ns : 0);
    }
    sending->term = shard->term;
    sending->next = peer->next;
    sending->end = shard->end.position;
    sending->committed = shard->head.place.position;
    sending->has_pending = shard->pending.size > 0 && shard->pending_from == peer->next;
    if (sending->has_pending)
        lede_buffer_append(&sending->frames, shard->pending.data, shard->pending.size);
    pthread_mutex_unlock(&node->mutex);
    return !node->stops;
}

/* What is to be sent. A copy that lacks more than is kept is told so: nothing joins there. */
static enum lede_status prepare(
    struct lede_shard *shard, struct sending *sending, struct lede_error *reterr)
{
    struct lede_sent_frames *sent = &sending->sent;
    struct lede_shard_place begin = lede_shard_log_begin(shard->log);
    uint64_t from = sending->next == UNKNOWN ? sending->end : sending->next;
    from = from < begin.position ? begin.position : from;
    memcpy(sent->cluster_id, shard->node->facts.id, sizeof(sent->cluster_id));
    sent->term = (uint64_t)sending->term;
    sent->log_begin = begin.position;
    sent->committed = sending->committed;
    enum lede_status st = lede_shard_log_place(shard->log, from, &sent->from, reterr);
    if (st == LEDE_OK && !sending->has_pending && from < sending->end)
        st = lede_shard_log_read(
            shard->log, from, sending->end, SENT_BYTES, &sending->frames, reterr);
    sent->frames = sending->frames.data;
    sent->size = sending->frames.size;
    return st == LEDE_OK && lede_buffer_status(&sending->frames) != LEDE_OK
               ? lede_fail_memory(reterr)
               : st;
}

/* Where a copy's log ends otherwise than this one's it goes back to what it has applied. */
static uint64_t go_back(struct lede_shard *shard, const struct lede_frames_answer *answer)
{
    struct lede_shard_place place;
    bool is_here = lede_shard_log_place(shard->log, answer->position, &place, NULL) == LEDE_OK;
    return is_here ? answer->position : answer->applied;
}

static enum lede_status send(
    struct lede_peer *peer, void *connection, struct sending *sending, struct lede_error *reterr)
{
    struct lede_shard *shard = peer->shard;
    struct lede_cluster_node *node = shard->node;
    const struct lede_peer_transport *transport = &node->options.transport;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer request = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer bytes = {0};
    struct lede_frames_answer answer;
    bool is_sent = false;
    lede_sent_frames_write(&sending->sent, &request);
    enum lede_status st = lede_buffer_status(&request);
    if (st == LEDE_OK)
        st = transport->ask(transport->context, connection, "/cluster/frames", &request, SEND_MS,
            true, &bytes, &is_sent, reterr);
    if (st == LEDE_OK && !lede_frames_answer_read(bytes.data, bytes.size, &answer))
        st = lede_fail(reterr, LEDE_EINPUT, "'%s' answered with something else", peer->name);
    if (st != LEDE_OK)
        return st;
    uint64_t next = answer.outcome == LEDE_FRAMES_BACK ? go_back(shard, &answer) : answer.position;
    pthread_mutex_lock(&node->mutex);
    if (shard->leads && shard->term == sending->term) {
        peer->heard_ns = lede_time_monotonic_ns();
        if (answer.outcome != LEDE_FRAMES_STALE)
            peer->next = next;
        if (answer.outcome == LEDE_FRAMES_TAKEN && answer.position > peer->confirmed)
            peer->confirmed = answer.position;
        pthread_cond_broadcast(&node->changed);
    }
    pthread_mutex_unlock(&node->mutex);
    return answer.outcome == LEDE_FRAMES_TAKEN ? LEDE_OK : LEDE_EAGAIN;
}

static void *peer_main(void *context)
{
    struct lede_peer *peer = context;
    struct lede_cluster_node *node = peer->shard->node;
    const struct lede_peer_transport *transport = &node->options.transport;
    void *connection = NULL;
    char url[256] = "", before[256] = "";
    uint64_t not_before_ns = 0;
    for (;;) {
        LEDE_CLEANUP(sending_done) struct sending sending = {0};
        struct lede_error error = {0};
        if (!await_turn(peer, not_before_ns, &sending))
            break;
        pthread_mutex_lock(&node->mutex);
        lede_node_url(node, peer->name, url);
        pthread_mutex_unlock(&node->mutex);
        if (connection && strcmp(url, before) != 0) {
            transport->close(transport->context, connection);
            connection = NULL;
        }
        strcpy(before, url);
        if (!connection)
            connection = transport->open(transport->context, url, &node->stops);
        enum lede_status st = connection ? prepare(peer->shard, &sending, &error) : LEDE_ENOMEM;
        if (st == LEDE_OK)
            st = send(peer, connection, &sending, &error);
        not_before_ns = st == LEDE_OK ? 0 : lede_time_monotonic_ns() + RETRY_NS;
    }
    if (connection)
        transport->close(transport->context, connection);
    return NULL;
}

void lede_shard_add_peers(struct lede_shard *shard)
{
    pthread_mutex_lock(&shard->node->mutex);
    for (size_t i = 0; i < shard->copies.count; i++) {
        const char *name = shard->copies.items[i];
        bool is_there = strcmp(name, shard->node->options.node) == 0;
        for (size_t k = 0; k < shard->peer_count; k++)
            is_there = is_there || strcmp(shard->peers[k].name, name) == 0;
        if (is_there || shard->peer_count == LEDE_CLUSTER_COPIES_MAX)
            continue;
        struct lede_peer *peer = &shard->peers[shard->peer_count];
        *peer = (struct lede_peer){.shard = shard, .next = UNKNOWN};
        strcpy(peer->name, name);
        peer->has_thread = pthread_create(&peer->thread, NULL, peer_main, peer) == 0;
        shard->peer_count += peer->has_thread;
    }
    pthread_mutex_unlock(&shard->node->mutex);
}

void lede_shard_join_peers(struct lede_shard *shard)
{
    for (size_t i = 0; i < shard->peer_count; i++)
        pthread_join(shard->peers[i].thread, NULL);
    shard->peer_count = 0;
}

/* ---- Committing ---- */

enum lede_status lede_fail_frame(struct lede_error *reterr)
{
    return lede_fail(reterr, LEDE_ELIMIT,
        "expected at most %zu MiB in a body with atomic=true, in a cluster",
        LEDE_SHARD_FRAME_BYTES_MAX >> 20);
}

struct commit {
    struct lede_shard *shard;
    int64_t term;
    struct lede_head before, after;
    bool has_frame, is_begun;
    uint64_t until_ns;
};

static enum lede_status fail_not_done(struct lede_error *reterr, const char *why)
{
    enum lede_status st = lede_fail(reterr, LEDE_EBUSY, "%s: nothing was written", why);
    lede_error_hint(reterr, "write it again; GET /cluster says how the cluster is");
    return st;
}

static enum lede_status fail_unknown(struct lede_error *reterr)
{
    enum lede_status st = lede_fail(reterr, LEDE_ETIMEOUT,
        "the end of this write is not known: etcd did not say whether it is committed");
    lede_error_hint(reterr, "look for it, or write it again");
    return st;
}

static enum lede_status begin_commit(
    struct commit *commit, uint64_t applied_to, struct lede_error *reterr)
{
    struct lede_shard *shard = commit->shard;
    struct lede_cluster_node *node = shard->node;
    const char *why = NULL;
    pthread_mutex_lock(&node->mutex);
    commit->term = shard->term;
    commit->before = shard->head;
    if (!still_leads(shard, shard->term))
        why = "this node does not lead any more";
    else if (applied_to != shard->head.place.position)
        why = "this node lacks what is committed";
    else if (!lede_shard_has_majority(shard))
        why = "too few copies answer";
    pthread_mutex_unlock(&node->mutex);
    commit->is_begun = !why;
    return why ? fail_not_done(reterr, why) : LEDE_OK;
}

/* The frame into this node's own log; the others get it while it is synced here. */
static enum lede_status append(
    struct commit *commit, const void *payload, size_t size, struct lede_error *reterr)
{
    struct lede_shard *shard = commit->shard;
    struct lede_cluster_node *node = shard->node;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer frame = {0};
    struct lede_shard_place after;
    lede_shard_frame_append(&frame, &commit->before.place, (uint64_t)commit->term,
        commit->before.revision + 1, payload, size, &after);
    if (lede_buffer_status(&frame) != LEDE_OK)
        return lede_fail_memory(reterr);
    commit->after = (struct lede_head){.place = after, .revision = commit->before.revision + 1};
    pthread_mutex_lock(&shard->taking);
    enum lede_status st = lede_shard_leads(shard)
                              ? lede_shard_log_append(shard->log, frame.data, frame.size, reterr)
                              : fail_not_done(reterr, "this node does not lead any more");
    pthread_mutex_unlock(&shard->taking);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&node->mutex);
    shard->end = after;
    lede_buffer_done(&shard->pending);
    shard->pending = frame;
    shard->pending_from = commit->before.place.position;
    frame = (struct lede_buffer){0};
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    return lede_shard_log_sync(shard->log, reterr);
}

/* Who has the frame on its disk; this node has. With the mutex. */
static void count_holders(const struct lede_shard *shard, struct lede_head *head)
{
    head->holder_count = 0;
    strcpy(head->holders[head->holder_count++], shard->node->options.node);
    for (size_t i = 0; i < shard->peer_count; i++) {
        const struct lede_peer *peer = &shard->peers[i];
        if (peer->confirmed >= head->place.position && lede_names_have(&shard->copies, peer->name))
            strcpy(head->holders[head->holder_count++], peer->name);
    }
}

static enum lede_status await_majority(struct commit *commit, struct lede_error *reterr)
{
    struct lede_shard *shard = commit->shard;
    struct lede_cluster_node *node = shard->node;
    bool has_time = true;
    pthread_mutex_lock(&node->mutex);
    uint32_t wanted = lede_majority_of(node->facts.copies);
    count_holders(shard, &commit->after);
    while (commit->after.holder_count < wanted && has_time && still_leads(shard, commit->term) &&
           lede_shard_has_majority(shard)) {
        uint64_t look_ns = lede_time_monotonic_ns() + SIGN_NS;
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, look_ns < commit->until_ns ? look_ns : commit->until_ns);
        has_time = lede_time_monotonic_ns() < commit->until_ns;
        count_holders(shard, &commit->after);
    }
    bool leads = still_leads(shard, commit->term);
    pthread_mutex_unlock(&node->mutex);
    if (!leads)
        return fail_not_done(reterr, "this node does not lead any more");
    return commit->after.holder_count >= wanted
               ? LEDE_OK
               : fail_not_done(reterr, "a majority of the copies does not answer in time");
}

/* What etcd says: the leader's key and the head are as they were, and the head is this from now
 * on. */
static enum lede_status ask_etcd(struct commit *commit, const struct lede_buffer *value,
    struct lede_etcd_result *result, struct lede_error *reterr)
{
    struct lede_cluster_node *node = commit->shard->node;
    char leader[LEDE_KEY_SIZE], head[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, LEDE_KEY_LEADER, leader);
    lede_key_write(node->options.cluster, LEDE_KEY_HEAD, head);
    struct lede_etcd_compare compares[] = {
        {.key = leader,
            .key_size = strlen(leader),
            .target = LEDE_ETCD_CREATE_REVISION,
            .relation = LEDE_ETCD_EQUAL,
            .number = commit->term},
        {.key = head,
            .key_size = strlen(head),
            .target = LEDE_ETCD_MOD_REVISION,
            .relation = LEDE_ETCD_EQUAL,
            .number = commit->before.mod_revision},
    };
    struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .key = head,
        .key_size = strlen(head),
        .value = value->data,
        .value_size = value->size};
    struct lede_etcd_operation read = {
        .kind = LEDE_ETCD_RANGE, .key = head, .key_size = strlen(head)};
    struct lede_etcd_txn txn = {.compares = compares,
        .compare_count = LEDE_COUNT_OF(compares),
        .then = commit->has_frame ? &put : &read,
        .then_count = 1,
        .otherwise = &read,
        .otherwise_count = 1};
    return lede_etcd_commit(node->options.etcd, &txn, result, reterr);
}

/* The head is another than it was: is it this one, by an earlier try whose end was not known? */
static bool is_this_one(const struct lede_etcd_result *result, const struct lede_buffer *value,
    int64_t *ret_mod_revision)
{
    if (result->count != 1 || result->responses[0].pairs.count != 1)
        return false;
    const struct lede_etcd_pair *pair = &result->responses[0].pairs.items[0];
    *ret_mod_revision = pair->mod_revision;
    return pair->value_size == value->size && memcmp(pair->value, value->data, value->size) == 0;
}

/* Try until it is known. A second try does no harm: it names the head before. */
static enum lede_status agree(struct commit *commit, struct lede_error *reterr)
{
    struct lede_shard *shard = commit->shard;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    bool may_be_done = false, goes_on = true;
    lede_head_write(&commit->after, &value);
    if (lede_buffer_status(&value) != LEDE_OK)
        return lede_fail_memory(reterr);
    while (goes_on) {
        LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
        struct lede_error error;
        enum lede_status st = ask_etcd(commit, &value, &result, &error);
        if (st == LEDE_OK && result.succeeded) {
            commit->after.mod_revision = result.revision;
            return LEDE_OK;
        }
        if (st == LEDE_OK && commit->has_frame &&
            is_this_one(&result, &value, &commit->after.mod_revision))
            return LEDE_OK;
        if (st == LEDE_OK)
            break;
        may_be_done = may_be_done || (st != LEDE_EBUSY && st != LEDE_EINPUT && st != LEDE_ELIMIT);
        pthread_mutex_lock(&shard->node->mutex);
        goes_on = still_leads(shard, commit->term) && lede_time_monotonic_ns() < commit->until_ns;
        pthread_mutex_unlock(&shard->node->mutex);
    }
    return may_be_done && commit->has_frame
               ? fail_unknown(reterr)
               : fail_not_done(reterr, "etcd does not have this node lead any more, or does not "
                                       "answer");
}

enum lede_status lede_shard_commit(void *context, const void *payload, size_t size,
    uint64_t applied_to, uint64_t *ret_position, uint64_t *ret_revision, struct lede_error *reterr)
{
    struct lede_shard *shard = context;
    struct lede_cluster_node *node = shard->node;
    struct commit commit = {.shard = shard,
        .has_frame = size > 0,
        .until_ns = lede_time_monotonic_ns() + node->options.commit_ms * NS_PER_MS};
    if (size > LEDE_SHARD_FRAME_BYTES_MAX)
        return lede_fail_frame(reterr);
    enum lede_status st = begin_commit(&commit, applied_to, reterr);
    if (st == LEDE_OK && commit.has_frame)
        st = append(&commit, payload, size, reterr);
    if (st == LEDE_OK && commit.has_frame)
        st = await_majority(&commit, reterr);
    if (st == LEDE_OK)
        st = agree(&commit, reterr);
    if (st != LEDE_OK) {
        /* What this node has beyond the head is for a new term to cut off. */
        if (commit.is_begun)
            (void)lede_shard_step_down(shard);
        return st;
    }
    if (!commit.has_frame)
        return LEDE_OK;
    lede_shard_log_forget(shard->log, applied_to, node->options.log_bytes);
    pthread_mutex_lock(&node->mutex);
    if (commit.after.mod_revision > shard->head.mod_revision)
        shard->head = commit.after;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    *ret_position = commit.after.place.position;
    *ret_revision = commit.after.revision;
    return LEDE_OK;
}
