/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include "lede/api.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "logged_address.h"
#include "synonym_file.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct lede_service {
    /* first: it is the context of the HTTP floor's callbacks, on_answer() goes back from it */
    struct lede_api api;
    const struct lede_server_settings *settings;
    struct lede_log *log;
    struct lede_store *store;
    struct lede_keys *keys;
    char own_key[LEDE_KEY_TOKEN_SIZE]; /* of a private service */
    struct lede_http_server *server;
    char url[80];
    bool has_synonyms;        /* a list was read */
    atomic_bool log_requests; /* the setting, as it is now */
};

/* After each answer: errors always, everything if the settings ask for it. */
static void on_answer(void *context, const struct lede_http_request *request, int status,
    size_t body_bytes, uint64_t took_ns)
{
    struct lede_service *service = context;
    if (!service->log || (status < 500 && !atomic_load(&service->log_requests)))
        return;
    /* 503 is load, 501 a client's hope: neither is this server's fault. */
    enum lede_log_level level = status == 503 || status == 501 ? LEDE_LOG_WARNING
                                : status >= 500                ? LEDE_LOG_ERROR
                                                               : LEDE_LOG_INFO;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    lede_logged_address(request, &address);
    lede_logged_key(request, &address);
    const char *reason = status >= 500 ? lede_http_request_reason(request) : "";
    void (*log_one)(struct lede_log *, enum lede_log_level, const char *, ...) =
        status == 503 || status == 429 ? lede_log_repeated : lede_log_line;
    log_one(service->log, level, "%s %.1200s status=%d bytes=%zu ms=%.1f request=%s%s%s",
        lede_http_request_method(request), address.data ? address.data : "", status, body_bytes,
        (double)took_ns / 1e6, lede_http_request_id(request), reason[0] ? " reason=" : "", reason);
}

static void on_quarantined(void *context, uint32_t segment, const char *what)
{
    const struct lede_service *service = context;
    if (service->log)
        lede_log_line(service->log, LEDE_LOG_ERROR,
            "segment %06u is damaged and taken out of every search: %s; lede check --repair mends "
            "it",
            segment, what);
}

static void *try_idle(void *context)
{
    bool *is_allowed = context;
    *is_allowed = lede_thread_make_idle();
    return NULL;
}

/* Merges and the scrub ask for idle priority, and go on without it. Whoever runs the server should
 * know once; a thread cannot go back, so one that ends at once asks. */
static void warn_without_idle(struct lede_log *log)
{
    pthread_t thread;
    bool is_allowed = true;
    if (pthread_create(&thread, NULL, try_idle, &is_allowed) != 0)
        return;
    pthread_join(thread, NULL);
    if (!is_allowed)
        lede_log_line(log, LEDE_LOG_WARNING,
            "the system refuses idle priority: merges and the scrub take their share of processor "
            "and disk like searches");
}

static uint32_t processors(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (uint32_t)count : 1;
}

static uint32_t whole_seconds(uint32_t ms)
{
    return (ms + 999) / 1000;
}

/* The fewest open files that a server can work with, and what it needs beside the store's and its
 * connections. Of what is allowed half is kept for the store. */
#define FILES_MIN 256
#define FILES_OWN 24
#define FILES_AN_IO_THREAD 3

/* How many connections the limit of open files leaves room for; fewer than the settings ask for are
 * logged. */
static enum lede_status plan_connections(
    const struct lede_service *service, uint32_t *ret_connections, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = service->settings;
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot learn the limit of open files");
    if (limit.rlim_cur < FILES_MIN) {
        enum lede_status st =
            lede_fail(reterr, LEDE_ELIMIT, "expected a limit of at least %d open files, found %llu",
                FILES_MIN, (unsigned long long)limit.rlim_cur);
        lede_error_hint(reterr, "raise it: ulimit -n, or LimitNOFILE= of the service");
        return st;
    }
    rlim_t room = limit.rlim_cur / 2 - FILES_OWN - FILES_AN_IO_THREAD * settings->io_threads;
    *ret_connections = settings->connections;
    if (settings->connections <= lede_http_connections_within(room))
        return LEDE_OK;
    *ret_connections = (uint32_t)lede_http_connections_within(room);
    if (service->log)
        lede_log_line(service->log, LEDE_LOG_WARNING,
            "connections = %u instead of %u: %llu files may be open (ulimit -n), and half of them "
            "are kept for the store",
            (unsigned)*ret_connections, (unsigned)settings->connections,
            (unsigned long long)limit.rlim_cur);
    return LEDE_OK;
}

