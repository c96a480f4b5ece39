/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include "lede_version.h"
#include "metric_family.h"
#include "process.h"

#include <inttypes.h>
#include <string.h>

struct out {
    struct lede_buffer *text;
    bool is_open;
};

static void begin_family(
    const struct out *out, const char *name, const char *type, const char *unit, const char *help)
{
    const struct lede_metric_family family = {name, type, unit, help};
    lede_metric_family_write(&family, out->is_open, out->text);
}

/* Billionths as they are written with a point, whatever the locale. */
static void append_ns(struct lede_buffer *out, uint64_t ns)
{
    lede_buffer_append_format(
        out, "%" PRIu64 ".%09" PRIu64, ns / UINT64_C(1000000000), ns % UINT64_C(1000000000));
}

/* OpenMetrics has a point in each. */
static void append_bound(const struct out *out, size_t bucket)
{
    const char *bound = lede_duration_bound(bucket);
    bool is_whole = !strchr(bound, '.') && bound[0] != '+';
    lede_buffer_append_string(out->text, bound);
    if (out->is_open && is_whole)
        lede_buffer_append_string(out->text, ".0");
}

static void append_example(struct lede_buffer *out, const struct lede_http_example *example)
{
    if (!example->request_id[0])
        return;
    lede_buffer_append_format(out, " # {request_id=\"%s\"", example->request_id);
    if (example->trace_id[0])
        lede_buffer_append_format(out, ",trace_id=\"%s\"", example->trace_id);
    lede_buffer_append_string(out, "} ");
    append_ns(out, example->took_ns);
    lede_buffer_append_format(
        out, " %" PRId64 ".%03" PRId64, example->at_utc_ms / 1000, example->at_utc_ms % 1000);
}

/* labels    `route="/search"`, of each sample
 * examples  by bucket; NULL: none */
static void write_durations(const struct out *out, const char *name, const char *labels,
    const struct lede_durations *durations, const struct lede_http_example *examples)
{
    uint64_t count = 0;
    for (size_t i = 0; i < LEDE_DURATION_BUCKETS; i++) {
        count += durations->counts[i];
        lede_buffer_append_format(out->text, "%s_bucket{%s,le=\"", name, labels);
        append_bound(out, i);
        lede_buffer_append_format(out->text, "\"} %" PRIu64, count);
        if (out->is_open && examples)
            append_example(out->text, &examples[i]);
        lede_buffer_append_char(out->text, '\n');
    }
    lede_buffer_append_format(out->text, "%s_sum{%s} ", name, labels);
    append_ns(out->text, durations->sum_ns);
    lede_buffer_append_format(out->text, "\n%s_count{%s} %" PRIu64 "\n", name, labels, count);
}

#define REQUEST_SECONDS "lede_http_request_duration_seconds"
#define STAGE_SECONDS "lede_http_stage_duration_seconds"

static void write_series(void *context, const struct lede_http_series *series)
{
    static const char *const classes[] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer labels = {0};
    const struct out *out = context;
    lede_buffer_append_format(&labels, "route=\"%s\",method=\"%s\",status=\"%s\"",
        series->route ? series->route->path : "none",
        series->route ? series->route->method : "none", classes[series->status_class]);
    if (labels.failed)
        out->text->failed = true;
    else
        write_durations(out, REQUEST_SECONDS, labels.data, &series->durations, series->examples);
}

static void write_stages(const struct out *out, const struct lede_http_server *server)
{
    begin_family(out, STAGE_SECONDS, "histogram", "seconds",
        "What the time of answers went into, by stage.");
    for (enum lede_stage stage = 0; stage < LEDE_STAGES; stage++) {
        LEDE_CLEANUP(lede_buffer_done) struct lede_buffer labels = {0};
        struct lede_durations durations;
        lede_http_server_stage_durations(server, stage, &durations);
        lede_buffer_append_format(&labels, "stage=\"%s\"", lede_stage_name(stage));
        if (labels.failed)
            out->text->failed = true;
        else
            write_durations(out, STAGE_SECONDS, labels.data, &durations, NULL);
    }
}

static void write_process(const struct out *out, uint64_t uptime_s)
{
    struct lede_process process;
    lede_process_look(&process);
    begin_family(
        out, "process_cpu_seconds_total", "counter", "seconds", "Processor time of all threads.");
    lede_buffer_append_string(out->text, "process_cpu_seconds_total ");
    append_ns(out->text, process.cpu_ns);
    const struct {
        const char *name, *unit, *help;
        uint64_t value;
    } gauges[] = {
        {"process_resident_memory_bytes", "bytes", "Memory that it has, as the system counts it.",
            process.resident_bytes},
        {"process_open_fds", "", "Files and connections that are open.", process.open_files},
        {"process_max_fds", "", "Files and connections that may be open.", process.open_files_max},
        {"process_start_time_seconds", "seconds", "When the server started, since 1970 UTC.",
            process.now_utc_s - uptime_s},
    };
    lede_buffer_append_char(out->text, '\n');
    for (size_t i = 0; i < LEDE_COUNT_OF(gauges); i++) {
        begin_family(out, gauges[i].name, "gauge", gauges[i].unit, gauges[i].help);
        lede_buffer_append_format(out->text, "%s %" PRIu64 "\n", gauges[i].name, gauges[i].value);
    }
}

void lede_metrics_write(const struct lede_figures *figures, const struct lede_http_server *server,
    bool is_open, struct lede_buffer *out)
{
    struct out to = {out, is_open};
    begin_family(&to, "lede_build_info", "info", "", "What serves; always 1.");
    lede_buffer_append_format(out,
        "lede_build_info{version=\"%s\",analysis=\"%u\",xapian=\"%s\"} 1\n", LEDE_VERSION,
        (unsigned)LEDE_ANALYSIS_VERSION, lede_engine_library_version());
    lede_figures_write_metrics(figures, is_open, out);
    begin_family(&to, REQUEST_SECONDS, "histogram", "seconds",
        "From a request's first line to its answer's last byte, by route, method and class of "
        "status; none: nobody took the answer.");
    lede_http_server_visit_latency(server, write_series, &to);
    write_stages(&to, server);
    write_process(&to, figures->uptime_s);
    if (is_open)
        lede_buffer_append_string(out, "# EOF\n");
}
