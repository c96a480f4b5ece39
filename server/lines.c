/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ring's bytes between start and start + used belong to the thread, which reads them without
 * the lock; the others only add behind them. */
#include "lines.h"

#include "lede/thread.h"
#include "lede/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)4096) /* which a pipe takes whole or not at all */
#define LOOK_MS 100
#define STOP_NS UINT64_C(1000000000)
#define NO_FILE (-1)

/* Where lines go. */
struct target {
    int fd; /* NO_FILE: the journal */
    bool is_owned;
};

struct lede_lines {
    struct lede_log *log;
    uint64_t *lost;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t start, used;
    bool has_next;
    struct target next;  /* from the next lines on */
    uint64_t stop_by_ns; /* monotonic; 0: it goes on */

    /* The thread's own. */
    struct target target;
    bool in_trouble;      /* the log has been told */
    uint64_t lost_before; /* when it began */
    bool is_torn;         /* the last line was not written to its end */
    char ring[LEDE_LINES_BYTES];
};

static enum lede_status open_target(
    const char *name, struct target *ret_target, struct lede_error *reterr)
{
    bool is_stderr = strcmp(name, LEDE_LINES_STDERR) == 0;
    *ret_target = (struct target){.fd = is_stderr ? STDERR_FILENO : NO_FILE};
    if (is_stderr || strcmp(name, LEDE_LINES_JOURNALD) == 0)
        return LEDE_OK;
    /* A pipe that nobody reads yet is refused, not waited for. */
    ret_target->fd =
        open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    ret_target->is_owned = ret_target->fd >= 0;
    return ret_target->is_owned ? LEDE_OK
                                : lede_fail_errno(reterr, LEDE_EIO,
                                      "cannot open '%.200s' for the lines of requests", name);
}

static void close_target(struct target *target)
{
    if (target->is_owned)
        close(target->fd);
    target->is_owned = false;
}

/* ---- The thread ---- */

static uint64_t lost_so_far(const struct lede_lines *lines)
{
    return __atomic_load_n(lines->lost, __ATOMIC_RELAXED);
}

static void tell_trouble(struct lede_lines *lines, uint64_t lost_before, const char *why)
{
    if (lines->in_trouble)
        return;
    lines->in_trouble = true;
    lines->lost_before = lost_before;
    lede_log_line(lines->log, LEDE_LOG_ERROR, "lines of requests are lost: %s", why);
}

static void tell_relief(struct lede_lines *lines)
{
    if (!lines->in_trouble)
        return;
    lines->in_trouble = false;
    lede_log_line(lines->log, LEDE_LOG_WARNING,
        "lines of requests are written again; %llu were lost",
        (unsigned long long)(lost_so_far(lines) - lines->lost_before));
}

static bool is_past_stop(struct lede_lines *lines)
{
    pthread_mutex_lock(&lines->lock);
    uint64_t stop_by_ns = lines->stop_by_ns;
    pthread_mutex_unlock(&lines->lock);
    return stop_by_ns != 0 && lede_time_monotonic_ns() >= stop_by_ns;
}

/* Wait until something can be written. False: it is time to end. */
static bool await_room(struct lede_lines *lines)
{
    struct pollfd pollfd = {.fd = lines->target.fd, .events = POLLOUT};
    uint64_t lost_before = lost_so_far(lines);
    for (int ready = 0; ready <= 0;) {
        ready = poll(&pollfd, 1, LOOK_MS);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready == 0 && lost_so_far(lines) > lost_before)
            tell_trouble(lines, lost_before, "nobody reads them");
        if (ready <= 0 && is_past_stop(lines)) {
            errno = ETIMEDOUT;
            return false;
        }
    }
    return true;
}

/* Write all of it, or as much as can be. */
static bool write_bytes(struct lede_lines *lines, const char *text, size_t size)
{
    while (size > 0) {
        if (!await_room(lines))
            return false;
        ssize_t written = write(lines->target.fd, text, size < PIECE_BYTES ? size : PIECE_BYTES);
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written <= 0)
            return false;
        lines->is_torn = text[written - 1] != '\n';
        text += written;
        size -= (size_t)written;
    }
    return true;
}

static bool write_file(struct lede_lines *lines, const char *text, size_t size)
{
    if (lines->is_torn && !write_bytes(lines, "\n", 1))
        return false;
    return write_bytes(lines, text, size);
}

static bool write_journal(const char *text, size_t size)
{
    static char priority[] = "PRIORITY=6", name[] = "SYSLOG_IDENTIFIER=lede-requests";
    static const char prefix[] = "MESSAGE=";
    char message[sizeof(prefix) + LEDE_LINES_LINE_BYTES_MAX];
    bool is_taken = true;
    memcpy(message, prefix, sizeof(prefix) - 1);
    for (size_t at = 0; at < size;) {
        size_t line = (size_t)((const char *)memchr(text + at, '\n', size - at) - (text + at));
        size_t told = line < LEDE_LINES_LINE_BYTES_MAX ? line : LEDE_LINES_LINE_BYTES_MAX;
        memcpy(message + sizeof(prefix) - 1, text + at, told);
        const struct iovec fields[] = {{message, sizeof(prefix) - 1 + told},
            {priority, sizeof(priority) - 1}, {name, sizeof(name) - 1}};
        int result = sd_journal_sendv(fields, LEDE_COUNT_OF(fields));
        errno = result < 0 ? -result : errno;
        is_taken = is_taken && result >= 0;
        at += line + 1;
    }
    return is_taken;
}

