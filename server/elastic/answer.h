/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every endpoint does with its request and its answer. */
#ifndef LEDE_ELASTIC_ANSWER_H
#define LEDE_ELASTIC_ANSWER_H

#include "parameters.h"
#include "worker.h"

#include <jansson.h>

/* The first `{index}` of a path that has one; NULL: the path names none. */
const char *lede_elastic_index(const struct lede_http_request *request);
/* May the archive be called so? A list with commas is, if each of its names is; `_all` and `*` are.
 * name  NULL: it is not called at all. Status: OK; ENOTFOUND with param "index". */
LEDE_CHECKED enum lede_status lede_elastic_check_index(
    const struct lede_http_request *request, const char *name, struct lede_error *reterr);
/* What it is called in answers: the first name of the setting. */
const char *lede_elastic_name(const struct lede_http_request *request);

/* A request's whole body in UTF-8. decoded: owner of the text where it came in another charset.
 * Status: OK; EMEDIATYPE; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_text(const struct lede_http_request *request,
    struct lede_buffer *decoded, const char **ret_text, size_t *ret_size,
    struct lede_error *reterr);
/* The same as an object; an empty body is an empty object. ret_object: owner the caller. */
LEDE_CHECKED enum lede_status lede_elastic_object(
    const struct lede_http_request *request, json_t **ret_object, struct lede_error *reterr);

/* What an endpoint begins with: its parameters, and the index of its path. Returns false, and the
 * reply filled, where one is refused. */
bool lede_elastic_begin(const struct lede_http_request *request, enum elastic_taker taker,
    struct lede_http_reply *reply);

/* Answer with a value, with pretty and filter_path as they are asked for.
 * json  taken; NULL: there was no memory for it */
void lede_elastic_reply(const struct lede_http_request *request, struct lede_http_reply *reply,
    int http_status, json_t *json);
/* Answer with text of another kind, as the cat API has it. text: taken. */
void lede_elastic_reply_text(struct lede_http_reply *reply, struct lede_buffer *text);
/* Answer with an error in Elasticsearch's form. */
void lede_elastic_fail(const struct lede_http_request *request, struct lede_http_reply *reply,
    const struct lede_error *error);
/* The object {"type", "reason"} of an error, and its status. NULL: no memory. */
json_t *lede_elastic_error(const struct lede_error *error, int *ret_http_status);
/* struct lede_api_route.show_problem: the API's problem in Elasticsearch's form. */
void lede_elastic_show_problem(
    const struct lede_http_request *request, struct lede_http_reply *reply);
/* Refuse keys of an object that are not among `known` (NULL-terminated). what: "a bool query".
 * Status: OK; EINPUT. */
LEDE_CHECKED enum lede_status lede_elastic_check_keys(
    const json_t *object, const char *const *known, const char *what, struct lede_error *reterr);

#endif
