/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an endpoint works with: one worker thread's own reader, analyzer and memory. */
#ifndef LEDE_API_WORKER_H
#define LEDE_API_WORKER_H

#include "lede/api.h"
#include "lede/shown.h"

struct lede_api_worker {
    struct lede_api *api;
    struct lede_reader *reader;
    struct lede_analyzer *analyzer;
    struct lede_language_detector *detector;
    struct lede_highlights highlights; /* reused from hit to hit */
    bool out_of_time;                  /* the deadline cut what is shown of this answer's hits */
    struct lede_shown_leaves shown;    /* of the hit that is being written */
    /* Of visible.c: what the request is bound to, and the same parsed. */
    const char *filters; /* queries, a line each; NULL: everything may be seen */
    bool sees_hidden;    /* what is embargoed, expired or withheld, where it is asked for by id */
    struct lede_query *restriction;
    lede_language_set restriction_languages;
};

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
