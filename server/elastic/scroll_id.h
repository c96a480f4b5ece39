/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A scroll's id holds the search and the place where it goes on: the server keeps no more than it
 * does of its own cursors. Whoever makes one up asks for what he may ask for anyway. */
#ifndef LEDE_ELASTIC_SCROLL_ID_H
#define LEDE_ELASTIC_SCROLL_ID_H

#include "lede/buffer.h"

#include <jansson.h>

#define ELASTIC_SCROLL_BYTES_MAX ((size_t)256 << 10)

/* Where a scroll goes on. */
struct elastic_scroll {
    json_t *body;       /* of the search that began it; owned by who reads, borrowed else */
    int64_t now_utc_s;  /* of then */
    const char *cursor; /* inside body's owner; NULL: from the first page */
    bool is_over;       /* there is no page behind the last */
    json_t *whole;      /* owner of all that was read */
};

/* Append an id. Status: OK; ELIMIT the search is too long for one; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_scroll_write(
    const struct elastic_scroll *scroll, struct lede_buffer *out, struct lede_error *reterr);
/* Read an id. ret_scroll: to be freed by json_decref(whole). Status: OK; ENOTFOUND it is none;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_scroll_read(
    const char *id, struct elastic_scroll *ret_scroll, struct lede_error *reterr);

#endif
