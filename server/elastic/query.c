/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of queries, and those that hold others. */
#include "query.h"

#include "answer.h"
#include "lede/number.h"
#include "query_string.h"
#include "query_values.h"
#include "query_words.h"
#include "search_params.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a clause in filter context gives to a score: the least that the language can say. */
#define NO_WEIGHT "^0.000001"

static enum lede_status clause(
    struct elastic_translation *t, const json_t *query, enum elastic_sense *ret_sense);

/* ---- bool ---- */

/* One clause of a list, into a buffer of its own. */
static enum lede_status part(const struct elastic_translation *t, const json_t *query,
    struct lede_buffer *out, enum elastic_sense *ret_sense)
{
    struct elastic_translation inner = *t;
    inner.out = out;
    inner.depth++;
    lede_buffer_clear(out);
    enum lede_status st = clause(&inner, query, ret_sense);
    return st == LEDE_OK && lede_buffer_status(out) != LEDE_OK ? lede_fail_memory(t->reterr) : st;
}

/* A list of clauses; a single one may stand without brackets. */
static size_t clause_count(const json_t *list)
{
    return json_is_array(list) ? json_array_size(list) : list && !json_is_null(list);
}

static const json_t *clause_at(const json_t *list, size_t index)
{
    return json_is_array(list) ? json_array_get(list, index) : list;
}

struct junction {
    struct lede_buffer *out;
    const char *between;
    bool is_begun;
    bool is_nothing;
};

static void join(struct junction *into, const char *before, const char *text, const char *behind)
{
    lede_buffer_append_format(
        into->out, "%s%s(%s)%s", into->is_begun ? into->between : "", before, text, behind);
    into->is_begun = true;
}

/* must, filter and must_not: what all has to be. behind: what is written behind each. */
static enum lede_status join_all(
    struct elastic_translation *t, const json_t *list, const char *behind, struct junction *into)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < clause_count(list); i++) {
        enum elastic_sense sense = ELASTIC_ALL;
        st = part(t, clause_at(list, i), &text, &sense);
        into->is_nothing =
            into->is_nothing || sense == (t->is_excluded ? ELASTIC_ALL : ELASTIC_NOTHING);
        if (st == LEDE_OK && sense == ELASTIC_TEXT)
            join(into, t->is_excluded ? "NOT " : "", text.data, behind);
    }
    return st;
}

/* should: what one of has to be, or all. */
static enum lede_status join_any(struct elastic_translation *t, const json_t *list, bool all,
    struct lede_buffer *out, enum elastic_sense *ret_sense)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct junction any = {.out = out, .between = all ? " AND " : " OR "};
    bool has_all = false, has_nothing = false;
    enum lede_status st = LEDE_OK;
    for (size_t i = 0; st == LEDE_OK && i < clause_count(list); i++) {
        enum elastic_sense sense = ELASTIC_NOTHING;
        st = part(t, clause_at(list, i), &text, &sense);
        has_all = has_all || sense == ELASTIC_ALL;
        has_nothing = has_nothing || sense == ELASTIC_NOTHING;
        if (st == LEDE_OK && sense == ELASTIC_TEXT)
            join(&any, "", text.data, "");
    }
    bool is_nothing = all ? has_nothing : !any.is_begun && !has_all;
    bool is_all = all ? !any.is_begun && !has_nothing : has_all;
    *ret_sense = is_nothing ? ELASTIC_NOTHING : is_all ? ELASTIC_ALL : ELASTIC_TEXT;
    return st;
}

