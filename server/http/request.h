/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request's life, and reading its head. */
#ifndef LEDE_HTTP_REQUEST_H
#define LEDE_HTTP_REQUEST_H

#include "internal.h"

/* Why this floor refuses a request; param is NULL, or lives as long as the request. */
#define LEDE_HTTP_TOLD 204
#define LEDE_HTTP_REDIRECTED 308
struct lede_http_refusal {
    /* 0: not refused; LEDE_HTTP_TOLD: OPTIONS, answered by `allow` alone; LEDE_HTTP_REDIRECTED:
     * `location` says where to */
    int status;
    char detail[256];
    const char *param;
    const char *allow;    /* for the Allow header; NULL or "": none */
    const char *location; /* lives as long as the request */
};

/* Begin a request at its first line; one owner. Owner: the caller, lede_http_request_release().
 * NULL: no memory. */
LEDE_CHECKED struct lede_http_request *lede_http_request_new(struct lede_http_server *server,
    struct MHD_Connection *mhd, struct lede_http_connection *connection, const char *target);
/* Where its client is, as far as that is known. */
void lede_http_request_set_client(struct lede_http_request *request, const struct lede_ip *ip);
void lede_http_request_hold(struct lede_http_request *request);
/* Let go; the last owner frees. Accepts NULL. Threads: any. */
void lede_http_request_release(struct lede_http_request *request);

/* Count bytes of a request's body among those of all; they are given back by discharge, or with the
 * request. Returns false where all are more than may be. Threads: any. */
LEDE_CHECKED bool lede_http_request_charge(struct lede_http_request *request, size_t bytes);
void lede_http_request_discharge(struct lede_http_request *request, size_t bytes);

/* Copy the head out of MHD's memory, find the route, decode the parameters, and check what may be
 * checked before the body.
 * method, version  as MHD gave them
 * ret_refusal      status 0 where the request may go on
 * Status: OK, refused or not; ENOMEM. Threads: its I/O thread. */
LEDE_CHECKED enum lede_status lede_http_request_read_head(struct lede_http_request *request,
    const char *method, const char *version, struct lede_http_refusal *ret_refusal);

/* How many headers of a name are there? */
size_t lede_http_request_count_header(const struct lede_http_request *request, const char *name);

/* Printf into a refusal. */
void lede_http_refuse(struct lede_http_refusal *refusal, int status, const char *format, ...)
    LEDE_PRINTF(3, 4);

#endif
