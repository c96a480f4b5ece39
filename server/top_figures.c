/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "top_figures.h"

#include "exposition.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST "lede_http_request_duration_seconds"
#define STAGE "lede_http_stage_duration_seconds"

static const struct {
    const char *metric;
    const char *pool;
    bool grows; /* it only does */
} rows[LEDE_TOP_FIGURES] = {
    [LEDE_TOP_DOCUMENTS] = {"lede_documents", NULL, false},
    [LEDE_TOP_SEGMENTS] = {"lede_segments", NULL, false},
    [LEDE_TOP_DISK_BYTES] = {"lede_disk_bytes", NULL, false},
    [LEDE_TOP_WRITABLE] = {"lede_writable", NULL, false},
    [LEDE_TOP_QUARANTINED] = {"lede_quarantined_segments", NULL, false},
    [LEDE_TOP_UPTIME_S] = {"lede_uptime_seconds", NULL, false},
    [LEDE_TOP_WRITES_PENDING] = {"lede_writes_pending", NULL, false},
    [LEDE_TOP_LIST_BYTES] = {"lede_list_cache_bytes", NULL, false},
    [LEDE_TOP_DOCUMENT_BYTES] = {"lede_document_cache_bytes", NULL, false},
    [LEDE_TOP_ANSWER_BYTES] = {"lede_answer_cache_bytes", NULL, false},
    [LEDE_TOP_CONNECTIONS] = {"lede_http_connections", NULL, false},
    [LEDE_TOP_REFUSED] = {"lede_http_refused_total", NULL, true},
    [LEDE_TOP_RESIDENT_BYTES] = {"process_resident_memory_bytes", NULL, false},
    [LEDE_TOP_CPU_S] = {"process_cpu_seconds_total", NULL, true},
    [LEDE_TOP_OPEN_FILES] = {"process_open_fds", NULL, false},
    [LEDE_TOP_WAITING_READ] = {"lede_http_queued", "read", false},
    [LEDE_TOP_WAITING_WRITE] = {"lede_http_queued", "write", false},
    [LEDE_TOP_WAITING_OPS] = {"lede_http_queued", "ops", false},
    [LEDE_TOP_WAITING_LONG] = {"lede_http_queued", "long", false},
};

/* ---- Reading ---- */

static const struct lede_sample_label *label_of(const struct lede_sample *sample, const char *name)
{
    static const struct lede_sample_label none = {"", "", 0, 0};
    const struct lede_sample_label *label = lede_sample_label(sample, name);
    return label ? label : &none;
}

static bool has_value(const struct lede_sample *sample, const char *name, const char *value)
{
    const struct lede_sample_label *label = label_of(sample, name);
    return label->value_size == strlen(value) &&
           memcmp(label->value, value, label->value_size) == 0;
}

/* The route of a sample, added where it is new; NULL: there is no room. */
static struct lede_top_route *route_of(
    struct lede_top_figures *figures, const struct lede_sample *sample)
{
    char name[LEDE_TOP_NAME_SIZE];
    const struct lede_sample_label *method = label_of(sample, "method");
    const struct lede_sample_label *route = label_of(sample, "route");
    snprintf(name, sizeof(name), "%.*s %.*s", (int)method->value_size, method->value,
        (int)route->value_size, route->value);
    size_t i = 0;
    while (i < figures->route_count && strcmp(figures->routes[i].name, name) != 0)
        i++;
    if (i == LEDE_TOP_ROUTES_MAX)
        return NULL;
    if (i == figures->route_count) {
        memcpy(figures->routes[i].name, name, sizeof(name));
        figures->route_count++;
    }
    return &figures->routes[i];
}

/* Series of several statuses are one: buckets with the same bound add up. */
static void add_bucket(struct lede_top_durations *durations, const struct lede_sample *sample)
{
    double bound =
        has_value(sample, "le", "+Inf") ? INFINITY : strtod(label_of(sample, "le")->value, NULL);
    size_t i = 0;
    while (i < durations->bucket_count && durations->bounds_s[i] < bound)
        i++;
    if (i == durations->bucket_count && i < LEDE_TOP_BUCKETS_MAX)
        durations->bounds_s[durations->bucket_count++] = bound;
    if (i < durations->bucket_count)
        durations->counts[i] += sample->value;
}

