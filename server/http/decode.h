/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a URI as they came, into text; nothing malformed passes. */
#ifndef LEDE_HTTP_DECODE_H
#define LEDE_HTTP_DECODE_H

#include "lede/buffer.h"
#include "lede/http.h"

/* Undo percent-encoding (RFC 3986 section 2.1).
 * text, size    borrowed, as sent
 * plus_is_space true in query strings (the form encoding of HTML)
 * arena         owns the result
 * ret_text      NUL-terminated, holds no other NUL, is UTF-8 ret_size without the NUL
 * Status: OK; EINPUT a bad escape, a NUL, or bytes that are not UTF-8 (the message names which);
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_decode(const char *text, size_t size, bool plus_is_space,
    struct lede_arena *arena, const char **ret_text, size_t *ret_size, struct lede_error *reterr);

/* Decode a query string into its parameters, in order; empty ones ("a=1&&b=2") are skipped.
 * query           borrowed, as sent, without '?'
 * ret_parameters  in the arena; NULL if there are none
 * Status: OK; EINPUT with reterr->param naming the parameter; ELIMIT more than
 * LEDE_HTTP_PARAMETERS_MAX; ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_decode_query(const char *query, size_t size,
    struct lede_arena *arena, const struct lede_http_parameter **ret_parameters, size_t *ret_count,
    struct lede_error *reterr);

#endif
