/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include <stdio.h>
#include <string.h>

static bool is_key(
    const struct lede_cluster_node *node, enum lede_key key, const struct lede_etcd_pair *pair)
{
    char name[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, key, name);
    return pair->key_size == strlen(name) && memcmp(pair->key, name, pair->key_size) == 0;
}

/* The name of the node whose key this is; NULL: it is another key. */
static const char *node_of(const struct lede_cluster_node *node, const struct lede_etcd_pair *pair)
{
    char prefix[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, LEDE_KEY_NODES, prefix);
    size_t size = strlen(prefix);
    bool is_one = pair->key_size > size && pair->key_size <= size + LEDE_NODE_NAME_MAX &&
                  memcmp(pair->key, prefix, size) == 0;
    return is_one ? pair->key + size : NULL;
}

/* With the mutex, as the next ones. */
static void take_node(struct lede_cluster_node *node, const char *name,
    const struct lede_etcd_pair *pair, bool is_gone)
{
    char url[256], directory_id[17];
    size_t at = 0;
    while (at < node->node_count && strcmp(node->nodes[at].name, name) != 0)
        at++;
    if (is_gone) {
        if (at < node->node_count)
            node->nodes[at] = node->nodes[--node->node_count];
        return;
    }
    if (at == LEDE_NODES_MAX || !lede_node_read(pair->value, pair->value_size, url, directory_id))
        return;
    snprintf(node->nodes[at].name, sizeof(node->nodes[at].name), "%s", name);
    strcpy(node->nodes[at].url, url);
    node->node_count += at == node->node_count;
}

static void take_leader(
    struct lede_cluster_node *node, const struct lede_etcd_pair *pair, bool is_gone)
{
    struct lede_shard *shard = &node->shard;
    size_t size = is_gone ? 0 : pair->value_size;
    int64_t term = shard->leader_term;
    size = size < LEDE_NODE_NAME_MAX ? size : LEDE_NODE_NAME_MAX;
    if (size > 0)
        memcpy(shard->leader, pair->value, size);
    shard->leader[size] = '\0';
    shard->leader_term = is_gone ? 0 : pair->create_revision;
    shard->leader_lease = is_gone ? 0 : pair->lease;
    if (shard->forwarded && term != shard->leader_term)
        *shard->forwarded = true;
    /* Another has this node's place. */
    if (shard->leads && shard->leader_term != shard->term)
        shard->leads = false;
}

static void take_head(struct lede_cluster_node *node, const struct lede_etcd_pair *pair)
{
    struct lede_head head;
    if (pair->mod_revision <= node->shard.head.mod_revision ||
        !lede_head_read(pair->value, pair->value_size, &head))
        return;
    head.mod_revision = pair->mod_revision;
    node->shard.head = head;
}

static void take(struct lede_cluster_node *node, const struct lede_etcd_pair *pair, bool is_gone)
{
    const char *name = node_of(node, pair);
    if (name)
        take_node(node, name, pair, is_gone);
    else if (is_key(node, LEDE_KEY_LEADER, pair))
        take_leader(node, pair, is_gone);
    else if (is_key(node, LEDE_KEY_HEAD, pair) && !is_gone)
        take_head(node, pair);
    else if (is_key(node, LEDE_KEY_COPIES, pair) && !is_gone &&
             lede_names_read(pair->value, pair->value_size, &node->shard.copies))
        node->shard.copies_mod = pair->mod_revision;
}

void lede_known_take_head(struct lede_cluster_node *node, const struct lede_etcd_pair *pair)
{
    pthread_mutex_lock(&node->mutex);
    take_head(node, pair);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
}

static enum lede_status take_pair(
    void *context, const struct lede_etcd_pair *pair, struct lede_error *reterr)
{
    struct lede_cluster_node *node = context;
    (void)reterr;
    pthread_mutex_lock(&node->mutex);
    take(node, pair, false);
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
    return LEDE_OK;
}

enum lede_status lede_known_read(
    struct lede_cluster_node *node, int64_t *ret_revision, struct lede_error *reterr)
{
    char prefix[LEDE_KEY_SIZE];
    lede_key_write(node->options.cluster, LEDE_KEY_ALL, prefix);
    struct lede_etcd_range range = {.key = prefix, .key_size = strlen(prefix), .is_prefix = true};
    static const struct lede_etcd_pair nobody;
    pthread_mutex_lock(&node->mutex);
    node->node_count = 0;
    node->shard.copies.count = 0;
    node->shard.copies_mod = 0;
    take_leader(node, &nobody, true);
    pthread_mutex_unlock(&node->mutex);
    return lede_etcd_read(node->options.etcd, &range, take_pair, node, ret_revision, reterr);
}

void lede_known_follow(void *context, const struct lede_etcd_event *event)
{
    struct lede_cluster_node *node = context;
    bool is_pair = event->kind == LEDE_ETCD_EVENT_PUT || event->kind == LEDE_ETCD_EVENT_DELETE;
    pthread_mutex_lock(&node->mutex);
    if (is_pair)
        take(node, &event->pair, event->kind == LEDE_ETCD_EVENT_DELETE);
    else if (event->kind != LEDE_ETCD_EVENT_PROGRESS)
        node->is_lost = true;
    pthread_cond_broadcast(&node->changed);
    pthread_mutex_unlock(&node->mutex);
}
