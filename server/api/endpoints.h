/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in the table of routes. */
#ifndef LEDE_API_ENDPOINTS_H
#define LEDE_API_ENDPOINTS_H

#include "lede/api.h"
#include "search_params.h"

struct lede_api_route {
    struct lede_http_route http;
    enum lede_right right;
    enum lede_param_taker taker; /* what its query, or its body, may name */
    /* How a problem is shown where not as JSON; NULL. Any thread. */
    void (*show_problem)(const struct lede_http_request *request, struct lede_http_reply *reply);
};

/* Endpoints, one file each. Those of health run in I/O threads: worker is the struct lede_api. */
void lede_endpoint_search(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_search_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_search_atom(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_search_rss(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_search_jsonfeed(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_search_csv(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_export_ndjson(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_export_csv(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_export_text(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_similar(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_similar_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_versions(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_suggest(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_suggest_opensearch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_bulk(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_document_get(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_document_put(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_document_patch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_document_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_delete_by_query(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_shard(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_backup(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_cluster(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_cluster_frames(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_cluster_log(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_cluster_writes(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_replication(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_replication_log(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_snapshots_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_snapshot_file(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_snapshot_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_promote(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_health_live(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_health_ready(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_stats(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_metrics(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_queries(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_version(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_openapi(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_opensearch(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_keys(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_keys_post(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_key_delete(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_asset(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
void lede_endpoint_page(
    void *worker, struct lede_http_request *request, struct lede_http_reply *reply);
/* Does a request have the key that servers ask each other with? */
bool lede_shard_is_allowed(const struct lede_api *api, const struct lede_http_request *request);
/* Write what is known of the server that this one follows, as members of an object; nothing where
 * it follows none. Any thread; does not block. */
void lede_replication_write_copy(const struct lede_api *api, struct lede_buffer *out);
/* The same of the cluster that it is a node of. */
void lede_cluster_write_state(const struct lede_api *api, struct lede_buffer *out);
/* Of a node: does the cluster take writes, as far as is known here? */
bool lede_cluster_takes_writes(const struct lede_api *api);
void lede_page_show_problem(const struct lede_http_request *request, struct lede_http_reply *reply);

#endif
