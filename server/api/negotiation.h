/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a client's headers ask of an answer: its format, and whether it has it already (RFC 9110,
 * 12.5.1 and 13.1.2). */
#ifndef LEDE_API_NEGOTIATION_H
#define LEDE_API_NEGOTIATION_H

#include "lede/http.h"

/* Does If-None-Match name this ETag (`"x"` or `W/"x"`, compared weakly), or any by `*`? Threads:
 * any. */
bool lede_request_knows(const struct lede_http_request *request, const char *etag);
/* Does If-Modified-Since, where there is no If-None-Match, name this moment or a later one? */
bool lede_request_has_since(const struct lede_http_request *request, int64_t utc_s);
/* May the answer be of this media type ("application/json")? Yes where there is no Accept. Threads:
 * any. */
bool lede_request_accepts(const struct lede_http_request *request, const char *media_type);
/* Refuse all query parameters, for paths that take none. Returns true, the reply filled, if there
 * was one. */
bool lede_refuse_parameters(const struct lede_http_request *request, struct lede_http_reply *reply);

/* Where the client reached us, or a trusted proxy, as "https://news.example:8080/prefix". What
 * holds it is not to be kept by a cache: Host may be any address of ours. */
#define LEDE_ORIGIN_SIZE 520
void lede_request_origin(
    const struct lede_http_request *request, char ret_origin[LEDE_ORIGIN_SIZE]);

#endif
