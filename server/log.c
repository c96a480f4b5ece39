/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "lede/encoding.h"
#include "lede/thread.h"
#include "lede/time.h"
#include "log_text.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 512 /* that wait */
#define LINE_BYTES_MAX 2048
#define REPEATED_A_SECOND 5
#define NS_PER_S UINT64_C(1000000000)

struct lede_log {
    atomic_int level; /* enum lede_log_level */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    bool stopping;
    char *lines[LINES_MAX]; /* owned; a ring from first, count long */
    size_t first;
    size_t count;
    uint64_t dropped;
    /* Of lede_log_repeated(): the second it counts, its lines, and those left out, which
     * are told when it is over. */
    uint64_t second, repeated, left_out;
};

static void write_whole(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* there is nobody left to tell */
        text += written;
        size -= (size_t)written;
    }
}

struct next {
    char *line;                 /* owned; NULL: none */
    uint64_t dropped, left_out; /* lines */
};

static bool is_told(const struct lede_log *log)
{
    return log->left_out > 0 &&
           (log->stopping || lede_time_monotonic_ns() >= (log->second + 1) * NS_PER_S);
}

/* Take the oldest line, or counts of those that are not there. False: the log ends. Waits. */
static bool next_line(struct lede_log *log, struct next *ret_next)
{
    *ret_next = (struct next){0};
    pthread_mutex_lock(&log->lock);
    while (log->count == 0 && log->dropped == 0 && !log->stopping && !is_told(log))
        lede_condition_wait_until(
            &log->filled, &log->lock, log->left_out > 0 ? (log->second + 1) * NS_PER_S : 0);
    if (is_told(log)) {
        ret_next->left_out = log->left_out;
        log->left_out = 0;
    } else if (log->count > 0) {
        ret_next->line = log->lines[log->first];
        log->first = (log->first + 1) % LINES_MAX;
        log->count--;
    } else {
        ret_next->dropped = log->dropped;
        log->dropped = 0;
    }
    pthread_mutex_unlock(&log->lock);
    return ret_next->line || ret_next->dropped > 0 || ret_next->left_out > 0;
}

/* No memory is asked for here: a log that ends when there is none is silent when it is needed. */
static void *run(void *context)
{
    char told[80];
    struct next next = {0};
    while (next_line(context, &next)) {
        unsigned long long count = next.left_out > 0 ? next.left_out : next.dropped;
        snprintf(told, sizeof(told),
            next.left_out > 0 ? "%llu more answers like these within a second\n"
                              : "%llu lines of this log were dropped\n",
            count);
        write_whole(next.line ? next.line : told, strlen(next.line ? next.line : told));
        free(next.line);
    }
    return NULL;
}

void lede_log_set_level(struct lede_log *log, enum lede_log_level level)
{
    atomic_store(&log->level, (int)level);
}

enum lede_status lede_log_new(
    enum lede_log_level level, struct lede_log **ret_log, struct lede_error *reterr)
{
    struct lede_log *log = calloc(1, sizeof(*log));
    if (!log)
        return lede_fail_memory(reterr);
    lede_log_set_level(log, level);
    pthread_mutex_init(&log->lock, NULL);
    (void)!lede_condition_init(&log->filled); /* glibc needs no memory for it */
    errno = pthread_create(&log->thread, NULL, run, log);
    if (errno != 0) {
        enum lede_status st = lede_fail_errno(reterr, LEDE_EIO, "cannot start the log's thread");
        free(log);
        return st;
    }
    *ret_log = log;
    return LEDE_OK;
}

void lede_log_free(struct lede_log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    log->stopping = true;
    pthread_cond_signal(&log->filled);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    pthread_cond_destroy(&log->filled);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

/* With what deceives a stranger's text would be another line, or look like one. */
static void clean(char *text)
{
    char *out = text;
    size_t size = strlen(text);
    unsigned step = 0;
    for (size_t i = 0; i < size; i += step) {
        if (lede_log_is_deceptive(lede_utf8_decode(text, size, i, &step))) {
            *out++ = ' ';
            continue;
        }
        memmove(out, text + i, step);
        out += step;
    }
    *out = '\0';
}

/* A line, as it is written; NULL without memory. Owner: the caller. */
static char *make_line(enum lede_log_level level, const char *format, va_list arguments)
{
    static const char *const names[] = {
        [LEDE_LOG_ERROR] = "error", [LEDE_LOG_WARNING] = "warning", [LEDE_LOG_INFO] = "info"};
    char now[21];
    char text[LINE_BYTES_MAX];
    lede_time_format(lede_time_now_utc_s(), now);
    if (vsnprintf(text, sizeof(text), format, arguments) < 0)
        return NULL;
    clean(text);
    lede_log_hide_keys(text);
    size_t size = strlen(now) + strlen(names[level]) + strlen(text) + sizeof("  \n");
    char *line = malloc(size);
    if (line)
        snprintf(line, size, "%s %s %s\n", now, names[level], text);
    return line;
}

static void add_line(
    struct lede_log *log, enum lede_log_level level, const char *format, va_list arguments)
{
    char *line = make_line(level, format, arguments);
    pthread_mutex_lock(&log->lock);
    if (line && log->count < LINES_MAX) {
        log->lines[(log->first + log->count) % LINES_MAX] = line;
        log->count++;
        line = NULL;
    } else {
        log->dropped++;
    }
    pthread_cond_signal(&log->filled);
    pthread_mutex_unlock(&log->lock);
    free(line);
}

void lede_log_line(struct lede_log *log, enum lede_log_level level, const char *format, ...)
{
    va_list arguments;
    if ((int)level > atomic_load(&log->level))
        return;
    va_start(arguments, format);
    add_line(log, level, format, arguments);
    va_end(arguments);
}

/* Count one; false: it is left out. */
static bool count_repeated(struct lede_log *log)
{
    uint64_t second = lede_time_monotonic_ns() / NS_PER_S;
    pthread_mutex_lock(&log->lock);
    /* What was left out of the second before is told first, by the log's thread. */
    if (second != log->second && log->left_out == 0) {
        log->second = second;
        log->repeated = 0;
    }
    bool is_written = log->repeated < REPEATED_A_SECOND;
    log->repeated += is_written;
    log->left_out += !is_written;
    if (log->left_out == 1)
        pthread_cond_signal(&log->filled);
    pthread_mutex_unlock(&log->lock);
    return is_written;
}

void lede_log_repeated(struct lede_log *log, enum lede_log_level level, const char *format, ...)
{
    va_list arguments;
    if ((int)level > atomic_load(&log->level) || !count_repeated(log))
        return;
    va_start(arguments, format);
    add_line(log, level, format, arguments);
    va_end(arguments);
}
