/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include "copy.h"
#include "known.h"
#include "lead.h"
#include "lede/thread.h"
#include "lede/time.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS UINT64_C(1000000)
#define LOOK_NS (200 * NS_PER_MS)
#define NAME_WAIT_NS (300 * NS_PER_MS)
#define APPLY_WAIT_MS 30000
#define REST_NS (2000 * NS_PER_MS) /* after it led in vain another may try */

/* ---- Asking etcd ---- */

#define ANY (-1) /* of a version: the key is there */

/* Put a key, or delete it, if a number of it is as it was. Status: OK; EPRECONDITION it is not; as
 * lede_etcd_commit(). */
static enum lede_status change(struct lede_cluster_node *node, enum lede_key key, const char *name,
    enum lede_etcd_target target, int64_t number, const struct lede_etcd_operation *what,
    int64_t *ret_revision, struct lede_error *reterr)
{
    char path[LEDE_KEY_SIZE];
    LEDE_CLEANUP(lede_etcd_result_done) struct lede_etcd_result result = {0};
    lede_key_write(node->options.cluster, key, path);
    if (name)
        snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s", name);
    struct lede_etcd_operation operation = *what;
    operation.key = path;
    operation.key_size = strlen(path);
    struct lede_etcd_compare compare = {.key = path,
        .key_size = strlen(path),
        .target = target,
        .relation = number == ANY ? LEDE_ETCD_GREATER : LEDE_ETCD_EQUAL,
        .number = number == ANY ? 0 : number};
    struct lede_etcd_txn txn = {
        .compares = &compare, .compare_count = 1, .then = &operation, .then_count = 1};
    enum lede_status st = lede_etcd_commit(node->options.etcd, &txn, &result, reterr);
    if (st == LEDE_OK && !result.succeeded)
        return lede_fail(reterr, LEDE_EPRECONDITION, "'%s' is not as it was", path);
    if (ret_revision)
        *ret_revision = result.revision;
    return st;
}

static enum lede_status take_value(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    struct lede_buffer *value = context;
    (void)reterr;
    lede_buffer_clear(value);
    lede_buffer_append(value, pair->value, pair->value_size);
    return LEDE_OK;
}

/* Status: OK; ENOTFOUND; as lede_etcd_read(). */
static enum lede_status read_value(struct lede_cluster_node *node, enum lede_key key,
    const char *name, struct lede_buffer *ret_value, struct lede_error *reterr)
{
    char path[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, key, path);
    if (name)
        snprintf(path + strlen(path), sizeof(path) - strlen(path), "%s", name);
    struct lede_etcd_range range = {.key = path, .key_size = strlen(path)};
    enum lede_status st =
        lede_etcd_read(node->options.etcd, &range, take_value, ret_value, NULL, reterr);
    if (st == LEDE_OK && ret_value->size == 0)
        return lede_fail(reterr, LEDE_ENOTFOUND, "etcd has no '%s'", path);
    return st;
}

enum lede_status lede_facts_ask(
    struct lede_cluster_node *node, struct lede_cluster_facts *ret_facts, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    enum lede_status st = read_value(node, LEDE_KEY_CLUSTER, NULL, &value, reterr);
    if (st == LEDE_OK && !lede_facts_read(value.data, value.size, ret_facts))
        st = lede_fail(reterr, LEDE_EVERSION, "cluster '%s' is of another version of Lede",
            node->options.cluster);
    return st;
}

