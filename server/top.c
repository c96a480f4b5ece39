/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lede top: what a server does, from /metrics and /queries. */
#include "asking.h"
#include "lede/time.h"
#include "terminal.h"
#include "top_figures.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVERY_S 2
#define SLOWEST_PATH "/queries?window=1h&limit=5"
#define ROUTE_COLUMNS 34
#define QUERY_COLUMNS 60

struct top {
    struct lede_asking asking;
    struct lede_terminal terminal;
    struct lede_top_figures *figures, *earlier, *shown; /* owned */
    uint64_t looked_ns;                                 /* monotonic, the last time; 0: never */
};

static void done(struct top *top)
{
    lede_asking_done(&top->asking);
    free(top->figures);
    free(top->earlier);
    free(top->shown);
}

/* ---- Showing ---- */

static void show_bytes(const char *label, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < LEDE_COUNT_OF(units); unit++)
        bytes /= 1024;
    printf("%s %.*f %s", label, unit > 0 ? 1 : 0, bytes, units[unit]);
}

static void show_state(const struct lede_top_figures *figures, double seconds)
{
    const double *of = figures->figures;
    printf("up %.0f s   documents %.0f   segments %.0f", of[LEDE_TOP_UPTIME_S],
        of[LEDE_TOP_DOCUMENTS], of[LEDE_TOP_SEGMENTS]);
    if (of[LEDE_TOP_QUARANTINED] > 0)
        printf(" (damaged %.0f)", of[LEDE_TOP_QUARANTINED]);
    show_bytes("   disk", of[LEDE_TOP_DISK_BYTES]);
    printf("%s\n", of[LEDE_TOP_WRITABLE] > 0 ? "" : "   takes no writes");
    show_bytes("memory", of[LEDE_TOP_RESIDENT_BYTES]);
    show_bytes(" (lists", of[LEDE_TOP_LIST_BYTES]);
    show_bytes(", documents", of[LEDE_TOP_DOCUMENT_BYTES]);
    show_bytes(", answers", of[LEDE_TOP_ANSWER_BYTES]);
    printf(")   processor %.0f %%   files %.0f\n", 100 * of[LEDE_TOP_CPU_S] / seconds,
        of[LEDE_TOP_OPEN_FILES]);
    printf("waiting: read %.0f, long %.0f, write %.0f, ops %.0f   writes %.0f   connections %.0f   "
           "refused %.1f/s\n",
        of[LEDE_TOP_WAITING_READ], of[LEDE_TOP_WAITING_LONG], of[LEDE_TOP_WAITING_WRITE],
        of[LEDE_TOP_WAITING_OPS], of[LEDE_TOP_WRITES_PENDING], of[LEDE_TOP_CONNECTIONS],
        of[LEDE_TOP_REFUSED] / seconds);
}

static int by_rate(const void *a, const void *b)
{
    const struct lede_top_route *left = a, *right = b;
    double more = right->durations.count - left->durations.count;
    return more > 0 ? 1 : more < 0 ? -1 : strcmp(left->name, right->name);
}

/* The busiest first; what nobody asked for is left out. */
static void show_routes(struct top *top, double seconds)
{
    struct lede_top_figures *figures = top->shown;
    qsort(figures->routes, figures->route_count, sizeof(figures->routes[0]), by_rate);
    lede_terminal_style(&top->terminal, "1");
    printf("\n%-*s %9s %9s %9s %9s %7s %7s\n", ROUTE_COLUMNS, "route", "a second", "mean ms",
        "p50 ms", "p99 ms", "4xx %", "5xx %");
    lede_terminal_style(&top->terminal, "0");
    for (size_t i = 0; i < figures->route_count; i++) {
        const struct lede_top_route *route = &figures->routes[i];
        const struct lede_top_durations *durations = &route->durations;
        if (durations->count <= 0)
            continue;
        lede_terminal_print_padded(&top->terminal, route->name, ROUTE_COLUMNS);
        printf(" %9.1f %9.2f %9.1f %9.1f %7.1f %7.1f\n", durations->count / seconds,
            1000 * durations->sum_s / durations->count, 1000 * lede_top_quantile(durations, 0.5),
            1000 * lede_top_quantile(durations, 0.99), 100 * route->refused / durations->count,
            100 * route->failed / durations->count);
    }
}

