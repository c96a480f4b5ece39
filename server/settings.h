/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's settings: one struct, one table, one place that fills it. config/lede.ini explains
 * each. */
#ifndef LEDE_SERVER_SETTINGS_H
#define LEDE_SERVER_SETTINGS_H

#include "cli.h"
#include "lede/settings.h"

enum lede_access_format { LEDE_ACCESS_OFF, LEDE_ACCESS_JSON, LEDE_ACCESS_COMBINED };
enum lede_log_level { LEDE_LOG_ERROR, LEDE_LOG_WARNING, LEDE_LOG_INFO };

#define LEDE_BACKUPS_OFF "off"
#define LEDE_SYNONYMS_OFF "off"
#define LEDE_NAMES_OFF "off"
#define LEDE_CORS_OFF "off"
#define LEDE_PREFIX_OFF "off"
#define LEDE_TLS_OFF "off"
#define LEDE_HSTS_OFF "off"
#define LEDE_IMAGES_OFF "off"
#define LEDE_ELASTIC_OFF "off"
#define LEDE_REPLICA_OFF "off"
#define LEDE_SHARDS_OFF "off"
#define LEDE_CLUSTER_OFF "off"

struct lede_server_settings {
    struct lede_listeners listen;
    char *tls_certificate; /* file; LEDE_TLS_OFF: none */
    char *tls_key;
    char *tls_ocsp; /* file; LEDE_TLS_OFF: none */
    char *hsts;     /* value of the header; LEDE_HSTS_OFF: none */
    struct lede_nets trusted_proxies;
    bool open;          /* others may reach it without keys */
    char *names;        /* that it is asked by, with commas between; LEDE_NAMES_OFF: none */
    char *cors_origins; /* likewise; LEDE_CORS_OFF: none */
    char *cors_methods;
    uint32_t io_threads;
    uint32_t search_threads;   /* 0: as many as the machine has processors */
    uint32_t threads_a_search; /* 0: as many as search_threads */
    uint32_t write_threads;
    uint32_t queue_length;
    uint32_t queue_wait_ms;
    uint32_t connections;
    uint32_t connections_per_address; /* 0: no limit */
    uint32_t requests_per_address;    /* a second; 0: any */
    uint32_t searches_per_address;
    bool limits_loopback;
    uint32_t requests_per_key; /* a second; 0: any */
    uint32_t searches_per_key;
    uint32_t idle_timeout_ms;
    uint32_t request_timeout_ms;
    size_t upload_rate; /* bytes a second; 0: none is asked for */
    uint32_t upload_grace_ms;
    uint32_t upload_timeout_ms; /* 0: no limit */
    size_t body_bytes;
    size_t reply_bytes;
    size_t header_bytes;
    size_t uri_bytes;
    char *path_prefix;     /* LEDE_PREFIX_OFF: none */
    char *elastic_indices; /* with commas between; LEDE_ELASTIC_OFF: there is no such interface */
    char *image_hosts;     /* with commas between; LEDE_IMAGES_OFF: none */
    uint32_t shutdown_grace_ms;
    uint32_t bad_text;      /* enum lede_bad_text */
    char *synonyms;         /* file; LEDE_SYNONYMS_OFF: none */
    bool may_lack_synonyms; /* no setting: nobody named the file */
    size_t document_cache_bytes;
    size_t answer_cache_bytes;
    char *data;
    char *backups;  /* LEDE_BACKUPS_OFF: POST /backup is refused */
    uint32_t lanes; /* 0: the store decides */
    size_t pending_bytes;
    size_t list_cache_bytes;
    size_t log_bytes; /* of the log, for copies */
    char *source;     /* URL of the server to follow; LEDE_REPLICA_OFF: none */
    char *source_key; /* file */
    char *source_ca;  /* file */
    char *replica_name;
    char *shards;          /* the map; LEDE_SHARDS_OFF: the archive is this server's */
    char *shards_key_file; /* LEDE_SHARDS_OFF: there is none */
    char *shards_ca_file;  /* likewise */
    uint32_t shards_hedge_ms;
    uint32_t shards_connect_ms;
    uint32_t copies;
    uint32_t copies_wait_ms;
    char *cluster;           /* its name; LEDE_CLUSTER_OFF: this is no node of one */
    char *cluster_etcd;      /* addresses of its members, with commas between */
    char *cluster_node;      /* where other nodes reach this one; LEDE_CLUSTER_OFF: not said */
    uint32_t cluster_copies; /* 0: as the cluster was made */
    uint32_t cluster_lease_ms;
    uint32_t cluster_wait_ms;
    char *cluster_key; /* files; LEDE_CLUSTER_OFF: none */
    char *cluster_ca;
    char *etcd_ca;
    char *etcd_certificate;
    char *etcd_key;
    uint32_t log_level;              /* enum lede_log_level */
    uint32_t access_format;          /* enum lede_access_format */
    char *access_target;             /* of lines.h */
    uint32_t slow_ms;                /* 0: no search is */
    bool log_texts;                  /* what is asked may be told */
    struct lede_listeners inherited; /* no setting: sockets that take the place of listen */
    bool read_only;                  /* no setting: of the store that a command opens to read */
    bool is_private;                 /* no setting: nobody but this process may ask */
};

/* Ends with a row whose section is NULL; the struct is struct lede_server_settings. */
extern const struct lede_setting lede_server_settings_table[];

/* Fill the settings from the file (--config, else the installed one where it exists), the
 * environment and the flags.
 * ret_settings  owner: the caller, lede_server_settings_done(), also after a failure
 * Status: OK; ENOTFOUND the file; EINPUT with file and line, the variable or the flag; EIO; ENOMEM.
 * Threads: any. */
LEDE_CHECKED enum lede_status lede_server_settings_load(const struct lede_arguments *arguments,
    struct lede_server_settings *ret_settings, struct lede_error *reterr);
/* Where a server with these settings listens. */
const struct lede_listeners *lede_server_settings_listeners(
    const struct lede_server_settings *settings);
void lede_server_settings_done(struct lede_server_settings *settings);

#endif
