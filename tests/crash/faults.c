/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without large-file macros open and open64 are two names here, as they are for those who call
 * them. */
#undef _FILE_OFFSET_BITS

#include "faults.h"

#include "plans.h"
#include "power.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

struct real_calls real;

/* ---- Setting up ---- */

/* ISO C knows no way from an object's address to a function's; POSIX has them alike. */
static void find(const char *name, void *ret_function)
{
    void *address = dlsym(RTLD_NEXT, name);
    if (!address)
        abort();
    memcpy(ret_function, &address, sizeof(address));
}

static void find_real_calls(void)
{
    if (real.rmdir)
        return;
    find("open64", &real.open);
    find("openat64", &real.openat);
    find("write", &real.write);
    find("pwrite64", &real.pwrite);
    find("ftruncate64", &real.ftruncate);
    find("fallocate64", &real.fallocate);
    find("fsync", &real.fsync);
    find("fdatasync", &real.fdatasync);
    find("rename", &real.rename);
    find("unlink", &real.unlink);
    find("link", &real.link);
    find("mkdir", &real.mkdir);
    find("rmdir", &real.rmdir);
}

__attribute__((constructor)) static void set_up(void)
{
    find_real_calls();
    plans_start();
}

/* ---- Which files ---- */

/* The path of a descriptor of a file or a directory; false: it is neither, or not watched. */
static bool watched_path(int fd, char ret_path[PATH_MAX])
{
    struct stat facts;
    char link[64];
    if (fstat(fd, &facts) != 0 || !(S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode)))
        return false;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, ret_path, PATH_MAX - 1);
    ret_path[size > 0 ? size : 0] = '\0';
    return plans_watch(ret_path);
}

/* The path of a name in a directory that is open. */
static void path_at(int directory, const char *name, char ret_path[PATH_MAX])
{
    char link[64];
    char base[PATH_MAX / 2] = "";
    if (name[0] == '/' || directory == AT_FDCWD) {
        snprintf(ret_path, PATH_MAX, "%s", name);
        return;
    }
    snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
    ssize_t size = readlink(link, base, sizeof(base) - 1);
    base[size > 0 ? size : 0] = '\0';
    snprintf(ret_path, PATH_MAX, "%s/%.2000s", base, name);
}

/* Was it done, whatever is said? A call that fails late has been. */
static bool is_done(enum verdict verdict)
{
    return verdict == VERDICT_PASS || verdict == VERDICT_LATE;
}

/* What the caller is told, who gave the lock. */
static int answer(enum verdict verdict, int status, int error)
{
    errno = error;
    return verdict == VERDICT_PASS ? status : -1;
}

/* ---- Files ---- */

static void keep_content(const char *path)
{
    int before = real.open(path, O_RDWR | O_CLOEXEC);
    if (before < 0)
        return;
    power_before_resize(before, 0);
    close(before);
}

static int open_watched(const char *path, int flags, mode_t mode)
{
    struct stat facts;
    int fd = -1;
    pthread_mutex_lock(&plans_lock);
    bool is_new = stat(path, &facts) != 0;
    if (is_new && !(flags & O_CREAT)) {
        pthread_mutex_unlock(&plans_lock);
        return real.open(path, flags, mode);
    }
    if (plans_judge(is_new ? CALL_CREATE : CALL_OPEN, path) == VERDICT_PASS) {
        if (plans_lose_power() && (flags & O_TRUNC) && !is_new)
            keep_content(path);
        fd = real.open(path, flags, mode);
        if (plans_lose_power() && fd >= 0 && is_new)
            power_entry_changed(POWER_CREATED, path, NULL, NULL);
    }
    pthread_mutex_unlock(&plans_lock);
    return fd;
}

static int open_any(const char *path, int flags, mode_t mode)
{
    find_real_calls();
    return (flags & O_ACCMODE) != O_RDONLY && plans_watch(path) ? open_watched(path, flags, mode)
                                                                : real.open(path, flags, mode);
}

