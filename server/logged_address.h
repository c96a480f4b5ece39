/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request's address as the log says it: one word, and no secret. */
#ifndef LEDE_LOGGED_ADDRESS_H
#define LEDE_LOGGED_ADDRESS_H

#include "lede/buffer.h"
#include "lede/http.h"

/* Append path and query. Whatever could end a word of the line, or be taken for another, is
 * percent-encoded; the value of a parameter `key` is left out, however its name is written.
 * Threads: any. */
void lede_logged_address(const struct lede_http_request *request, struct lede_buffer *out);
/* The id of the key that came with it, good or not; "" where none came. Threads: any. */
#define LEDE_LOGGED_KEY_SIZE 9 /* with its NUL */
void lede_logged_key(const struct lede_http_request *request, char ret_id[LEDE_LOGGED_KEY_SIZE]);

#endif
