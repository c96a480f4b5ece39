/* SPDX-License-Identifier: GPL-2.0-or-later */
/* THE table of settings. A row here, its paragraph in config/lede.ini: a test holds the two
 * together. */
#include "settings.h"

#include "lede/api.h"
#include "lede/cluster.h"
#include "lede/http.h"
#include "lede/keys.h"
#include "lede/model.h"
#include "lede/replica.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char *const log_levels[] = {
    [LEDE_LOG_ERROR] = "error", [LEDE_LOG_WARNING] = "warning", [LEDE_LOG_INFO] = "info", NULL};

static const char *const access_formats[] = {[LEDE_ACCESS_OFF] = "off",
    [LEDE_ACCESS_JSON] = "json",
    [LEDE_ACCESS_COMBINED] = "combined",
    NULL};

static const char *const bad_texts[] = {
    [LEDE_BAD_TEXT_REPAIR] = "repair", [LEDE_BAD_TEXT_REFUSE] = "refuse", NULL};

#define MEMBER(name) offsetof(struct lede_server_settings, name)
#define HOUR_MS (3600 * 1000)
#define DEFAULT_SYNONYMS "synonyms"

const struct lede_setting lede_server_settings_table[] = {
    {"server", "listen", LEDE_SETTING_LISTENERS, MEMBER(listen), 0, 0, "127.0.0.1:5333", NULL},
    {"server", "tls_certificate", LEDE_SETTING_STRING, MEMBER(tls_certificate), 1, 4000,
        LEDE_TLS_OFF, NULL},
    {"server", "tls_key", LEDE_SETTING_STRING, MEMBER(tls_key), 1, 4000, LEDE_TLS_OFF, NULL},
    {"server", "tls_ocsp", LEDE_SETTING_STRING, MEMBER(tls_ocsp), 1, 4000, LEDE_TLS_OFF, NULL},
    {"server", "hsts", LEDE_SETTING_STRING, MEMBER(hsts), 1, 200, LEDE_HSTS_OFF, NULL},
    {"server", "open", LEDE_SETTING_BOOL, MEMBER(open), 0, 0, "false", NULL},
    {"server", "names", LEDE_SETTING_STRING, MEMBER(names), 1, 4000, LEDE_NAMES_OFF, NULL},
    {"server", "cors_origins", LEDE_SETTING_STRING, MEMBER(cors_origins), 1, 4000, LEDE_CORS_OFF,
        NULL},
    {"server", "cors_methods", LEDE_SETTING_STRING, MEMBER(cors_methods), 1, 200, "GET, HEAD",
        NULL},
    {"server", "io_threads", LEDE_SETTING_UINT32, MEMBER(io_threads), 1, 64, "2", NULL},
    {"server", "search_threads", LEDE_SETTING_UINT32, MEMBER(search_threads), 0, 1024, "0", NULL},
    {"server", "threads_a_search", LEDE_SETTING_UINT32, MEMBER(threads_a_search), 0, 64, "0", NULL},
    {"server", "write_threads", LEDE_SETTING_UINT32, MEMBER(write_threads), 1, 1024, "8", NULL},
    {"server", "queue_length", LEDE_SETTING_UINT32, MEMBER(queue_length), 1, 100000, "256", NULL},
    {"server", "queue_wait", LEDE_SETTING_DURATION_MS, MEMBER(queue_wait_ms), 0, HOUR_MS, "50ms",
        NULL},
    {"server", "connections", LEDE_SETTING_UINT32, MEMBER(connections), 1, 100000, "1024", NULL},
    {"server", "connections_per_address", LEDE_SETTING_UINT32, MEMBER(connections_per_address), 0,
        100000, "0", NULL},
    {"server", "requests_per_address", LEDE_SETTING_UINT32, MEMBER(requests_per_address), 0, 100000,
        "0", NULL},
    {"server", "searches_per_address", LEDE_SETTING_UINT32, MEMBER(searches_per_address), 0, 100000,
        "0", NULL},
    {"server", "limit_loopback", LEDE_SETTING_BOOL, MEMBER(limits_loopback), 0, 0, "false", NULL},
    {"server", "requests_per_key", LEDE_SETTING_UINT32, MEMBER(requests_per_key), 0,
        LEDE_KEY_RATE_MAX, "0", NULL},
    {"server", "searches_per_key", LEDE_SETTING_UINT32, MEMBER(searches_per_key), 0,
        LEDE_KEY_RATE_MAX, "0", NULL},
    {"server", "idle_timeout", LEDE_SETTING_DURATION_MS, MEMBER(idle_timeout_ms), 1000, HOUR_MS,
        "60s", NULL},
    {"server", "request_timeout", LEDE_SETTING_DURATION_MS, MEMBER(request_timeout_ms), 1000,
        HOUR_MS, "60s", NULL},
    {"server", "upload_rate", LEDE_SETTING_BYTES, MEMBER(upload_rate), 0, 1 << 30, "512", NULL},
    {"server", "upload_grace", LEDE_SETTING_DURATION_MS, MEMBER(upload_grace_ms), 1000, HOUR_MS,
        "30s", NULL},
    {"server", "upload_timeout", LEDE_SETTING_DURATION_MS, MEMBER(upload_timeout_ms), 0,
        24 * HOUR_MS, "4h", NULL},
    {"server", "body_bytes", LEDE_SETTING_BYTES, MEMBER(body_bytes), 32 << 20, INT64_C(64) << 30,
        "512MiB", NULL},
    {"server", "reply_bytes", LEDE_SETTING_BYTES, MEMBER(reply_bytes), 1 << 20, INT64_C(64) << 30,
        "256MiB", NULL},
    {"server", "header_bytes", LEDE_SETTING_BYTES, MEMBER(header_bytes), 1024, 1 << 20, "32KiB",
        NULL},
    {"server", "uri_bytes", LEDE_SETTING_BYTES, MEMBER(uri_bytes), 256, 1 << 19, "16KiB", NULL},
    {"server", "trusted_proxies", LEDE_SETTING_NETS, MEMBER(trusted_proxies), 0, 0, "off", NULL},
    {"server", "path_prefix", LEDE_SETTING_STRING, MEMBER(path_prefix), 1, 200, LEDE_PREFIX_OFF,
        NULL},
    {"server", "image_hosts", LEDE_SETTING_STRING, MEMBER(image_hosts), 1, 4000, LEDE_IMAGES_OFF,
        NULL},
    {"server", "shutdown_grace", LEDE_SETTING_DURATION_MS, MEMBER(shutdown_grace_ms), 0, HOUR_MS,
        "5s", NULL},
    {"server", "bad_text", LEDE_SETTING_CHOICE, MEMBER(bad_text), 0, 0, "repair", bad_texts},
    {"server", "synonyms", LEDE_SETTING_STRING, MEMBER(synonyms), 1, 4000, DEFAULT_SYNONYMS, NULL},
    {"server", "document_cache", LEDE_SETTING_BYTES, MEMBER(document_cache_bytes), 0,
        INT64_C(64) << 30, "256MiB", NULL},
    {"server", "answer_cache", LEDE_SETTING_BYTES, MEMBER(answer_cache_bytes), 0, INT64_C(64) << 30,
        "32MiB", NULL},
    {"store", "data", LEDE_SETTING_STRING, MEMBER(data), 1, 4000, "lede-data", NULL},
    {"store", "backups", LEDE_SETTING_STRING, MEMBER(backups), 1, 4000, LEDE_BACKUPS_OFF, NULL},
    {"store", "lanes", LEDE_SETTING_UINT32, MEMBER(lanes), 0, 16, "0", NULL},
    {"store", "pending_bytes", LEDE_SETTING_BYTES, MEMBER(pending_bytes), 1 << 16, INT64_C(4) << 30,
        "64MiB", NULL},
    {"store", "list_cache", LEDE_SETTING_BYTES, MEMBER(list_cache_bytes), 0, INT64_C(1) << 40, "0",
        NULL},
    {"store", "log_bytes", LEDE_SETTING_BYTES, MEMBER(log_bytes), 1 << 20, INT64_C(1) << 40,
        "256MiB", NULL},
    {"replica", "source", LEDE_SETTING_STRING, MEMBER(source), 1, 4000, LEDE_REPLICA_OFF, NULL},
    {"replica", "key_file", LEDE_SETTING_STRING, MEMBER(source_key), 1, 4000, LEDE_REPLICA_OFF,
        NULL},
    {"replica", "ca_file", LEDE_SETTING_STRING, MEMBER(source_ca), 1, 4000, LEDE_REPLICA_OFF, NULL},
    {"replica", "name", LEDE_SETTING_STRING, MEMBER(replica_name), 1, 100, "auto", NULL},
    {"replica", "copies", LEDE_SETTING_UINT32, MEMBER(copies), 0, LEDE_FOLLOWERS_MAX, "0", NULL},
    {"replica", "copies_wait", LEDE_SETTING_DURATION_MS, MEMBER(copies_wait_ms), 1, HOUR_MS, "10s",
        NULL},
    {"shards", "map", LEDE_SETTING_STRING, MEMBER(shards), 1, 100000, LEDE_SHARDS_OFF, NULL},
    {"shards", "key_file", LEDE_SETTING_STRING, MEMBER(shards_key_file), 1, 4000, LEDE_SHARDS_OFF,
        NULL},
    {"shards", "ca_file", LEDE_SETTING_STRING, MEMBER(shards_ca_file), 1, 4000, LEDE_SHARDS_OFF,
        NULL},
    {"shards", "hedge", LEDE_SETTING_DURATION_MS, MEMBER(shards_hedge_ms), 0, 60000, "100ms", NULL},
    {"shards", "connect", LEDE_SETTING_DURATION_MS, MEMBER(shards_connect_ms), 1, 60000, "500ms",
        NULL},
    {"cluster", "name", LEDE_SETTING_STRING, MEMBER(cluster), 1, LEDE_CLUSTER_NAME_MAX,
        LEDE_CLUSTER_OFF, NULL},
    {"cluster", "etcd", LEDE_SETTING_STRING, MEMBER(cluster_etcd), 1, 4000, "http://127.0.0.1:2379",
        NULL},
    {"cluster", "advertise", LEDE_SETTING_STRING, MEMBER(cluster_node), 1, 200, LEDE_CLUSTER_OFF,
        NULL},
    {"cluster", "copies", LEDE_SETTING_UINT32, MEMBER(cluster_copies), 0, LEDE_CLUSTER_COPIES_MAX,
        "0", NULL},
    {"cluster", "lease", LEDE_SETTING_DURATION_MS, MEMBER(cluster_lease_ms), 2000, HOUR_MS, "5s",
        NULL},
    {"cluster", "wait", LEDE_SETTING_DURATION_MS, MEMBER(cluster_wait_ms), 100, HOUR_MS, "10s",
        NULL},
    {"cluster", "key_file", LEDE_SETTING_STRING, MEMBER(cluster_key), 1, 4000, LEDE_CLUSTER_OFF,
        NULL},
    {"cluster", "ca_file", LEDE_SETTING_STRING, MEMBER(cluster_ca), 1, 4000, LEDE_CLUSTER_OFF,
        NULL},
    {"cluster", "etcd_ca_file", LEDE_SETTING_STRING, MEMBER(etcd_ca), 1, 4000, LEDE_CLUSTER_OFF,
        NULL},
    {"cluster", "etcd_certificate", LEDE_SETTING_STRING, MEMBER(etcd_certificate), 1, 4000,
        LEDE_CLUSTER_OFF, NULL},
    {"cluster", "etcd_key", LEDE_SETTING_STRING, MEMBER(etcd_key), 1, 4000, LEDE_CLUSTER_OFF, NULL},
    {"elastic", "indices", LEDE_SETTING_STRING, MEMBER(elastic_indices), 1, 4000, "news", NULL},
    {"log", "level", LEDE_SETTING_CHOICE, MEMBER(log_level), 0, 0, "info", log_levels},
    {"log", "requests", LEDE_SETTING_CHOICE, MEMBER(access_format), 0, 0, "off", access_formats},
    {"log", "requests_to", LEDE_SETTING_STRING, MEMBER(access_target), 1, 4000, "stderr", NULL},
    {"log", "slow_ms", LEDE_SETTING_UINT32, MEMBER(slow_ms), 0, HOUR_MS, "1000", NULL},
    {"log", "texts", LEDE_SETTING_BOOL, MEMBER(log_texts), 0, 0, "true", NULL},
    {NULL, NULL, LEDE_SETTING_BOOL, 0, 0, 0, NULL, NULL},
};