enum lede_status lede_facts_make(struct lede_cluster_node *node,
    const struct lede_cluster_facts *facts, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    lede_facts_write(facts, &value);
    struct lede_etcd_operation put = {
        .kind = LEDE_ETCD_PUT, .value = value.data, .value_size = value.size};
    if (lede_buffer_status(&value) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st =
        change(node, LEDE_KEY_CLUSTER, NULL, LEDE_ETCD_CREATE_REVISION, 0, &put, NULL, reterr);
    return st == LEDE_EPRECONDITION ? LEDE_OK : st;
}

/* ---- Joining ---- */

static enum lede_status check_facts(struct lede_cluster_node *node, struct lede_error *reterr)
{
    struct lede_cluster_facts facts;
    const struct lede_cluster_options *options = &node->options;
    enum lede_status st = lede_facts_ask(node, &facts, reterr);
    if (st == LEDE_ENOTFOUND)
        return lede_fail(reterr, LEDE_EPRECONDITION,
            "etcd knows no cluster '%s', of which this directory has a copy", options->cluster);
    if (st == LEDE_OK && strcmp(facts.id, node->facts.id) != 0)
        st = lede_fail(reterr, LEDE_EPRECONDITION,
            "cluster '%s' is another one than this directory has a copy of", options->cluster);
    if (st == LEDE_OK && options->copies && options->copies != facts.copies)
        st = lede_fail(reterr, LEDE_EPRECONDITION, "cluster '%s' was made with %u copies, not %u",
            options->cluster, (unsigned)facts.copies, (unsigned)options->copies);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&node->mutex);
    node->facts.copies = facts.copies;
    pthread_mutex_unlock(&node->mutex);
    return LEDE_OK;
}

/* Its key, with its lease. One that is there already may be of this directory's last process; of
 * another one it stays until that one's lease ends. */
static enum lede_status put_node(struct lede_cluster_node *node, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer there = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    char url[256], directory_id[17];
    const char *name = node->options.node;
    lede_node_write(node->options.url, node->directory_id, &value);
    struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .value = value.data,
        .value_size = value.size,
        .lease = lede_etcd_lease_id(node->lease)};
    if (lede_buffer_status(&value) != LEDE_OK)
        return lede_fail_memory(reterr);
    enum lede_status st = read_value(node, LEDE_KEY_NODES, name, &there, reterr);
    if (st == LEDE_OK && (!lede_node_read(there.data, there.size, url, directory_id) ||
                             strcmp(directory_id, node->directory_id) != 0))
        return lede_fail(reterr, LEDE_EEXISTS, "another node is '%s' already", name);
    if (st == LEDE_ENOTFOUND)
        return change(node, LEDE_KEY_NODES, name, LEDE_ETCD_CREATE_REVISION, 0, &put, NULL, reterr);
    return st == LEDE_OK
               ? change(node, LEDE_KEY_NODES, name, LEDE_ETCD_VERSION, ANY, &put, NULL, reterr)
               : st;
}

/* Be one of the copies that the archive has. */
static enum lede_status join_copies(struct lede_cluster_node *node, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer value = {0};
    pthread_mutex_lock(&node->mutex);
    struct lede_names names = node->shard.copies;
    int64_t mod = node->shard.copies_mod;
    uint32_t most = node->facts.copies;
    pthread_mutex_unlock(&node->mutex);
    if (lede_names_have(&names, node->options.node))
        return LEDE_OK;
    if (names.count >= most)
        return lede_fail(reterr, LEDE_ELIMIT,
            "the archive has its %u copies, and '%s' is none of them", (unsigned)most,
            node->options.node);
    strcpy(names.items[names.count++], node->options.node);
    lede_names_write(&names, &value);
    struct lede_etcd_operation put = {
        .kind = LEDE_ETCD_PUT, .value = value.data, .value_size = value.size};
    enum lede_status st =
        change(node, LEDE_KEY_COPIES, NULL, LEDE_ETCD_MOD_REVISION, mod, &put, NULL, reterr);
    /* The watch tells it, and another's that came before. */
    return st == LEDE_EPRECONDITION || st == LEDE_ETIMEOUT ? LEDE_OK : st;
}