#define MODE_OF(flags, mode)                                                                       \
    mode_t mode = 0;                                                                               \
    va_list arguments;                                                                             \
    va_start(arguments, flags);                                                                    \
    if ((flags) & (O_CREAT | __O_TMPFILE))                                                         \
        mode = va_arg(arguments, mode_t);                                                          \
    va_end(arguments)

EXPORTED int open(const char *path, int flags, ...)
{
    MODE_OF(flags, mode);
    return open_any(path, flags, mode);
}

EXPORTED int open64(const char *path, int flags, ...)
{
    MODE_OF(flags, mode);
    return open_any(path, flags, mode);
}

EXPORTED int openat(int directory, const char *name, int flags, ...)
{
    char path[PATH_MAX];
    MODE_OF(flags, mode);
    find_real_calls();
    if ((flags & O_ACCMODE) == O_RDONLY)
        return real.openat(directory, name, flags, mode);
    path_at(directory, name, path);
    return open_any(path, flags, mode);
}

static ssize_t write_watched(
    int fd, const char *path, const void *data, size_t size, off_t offset, bool at_offset)
{
    pthread_mutex_lock(&plans_lock);
    enum verdict verdict = plans_judge(CALL_WRITE, path);
    ssize_t written = -1;
    int error = errno;
    if (verdict != VERDICT_PASS && size > 1)
        size /= 2;
    if (plans_lose_power() && verdict != VERDICT_FAIL)
        power_before_write(fd, at_offset ? offset : lseek(fd, 0, SEEK_CUR), size);
    if (verdict == VERDICT_HALF_DONE)
        (void)!real.pwrite(fd, data, size, at_offset ? offset : lseek(fd, 0, SEEK_CUR));
    else if (verdict != VERDICT_FAIL)
        written = at_offset ? real.pwrite(fd, data, size, offset) : real.write(fd, data, size);
    if (verdict == VERDICT_HALF_DONE || verdict == VERDICT_FAIL)
        errno = error;
    pthread_mutex_unlock(&plans_lock);
    return written;
}

EXPORTED ssize_t write(int fd, const void *data, size_t size)
{
    char path[PATH_MAX];
    find_real_calls();
    return watched_path(fd, path) ? write_watched(fd, path, data, size, 0, false)
                                  : real.write(fd, data, size);
}

EXPORTED ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    char path[PATH_MAX];
    find_real_calls();
    return watched_path(fd, path) ? write_watched(fd, path, data, size, offset, true)
                                  : real.pwrite(fd, data, size, offset);
}

EXPORTED ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    return pwrite(fd, data, size, offset);
}

EXPORTED int ftruncate(int fd, off_t size)
{
    char path[PATH_MAX];
    int status = -1;
    find_real_calls();
    if (!watched_path(fd, path))
        return real.ftruncate(fd, size);
    pthread_mutex_lock(&plans_lock);
    enum verdict verdict = plans_judge(CALL_FTRUNCATE, path);
    int error = errno;
    if (is_done(verdict)) {
        if (plans_lose_power())
            power_before_resize(fd, size);
        status = real.ftruncate(fd, size);
    }
    pthread_mutex_unlock(&plans_lock);
    return answer(verdict, status, error);
}

EXPORTED int ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

EXPORTED int fallocate(int fd, int mode, off_t offset, off_t size)
{
    char path[PATH_MAX];
    struct stat facts;
    int status = -1;
    find_real_calls();
    if (!watched_path(fd, path))
        return real.fallocate(fd, mode, offset, size);
    pthread_mutex_lock(&plans_lock);
    enum verdict verdict = plans_judge(CALL_FALLOCATE, path);
    int error = errno;
    if (is_done(verdict)) {
        if (plans_lose_power() && mode == 0 && fstat(fd, &facts) == 0 &&
            offset + size > facts.st_size)
            power_before_resize(fd, offset + size);
        status = real.fallocate(fd, mode, offset, size);
        error = status == 0 ? error : errno;
    }
    pthread_mutex_unlock(&plans_lock);
    return answer(verdict, status, error);
}

