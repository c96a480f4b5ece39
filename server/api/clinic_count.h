/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the clinic knows of a search that found nothing: clauses with their counts, and changes as
 * sets of clauses; and how it counts. */
#ifndef LEDE_API_CLINIC_COUNT_H
#define LEDE_API_CLINIC_COUNT_H

#include "search_run.h"

#define LEDE_CLINIC_CLAUSES_MAX 48 /* looked at; a query may have more */
#define LEDE_CLINIC_COUNTS_MAX 160 /* searches, clauses and changes together */
#define LEDE_CLINIC_MS_MAX 500     /* and what is left of the search's timeout, if that is less */
#define LEDE_CLINIC_CHANGES_MAX 3  /* told: the smallest and two others */

enum clinic_role {
    CLINIC_REQUIRED,
    CLINIC_OPTIONAL, /* one of several of which any will do */
    CLINIC_EXCLUDED,
    CLINIC_FILTER, /* a parameter */
};

#define CLINIC_NONE SIZE_MAX

enum clinic_relation {
    CLINIC_EXACTLY,
    CLINIC_ABOUT,    /* some words of a pattern were not looked for */
    CLINIC_AT_LEAST, /* LEDE_COUNTED_ENOUGH, of which it was asked where words stand */
};

struct clinic_found {
    uint32_t count;
    enum clinic_relation relation;
};

struct clinic_clause {
    enum clinic_role role;
    const struct lede_query_node *node; /* of the query; NULL: a parameter */
    size_t word;                        /* one word of a phrase; CLINIC_NONE: the node */
    const char *param;                  /* the parameter's name */
    const struct lede_filter *filter;   /* of a filter parameter; NULL: a bound of published */
    const char *text;                   /* as a query or an address writes it */
    size_t parent;                      /* that it is a part of; CLINIC_NONE: of the query */
    bool is_counted;
    struct clinic_found found;
};

/* A set of clauses: bit i is clause i. */
typedef uint64_t clinic_set;
#define CLINIC_BIT(index) (UINT64_C(1) << (index))
_Static_assert(LEDE_CLINIC_CLAUSES_MAX < 64, "a set of clauses has 64 bits");

struct clinic_change {
    const char *name; /* `change` of the answer */
    enum lede_query_change_kind kind;
    const char *text; /* for a person */
    const char *q;
    clinic_set dropped; /* parameters */
    bool drops_in;      /* the parameter `in` */
    clinic_set touched; /* clauses */
    struct clinic_found found;
};

struct clinic {
    struct lede_api_worker *worker;
    const struct lede_search_run *run;
    struct lede_arena *arena;
    uint64_t deadline_monotonic_ns;
    struct lede_counts *counts;                         /* NULL: nothing was counted yet */
    struct lede_query *queries[LEDE_CLINIC_COUNTS_MAX]; /* that were counted */
    size_t query_count;
    bool is_cut_short; /* by time, by a number of clauses or counts */
    struct clinic_clause clauses[LEDE_CLINIC_CLAUSES_MAX];
    size_t clause_count;
    /* that find something, the smallest first */
    struct clinic_change changes[LEDE_CLINIC_CHANGES_MAX];
    size_t change_count;
};

/* What is counted: a text, or everything, with what is asked beside it. */
struct clinic_question {
    const char *q;
    bool drops_in;
    const struct lede_filter *filters;
    size_t filter_count;
    int64_t after_utc_s;
    int64_t before_utc_s;
};

/* Count what a question finds. *ret_is_counted false: it cannot be parsed, or time or counts are
 * used up.
 * Status: OK; EIO; ECORRUPT; EBUSY; ENOMEM. */
LEDE_CHECKED enum lede_status lede_clinic_count(struct clinic *clinic,
    const struct clinic_question *question, bool *ret_is_counted, struct clinic_found *ret_found,
    struct lede_error *reterr);
/* Let go of what was counted. */
void lede_clinic_done(struct clinic *clinic);
#endif
