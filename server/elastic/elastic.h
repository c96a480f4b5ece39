/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the archive, and the table of routes. */
#ifndef LEDE_ELASTIC_ELASTIC_H
#define LEDE_ELASTIC_ELASTIC_H

#include "endpoints.h"
#include "lede/elastic.h"

#define ELASTIC_NAMES_MAX 64

struct lede_elastic {
    struct lede_arena arena;
    const char *names[ELASTIC_NAMES_MAX];
    size_t name_count;
    struct lede_api_route *routes;
    struct lede_api_interface interface;
};

/* Is it a name of the archive, or a pattern that one of them fits? */
bool lede_elastic_is_named(const struct lede_elastic *elastic, const char *name, size_t size);
/* Read the setting. Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_read_names(
    struct lede_elastic *elastic, const char *indices, struct lede_error *reterr);
/* Does a pattern with `*` fit a text? Threads: any. */
bool lede_elastic_fits(const char *pattern, size_t pattern_size, const char *text, size_t size);

/* Endpoints, by file. */
#define ELASTIC_ENDPOINT(name)                                                                     \
    void lede_elastic_##name(                                                                      \
        void *worker, struct lede_http_request *request, struct lede_http_reply *reply)
ELASTIC_ENDPOINT(root);
ELASTIC_ENDPOINT(license);
ELASTIC_ENDPOINT(health);
ELASTIC_ENDPOINT(cat_indices);
ELASTIC_ENDPOINT(describe);
ELASTIC_ENDPOINT(index_create);
ELASTIC_ENDPOINT(refresh);
ELASTIC_ENDPOINT(mapping);
ELASTIC_ENDPOINT(field_caps);
ELASTIC_ENDPOINT(search);
ELASTIC_ENDPOINT(msearch);
ELASTIC_ENDPOINT(count);
ELASTIC_ENDPOINT(scroll);
ELASTIC_ENDPOINT(scroll_delete);
ELASTIC_ENDPOINT(pit);
ELASTIC_ENDPOINT(pit_delete);
ELASTIC_ENDPOINT(bulk);
ELASTIC_ENDPOINT(document_get);
ELASTIC_ENDPOINT(source_get);
ELASTIC_ENDPOINT(mget);
ELASTIC_ENDPOINT(document_index);
ELASTIC_ENDPOINT(document_create);
ELASTIC_ENDPOINT(document_delete);
ELASTIC_ENDPOINT(document_update);

#endif
