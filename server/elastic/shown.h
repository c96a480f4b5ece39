/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hits and documents as Elasticsearch shows them. */
#ifndef LEDE_ELASTIC_SHOWN_H
#define LEDE_ELASTIC_SHOWN_H

#include "filter_path.h"
#include "run.h"

#define ELASTIC_MARK_BYTES_MAX 64
#define ELASTIC_HIGHLIGHTED_MAX 16

/* What is to be shown of a document. */
struct elastic_source {
    bool is_off; /* `_source: false` */
    struct elastic_paths paths;
};

/* How hits are marked. */
struct elastic_marks {
    const char *names[ELASTIC_HIGHLIGHTED_MAX]; /* as the client calls its fields */
    const struct lede_field *fields[ELASTIC_HIGHLIGHTED_MAX];
    size_t count; /* 0: none is */
    char pre[ELASTIC_MARK_BYTES_MAX + 1], post[ELASTIC_MARK_BYTES_MAX + 1];
    bool as_html; /* encoder html: texts are escaped, marks are not */
    uint32_t fragments, fragment_chars;
    char asked[256]; /* for struct elastic_ask: names with commas between */
};

struct elastic_showing {
    const char *index; /* what `_index` says */
    struct elastic_source source;
    struct elastic_marks marks;
    bool sorts_by_score, sorts_by_date; /* a hit's `sort` */
    const char *collapse;               /* as the client calls the field; NULL: it does not */
};

/* Read `_source` of a body, or what the parameters of an address say: NULL where they do not.
 * arena  owner of the paths
 * Status: OK; EINPUT; ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_read_source(const json_t *value,
    struct lede_arena *arena, struct elastic_source *ret_source, struct lede_error *reterr);
LEDE_CHECKED enum lede_status lede_elastic_read_source_parameters(
    const struct lede_http_request *request, struct lede_arena *arena,
    struct elastic_source *ret_source, struct lede_error *reterr);
/* Read `highlight` of a body. Status: OK; EINPUT; EUNSUPPORTED. */
LEDE_CHECKED enum lede_status lede_elastic_read_marks(
    const json_t *value, struct elastic_marks *ret_marks, struct lede_error *reterr);

/* A stored document, as far as `source` wants it. ret_json: owner the caller. Status: OK; ECORRUPT;
 * ENOMEM. */
LEDE_CHECKED enum lede_status lede_elastic_show_source(const char *stored, size_t size,
    const struct elastic_source *source, json_t **ret_json, struct lede_error *reterr);
/* {"total", "max_score", "hits"} of a run. ret_json: owner the caller. Status: OK; ECORRUPT;
 * ENOMEM; ETIMEOUT another worker goes on. */
LEDE_CHECKED enum lede_status lede_elastic_show_hits(struct lede_api_worker *worker,
    struct lede_search_run *run, const struct elastic_showing *showing, json_t **ret_json,
    struct lede_error *reterr);

#endif