/* A directory cannot have more than is committed, unless etcd has lost something. */
static enum lede_status check_head(struct lede_cluster_node *node, struct lede_error *reterr)
{
    uint64_t applied = lede_shard_applied(&node->shard, NULL);
    pthread_mutex_lock(&node->mutex);
    uint64_t committed = node->shard.head.place.position;
    pthread_mutex_unlock(&node->mutex);
    return applied <= committed
               ? LEDE_OK
               : lede_fail(reterr, LEDE_ECORRUPT,
                     "etcd has the log as committed up to position %llu, and this node has had it "
                     "up to %llu: etcd has lost something, or is another one",
                     (unsigned long long)committed, (unsigned long long)applied);
}

/* ---- Leading ---- */

/* Give the lead back; whether that is done the watch tells. */
static void resign(struct lede_cluster_node *node, int64_t term)
{
    struct lede_etcd_operation gone = {.kind = LEDE_ETCD_DELETE};
    (void)!change(node, LEDE_KEY_LEADER, NULL, LEDE_ETCD_CREATE_REVISION, term, &gone, NULL, NULL);
}

/* Wait until the store has all up to the head. */
static bool await_applied(struct lede_cluster_node *node, uint64_t position)
{
    uint64_t until_ns = lede_time_monotonic_ns() + APPLY_WAIT_MS * NS_PER_MS;
    while (lede_shard_applied(&node->shard, NULL) < position) {
        if (node->stops || !lede_etcd_lease_is_held(node->lease) ||
            lede_time_monotonic_ns() > until_ns)
            return false;
        pthread_mutex_lock(&node->mutex);
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, lede_time_monotonic_ns() + 20 * NS_PER_MS);
        pthread_mutex_unlock(&node->mutex);
    }
    return true;
}

static enum lede_status take_head(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    (void)reterr;
    lede_known_take_head(context, pair);
    return LEDE_OK;
}

/* The head as it is now that no older term can change it any more. */
static enum lede_status read_head(
    struct lede_cluster_node *node, struct lede_head *ret_head, struct lede_error *reterr)
{
    char path[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, LEDE_KEY_HEAD, path);
    struct lede_etcd_range range = {.key = path, .key_size = strlen(path)};
    enum lede_status st = lede_etcd_read(node->options.etcd, &range, take_head, node, NULL, reterr);
    pthread_mutex_lock(&node->mutex);
    *ret_head = node->shard.head;
    pthread_mutex_unlock(&node->mutex);
    return st;
}

/* It has the key: whatever older terms have committed stands in the head. All of that has to be
 * here; what this node has beyond it was committed by nobody, and is cut off. */
static enum lede_status take_the_lead(
    struct lede_cluster_node *node, int64_t term, struct lede_error *reterr)
{
    struct lede_shard *shard = &node->shard;
    struct lede_head head;
    enum lede_status st = read_head(node, &head, reterr);
    if (st == LEDE_OK && !lede_shard_has(shard, &head))
        st = lede_shard_fetch(shard, &head, reterr);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&shard->taking);
    st = lede_shard_log_cut(shard->log, head.place.position, reterr);
    pthread_mutex_unlock(&shard->taking);
    if (st == LEDE_OK && !await_applied(node, head.place.position))
        st = lede_fail(reterr, LEDE_EBUSY, "what is committed cannot be applied here");
    if (st != LEDE_OK)
        return st;
    lede_shard_lead(shard, term);
    lede_node_say(node, false, "leads from position %llu on, in term %lld",
        (unsigned long long)head.place.position, (long long)term);
    return LEDE_OK;
}

/* Nobody leads: who has all that is committed may. */
static enum lede_status try_to_lead(struct lede_cluster_node *node, struct lede_error *reterr)
{
    struct lede_shard *shard = &node->shard;
    const char *name = node->options.node;
    int64_t term = 0;
    pthread_mutex_lock(&node->mutex);
    struct lede_head head = shard->head;
    pthread_mutex_unlock(&node->mutex);
    if (!lede_shard_has(shard, &head)) {
        /* Others may have it already. */
        pthread_mutex_lock(&node->mutex);
        shard->rests_until_ns = lede_time_monotonic_ns() + LOOK_NS;
        pthread_mutex_unlock(&node->mutex);
        return lede_shard_fetch(shard, &head, reterr);
    }
    struct lede_etcd_operation put = {.kind = LEDE_ETCD_PUT,
        .value = name,
        .value_size = strlen(name),
        .lease = lede_etcd_lease_id(node->lease)};
    enum lede_status st =
        change(node, LEDE_KEY_LEADER, NULL, LEDE_ETCD_CREATE_REVISION, 0, &put, &term, reterr);
    /* Another was first; or, where the end is not known, the watch tells. */
    if (st != LEDE_OK)
        return st == LEDE_EPRECONDITION ? LEDE_OK : st;
    return LEDE_OK;
}

