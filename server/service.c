/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service.h"

#include "access_log.h"
#include "identity_files.h"
#include "lede/api.h"
#include "lede/elastic.h"
#include "lede/replica.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "lines.h"
#include "logged_address.h"
#include "member.h"
#include "replica.h"
#include "shard_map.h"
#include "synonym_file.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct lede_service {
    /* first: it is the context of the HTTP floor's callbacks, on_answer() goes back from it */
    struct lede_api api;
    const struct lede_server_settings *settings;
    struct lede_log *log;
    struct lede_store *store;
    struct lede_elastic *elastic; /* NULL: there is no such interface */
    struct lede_keys *keys;
    char own_key[LEDE_KEY_TOKEN_SIZE]; /* of a private service */
    struct lede_http_server *server;
    char urls[LEDE_LISTENERS_MAX][LEDE_LISTENER_TEXT_SIZE];
    size_t url_count;
    bool has_synonyms;         /* a list was read */
    struct lede_lines *lines;  /* of requests; NULL where nothing is logged */
    atomic_uint access_format; /* enum lede_access_format, the setting as it is now, as the next */
    atomic_bool log_texts;
    struct lede_replica *replica; /* NULL: it follows none */
    struct lede_shard_setup shards;
    struct lede_member *member; /* NULL: it is no node of a cluster */
};

/* May what a request asks be told? */
static bool is_without_texts(
    const struct lede_service *service, const struct lede_http_request *request)
{
    char id[LEDE_LOGGED_KEY_SIZE];
    if (!atomic_load(&service->log_texts))
        return true;
    lede_logged_key(request, id);
    return id[0] && lede_keys_are_without_texts(service->keys, id);
}

static void log_access(struct lede_service *service, const struct lede_answered *answered)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    enum lede_access_format format = atomic_load(&service->access_format);
    if (format == LEDE_ACCESS_OFF)
        return;
    lede_access_line(answered, format, &line);
    if (line.size > 0 && !line.failed)
        lede_lines_add(service->lines, line.data, line.size);
    else
        __atomic_add_fetch(&service->api.log_lines_lost, 1, __ATOMIC_RELAXED);
}

static void log_failure(struct lede_service *service, const struct lede_answered *answered)
{
    const struct lede_http_request *request = answered->request;
    int status = answered->status;
    /* 503 is load, 501 a client's hope: neither is this server's fault. */
    enum lede_log_level level = status == 503 || status == 501 ? LEDE_LOG_WARNING : LEDE_LOG_ERROR;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer address = {0};
    char id[LEDE_LOGGED_KEY_SIZE];
    lede_access_address(answered, &address);
    lede_logged_key(request, id);
    const char *reason = lede_http_request_reason(request);
    void (*log_one)(struct lede_log *, enum lede_log_level, const char *, ...) =
        status == 503 ? lede_log_repeated : lede_log_line;
    log_one(service->log, level,
        "%s %.1200s%s%s status=%d bytes=%zu ms=%.1f client=%s request=%s%s%s",
        lede_http_request_method(request), address.data ? address.data : "", id[0] ? " key=" : "",
        id, status, answered->body_bytes, (double)answered->took_ns / 1e6,
        lede_http_request_client(request), lede_http_request_id(request),
        reason[0] ? " reason=" : "", reason);
}

/* After each answer: errors always, everything if the settings ask for it. */
static void on_answer(void *context, const struct lede_http_request *request, int status,
    size_t body_bytes, uint64_t took_ns)
{
    struct lede_service *service = context;
    struct lede_answered answered = {request, status, body_bytes, took_ns, false};
    bool is_failure = status >= 500;
    if (service->log && lede_http_request_is_misforwarded(request))
        lede_log_repeated(service->log, LEDE_LOG_WARNING,
            "a trusted proxy says of its client what cannot be believed: request=%s",
            lede_http_request_id(request));
    if (!service->log || (!is_failure && atomic_load(&service->access_format) == LEDE_ACCESS_OFF))
        return;
    answered.without_texts = is_without_texts(service, request);
    log_access(service, &answered);
    if (is_failure)
        log_failure(service, &answered);
}

