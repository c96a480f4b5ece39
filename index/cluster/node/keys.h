/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cluster has in etcd: keys and their values. ../README.md has the table. */
#ifndef LEDE_CLUSTER_KEYS_H
#define LEDE_CLUSTER_KEYS_H

#include "lede/cluster.h"

#define LEDE_KEY_SIZE 256
enum lede_key {
    LEDE_KEY_ALL, /* the prefix */
    LEDE_KEY_CLUSTER,
    LEDE_KEY_NODES, /* the prefix of nodes, each by its name */
    LEDE_KEY_COPIES,
    LEDE_KEY_LEADER,
    LEDE_KEY_HEAD,
    LEDE_KEYS,
};
/* The key of a cluster of this name. */
void lede_key_write(const char *cluster, enum lede_key key, char ret_key[LEDE_KEY_SIZE]);

/* How far a shard is committed. */
struct lede_head {
    struct lede_shard_place place;
    uint64_t revision;
    char holders[LEDE_CLUSTER_COPIES_MAX][LEDE_NODE_NAME_MAX + 1];
    size_t holder_count;
    int64_t mod_revision; /* of the key; 0: there is none, and nothing is committed */
};
/* Values as JSON. Reading: false where they are none. */
void lede_head_write(const struct lede_head *head, struct lede_buffer *out);
bool lede_head_read(const char *text, size_t size, struct lede_head *ret_head);

struct lede_cluster_facts {
    char id[LEDE_HISTORY_SIZE]; /* the history of its log */
    uint32_t copies;
};
void lede_facts_write(const struct lede_cluster_facts *facts, struct lede_buffer *out);
bool lede_facts_read(const char *text, size_t size, struct lede_cluster_facts *ret_facts);

struct lede_names {
    char items[LEDE_CLUSTER_COPIES_MAX][LEDE_NODE_NAME_MAX + 1];
    size_t count;
};
void lede_names_write(const struct lede_names *names, struct lede_buffer *out);
bool lede_names_read(const char *text, size_t size, struct lede_names *ret_names);
bool lede_names_have(const struct lede_names *names, const char *name);

/* A node: where it is, and a number of its directory's. */
void lede_node_write(const char *url, const char *directory_id, struct lede_buffer *out);
bool lede_node_read(const char *text, size_t size, char ret_url[256], char ret_directory_id[17]);

#endif
