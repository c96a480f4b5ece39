/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include "lede/time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_NS UINT64_C(100000000)
#define BAR_COLUMNS 24
#define SHARE_MIN 0.01  /* done, and */
#define SECONDS_MIN 1.0 /* spent, before the time left is told */
#define LEFT_S_MAX 359999.0

void lede_progress_init(struct lede_progress *ret_progress, uint64_t total_bytes)
{
    *ret_progress = (struct lede_progress){.is_shown = isatty(STDERR_FILENO) == 1,
        .total_bytes = total_bytes,
        .started_ns = lede_time_monotonic_ns()};
}

/* "12:34 left", as if the rest went on like what is done; nothing while that is a guess. */
static void print_time_left(double share, double seconds)
{
    if (share < SHARE_MIN || seconds < SECONDS_MIN)
        return;
    double left = seconds * (1 - share) / share;
    unsigned long whole =
        left < LEFT_S_MAX ? (unsigned long)(left + 0.5) : (unsigned long)LEFT_S_MAX;
    if (whole >= 3600)
        fprintf(stderr, ", %lu:%02lu:%02lu left", whole / 3600, whole / 60 % 60, whole % 60);
    else
        fprintf(stderr, ", %lu:%02lu left", whole / 60, whole % 60);
}

void lede_progress_show(
    struct lede_progress *progress, uint64_t documents, uint64_t text_bytes, uint64_t file_bytes)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    if (!progress->is_shown || now_ns - progress->drawn_ns < REDRAW_NS)
        return;
    double seconds = (double)(now_ns - progress->started_ns) / 1e9;
    double megabytes = (double)text_bytes / 1e6;
    double share =
        progress->total_bytes > 0 ? (double)file_bytes / (double)progress->total_bytes : 0;
    share = share < 1 ? share : 1;
    fputc('\r', stderr);
    if (progress->total_bytes > 0) {
        char bar[BAR_COLUMNS + 1] = "";
        memset(bar, '-', BAR_COLUMNS);
        memset(bar, '#', (size_t)(share * BAR_COLUMNS));
        fprintf(stderr, "[%s] %3.0f%%  ", bar, share * 100);
    }
    fprintf(stderr, "%llu documents, %.1f MB, %.0f/s, %.1f MB/s", (unsigned long long)documents,
        megabytes, seconds > 0 ? (double)documents / seconds : 0,
        seconds > 0 ? megabytes / seconds : 0);
    print_time_left(share, seconds);
    fputs("\033[K", stderr);
    fflush(stderr);
    progress->drawn_ns = now_ns;
    progress->is_drawn = true;
}

void lede_progress_clear(struct lede_progress *progress)
{
    if (!progress->is_drawn)
        return;
    fputs("\r\033[K", stderr);
    progress->is_drawn = false;
}
