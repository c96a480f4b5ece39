/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an endpoint works with: one worker thread's own reader, analyzer and memory. */
#ifndef LEDE_API_WORKER_H
#define LEDE_API_WORKER_H

#include "lede/api.h"
#include "lede/shown.h"
#include "lede/time.h"

/* Where a request's time goes: each moment belongs to the stage that is set. */
struct lede_stages {
    enum lede_stage now;
    uint64_t begun_ns, since_ns;  /* monotonic */
    uint64_t ns[LEDE_STAGES + 1]; /* the last is of none */
};

struct lede_api_worker {
    struct lede_api *api;
    struct lede_reader *reader;
    struct lede_analyzer *analyzer;
    struct lede_language_detector *detector;
    /* Of over_shards.c; NULL: the archive is this server's store. */
    struct lede_shards_asker *asker;
    struct lede_shards_seen seen;      /* by the last search */
    lede_language_set languages;       /* of the shards, that this request parses queries for */
    struct lede_highlights highlights; /* reused from hit to hit */
    bool out_of_time;                  /* the deadline cut what is shown of this answer's hits */
    struct lede_shown_leaves shown;    /* of the hit that is being written */
    /* Of visible.c: what the request is bound to, and the same parsed. */
    const char *filters; /* queries, a line each; NULL: everything may be seen */
    bool without_texts;  /* what is asked is not to be told to others */
    bool sees_hidden;    /* what is embargoed, expired or withheld, where it is asked for by id */
    struct lede_query *restriction;
    lede_language_set restriction_languages;
    /* Of the request that is served. */
    struct lede_http_request *request;
    uint64_t asked_ns; /* monotonic; from when its timeout counts */
    struct lede_stages stages;
    struct lede_stop stop;
    bool is_long;               /* it is for a worker of LEDE_POOL_LONG, and this is none */
    uint64_t may_wait_until_ns; /* monotonic; 0: nobody has said */
};

/* Serve a request, and be done with it: begin before its handler, end behind it. Where the client
 * leaves, or it takes too long for this worker, everything with a deadline ends. Ending sees to it
 * that a worker of LEDE_POOL_LONG begins it anew. */
void lede_api_worker_begin(struct lede_api_worker *worker, struct lede_http_request *request);
void lede_api_worker_end(struct lede_api_worker *worker);
/* The next of several searches of one request: its timeout counts from now, and what it may take of
 * the processor is what those before have left. */
void lede_api_worker_begin_next(struct lede_api_worker *worker);
/* When does a request's timeout begin? When it had come; what it waited counts, but half of the
 * timeout is left to it.
 * ret_begun_ns  monotonic
 * Status: OK; ETIMEOUT it has waited for longer than that. */
LEDE_CHECKED enum lede_status lede_api_worker_clock(struct lede_api_worker *worker,
    uint32_t timeout_ms, uint64_t *ret_begun_ns, struct lede_error *reterr);
/* Look whether the request is for another worker, or for nobody any more. Its answer is dropped
 * then. Status: OK; ETIMEOUT. */
LEDE_CHECKED enum lede_status lede_api_worker_go_on(
    const struct lede_api_worker *worker, struct lede_error *reterr);

/* Go over to a stage, which costs a look at the clock; LEDE_STAGES: none. Returns the one before,
 * to be gone back to. */
enum lede_stage lede_api_worker_enter(struct lede_api_worker *worker, enum lede_stage stage);
/* Will another worker begin the request anew, or nobody answer it? */
bool lede_api_worker_is_left(const struct lede_api_worker *worker);

/* Bind what visible.c shows to a grant; NULL: it shows everything. Borrowed until the next call. */
void lede_api_worker_bind(struct lede_api_worker *worker, const struct lede_grant *grant);

/* Is the body of this media type, whatever parameters follow it? */
bool lede_request_is(const struct lede_http_request *request, const char *media_type);
/* Has nobody said what the body is? So it is with curl -d, whose type is that of a form. A page in
 * a browser could send that anywhere without being asked; what a browser sends does not count. */
bool lede_request_is_untyped(const struct lede_http_request *request);
/* The charset that Content-Type declares; NULL: none. ret_name has room for LEDE_CHARSET_SIZE; what
 * is longer is cut, and known to nobody. Returns ret_name or NULL. */
#define LEDE_CHARSET_SIZE 48
const char *lede_request_charset(
    const struct lede_http_request *request, char ret_name[LEDE_CHARSET_SIZE]);
/* A request's whole body in UTF-8, without a byte-order mark, whatever its media type.
 * decoded  holds the text where it came in another charset; to be freed whatever is returned
 * Status: OK; EMEDIATYPE no such charset; ENOMEM. */
LEDE_CHECKED enum lede_status lede_request_text(const struct lede_http_request *request,
    struct lede_buffer *decoded, const char **ret_text, size_t *ret_size,
    struct lede_error *reterr);
/* Parse a request's whole body as one JSON object, in the charset that it declares. what: "a
 * document", for the message. ret_object: owner the caller. A form of another site's page can post
 * text without asking first, but no JSON: so the media type is insisted on.
 * Status: OK; EMEDIATYPE; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_request_object(const struct lede_http_request *request,
    const char *what, json_t **ret_object, struct lede_error *reterr);
/* The same of what writes a document: an id that is no UTF-8 is refused (EINVALID), other text as
 * the server is set. Status: as above; EINVALID. */
LEDE_CHECKED enum lede_status lede_request_document(const struct lede_api_worker *worker,
    const struct lede_http_request *request, const char *what, json_t **ret_object,
    struct lede_error *reterr);
/* "created" and so on: the keys of a bulk's answer and the result of a single write; static. */
const char *lede_outcome_name(enum lede_write_outcome outcome);

#endif