EXPORTED int fallocate64(int fd, int mode, off64_t offset, off64_t size)
{
    return fallocate(fd, mode, offset, size);
}

static int sync_watched(int fd, const char *path, enum call kind, int (*call)(int fd))
{
    struct stat facts;
    bool is_directory = fstat(fd, &facts) == 0 && S_ISDIR(facts.st_mode);
    pthread_mutex_lock(&plans_lock);
    int status = -1;
    if (plans_judge(is_directory ? CALL_SYNC_DIRECTORY : kind, path) == VERDICT_PASS)
        status = call(fd);
    int error = errno;
    if (plans_lose_power() && status == 0)
        power_synced(fd);
    else if (plans_lose_power() && error != EINTR)
        power_sync_failed(fd);
    errno = error;
    pthread_mutex_unlock(&plans_lock);
    return status;
}

EXPORTED int fsync(int fd)
{
    char path[PATH_MAX];
    find_real_calls();
    return watched_path(fd, path) ? sync_watched(fd, path, CALL_FSYNC, real.fsync) : real.fsync(fd);
}

EXPORTED int fdatasync(int fd)
{
    char path[PATH_MAX];
    find_real_calls();
    return watched_path(fd, path) ? sync_watched(fd, path, CALL_FDATASYNC, real.fdatasync)
                                  : real.fdatasync(fd);
}

/* ---- Entries of directories ---- */

/* What changes an entry: judged by `place`, told to power.c as `kind`. */
struct change {
    enum call call;
    enum power_entry kind;
    const char *place;
    const char *from;
    mode_t mode;
};

static int do_change(const struct change *change)
{
    switch (change->call) {
    case CALL_RENAME:
        return real.rename(change->from, change->place);
    case CALL_UNLINK:
        return real.unlink(change->place);
    case CALL_LINK:
        return real.link(change->from, change->place);
    case CALL_MKDIR:
        return real.mkdir(change->place, change->mode);
    default:
        return real.rmdir(change->place);
    }
}

static int change_entry(const struct change *change)
{
    bool takes_away = change->call == CALL_RENAME || change->call == CALL_UNLINK;
    int status = -1;
    find_real_calls();
    if (!plans_watch(change->place))
        return do_change(change);
    pthread_mutex_lock(&plans_lock);
    enum verdict verdict = plans_judge(change->call, change->place);
    int error = errno;
    if (is_done(verdict)) {
        char *saved = plans_lose_power() && takes_away ? power_save(change->place) : NULL;
        status = do_change(change);
        error = status == 0 ? error : errno;
        if (plans_lose_power() && status == 0 && !plans_is_top(change->place))
            power_entry_changed(change->kind, change->place, change->from, saved);
        else
            free(saved);
    }
    pthread_mutex_unlock(&plans_lock);
    return answer(verdict, status, error);
}

EXPORTED int rename(const char *from, const char *to)
{
    return change_entry(&(struct change){CALL_RENAME, POWER_RENAMED, to, from, 0});
}

EXPORTED int unlink(const char *path)
{
    struct stat facts;
    find_real_calls();
    if (lstat(path, &facts) != 0 || S_ISDIR(facts.st_mode))
        return real.unlink(path);
    return change_entry(&(struct change){CALL_UNLINK, POWER_UNLINKED, path, NULL, 0});
}

EXPORTED int link(const char *from, const char *to)
{
    return change_entry(&(struct change){CALL_LINK, POWER_LINKED, to, from, 0});
}

EXPORTED int mkdir(const char *path, mode_t mode)
{
    struct stat facts;
    find_real_calls();
    if (stat(path, &facts) == 0)
        return real.mkdir(path, mode);
    return change_entry(&(struct change){CALL_MKDIR, POWER_MADE, path, NULL, mode});
}