static void show_stages(struct top *top)
{
    const struct lede_top_figures *figures = top->shown;
    double all_s = 0;
    for (size_t i = 0; i < figures->stage_count; i++)
        all_s += figures->stages[i].sum_s;
    lede_terminal_style(&top->terminal, "1");
    printf("\n%-*s %9s %9s\n", ROUTE_COLUMNS, "stage", "share %", "mean ms");
    lede_terminal_style(&top->terminal, "0");
    for (size_t i = 0; i < figures->stage_count; i++) {
        const struct lede_top_stage *stage = &figures->stages[i];
        lede_terminal_print_padded(&top->terminal, stage->name, ROUTE_COLUMNS);
        printf(" %9.1f %9.3f\n", all_s > 0 ? 100 * stage->sum_s / all_s : 0,
            stage->count > 0 ? 1000 * stage->sum_s / stage->count : 0);
    }
}

/* What was asked is a stranger's text. */
static void show_slowest(struct top *top, const json_t *answer)
{
    const json_t *slowest = json_object_get(answer, "slowest");
    size_t count = json_array_size(slowest);
    if (count == 0)
        return;
    lede_terminal_style(&top->terminal, "1");
    printf("\n%9s %9s  %s\n", "ms", "hits", "slowest of the hour");
    lede_terminal_style(&top->terminal, "0");
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(slowest, i);
        const char *q = json_string_value(json_object_get(one, "q"));
        printf("%9.1f %9lld  ", json_number_value(json_object_get(one, "ms")),
            (long long)json_integer_value(json_object_get(one, "hits")));
        lede_terminal_print_padded(&top->terminal, q ? q : "(not told)", QUERY_COLUMNS);
        putchar('\n');
    }
}

/* ---- Asking ---- */

static enum lede_status ask(struct top *top, const char *path, bool is_text,
    struct lede_http_answer *ret_answer, struct lede_error *reterr)
{
    enum lede_status st =
        is_text ? lede_http_client_get_text(top->asking.client, path, ret_answer, reterr)
                : lede_http_client_get(top->asking.client, path, ret_answer, reterr);
    if (st != LEDE_OK || ret_answer->status == 200)
        return st;
    lede_http_answer_error(ret_answer, reterr);
    return reterr->status;
}

/* Look once, and show what has happened since the look before, or since the server's start. */
static enum lede_status look(struct top *top, bool clears, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer metrics = {0};
    LEDE_CLEANUP(lede_http_answer_done) struct lede_http_answer queries = {0};
    enum lede_status st = ask(top, "/metrics", true, &metrics, reterr);
    if (st == LEDE_OK)
        st = ask(top, SLOWEST_PATH, false, &queries, reterr);
    if (st != LEDE_OK)
        return st;
    lede_top_figures_read(metrics.body.data ? metrics.body.data : "", top->figures);
    memcpy(top->shown, top->figures, sizeof(*top->shown));
    uint64_t now_ns = lede_time_monotonic_ns();
    double seconds = top->figures->figures[LEDE_TOP_UPTIME_S];
    if (top->looked_ns != 0) {
        lede_top_figures_subtract(top->shown, top->earlier);
        seconds = (double)(now_ns - top->looked_ns) / 1e9;
    }
    seconds = seconds >= 1 ? seconds : 1; /* it began just now */
    if (clears)
        printf("\033[H\033[2J"); /* ECMA-48: home, and all away */
    show_state(top->shown, seconds);
    show_routes(top, seconds);
    show_stages(top);
    show_slowest(top, queries.json);
    fflush(stdout);
    struct lede_top_figures *before = top->earlier;
    top->earlier = top->figures;
    top->figures = before;
    top->looked_ns = now_ns;
    return LEDE_OK;
}

static enum lede_status watch(struct top *top, struct lede_error *reterr)
{
    const struct timespec pause = {.tv_sec = EVERY_S};
    enum lede_status st = LEDE_OK;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    do {
        st = look(top, true, reterr);
    } while (st == LEDE_OK && sigtimedwait(&signals, NULL, &pause) < 0);
    return st;
}

enum lede_exit lede_command_top(const struct lede_arguments *arguments)
{
    LEDE_CLEANUP(done)
    struct top top = {.figures = calloc(1, sizeof(*top.figures)),
        .earlier = calloc(1, sizeof(*top.earlier)),
        .shown = calloc(1, sizeof(*top.shown))};
    struct lede_error error;
    lede_terminal_init(&top.terminal, stdout);
    enum lede_status st =
        top.figures && top.earlier && top.shown ? LEDE_OK : lede_fail_memory(&error);
    if (st == LEDE_OK)
        st = lede_asking_start(arguments, &top.asking, &error);
    bool is_watched = !arguments->once && top.terminal.width > 0;
    if (st == LEDE_OK)
        st = is_watched ? watch(&top, &error) : look(&top, false, &error);
    return st == LEDE_OK ? LEDE_EXIT_OK : lede_complain_error(&error);
}