static enum lede_status set_flag(struct lede_server_settings *settings, const char *section,
    const char *key, const char *text, const char *flag, struct lede_error *reterr)
{
    if (!text)
        return LEDE_OK;
    return lede_settings_set(
        lede_server_settings_table, section, key, text, flag, settings, reterr);
}

/* A relative name of a file begins beside the settings. */
static enum lede_status place_file(
    char **name, const char *off, const char *settings_path, struct lede_error *reterr)
{
    const char *beside = settings_path ? settings_path : LEDE_SETTINGS_FILE;
    const char *slash = strrchr(beside, '/');
    char *placed = NULL;
    if ((*name)[0] == '/' || strcmp(*name, off) == 0)
        return LEDE_OK;
    if (asprintf(&placed, "%.*s%s", slash ? (int)(slash + 1 - beside) : 0, beside, *name) < 0)
        return lede_fail_memory(reterr);
    free(*name);
    *name = placed;
    return LEDE_OK;
}

static enum lede_status place_files(
    struct lede_server_settings *settings, const char *path, struct lede_error *reterr)
{
    settings->may_lack_synonyms = strcmp(settings->synonyms, DEFAULT_SYNONYMS) == 0;
    enum lede_status st = place_file(&settings->synonyms, LEDE_SYNONYMS_OFF, path, reterr);
    if (st == LEDE_OK)
        st = place_file(&settings->tls_certificate, LEDE_TLS_OFF, path, reterr);
    if (st == LEDE_OK)
        st = place_file(&settings->tls_ocsp, LEDE_TLS_OFF, path, reterr);
    char **const files[] = {&settings->source_key, &settings->source_ca, &settings->cluster_key,
        &settings->cluster_ca, &settings->etcd_ca, &settings->etcd_certificate, &settings->etcd_key,
        &settings->shards_key_file, &settings->shards_ca_file};
    for (size_t i = 0; st == LEDE_OK && i < LEDE_COUNT_OF(files); i++)
        st = place_file(files[i], LEDE_REPLICA_OFF, path, reterr);
    return st == LEDE_OK ? place_file(&settings->tls_key, LEDE_TLS_OFF, path, reterr) : st;
}