static void read_request(struct lede_top_figures *figures, const struct lede_sample *sample)
{
    struct lede_top_route *route = route_of(figures, sample);
    if (!route)
        return;
    if (lede_sample_is(sample, REQUEST "_bucket")) {
        add_bucket(&route->durations, sample);
    } else if (lede_sample_is(sample, REQUEST "_sum")) {
        route->durations.sum_s += sample->value;
    } else if (lede_sample_is(sample, REQUEST "_count")) {
        route->durations.count += sample->value;
        route->refused += has_value(sample, "status", "4xx") ? sample->value : 0;
        route->failed += has_value(sample, "status", "5xx") ? sample->value : 0;
    }
}

static void read_stage(struct lede_top_figures *figures, const struct lede_sample *sample)
{
    const struct lede_sample_label *label = label_of(sample, "stage");
    size_t i = 0;
    while (i < figures->stage_count && !has_value(sample, "stage", figures->stages[i].name))
        i++;
    if (i == LEDE_TOP_STAGES_MAX || label->value_size >= LEDE_TOP_NAME_SIZE)
        return;
    if (i == figures->stage_count) {
        memcpy(figures->stages[i].name, label->value, label->value_size);
        figures->stage_count++;
    }
    if (lede_sample_is(sample, STAGE "_sum"))
        figures->stages[i].sum_s = sample->value;
    else if (lede_sample_is(sample, STAGE "_count"))
        figures->stages[i].count = sample->value;
}

static void read_one(void *context, const struct lede_sample *sample)
{
    struct lede_top_figures *figures = context;
    if (sample->name_size > strlen(REQUEST) && memcmp(sample->name, REQUEST, strlen(REQUEST)) == 0)
        read_request(figures, sample);
    else if (sample->name_size > strlen(STAGE) && memcmp(sample->name, STAGE, strlen(STAGE)) == 0)
        read_stage(figures, sample);
    for (enum lede_top_figure i = 0; i < LEDE_TOP_FIGURES; i++) {
        if (lede_sample_is(sample, rows[i].metric) &&
            (!rows[i].pool || has_value(sample, "pool", rows[i].pool)))
            figures->figures[i] = sample->value;
    }
}

void lede_top_figures_read(const char *text, struct lede_top_figures *ret_figures)
{
    *ret_figures = (struct lede_top_figures){0};
    lede_exposition_visit(text, read_one, ret_figures);
}

/* ---- Between two looks ---- */

static void subtract_route(struct lede_top_route *route, const struct lede_top_route *earlier)
{
    struct lede_top_durations *durations = &route->durations;
    const struct lede_top_durations *before = &earlier->durations;
    durations->count -= before->count;
    durations->sum_s -= before->sum_s;
    route->refused -= earlier->refused;
    route->failed -= earlier->failed;
    for (size_t i = 0; i < durations->bucket_count && i < before->bucket_count; i++)
        durations->counts[i] -= before->counts[i];
}

void lede_top_figures_subtract(
    struct lede_top_figures *figures, const struct lede_top_figures *earlier)
{
    if (figures->figures[LEDE_TOP_UPTIME_S] < earlier->figures[LEDE_TOP_UPTIME_S])
        return;
    for (enum lede_top_figure i = 0; i < LEDE_TOP_FIGURES; i++)
        figures->figures[i] -= rows[i].grows ? earlier->figures[i] : 0;
    for (size_t i = 0; i < figures->route_count; i++) {
        for (size_t k = 0; k < earlier->route_count; k++) {
            if (strcmp(figures->routes[i].name, earlier->routes[k].name) == 0)
                subtract_route(&figures->routes[i], &earlier->routes[k]);
        }
    }
    for (size_t i = 0; i < figures->stage_count && i < earlier->stage_count; i++) {
        figures->stages[i].count -= earlier->stages[i].count;
        figures->stages[i].sum_s -= earlier->stages[i].sum_s;
    }
}

double lede_top_quantile(const struct lede_top_durations *durations, double share)
{
    double rank = share * durations->count, before = 0, lower_s = 0;
    for (size_t i = 0; durations->count > 0 && i < durations->bucket_count; i++) {
        double upper_s = durations->bounds_s[i], within = durations->counts[i] - before;
        if (durations->counts[i] >= rank && within > 0)
            return isinf(upper_s) ? lower_s
                                  : lower_s + (upper_s - lower_s) * (rank - before) / within;
        before = durations->counts[i];
        lower_s = upper_s;
    }
    return 0;
}