static enum lede_status listen_for(struct lede_service *service, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = service->settings;
    uint32_t searches = settings->search_threads > 0 ? settings->search_threads : processors();
    struct lede_http_options options = {
        .address = settings->listen.host,
        .port = settings->listen.port,
        .io_threads = settings->io_threads,
        .pool_threads = {[LEDE_POOL_READ] = searches,
            [LEDE_POOL_LONG] = searches,
            [LEDE_POOL_WRITE] = settings->write_threads,
            [LEDE_POOL_OPS] = 1},
        .queue_length = settings->queue_length,
        .queue_wait_ms = settings->queue_wait_ms,
        .connections_per_address_max = settings->connections_per_address,
        .client_requests_per_s_max = settings->requests_per_address,
        .client_searches_max = settings->searches_per_address,
        .limits_loopback = settings->limits_loopback,
        .idle_timeout_s = whole_seconds(settings->idle_timeout_ms),
        .request_timeout_s = whole_seconds(settings->request_timeout_ms),
        .upload_bytes_per_s_min = (uint32_t)settings->upload_rate,
        .upload_grace_s = whole_seconds(settings->upload_grace_ms),
        .upload_timeout_s = whole_seconds(settings->upload_timeout_ms),
        .reply_bytes_max = settings->reply_bytes,
        .header_bytes_max = settings->header_bytes,
        .uri_bytes_max = settings->uri_bytes,
        .path_prefix =
            strcmp(settings->path_prefix, LEDE_PREFIX_OFF) == 0 ? NULL : settings->path_prefix,
        .context = &service->api,
        .worker_new = lede_api_worker_new,
        .worker_free = lede_api_worker_free,
        .worker_rest = lede_api_worker_rest,
        .worker_idle = lede_api_worker_idle,
        .admit = lede_api_admit,
        .finish = lede_api_finish,
        .refuse = lede_api_refuse,
        .log = on_answer,
    };
    options.routes = lede_api_routes(&service->api, &options.route_count);
    enum lede_status st = plan_connections(service, &options.connections_max, reterr);
    if (st == LEDE_OK)
        st = lede_http_server_new(&options, &service->server, reterr);
    if (st != LEDE_OK)
        return st;
    bool is_v6 = strchr(settings->listen.host, ':') != NULL;
    snprintf(service->url, sizeof(service->url), "http://%s%s%s:%u", is_v6 ? "[" : "",
        settings->listen.host, is_v6 ? "]" : "", (unsigned)lede_http_server_port(service->server));
    return LEDE_OK;
}

struct lede_store_options lede_service_store_options(const struct lede_server_settings *settings)
{
    return (struct lede_store_options){.directory = settings->data,
        .lanes = settings->lanes,
        .read_only = settings->read_only,
        .pending_bytes = settings->pending_bytes,
        .list_cache_bytes = settings->list_cache_bytes};
}

enum lede_status lede_service_expect_store(const char *directory, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_freep) char *path = NULL;
    if (asprintf(&path, "%s/manifest.json", directory) < 0)
        return lede_fail_memory(reterr);
    if (access(path, F_OK) == 0)
        return LEDE_OK;
    return lede_fail(reterr, LEDE_ENOTFOUND,
        "expected a data directory made by lede serve or lede import, found '%s'", directory);
}

/* must_be_there  the list was there before
 * ret_synonyms   NULL: none are used */
static enum lede_status read_synonyms(const struct lede_server_settings *settings,
    bool must_be_there, struct lede_synonyms **ret_synonyms, struct lede_error *reterr)
{
    *ret_synonyms = NULL;
    if (strcmp(settings->synonyms, LEDE_SYNONYMS_OFF) == 0)
        return LEDE_OK;
    enum lede_status st = lede_synonym_file_read(settings->synonyms, ret_synonyms, reterr);
    return st == LEDE_ENOTFOUND && settings->may_lack_synonyms && !must_be_there ? LEDE_OK : st;
}

static void use_synonyms(struct lede_service *service, const struct lede_server_settings *settings,
    struct lede_synonyms *synonyms)
{
    service->has_synonyms = synonyms != NULL;
    lede_api_set_synonyms(&service->api, synonyms);
    if (synonyms && service->log)
        lede_log_line(service->log, LEDE_LOG_INFO, "synonyms of %zu lines in '%s'",
            lede_synonyms_line_count(synonyms), settings->synonyms);
}

static bool may_change(const struct lede_setting *setting)
{
    return strcmp(setting->section, "log") == 0 || strcmp(setting->key, "synonyms") == 0;
}

enum lede_status lede_service_reload(struct lede_service *service,
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *synonyms = NULL;
    enum lede_status st = read_synonyms(settings, service->has_synonyms, &synonyms, reterr);
    if (st == LEDE_OK)
        st = lede_keys_reload(service->keys, reterr);
    if (st != LEDE_OK)
        return st;
    use_synonyms(service, settings, synonyms);
    atomic_store(&service->log_requests, settings->log_requests);
    if (service->log)
        lede_log_set_level(service->log, (enum lede_log_level)settings->log_level);
    for (const struct lede_setting *row = lede_server_settings_table; row->section; row++) {
        if (service->log && !may_change(row) &&
            !lede_setting_is_same(row, settings, service->settings))
            lede_log_line(service->log, LEDE_LOG_WARNING,
                "%s of [%s] has changed, and holds from the next start on", row->key, row->section);
    }
    return LEDE_OK;
}