/* A node of a cluster follows its leader alone, and says where it is. */
static enum lede_status check_cluster(
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    if (strcmp(settings->cluster, LEDE_CLUSTER_OFF) == 0)
        return LEDE_OK;
    if (strcmp(settings->source, LEDE_REPLICA_OFF) != 0 || settings->copies > 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a cluster, or [replica] source and copies: a node of a cluster has neither");
    if (strcmp(settings->shards, LEDE_SHARDS_OFF) != 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected a cluster, or [shards] map: a node of a cluster has an archive of its own");
    if (strcmp(settings->cluster_node, LEDE_CLUSTER_OFF) == 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected where other nodes reach this one (--advertise HOST:PORT)");
    return LEDE_OK;
}

/* What one setting alone does not say. */
static enum lede_status check_together(
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    bool has_certificate = strcmp(settings->tls_certificate, LEDE_TLS_OFF) != 0;
    bool has_key = strcmp(settings->tls_key, LEDE_TLS_OFF) != 0;
    if (strcmp(settings->path_prefix, LEDE_PREFIX_OFF) != 0 &&
        !lede_http_is_prefix(settings->path_prefix))
        return lede_fail(reterr, LEDE_EINPUT,
            "path_prefix: expected a path such as /lede, without '/' at its end, found '%.60s'",
            settings->path_prefix);
    if (strcmp(settings->hsts, LEDE_HSTS_OFF) != 0 &&
        strncasecmp(settings->hsts, "max-age=", 8) != 0)
        return lede_fail(reterr, LEDE_EINPUT,
            "hsts: expected max-age= and seconds, such as max-age=31536000, found '%.60s'",
            settings->hsts);
    if (strcmp(settings->image_hosts, LEDE_IMAGES_OFF) != 0 &&
        lede_image_hosts_check(settings->image_hosts, reterr) != LEDE_OK)
        return LEDE_EINPUT;
    if (has_certificate != has_key)
        return lede_fail(reterr, LEDE_EINPUT,
            "expected tls_certificate and tls_key, found %s alone",
            has_key ? "tls_key" : "tls_certificate");
    if (strcmp(settings->tls_ocsp, LEDE_TLS_OFF) != 0 && !has_certificate)
        return lede_fail(
            reterr, LEDE_EINPUT, "expected tls_certificate beside tls_ocsp, found none");
    return check_cluster(settings, reterr);
}

/* A misspelt name should be seen, and a stranger's must not stop anything. */
static void tell_unknown_variables(void)
{
    for (char **variable = environ; *variable; variable++) {
        if (lede_settings_is_unknown(lede_server_settings_table, *variable))
            (void)lede_complain("warning: %.*s: no setting has this name; expected "
                                "LEDE_<SECTION>_<KEY>",
                (int)strcspn(*variable, "="), *variable);
    }
}

enum lede_status lede_server_settings_load(const struct lede_arguments *arguments,
    struct lede_server_settings *ret_settings, struct lede_error *reterr)
{
    const char *path = arguments->config;
    if (!path && access(LEDE_SETTINGS_FILE, F_OK) == 0)
        path = LEDE_SETTINGS_FILE;
    enum lede_status st = lede_settings_load(
        lede_server_settings_table, path, (const char *const *)environ, ret_settings, reterr);
    tell_unknown_variables();
    const struct {
        const char *section, *key, *value, *flag;
    } flags[] = {
        {"store", "data", arguments->data, "--data"},
        {"server", "listen", arguments->listen, "--listen"},
        {"replica", "source", arguments->follow, "--follow"},
        {"shards", "map", arguments->shards, "--shards"},
        {"cluster", "name", arguments->cluster, "--cluster"},
        {"cluster", "etcd", arguments->etcd, "--etcd"},
        {"cluster", "advertise", arguments->advertise, "--advertise"},
        {"cluster", "copies", arguments->copies, "--copies"},
    };
    for (size_t i = 0; i < LEDE_COUNT_OF(flags) && st == LEDE_OK; i++)
        st = set_flag(
            ret_settings, flags[i].section, flags[i].key, flags[i].value, flags[i].flag, reterr);
    if (st == LEDE_OK)
        st = check_together(ret_settings, reterr);
    if (st == LEDE_OK)
        st = place_files(ret_settings, path, reterr);
    return st;
}

const struct lede_listeners *lede_server_settings_listeners(
    const struct lede_server_settings *settings)
{
    return settings->inherited.count > 0 ? &settings->inherited : &settings->listen;
}

void lede_server_settings_done(struct lede_server_settings *settings)
{
    lede_settings_done(lede_server_settings_table, settings);
}
