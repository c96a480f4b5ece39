/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors as application/problem+json (RFC 9457): one table from statuses to problem types. */
#ifndef LEDE_API_PROBLEM_H
#define LEDE_API_PROBLEM_H

#include "lede/http.h"

/* A kind of problem; `type` is "/problems/<name>". */
struct lede_problem {
    const char *name;
    const char *title;
    int http_status;
};

/* What a status means to a client; never NULL. */
const struct lede_problem *lede_problem_of(enum lede_status status);
/* By name, for problems that are no status of a floor below; NULL for an unknown name. */
const struct lede_problem *lede_problem_named(const char *name);

/* Fill a reply: param, position, hint and pointer are given where the error has them. 503 gets
 * Retry-After. */
void lede_reply_problem(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_problem *problem, const struct lede_error *error);
/* Append a member, a text as a client is told it: of the paths that it quotes the last name alone.
 * The log has all of them. */
void lede_append_told(struct lede_buffer *out, const char *name, const char *text);
/* The same from a status alone. */
void lede_reply_error(struct lede_http_reply *reply, const struct lede_http_request *request,
    const struct lede_error *error);

#endif
