/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `lede top` shows, gathered from `/metrics`: at a moment, and between two. */
#ifndef LEDE_TOP_FIGURES_H
#define LEDE_TOP_FIGURES_H

#include "lede/base.h"

#define LEDE_TOP_ROUTES_MAX 64
#define LEDE_TOP_BUCKETS_MAX 32
#define LEDE_TOP_STAGES_MAX 8
#define LEDE_TOP_NAME_SIZE 64

/* Durations by buckets: each counts what took no longer than its bound. */
struct lede_top_durations {
    double bounds_s[LEDE_TOP_BUCKETS_MAX]; /* the last is infinite */
    double counts[LEDE_TOP_BUCKETS_MAX];
    size_t bucket_count;
    double count, sum_s;
};
struct lede_top_route {
    char name[LEDE_TOP_NAME_SIZE]; /* "GET /search" */
    struct lede_top_durations durations;
    double refused, failed; /* answers 4xx and 5xx */
};
struct lede_top_stage {
    char name[LEDE_TOP_NAME_SIZE];
    double count, sum_s;
};

/* Single figures, each by the metric that it is read from. */
enum lede_top_figure {
    LEDE_TOP_DOCUMENTS,
    LEDE_TOP_SEGMENTS,
    LEDE_TOP_DISK_BYTES,
    LEDE_TOP_WRITABLE,
    LEDE_TOP_QUARANTINED,
    LEDE_TOP_UPTIME_S,
    LEDE_TOP_WRITES_PENDING,
    LEDE_TOP_LIST_BYTES,
    LEDE_TOP_DOCUMENT_BYTES,
    LEDE_TOP_ANSWER_BYTES,
    LEDE_TOP_CONNECTIONS,
    LEDE_TOP_REFUSED,
    LEDE_TOP_RESIDENT_BYTES,
    LEDE_TOP_CPU_S,
    LEDE_TOP_OPEN_FILES,
    LEDE_TOP_WAITING_READ,
    LEDE_TOP_WAITING_WRITE,
    LEDE_TOP_WAITING_OPS,
    LEDE_TOP_WAITING_LONG,
    LEDE_TOP_FIGURES,
};

struct lede_top_figures {
    double figures[LEDE_TOP_FIGURES];
    struct lede_top_route routes[LEDE_TOP_ROUTES_MAX];
    size_t route_count;
    struct lede_top_stage stages[LEDE_TOP_STAGES_MAX];
    size_t stage_count;
};

/* Read what `/metrics` told. text: NUL-terminated. Past the limits above routes are left out. */
void lede_top_figures_read(const char *text, struct lede_top_figures *ret_figures);
/* What was added since an earlier look, of all that only grows; a server that began anew meanwhile
 * has nothing before. */
void lede_top_figures_subtract(
    struct lede_top_figures *figures, const struct lede_top_figures *earlier);
/* The duration that a share of them (0.5, 0.99) did not pass, in seconds, taken to lie evenly
 * within a bucket, as Prometheus' histogram_quantile() does; 0: there are none. */
double lede_top_quantile(const struct lede_top_durations *durations, double share);

#endif