/* Who may ask? Without keys whoever reaches the address, which is said, and is this machine unless
 * the settings say otherwise. */
static enum lede_status open_keys(struct lede_service *service, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = service->settings;
    enum lede_status st = lede_keys_open(settings->data, &service->keys, reterr);
    if (st != LEDE_OK)
        return st;
    if (settings->is_private)
        lede_keys_make_own(service->keys, service->own_key);
    if (lede_keys_are_required(service->keys))
        return LEDE_OK;
    bool is_reached = !lede_is_loopback(settings->listen.host);
    if (is_reached && !settings->open) {
        st = lede_fail(reterr, LEDE_EINPUT,
            "expected keys, or 127.0.0.1, since others than this machine can reach %s",
            settings->listen.host);
        lede_error_hint(reterr,
            "make a key: lede key new --rights admin --data '%.100s'; or set open = true",
            settings->data);
        return st;
    }
    if (service->log)
        lede_log_line(service->log, is_reached ? LEDE_LOG_WARNING : LEDE_LOG_INFO,
            "there are no keys: whoever reaches %s may read, write and delete everything (lede key "
            "new makes keys)",
            settings->listen.host);
    return LEDE_OK;
}

enum lede_status lede_service_new(const struct lede_server_settings *settings, struct lede_log *log,
    struct lede_service **ret_service, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_service_freep) struct lede_service *service = calloc(1, sizeof(*service));
    if (!service)
        return lede_fail_memory(reterr);
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *synonyms = NULL;
    service->settings = settings;
    service->log = log;
    atomic_store(&service->log_requests, settings->log_requests);
    struct lede_store_options options = lede_service_store_options(settings);
    options.quarantined = on_quarantined;
    options.context = service;
    enum lede_status st = open_keys(service, reterr);
    if (st == LEDE_OK)
        st = lede_store_open(&options, &service->store, reterr);
    if (st != LEDE_OK)
        return st;
    bool may_back_up = strcmp(settings->backups, LEDE_BACKUPS_OFF) != 0;
    bool has_cors = strcmp(settings->cors_origins, LEDE_CORS_OFF) != 0;
    struct lede_api_settings api_settings = {.keys = service->keys,
        .listen_host = settings->listen.host,
        .names = strcmp(settings->names, LEDE_NAMES_OFF) != 0 ? settings->names : NULL,
        .cors_origins = has_cors ? settings->cors_origins : NULL,
        .cors_methods = settings->cors_methods,
        .backup_directory = may_back_up ? settings->backups : NULL,
        .bad_text = (enum lede_bad_text)settings->bad_text,
        .document_cache_bytes = settings->document_cache_bytes,
        .threads_a_search = settings->threads_a_search,
        .answer_cache_bytes = settings->answer_cache_bytes};
    st = lede_api_init(&service->api, service->store, &api_settings, reterr);
    if (st == LEDE_OK)
        st = read_synonyms(settings, false, &synonyms, reterr);
    if (st != LEDE_OK)
        return st;
    use_synonyms(service, settings, synonyms);
    st = listen_for(service, reterr);
    if (st != LEDE_OK)
        return st;
    if (log)
        warn_without_idle(log);
    *ret_service = LEDE_TAKE(&service);
    return LEDE_OK;
}

enum lede_status lede_service_check(
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *synonyms = NULL;
    struct lede_service service = {.settings = settings};
    enum lede_status st = open_keys(&service, reterr);
    if (st == LEDE_OK)
        st = read_synonyms(settings, false, &synonyms, reterr);
    lede_keys_free(service.keys);
    return st;
}

void lede_service_touch(const struct lede_service *service)
{
    struct lede_http_stats stats;
    lede_http_server_stats(service->server, &stats);
}

const char *lede_service_key(const struct lede_service *service)
{
    return service->own_key;
}

const char *lede_service_url(const struct lede_service *service)
{
    return service->url;
}

void lede_service_free(struct lede_service *service)
{
    if (!service)
        return;
    if (service->server)
        lede_http_server_stop(service->server, service->settings->shutdown_grace_ms);
    lede_http_server_free(service->server);
    lede_api_done(&service->api);
    lede_keys_free(service->keys);
    lede_store_close(service->store);
    free(service);
}

void lede_service_freep(struct lede_service **service)
{
    lede_service_free(*service);
    *service = NULL;
}
