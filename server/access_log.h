/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of each request, as JSON or in the combined format of web servers. */
#ifndef LEDE_ACCESS_LOG_H
#define LEDE_ACCESS_LOG_H

#include "lede/api.h"
#include "settings.h"

struct lede_answered {
    const struct lede_http_request *request;
    int status; /* 0: the client went away before */
    size_t body_bytes;
    uint64_t took_ns;
    bool without_texts; /* what is asked is not told */
};

/* Append the line, without its end. format: not LEDE_ACCESS_OFF. Threads: any. */
void lede_access_line(
    const struct lede_answered *answered, enum lede_access_format format, struct lede_buffer *out);

/* Append path and query; the path alone where what is asked is not told. */
void lede_access_address(const struct lede_answered *answered, struct lede_buffer *out);
/* Append the text of a line about a search that took long. Threads: any. */
void lede_slow_line(const struct lede_slow_search *slow, struct lede_buffer *out);

#endif