/* A search that took long, in its worker's thread. */
static void on_slow(void *context, const struct lede_slow_search *slow)
{
    struct lede_service *service = context;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer line = {0};
    if (!service->log)
        return;
    lede_slow_line(slow, &line);
    if (line.size > 0 && !line.failed)
        lede_log_repeated(service->log, LEDE_LOG_WARNING, "%s", line.data);
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

#define THREADS_OVER_SHARDS 32

static uint32_t whole_seconds(uint32_t ms)
{
    return (ms + 999) / 1000;
}

/* The fewest open files that a server can work with, and what it needs beside the store's and its
 * connections. Of what is allowed half is kept for the store. */
#define FILES_MIN 256
#define FILES_OWN 24
#define FILES_AN_IO_THREAD 3

/* A certificate that ends so soon is a warning. */
#define SOON_S (INT64_C(7) * 24 * 3600)

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
    size_t io_threads = settings->io_threads * lede_server_settings_listeners(settings)->count;
    rlim_t own = FILES_OWN + FILES_AN_IO_THREAD * io_threads;
    rlim_t room = limit.rlim_cur / 2 > own ? limit.rlim_cur / 2 - own : 0;
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

static enum lede_status listen_for(
    struct lede_service *service, struct lede_http_identity *identity, struct lede_error *reterr)
{
    const struct lede_server_settings *settings = service->settings;
    /* who searches over shards waits most of the time */
    uint32_t own = service->shards.shards ? THREADS_OVER_SHARDS : processors();
    uint32_t searches = settings->search_threads > 0 ? settings->search_threads : own;
    struct lede_http_options options = {
        .listeners = *lede_server_settings_listeners(settings),
        .identity = identity,
        .trusted_proxies = settings->trusted_proxies,
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
        .body_bytes_max = settings->body_bytes,
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
        .who = lede_api_who,
        .admit = lede_api_admit,
        .finish = lede_api_finish,
        .refuse = lede_elastic_refuse,
        .log = on_answer,
    };
    options.routes = lede_api_routes(&service->api, &options.route_count);
    enum lede_status st = plan_connections(service, &options.connections_max, reterr);
    if (st == LEDE_OK)
        st = lede_http_server_new(&options, &service->server, reterr);
    if (st != LEDE_OK)
        return st;
    service->url_count = options.listeners.count;
    for (size_t i = 0; i < service->url_count; i++)
        lede_listener_format(lede_http_server_listener(service->server, i), service->urls[i]);
    return LEDE_OK;
}

struct lede_store_options lede_service_store_options(const struct lede_server_settings *settings)
{
    return (struct lede_store_options){.directory = settings->data,
        .lanes = settings->lanes,
        .read_only = settings->read_only,
        .pending_bytes = settings->pending_bytes,
        .log_bytes_max = settings->log_bytes,
        .copies = settings->copies,
        .copies_wait_ms = settings->copies_wait_ms,
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

static void use_telling(struct lede_service *service, const struct lede_server_settings *settings)
{
    atomic_store(&service->access_format, settings->access_format);
    atomic_store(&service->log_texts, settings->log_texts);
    lede_api_set_telling(&service->api, settings->slow_ms, settings->log_texts);
}

static bool may_change(const struct lede_setting *setting)
{
    static const char *const keys[] = {"synonyms", "tls_certificate", "tls_key", "tls_ocsp"};
    for (size_t i = 0; i < LEDE_COUNT_OF(keys); i++) {
        if (strcmp(setting->key, keys[i]) == 0)
            return true;
    }
    return strcmp(setting->section, "log") == 0;
}

/* Clients refuse a certificate that has ended; the server shows it all the same, for it is told
 * when it is renewed. */
static void tell_identity(const struct lede_service *service,
    const struct lede_server_settings *settings, const struct lede_http_identity *identity)
{
    char day[21];
    if (!identity || !service->log)
        return;
    int64_t ends_utc_s = lede_http_identity_ends_utc_s(identity);
    int64_t left_s = ends_utc_s - lede_time_now_utc_s();
    lede_time_format(ends_utc_s, day);
    lede_log_line(service->log, left_s < SOON_S ? LEDE_LOG_WARNING : LEDE_LOG_INFO,
        "the certificate in '%.200s' %s %s", settings->tls_certificate,
        left_s < 0 ? "has expired, clients refuse it:" : "holds until", day);
    int64_t staple_ends_utc_s = lede_http_identity_staple_ends_utc_s(identity);
    if (staple_ends_utc_s == INT64_MAX)
        return;
    bool is_late = staple_ends_utc_s < lede_time_now_utc_s();
    lede_time_format(staple_ends_utc_s, day);
    lede_log_line(service->log, is_late ? LEDE_LOG_WARNING : LEDE_LOG_INFO,
        "the answer of OCSP in '%.200s' %s %s", settings->tls_ocsp,
        is_late ? "has expired, and is not sent:" : "is sent until", day);
}

enum lede_status lede_service_reload(struct lede_service *service,
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *synonyms = NULL;
    LEDE_CLEANUP(lede_http_identity_unrefp) struct lede_http_identity *identity = NULL;
    const struct lede_listeners *listeners = lede_server_settings_listeners(service->settings);
    enum lede_status st = read_synonyms(settings, service->has_synonyms, &synonyms, reterr);
    if (st == LEDE_OK)
        st = lede_identity_files_read(settings, listeners, &identity, reterr);
    if (st == LEDE_OK)
        st = lede_lines_check(settings->access_target, reterr);
    if (st == LEDE_OK)
        st = lede_keys_reload(service->keys, reterr);
    if (st == LEDE_OK && service->lines)
        st = lede_lines_open(service->lines, settings->access_target, reterr);
    if (st != LEDE_OK)
        return st;
    use_synonyms(service, settings, synonyms);
    lede_http_server_set_identity(service->server, identity);
    tell_identity(service, settings, identity);
    use_telling(service, settings);
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

/* The first address that others than this machine can reach, and find more than a redirection at;
 * NULL: there is none. */
static const char *reached_by_others(const struct lede_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        const struct lede_listener *listener = &listeners->items[i];
        if (listener->kind != LEDE_LISTENER_REDIRECT && !lede_listener_is_local(listener))
            return listener->host;
    }
    return NULL;
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
    const char *reached = reached_by_others(lede_server_settings_listeners(settings));
    if (reached && !settings->open) {
        st = lede_fail(reterr, LEDE_EINPUT,
            "expected keys, or 127.0.0.1, since others than this machine can reach %s", reached);
        lede_error_hint(reterr,
            "make a key: lede key new --rights admin --data '%.100s'; or set open = true",
            settings->data);
        return st;
    }
    if (service->log)
        lede_log_line(service->log, reached ? LEDE_LOG_WARNING : LEDE_LOG_INFO,
            "there are no keys: whoever reaches %s may read, write and delete everything (lede key "
            "new makes keys)",
            reached ? reached : "this machine");
    return LEDE_OK;
}

/* A volume that another owns is what a container meets first. */
static void hint_owner(const char *directory, struct lede_error *error)
{
    LEDE_CLEANUP(lede_freep) char *parent = strdup(directory);
    struct stat status;
    char *slash = parent ? strrchr(parent, '/') : NULL;
    if (slash && slash != parent)
        *slash = '\0';
    const char *place = stat(directory, &status) == 0 ? directory : slash ? parent : ".";
    if (stat(place, &status) == 0 && access(place, R_OK | W_OK | X_OK) != 0 && errno == EACCES)
        lede_error_hint(error,
            "user %u may not write in '%.150s', which is user %u's: chown it, or run as that one",
            (unsigned)geteuid(), place, (unsigned)status.st_uid);
}

static enum lede_status make_api(struct lede_service *service,
    const struct lede_server_settings *settings, struct lede_error *reterr)
{
    if (strcmp(settings->elastic_indices, LEDE_ELASTIC_OFF) != 0) {
        enum lede_status st =
            lede_elastic_new(settings->elastic_indices, &service->elastic, reterr);
        if (st != LEDE_OK)
            return st;
    }
    bool may_back_up = strcmp(settings->backups, LEDE_BACKUPS_OFF) != 0;
    bool has_cors = strcmp(settings->cors_origins, LEDE_CORS_OFF) != 0;
    struct lede_api_settings api_settings = {.keys = service->keys,
        .names = strcmp(settings->names, LEDE_NAMES_OFF) != 0 ? settings->names : NULL,
        .cors_origins = has_cors ? settings->cors_origins : NULL,
        .image_hosts =
            strcmp(settings->image_hosts, LEDE_IMAGES_OFF) == 0 ? NULL : settings->image_hosts,
        .cors_methods = settings->cors_methods,
        .hsts = strcmp(settings->hsts, LEDE_HSTS_OFF) != 0 ? settings->hsts : NULL,
        .backup_directory = may_back_up ? settings->backups : NULL,
        .bad_text = (enum lede_bad_text)settings->bad_text,
        .document_cache_bytes = settings->document_cache_bytes,
        .requests_per_key = settings->requests_per_key,
        .searches_per_key = settings->searches_per_key,
        .threads_a_search = settings->threads_a_search,
        /* of shards nobody knows without asking whether an answer still holds */
        .answer_cache_bytes = service->shards.shards ? 0 : settings->answer_cache_bytes,
        .shard_key = service->shards.key,
        .shards = service->shards.shards,
        .following = lede_replica_following(service->replica),
        .cluster = lede_member_node(service->member),
        .slow = on_slow,
        .slow_context = service,
        .interface = service->elastic ? lede_elastic_interface(service->elastic) : NULL};
    return lede_api_init(&service->api, service->store, &api_settings, reterr);
}

enum lede_status lede_service_new(const struct lede_server_settings *settings, struct lede_log *log,
    struct lede_service **ret_service, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_service_freep) struct lede_service *service = calloc(1, sizeof(*service));
    if (!service)
        return lede_fail_memory(reterr);
    LEDE_CLEANUP(lede_synonyms_unrefp) struct lede_synonyms *synonyms = NULL;
    LEDE_CLEANUP(lede_http_identity_unrefp) struct lede_http_identity *identity = NULL;
    service->settings = settings;
    service->log = log;
    struct lede_store_options options = lede_service_store_options(settings);
    options.quarantined = on_quarantined;
    options.context = service;
    enum lede_status st = open_keys(service, reterr);
    if (st == LEDE_OK)
        st = lede_identity_files_read(
            settings, lede_server_settings_listeners(settings), &identity, reterr);
    if (st == LEDE_OK)
        st = lede_shard_setup_read(settings, &service->shards, reterr);
    if (st == LEDE_OK)
        st = lede_replica_new(settings, log, &service->replica, reterr);
    if (st == LEDE_OK)
        st = lede_member_new(settings, log, &service->member, reterr);
    if (st == LEDE_OK)
        st = lede_store_open(&options, &service->store, reterr);
    if (st == LEDE_EIO && reterr)
        hint_owner(settings->data, reterr);
    if (st == LEDE_OK && log && !service->replica && !service->member &&
        lede_store_is_copy(service->store))
        lede_log_line(log, LEDE_LOG_WARNING,
            "this is a copy that follows nobody, and takes no writes: name its source (--follow), "
            "or "
            "promote it");
    if (st == LEDE_OK)
        st = lede_shard_setup_check(&service->shards, service->store, reterr);
    if (st == LEDE_OK)
        st = make_api(service, settings, reterr);
    if (st == LEDE_OK)
        st = read_synonyms(settings, false, &synonyms, reterr);
    if (st != LEDE_OK)
        return st;
    use_synonyms(service, settings, synonyms);
    tell_identity(service, settings, identity);
    use_telling(service, settings);
    if (log)
        st = lede_lines_new(
            settings->access_target, log, &service->api.log_lines_lost, &service->lines, reterr);
    if (st == LEDE_OK)
        st = lede_member_start(service->member, service->store, reterr);
    if (st == LEDE_OK)
        st = listen_for(service, identity, reterr);
    if (st == LEDE_OK && service->replica)
        st = lede_replica_start(service->replica, service->store, reterr);
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
    LEDE_CLEANUP(lede_http_identity_unrefp) struct lede_http_identity *identity = NULL;
    struct lede_service service = {.settings = settings};
    enum lede_status st = open_keys(&service, reterr);
    if (st == LEDE_OK)
        st = read_synonyms(settings, false, &synonyms, reterr);
    if (st == LEDE_OK)
        st = lede_identity_files_read(
            settings, lede_server_settings_listeners(settings), &identity, reterr);
    if (st == LEDE_OK)
        st = lede_shard_setup_read(settings, &service.shards, reterr);
    lede_shard_setup_done(&service.shards);
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

const char *lede_service_url(const struct lede_service *service, size_t index)
{
    return index < service->url_count ? service->urls[index] : NULL;
}

bool lede_service_has_new_copy(const struct lede_service *service)
{
    return lede_replica_has_new_copy(service->replica) || lede_member_has_new_copy(service->member);
}

void lede_service_free(struct lede_service *service)
{
    if (!service)
        return;
    lede_replica_free(service->replica);
    lede_member_rest(service->member);
    if (service->server)
        lede_http_server_stop(service->server, service->settings->shutdown_grace_ms);
    lede_http_server_free(service->server);
    lede_lines_free(service->lines);
    lede_api_done(&service->api);
    lede_elastic_free(service->elastic);
    lede_shard_setup_done(&service->shards);
    lede_keys_free(service->keys);
    lede_member_free(service->member);
    lede_store_close(service->store);
    free(service);
}

void lede_service_freep(struct lede_service **service)
{
    lede_service_free(*service);
    *service = NULL;
}
