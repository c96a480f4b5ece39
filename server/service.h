/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store with the API before it, listening: what `lede serve` runs, and what `--data` runs for as
 * long as one command takes. */
#ifndef LEDE_SERVICE_H
#define LEDE_SERVICE_H

#include "lede/store.h"
#include "log.h"
#include "settings.h"

struct lede_service;

/* Open the store and listen.
 * settings     borrowed until lede_service_free()
 * log          borrowed likewise; NULL: nothing is logged
 * ret_service  owner: the caller, lede_service_free()
 * Status: OK; EINPUT it would be open to others, and the settings do not say that it may; what
 * lede_store_open(), lede_keys_open() and lede_http_server_new() give. Threads: one. */
LEDE_CHECKED enum lede_status lede_service_new(const struct lede_server_settings *settings,
    struct lede_log *log, struct lede_service **ret_service, struct lede_error *reterr);
/* "http://127.0.0.1:5333", "unix:/run/lede/lede.sock": where it listens; NULL behind the last.
 * Lives as long as the service. */
const char *lede_service_url(const struct lede_service *service, size_t index);
/* The key of a private service: no other is asked for; lives as long as the service. */
const char *lede_service_key(const struct lede_service *service);
/* Read the list of synonyms, the keys, the certificate and its key again, and take over from new
 * settings what can change while it runs: all of [log], server.synonyms, server.tls_certificate,
 * server.tls_key, server.tls_ocsp; of the others that differ the log says that they hold from the
 * next start on. On failure nothing has changed.
 * settings  not used any more when it returns
 * Status: OK; what reading synonyms and keys gives. Threads: one. */
LEDE_CHECKED enum lede_status lede_service_reload(struct lede_service *service,
    const struct lede_server_settings *settings, struct lede_error *reterr);
/* Take the locks of all queues of requests once, and give them back. */
void lede_service_touch(const struct lede_service *service);
/* Could a server start with these settings? Reads synonyms, keys and certificate, and opens no
 * store. Status: OK; EINPUT and others, as of lede_service_new(). */
LEDE_CHECKED enum lede_status lede_service_check(
    const struct lede_server_settings *settings, struct lede_error *reterr);
/* Is a new copy of the server that it follows ready? Then it is to be freed and made anew. */
bool lede_service_has_new_copy(const struct lede_service *service);
/* Let running requests end within shutdown_grace, then close the store. */
void lede_service_free(struct lede_service *service);
void lede_service_freep(struct lede_service **service);

/* The options that the settings say for a store. */
struct lede_store_options lede_service_store_options(const struct lede_server_settings *settings);
/* Is there a store in the directory already? A command that only reads must not make one of a
 * mistyped name.
 * Status: OK; ENOTFOUND. */
LEDE_CHECKED enum lede_status lede_service_expect_store(
    const char *directory, struct lede_error *reterr);

#endif
