/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "member.h"

#include "key_file.h"
#include "replica_fetch.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lede_member {
    const struct lede_server_settings *settings;
    struct lede_log *log;
    char *key; /* that other nodes are shown; NULL: none */
    char url[256];
    struct lede_etcd *etcd;
    struct lede_cluster_node *node;
    atomic_bool stops;
    atomic_bool has_new_copy;
};

static const char *unless_off(const char *value)
{
    return strcmp(value, LEDE_CLUSTER_OFF) == 0 ? NULL : value;
}

/* ---- Asking other nodes ---- */

static void *peer_open(void *context, const char *url, const atomic_bool *is_over)
{
    const struct lede_member *member = context;
    struct lede_http_client *client = NULL;
    if (lede_http_client_new(
            url, member->key, unless_off(member->settings->cluster_ca), &client, NULL) != LEDE_OK)
        return NULL;
    lede_http_client_stop_on(client, is_over ? is_over : &member->stops, 60);
    return client;
}

static void peer_close(void *context, void *peer)
{
    (void)context;
    lede_http_client_free(peer);
}

static enum lede_status peer_ask(void *context, void *peer, const char *path,
    const struct lede_buffer *request, uint32_t timeout_ms, bool may_repeat,
    struct lede_buffer *ret_answer, bool *ret_is_sent, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer answer = {0};
    struct lede_http_post post = {.path = path,
        .media_type = "application/octet-stream",
        .body = request->data ? request->data : "",
        .size = request->size,
        .may_repeat = may_repeat,
        .takes_text = true};
    (void)context;
    lede_http_client_limit(peer, timeout_ms);
    enum lede_status st = lede_http_client_post(peer, &post, &answer, reterr);
    *ret_is_sent = answer.is_sent;
    if (st != LEDE_OK)
        return st;
    if (answer.status != 200) {
        lede_http_answer_error(&answer, reterr);
        /* What it says by 503 alone it did not begin. */
        return answer.status == 503 ? LEDE_EBUSY : LEDE_EIO;
    }
    lede_buffer_append(ret_answer, answer.body.data, answer.body.size);
    return lede_buffer_status(ret_answer) == LEDE_OK ? LEDE_OK : lede_fail_memory(reterr);
}

/* ---- What the node asks of the program ---- */

static void say(void *context, bool is_warning, const char *what)
{
    const struct lede_member *member = context;
    if (member->log)
        lede_log_line(member->log, is_warning ? LEDE_LOG_WARNING : LEDE_LOG_INFO, "cluster %s: %s",
            member->settings->cluster, what);
}

/* Nobody awaits signals yet. */
static bool goes_on(void *context)
{
    const struct lede_member *member = context;
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return !member->stops && !sigismember(&pending, SIGTERM) && !sigismember(&pending, SIGINT);
}

static bool never_stops(void *context, uint64_t bytes_done, uint64_t bytes)
{
    const struct lede_member *member = context;
    (void)bytes_done;
    (void)bytes;
    return !member->stops;
}

static enum lede_status fetch(void *context, const char *url, struct lede_error *reterr)
{
    struct lede_member *member = context;
    struct lede_http_client *client = peer_open(context, url, NULL);
    if (!client)
        return lede_fail_memory(reterr);
    enum lede_status st = lede_replica_fetch_copy(client, lede_cluster_node_name(member->node),
        member->settings->data, never_stops, member, reterr);
    lede_http_client_free(client);
    if (st == LEDE_OK) {
        member->has_new_copy = true;
        kill(getpid(), SIGUSR1);
    }
    return st;
}

/* ---- Its life ---- */

static enum lede_status open_etcd(struct lede_member *member, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = member->settings;
    struct lede_etcd_options options = {.endpoints = settings->cluster_etcd,
        .ca_file = unless_off(settings->etcd_ca),
        .cert_file = unless_off(settings->etcd_certificate),
        .key_file = unless_off(settings->etcd_key),
        .timeout_ms = 3000};
    return lede_etcd_open(&options, &member->etcd, reterr);
}

static enum lede_status make_node(struct lede_member *member, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = member->settings;
    const char *place = settings->cluster_node;
    const char *scheme = strstr(place, "://");
    snprintf(member->url, sizeof(member->url), "%s%.200s", scheme ? "" : "http://", place);
    struct lede_cluster_options options = {.cluster = settings->cluster,
        .node = strstr(member->url, "://") + 3,
        .url = member->url,
        .directory = settings->data,
        .copies = settings->cluster_copies,
        .lanes = settings->lanes ? settings->lanes : 2,
        .lease_s = (settings->cluster_lease_ms + 999) / 1000,
        .commit_ms = settings->cluster_wait_ms,
        .log_bytes = settings->log_bytes,
        .etcd = member->etcd,
        .transport = {peer_open, peer_close, peer_ask, member},
        .say = say,
        .fetch = fetch,
        .goes_on = goes_on,
        .context = member};
    enum lede_status st = lede_cluster_node_new(&options, &member->node, reterr);
    return st == LEDE_OK ? lede_cluster_node_prepare(member->node, reterr) : st;
}

static void member_freep(struct lede_member **member)
{
    lede_member_free(*member);
}

enum lede_status lede_member_new(const struct lede_server_settings *settings, struct lede_log *log,
    struct lede_member **ret_member, struct lede_error *reterr)
{
    *ret_member = NULL;
    /* A command that opens a directory is no node. */
    if (!unless_off(settings->cluster) || settings->is_private || settings->read_only)
        return LEDE_OK;
    LEDE_CLEANUP(member_freep) struct lede_member *member = calloc(1, sizeof(*member));
    if (!member)
        return lede_fail_memory(reterr);
    member->settings = settings;
    member->log = log;
    enum lede_status st = LEDE_OK;
    if (unless_off(settings->cluster_key))
        st = lede_key_file_read(settings->cluster_key, &member->key, reterr);
    if (st == LEDE_OK)
        st = open_etcd(member, reterr);
    if (st == LEDE_OK)
        st = make_node(member, reterr);
    if (st == LEDE_OK)
        *ret_member = LEDE_TAKE(&member);
    return st;
}

struct lede_cluster_node *lede_member_node(struct lede_member *member)
{
    return member ? member->node : NULL;
}

enum lede_status lede_member_start(
    struct lede_member *member, struct lede_store *store, struct lede_error *reterr)
{
    return member ? lede_cluster_node_start(member->node, store, reterr) : LEDE_OK;
}

bool lede_member_has_new_copy(const struct lede_member *member)
{
    return member && member->has_new_copy;
}

void lede_member_rest(struct lede_member *member)
{
    if (member)
        lede_cluster_node_rest(member->node);
}

void lede_member_free(struct lede_member *member)
{
    if (!member)
        return;
    member->stops = true;
    lede_cluster_node_free(member->node);
    lede_etcd_free(member->etcd);
    free(member->key);
    free(member);
}
