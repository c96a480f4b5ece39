/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A response of HTTP/1 as an archive of the web keeps it. */
#ifndef LEDE_IMPORT_HTTP_RESPONSE_H
#define LEDE_IMPORT_HTTP_RESPONSE_H

#include "lede/buffer.h"

#define LEDE_MEDIA_TYPE_SIZE 80
#define LEDE_CHARSET_NAME_SIZE 40

struct lede_http_response {
    int status;
    char media_type[LEDE_MEDIA_TYPE_SIZE]; /* lower case; "": none */
    char charset[LEDE_CHARSET_NAME_SIZE];  /* "": none */
    char encoding[24];                     /* of the content, lower case; "": none */
    bool is_chunked;
    size_t head_bytes; /* with the blank line behind it */
};

/* Read status line and fields. Returns false where they are none or do not end within size. */
bool lede_http_response_read(
    const char *text, size_t size, struct lede_http_response *ret_response);
/* "text/html; charset=utf-8" taken apart. */
void lede_media_type_read(const char *text, size_t size, char ret_type[LEDE_MEDIA_TYPE_SIZE],
    char ret_charset[LEDE_CHARSET_NAME_SIZE]);
/* A field of a head of lines; NULL: none. Its value ends at the line's end, *ret_size bytes. */
const char *lede_head_field(const char *head, size_t size, const char *name, size_t *ret_size);
/* Append the content, without chunks and encodings. What says that it is chunked or packed and is
 * not, is taken as it is.
 * Status: OK; EINPUT damaged, or an encoding that cannot be read here; ELIMIT more than bytes_max;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_http_response_content(const struct lede_http_response *response,
    const char *text, size_t size, size_t bytes_max, struct lede_buffer *out,
    struct lede_error *reterr);

#endif