/* How many of the should clauses are needed, and those, if any are. */
static enum lede_status add_should(struct elastic_translation *t, const json_t *body,
    struct junction *all, struct lede_buffer *raising)
{
    const json_t *should = json_object_get(body, "should");
    size_t count = clause_count(should), needed = 0;
    size_t others =
        clause_count(json_object_get(body, "must")) + clause_count(json_object_get(body, "filter"));
    struct elastic_translation inner = *t;
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    enum elastic_sense sense = ELASTIC_ALL;
    bool is_taken = false;
    enum lede_status st = lede_elastic_minimum(t, json_object_get(body, "minimum_should_match"),
        count, others == 0 && count > 0 ? 1 : 0, &needed);
    if (st != LEDE_OK || count == 0 || (needed == 0 && t->is_filter))
        return st;
    if (needed == 1 && json_is_array(should))
        st = lede_elastic_take_terms(t, should, &is_taken);
    if (st != LEDE_OK || is_taken)
        return st;
    inner.is_top = t->is_top && needed >= count;
    st = join_any(&inner, should, needed >= count, needed > 0 ? &text : raising, &sense);
    if (st == LEDE_OK && needed > 0 && sense == ELASTIC_TEXT)
        join(all, "", text.data, "");
    all->is_nothing =
        all->is_nothing || (needed > count) || (needed > 0 && sense == ELASTIC_NOTHING);
    return st;
}

static enum lede_status bool_query(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {
        "must", "filter", "must_not", "should", "minimum_should_match", "boost", NULL};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer raising = {0};
    struct junction all = {.out = &text, .between = " AND "};
    struct elastic_translation inner = *t;
    enum lede_status st = lede_elastic_check_keys(body, known, "bool", t->reterr);
    /* What is excluded twice is no filter. */
    inner.is_top = t->is_top && !t->is_excluded;
    inner.is_excluded = false;
    if (st == LEDE_OK)
        st = join_all(&inner, json_object_get(body, "must"), "", &all);
    if (st == LEDE_OK)
        st = add_should(&inner, body, &all, &raising);
    inner.is_filter = true;
    if (st == LEDE_OK)
        st = join_all(&inner, json_object_get(body, "filter"), t->is_filter ? "" : NO_WEIGHT, &all);
    inner.is_excluded = true;
    bool is_begun = all.is_begun;
    if (st == LEDE_OK)
        st = join_all(&inner, json_object_get(body, "must_not"), "", &all);
    if (st != LEDE_OK)
        return st;
    if (text.failed || raising.failed)
        return lede_fail_memory(t->reterr);
    *ret_sense = all.is_nothing                     ? ELASTIC_NOTHING
                 : all.is_begun || raising.size > 0 ? ELASTIC_TEXT
                                                    : ELASTIC_ALL;
    if (*ret_sense != ELASTIC_TEXT)
        return LEDE_OK;
    if (raising.size > 0)
        lede_buffer_append_string(t->out, "(+");
    lede_buffer_append_format(t->out, "(%s%s)",
        is_begun       ? ""
        : all.is_begun ? "* AND "
                       : "*",
        text.size > 0 ? text.data : "");
    if (raising.size > 0)
        lede_buffer_append_format(t->out, " (%s))", raising.data);
    return lede_elastic_boost(t, body);
}

/* ---- Others that hold queries ---- */

static enum lede_status constant_score(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"filter", "boost", NULL};
    enum lede_status st = lede_elastic_check_keys(body, known, "constant_score", t->reterr);
    struct elastic_translation inner = *t;
    inner.is_filter = true;
    inner.depth++;
    return st == LEDE_OK ? clause(&inner, json_object_get(body, "filter"), ret_sense) : st;
}

/* `7d` */
static enum lede_status read_scale(
    struct elastic_translation *t, const json_t *decay, double *ret_half_life_s)
{
    static const char *const known[] = {"origin", "scale", "decay", "offset", NULL};
    const char *scale = json_string_value(json_object_get(decay, "scale"));
    const json_t *origin = json_object_get(decay, "origin");
    const json_t *left = json_object_get(decay, "decay");
    const char *offset = json_string_value(json_object_get(decay, "offset"));
    double remains = left ? json_number_value(left) : 0.5;
    int64_t ms = 0;
    enum lede_status st = lede_elastic_check_keys(decay, known, "a decay function", t->reterr);
    if (st != LEDE_OK)
        return st;
    if ((origin && (!json_is_string(origin) || strcmp(json_string_value(origin), "now") != 0)) ||
        (offset && strspn(offset, "0dhms") != strlen(offset)))
        return lede_elastic_not_offered(
            t, "a decay whose origin is not now, or with an offset", "origin: now, no offset");
    if (!scale ||
        lede_parse_duration_ms(scale, strlen(scale), LEDE_RECENCY_MS_MAX, &ms, NULL) != LEDE_OK ||
        ms < LEDE_RECENCY_MS_MIN || !(remains > 0 && remains < 1))
        return lede_fail(t->reterr, LEDE_EINPUT,
            "scale: expected a duration of an hour or more, as 7d; decay: between 0 and 1");
    *ret_half_life_s = (double)ms / 1000 * log(0.5) / log(remains);
    return LEDE_OK;
}

