/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "child.h"

#include "lede/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct header {
    uint32_t kind;
    uint32_t number;
    uint64_t size;
};

static bool write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

static bool read_all(int fd, void *data, size_t size)
{
    char *at = data;
    while (size > 0) {
        ssize_t got = read(fd, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

void lede_child_tell(int pipe, uint32_t kind, uint32_t number, const char *text, size_t size)
{
    struct header header = {.kind = kind, .number = number, .size = size};
    (void)!(write_all(pipe, &header, sizeof(header)) && write_all(pipe, text, size));
}

static enum lede_status take_messages(int pipe,
    enum lede_status (*take)(
        void *context, const struct lede_child_message *message, struct lede_error *reterr),
    void *context, struct lede_error *reterr)
{
    LEDE_CLEANUP(lede_buffer_done) struct lede_buffer text = {0};
    struct header header;
    /* What a child says while it goes wrong is not believed. */
    while (read_all(pipe, &header, sizeof(header)) && header.size <= LEDE_CHILD_TEXT_MAX) {
        lede_buffer_clear(&text);
        char *room = lede_buffer_reserve(&text, header.size + 1);
        if (!room)
            return lede_fail_memory(reterr);
        if (!read_all(pipe, room, header.size))
            break;
        room[header.size] = '\0';
        struct lede_child_message message = {header.kind, header.number, room, header.size};
        enum lede_status st = take(context, &message, reterr);
        if (st != LEDE_OK)
            return st;
    }
    return LEDE_OK;
}

/* A crash is to end the child, whatever the program catches. */
static void leave_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE};
    for (size_t i = 0; i < LEDE_COUNT_OF(numbers); i++)
        signal(numbers[i], SIG_DFL);
}

static bool has_crashed(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

enum lede_status lede_child_run(void (*work)(void *context, int pipe),
    enum lede_status (*take)(
        void *context, const struct lede_child_message *message, struct lede_error *reterr),
    void *context, bool *ret_crashed, struct lede_error *reterr)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot make a pipe");
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        lede_closep(&ends[0]);
        lede_closep(&ends[1]);
        return lede_fail_errno(reterr, LEDE_EIO, "cannot start a process");
    }
    if (child == 0) {
        close(ends[0]);
        leave_signals();
        work(context, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    enum lede_status st = take_messages(ends[0], take, context, reterr);
    if (st != LEDE_OK)
        kill(child, SIGKILL);
    close(ends[0]);
    bool crashed = has_crashed(child);
    if (st == LEDE_OK)
        *ret_crashed = crashed;
    return st;
}