/* ---- What is to be done ---- */

enum deed { NOTHING, TRY, TAKE, RESIGN, GIVE_UP, CLEAR, FETCH, JOIN };

/* A majority of the copies holds its leases, though it does not answer here: then they may hear
 * each other. With the mutex. */
static bool others_may_lead(const struct lede_cluster_node *node)
{
    uint32_t live = 0;
    for (size_t i = 0; i < node->node_count; i++) {
        const char *name = node->nodes[i].name;
        live += strcmp(name, node->options.node) != 0 && lede_names_have(&node->shard.copies, name);
    }
    return live >= lede_majority_of(node->facts.copies);
}

/* With the mutex. */
static enum deed decide(const struct lede_cluster_node *node, uint64_t now_ns)
{
    const struct lede_shard *shard = &node->shard;
    bool is_mine = strcmp(shard->leader, node->options.node) == 0;
    bool is_of_lease = is_mine && shard->leader_lease == lede_etcd_lease_id(node->lease);
    bool has_led = shard->term == shard->leader_term;
    bool may_lead = !node->rests && now_ns >= shard->rests_until_ns;
    if (shard->wants_copy)
        return FETCH;
    if (!lede_names_have(&shard->copies, node->options.node))
        return JOIN;
    if (shard->leader_term == 0)
        return may_lead ? TRY : NOTHING;
    if (is_mine && !is_of_lease)
        return CLEAR; /* this node's last process, which is dead */
    if (is_of_lease && !shard->leads)
        return has_led || !may_lead ? RESIGN : TAKE;
    if (shard->leads && !lede_shard_has_majority(shard) && others_may_lead(node))
        return GIVE_UP;
    return NOTHING;
}

static void rest_from_leading(struct lede_cluster_node *node)
{
    pthread_mutex_lock(&node->mutex);
    node->shard.rests_until_ns = lede_time_monotonic_ns() + REST_NS;
    pthread_mutex_unlock(&node->mutex);
}

static enum lede_status fetch_copy(struct lede_cluster_node *node, struct lede_error *reterr)
{
    char url[256];
    pthread_mutex_lock(&node->mutex);
    strcpy(url, node->shard.copy_from);
    pthread_mutex_unlock(&node->mutex);
    lede_node_say(
        node, true, "what this node lacks is not kept any more: fetching a copy of %s", url);
    enum lede_status st = node->options.fetch(node->options.context, url, reterr);
    pthread_mutex_lock(&node->mutex);
    node->shard.wants_copy = false;
    if (st == LEDE_OK)
        node->stops = true; /* it is opened anew */
    pthread_mutex_unlock(&node->mutex);
    return st;
}

static enum lede_status act(
    struct lede_cluster_node *node, enum deed deed, int64_t term, struct lede_error *reterr)
{
    enum lede_status st = LEDE_OK;
    if (deed == TRY)
        st = try_to_lead(node, reterr);
    if (deed == TAKE)
        st = take_the_lead(node, term, reterr);
    if (deed == FETCH)
        st = fetch_copy(node, reterr);
    if (deed == JOIN)
        st = join_copies(node, reterr);
    if (deed == GIVE_UP)
        (void)lede_shard_step_down(&node->shard);
    if (deed == RESIGN || deed == GIVE_UP || deed == CLEAR || (deed == TAKE && st != LEDE_OK))
        resign(node, term);
    if (deed == RESIGN || deed == GIVE_UP || (deed == TAKE && st != LEDE_OK))
        rest_from_leading(node);
    return st;
}