static enum lede_status read_decay(
    struct elastic_translation *t, const json_t *function, double *ret_half_life_s)
{
    static const char *const known[] = {"gauss", "exp", "linear", NULL};
    enum lede_status st = lede_elastic_check_keys(function, known, "function_score", t->reterr);
    const char *name = NULL;
    json_t *value = NULL, *field_of = NULL, *decay = NULL;
    if (st != LEDE_OK || json_object_size(function) != 1)
        return st != LEDE_OK
                   ? st
                   : lede_elastic_not_offered(t, "several functions", "one decay by date");
    json_object_foreach ((json_t *)function, name, value)
        field_of = value;
    const char *field = NULL;
    json_object_foreach (field_of, name, value) {
        field = name;
        decay = value;
    }
    if (!field || json_object_size(field_of) != 1 ||
        (strcmp(field, "published") != 0 && strcmp(field, "@timestamp") != 0))
        return lede_elastic_not_offered(t, "a decay by anything but published", "published");
    return read_scale(t, decay, ret_half_life_s);
}

static enum lede_status function_score(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {
        "query", "functions", "gauss", "exp", "linear", "boost_mode", "score_mode", NULL};
    const json_t *functions = json_object_get(body, "functions");
    json_auto_t *own = json_object();
    const json_t *function = own;
    enum lede_status st = lede_elastic_check_keys(body, known, "function_score", t->reterr);
    for (size_t i = 2; own && i < 5; i++) {
        json_t *value = json_object_get(body, known[i]);
        if (value && json_object_set(own, known[i], value) != 0)
            return lede_fail_memory(t->reterr);
    }
    if (st == LEDE_OK && (!t->is_top || t->is_excluded))
        return lede_elastic_not_offered(
            t, "function_score inside others", "function_score outermost");
    if (functions && json_array_size(functions) != 1)
        return lede_elastic_not_offered(t, "several functions", "one decay by date");
    const char *mode = json_string_value(json_object_get(body, "boost_mode"));
    if (mode && strcmp(mode, "multiply") != 0)
        return lede_elastic_not_offered(t, "this boost_mode", "multiply");
    if (functions)
        function = json_array_get(functions, 0);
    if (st == LEDE_OK)
        st = read_decay(t, function, &t->query->half_life_s);
    *ret_sense = ELASTIC_ALL;
    t->depth++;
    const json_t *query = json_object_get(body, "query");
    return st == LEDE_OK && query ? clause(t, query, ret_sense) : st;
}

static enum lede_status match_all(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"boost", NULL};
    *ret_sense = ELASTIC_ALL;
    return lede_elastic_check_keys(body, known, "match_all", t->reterr);
}

static enum lede_status match_none(
    struct elastic_translation *t, const json_t *body, enum elastic_sense *ret_sense)
{
    static const char *const known[] = {"boost", NULL};
    *ret_sense = ELASTIC_NOTHING;
    return lede_elastic_check_keys(body, known, "match_none", t->reterr);
}

/* ---- The table ---- */

