#include "progress.h"

#include "lede/time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REDRAW_NS UINT64_C(100000000)
#define BAR_COLUMNS 24

void lede_progress_init(struct lede_progress *ret_progress, uint64_t total_bytes)
{
    *ret_progress = (struct lede_progress){.is_shown = isatty(STDERR_FILENO) == 1,
        .total_bytes = total_bytes,
        .started_ns = lede_time_monotonic_ns()};
}

void lede_progress_show(
    struct lede_progress *progress, uint64_t documents, uint64_t text_bytes, uint64_t file_bytes)
{
    uint64_t now_ns = lede_time_monotonic_ns();
    if (!progress->is_shown || now_ns - progress->drawn_ns < REDRAW_NS)
        return;
    double seconds = (double)(now_ns - progress->started_ns) / 1e9;
    double megabytes = (double)text_bytes / 1e6;
    fputc('\r', stderr);
    if (progress->total_bytes > 0) {
        double share = (double)file_bytes / (double)progress->total_bytes;
        share = share < 1 ? share : 1;
        char bar[BAR_COLUMNS + 1] = "";
        memset(bar, '-', BAR_COLUMNS);
        memset(bar, '#', (size_t)(share * BAR_COLUMNS));
        fprintf(stderr, "[%s] %3.0f%%  ", bar, share * 100);
    }
    fprintf(stderr, "%llu documents, %.1f MB, %.0f/s, %.1f MB/s\033[K", (unsigned long long)documents,
        megabytes, seconds > 0 ? (double)documents / seconds : 0, seconds > 0 ? megabytes / seconds : 0);
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