/* Look, do, wait. What fails is told, and tried again. */
static void look_after(struct lede_cluster_node *node)
{
    pthread_mutex_lock(&node->mutex);
    enum deed deed = decide(node, lede_time_monotonic_ns());
    int64_t term = node->shard.leader_term;
    node->joined = deed != JOIN;
    if (deed == NOTHING)
        (void)lede_condition_wait_until(
            &node->changed, &node->mutex, lede_time_monotonic_ns() + LOOK_NS);
    pthread_mutex_unlock(&node->mutex);
    lede_shard_add_peers(&node->shard);
    if (deed == NOTHING)
        return;
    struct lede_error error = {0};
    enum lede_status st = act(node, deed, term, &error);
    lede_node_note_fault(node, st == LEDE_OK ? "" : error.message);
    if (deed == NOTHING || node->stops)
        return;
    /* The watch has to tell what came of it. */
    pthread_mutex_lock(&node->mutex);
    (void)lede_condition_wait_until(&node->changed, &node->mutex,
        lede_time_monotonic_ns() + (st == LEDE_OK ? LOOK_NS / 4 : LOOK_NS));
    pthread_mutex_unlock(&node->mutex);
}

/* ---- A session ---- */

static bool goes_on(struct lede_cluster_node *node)
{
    pthread_mutex_lock(&node->mutex);
    bool goes_on = !node->stops && !node->is_lost && !node->rests;
    pthread_mutex_unlock(&node->mutex);
    return goes_on && lede_etcd_lease_is_held(node->lease);
}

static void on_lost(void *context)
{
    struct lede_cluster_node *node = context;
    pthread_mutex_lock(&node->mutex);
    node->is_lost = true;
    node->shard.leads = false;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
}

static enum lede_status with_lease(struct lede_cluster_node *node, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_etcd_watch_freep) struct lede_etcd_watch *watch = NULL;
    char prefix[LEDE_KEY_SIZE];
    int64_t revision = 0;
    lede_key_write(node->options.cluster, LEDE_KEY_ALL, prefix);
    enum lede_status st = check_facts(node, reterr);
    if (st == LEDE_OK)
        st = put_node(node, reterr);
    if (st == LEDE_OK)
        st = lede_known_read(node, &revision, reterr);
    if (st == LEDE_OK)
        st = check_head(node, reterr);
    if (st == LEDE_OK)
        st = lede_etcd_watch_open(node->options.etcd, prefix, strlen(prefix), revision + 1,
            lede_known_follow, node, &watch, reterr);
    if (st != LEDE_OK)
        return st;
    lede_node_note_fault(node, "");
    while (goes_on(node))
        look_after(node);
    return LEDE_OK;
}

enum lede_status lede_session_run(struct lede_cluster_node *node, struct lede_error *reterr)
{
    struct lede_etcd_lease *lease = NULL;
    struct lede_etcd_lease_options options = {
        .ttl_s = node->options.lease_s, .on_lost = on_lost, .context = node};
    pthread_mutex_lock(&node->mutex);
    node->is_lost = false;
    pthread_mutex_unlock(&node->mutex);
    enum lede_status st = lede_etcd_lease_open(node->options.etcd, &options, &lease, reterr);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&node->mutex);
    node->lease = lease;
    pthread_mutex_unlock(&node->mutex);
    st = with_lease(node, reterr);
    (void)lede_shard_step_down(&node->shard);
    pthread_mutex_lock(&node->mutex);
    node->lease = NULL;
    node->joined = false;
    pthread_mutex_unlock(&node->mutex);
    if (lede_etcd_lease_is_held(lease))
        (void)!lede_etcd_lease_revoke(lease, NULL);
    lede_etcd_lease_free(lease);
    return st;
}