EXPORTED int rmdir(const char *path)
{
    struct stat facts;
    find_real_calls();
    if (lstat(path, &facts) != 0)
        return real.rmdir(path);
    return change_entry(&(struct change){CALL_RMDIR, POWER_REMOVED, path, NULL, 0});
}

EXPORTED int unlinkat(int directory, const char *name, int flags)
{
    char path[PATH_MAX];
    path_at(directory, name, path);
    return flags & AT_REMOVEDIR ? rmdir(path) : unlink(path);
}

EXPORTED int remove(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0 && S_ISDIR(facts.st_mode) ? rmdir(path) : unlink(path);
}

/* ---- What is not modelled ---- */

/* Lede and its libraries use none of these on their files. Who begins to is told, so that no change
 * goes by unseen. */
static _Noreturn void refuse(const char *call, const char *path)
{
    fprintf(stderr, "faults: %s() on '%s' is not modelled by tests/crash\n", call, path);
    abort();
}

static void refuse_watched(const char *call, int fd)
{
    char path[PATH_MAX];
    if (watched_path(fd, path))
        refuse(call, path);
}

#define UNMODELLED_OF_FD(type, name, parameters, fd, arguments)                                    \
    EXPORTED type name parameters                                                                  \
    {                                                                                              \
        static type(*next) parameters;                                                             \
        if (!next)                                                                                 \
            find(#name, &next);                                                                    \
        refuse_watched(#name, fd);                                                                 \
        return next arguments;                                                                     \
    }

#define UNMODELLED_OF_PATH(type, name, parameters, path, is_change, arguments)                     \
    EXPORTED type name parameters                                                                  \
    {                                                                                              \
        static type(*next) parameters;                                                             \
        if (!next)                                                                                 \
            find(#name, &next);                                                                    \
        if ((is_change) && plans_watch(path))                                                      \
            refuse(#name, path);                                                                   \
        return next arguments;                                                                     \
    }

UNMODELLED_OF_FD(
    ssize_t, writev, (int fd, const struct iovec *parts, int count), fd, (fd, parts, count))
UNMODELLED_OF_FD(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t offset), fd,
    (fd, parts, count, offset))
UNMODELLED_OF_FD(ssize_t, copy_file_range,
    (int from, off64_t *from_at, int to, off64_t *to_at, size_t size, unsigned flags), to,
    (from, from_at, to, to_at, size, flags))
UNMODELLED_OF_FD(
    ssize_t, sendfile, (int to, int from, off_t *offset, size_t size), to, (to, from, offset, size))
UNMODELLED_OF_FD(int, posix_fallocate, (int fd, off_t offset, off_t size), fd, (fd, offset, size))
UNMODELLED_OF_FD(FILE *, fdopen, (int fd, const char *mode), fd, (fd, mode))
UNMODELLED_OF_PATH(
    FILE *, fopen, (const char *path, const char *mode), path, mode[0] != 'r', (path, mode))
UNMODELLED_OF_PATH(
    FILE *, fopen64, (const char *path, const char *mode), path, mode[0] != 'r', (path, mode))
UNMODELLED_OF_PATH(int, truncate, (const char *path, off_t size), path, true, (path, size))
UNMODELLED_OF_PATH(int, creat, (const char *path, mode_t mode), path, true, (path, mode))
UNMODELLED_OF_PATH(int, renameat, (int from_at, const char *from, int to_at, const char *to), to,
    true, (from_at, from, to_at, to))
UNMODELLED_OF_PATH(int, renameat2,
    (int from_at, const char *from, int to_at, const char *to, unsigned flags), to, true,
    (from_at, from, to_at, to, flags))
UNMODELLED_OF_PATH(
    int, mkdirat, (int at, const char *path, mode_t mode), path, true, (at, path, mode))
UNMODELLED_OF_PATH(int, linkat,
    (int from_at, const char *from, int to_at, const char *to, int flags), to, true,
    (from_at, from, to_at, to, flags))
UNMODELLED_OF_PATH(int, symlink, (const char *target, const char *path), path, true, (target, path))