static const struct {
    const char *name;
    elastic_translator translate; /* NULL: it is not offered */
    const char *instead;
} queries[] = {
    {"match", lede_elastic_match, NULL},
    {"match_phrase", lede_elastic_match_phrase, NULL},
    {"match_phrase_prefix", lede_elastic_match_phrase_prefix, NULL},
    {"multi_match", lede_elastic_multi_match, NULL},
    {"query_string", lede_elastic_query_string, NULL},
    {"simple_query_string", lede_elastic_simple_query_string, NULL},
    {"bool", bool_query, NULL},
    {"term", lede_elastic_term, NULL},
    {"terms", lede_elastic_terms, NULL},
    {"range", lede_elastic_range, NULL},
    {"prefix", lede_elastic_prefix, NULL},
    {"wildcard", lede_elastic_wildcard, NULL},
    {"fuzzy", lede_elastic_fuzzy, NULL},
    {"exists", lede_elastic_exists, NULL},
    {"ids", lede_elastic_ids, NULL},
    {"match_all", match_all, NULL},
    {"match_none", match_none, NULL},
    {"constant_score", constant_score, NULL},
    {"function_score", function_score, NULL},
    {"match_bool_prefix", NULL, "match_phrase_prefix, or match beside prefix in a bool"},
    {"combined_fields", NULL, "multi_match without fields: each word may stand in another one"},
    {"dis_max", NULL, "bool with should, or multi_match"},
    {"boosting", NULL, "bool with must_not"},
    {"intervals", NULL, "match_phrase with slop; NEAR, ADJ and SAME in a query_string"},
    {"span_near", NULL, "match_phrase with slop; NEAR, ADJ and SAME in a query_string"},
    {"span_term", NULL, "term"},
    {"regexp", NULL, "wildcard or prefix"},
    {"more_like_this", NULL, "GET /documents/{id}/similar of Lede's own interface"},
    {"nested", NULL, "the fields' own names: documents are flat"},
    {"script", NULL, "range, terms, function_score with a decay"},
    {"script_score", NULL, "function_score with a decay"},
    {"rank_feature", NULL, "function_score with a decay"},
    {"distance_feature", NULL, "function_score with a decay"},
    {"knn", NULL, "GET /documents/{id}/similar of Lede's own interface"},
    {"geo_distance", NULL, "terms of places"},
    {"terms_set", NULL, "terms, or bool with must"},
    {"percolate", NULL, "a search with min_revision of Lede's own interface"},
    {"pinned", NULL, "ids beside the search"},
    {"wrapper", NULL, "the query itself"},
};

static enum lede_status clause(
    struct elastic_translation *t, const json_t *query, enum elastic_sense *ret_sense)
{
    const char *name = NULL, *key = NULL;
    json_t *body = NULL, *value = NULL;
    if (t->depth > ELASTIC_DEPTH_MAX)
        return lede_fail(
            t->reterr, LEDE_ELIMIT, "expected queries at most %d deep", ELASTIC_DEPTH_MAX);
    if (!json_is_object(query) || json_object_size(query) != 1)
        return lede_fail(t->reterr, LEDE_EINPUT,
            "expected an object with the name of one query, found %zu", json_object_size(query));
    json_object_foreach ((json_t *)query, key, value) {
        name = key;
        body = value;
    }
    for (size_t i = 0; i < LEDE_COUNT_OF(queries); i++) {
        if (strcmp(queries[i].name, name) != 0)
            continue;
        if (queries[i].translate)
            return queries[i].translate(t, body, ret_sense);
        char what[80];
        snprintf(what, sizeof(what), "[%.40s] query", name);
        return lede_elastic_not_offered(t, what, queries[i].instead);
    }
    (void)lede_fail(t->reterr, LEDE_EINPUT, "unknown query [%.60s]", name);
    lede_error_hint(t->reterr, "server/elastic/README.md has those that are offered");
    return LEDE_EINPUT;
}

enum lede_status lede_elastic_query_read(struct lede_api_worker *worker, const json_t *query,
    int64_t now_utc_s, struct elastic_query *ret_query, struct lede_error *reterr)
{
    enum elastic_sense sense = ELASTIC_ALL;
    struct elastic_translation t = {.worker = worker,
        .query = ret_query,
        .now_utc_s = now_utc_s,
        .is_top = true,
        .out = &ret_query->text,
        .reterr = reterr};
    enum lede_status st = query && !json_is_null(query) ? clause(&t, query, &sense) : LEDE_OK;
    ret_query->is_nothing = sense == ELASTIC_NOTHING;
    if (sense != ELASTIC_TEXT)
        lede_buffer_clear(&ret_query->text);
    if (st == LEDE_OK && lede_buffer_status(&ret_query->text) != LEDE_OK)
        return lede_fail_memory(reterr);
    return st;
}
