/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking a server: libcurl behind three calls. Answers come whole. */
#ifndef LEDE_HTTP_CLIENT_H
#define LEDE_HTTP_CLIENT_H

#include "lede/base.h"
#include "lede/buffer.h"

#include <jansson.h>
#include <stdatomic.h>

#define LEDE_URL_DEFAULT "http://127.0.0.1:5333"

struct lede_http_client; /* one connection, a new one for each POST; one thread at a time */

/* base_url  borrowed for the call; http:// or https://, perhaps with a path, a slash at its end
 *           does not matter; or unix:/path, a socket on this machine
 * key       sent with each request; NULL: none is
 * ca_file   PEM file of who may vouch for an https server; NULL: the system's
 * ret_client  owner: the caller. Status: OK; EINPUT no such address; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_client_new(const char *base_url, const char *key,
    const char *ca_file, struct lede_http_client **ret_client, struct lede_error *reterr);
/* It is of this machine and of our own settings: no proxy is asked, and any certificate will do.
 * For a client without a key. */
void lede_http_client_ask_own_machine(struct lede_http_client *client);
void lede_http_client_free(struct lede_http_client *client);
void lede_http_client_freep(struct lede_http_client **client);

/* End a transfer when the flag is set, or nothing has come for so long. stops  borrowed. */
void lede_http_client_stop_on(
    struct lede_http_client *client, const atomic_bool *stops, long silence_s);

/* A transfer, with its connection, takes at most so long. */
void lede_http_client_limit(struct lede_http_client *client, uint32_t ms);

struct lede_http_answer {
    bool is_sent;            /* a connection stood: the request, or some of it, may have arrived */
    long status;             /* 0: no answer came */
    long retry_after_s;      /* 0: not said */
    struct lede_buffer body; /* unzipped */
    json_t *json;            /* of the body */
};
/* Frees what it owns; zeroed afterwards. */
void lede_http_answer_done(struct lede_http_answer *answer);

/* GET a path with its query ("/stats").
 * ret_answer  zeroed; owner: the caller, lede_http_answer_done()
 * Status: OK, whatever the answer's status; EIO no connection or a broken one; EINPUT an answer
 * that is no JSON, its status is told all the same; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_client_get(struct lede_http_client *client,
    const char *path, struct lede_http_answer *ret_answer, struct lede_error *reterr);
/* The same of what is answered as text; a refusal is JSON all the same. */
LEDE_CHECKED enum lede_status lede_http_client_get_text(struct lede_http_client *client,
    const char *path, struct lede_http_answer *ret_answer, struct lede_error *reterr);
/* The same with DELETE; an answer without a body is none that is no JSON. */
LEDE_CHECKED enum lede_status lede_http_client_delete(struct lede_http_client *client,
    const char *path, struct lede_http_answer *ret_answer, struct lede_error *reterr);
/* The same with POST.
 * body, size   borrowed until the answer
 * asks_first   the server says that it wants the body before it is sent (Expect: 100-continue); so
 *              a refusal of its size is heard where it would cut the connection
 * on_progress  called while the body leaves and the answer is awaited; sent: bytes of it that have
 *              left; may be NULL
 * context      for on_progress */
struct lede_http_post {
    const char *path;
    const char *media_type;
    const char *body;
    size_t size;
    bool asks_first;
    bool may_repeat; /* no harm is done by sending it twice: the connection before serves again */
    bool takes_text; /* as lede_http_client_get_text() */
    void (*on_progress)(void *context, uint64_t sent);
    void *context;
};
LEDE_CHECKED enum lede_status lede_http_client_post(struct lede_http_client *client,
    const struct lede_http_post *post, struct lede_http_answer *ret_answer,
    struct lede_error *reterr);

/* The error that an answer with a problem states (RFC 9457): its detail, else its title and status;
 * hint, param, position. */
void lede_http_answer_error(const struct lede_http_answer *answer, struct lede_error *ret_error);

#endif