static uint64_t count_lines(const char *text, size_t size)
{
    uint64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

static void write_span(struct lede_lines *lines, const char *text, size_t size)
{
    bool is_written =
        lines->target.fd == NO_FILE ? write_journal(text, size) : write_file(lines, text, size);
    int why = errno;
    char reason[128];
    uint64_t lost_before = lost_so_far(lines);
    if (is_written) {
        tell_relief(lines);
        return;
    }
    __atomic_add_fetch(lines->lost, count_lines(text, size), __ATOMIC_RELAXED);
    tell_trouble(lines, lost_before, strerror_r(why, reason, sizeof(reason)));
}

/* Whole lines that stand in one piece; a line that goes over the ring's end is copied. */
static size_t take_span(struct lede_lines *lines, char *copy, const char **ret_text)
{
    size_t to_end = LEDE_LINES_BYTES - lines->start;
    size_t size = lines->used < to_end ? lines->used : to_end;
    const char *text = lines->ring + lines->start;
    const char *last = memrchr(text, '\n', size);
    *ret_text = text;
    if (last)
        return (size_t)(last + 1 - text);
    const char *rest = memchr(lines->ring, '\n', lines->used - size);
    size_t behind = (size_t)(rest + 1 - lines->ring);
    memcpy(copy, text, size);
    memcpy(copy + size, lines->ring, behind);
    *ret_text = copy;
    return size + behind;
}

/* Under the lock. */
static void take_target(struct lede_lines *lines)
{
    if (!lines->has_next)
        return;
    close_target(&lines->target);
    lines->target = lines->next;
    lines->has_next = lines->is_torn = false;
}

static void *run(void *context)
{
    struct lede_lines *lines = context;
    char copy[LEDE_LINES_LINE_BYTES_MAX + 1];
    bool is_over = false;
    while (!is_over) {
        const char *text = NULL;
        pthread_mutex_lock(&lines->lock);
        while (lines->used == 0 && lines->stop_by_ns == 0)
            pthread_cond_wait(&lines->changed, &lines->lock);
        take_target(lines);
        size_t size = lines->used > 0 ? take_span(lines, copy, &text) : 0;
        pthread_mutex_unlock(&lines->lock);
        if (size > 0)
            write_span(lines, text, size);
        pthread_mutex_lock(&lines->lock);
        lines->start = (lines->start + size) % LEDE_LINES_BYTES;
        lines->used -= size;
        is_over = lines->stop_by_ns != 0 &&
                  (lines->used == 0 || lede_time_monotonic_ns() >= lines->stop_by_ns);
        pthread_mutex_unlock(&lines->lock);
    }
    return NULL;
}

/* ---- Those who add ---- */

enum lede_status lede_lines_new(const char *target, struct lede_log *log, uint64_t *lost,
    struct lede_lines **ret_lines, struct lede_error *reterr)
{
    struct lede_lines *lines = calloc(1, sizeof(*lines));
    if (!lines)
        return lede_fail_memory(reterr);
    lines->log = log;
    lines->lost = lost;
    enum lede_status st = open_target(target, &lines->target, reterr);
    if (st == LEDE_OK) {
        pthread_mutex_init(&lines->lock, NULL);
        pthread_cond_init(&lines->changed, NULL);
        errno = pthread_create(&lines->thread, NULL, run, lines);
        if (errno != 0)
            st = lede_fail_errno(reterr, LEDE_EIO, "cannot start a thread for lines of requests");
    }
    if (st != LEDE_OK) {
        close_target(&lines->target);
        free(lines);
        return st;
    }
    *ret_lines = lines;
    return LEDE_OK;
}

void lede_lines_free(struct lede_lines *lines)
{
    if (!lines)
        return;
    pthread_mutex_lock(&lines->lock);
    lines->stop_by_ns = lede_time_monotonic_ns() + STOP_NS;
    pthread_cond_signal(&lines->changed);
    pthread_mutex_unlock(&lines->lock);
    pthread_join(lines->thread, NULL);
    if (lines->has_next)
        close_target(&lines->next);
    close_target(&lines->target);
    pthread_cond_destroy(&lines->changed);
    pthread_mutex_destroy(&lines->lock);
    free(lines);
}

enum lede_status lede_lines_open(
    struct lede_lines *lines, const char *target, struct lede_error *reterr)
{
    struct target next;
    enum lede_status st = open_target(target, &next, reterr);
    if (st != LEDE_OK)
        return st;
    pthread_mutex_lock(&lines->lock);
    if (lines->has_next)
        close_target(&lines->next);
    lines->next = next;
    lines->has_next = true;
    pthread_mutex_unlock(&lines->lock);
    return LEDE_OK;
}

enum lede_status lede_lines_check(const char *target, struct lede_error *reterr)
{
    struct target opened;
    enum lede_status st = open_target(target, &opened, reterr);
    if (st == LEDE_OK)
        close_target(&opened);
    return st;
}

static void put(struct lede_lines *lines, const char *text, size_t size)
{
    size_t end = (lines->start + lines->used) % LEDE_LINES_BYTES;
    size_t first = size < LEDE_LINES_BYTES - end ? size : LEDE_LINES_BYTES - end;
    memcpy(lines->ring + end, text, first);
    memcpy(lines->ring, text + first, size - first);
    lines->used += size;
}

void lede_lines_add(struct lede_lines *lines, const char *text, size_t size)
{
    pthread_mutex_lock(&lines->lock);
    bool has_room = size <= LEDE_LINES_LINE_BYTES_MAX && lines->used + size + 1 <= LEDE_LINES_BYTES;
    if (has_room) {
        put(lines, text, size);
        put(lines, "\n", 1);
        pthread_cond_signal(&lines->changed);
    }
    pthread_mutex_unlock(&lines->lock);
    if (!has_room)
        __atomic_add_fetch(lines->lost, 1, __ATOMIC_RELAXED);
}
