/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parameters of a search, from names and texts to a checked struct: one table, the same for
 * GET, POST and feeds. */
#ifndef LEDE_API_SEARCH_PARAMS_H
#define LEDE_API_SEARCH_PARAMS_H

#include "lede/engine.h"
#include "lede/highlight.h"
#include "params.h"

#define LEDE_LIMIT_MAX 1000
#define LEDE_OFFSET_MAX 10000
#define LEDE_TIMEOUT_MS_MAX 30000
#define LEDE_RECENCY_MS_MIN (INT64_C(3600) * 1000)
#define LEDE_RECENCY_MS_MAX (INT64_C(36500) * 86400 * 1000)
#define LEDE_TIMEOUT_MS_DEFAULT 2000
#define LEDE_FACET_VALUES_MAX 100
#define LEDE_FILTER_VALUES_MAX 256 /* of one field */
#define LEDE_MARK_BYTES_MAX 64

struct lede_filter_values {
    const char *any[LEDE_FILTER_VALUES_MAX];
    const char *none[LEDE_FILTER_VALUES_MAX];
    size_t any_count;
    size_t none_count;
};

enum lede_spell { LEDE_SPELL_SUGGEST, LEDE_SPELL_OFF, LEDE_SPELL_AUTO };

struct lede_search_params {
    const char *q; /* "" if absent; in the params' arena */
    size_t q_size;
    bool match_any;
    lede_field_set in;         /* 0: the default */
    struct lede_search search; /* query, deadline and now are set later */
    uint32_t timeout_ms;
    uint64_t min_revision; /* 0: any */
    const char *cursor;    /* NULL: none */
    bool has_offset;
    bool has_sort;
    lede_field_set highlight;
    struct lede_highlight_options highlighting;
    const char **fields; /* document keys to return; NULL: all but body */
    size_t field_count;
    bool explain;
    enum lede_spell spell;
    struct lede_filter filters[LEDE_FIELD_COUNT];
    struct lede_arena arena;
};

/* The names that a search takes; NULL at the end. */
extern const char *const lede_search_param_names[];

/* Check and convert all parameters.
 * params      borrowed; must outlive ret_search, which points into it
 * ret_search  to be freed with lede_search_params_done(), on failure too
 * Status: OK; EINPUT, ELIMIT with param; ENOTFOUND an unknown parameter; EUNSUPPORTED for what this
 * version does not do; ENOMEM. */
LEDE_CHECKED enum lede_status lede_search_params_read(const struct lede_params *params,
    int64_t now_utc_s, struct lede_search_params *ret_search, struct lede_error *reterr);
void lede_search_params_done(struct lede_search_params *search);

#endif
