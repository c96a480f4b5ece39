/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lock.h"

#include "files.h"
#include "lede/time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum lede_status refuse(const char *directory, int fd, struct lede_error *reterr)
{
    char holder[160] = "";
    ssize_t size = pread(fd, holder, sizeof(holder) - 1, 0);
    holder[size > 0 ? size : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    enum lede_status st = lede_fail(reterr, LEDE_EBUSY, "data directory '%s' is in use by %s",
        directory, holder[0] ? holder : "another process");
    lede_error_hint(reterr, "stop that process, or name another directory with --data");
    return st;
}

/* For who is refused to read; a full disk that takes no note is no reason to serve no reads. */
static void note_holder(int fd)
{
    char host[65] = "";
    char since[21];
    char holder[160];
    gethostname(host, sizeof(host) - 1);
    lede_time_format(lede_time_now_utc_s(), since);
    int size = snprintf(
        holder, sizeof(holder), "process %ld on %s since %s\n", (long)getpid(), host, since);
    if (lede_write_at(fd, holder, (size_t)size, 0, NULL) != LEDE_OK || ftruncate(fd, size) != 0)
        errno = 0;
}

/* type  F_WRLCK, F_RDLCK. fd  of the lock's file. Status: OK; EBUSY another process has it; EIO. */
static enum lede_status lock_file(
    const char *directory, int fd, short type, struct lede_error *reterr)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
        return LEDE_OK;
    if (errno == EAGAIN || errno == EACCES)
        return refuse(directory, fd, reterr);
    return lede_fail_errno(reterr, LEDE_EIO, "cannot lock '%s/lock'", directory);
}

enum lede_status lede_lock_take(const char *directory, int *ret_fd, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    enum lede_status st = lede_path_join(directory, "lock", path, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return lede_fail_errno(reterr, LEDE_EIO, "cannot open '%s'", path);
    st = lock_file(directory, fd, F_WRLCK, reterr);
    if (st != LEDE_OK)
        return st;
    note_holder(fd);
    *ret_fd = fd;
    fd = -1;
    return LEDE_OK;
}

enum lede_status lede_lock_share(const char *directory, int *ret_fd, struct lede_error *reterr)
{
    char path[LEDE_PATH_BYTES_MAX];
    *ret_fd = -1;
    enum lede_status st = lede_path_join(directory, "lock", path, reterr);
    if (st != LEDE_OK)
        return st;
    LEDE_CLEANUP(lede_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return LEDE_OK;
    st = lock_file(directory, fd, F_RDLCK, reterr);
    /* Where locks cannot be had nobody writes either. */
    if (st != LEDE_OK)
        return st == LEDE_EBUSY ? st : LEDE_OK;
    *ret_fd = fd;
    fd = -1;
    return LEDE_OK;
}
