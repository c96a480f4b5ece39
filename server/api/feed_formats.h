/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hits are written in beside JSON: a table of formats. */
#ifndef LEDE_API_FEED_FORMATS_H
#define LEDE_API_FEED_FORMATS_H

#include "lede/stored.h"
#include "search_params.h"

enum lede_feed_format_id { LEDE_FEED_ATOM, LEDE_FEED_RSS, LEDE_FEED_JSON, LEDE_FEED_CSV };

/* What is said of all of it. Texts are not escaped yet. */
struct lede_feed {
    struct lede_buffer query;     /* the parameters as an address has them, without a key */
    struct lede_buffer title;     /* what is searched for, for people */
    struct lede_buffer self;      /* its own address */
    struct lede_buffer alternate; /* of the page that shows the same */
    int64_t updated_utc_s;        /* the last moment that its documents name */
};

/* What is said of a hit. */
struct lede_feed_entry {
    const struct lede_stored *stored;
    double score;
    struct lede_buffer address; /* of the document, or of the page that shows it */
    int64_t updated_utc_s;
    const char *snippet; /* plain text, not marked */
    size_t snippet_size;
};

struct lede_feed_format {
    const char *media_type;
    const char *path;            /* of the endpoint */
    enum lede_param_taker taker; /* of its parameters */
    void (*begin)(struct lede_buffer *out, const struct lede_feed *feed);
    void (*write)(struct lede_buffer *out, const struct lede_feed_entry *entry);
    const char *end;
};

const struct lede_feed_format *lede_feed_format_at(enum lede_feed_format_id id);

#endif
