/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of a search, from names and texts to a checked struct.
 *
 * One table says of each its name, its reader, its bounds, its default, what it does, and who takes
 * it: GET and POST /search, feeds, similar documents, suggestions, deletion by query. Unknown names
 * are refused by it, and openapi.c describes it. Filters are the filter fields of lede/schema.h. */
#ifndef LEDE_API_SEARCH_PARAMS_H
#define LEDE_API_SEARCH_PARAMS_H

#include "lede/highlight.h"
#include "lede/match.h"
#include "params.h"

#define LEDE_LIMIT_MAX 1000
#define LEDE_OFFSET_MAX 10000
#define LEDE_SUGGEST_LIMIT_MAX 20
#define LEDE_TIMEOUT_MS_MAX 30000
#define LEDE_RECENCY_MS_MIN (INT64_C(3600) * 1000)
#define LEDE_RECENCY_MS_MAX (INT64_C(36500) * 86400 * 1000)
#define LEDE_FACET_VALUES_MAX 1000
#define LEDE_FACET_VALUES_DEFAULT "100"
#define LEDE_FACET_OFFSET_MAX 1000000
#define LEDE_FACET_QUERY_BYTES_MAX 256
#define LEDE_FILTER_VALUES_MAX 256 /* of one field */
#define LEDE_MARK_BYTES_MAX 64
#define LEDE_IDS_MAX 1000 /* that an export may name */

/* Who takes parameters. */
enum lede_param_taker {
    LEDE_TAKER_SEARCH, /* GET and POST /search, /search.csv, /documents/{id}/similar */
    LEDE_TAKER_FEED,   /* the same, and a key */
    LEDE_TAKER_SUGGEST,
    LEDE_TAKER_DELETE,   /* POST /documents/delete */
    LEDE_TAKER_EXPORT,   /* /export.ndjson, /export.csv */
    LEDE_TAKER_CLIPPING, /* /export.txt */
    LEDE_TAKER_NONE,     /* a route with none of the table's */
};

struct lede_filter_values {
    const char *any[LEDE_FILTER_VALUES_MAX];
    const char *none[LEDE_FILTER_VALUES_MAX];
    size_t any_count;
    size_t none_count;
};

enum lede_expand { LEDE_EXPAND_NONE, LEDE_EXPAND_FEEDBACK };
enum lede_spell { LEDE_SPELL_SUGGEST, LEDE_SPELL_OFF, LEDE_SPELL_AUTO };

struct lede_search_params {
    const char *q; /* "" if absent; in the params' arena */
    size_t q_size;
    bool match_any;
    bool strict;
    bool without_synonyms;
    lede_field_set in;         /* 0: the default */
    struct lede_search search; /* query, deadline and now are set later */
    uint32_t timeout_ms;
    uint64_t min_revision;          /* 0: any */
    const char *cursor;             /* NULL: none */
    struct lede_calendar *calendar; /* of time_zone; NULL: UTC */
    struct lede_local_clock clock;
    bool has_offset;
    bool has_sort;
    lede_field_set highlight;
    struct lede_highlight_options highlighting;
    const char **fields; /* document keys to return; NULL: all but body */
    size_t field_count;
    const char **ids; /* search.only_ids, to be filled */
    size_t id_capacity;
    bool disjunctive; /* a field's values are counted without its own filter */
    bool explain;
    bool cache;
    bool partial; /* an answer without a shard is better than none */
    enum lede_spell spell;
    enum lede_expand expand;
    int64_t confirm; /* -1: absent */
    struct lede_filter filters[LEDE_FIELD_COUNT + 1];
    struct lede_arena arena;
};

enum lede_param_shape {
    LEDE_PARAM_TEXT,
    LEDE_PARAM_INTEGER,
    LEDE_PARAM_BOOLEAN,
    LEDE_PARAM_CHOICE, /* one of lede_search_param_choice() */
    LEDE_PARAM_LIST,   /* values at commas and by repetition, of the choices where there are any */
};

struct lede_search_param;
struct lede_param_reading; /* param_readers.h */
/* Reads one value, or one of a list's: NUL-terminated, size bytes. */
typedef enum lede_status (*lede_param_reader)(struct lede_param_reading *reading,
    const struct lede_search_param *row, const char *value, size_t size, struct lede_error *reterr);

/* A row of the table. */
struct lede_search_param {
    const char *name;
    unsigned takers; /* bit i: enum lede_param_taker i */
    enum lede_param_shape shape;
    lede_param_reader read;
    size_t offset, member_size; /* in struct lede_search_params, where the reader needs them */
    const char *const *choices; /* NULL at the end; NULL: see names_filters */
    bool names_filters;         /* the choices are the names of filters */
    int64_t min, max;           /* of an INTEGER; of a TEXT max is bytes, 0: no limit of its own */
    const char *pattern;        /* a regular expression of its values; NULL: none */
    const char *fallback;       /* the default, as a client would write it; NULL: none */
    const struct lede_field *field; /* of a filter; else NULL */
    const char *description;
};

/* The table's rows, one after the other. Returns false behind the last. A name has several rows
 * where its bounds depend on who takes it. */
bool lede_search_param_at(size_t index, struct lede_search_param *ret_row);
/* Filters, in the order of the fields; stories last. NULL behind the last. */
const struct lede_field *lede_search_filter_at(size_t index);
/* The choices of a row, one after the other; NULL behind the last, and where anything goes. */
const char *lede_search_param_choice(const struct lede_search_param *row, size_t index);

/* Check and convert all parameters.
 * params      borrowed; must outlive ret_search, which points into it
 * taker       whose parameters they are
 * ret_search  to be freed with lede_search_params_done(), on failure too
 * Status: OK; EINPUT, ELIMIT with param; ENOTFOUND an unknown parameter; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_params_read(const struct lede_params *params,
    enum lede_param_taker taker, int64_t now_utc_s, struct lede_search_params *ret_search,
    struct lede_error *reterr);
void lede_search_params_done(struct lede_search_params *search);

#endif
